#include "server/detect/baseline_change.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace chiploc {
namespace {

/// The value at `place` of the sorted order; puts the values into another order.
double at_place(std::span<double> values, std::size_t place) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(place);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double median_at_place(std::span<double> values) {
  const std::size_t half = values.size() / 2;
  const double upper = at_place(values, half);
  if (values.size() % 2 == 1) return upper;
  return (upper + *std::max_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(half))) /
         2.0;
}

}  // namespace

std::optional<ChangeScores> compare_with_baseline(std::span<const std::optional<PathLaw>> baseline,
                                                  std::span<const double> rtt_ms,
                                                  const ChangeOptions& options) {
  if (baseline.size() != rtt_ms.size() || rtt_ms.size() > kMostPaths) return std::nullopt;
  if (!(options.floor_ms > 0.0 && options.changed_ms > 0.0 && options.changed_spreads > 0.0))
    return std::nullopt;
  std::array<double, kMostPaths> difference_room;
  std::array<double, kMostPaths> spread_room;
  std::array<double, kMostPaths> work_room;
  std::size_t n = 0;
  ChangeScores scores;
  for (std::size_t a = 0; a < rtt_ms.size(); ++a) {
    if (rtt_ms[a] < 0.0 || std::isinf(rtt_ms[a])) return std::nullopt;
    if (!baseline[a].has_value() || std::isnan(rtt_ms[a])) continue;
    const double d = rtt_ms[a] - static_cast<double>(baseline[a]->centre_ms);
    const double spread = static_cast<double>(baseline[a]->spread_ms);
    if (std::abs(d) > std::max(options.changed_ms, options.changed_spreads * spread)) {
      (d > 0.0 ? scores.longer : scores.shorter) += 1;
    }
    difference_room[n] = d;
    spread_room[n] = spread;
    ++n;
  }
  if (n < std::max<std::size_t>(options.fewest_anchors, 1)) return std::nullopt;
  scores.anchors = n;
  const std::span differences = std::span{difference_room}.first(n);
  const std::span spreads = std::span{spread_room}.first(n);
  const std::span work = std::span{work_room}.first(n);

  std::copy(differences.begin(), differences.end(), work.begin());
  const double median = median_at_place(work);
  scores.common_ms = at_place(work, n / 4);
  scores.move_ms = std::max(0.0, std::min(at_place(work, n - 1 - n / 4), -at_place(work, n / 4)));
  for (std::size_t a = 0; a < n; ++a) {
    work[a] = std::abs(differences[a] - median);
    scores.lone_ms = std::max(scores.lone_ms, work[a]);
    scores.lone_z = std::max(scores.lone_z, work[a] / (options.floor_ms + spreads[a]));
  }
  scores.spread_ms = median_at_place(work);
  const double scale = options.floor_ms + median_at_place(spreads);
  scores.common_z = scores.common_ms / scale;
  scores.move_z = scores.move_ms / scale;
  return scores;
}

}  // namespace chiploc
