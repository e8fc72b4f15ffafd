#include "server/cli/run_cli.hpp"

#include <unistd.h>

#include <chrono>
#include <iostream>
#include <map>
#include <optional>
#include <string_view>

#include "proto/base/process_secrets.hpp"
#include "server/cli/command_tree.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/completion.hpp"
#include "server/text/usage.hpp"

namespace chiploc {
namespace {

int code_of(ExitCode code) { return static_cast<int>(code); }

int fail(const CliFault& fault) {
  std::cout.flush();
  std::cerr << "chiploc: " << printable_lines(fault.text) << '\n';
  return code_of(fault.code);
}

using Command = CommandResult (*)(CommandContext&);

Command command_named(const std::string& name) {
  static const std::map<std::string, Command> kCommands{
      {"chip list", chip_list},         {"chip show", chip_show},
      {"licence list", licence_list},   {"chip restart-counters", chip_restart_counters},
      {"anchor list", anchor_list},     {"status", coordinator_status},
      {"import", import_files},         {"verify", verify_chip},
      {"verdict list", verdict_list},   {"verdict show", verdict_show},
      {"verdict map", verdict_map_file}};
  const auto found = kCommands.find(name);
  return found == kCommands.end() ? nullptr : found->second;
}

/// The format asked for, or the command's own default.
Result<OutputFormat, CliFault> chosen_format(const std::string& command, const std::string& wanted) {
  const std::vector<OutputFormat> formats = formats_of(command);
  if (wanted.empty()) return formats.empty() ? OutputFormat::kTable : formats.front();
  std::string known;
  for (const OutputFormat format : formats) {
    if (name_of(format) == wanted) return format;
    known += (known.empty() ? "" : ", ") + name_of(format);
  }
  return Fail{CliFault{ExitCode::kUsage, "-o " + wanted + " makes no sense for " + command +
                                             (known.empty() ? "; leave it out" : "; use one of: " + known)}};
}

int write_version(OutputFormat format) {
  if (format == OutputFormat::kTable) {
    std::cout << "chiploc " << CHIPLOC_VERSION << '\n';
  } else {
    write_json(std::cout, format, {{"software_version", CHIPLOC_VERSION}});
  }
  return 0;
}

/// Flags and arguments, as far as CLI11 can judge them; nullopt: go on.
std::optional<int> parse(CommandTree& tree, int argc, const char* const* argv) {
  try {
    tree.app.parse(argc, argv);
  } catch (const CLI::Success& wanted) {  // --help, --version
    return tree.app.exit(wanted, std::cout, std::cerr);
  } catch (const CLI::ParseError& error) {
    return fail({ExitCode::kUsage, usage_fault(tree.app, error)});
  }
  return std::nullopt;
}

int run_command(const CommandTree& tree, Command command, OutputFormat format) {
  const CliOptions& options = tree.options;
  const auto settings = load_settings(options.connection);
  if (!settings) return fail(settings.error());
  auto client = Client::open(*settings, std::chrono::seconds{options.timeout_s});
  if (!client) return fail(client.error());
  if (command == nullptr) {  // --check-config
    std::cout << "configuration is fine: " << settings->server << " as " << settings->server_name << '\n';
    return 0;
  }
  const ColourChoice choice = options.colour == "always"  ? ColourChoice::kAlways
                              : options.colour == "never" ? ColourChoice::kNever
                                                          : ColourChoice::kAuto;
  const auto now =
      std::chrono::duration_cast<Nanoseconds>(std::chrono::system_clock::now().time_since_epoch());
  CommandContext context{options,
                         format,
                         std::cout,
                         std::cerr,
                         use_colour(choice, STDOUT_FILENO),
                         use_colour(choice, STDERR_FILENO),
                         choice == ColourChoice::kNever ? 0 : terminal_rows(STDERR_FILENO),
                         WallTime{now},
                         *client};
  const CommandResult result = command(context);
  std::cout.flush();
  if (!result) return fail(result.error());
  // A full disk or a closed pipe must not look like success.
  if (!std::cout)
    return fail({ExitCode::kInternal, "standard output could not be written; look at the disk or the pipe"});
  return code_of(*result);
}

}  // namespace

int run_cli(int argc, const char* const* argv, const OwnCommands& own) {
  // These have command lines of their own, --help included: the tree is not asked.
  const std::string_view first = argc > 1 ? argv[1] : "";
  if (first == "lab" || first == "eval") {
    const OwnCommand& command = first == "lab" ? own.lab : own.eval;
    if (!command) {
      const std::string folder = first == "lab" ? "server/lab" : "server/eval";
      return fail({ExitCode::kUsage,
                   "this build has no " + std::string{first} + "; build the target chiploc with " + folder});
    }
    return command(std::vector<std::string>(argv + 2, argv + argc));
  }
  keep_memory_private();  // not for those two: a person may want to look into them
  CommandTree tree;
  if (const auto done = parse(tree, argc, argv)) return *done;
  const std::string name = command_given(tree.app);
  const Command command = command_named(name);
  if (name.empty() && !tree.options.check_config) {
    std::cerr << tree.app.help();
    return code_of(ExitCode::kUsage);
  }
  const auto format = chosen_format(name, tree.options.output);
  if (!format) return fail(format.error());
  if (tree.options.check_config) return run_command(tree, nullptr, *format);
  if (name == "version") return write_version(*format);
  if (name == "completion") {
    std::cout << completion_script(tree, tree.options.shell);
    return 0;
  }
  if (command == nullptr) {
    return fail({ExitCode::kUsage, name + " must be the first word: chiploc " + name + " ..."});
  }
  return run_command(tree, command, *format);
}

}  // namespace chiploc
