#pragma once
// What became of each chip of one run, over time. Pure.

#include <string>
#include <utility>
#include <vector>

#include "server/picture/drawing.hpp"
#include "server/scenario/chip_outcome.hpp"

namespace chiploc {

inline constexpr std::size_t kTimelineChips = 40;
/// Which of a run's chips are shown: all up to kTimelineChips; else those that cheat first, as many as there is room for.
[[nodiscard]] std::vector<std::size_t> shown_chips(const RunOutcome& run);

/// A row for each chip that is shown: its rounds by verdict (a sign and a colour each), below them its status, and where it cheats a
/// hatched bar with the moment at which a round flagged it, and the one at which its status called somebody.
[[nodiscard]] Drawing draw_timeline(const LabFile& file, const RunOutcome& run, const std::string& title);
/// The signs of it, each with its words.
[[nodiscard]] Drawing draw_timeline_legend();

}  // namespace chiploc
