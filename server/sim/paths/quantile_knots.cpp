#include "server/sim/paths/quantile_knots.hpp"

#include <algorithm>

namespace chiploc {
namespace {

double bent(double x, double softness) { return -1.0 / (x + softness); }
double unbent(double y, double softness) { return std::max(0.0, -1.0 / y - softness); }

}  // namespace

double QuantileKnots::quantile(double share) const {
  if (!(share > 0.0)) return at.front();
  if (share >= 1.0) return at.back();
  std::size_t high = 1;
  while (high + 1 < kKnotShares.size() && kKnotShares[high] < share) ++high;
  const double low_share = kKnotShares[high - 1];
  const double part = (share - low_share) / (kKnotShares[high] - low_share);
  const double low = bent(at[high - 1], softness);
  const double x = unbent(low + part * (bent(at[high], softness) - low), softness);
  return std::clamp(x, at[high - 1], at[high]);  // rounding must not leave the two
}

double QuantileKnots::share_below(double x) const {
  if (x <= at.front()) return 0.0;
  if (x >= at.back()) return 1.0;
  const auto first = static_cast<std::size_t>(std::lower_bound(at.begin(), at.end(), x) - at.begin());
  const auto last = static_cast<std::size_t>(std::upper_bound(at.begin(), at.end(), x) - at.begin());
  if (last > first) return 0.5 * (kKnotShares[first] + kKnotShares[last - 1]);
  const double low = bent(at[first - 1], softness), high = bent(at[first], softness);
  const double part = (bent(x, softness) - low) / (high - low);
  return kKnotShares[first - 1] + part * (kKnotShares[first] - kKnotShares[first - 1]);
}

bool QuantileKnots::rising() const { return at.front() >= 0.0 && std::is_sorted(at.begin(), at.end()); }

QuantileKnots between(const QuantileKnots& low, const QuantileKnots& high, double part) {
  QuantileKnots out = low;
  for (std::size_t k = 0; k < out.at.size(); ++k) {
    const double from = bent(low.at[k], low.softness), to = bent(high.at[k], high.softness);
    out.at[k] = unbent(from + part * (to - from), low.softness);
  }
  return out;
}

QuantileKnots knots_of(std::span<KnotSample> values, double softness) {
  QuantileKnots out{{}, softness};
  std::sort(values.begin(), values.end(), [](const KnotSample& a, const KnotSample& b) {
    return a.value != b.value ? a.value < b.value : a.weight < b.weight;
  });
  double total = 0.0;
  for (const KnotSample& value : values) total += value.weight;
  if (total <= 0.0) return out;
  // Each value stands in the middle of its own weight (Hazen's rule), and the curve goes from one to the next.
  std::size_t next = 0;
  double below = 0.0, before_share = 0.0, before = std::max(0.0, values.front().value);
  for (std::size_t k = 0; k < kKnotShares.size(); ++k) {
    double share = 0.0;
    while (next < values.size() && (share = (below + 0.5 * values[next].weight) / total) < kKnotShares[k]) {
      before = std::max(0.0, values[next].value);
      before_share = share;
      below += values[next++].weight;
    }
    if (next == values.size() || share <= before_share) {
      out.at[k] = next == values.size() ? before : std::max(0.0, values[next].value);
      continue;
    }
    const double part = std::clamp((kKnotShares[k] - before_share) / (share - before_share), 0.0, 1.0);
    const double low = bent(before, softness), high = bent(std::max(0.0, values[next].value), softness);
    out.at[k] = unbent(low + part * (high - low), softness);
  }
  for (std::size_t k = 1; k < out.at.size(); ++k) out.at[k] = std::max(out.at[k], out.at[k - 1]);
  return out;
}

}  // namespace chiploc
