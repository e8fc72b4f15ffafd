#pragma once
// Who may notice something of a chip in a scenario, by name, and what each has said. Pure.

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/time.hpp"

namespace chiploc {

enum class Detector : std::uint8_t {
  kRegion,     ///< verdicts OUTSIDE and PROHIBITED
  kInvalid,    ///< verdicts INVALID: transcripts, forgeries, two holders of a key, rollbacks
  kSilence,    ///< verdicts SILENT
  kPosterior,  ///< an estimate: a verdict's own odds that the chip is where it is licensed to be
  kBaseline,   ///< an estimate: a chip's round trips against what they were
  kCohort,     ///< an estimate: against those of the other chips of its site
  kFleet,      ///< an estimate: whether a few of all chips are unlike what they were
  kStatus,     ///< a status that calls somebody
};
inline constexpr std::size_t kDetectors = 8;
inline constexpr std::array<Detector, kDetectors> kEveryDetector{
    Detector::kRegion,   Detector::kInvalid, Detector::kSilence, Detector::kPosterior,
    Detector::kBaseline, Detector::kCohort,  Detector::kFleet,   Detector::kStatus};

/// "region", "invalid", ...
[[nodiscard]] std::string_view name_of(Detector detector);
[[nodiscard]] std::optional<Detector> detector_of(std::string_view name);
/// "region, invalid, ..."
[[nodiscard]] std::string names_of_detectors();
/// posterior, baseline, cohort and fleet: no proof, and no status hears of them.
[[nodiscard]] constexpr bool is_estimate(Detector detector) {
  return detector == Detector::kPosterior || detector == Detector::kBaseline ||
         detector == Detector::kCohort || detector == Detector::kFleet;
}
/// What it may call what it has seen; empty: the code of a reason, of which there are many.
[[nodiscard]] const std::vector<std::string>& kinds_of(Detector detector);

/// Those that are switched off, by number: what they would see is not seen by anybody else in their place.
class DetectorsOff {
 public:
  void add(Detector detector) { off_.set(static_cast<std::size_t>(detector)); }
  [[nodiscard]] bool has(Detector detector) const { return off_.test(static_cast<std::size_t>(detector)); }

 private:
  std::bitset<kDetectors> off_;
};

/// A detector speaks of a chip.
struct DetectorWord {
  Detector by = Detector::kRegion;
  Nanoseconds at{0};    ///< lab time: the end of the round after which it speaks; of a status its beginning
  std::string kind;     ///< one of kinds_of(by)
  bool honest = false;  ///< the chip behaved then; of a status: it had never cheated until then
};

/// How estimates look at round trips; [detect] of the file.
struct DetectRules {
  std::size_t baseline_rounds = 8;  ///< of a chip: its first ones, from which its baseline is made
  /// Of a chip: those that follow. Over all chips they teach how honest rounds differ from their baselines: 100 are needed.
  std::size_t law_rounds = 12;
  double rounds_per_flag =
      1000.0;  ///< budget of `baseline`: rounds between two false flags of a chip, in the mean
  bool posterior =
      false;  ///< the lab's anchors learn from each other what delays say of places: it takes its time
  double level = 0.001;  ///< of `cohort` in a round, and of `fleet` in a day: P(any false flag)
};

}  // namespace chiploc
