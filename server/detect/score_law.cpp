#include "server/detect/score_law.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

namespace chiploc {

std::optional<ScoreLaw> ScoreLaw::learn(std::span<const double> honest) {
  if (honest.size() < kFewest) return std::nullopt;
  if (!std::all_of(honest.begin(), honest.end(), [](double s) { return std::isfinite(s); }))
    return std::nullopt;
  std::vector<double> sorted(honest.begin(), honest.end());
  std::sort(sorted.begin(), sorted.end(), std::greater<>{});
  std::vector<Step> steps;
  for (std::size_t rank = 1; rank <= sorted.size(); rank = std::max(rank + 1, rank + rank / 10)) {
    // Equal scores: all of them are as high.
    const auto end = std::upper_bound(sorted.begin(), sorted.end(), sorted[rank - 1], std::greater<>{});
    rank = static_cast<std::size_t>(end - sorted.begin());
    steps.push_back({sorted[rank - 1], rank});
  }
  std::reverse(steps.begin(), steps.end());
  return ScoreLaw{std::move(steps), sorted.size()};
}

double ScoreLaw::p_value(double score) const {
  if (std::isnan(score)) return 1.0;
  const auto above = std::upper_bound(steps_.begin(), steps_.end(), score,
                                      [](double s, const Step& step) { return s < step.score; });
  if (above == steps_.begin()) return 1.0;
  const double n1 = static_cast<double>(sample_) + 1.0;
  if (above != steps_.end() || score == steps_.back().score) {
    // As many as score at least what the step below does: never too few.
    return std::min(1.0, (1.0 + static_cast<double>(std::prev(above)->least)) / n1);
  }
  return std::max(std::max(steps_.back().score, 1.0) / std::max(score, 1.0) / n1, 1e-300);
}

std::optional<double> ScoreLaw::threshold(double rate) const {
  if (!(rate > 0.0 && rate < 1.0)) return std::nullopt;
  for (const Step& step : steps_) {
    if (p_value(step.score) <= rate) return step.score;
  }
  const double n1 = static_cast<double>(sample_) + 1.0;
  return std::max(std::max(steps_.back().score, 1.0) / (rate * n1),
                  std::nextafter(steps_.back().score, HUGE_VAL));
}

}  // namespace chiploc
