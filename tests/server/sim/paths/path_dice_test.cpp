#include "server/sim/paths/path_dice.hpp"

#include <cmath>

#include "tests/support/catch.hpp"

namespace chiploc::test::path_dice_test {
namespace {

TEST_CASE("path dice: the functions are those of the C library, to their stated accuracy", "[sim][paths]") {
  for (double x = 1e-300; x < 1e300; x *= 7.3) {
    INFO(x);
    CHECK(std::abs(natural_log(x) - std::log(x)) <= 4e-15 * std::max(1.0, std::abs(std::log(x))));
  }
  CHECK(natural_log(0x1.0p-1070) == Approx(std::log(0x1.0p-1070)).epsilon(1e-14));
  for (double x = -690.0; x < 690.0; x += 1.37) CHECK(natural_exp(x) == Approx(std::exp(x)).epsilon(1e-13));
  CHECK(natural_exp(-701.0) == 0.0);
  CHECK(std::isfinite(natural_exp(1e9)));
  for (double z = -6.0; z <= 6.0; z += 0.01) {
    CHECK(std::abs(normal_share_below(z) - 0.5 * std::erfc(-z / std::sqrt(2.0))) < 1e-7);
    if (std::abs(z) < 4.0)
      CHECK(normal_quantile_of(0.5 * std::erfc(-z / std::sqrt(2.0))) == Approx(z).margin(1e-7));
  }
}

TEST_CASE("path dice: the same bits under every compiler and library", "[sim][paths]") {
  const PathDice dice = PathDice{7}.with("a").with_pair("b", "c").with(std::uint64_t{9});
  // Computed by another program, from the same formulas in doubles.
  CHECK(dice.unit(0) == 0.16155807810474399);
  CHECK(dice.exponential(1) == 0.7714131059895365);
  CHECK(dice.normal(2) == -1.1531350114397083);
}

TEST_CASE("path dice: whatever is mixed in matters, pairs in no order", "[sim][paths]") {
  const PathDice dice{1};
  CHECK(dice.with("a").unit() != dice.with("b").unit());
  CHECK(dice.with("a").with("b").unit() != dice.with("b").with("a").unit());
  CHECK(dice.with("ab").with("c").unit() != dice.with("a").with("bc").unit());
  CHECK(dice.with_pair("a", "b").unit() == dice.with_pair("b", "a").unit());
  CHECK(PathDice{2}.unit() != dice.unit());
  CHECK(dice.unit(0) != dice.unit(1));
}

TEST_CASE("path dice: draws have the mean and deviation of their law", "[sim][paths]") {
  double unit = 0.0, exponential = 0.0, normal = 0.0, square = 0.0;
  constexpr std::uint64_t kDraws = 100'000;
  for (std::uint64_t n = 0; n < kDraws; ++n) {
    const PathDice dice = PathDice{3}.with(n);
    const double u = dice.unit();
    REQUIRE((u > 0.0 && u < 1.0));
    unit += u;
    exponential += dice.exponential(1);
    normal += dice.normal(2);
    square += dice.normal(2) * dice.normal(2);
  }
  CHECK(unit / kDraws == Approx(0.5).margin(0.004));
  CHECK(exponential / kDraws == Approx(1.0).margin(0.013));
  CHECK(normal / kDraws == Approx(0.0).margin(0.013));
  CHECK(square / kDraws == Approx(1.0).margin(0.02));
}

}  // namespace
}  // namespace chiploc::test::path_dice_test
