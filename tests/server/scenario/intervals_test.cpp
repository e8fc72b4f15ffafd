// Intervals against published values.
#include "server/scenario/intervals.hpp"

#include <cmath>

#include "server/lab/lab_tally.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

TEST_CASE("garwood: the exact interval of a Poisson count, as it is tabulated", "[scenario]") {
  struct Case {
    std::size_t n;
    double low, high;
  };
  // Chi-square quantiles: low = q(0.025; 2n) / 2, high = q(0.975; 2n + 2) / 2.
  const Case cases[] = {{0, 0.0, 3.688879},       {1, 0.025318, 5.571643},   {2, 0.242209, 7.224688},
                        {5, 1.623486, 11.668332}, {10, 4.795389, 18.390356}, {100, 81.364, 121.627}};
  for (const Case& one : cases) {
    CAPTURE(one.n);
    const PoissonInterval interval = garwood(one.n);
    CHECK(interval.low == Approx(one.low).epsilon(1e-5).margin(1e-12));
    CHECK(interval.high == Approx(one.high).epsilon(1e-5));
  }
}

TEST_CASE("garwood: large counts as exactly, and no slower", "[scenario]") {
  struct Case {
    std::size_t n;
    double low, high;
  };
  // Incomplete gamma functions with 60 digits; those of 10^6 and more by integrating the density.
  const Case cases[] = {{1'000, 938.973018407695, 1'063.95213601630},
                        {1'000'000, 998'040.983340294, 1'001'961.91194543},
                        {1'000'000'000, 999'938'021.443928, 1'000'061'981.45041}};
  for (const Case& one : cases) {
    CAPTURE(one.n);
    CHECK(garwood(one.n).low == Approx(one.low).epsilon(1e-10));
    CHECK(garwood(one.n).high == Approx(one.high).epsilon(1e-10));
  }
  // Where one way of computing it follows the other, one event more is one more.
  CHECK(garwood(1'001).low - garwood(1'000).low == Approx(0.96902).margin(1e-5));
  CHECK(garwood(1'001).high - garwood(1'000).high == Approx(1.03097).margin(1e-5));
  // A term for each event would take days.
  const PoissonInterval most = garwood(50'000'000'000'000);
  CHECK(most.low < 5e13);
  CHECK(most.high - most.low == Approx(2.0 * 1.959963984540054 * std::sqrt(5e13)).epsilon(1e-6));
}

TEST_CASE("event rate: over its exposure, and nothing without one", "[scenario]") {
  const EventRate rate{.events = 1, .exposure = 2.0};
  CHECK(rate.rate() == Approx(0.5));
  CHECK(rate.low() == Approx(0.012659).epsilon(1e-4));
  CHECK(rate.high() == Approx(2.785822).epsilon(1e-5));
  CHECK(EventRate{}.high() == 0.0);
  CHECK(EventRate{}.rate() == 0.0);
}

TEST_CASE("wilson: the interval that shares are printed with", "[scenario]") {
  const LabShare half{.hits = 10, .trials = 20};
  CHECK(half.low() == Approx(0.299298).epsilon(1e-4));
  CHECK(half.high() == Approx(0.700702).epsilon(1e-4));
  const LabShare none{.hits = 0, .trials = 20};
  CHECK(none.low() == Approx(0.0).margin(1e-12));
  CHECK(none.high() == Approx(0.161125).epsilon(1e-4));
}

TEST_CASE("quantiles: those that never came to an end are longer than any", "[scenario]") {
  const std::vector<Nanoseconds> five{1s, 2s, 3s, 4s, 5s};
  CHECK(quantile_of(five, 5, 0.5) == Nanoseconds{3s});
  CHECK(quantile_of(five, 5, 0.9) == Nanoseconds{5s});
  CHECK(quantile_of(five, 10, 0.5) == Nanoseconds{5s});
  CHECK_FALSE(quantile_of(five, 10, 0.6).has_value());
  CHECK(quantile_of(five, 10, 0.1) == Nanoseconds{1s});
  CHECK_FALSE(quantile_of({}, 4, 0.5).has_value());
}

}  // namespace
}  // namespace chiploc
