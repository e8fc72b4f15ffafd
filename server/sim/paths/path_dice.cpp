#include "server/sim/paths/path_dice.hpp"

#include <bit>
#include <cmath>

#include "proto/base/split_mix.hpp"

namespace chiploc {
namespace {

constexpr double kLog2 = 0.693147180559945309417232121458;

}  // namespace

PathDice::PathDice(std::uint64_t seed) : state_{split_mix(seed)} {}

PathDice PathDice::with(std::string_view text) const {
  PathDice out = *this;
  out.state_ = split_mix_text(state_, text);
  return out;
}

PathDice PathDice::with(std::uint64_t number) const {
  PathDice out = *this;
  out.state_ = split_mix(state_ ^ split_mix(number));
  return out;
}

PathDice PathDice::with_pair(std::string_view a, std::string_view b) const {
  return a < b ? with(a).with(b) : with(b).with(a);
}

double PathDice::unit(std::uint64_t index) const {
  // 52 bits and a half: neither 0 nor 1 can come of it.
  return (static_cast<double>(split_mix(state_ + index) >> 12U) + 0.5) * 0x1.0p-52;
}

double PathDice::exponential(std::uint64_t index) const { return -natural_log(unit(index)); }

double PathDice::normal(std::uint64_t index) const { return normal_quantile_of(unit(index)); }

double natural_log(double x) {
  // x = m 2^k with m near 1, and log m = 2 atanh((m - 1) / (m + 1)), a series that is short there.
  const auto bits = std::bit_cast<std::uint64_t>(x);
  auto power = static_cast<int>(bits >> 52U) - 1023;
  auto m = std::bit_cast<double>((bits & 0x000FFFFFFFFFFFFFULL) | 0x3FF0000000000000ULL);
  if (power == -1023) return natural_log(x * 0x1.0p54) - 54.0 * kLog2;  // a subnormal number
  if (m > 1.4142135623730951) {
    m *= 0.5;
    ++power;
  }
  const double t = (m - 1.0) / (m + 1.0), t2 = t * t;
  double sum = 0.0;
  for (int n = 23; n >= 1; n -= 2) sum = sum * t2 + 1.0 / n;
  return 2.0 * t * sum + power * kLog2;
}

double natural_exp(double x) {
  if (x < -700.0) return 0.0;
  if (x > 700.0) x = 700.0;
  const double k = std::floor(x / kLog2 + 0.5);
  const double r = x - k * kLog2;
  double sum = 1.0;
  for (int n = 16; n >= 1; --n) sum = 1.0 + sum * r / n;
  return sum * std::bit_cast<double>(static_cast<std::uint64_t>(static_cast<int>(k) + 1023) << 52U);
}

double normal_quantile_of(double p) {
  constexpr double a[] = {-3.969683028665376e+01, 2.209460984245205e+02,  -2.759285104469687e+02,
                          1.383577518672690e+02,  -3.066479806614716e+01, 2.506628277459239e+00};
  constexpr double b[] = {-5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02,
                          6.680131188771972e+01, -1.328068155288572e+01};
  constexpr double c[] = {-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00,
                          -2.549732539343734e+00, 4.374664141464968e+00,  2.938163982698783e+00};
  constexpr double d[] = {7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00,
                          3.754408661907416e+00};
  constexpr double kTail = 0.02425;
  if (p < kTail || p > 1.0 - kTail) {
    const double q = std::sqrt(-2.0 * natural_log(p < kTail ? p : 1.0 - p));
    const double x = (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) /
                     ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1.0);
    return p < kTail ? x : -x;
  }
  const double q = p - 0.5;
  const double r = q * q;
  return (((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q /
         (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1.0);
}

double normal_share_below(double z) {
  if (z < 0.0) return 1.0 - normal_share_below(-z);
  if (z > 8.0) return 1.0;
  const double t = 1.0 / (1.0 + 0.2316419 * z);
  const double tail =
      t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return 1.0 - 0.3989422804014327 * natural_exp(-0.5 * z * z) * tail;
}

}  // namespace chiploc
