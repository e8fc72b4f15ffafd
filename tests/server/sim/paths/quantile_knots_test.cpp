#include "server/sim/paths/quantile_knots.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <vector>

#include "tests/server/sim/paths/test_network.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test::quantile_knots_test {
namespace {

QuantileKnots any_knots() {
  QuantileKnots knots{{}, 0.1};
  for (double& x : knots.at) x = *rc::gen::inRange(0, 100'000) * 1e-3;
  std::sort(knots.at.begin(), knots.at.end());
  return knots;
}

TEST_CASE("quantile knots: rise with the share, and go through what is written down",
          "[sim][paths][property]") {
  CHECK(rc::check([] {
    const QuantileKnots knots = any_knots();
    RC_ASSERT(knots.rising());
    for (std::size_t k = 0; k < knots.at.size(); ++k)
      RC_ASSERT(std::abs(knots.quantile(kKnotShares[k]) - knots.at[k]) <= 1e-9 * (1.0 + knots.at[k]));
    double before = -1.0;
    for (int step = 0; step <= 200; ++step) {
      const double x = knots.quantile(step / 200.0);
      RC_ASSERT(x >= before);
      before = x;
    }
    RC_ASSERT(knots.quantile(-1.0) == knots.at.front());
    RC_ASSERT(knots.quantile(2.0) == knots.at.back());
  }));
}

TEST_CASE("quantile knots: share_below is the inverse, in the middle of steps", "[sim][paths][property]") {
  CHECK(rc::check([] {
    const QuantileKnots knots = any_knots();
    const double share = *rc::gen::inRange(1, 1'000) * 1e-3;
    const double x = knots.quantile(share);
    RC_ASSERT(std::abs(knots.quantile(knots.share_below(x)) - x) <= 1e-6 * (1.0 + x));
  }));
  QuantileKnots flat;
  flat.at.fill(2.0);
  flat.at.front() = 1.0;
  flat.at.back() = 3.0;
  CHECK(flat.share_below(2.0) == Approx(0.5));
  CHECK(flat.share_below(0.5) == 0.0);
  CHECK(flat.share_below(9.0) == 1.0);
}

TEST_CASE("quantile knots: of a sample, its quantiles, whatever the order and the weights' unit",
          "[sim][paths]") {
  std::vector<KnotSample> values;
  for (int i = 999; i >= 0; --i) values.push_back({(i + 0.5) / 100.0, 3.0});
  const QuantileKnots knots = knots_of(values, 0.1);
  CHECK(knots.rising());
  CHECK(knots.at[0] == Approx(0.005));
  CHECK(knots.at[5] == Approx(5.0).epsilon(0.001));
  CHECK(knots.at[9] == Approx(9.5).epsilon(0.001));
  CHECK(knots.at[12] == Approx(9.995));
  // Twice the weight of the upper half is as if it stood there twice.
  std::vector<KnotSample> twice, weighted;
  for (int i = 0; i < 100; ++i) {
    weighted.push_back({i * 1.0, i < 50 ? 1.0 : 2.0});
    twice.push_back({i * 1.0, 1.0});
    if (i >= 50) twice.push_back({i * 1.0, 1.0});
  }
  CHECK(knots_of(weighted, 0.1).at[5] == Approx(knots_of(twice, 0.1).at[5]).margin(0.6));
  CHECK(knots_of(weighted, 0.1).at[5] > 60.0);
  std::vector<KnotSample> none, one{{-4.0, 1.0}};
  CHECK(knots_of(none, 0.1).at[5] == 0.0);
  CHECK(knots_of(one, 0.1).at[12] == 0.0);  // never below zero
}

TEST_CASE("quantile knots: between two lies between them", "[sim][paths][property]") {
  CHECK(rc::check([] {
    const QuantileKnots low = any_knots(), high = any_knots();
    const QuantileKnots middle = between(low, high, *rc::gen::inRange(0, 101) * 0.01);
    RC_ASSERT(middle.rising());
    for (std::size_t k = 0; k < middle.at.size(); ++k) {
      RC_ASSERT(middle.at[k] >= std::min(low.at[k], high.at[k]) - 1e-9 * (1.0 + low.at[k]));
      RC_ASSERT(middle.at[k] <=
                std::max(low.at[k], high.at[k]) + 1e-9 * (1.0 + high.at[k]) + 1e-6 * high.at[k]);
    }
  }));
}

}  // namespace
}  // namespace chiploc::test::quantile_knots_test
