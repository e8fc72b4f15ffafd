#pragma once
// What each detector has said, counted. Pure.

#include <array>
#include <map>
#include <string>
#include <vector>

#include "server/lab/lab_tally.hpp"
#include "server/scenario/chip_outcome.hpp"
#include "server/scenario/intervals.hpp"
#include "server/text/records.hpp"

namespace chiploc {

struct DetectorFigures {
  LabShare detected;                           ///< of chips that cheat: it spoke of them while they did
  std::vector<Nanoseconds> times{};            ///< from the cheat's beginning to its first word, in order
  std::map<std::string, std::size_t> kinds{};  ///< what these first words were
  EventRate
      false_words;  ///< of chips that behaved, per chip-year of behaving while it watched (ChipOutcome::watched)
};
using EveryDetectorFigures = std::array<DetectorFigures, kDetectors>;  ///< beside kEveryDetector

/// Over all chips of these runs.
[[nodiscard]] EveryDetectorFigures detector_figures(const std::vector<RunOutcome>& runs);

/// A line for each that has said anything.
[[nodiscard]] std::vector<std::string> detector_lines(const EveryDetectorFigures& figures);
/// {"region": {"detected", "median_s", "kinds", "false"}, ...}
[[nodiscard]] Json detectors_json(const EveryDetectorFigures& figures);

}  // namespace chiploc
