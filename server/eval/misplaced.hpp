#pragma once
// Nodes that the set itself says are not where, or not in whose country, they are said to be.

#include <string>

#include "geo/borders/borders.hpp"
#include "geo/estimate/mesh_check.hpp"
#include "server/eval/rtt_set.hpp"

namespace chiploc {

/// check_mesh() over some nodes of a set (MeshSuspect::node counts among them), with what places are uncertain by
/// allowed for: a pair gets the time that light in fibre takes over the uncertainty of both, and a label is not
/// held against a place that may lie in its country.
[[nodiscard]] std::vector<MeshSuspect> check_nodes(const RttSet& set, const std::vector<std::size_t>& nodes,
                                                   const Borders& borders);

/// Marks, with EvalNode::doubt, the nodes that the round trips of the others contradict, and those whose
/// place lies in another country than their label. Such a node serves as nothing: as an anchor it misleads,
/// and as a target its wrong place would be taken for the truth. Faulty nodes neither accuse nor are marked:
/// they are known to be wrong, and come back as anchors on purpose.
///
/// Method    geo/estimate/mesh_check.hpp, over all nodes at once. A place is in doubt only where some pair
///           that contradicts it was measured in both directions, or kOneWayPairs others do in one: single
///           directions that beat fibre happen with honest nodes. Of a place in another country than the
///           label the place is in doubt at sea, or if most round trips do not fit it; otherwise the label.
/// Returns   A sentence that names them, what is in doubt and the ways out; empty if none is.
std::string mark_misplaced(RttSet& set, const Borders& borders);
inline constexpr std::size_t kOneWayPairs = 3;

}  // namespace chiploc
