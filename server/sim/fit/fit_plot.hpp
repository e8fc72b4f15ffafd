#pragma once
#include <string>

#include "server/sim/paths/hold_out.hpp"

namespace chiploc {

/// Three diagrams as one SVG: quantiles of round trip over light in fibre by distance, of both halves and as simulated;
/// the share of held-out pairs up to each ratio, measured and simulated; and the error of each quantile, overall and by
/// distance, between lines at 10 %.
[[nodiscard]] std::string hold_out_svg(const std::string& set, const HoldOut& held);

}  // namespace chiploc
