#pragma once
// Runs a scenario: every point with every seed, each in a simulated world of its own.

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "geo/borders/borders.hpp"
#include "proto/base/result.hpp"
#include "server/scenario/expectation.hpp"
#include "server/scenario/scenario_file.hpp"

namespace chiploc {

struct ScenarioRunOptions {
  LabSeeds seeds;
  bool brief = false;    ///< the points of the short form alone
  unsigned threads = 1;  ///< at least 1
  /// After each run: how many of how many are done. Called on whatever thread, one at a time.
  std::function<void(std::size_t done, std::size_t all)> progress{};
  const std::atomic<bool>* stop = nullptr;
  DetectorsOff off{};
};

/// One run for each point and seed, in the order of ScenarioFile::points, each point with its runs by seed. Points that the
/// short form leaves out are not there: PointRuns::index says which one it is.
///
/// Threads   options.threads workers, which take runs one after the other; a run is one thread's alone. What comes of it does
///           not depend on how many there are.
/// Fails     with a sentence: the first run that could not be carried out, or "interrupted".
[[nodiscard]] Result<std::vector<PointRuns>, std::string> run_scenario(const ScenarioFile& file,
                                                                       const Borders& borders,
                                                                       const ScenarioRunOptions& options);

}  // namespace chiploc
