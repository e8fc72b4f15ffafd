#pragma once
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace chiploc {

/// A file of one program that was given to another has many faults and one cause: said first. `unknown` are the
/// names at the file's top level that its reader never asks for. Empty: none is another program's own.
[[nodiscard]] inline std::string foreign_config(const std::vector<std::string>& unknown) {
  struct Mark {
    std::string_view name, shown, file, program;
  };
  static constexpr std::array<Mark, 10> kMarks{
      {{"rendezvous", "[[rendezvous]]", "an agent.toml", "chiploc-agent"},
       {"chip", "[chip]", "an agent.toml", "chiploc-agent"},
       {"agent", "[agent]", "an agent.toml", "chiploc-agent"},
       {"anchor", "[anchor]", "an anchor.toml", "chiploc-anchor"},
       {"mesh", "[mesh]", "an anchor.toml", "chiploc-anchor"},
       {"policy", "[policy]", "a chiplocd.toml", "chiplocd"},
       {"tls", "[tls]", "a chiplocd.toml", "chiplocd"},
       {"scheduler", "[scheduler]", "a chiplocd.toml", "chiplocd"},
       {"server", "server", "a cli.toml", "chiploc"},
       {"tls_key", "tls_key", "a cli.toml", "chiploc"}}};
  for (const Mark& mark : kMarks) {
    if (std::find(unknown.begin(), unknown.end(), mark.name) == unknown.end()) continue;
    return "this seems to be " + std::string{mark.file} + " (it has " + std::string{mark.shown} +
           "), the file of " + std::string{mark.program};
  }
  return {};
}

}  // namespace chiploc
