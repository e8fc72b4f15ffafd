#pragma once
#include <CLI/CLI.hpp>
#include <string>

#include "server/cli/command.hpp"

namespace chiploc {

/// The commands, their options and their help, as one CLI11 tree; the completions are generated from the same
/// tree. Neither copyable nor movable: CLI11 holds references into `options` and the commands.
class CommandTree {
 public:
  CommandTree();
  CommandTree(const CommandTree&) = delete;
  CommandTree& operator=(const CommandTree&) = delete;

  /// The command of this path, "chip list"; nullptr if there is none.
  [[nodiscard]] Command* command(const std::string& path) const;

  CLI::App app;
  GlobalOptions options;
  CompletionHints hints;

 private:
  void add_global_options();
  void add(CommandList list);
  /// The place for the last word of a path, below its group if it has one.
  CLI::App* line_of(const CommandHead& head);

  CommandList commands_;
};

[[nodiscard]] std::string name_of(OutputFormat format);

}  // namespace chiploc
