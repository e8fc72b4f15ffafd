#include "server/cli/command_tree.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/completion.hpp"
#include "server/service/json_view.hpp"

namespace chiploc {
namespace {

class Status : public RemoteCommand {
 public:
  Status()
      : RemoteCommand{{.path = "status",
                       .text = "The coordinator: versions, anchors, rounds, counters",
                       .footer = "Example:\n  chiploc status -o json",
                       .formats = {OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson,
                                   OutputFormat::kCsv}}} {}

 private:
  CommandResult ask(CommandContext& context) override;
};

CommandResult Status::ask(CommandContext& context) {
  const auto answer = context.client.status();
  if (!answer) return Fail{answer.error()};
  const Json status = json_of(*answer);
  if (context.format == OutputFormat::kJson || context.format == OutputFormat::kNdjson) {
    write_json(context.out, context.format, status);
    return ExitCode::kFine;
  }
  RecordWriter writer{
      context.out, context.format, {{"name", "NAME", ""}, {"value", "VALUE", ""}}, context.out_colour};
  const auto add = [&](const std::string& name, const Json& value) {
    writer.add({{printable(name)}, {printable(csv_value(value))}}, {{"name", name}, {"value", value}});
  };
  for (const auto& [name, value] : status.items()) {
    if (name != "counters") add(name, value);
  }
  for (const auto& [name, value] : status.at("counters").items()) add(name, value);
  writer.finish("");
  return ExitCode::kFine;
}

class Completion : public Command {
 public:
  Completion()
      : Command{{.path = "completion",
                 .text = "Print a shell's completion script",
                 .footer = R"(Examples:
  source <(chiploc completion bash)
  chiploc completion zsh > "${fpath[1]}/_chiploc"
  chiploc completion fish > ~/.config/fish/completions/chiploc.fish)",
                 .formats = {}}} {}

  void add_options(CLI::App& line, CompletionHints& hints) override {
    const std::vector<std::string> shells{"bash", "zsh", "fish"};
    CLI::Option* option = line.add_option("shell", shell_, "bash, zsh or fish");
    option->required()->check(CLI::IsMember(shells));
    hints[option].choices = shells;
  }
  CommandResult run(CommandOutput& output, const GlobalOptions& /*options*/) override {
    output.out << completion_script(CommandTree{}, shell_);
    return ExitCode::kFine;
  }

 private:
  std::string shell_;
};

class Version : public Command {
 public:
  Version()
      : Command{{.path = "version",
                 .text = "Print the version",
                 .footer = "Example:\n  chiploc version",
                 .formats = {OutputFormat::kTable, OutputFormat::kJson, OutputFormat::kNdjson}}} {}

  CommandResult run(CommandOutput& output, const GlobalOptions& /*options*/) override {
    if (output.format == OutputFormat::kTable) {
      output.out << "chiploc " << CHIPLOC_VERSION << '\n';
    } else {
      write_json(output.out, output.format, {{"software_version", CHIPLOC_VERSION}});
    }
    return ExitCode::kFine;
  }
};

/// A command with a command line of its own, for the help; run_cli hands it over before the tree is asked.
class FirstWord : public Command {
 public:
  FirstWord(std::string name, std::string text)
      : Command{{.path = std::move(name), .text = std::move(text), .footer = "", .formats = {}}} {}

  void add_options(CLI::App& line, CompletionHints& /*hints*/) override { line.prefix_command(); }
  CommandResult run(CommandOutput& /*output*/, const GlobalOptions& /*options*/) override {
    const std::string& name = head().path;
    return Fail{CliFault{ExitCode::kUsage, name + " must be the first word: chiploc " + name + " ..."}};
  }
};

}  // namespace

CommandList other_commands() {
  CommandList list;
  list.push_back(std::make_unique<Status>());
  list.push_back(std::make_unique<Completion>());
  list.push_back(std::make_unique<FirstWord>("eval", "The engine on real measurements: chiploc eval --help"));
  list.push_back(std::make_unique<FirstWord>("lab", "A whole world on this machine: chiploc lab --help"));
  list.push_back(std::make_unique<Version>());
  return list;
}

}  // namespace chiploc
