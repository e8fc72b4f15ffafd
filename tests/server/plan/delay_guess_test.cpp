#include "server/plan/delay_guess.hpp"

#include <cmath>

#include "tests/support/catch.hpp"

namespace chiploc::test::delay_guess_test {
namespace {

TEST_CASE("delay guess: quantiles of Student's t with four degrees are those of the tables", "[plan]") {
  CHECK(student4_quantile(0.5) == Approx(0.0).margin(1e-7));
  CHECK(student4_quantile(0.75) == Approx(0.740697).margin(1e-5));
  CHECK(student4_quantile(0.95) == Approx(2.131847).margin(1e-5));
  CHECK(student4_quantile(0.99) == Approx(3.746947).margin(1e-5));
  CHECK(student4_quantile(0.05) == Approx(-2.131847).margin(1e-5));
}

TEST_CASE("delay guess: so many times light in fibre, and a constant", "[plan]") {
  const auto guess = DelayGuess::from_text("2.5+3");
  REQUIRE(guess);
  CHECK(guess->rtt_ms(Kilometers{1'000.0}, false) == Approx(28.0).margin(1e-9));
  CHECK(guess->rtt_ms(Kilometers{0.0}, true) == Approx(3.0).margin(1e-9));
  CHECK(guess->text() == "2.5 times light in fibre and 3 ms");
  for (const char* wrong :
       {"", "law", "2", "2+", "+1", "0.9+1", "101+1", "2+-1", "2+1001", "2+1+1", "nan+1", "2+1ms"})
    CHECK_FALSE(DelayGuess::from_text(wrong));
}

TEST_CASE("delay guess: by the law, more with the distance and the quantile, less at home, never below fibre",
          "[plan][property]") {
  const DelayLaw law = DelayLaw::fit({});
  for (const double km : {0.0, 10.0, 300.0, 2'000.0, 9'000.0, 19'000.0}) {
    double last = km / 100.0;
    for (const double p : {0.01, 0.25, 0.5, 0.75, 0.95}) {
      INFO(km << " km, quantile " << p);
      const DelayGuess guess = DelayGuess::by_law(law, p, 0);
      const double ms = guess.rtt_ms(Kilometers{km}, false);
      CHECK(ms >= last);
      CHECK(ms < guess.rtt_ms(Kilometers{km + 50.0}, false));
      CHECK(guess.rtt_ms(Kilometers{km}, true) <= ms);
      last = ms;
    }
  }
  // The usual law: an excess of as much as light takes in fibre, and one millisecond.
  CHECK(DelayGuess::by_law(law, 0.5, 0).rtt_ms(Kilometers{1'000.0}, false) == Approx(21.0).margin(0.6));
  CHECK(DelayGuess::by_law(law, 0.5, 380).text() ==
        "quantile 0.5 of the law of delays learnt from 380 round trips");
}

}  // namespace
}  // namespace chiploc::test::delay_guess_test
