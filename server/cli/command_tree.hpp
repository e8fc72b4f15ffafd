#pragma once
#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/cli/settings.hpp"
#include "server/text/records.hpp"
#include "server/text/terminal.hpp"

namespace chiploc {

/// Everything that a command line can say. Which fields count depends on the command.
struct CliOptions {
  ConnectionFlags connection;
  std::string output;  ///< --output; empty: the command's own default
  std::string colour = "auto";
  unsigned timeout_s = 30;  ///< longest wait for one answer; a round has its own deadline on top
  bool check_config = false;

  std::string chip;     ///< a chip id, prefix or serial number
  std::string verdict;  ///< a verdict id or prefix, or a chip
  std::string licence;
  std::string reason;  ///< chip restart-counters
  std::vector<std::string> states;
  unsigned limit = 100;  ///< verdict list; 0: all
  bool watch = false;
  double deadline_s = 0;  ///< 0: the policy's
  std::string evidence_folder;
  std::string out_file;
  std::string shell;
  bool dry_run = false;
  std::vector<std::string> makers, chips, licences, anchors, territories, prohibited, revocations;
};

/// What a shell may offer for the value of an option or argument.
struct CompletionHint {
  std::vector<std::string> choices;
  bool files = false;
  bool folders = false;
};

/// The commands, their options and their help, as one CLI11 tree; the completions are generated from the same
/// tree. Neither copyable nor movable: CLI11 holds references into `options`.
class CommandTree {
 public:
  CommandTree();
  CommandTree(const CommandTree&) = delete;
  CommandTree& operator=(const CommandTree&) = delete;

  CLI::App app;
  CliOptions options;
  std::map<const CLI::Option*, CompletionHint> hints;

 private:
  void add_global_options();
  void add_registry_commands();
  void add_import();
  void add_verify();
  void add_verdict_commands();
  void add_other_commands();
};

/// The formats that a command can write, its default first; empty: it takes no --output.
[[nodiscard]] std::vector<OutputFormat> formats_of(const std::string& command);
[[nodiscard]] std::string name_of(OutputFormat format);

}  // namespace chiploc
