#pragma once
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/result.hpp"

namespace chiploc {

struct AgentArguments {
  std::string config;
  std::string log_level = "info";
  bool check_config = false;
  bool show_identity = false;
  bool json = false;  ///< of show_identity
  bool version = false;
  bool help = false;
  std::map<std::string, std::string, std::less<>> more;  ///< the program's own options, by name with dashes
};

/// Reads `--name VALUE`, `--name=VALUE` and the flags. `own_options` are further names, dashes included, that
/// take a value. --help and --version stand alone; everything else needs --config. Fails with a sentence.
[[nodiscard]] Result<AgentArguments, std::string> parse_agent_arguments(
    std::span<const char* const> arguments, std::span<const std::string_view> own_options);

/// The words behind a command such as init: options with a value, `--name VALUE` or `--name=VALUE`, and flags.
class AgentWords {
 public:
  /// Every name with its dashes; all others are unknown.
  struct Names {
    std::span<const std::string_view> once;
    std::span<const std::string_view> often{};
    std::span<const std::string_view> flags{};
  };
  /// Fails with a sentence that names the argument.
  [[nodiscard]] static Result<AgentWords, std::string> read(std::span<const char* const> arguments,
                                                            const Names& names);
  /// The value of an option; of a flag "yes"; empty: not given.
  [[nodiscard]] std::string one(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> all(std::string_view name) const;

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

}  // namespace chiploc
