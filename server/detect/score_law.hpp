#pragma once
// From a score to the share of honest rounds that score as high.

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace chiploc {

/// The law of a score on honest rounds, learnt from a sample of them.
///
///     p(s) = (1 + #{honest scores >= s}) / (n + 1),      and beyond the highest one, m:
///     p(s) = 1 / (n + 1) * max(m, 1) / max(s, 1)
///
/// Law       For a round that is exchangeable with the sample, P(p <= a) <= a for every a >= 1 / (n + 1), whatever the
///           scores' distribution is. Below that nobody has seen anything: the second line assumes that the tail falls
///           no slower than 1/s, which has no mean.
/// Takes     Scores without a unit, of which large ones are suspicious. Those of one chip depend on each other, so it
///           is the number of chips and of days in the sample that says how far the law can be trusted, not n.
/// Size      At most some 200 pairs of numbers, whatever n is. Between them p is rounded up, by at most a tenth.
class ScoreLaw {
 public:
  static constexpr std::size_t kFewest = 100;

  /// Fails     nullopt for fewer than kFewest scores, or where one is not finite.
  [[nodiscard]] static std::optional<ScoreLaw> learn(std::span<const double> honest);

  /// In (0, 1]; never rises with the score. 1 for NaN: what was not measured is no evidence.
  [[nodiscard]] double p_value(double score) const;

  /// The least of the learnt scores with p_value(score) <= `rate`, or what the tail beyond them gives.
  /// Fails     nullopt unless 0 < rate < 1.
  [[nodiscard]] std::optional<double> threshold(double rate) const;

  [[nodiscard]] std::size_t sample() const { return sample_; }

 private:
  struct Step {
    double score;       ///< from here on, up to the next step's score
    std::size_t least;  ///< so many of the honest ones scored at least as much
  };
  ScoreLaw(std::vector<Step> steps, std::size_t sample) : steps_{std::move(steps)}, sample_{sample} {}
  std::vector<Step> steps_;  ///< scores rise
  std::size_t sample_;
};

}  // namespace chiploc
