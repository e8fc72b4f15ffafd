#pragma once
// A scenario: a lab file with sections of its own, which say what is varied and what has to come of it. README.md has them.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/base/result.hpp"
#include "server/lab/lab_file.hpp"
#include "server/lab/lab_seeds.hpp"
#include "server/scenario/expectation.hpp"
#include "server/scenario/sweep.hpp"

namespace chiploc {

/// The lab at one point of the sweep.
struct ScenarioPoint {
  SweepPoint settings;
  LabFile lab;
  StatusKeeping keeping;   ///< [status] of the file
  Nanoseconds horizon{0};  ///< up to when statuses are told at least
};

struct ScenarioFile {
  std::filesystem::path path;
  std::string text;  ///< all of it, as it was read; empty of load_scenario_head()
  std::string name;
  std::string about;   ///< one sentence
  std::string story;   ///< what happens, in words
  std::string attack;  ///< one of scenario_attacks()
  LabSeeds seeds, short_seeds;
  SweepPlan sweep;
  std::vector<Expectation> expectations;
  std::vector<ScenarioAbsence> absences;
  DetectRules detect;                 ///< [detect]
  std::vector<ScenarioPoint> points;  ///< as points_of(sweep)
};

/// What a scenario may be about: a name, and what it stands for.
[[nodiscard]] const std::vector<std::pair<std::string_view, std::string_view>>& scenario_attacks();

/// Fails with every fault, each `FILE:LINE: key: problem; what to do`. What is the lab's is read by the lab's own reader, once
/// as the file has it and then at each point; a fault of a point ends with the point.
[[nodiscard]] Result<ScenarioFile, std::vector<std::string>> load_scenario(const std::filesystem::path& file,
                                                                           const LabWorld& world);
/// The same from text; `name` stands for the file in messages.
[[nodiscard]] Result<ScenarioFile, std::vector<std::string>> parse_scenario(std::string_view text,
                                                                            const std::filesystem::path& name,
                                                                            const LabWorld& world);
/// Only who it is: name, about and attack, with the faults of [scenario] alone.
[[nodiscard]] Result<ScenarioFile, std::vector<std::string>> load_scenario_head(
    const std::filesystem::path& file);

/// Every key that the scenario's own sections may have, "section.key".
[[nodiscard]] std::set<std::string> scenario_keys();

}  // namespace chiploc
