#pragma once
// How sure one may be of a rate and of a waiting time. Pure arithmetic; shares have theirs in server/lab/lab_tally.hpp.

#include <cstddef>
#include <optional>
#include <vector>

#include "proto/base/time.hpp"

namespace chiploc {

inline constexpr double kSecondsAYear = 365.25 * 86'400.0;
[[nodiscard]] constexpr double years_of(Nanoseconds time) {
  return static_cast<double>(time.count()) / 1e9 / kSecondsAYear;
}

/// The exact 95 % interval of the mean of a Poisson count `n`:
///
///     low:  P(X >= n; low) = 0.025, and 0 for n = 0        high: P(X <= n; high) = 0.025
///
/// These are quantiles of gamma variables of the shapes n and n + 1: found by summing terms up to 1,000 events, by a series from there on.
///
/// Accuracy  A relative 1e-9.
/// Costs     No more than that of 1,000 events, whatever the count.
/// Source    F. Garwood, "Fiducial limits for the Poisson distribution", Biometrika 28 (1936) 437-442. The series: E. A. Cornish,
///           R. A. Fisher, "The percentile points of distributions having known cumulants", Technometrics 2 (1960) 209-225.
struct PoissonInterval {
  double low = 0.0;
  double high = 0.0;
};
[[nodiscard]] PoissonInterval garwood(std::size_t n);

/// Events over an exposure of some unit, with Garwood's interval over it. Without exposure nothing is known: all zero.
struct EventRate {
  std::size_t events = 0;
  double exposure = 0.0;
  [[nodiscard]] double rate() const { return exposure > 0.0 ? static_cast<double>(events) / exposure : 0.0; }
  [[nodiscard]] double low() const { return exposure > 0.0 ? garwood(events).low / exposure : 0.0; }
  [[nodiscard]] double high() const { return exposure > 0.0 ? garwood(events).high / exposure : 0.0; }
};

/// The value below or at which the share `p` of all trials lies: the smallest observed one of which that is true. `trials`
/// counts those that never came to an end as well, which are longer than any; nullopt: the quantile is one of these.
/// Takes     `values` in order, at most `trials`; 0 < p <= 1.
[[nodiscard]] std::optional<Nanoseconds> quantile_of(const std::vector<Nanoseconds>& values,
                                                     std::size_t trials, double p);

}  // namespace chiploc
