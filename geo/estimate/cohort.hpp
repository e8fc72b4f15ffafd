#pragma once
// Chips of one site measured together: which of them is not where the others are.

#include <cstddef>
#include <span>
#include <vector>

namespace chiploc {

struct CohortOptions {
  /// A deviation of less than this is never an outlier, in milliseconds of round trip: 0.1 ms is 10 km of
  /// fibre. Between anchors of one country 0.3 % of honest deviations exceed it within three hours, route
  /// changes included (tests/geo/estimate/cohort_data_test.cpp).
  double floor_ms = 0.1;
  /// Nor is one of less than so many times the median deviation of the others: a site behind a busy line is
  /// noisy as a whole.
  double factor = 5.0;
  std::size_t fewest_chips = 3;    ///< of two that differ nobody can say which one moved
  std::size_t fewest_anchors = 4;  ///< that measured the chip and at least two others
};

/// What one chip's round trips say against those of its cohort.
struct CohortMember {
  bool judged = false;  ///< enough anchors measured it and others
  bool outlier = false;
  double deviation_ms = 0.0;  ///< median over anchors of |round trip - the cohort's median|
  double common_ms = 0.0;     ///< median over anchors of the signed difference: a longer line, a relay
  double spread_ms = 0.0;     ///< what is left of the deviation without that: another place
  std::size_t anchors = 0;
};

/// Compares each chip with the median of its cohort, anchor by anchor. Paths, detours and an anchor's own
/// delay are the same for all chips of a site and drop out, so that microseconds count where an absolute fit
/// sees tens of kilometres.
///
/// Takes     rtt_ms: chips x anchors, row by row, NaN where not measured; from rounds of the same hour, since
///           a route that changes between two rounds looks like a chip that moved.
/// Returns   One member for each chip. A suspicion, never a proof: whoever controls the network can add delay
///           to one chip, and an honest change inside a site can too. Nothing is said (`judged` false) of
///           small cohorts.
/// Accuracy  Medians: right as long as fewer than half of the chips of a cohort are elsewhere.
[[nodiscard]] std::vector<CohortMember> compare_cohort(std::span<const double> rtt_ms, std::size_t anchors,
                                                       const CohortOptions& options = {});

}  // namespace chiploc
