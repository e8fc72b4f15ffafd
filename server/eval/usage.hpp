#pragma once
// What of a folder a run looks at, and what not, and why: nothing is left out silently.

#include <span>
#include <string>

#include "server/eval/cases.hpp"

namespace chiploc {

/// One line: how many nodes and rows of the folder are used by these rows of the answer, and for those that
/// are not how many, which nodes (the first few), and the reason.
///
/// Used       a node that is a target, or an anchor that measured one or is in a calibration; a round trip
///            from an anchor to a target of its group, or between two anchors of a group.
[[nodiscard]] std::string describe_usage(const RttSet& set, std::span<const CaseRow> rows);

/// Why there is no case, with what would make some; empty where each row has one. `asked`: the rows were
/// named one by one, so that each has to have one; otherwise one with cases is enough.
[[nodiscard]] std::string no_cases(const RttSet& set, std::span<const CaseRow> rows, bool asked);

/// Asks about nodes that look like targets and are in no case: measured by at least half of the nodes that
/// measure, measuring nobody, and without a partner in half of all nodes, so that no row has them. Empty if
/// there are none.
[[nodiscard]] std::string lost_targets(const RttSet& set, std::span<const CaseRow> rows);

}  // namespace chiploc
