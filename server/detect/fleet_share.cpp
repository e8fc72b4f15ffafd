#include "server/detect/fleet_share.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "server/detect/boundary_law.hpp"
#include "server/detect/tails.hpp"
#include "server/detect/watch.hpp"

namespace chiploc {
namespace {

double divergence(double x, double t) {
  if (t >= x) return 0.0;
  return x * std::log(x / t) + (x < 1.0 ? (1.0 - x) * std::log((1.0 - x) / (1.0 - t)) : 0.0);
}

double berk_jones_at(double x, double p, double n) { return n * divergence(x, p); }

/// The p at which berk_jones_at is the statistic; below it, more.
double berk_jones_bound(double x, double statistic, double n) {
  double low = 0.0;
  double high = x;
  for (int i = 0; i < 100 && high - low > 1e-15 * high; ++i) {
    const double middle = (low + high) / 2.0;
    (berk_jones_at(x, middle, n) >= statistic ? low : high) = middle;
  }
  return high;  // not below: the law errs to the safe side
}

double criticism_at(double x, double p, double n) {
  return p >= 1.0 ? 0.0 : std::sqrt(n) * (x - p) / std::sqrt(p * (1.0 - p));
}

/// The lesser root of (x - p)^2 n = h^2 p (1 - p), in the form without a difference of what is nearly the same.
double criticism_bound(double x, double h, double n) {
  const double c = h * h / n;
  const double p = 2.0 * x * x / (2.0 * x + c + std::sqrt(c * (4.0 * x * (1.0 - x) + c)));
  return p * (1.0 + 1e-12);
}

template <class At, class Bound>
std::optional<FleetFinding> greatest(std::span<double> p_values, const FleetOptions& options, At at,
                                     Bound bound) {
  const std::size_t chips = p_values.size();
  if (chips == 0 || chips > kMostFleet || !(options.least_share > 0.0 && options.least_share <= 1.0))
    return std::nullopt;
  if (!std::all_of(p_values.begin(), p_values.end(), [](double p) { return p > 0.0 && p <= 1.0; }))
    return std::nullopt;
  const double n = static_cast<double>(chips);
  const std::size_t looked_at = std::max<std::size_t>(1, static_cast<std::size_t>(options.least_share * n));
  std::partial_sort(p_values.begin(), p_values.begin() + static_cast<std::ptrdiff_t>(looked_at),
                    p_values.end());
  FleetFinding finding;
  for (std::size_t i = 1; i <= looked_at; ++i) {
    const double one = at(static_cast<double>(i) / n, p_values[i - 1], n);
    if (one > finding.statistic) {
      finding.statistic = one;
      finding.chips = i;
    }
  }
  if (finding.chips == 0) return finding;
  std::vector<double> boundary(looked_at);
  double before = 0.0;
  for (std::size_t i = 1; i <= looked_at; ++i) {
    before = std::min(std::max(before, bound(static_cast<double>(i) / n, finding.statistic, n)),
                      std::nextafter(1.0, 0.0));
    boundary[i - 1] = before;
  }
  finding.p_value = crossing_probability(chips, boundary).value_or(1.0);
  return finding;
}

}  // namespace

bool ChipDay::add(double p) {
  const auto score = normal_score(p);
  if (!score) return false;
  score_sum_ += static_cast<float>(*score);
  ++rounds_;
  return true;
}

double ChipDay::p_value() const {
  if (rounds_ == 0) return 1.0;
  return std::max(
      normal_upper_tail(static_cast<double>(score_sum_) / std::sqrt(static_cast<double>(rounds_))), 1e-300);
}

double ChipDay::log_evidence(double shift) const {
  return shift * static_cast<double>(score_sum_) - static_cast<double>(rounds_) * shift * shift / 2.0;
}

std::optional<FleetFinding> berk_jones(std::span<double> p_values, const FleetOptions& options) {
  return greatest(p_values, options, berk_jones_at, berk_jones_bound);
}

std::optional<FleetFinding> higher_criticism(std::span<double> p_values, const FleetOptions& options) {
  return greatest(p_values, options, criticism_at, criticism_bound);
}

void FleetEvidence::add(const ChipDay& chip) {
  for (std::size_t s = 0; s < kShifts; ++s) {
    const double e = std::exp(std::min(chip.log_evidence(kShift[s]), 700.0));
    for (std::size_t share = 0; share < kShares; ++share)
      logs_[share][s] += std::log1p(kShare[share] * (e - 1.0));
  }
}

double FleetEvidence::log_evidence() const {
  double most = logs_[0][0];
  for (const auto& row : logs_) most = std::max(most, *std::max_element(std::begin(row), std::end(row)));
  double sum = 0.0;
  for (const auto& row : logs_) {
    for (const double l : row) sum += std::exp(l - most);
  }
  return most + std::log(sum / static_cast<double>(kShares * kShifts));
}

double FleetEvidence::p_value() const { return std::min(1.0, std::exp(-log_evidence())); }

}  // namespace chiploc
