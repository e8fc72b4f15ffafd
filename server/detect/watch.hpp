#pragma once
// Looking at a chip after every round, for years, within a budget of false flags.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace chiploc {

/// How many false flags an honest chip may be given in a year of rounds, in the mean.
struct FlagBudget {
  double flags_per_chip_year = 1e-3;
  double rounds_per_chip_year = 8766.0;  ///< one an hour

  /// Rounds between two false flags that the budget allows.
  /// Fails     nullopt unless 0 < flags < rounds, both finite.
  [[nodiscard]] std::optional<double> rounds_per_flag() const;
};

/// normal_upper_quantile(p), with p kept within [1e-300, 1 - 1e-15]: standard normal where p is uniform.
/// Fails     nullopt unless 0 < p <= 1.
[[nodiscard]] std::optional<double> normal_score(double p);

/// The evidence in a p-value for the bet that the normal score behind it is raised by `shift`:
///     e(p) = exp(shift * z - shift^2 / 2),   z = normal_score(p).
/// Its mean is at most 1 for every p with P(p <= a) <= a, since it never rises with p. Given as log e.
/// Fails     nullopt unless 0 < p <= 1.
[[nodiscard]] std::optional<double> log_evidence(double p, double shift);

/// An e-detector: the sum, over all rounds in which a diversion may have begun, of the product of the evidence since then,
/// for four sizes of shift, in equal parts.
///
///     S = mean over shifts of S_shift,     S_shift <- (1 + S_shift) * e_shift(p)
///
/// Flags     when S reaches the budget's rounds per flag, and starts again.
/// Law       An honest chip whose every p-value obeys P(p <= a | all rounds before) <= a has, up to any round T and however
///           many looks were taken, E[flags] <= T / rounds_per_flag, and so P(a flag) as well: S - T is a
///           supermartingale (Shiryaev and Roberts; Shin, Ramdas, Rinaldo, "E-detectors", 2024). Rounds may depend on each
///           other in any way that keeps this: a chip's noise may be noisier at night, routes may have a memory. What it
///           does not allow is a p-value that is small *because* the last one was: see BlockWatch.
/// Takes     A p-value a round. A round without one is no round: add nothing.
/// Size      16 bytes a chip, no heap.
class EvidenceWatch {
 public:
  static constexpr std::array<double, 4> kShifts{0.5, 1.0, 2.0, 4.0};

  /// True where this round raises a flag.
  /// Fails     nullopt and nothing is added unless 0 < p <= 1 and rounds_per_flag > 1.
  std::optional<bool> add(double p, double rounds_per_flag);

  /// log S: how far it is, of log(rounds_per_flag). -infinity before the first round.
  [[nodiscard]] double log_sum() const;

 private:
  friend class BlockWatch;
  bool add_log(const std::array<double, 4>& log_e, double rounds_per_flag);
  static constexpr float kNothing = 3e38F;
  std::array<float, 4> log_sums_{-kNothing, -kNothing, -kNothing, -kNothing};
};

/// The same for rounds that depend on each other: those of a block (say, of a day) count together, with the mean of their
/// evidence, which is evidence whatever ties them.
///
/// Law       As EvidenceWatch, for p-values with P(p <= a | all rounds of earlier blocks) <= a: within a block they may be
///           equal to each other. Flags are raised where a block ends. An honest change that outlasts its block is, from
///           then on, a change all the same: no statistic can tell it from a relay, and the baseline has to be renewed.
/// Size      36 bytes a chip, no heap.
class BlockWatch {
 public:
  /// `block`: rounds that count together. True where this round ends a block and raises a flag.
  /// Fails     as EvidenceWatch, and for a block of 0.
  std::optional<bool> add(double p, std::uint32_t block, double rounds_per_flag);
  [[nodiscard]] double log_sum() const { return watch_.log_sum(); }

 private:
  EvidenceWatch watch_;
  std::array<float, 4> sums_{};  ///< of this block's evidence
  std::uint32_t in_block_ = 0;
};

/// Page's CUSUM, of the repeated SPRT's kind:   C <- max(0, C) + log e_shift(p),  and a flag where C reaches a height.
/// It is for one size of shift, and is the best test of all for exactly that size (Moustakides 1986).
///
/// Law       With the height of cusum_height: at most the budget, for rounds that are independent of each other. Its budget
///           is not proved for anything else.
/// Size      8 bytes a chip, no heap.
class Cusum {
 public:
  std::optional<bool> add(double p, double shift, double height);
  [[nodiscard]] double value() const { return value_; }

 private:
  double value_ = 0.0;
};

/// The least height, to 0.01, at which a CUSUM of independent honest rounds flags no more than once in rounds_per_flag.
///
/// Accuracy  On the safe side: its values are rounded up to a grid of 1/400 of the height, so that the chain whose mean
///           time to a flag is solved for (Brook and Evans 1972) is never below the CUSUM.
/// Fails     nullopt unless 0 < shift <= 10 and 10 <= rounds_per_flag <= 1e10.
[[nodiscard]] std::optional<double> cusum_height(double shift, double rounds_per_flag);

}  // namespace chiploc
