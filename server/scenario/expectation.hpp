#pragma once
// What a scenario expects of its chips, and whether it came so. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/scenario/chip_outcome.hpp"
#include "server/scenario/sweep.hpp"

namespace chiploc {

enum class ExpectKind : std::uint8_t {
  kNever,           ///< none of these verdicts or states
  kFlaggedAtLeast,  ///< share of trials that were flagged: a cheat while it cheats, an honest chip ever
  kFlaggedAtMost,
  kNoticedAtLeast,  ///< share of runs in which at least one of them was flagged
  kProvedAtLeast,   ///< share of trials that were VERIFIED at least once
  kProvedAtMost,
  kStatus,          ///< share of trials that have had this status by then
  kDetectedWithin,  ///< share of trials that were flagged within this time of the cheat's beginning
  kAlarmedWithin,   ///< share of trials whose status called somebody within this time of it
  kWrong,           ///< at most so many verdicts that may not be
};

/// A trial is one chip in one run.
struct Expectation {
  std::string chips = "all";      ///< all, honest, diverted (whoever ever cheats), an order, a serial number
  std::vector<SettingIs> when{};  ///< at these points of the sweep; empty: at all
  ExpectKind kind = ExpectKind::kNever;
  std::vector<std::string> never{};  ///< "OUTSIDE": a verdict; "drifted": a state
  double share = 1.0;
  ChipState status = ChipState::kPending;
  std::optional<Nanoseconds> by{};  ///< of the status; nullopt: ever
  Nanoseconds within{0};
  std::size_t most = 0;                ///< of wrong verdicts
  std::optional<Detector> detector{};  ///< who flags; nullopt: verdicts, that is region, invalid and silence
  std::string named{};                 ///< what that one calls it; empty: whatever
  std::string why;
};

/// The runs of one point of the sweep.
struct PointRuns {
  SweepPoint point;
  std::vector<RunOutcome> runs;
  std::size_t index = 0;  ///< of ScenarioFile::points: the short form leaves some of these out
};

struct ExpectationJudgement {
  bool holds = false;
  std::size_t trials = 0;
  std::string figures;  ///< "12 of 40 trials, 30.0 % (18.1 to 45.4)", and the first that is against it
};

/// Whether the expectation is about this chip.
[[nodiscard]] bool is_about(const Expectation& expectation, const ChipOutcome& chip);
[[nodiscard]] bool is_at(const Expectation& expectation, const SweepPoint& point);
/// What is expected, in words: "diverted chips, at network.loss = 0.1: at least 80 % flagged".
[[nodiscard]] std::string text_of(const Expectation& expectation);
/// Over all runs of all its points together. Without a trial it does not hold: nothing was seen.
[[nodiscard]] ExpectationJudgement judge(const Expectation& expectation,
                                         const std::vector<PointRuns>& points);

/// "24 h", "90 s", "2.5 d".
[[nodiscard]] std::string duration_text(Nanoseconds time);
/// "30.0 % (18.1 to 45.4)": a share with its 95 % interval after Wilson, from hits and trials.
[[nodiscard]] std::string share_text(std::size_t hits, std::size_t trials);

}  // namespace chiploc
