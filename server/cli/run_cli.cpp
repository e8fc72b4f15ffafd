#include "server/cli/run_cli.hpp"

#include <unistd.h>

#include <chrono>
#include <iostream>
#include <optional>
#include <string_view>

#include "proto/base/joined.hpp"
#include "proto/base/process_secrets.hpp"
#include "server/cli/command_tree.hpp"
#include "server/cli/interrupt.hpp"
#include "server/net/tls_identity.hpp"
#include "server/text/usage.hpp"

namespace chiploc {
namespace {

int code_of(ExitCode code) { return static_cast<int>(code); }

int fail(const CliFault& fault) {
  std::cout.flush();
  std::cerr << "chiploc: " << printable_lines(fault.text) << '\n';
  return code_of(fault.code);
}

/// The format asked for, or the command's own default.
Result<OutputFormat, CliFault> chosen_format(const Command* command, const std::string& wanted) {
  const CommandHead head = command == nullptr ? CommandHead{} : command->head();
  const std::vector<OutputFormat>& formats = head.formats;
  if (wanted.empty()) return formats.empty() ? OutputFormat::kTable : formats.front();
  for (const OutputFormat format : formats) {
    if (name_of(format) == wanted) return format;
  }
  const std::string known = joined(formats, ", ", [](OutputFormat format) { return name_of(format); });
  return Fail{CliFault{ExitCode::kUsage, "-o " + wanted + " makes no sense for " + head.path +
                                             (known.empty() ? "; leave it out" : "; use one of: " + known)}};
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

ColourChoice choice_of(const std::string& colour) {
  if (colour == "always") return ColourChoice::kAlways;
  return colour == "never" ? ColourChoice::kNever : ColourChoice::kAuto;
}

int check_config(const GlobalOptions& options) {
  const auto settings = load_settings(options.connection);
  if (!settings) return fail(settings.error());
  const auto client = Client::open(*settings, std::chrono::seconds{options.timeout_s});
  if (!client) return fail(client.error());
  if (!client->remark().empty()) std::cerr << "chiploc: " << printable(client->remark()) << '\n';
  std::cout << "configuration is fine: " << settings->server << " as " << settings->server_name << '\n';
  return 0;
}

/// Who we are to the coordinator, by the certificate that the configuration names.
int show_identity(const GlobalOptions& options) {
  if (!options.output.empty() && options.output != "table" && options.output != "json") {
    return fail({ExitCode::kUsage,
                 "-o " + options.output + " makes no sense for --show-identity; use one of: table, json"});
  }
  const auto settings = load_settings(options.connection);
  if (!settings) return fail(settings.error());
  IdentityText identity;
  identity.add("server", settings->server);
  identity.add("server_name", settings->server_name);
  add_tls_identity(identity, settings->tls.certificate);
  std::cout << (options.output == "json" ? identity.json() : identity.text());
  return 0;
}

int run_command(Command& command, const GlobalOptions& options, OutputFormat format) {
  const ColourChoice choice = choice_of(options.colour);
  const auto now =
      std::chrono::duration_cast<Nanoseconds>(std::chrono::system_clock::now().time_since_epoch());
  CommandOutput output{format,
                       std::cout,
                       std::cerr,
                       use_colour(choice, STDOUT_FILENO),
                       use_colour(choice, STDERR_FILENO),
                       choice == ColourChoice::kNever ? 0 : terminal_rows(STDERR_FILENO),
                       WallTime{now}};
  on_interrupt_say("");
  const CommandResult result = command.run(output, options);
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
  if (const OwnCommand* const command = own.named(first)) {
    const std::string name{first};
    if (!*command) {
      return fail({ExitCode::kUsage,
                   "this build has no " + name + "; build the target chiploc with the whole of server/"});
    }
    return command->run(std::vector<std::string>(argv + 2, argv + argc));
  }
  keep_memory_private();  // not for those three: a person may want to look into them
  CommandTree tree;
  if (own.lab) tree.options.own_lines["lab"] = own.lab.line;
  if (own.eval) tree.options.own_lines["eval"] = own.eval.line;
  if (own.plan) tree.options.own_lines["plan"] = own.plan.line;
  if (own.sim) tree.options.own_lines["sim"] = own.sim.line;
  if (const auto done = parse(tree, argc, argv)) return *done;
  Command* command = tree.command(command_given(tree.app));
  if (tree.options.show_identity) return show_identity(tree.options);
  if (command == nullptr && !tree.options.check_config) {
    std::cerr << tree.app.help();
    return fail({ExitCode::kUsage, "no command is given; name one, such as: chiploc status"});
  }
  const auto format = chosen_format(command, tree.options.output);
  if (!format) return fail(format.error());
  if (tree.options.check_config) return check_config(tree.options);
  return run_command(*command, tree.options, *format);
}

}  // namespace chiploc
