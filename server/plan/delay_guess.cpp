#include "server/plan/delay_guess.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "server/registry/fields.hpp"

namespace chiploc {
namespace {

constexpr double kFibreKmPerMs = 100.0;  // of a round trip, as in delay_law.hpp
constexpr double kInflationMost = 100.0;
constexpr double kConstantMost = 1'000.0;

}  // namespace

double student4_quantile(double p) {
  const double alpha = 4.0 * p * (1.0 - p);
  const double root = std::sqrt(alpha);
  const double q = std::cos(std::acos(root) / 3.0) / root;
  return std::copysign(2.0 * std::sqrt(std::max(0.0, q - 1.0)), p - 0.5);
}

DelayGuess DelayGuess::by_law(DelayLaw law, double p, std::size_t pairs) {
  DelayGuess out;
  out.law_ = law;
  out.shift_ = student4_quantile(p);
  char quantile[48];
  std::snprintf(quantile, sizeof quantile, "quantile %g of ", p);
  out.text_ = std::string{quantile} +
              (pairs > 0 ? "the law of delays learnt from " + std::to_string(pairs) + " round trips"
                         : std::string{"the usual law of delays (nothing was learnt from)"});
  return out;
}

DelayGuess DelayGuess::stretched(double inflation, double constant_ms) {
  DelayGuess out;
  out.inflation_ = inflation;
  out.constant_ms_ = constant_ms;
  char text[96];
  std::snprintf(text, sizeof text, "%g times light in fibre and %g ms", inflation, constant_ms);
  out.text_ = text;
  return out;
}

std::optional<DelayGuess> DelayGuess::from_text(std::string_view text) {
  const std::size_t plus = text.find('+');
  if (plus == std::string_view::npos) return std::nullopt;
  const auto inflation = parse_number(text.substr(0, plus), 1.0, kInflationMost);
  const auto constant = parse_number(text.substr(plus + 1), 0.0, kConstantMost);
  if (!inflation || !constant) return std::nullopt;
  return stretched(*inflation, *constant);
}

double DelayGuess::rtt_ms(Kilometers distance, bool is_domestic) const {
  const double flight_ms = distance.km() / kFibreKmPerMs;
  if (!law_) return inflation_ * flight_ms + constant_ms_;
  const MsCurve::At at = MsCurve::at(flight_ms);
  const double excess = law_->expected(at, is_domestic) + shift_ * std::exp(law_->log_scale.value(at));
  return std::max(flight_ms, DelayLaw::round_trip(excess, flight_ms));
}

}  // namespace chiploc
