#pragma once
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "proto/base/result.hpp"

namespace chiploc {

struct AgentArguments {
  std::string config;
  std::string log_level = "info";
  bool check_config = false;
  bool version = false;
  bool help = false;
  std::map<std::string, std::string, std::less<>> more;  ///< the program's own options, by name with dashes
};

/// Reads `--name VALUE`, `--name=VALUE` and the flags. `own_options` are further names, dashes included, that
/// take a value. --help and --version stand alone; everything else needs --config. Fails with a sentence.
[[nodiscard]] Result<AgentArguments, std::string> parse_agent_arguments(
    std::span<const char* const> arguments, std::span<const std::string_view> own_options);

}  // namespace chiploc
