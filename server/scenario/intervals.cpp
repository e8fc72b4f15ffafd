#include "server/scenario/intervals.hpp"

#include <cmath>

namespace chiploc {
namespace {

constexpr double kTail = 0.025;
constexpr double kTailNormal = 1.959963984540054;  ///< as far out a standard normal variable is
constexpr std::size_t kSummed = 1'000;             ///< up to so many events every term is summed

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

/// The quantile of a gamma variable of shape `a` where the normal one is `z`: six terms of the expansion of Cornish and
/// Fisher, of which the next is of the order of 1/a^2.
double gamma_quantile(double a, double z) {
  const double root = std::sqrt(a), z2 = z * z;
  return a + z * root + (z2 - 1.0) / 3.0 + z * (z2 - 7.0) / (36.0 * root) -
         (3.0 * z2 * z2 + 7.0 * z2 - 16.0) / (810.0 * a) +
         z * (9.0 * z2 * z2 + 256.0 * z2 - 433.0) / (38'880.0 * a * root);
}

}  // namespace

PoissonInterval garwood(std::size_t n) {
  const auto count = static_cast<double>(n);
  if (n > kSummed)
    return {.low = gamma_quantile(count, -kTailNormal), .high = gamma_quantile(count + 1.0, kTailNormal)};
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
