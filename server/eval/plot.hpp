#pragma once
#include <span>
#include <string>

#include "server/eval/summary.hpp"

namespace chiploc {

/// Four diagrams as one SVG:
///
///     error        share of cases whose estimate is at most so far off, one curve a row
///     calibration  share of truths inside the credible region of each level, one curve a row; on the
///                  diagonal regions are what they say
///     true claims, false claims
///                  share accepted, cleared, unresolved and flagged at estimate grade, against the distance
///                  of the target from the nearest border of another country; of the row `all`, or else the
///                  last
[[nodiscard]] std::string plot_svg(const RttSet& set, std::span<const RowOutcome> rows,
                                   const ClaimPolicy& policy);

}  // namespace chiploc
