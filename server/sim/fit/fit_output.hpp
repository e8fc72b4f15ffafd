#pragma once
#include <ostream>
#include <span>
#include <string>

#include "server/sim/paths/hold_out.hpp"
#include "server/sim/paths/path_fit.hpp"

namespace chiploc {

/// The figures of a fit with their standard errors, and what was left as it is; as a table or as one JSON object.
void write_fit(std::ostream& out, bool json, const std::string& set, const PathFitInput& input,
               const PathFitResult& fit);

/// The first split's quantiles, measured and simulated; the median of the errors over all splits; and in how many of
/// them the largest is within 10 %. Beside each stands what the fitted half alone would have said.
void write_hold_out(std::ostream& out, bool json, const std::string& set, std::uint64_t seed,
                    std::span<const HoldOut> splits);

/// What is aimed at: no quantile is further off than this.
inline constexpr double kHeldWithin = 0.10;

/// Over all splits, for the share of that number: the median of the absolute errors.
[[nodiscard]] double median_error(std::span<const HoldOut> splits, std::size_t share);

}  // namespace chiploc
