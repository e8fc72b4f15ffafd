#include "agent/command_line.hpp"

#include <algorithm>
#include <array>

namespace chiploc {

Result<AgentArguments, std::string> parse_agent_arguments(std::span<const char* const> arguments,
                                                          std::span<const std::string_view> own_options) {
  constexpr std::array<std::string_view, 7> kLevels{"trace", "debug",    "info", "warning",
                                                    "error", "critical", "off"};
  AgentArguments out;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    const auto equals = argument.substr(0, 2) == "--" ? argument.find('=') : std::string_view::npos;
    const std::string_view name = argument.substr(0, equals);
    bool* flag = nullptr;
    if (name == "--check-config") flag = &out.check_config;
    if (name == "--show-identity") flag = &out.show_identity;
    if (name == "--json") flag = &out.json;
    if (name == "--version") flag = &out.version;
    if (name == "--help" || name == "-h") flag = &out.help;
    if (flag != nullptr) {
      if (equals != std::string_view::npos) return Fail{std::string{name} + " takes no value"};
      *flag = true;
      continue;
    }
    const bool own = std::find(own_options.begin(), own_options.end(), name) != own_options.end();
    if (name != "--config" && name != "--log-level" && !own) {
      return Fail{"unknown argument \"" + std::string{argument} + "\"; see --help"};
    }
    std::string value;
    if (equals != std::string_view::npos) {
      value = argument.substr(equals + 1);
    } else if (i + 1 < arguments.size()) {
      value = arguments[++i];
    }
    if (value.empty()) return Fail{std::string{name} + " needs a value; see --help"};
    if (name == "--config") {
      out.config = value;
    } else if (name == "--log-level") {
      out.log_level = value;
    } else {
      out.more[std::string{name}] = value;
    }
  }
  if (std::find(kLevels.begin(), kLevels.end(), out.log_level) == kLevels.end()) {
    return Fail{"--log-level \"" + out.log_level +
                "\" is none of trace, debug, info, warning, error, critical, off"};
  }
  if (out.json && !out.show_identity) return Fail{std::string{"--json goes with --show-identity"}};
  if (out.config.empty() && !out.version && !out.help)
    return Fail{std::string{"--config FILE is missing; see --help"}};
  return out;
}

Result<AgentWords, std::string> AgentWords::read(std::span<const char* const> arguments, const Names& names) {
  const auto among = [](std::span<const std::string_view> list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  AgentWords out;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    const bool dashes = argument.substr(0, 2) == "--";
    // --rendezvous=IP:PORT=KEY has two of them: the first one ends the name.
    const auto equals = dashes ? argument.find('=') : std::string_view::npos;
    const std::string name{argument.substr(0, equals)};
    std::vector<std::string>& values = out.values_[name];
    if (among(names.flags, name)) {
      if (equals != std::string_view::npos) return Fail{name + " takes no value"};
      values = {"yes"};
      continue;
    }
    if (!among(names.once, name) && !among(names.often, name))
      return Fail{"unknown argument \"" + std::string{argument} + "\"; see --help"};
    std::string value;
    if (equals != std::string_view::npos) {
      value = argument.substr(equals + 1);
    } else if (i + 1 < arguments.size()) {
      value = arguments[++i];
    }
    if (value.empty()) return Fail{name + " needs a value; see --help"};
    if (!values.empty() && !among(names.often, name)) return Fail{name + " is given twice; keep one"};
    values.push_back(std::move(value));
  }
  return out;
}

std::string AgentWords::one(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() || found->second.empty() ? std::string{} : found->second.front();
}

std::vector<std::string> AgentWords::all(std::string_view name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::vector<std::string>{} : found->second;
}

}  // namespace chiploc
