#pragma once
// What the estimates of server/detect say of the chips of one run, round by round. They are told beside the verdicts: no
// verdict and no status is made of any of it. Pure.

#include <bitset>
#include <optional>
#include <string>
#include <vector>

#include "geo/lat_lon.hpp"
#include "server/scenario/detector.hpp"

namespace chiploc {

/// One round of a chip, in the order of time.
struct DelayRound {
  std::size_t round = 0;  ///< which of the lab's: chips of one are compared with each other
  Nanoseconds began{0}, ended{0};
  std::vector<double>
      rtt_ms;  ///< beside the anchors: the least round trip; NaN where not measured. Empty: none was
};

struct DelayChip {
  std::string site_name;
  LatLon site;
  std::vector<DelayRound> rounds;
};

struct DelayWord {
  Detector by = Detector::kBaseline;
  std::size_t round = 0;  ///< index in DelayChip::rounds, after which it is said
  Nanoseconds at{0};
  std::string kind;
};

/// Of one chip.
struct DelayFinding {
  std::vector<DelayWord> words;  ///< in no order
  /// Beside its rounds, where there is one. `change`: the larger of common_z and move_z (baseline_change.hpp), of rounds
  /// behind the baseline. `cohort`: -log10 of the p-value of cohort_level.hpp.
  std::vector<std::optional<double>> change, cohort;
  /// Beside its rounds: by which detectors' numbers it was judged, of baseline, cohort and fleet. Not by those that learn from it.
  std::vector<std::bitset<kDetectors>> judged;
};

/// Beside `chips`.
///
/// baseline   A chip's first baseline_rounds rounds with enough anchors make its baseline, which stays. The scores of the next
///            law_rounds, over all chips, are the law of honest ones (score_law.hpp); where there are fewer than 100 of
///            them nothing is ever said. Each round after is judged by the more unlikely of its two scores,
///            p = min(1, 2 * min(p common, p move)), and EvidenceWatch adds the evidence up. The kind is that of
///            classify_change() over the rounds since p was last above 0.05.
/// cohort     Chips of one site in one round of the lab, by test_cohort(). Nothing of it needs a history.
/// fleet      As baseline, but of what differs from the middle of the site's chips in the same round, so that a route that
///            changed for all of them is nobody's change. A chip's p-values of 24 h are one, and berk_jones() looks at
///            those of all chips at once; if it finds a share, it speaks of the chips that make it up.
///
/// What it cannot know: whether the rounds that it learns from were honest. A chip that cheats from the beginning has a
/// baseline of cheating. And one that begins to cheat within the rounds of the law makes its scores ordinary ones for all: where
/// a share q of the law's rounds is of a cheat, no later round of any chip has a p-value below 2 q, however much is added.
/// Then `baseline` and `fleet` speak of anybody much later, or never. So the first baseline_rounds + law_rounds rounds of every
/// chip have to be such as somebody stands for.
[[nodiscard]] std::vector<DelayFinding> watch_delays(const std::vector<DelayChip>& chips,
                                                     const std::vector<LatLon>& anchors,
                                                     const DetectRules& rules);

}  // namespace chiploc
