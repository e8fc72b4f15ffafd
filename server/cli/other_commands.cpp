#include <cctype>

#include "server/cli/command_tree.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/completion.hpp"
#include "server/service/json_view.hpp"

namespace chiploc {
namespace {

/// "VERIFIED" -> "verified".
std::string folded_name(std::string name) {
  for (char& c : name) c = c == ' ' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return name;
}

class Status : public RemoteCommand {
 public:
  Status()
      : RemoteCommand{{.path = "status",
                       .text = "The coordinator: versions, anchors, rounds, how certificates stand, counters",
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
    if (name != "counters" && name != "gauges" && name != "chips_by_state" && name != "chips_by_status")
      add(name, value);
  }
  for (const auto& [name, value] : status.at("chips_by_state").items())
    add("chips_" + folded_name(name), value);
  for (const auto& [name, value] : status.at("chips_by_status").items()) add("status_" + name, value);
  for (const auto& [name, value] : status.at("gauges").items()) add(name, value);
  if (context.format == OutputFormat::kCsv) {
    for (const auto& [name, value] : status.at("counters").items()) add(name, value);
  }
  writer.finish("");
  if (context.format == OutputFormat::kTable && !status.at("counters").empty()) {
    context.out << "\ncounted since the start:\n";
    std::vector<std::vector<Cell>> rows;
    for (const auto& [name, value] : status.at("counters").items())
      rows.push_back({{printable(name)}, {printable(csv_value(value))}});
    write_table(context.out, {{"", "NAME", ""}, {"", "VALUE", ""}}, rows, context.out_colour);
  }
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
  CommandResult run(CommandOutput& output, const GlobalOptions& options) override {
    output.out << completion_script(CommandTree{}, shell_, options.own_lines);
    return ExitCode::kFine;
  }

 private:
  std::string shell_;
};

/// For the completion scripts: names that begin so, a line each.
class Complete : public RemoteCommand {
 public:
  Complete()
      : RemoteCommand{{.path = "complete",
                       .text = "Names that begin so, for completion scripts",
                       .footer = "Example:\n  chiploc complete licences --prefix L-",
                       .formats = {},
                       .hidden = true}} {}

  void add_options(CLI::App& line, CompletionHints& /*hints*/) override {
    std::vector<std::string> words;
    for (const auto& [word, kind] : kinds()) words.push_back(word);
    line.add_option("of", of_, "Of what")->required()->check(CLI::IsMember(words));
    line.add_option("--prefix", prefix_, "How they begin, in any case of letters");
  }

 private:
  static const std::map<std::string, v1::NameKind>& kinds() {
    static const std::map<std::string, v1::NameKind> kKinds{{"chips", v1::SERIAL_NAMES},
                                                            {"licences", v1::LICENCE_NAMES},
                                                            {"holders", v1::HOLDER_NAMES},
                                                            {"anchors", v1::ANCHOR_NAMES},
                                                            {"territories", v1::TERRITORY_NAMES},
                                                            {"makers", v1::MAKER_NAMES},
                                                            {"models", v1::MODEL_NAMES},
                                                            {"entities", v1::ENTITY_NAMES},
                                                            {"sites", v1::SITE_NAMES},
                                                            {"orders", v1::ORDER_NAMES},
                                                            {"deliveries", v1::DELIVERY_NAMES},
                                                            {"conditions", v1::CONDITION_NAMES},
                                                            {"cases", v1::CASE_NAMES}};
    return kKinds;
  }
  CommandResult ask(CommandContext& context) override {
    v1::CompleteNameRequest request;
    request.set_kind(kinds().at(of_));
    request.set_prefix(prefix_);
    const auto answer = context.client.complete_name(request);
    if (!answer) return Fail{answer.error()};
    for (const std::string& name : answer->names()) context.out << printable(name) << '\n';
    return ExitCode::kFine;
  }
  std::string of_, prefix_;
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
  list.push_back(summary_command());
  list.push_back(page_command());
  list.push_back(std::make_unique<Status>());
  list.push_back(std::make_unique<Completion>());
  list.push_back(std::make_unique<Complete>());
  list.push_back(std::make_unique<FirstWord>("eval", "The engine on real measurements: chiploc eval --help"));
  list.push_back(std::make_unique<FirstWord>("lab", "A whole world on this machine: chiploc lab --help"));
  list.push_back(
      std::make_unique<FirstWord>("plan", "Where the next anchors prove most: chiploc plan --help"));
  list.push_back(
      std::make_unique<FirstWord>("sim", "Attacks and troubles in simulated time: chiploc sim --help"));
  list.push_back(std::make_unique<Version>());
  return list;
}

}  // namespace chiploc
