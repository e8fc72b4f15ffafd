#include "server/policy/flag_budget.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace chiploc {
namespace {

constexpr double kYearSeconds = 365.25 * 86'400;

/// Sets of verdicts that could accuse, in a year.
std::optional<double> sets_per_year(const FlagLaw& law) {
  if (law.cadence <= Nanoseconds{0} || law.confirmations == 0) return std::nullopt;
  const double cadence = std::chrono::duration<double>(law.cadence).count();
  // Random times within each cadence: two of them may lie closer than it, so one more than fit.
  const double within = std::floor(std::chrono::duration<double>(law.window).count() / cadence) + 2;
  double sets = kYearSeconds / cadence;
  for (unsigned i = 1; i < law.confirmations; ++i) sets *= std::max(within - i, 0.0) / i;
  return sets;
}

}  // namespace

std::optional<double> false_flags_per_year(const FlagLaw& law, double share) {
  const auto sets = sets_per_year(law);
  if (!sets) return std::nullopt;
  return *sets * std::pow(std::clamp(share, 0.0, 1.0), law.confirmations);
}

std::optional<double> share_within_budget(const FlagLaw& law, double flags_per_chip_year) {
  const auto sets = sets_per_year(law);
  if (!sets) return std::nullopt;
  if (*sets <= 0) return 1.0;  // its window is too short for as many
  return std::min(1.0, std::pow(std::max(flags_per_chip_year, 0.0) / *sets, 1.0 / law.confirmations));
}

}  // namespace chiploc
