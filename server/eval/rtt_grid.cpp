#include "server/eval/rtt_grid.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace chiploc {
namespace {

double log_factorial(double n) {
  int sign = 0;
  return ::lgamma_r(n + 1.0, &sign);  // std::lgamma() writes a global
}

}  // namespace

std::string short_number(double value) {
  char text[48];
  std::snprintf(text, sizeof text, "%.10g", value);
  return text;
}

bool is_multiple(double ms, double step) {
  const double steps = ms / step;
  return std::abs(steps - std::round(steps)) < 1e-6 * std::max(1.0, steps * 1e-3);
}

bool all_multiples(const std::vector<double>& values, double step) {
  return std::all_of(values.begin(), values.end(), [step](double ms) { return is_multiple(ms, step); });
}

double finest_step(const std::vector<double>& values) {
  static constexpr std::array kSteps{100.0, 50.0, 20.0, 10.0, 5.0,  2.0,  1.0, 0.5,
                                     0.25,  0.2,  0.1,  0.05, 0.01, 1e-3, 1e-4};
  for (const double step : kSteps) {
    if (all_multiples(values, step)) return step;
  }
  return kSteps.back();
}

double log_poisson_tail(std::size_t count, double mean) {
  const auto k = static_cast<double>(count);
  if (k <= mean) return 0.0;
  double sum = 0.0;
  double term = 1.0;
  for (int i = 1; i < 400 && term > 1e-12 * sum; ++i) {
    sum += term;
    term *= mean / (k + i);
  }
  return k * std::log(mean) - mean - log_factorial(k) + std::log(sum);
}

double log_binomial_tail(std::size_t count, std::size_t of, double p) {
  const auto k = static_cast<double>(count);
  const auto n = static_cast<double>(of);
  if (k <= n * p) return 0.0;
  double sum = 0.0;
  double term = 1.0;
  for (std::size_t i = count; i <= of && term > 1e-12 * sum; ++i) {
    sum += term;
    term *= static_cast<double>(of - i) / static_cast<double>(i + 1) * p / (1.0 - p);
  }
  return log_factorial(n) - log_factorial(k) - log_factorial(n - k) + k * std::log(p) +
         (n - k) * std::log1p(-p) + std::log(sum);
}

}  // namespace chiploc
