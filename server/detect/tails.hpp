#pragma once
// Tails of the two laws that the detectors stand on. Own code: the standard's distributions may differ between libraries.

#include <cstddef>

namespace chiploc {

/// P(Z >= z) of a standard normal Z.
/// Accuracy  Relative error below 1e-12 up to z = 37; 0 beyond 39; NaN of NaN.
[[nodiscard]] double normal_upper_tail(double z);

/// The z with P(Z >= z) = p.
/// Fails     NaN unless 0 < p < 1.
/// Accuracy  Relative error of the tail of the result below 1e-11 for 1e-300 <= p <= 1 - 1e-10.
/// Source    Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution", Applied Statistics 37, 1988.
[[nodiscard]] double normal_upper_quantile(double p);

/// P(X >= k) of a binomial X: `n` trials, each a success with probability `p`.
/// Fails     NaN unless 0 <= p <= 1.
/// Accuracy  Relative error below 1e-11 for n up to 10,000. Takes n steps at most.
[[nodiscard]] double binomial_upper_tail(std::size_t n, std::size_t k, double p);

}  // namespace chiploc
