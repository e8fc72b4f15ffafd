#include "server/scenario/intervals.hpp"

#include <cmath>

namespace chiploc {
namespace {

constexpr double kTail = 0.025;

/// P(X <= k) of a Poisson variable: terms from the largest downwards, so that none of them underflows first.
double at_most(std::size_t k, double mean) {
  double log_term = -mean;  // of 0
  double sum = std::exp(log_term);
  for (std::size_t i = 1; i <= k; ++i) {
    log_term += std::log(mean / static_cast<double>(i));
    sum += std::exp(log_term);
  }
  return sum;
}

/// Where a function that falls with the mean takes this value.
template <class Falling>
double solve(double low, double high, double value, const Falling& falling) {
  for (int i = 0; i < 200 && high - low > 1e-10 * high; ++i) {
    const double middle = 0.5 * (low + high);
    (falling(middle) > value ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

}  // namespace

PoissonInterval garwood(std::size_t n) {
  const auto count = static_cast<double>(n);
  const double far = count + 10.0 * std::sqrt(count + 1.0) + 10.0;
  PoissonInterval out;
  if (n > 0) out.low = solve(0.0, count, 1.0 - kTail, [n](double mean) { return at_most(n - 1, mean); });
  out.high = solve(count, far, kTail, [n](double mean) { return at_most(n, mean); });
  return out;
}

std::optional<Nanoseconds> quantile_of(const std::vector<Nanoseconds>& values, std::size_t trials, double p) {
  const double rank = std::ceil(p * static_cast<double>(trials) - 1e-9);
  if (rank < 1.0 || rank > static_cast<double>(values.size())) return std::nullopt;
  return values[static_cast<std::size_t>(rank) - 1];
}

}  // namespace chiploc
