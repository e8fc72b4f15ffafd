#include "geo/estimate/delay_law.hpp"

#include <cmath>
#include <random>
#include <vector>

#include "tests/support/catch.hpp"

namespace chiploc::delay_law_test {
namespace {

TEST_CASE("DelayLaw: the excess and its inverse agree, also below light in glass", "[geo]") {
  for (const double flight : {0.0, 0.3, 5.0, 90.0}) {
    for (const double rtt : {0.1, 0.7, 4.0, 60.0, 300.0}) {
      const double z = DelayLaw::log_excess(rtt, flight);
      CHECK(std::isfinite(z));
      CHECK(DelayLaw::round_trip(z, flight) == Approx(rtt).margin(1e-6));
      const double step = 1e-5;
      const double slope =
          (DelayLaw::log_excess(rtt + step, flight) - DelayLaw::log_excess(rtt - step, flight)) /
          (2.0 * step);
      CHECK(std::exp(DelayLaw::log_slope(rtt, flight)) == Approx(slope).epsilon(1e-4));
    }
  }
}

TEST_CASE("DelayLaw: finds the curve and the spread of a known mesh", "[geo]") {
  std::mt19937_64 random{11};
  std::normal_distribution<double> normal{0.0, 0.3};
  std::uniform_real_distribution<double> flight{1.0, 120.0};
  std::vector<DelayLaw::Pair> pairs;
  for (int i = 0; i < 4000; ++i) {
    const double t = flight(random);
    pairs.push_back({t, DelayLaw::round_trip(std::log(0.8 * t + 2.0) + normal(random), t)});
  }
  const DelayLaw law = DelayLaw::fit(pairs);
  for (const double t : {3.0, 10.0, 30.0, 60.0, 100.0}) {
    INFO(t);
    const auto at = MsCurve::at(t);
    CHECK(law.mean.value(at) == Approx(std::log(0.8 * t + 2.0)).margin(0.1));
    // A t(4) of scale s is about as wide as a normal of deviation 1.2 s.
    CHECK(std::exp(law.log_scale.value(at)) == Approx(0.3 / 1.2).epsilon(0.25));
  }
}

TEST_CASE("DelayLaw: domestic paths are shorter by as much as their anchors say, one country no louder",
          "[geo]") {
  std::mt19937_64 random{12};
  std::normal_distribution<double> normal{0.0, 0.3};
  std::uniform_real_distribution<double> flight{1.0, 120.0};
  const auto pair = [&](double shift, double domestic) {
    const double t = flight(random);
    return DelayLaw::Pair{t, DelayLaw::round_trip(std::log(0.8 * t + 2.0) + shift + normal(random), t),
                          domestic};
  };
  std::vector<DelayLaw::Pair> pairs;
  for (int i = 0; i < 20'000; ++i) pairs.push_back(pair(0.0, 0.0));
  // A hundred countries of four anchors, all of whose paths inside are shorter by exp(-0.8).
  for (int i = 0; i < 600; ++i) pairs.push_back(pair(-0.8, 1.0 / 3.0));
  CHECK(DelayLaw::fit(pairs).domestic == Approx(-0.8).margin(0.05));
  // One country of forty, in which they are not: 780 pairs, but a tenth of the anchors.
  for (int i = 0; i < 780; ++i) pairs.push_back(pair(0.0, 1.0 / 39.0));
  CHECK(DelayLaw::fit(pairs).domestic == Approx(-0.73).margin(0.06));
  CHECK(DelayLaw::fit({}).domestic == Approx(-0.35));
  const DelayLaw law = DelayLaw::fit(pairs);
  const auto at = MsCurve::at(30.0);
  CHECK(law.expected(at, true) == law.expected(at, false) + law.domestic);
}

TEST_CASE("DelayLaw: no pairs give the documented default", "[geo]") {
  const DelayLaw law = DelayLaw::fit({});
  for (const double t : {0.0, 3.0, 30.0, 200.0}) {
    const auto at = MsCurve::at(t);
    CHECK(law.mean.value(at) == Approx(std::log(t + 1.0)).margin(1e-6));
    CHECK(std::exp(law.log_scale.value(at)) == Approx(0.6).epsilon(0.45));
  }
}

TEST_CASE("normal_score: increasing, with the slope it says, and close to normal for a t variate", "[geo]") {
  for (const double freedom : {3.0, 5.0, 20.0}) {
    double last = -1e9;
    for (double x = -30.0; x <= 30.0; x += 0.37) {
      const double score = normal_score(x, freedom);
      CHECK(score > last);
      last = score;
      const double step = 1e-5;
      const double slope = (normal_score(x + step, freedom) - normal_score(x - step, freedom)) / (2.0 * step);
      CHECK(std::exp(log_normal_score_slope(x, freedom)) == Approx(slope).epsilon(1e-4));
    }
  }
  // Upper 2.5 % of t(5) and of the normal.
  CHECK(normal_score(2.5706, 5.0) == Approx(1.96).margin(0.03));
  CHECK(std::exp(log_normal_score_slope(0.0, 5.0)) == Approx(41.0 / 43.0));
}

TEST_CASE("log_student: integrates to one", "[geo]") {
  double sum = 0.0;
  for (double x = -400.0; x < 400.0; x += 0.01) sum += std::exp(log_student(x, 3.0)) * 0.01;
  CHECK(sum == Approx(1.0).margin(1e-4));
}

}  // namespace
}  // namespace chiploc::delay_law_test
