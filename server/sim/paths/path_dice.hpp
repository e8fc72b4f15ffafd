#pragma once
// Chance without state: every draw is a function of what it is drawn for. Integers are hashed, and what is made of
// them needs additions, multiplications, divisions and square roots alone, which IEEE 754 rounds in one way: the same
// arguments give the same bits under any compiler and C library, as long as no product and sum are rounded at once
// (-ffp-contract=off, which the build says) and doubles are computed as such (SSE2, AArch64; not the x87).

#include <cstdint>
#include <string_view>

namespace chiploc {

/// One number of 64 bits for a purpose and whom it is about; mixing more in gives another.
class PathDice {
 public:
  explicit PathDice(std::uint64_t seed);
  /// Every name and number that is mixed in matters, and so does their order.
  [[nodiscard]] PathDice with(std::string_view text) const;
  [[nodiscard]] PathDice with(std::uint64_t number) const;
  /// The same for both orders of the two names.
  [[nodiscard]] PathDice with_pair(std::string_view a, std::string_view b) const;

  /// Uniform in (0, 1): never an end, so that logarithms and quantiles stay finite. `index` tells draws apart.
  [[nodiscard]] double unit(std::uint64_t index = 0) const;
  /// Exponential with mean 1.
  [[nodiscard]] double exponential(std::uint64_t index = 0) const;
  /// Standard normal.
  [[nodiscard]] double normal(std::uint64_t index = 0) const;

 private:
  std::uint64_t state_;
};

/// Natural logarithm of a positive, finite number.
/// Accuracy  Relative 1e-15.
[[nodiscard]] double natural_log(double x);
/// e to the power of x.
/// Accuracy  Relative 1e-14; 0 below -700, e^700 above 700.
[[nodiscard]] double natural_exp(double x);
/// Quantile of the standard normal distribution for 0 < p < 1.
/// Accuracy  Relative 1.2e-9 (Acklam 2003).
[[nodiscard]] double normal_quantile_of(double p);
/// Its distribution function.
/// Accuracy  Absolute 1e-7 (Abramowitz and Stegun 1964, 26.2.17).
[[nodiscard]] double normal_share_below(double z);

}  // namespace chiploc
