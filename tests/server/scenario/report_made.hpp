#pragma once
// A scenario with runs that are written by hand, for the tests of its report.

#include <variant>

#include "server/scenario/report_page.hpp"
#include "tests/server/scenario/scenario_text.hpp"

namespace chiploc {

/// The small scenario, whose second chip is moved to Osaka after 3 h and home after 20.
struct MadeReport {
  ScenarioFile file = scenario_of(kHead + kExpect + kLab);
  std::vector<PointRuns> runs;

  MadeReport() {
    ScenarioPoint& point = file.points.front();
    point.horizon = std::chrono::hours{30};
    point.lab.chips[1].behaviour = Behaviour::kHonest;
    LabChip away = point.lab.chips[1];
    away.behaviour = Behaviour::kMoved;
    away.at = *LatLon::from_degrees({.lat = 34.7, .lon = 135.5});
    point.lab.events = {{std::chrono::hours{3}, 1, away}, {std::chrono::hours{20}, 1, point.lab.chips[1]}};
    RunOutcome run{.seed = 7, .horizon = point.horizon, .chips = {}};
    run.chips.push_back(chip("H-1", {}, {{2, "VERIFIED"}, {8, "UNRESOLVED"}},
                             {{0, ChipState::kPending}, {2, ChipState::kCompliant}}));
    run.chips.push_back(
        chip("F-1", std::chrono::hours{3}, {{2, "VERIFIED"}, {8, "OUTSIDE"}},
             {{0, ChipState::kPending}, {2, ChipState::kCompliant}, {14, ChipState::kDrifted}}));
    run.chips[1].detected = std::chrono::hours{8};
    run.chips[1].alarmed = std::chrono::hours{14};
    run.chips[1].turns[1].honest = false;
    run.chips[1].turns[1].flagged = true;
    runs.push_back({.point = {}, .runs = {run}});
  }

  [[nodiscard]] std::vector<const LabFile*> labs() const {
    std::vector<const LabFile*> out;
    for (const ScenarioPoint& point : file.points) out.push_back(&point.lab);
    return out;
  }
  [[nodiscard]] std::string page(const ReportFacts& facts = {"chiploc sim run small", "1.2.3", ""}) const {
    return report_page(file, runs, report_of(file, runs), facts);
  }

 private:
  static ChipOutcome chip(const std::string& serial, std::optional<Nanoseconds> cheats,
                          const std::vector<std::pair<int, std::string>>& turns,
                          const std::vector<std::pair<int, ChipState>>& status) {
    ChipOutcome out;
    out.serial = serial;
    out.cheats_from = cheats;
    out.honest_time = std::chrono::hours{30};
    for (const auto& [hour, state] : turns)
      out.turns.push_back({.began = std::chrono::hours{hour},
                           .ended = std::chrono::hours{hour},
                           .behaviour = "honest",
                           .state = state,
                           .honest = true,
                           .flagged = false,
                           .ok = true,
                           .pings = 36});
    for (const auto& [hour, state] : status) out.status.push_back({std::chrono::hours{hour}, state});
    return out;
  }
};

/// What the items of a drawing are for: paths and marks by their roles, words by what they say.
template <class Use>
void each_item(const Drawing& drawing, const Use& use) {
  for (const DrawnItem& item : drawing.below) use(item);
  if (drawing.window) {
    for (const DrawnItem& item : drawing.window->items) use(item);
  }
  for (const DrawnItem& item : drawing.above) use(item);
}
inline std::size_t marks_of(const Drawing& drawing, const std::string& role) {
  std::size_t count = 0;
  each_item(drawing, [&](const DrawnItem& item) {
    const auto* mark = std::get_if<DrawnMark>(&item);
    count += mark != nullptr && mark->role == role ? 1U : 0U;
  });
  return count;
}
inline std::size_t paths_of(const Drawing& drawing, const std::string& role) {
  std::size_t count = 0;
  each_item(drawing, [&](const DrawnItem& item) {
    const auto* path = std::get_if<DrawnPath>(&item);
    count += path != nullptr && path->role == role ? 1U : 0U;
  });
  return count;
}
inline bool says(const Drawing& drawing, const std::string& words) {
  bool found = false;
  each_item(drawing, [&](const DrawnItem& item) {
    const auto* said = std::get_if<DrawnWords>(&item);
    found = found || (said != nullptr && said->words == words);
  });
  return found;
}

}  // namespace chiploc
