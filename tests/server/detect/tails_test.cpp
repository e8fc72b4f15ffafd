#include "server/detect/tails.hpp"

#include <cmath>

#include "tests/support/catch.hpp"

namespace chiploc::tails_test {
namespace {

TEST_CASE("tails: the normal tail to twelve digits", "[detect]") {
  // A continued fraction in 60 decimal digits.
  CHECK(normal_upper_tail(3.0) == Approx(0.00134989803163009452665).epsilon(1e-13));
  CHECK(normal_upper_tail(6.0) == Approx(9.86587645037698140701e-10).epsilon(1e-13));
  CHECK(normal_upper_tail(10.0) == Approx(7.61985302416052606597e-24).epsilon(1e-12));
  CHECK(normal_upper_tail(20.0) == Approx(2.75362411860623369508e-89).epsilon(1e-12));
  CHECK(normal_upper_tail(37.0) == Approx(5.72557122252457682268e-300).epsilon(1e-12));
  CHECK(normal_upper_tail(0.0) == 0.5);
  CHECK(normal_upper_tail(-3.0) == Approx(1.0 - 0.00134989803163009452665).epsilon(1e-15));
  CHECK(std::isnan(normal_upper_tail(std::nan(""))));
}

TEST_CASE("tails: the normal quantile", "[detect]") {
  CHECK(normal_upper_quantile(0.25) == Approx(0.674489750196081743).epsilon(1e-15));
  CHECK(normal_upper_quantile(0.1) == Approx(1.281551565544600467).epsilon(1e-15));
  CHECK(normal_upper_quantile(0.025) == Approx(1.959963984540054236).epsilon(1e-15));
  CHECK(normal_upper_quantile(1e-3) == Approx(3.090232306167813542).epsilon(1e-15));
  CHECK(normal_upper_quantile(1e-6) == Approx(4.753424308822898948).epsilon(1e-15));
  CHECK(normal_upper_quantile(1e-9) == Approx(5.997807015007686872).epsilon(1e-15));
  CHECK(normal_upper_quantile(0.5) == 0.0);
  for (const double p : {0.0, 1.0, -0.1, 1.1, std::nan("")}) CHECK(std::isnan(normal_upper_quantile(p)));
}

TEST_CASE("tails: the quantile undoes the tail, and never rises", "[detect]") {
  double before = 40.0;
  for (double exponent = -300.0; exponent < 0.0; exponent += 0.37) {
    const double p = std::pow(10.0, exponent);
    const double z = normal_upper_quantile(p);
    CAPTURE(p, z);
    CHECK(normal_upper_tail(z) == Approx(p).epsilon(1e-11));
    CHECK(z < before);
    before = z;
    if (p > 1e-12) CHECK(normal_upper_quantile(1.0 - p) == Approx(-z).epsilon(1e-3 * 1e-9 / p + 1e-9));
  }
}

TEST_CASE("tails: the binomial tail", "[detect]") {
  // Exact fractions.
  CHECK(binomial_upper_tail(10, 7, 0.5) == Approx(0.171875).epsilon(1e-13));
  CHECK(binomial_upper_tail(8, 8, 1.0 / 3.0) == Approx(1.0 / 6561.0).epsilon(1e-13));
  CHECK(binomial_upper_tail(12, 8, 0.125) == Approx(1.8441263819113374e-05).epsilon(1e-13));
  CHECK(binomial_upper_tail(200, 40, 0.1) == Approx(1.7007333197272116e-05).epsilon(1e-12));
  CHECK(binomial_upper_tail(200, 5, 0.1) == Approx(0.999991583604505).epsilon(1e-14));
  CHECK(binomial_upper_tail(10'000, 30, 0.001) == Approx(2.46156442964830818e-7).epsilon(1e-11));
  CHECK(binomial_upper_tail(5, 0, 0.2) == 1.0);
  CHECK(binomial_upper_tail(5, 6, 0.2) == 0.0);
  CHECK(binomial_upper_tail(5, 1, 0.0) == 0.0);
  CHECK(binomial_upper_tail(5, 5, 1.0) == 1.0);
  CHECK(std::isnan(binomial_upper_tail(5, 1, std::nan(""))));
  CHECK(std::isnan(binomial_upper_tail(5, 1, 1.5)));
}

}  // namespace
}  // namespace chiploc::tails_test
