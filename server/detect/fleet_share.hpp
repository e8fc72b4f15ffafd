#pragma once
// Whether a few of very many chips were diverted, although none of them can be told.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace chiploc {

/// A chip's rounds of a day, added up. 8 bytes a chip, no heap.
class ChipDay {
 public:
  /// Fails     false, and nothing is added, unless 0 < p <= 1.
  bool add(double p);

  /// P(as much from an honest chip), exact where its rounds' p-values are independent and uniform, and never too low where
  /// they are independent with P(p <= a) <= a: the sum of their normal scores (Stouffer 1949). 1 of no round.
  [[nodiscard]] double p_value() const;

  /// Evidence for a shift of the normal scores: its mean is at most 1 for an honest chip (watch.hpp).
  [[nodiscard]] double log_evidence(double shift) const;

  [[nodiscard]] std::uint32_t rounds() const { return rounds_; }

 private:
  float score_sum_ = 0.0F;
  std::uint32_t rounds_ = 0;
};

struct FleetFinding {
  double statistic = 0.0;
  double p_value = 1.0;
  std::size_t chips = 0;  ///< of those with the least p-values, so many make the statistic what it is
};

struct FleetOptions {
  double least_share = 0.1;  ///< so many of the least p-values are looked at, and at least one
};

/// Berk and Jones' statistic (1979) of chips' p-values: with the sorted ones p_1 <= p_2 <= ... of n
///
///     max over i of   n * K(i / n, p_i),     K(x, t) = x log(x / t) + (1 - x) log((1 - x) / (1 - t)) where t < x, else 0
///
/// Law       Exact for independent uniform p-values (boundary_law.hpp), and never too low for independent ones with
///           P(p <= a) <= a. Chips of one site share their routes: hand in p-values of their differences from each other
///           (cohort_level.hpp), or an honest reroute of the site is found as a diversion, which it looks like.
/// Takes     `p_values`, in (0, 1]; puts them into another order.
/// Fails     nullopt for none, more than kMostFleet, or one that is no p-value.
inline constexpr std::size_t kMostFleet = 10'000'000;
[[nodiscard]] std::optional<FleetFinding> berk_jones(std::span<double> p_values,
                                                     const FleetOptions& options = {});

/// Donoho and Jin's higher criticism (2004) of the same, with its exact law:
///
///     max over i of   sqrt(n) * (i / n - p_i) / sqrt(p_i * (1 - p_i))
///
/// It is here to be compared with: its heavy tail of the least p-value costs power (README.md).
[[nodiscard]] std::optional<FleetFinding> higher_criticism(std::span<double> p_values,
                                                           const FleetOptions& options = {});

/// Evidence that some share of the chips has a shift: the mean, over shares and shifts, of the product over chips of
/// (1 - share + share * evidence of the chip).
///
/// Law       For independent honest chips its mean is at most 1, so P(1 / evidence <= a) <= a whatever the p-values' laws are.
///           Evidence of several days multiplies.
/// Size      A few hundred bytes for any number of chips.
class FleetEvidence {
 public:
  static constexpr std::size_t kShares = 4;
  static constexpr std::size_t kShifts = 5;
  static constexpr double kShare[kShares] = {0.001, 0.003, 0.01, 0.05};
  static constexpr double kShift[kShifts] = {0.25, 0.5, 1.0, 2.0, 4.0};

  void add(const ChipDay& chip);
  [[nodiscard]] double log_evidence() const;
  /// min(1, 1 / evidence).
  [[nodiscard]] double p_value() const;

 private:
  double logs_[kShares][kShifts] = {};
};

}  // namespace chiploc
