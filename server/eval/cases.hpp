#pragma once
// Which anchors measure which targets: the rows of the answer, as the baselines of textbook methods count
// them.

#include <string>
#include <vector>

#include "proto/base/result.hpp"
#include "server/eval/rtt_set.hpp"

namespace chiploc {

/// Targets measured by the same anchors, so that one calibration serves them all.
struct CaseGroup {
  unsigned draw = 0;
  std::vector<std::size_t> anchors;  ///< never holds one of the targets
  std::vector<std::size_t> targets;
};

/// One choice of anchors: a row of the answer at each grade.
struct CaseRow {
  std::string anchors;  ///< "all", "all-100km" or a label of subsets.csv
  std::vector<CaseGroup> groups;
  /// Where each group's anchors are these but its target, as in `all`; otherwise empty.
  std::vector<std::size_t> pool{};

  [[nodiscard]] std::size_t cases() const;
};

/// In `all-100km`, anchors nearer to the target than this neither measure it nor join its calibration.
inline constexpr double kFarAnchorKm = 100.0;

/// Nodes that serve as anchors and targets: those with a round trip, in either direction, to at least half of
/// the other nodes; where nodes have roles, to any: anchors do not measure each other then, and targets
/// nobody. Ascending.
[[nodiscard]] std::vector<std::size_t> serving_nodes(const RttSet& set);

/// The rows that a set supports: the labels of its subsets in the file's order, then all and all-100km.
[[nodiscard]] std::vector<std::string> supported_rows(const RttSet& set);

/// Builds the rows asked for, in that order.
///
///     LABEL       for each draw: its anchors, and as targets every other node
///     all         for each target: every other node
///     all-100km   for each target: every other node at least kFarAnchorKm away (geodesic)
///
/// Anchors and targets are serving nodes, and as their role says; targets that are nothing else share one
/// group in `all`, after the others. Faulty ones are anchors only, since where they stand is not known.
/// A target that no anchor of its group measured is no case. Nodes in doubt (misplaced.hpp) are neither.
/// Fails     A sentence, for a label that the set has not.
[[nodiscard]] Result<std::vector<CaseRow>, std::string> build_rows(const RttSet& set,
                                                                   const std::vector<std::string>& labels);

}  // namespace chiploc
