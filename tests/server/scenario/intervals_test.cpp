// Intervals against published values.
#include "server/scenario/intervals.hpp"

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
