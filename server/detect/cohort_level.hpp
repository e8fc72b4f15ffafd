#pragma once
// Which chip of a site is not where the others are, at a stated level.

#include <cstddef>
#include <span>
#include <vector>

#include "geo/estimate/cohort.hpp"

namespace chiploc {

struct CohortLevel {
  double level = 0.001;  ///< P(any chip of an honest site is flagged) is at most this
  CohortOptions
      cohort;  ///< what compare_cohort calls a difference at all; its floor, 0.1 ms, is 10 km of fibre
};

struct CohortTestMember {
  CohortMember member;       ///< of compare_cohort
  std::size_t farthest = 0;  ///< anchors towards which this chip is one of the farthest
  double p_value = 1.0;      ///< family-wise: already times the number of chips that are judged
  bool flagged = false;      ///< p_value <= level, and deviation_ms above the floor
};

/// compare_cohort with a law. Of the m chips that an anchor measured, the farthest are the g = max(1, m / 8) that differ most
/// from their median; of equal ones at the border none. Where all chips of a site are alike, each is one of them with
/// probability g/m at most, whatever the noise is. So over n anchors
///
///     P(farthest >= k) <= P(Binomial(n, q) >= k),      q the greatest g/m over the chip's anchors,
///
/// and, over all chips judged, times their number (Bonferroni).
///
/// Takes     As compare_cohort. What its `factor` calls an outlier is not asked: the law takes its place.
/// Law       Needs noise that is independent between anchors and of one law for all chips towards each of them. A card or a
///           cable that differs by microseconds breaks that, which the floor is for. Rounds at different times break it
///           too, where a route changed for several anchors in between: measure a site at once.
/// Limits    Three chips need eight anchors to be judged at 0.001: fewer cannot reach the level, and nothing is flagged.
///           Chips that went elsewhere together are found as long as they are an eighth of the cohort at most.
[[nodiscard]] std::vector<CohortTestMember> test_cohort(std::span<const double> rtt_ms, std::size_t anchors,
                                                        const CohortLevel& options = {});

}  // namespace chiploc
