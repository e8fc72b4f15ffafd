#include "server/detect/boundary_law.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace chiploc {

std::optional<double> crossing_probability(std::size_t n, std::span<const double> boundary) {
  if (n == 0 || boundary.size() > n) return std::nullopt;
  double before = 0.0;
  for (const double b : boundary) {
    if (!(b >= before && b < 1.0)) return std::nullopt;
    before = b;
  }
  // alive[j]: the probability that j numbers are below the boundary's entry so far, and that it was never crossed, which
  // means j < i at its i-th entry. Only counts between `low` and `high` have one that matters.
  constexpr double kLeftOut = 1e-18;
  std::vector<double> alive{1.0};
  std::vector<double> next;
  std::size_t low = 0;
  before = 0.0;
  for (std::size_t i = 0; i < boundary.size(); ++i) {
    const double step = (boundary[i] - before) / (1.0 - before);
    before = boundary[i];
    const std::size_t most = i;  // i + 1 numbers below this entry cross it
    next.assign(most >= low ? most - low + 1 : 0, 0.0);
    const double odds = step / (1.0 - step);
    for (std::size_t at = 0; at < alive.size(); ++at) {
      const std::size_t j = low + at;
      if (alive[at] == 0.0) continue;
      const auto rest = static_cast<double>(n - j);
      double term = alive[at] * std::exp(rest * std::log1p(-step));
      for (std::size_t more = 0; j + more <= most; ++more) {
        next[j - low + more] += term;
        if (more == n - j) break;
        const double factor = (rest - static_cast<double>(more)) / static_cast<double>(more + 1) * odds;
        term *= factor;
        if (factor < 0.5 && term < kLeftOut) break;
      }
    }
    std::size_t front = 0;
    while (front < next.size() && next[front] < kLeftOut) ++front;
    next.erase(next.begin(), next.begin() + static_cast<std::ptrdiff_t>(front));
    low += front;
    while (!next.empty() && next.back() < kLeftOut) next.pop_back();
    alive.swap(next);
    if (alive.empty()) break;
  }
  double survived = 0.0;
  for (const double a : alive) survived += a;
  return std::clamp(1.0 - survived, 0.0, 1.0);
}

}  // namespace chiploc
