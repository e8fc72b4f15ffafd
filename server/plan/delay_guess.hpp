#pragma once
// The round trip that an anchor would see, where nobody has measured it.

#include <optional>
#include <string>
#include <string_view>

#include "geo/estimate/delay_law.hpp"
#include "geo/units.hpp"

namespace chiploc {

/// A round trip as a function of the distance, and of whether both ends are in one country: a guess, and so is a plan
/// that rests on it.
///
///     law        the quantile p of the law of delays (geo/estimate/delay_law.hpp): its scale times the quantile of
///                Student's t with four degrees of freedom, put onto its mean
///     stretched  inflation * distance / (100 km/ms) + constant: light in fibre over a route so many times as long
class DelayGuess {
 public:
  /// 0 < p < 1.
  [[nodiscard]] static DelayGuess by_law(DelayLaw law, double p, std::size_t pairs);
  [[nodiscard]] static DelayGuess stretched(double inflation, double constant_ms);
  /// "INFLATION+MS", as in "2.0+1.5": an inflation from 1 to 100 and a constant from 0 to 1000 ms.
  [[nodiscard]] static std::optional<DelayGuess> from_text(std::string_view text);

  /// Never below light in fibre there and back. `is_domestic`: both ends are in one country.
  [[nodiscard]] double rtt_ms(Kilometers distance, bool is_domestic) const;
  /// "the median of the law learnt from 380 round trips", "2 times light in fibre and 1.5 ms".
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::optional<DelayLaw> law_;
  double shift_ = 0.0;  // in scales of the law
  double inflation_ = 1.0;
  double constant_ms_ = 0.0;
  std::string text_;
};

/// Quantile of Student's t with four degrees of freedom.
/// Source    Shaw, "Sampling Student's T distribution", J. Comp. Finance 9(4), 2006: closed for four degrees.
[[nodiscard]] double student4_quantile(double p);

}  // namespace chiploc
