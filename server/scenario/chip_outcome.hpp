#pragma once
// What became of each chip in one run: its verdicts, and its status between them, told by the production status machine. Pure.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/lab/lab_file.hpp"
#include "server/lab/lab_report.hpp"
#include "server/scenario/detector.hpp"
#include "server/status/status_keeping.hpp"

namespace chiploc {

/// A declared absence of a chip; lab times.
struct ScenarioAbsence {
  std::string chip;
  Nanoseconds declared{0}, from{0}, until{0};
};

struct ChipTurn {
  Nanoseconds began{0}, ended{0};
  std::string behaviour;
  std::string state;     ///< as in the API; "NONE": no verdict
  bool honest = false;   ///< behaved so
  bool flagged = false;  ///< OUTSIDE, PROHIBITED or INVALID; of a chip that is silent on purpose also SILENT
  bool ok = false;       ///< one that may be
  std::size_t pings = 0;
  std::optional<double> change_score{}, cohort_score{};  ///< of the estimates (delay_watch.hpp)
};

struct StatusSince {
  Nanoseconds at{0};
  ChipState state = ChipState::kPending;
};

struct ChipOutcome {
  std::string serial;
  std::string order;  ///< empty: none
  /// Since when it does other than an honest chip; nullopt: never.
  std::optional<Nanoseconds> cheats_from;
  Nanoseconds honest_time{0};  ///< how long it behaved, up to the horizon
  /// How much of that each detector watched; of estimates what those rounds stand for that they judged, each up to the next
  /// round of the chip. What an estimate learns from it does not judge. Nothing of one that is off.
  std::array<Nanoseconds, kDetectors> watched{};
  std::vector<ChipTurn> turns;
  std::vector<StatusSince> status;  ///< in order; the first at 0
  /// The end of the first round that flagged it while it did not behave.
  std::optional<Nanoseconds> detected;
  /// When its status first was none of pending, compliant and absent; of a cheat: since it cheats.
  std::optional<Nanoseconds> alarmed;
  std::size_t false_flags = 0;        ///< rounds that flagged it while it behaved
  std::size_t wrong = 0;              ///< verdicts that may not be (expectation_of)
  std::vector<DetectorWord> words{};  ///< by time; of an estimate nothing else here depends

  [[nodiscard]] ChipState status_at(Nanoseconds at) const;
  /// Whether a round had this verdict.
  [[nodiscard]] bool had(const std::string& state) const;
  /// Of a chip that cheats: while it does. Of one that never does: ever. `kind`: of that kind alone; empty: of any.
  [[nodiscard]] std::optional<DetectorWord> first_word(Detector by, const std::string& kind = {}) const;
  [[nodiscard]] std::size_t false_words(Detector by) const;  ///< while it behaved
};

struct RunOutcome {
  std::uint64_t seed = 0;
  Nanoseconds horizon{0};
  std::vector<ChipOutcome> chips;  ///< beside LabFile::chips
  [[nodiscard]] std::size_t rounds() const;
  [[nodiscard]] std::size_t pings() const;
};

/// From when until when a chip does other than an honest one, by what the file says of it; the last one until the horizon.
[[nodiscard]] std::vector<std::pair<Nanoseconds, Nanoseconds>> cheating_spans(const LabFile& file,
                                                                              std::size_t chip,
                                                                              Nanoseconds horizon);

/// Whether somebody has to look at a chip of this status: all but pending, compliant and absent.
[[nodiscard]] bool alarms(ChipState state);

/// From the verdicts of a simulated lab. A chip's story begins at lab time 0; each verdict is an event of the time at which
/// it was decided, and time is told on to `horizon`.
///
/// What a detector that is off would have seen is nothing here: without `region` OUTSIDE and PROHIBITED flag nobody, and to
/// the status they are UNRESOLVED; without `invalid` and `silence` their verdicts flag nobody, and no status hears of them;
/// without `status` a chip stays pending. ChipTurn::state is the verdict as it was, with every detector.
[[nodiscard]] RunOutcome outcome_of(const LabFile& file, const LabReport& report,
                                    const StatusKeeping& keeping,
                                    const std::vector<ScenarioAbsence>& absences, Nanoseconds horizon,
                                    const DetectRules& detect = {}, const DetectorsOff& off = {});

}  // namespace chiploc
