#pragma once
#include <CLI/CLI.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "proto/base/time.hpp"
#include "server/cli/client.hpp"
#include "server/cli/exit_code.hpp"
#include "server/cli/settings.hpp"
#include "server/text/records.hpp"

namespace chiploc {

/// Calls what it is given with a command line that is not the tree's.
using LineOf = std::function<void(const std::function<void(const CLI::App&)>&)>;

/// Options that stand before or behind any command.
struct GlobalOptions {
  ConnectionFlags connection;
  std::string output;  ///< --output; empty: the command's own default
  std::string colour = "auto";
  unsigned timeout_s = 30;  ///< longest wait for one answer; a round has its own deadline on top
  bool check_config = false;
  bool show_identity = false;
  std::map<std::string, LineOf>
      own_lines{};  ///< of lab, eval, plan, sim: no option, but completions want them
};

/// Names that only the coordinator knows.
enum class NameHint {
  kNone,
  kChips,
  kLicences,
  kHolders,
  kAnchors,
  kTerritories,
  kMakers,
  kModels,
  kEntities,
  kSites,
  kOrders,
  kDeliveries,
  kConditions,
  kCases
};

/// What a shell may offer for the value of an option or argument.
struct CompletionHint {
  std::vector<std::string> choices;
  bool files = false;
  bool folders = false;
  NameHint names = NameHint::kNone;
};
using CompletionHints = std::map<const CLI::Option*, CompletionHint>;

/// Where a command writes: `out` gets the answer, `err` progress and remarks.
struct CommandOutput {
  OutputFormat format;  ///< one of the command's own
  std::ostream& out;
  std::ostream& err;
  bool out_colour = false;
  bool err_colour = false;
  std::size_t err_rows = 0;  ///< of the terminal at `err`; 0: none
  WallTime now;              ///< to say whether a verdict has expired
};

/// The same, with a coordinator that answers.
struct CommandContext : CommandOutput {
  Client& client;
  std::chrono::seconds patience;  ///< --timeout
};
using CommandResult = Result<ExitCode, CliFault>;

/// What help and completion say of a command.
struct CommandHead {
  std::string path;  ///< "chip list": the words behind `chiploc`
  std::string text;  ///< one line
  std::string footer;
  std::vector<OutputFormat> formats;  ///< that it can write, its default first; empty: it takes no --output
  bool hidden = false;                ///< for scripts of ours, not for people
};

/// One command of `chiploc`: what it is called, what it takes, what it does. Owns the values of its options,
/// to which CLI11 holds references: neither copyable nor movable.
class Command {
 public:
  explicit Command(CommandHead head) : head_{std::move(head)} {}
  virtual ~Command() = default;
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  [[nodiscard]] const CommandHead& head() const { return head_; }
  /// Once, before the command line is read.
  virtual void add_options(CLI::App& /*line*/, CompletionHints& /*hints*/) {}
  virtual CommandResult run(CommandOutput& output, const GlobalOptions& options) = 0;

 private:
  CommandHead head_;
};

/// A command that asks the coordinator.
class RemoteCommand : public Command {
 public:
  using Command::Command;
  CommandResult run(CommandOutput& output, const GlobalOptions& options) final;

 private:
  virtual CommandResult ask(CommandContext& context) = 0;
};

using CommandList = std::vector<std::unique_ptr<Command>>;

}  // namespace chiploc
