#pragma once
// `chiploc sim fleet FILE`, once its command line is read. Private to this folder.

#include <cstdint>
#include <optional>
#include <string>

namespace chiploc {

struct FleetArguments {
  std::string file;
  std::optional<std::uint64_t> seed;  ///< in place of the file's
  unsigned threads = 0;               ///< 0: as many as the machine has cores
  std::uint64_t check = 0;            ///< so many rounds are judged again by the production code
  std::string output = "table";
};

/// Returns an exit code (ScenarioExit), and has said what is wrong. kScenarioFails: a round that was judged again has another state.
[[nodiscard]] int run_fleet_command(const FleetArguments& arguments);

}  // namespace chiploc
