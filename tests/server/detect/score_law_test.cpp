#include "server/detect/score_law.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/server/detect/honest.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::score_law_test {
namespace {

/// Scores as those of real routes: mostly small, a few huge, many equal.
double heavy_score(Dice& dice) {
  const double kind = dice.unit();
  if (kind < 0.2) return 0.5;
  if (kind < 0.97) return honest_normal(dice);
  return 1.0 / honest_p(dice);
}

TEST_CASE("score law: a p-value is never too small, whatever the scores' law is", "[detect][law]") {
  Dice dice{20261201};
  constexpr std::size_t kTrials = 20'000;
  constexpr std::size_t kSample = 150;
  std::array<double, 4> rates{1.0 / 151.0, 0.02, 0.1, 0.5};
  std::array<std::size_t, 4> below{};
  std::vector<double> honest(kSample);
  for (std::size_t trial = 0; trial < kTrials; ++trial) {
    for (double& score : honest) score = heavy_score(dice);
    const auto law = ScoreLaw::learn(honest);
    REQUIRE(law.has_value());
    const double p = law->p_value(heavy_score(dice));
    CHECK((p > 0.0 && p <= 1.0));
    for (std::size_t r = 0; r < rates.size(); ++r) below[r] += p <= rates[r] ? 1U : 0U;
  }
  for (std::size_t r = 0; r < rates.size(); ++r) {
    CAPTURE(rates[r], below[r]);
    CHECK(static_cast<double>(below[r]) <= most_of(kTrials, rates[r]));
    // Nor is much given away: ties and the steps of the table cost less than a third.
    CHECK(static_cast<double>(below[r]) >= least_of(kTrials, rates[r] * 0.65));
  }
}

TEST_CASE("score law: never rises with the score, and its threshold is where it says", "[detect]") {
  Dice dice{7};
  std::vector<double> honest(5'000);
  for (double& score : honest) score = heavy_score(dice);
  const auto law = ScoreLaw::learn(honest);
  REQUIRE(law.has_value());
  CHECK(law->sample() == 5'000);
  double before = 1.0;
  for (double score = -6.0; score < 1e6; score += 0.01 + std::abs(score) * 0.01) {
    const double p = law->p_value(score);
    CHECK(p <= before);
    before = p;
  }
  for (const double rate : {0.5, 0.1, 0.01, 0.001, 1e-5, 1e-8}) {
    const auto threshold = law->threshold(rate);
    REQUIRE(threshold.has_value());
    CAPTURE(rate, *threshold);
    CHECK(law->p_value(*threshold * (1.0 + 1e-12)) <= rate);
    if (rate >= 0.001) CHECK(law->p_value(std::nextafter(*threshold, -1e9)) > rate);
  }
  // p counts the honest ones, rounded up by a tenth at most.
  std::sort(honest.begin(), honest.end(), std::greater<>{});
  for (const std::size_t rank : {1U, 10U, 100U, 1000U, 4000U}) {
    const double exact = (1.0 + static_cast<double>(rank)) / 5'001.0;
    CHECK(law->p_value(honest[rank - 1]) >= exact);
    CHECK(law->p_value(honest[rank - 1]) <= exact * 1.6);
  }
}

TEST_CASE("score law: beyond the highest score it falls as 1/s", "[detect]") {
  std::vector<double> honest(199);
  for (std::size_t i = 0; i < honest.size(); ++i)
    honest[i] = static_cast<double>(i) / 100.0;  // the highest: 1.98
  const auto law = ScoreLaw::learn(honest);
  REQUIRE(law.has_value());
  CHECK(law->p_value(1.98) == Approx(2.0 / 200.0));
  CHECK(law->p_value(19.8) == Approx(0.1 / 200.0));
  CHECK(law->p_value(198.0) == Approx(0.01 / 200.0));
  CHECK(law->p_value(std::numeric_limits<double>::infinity()) > 0.0);
  CHECK(law->p_value(-1.0) == 1.0);
  CHECK(law->p_value(std::nan("")) == 1.0);
}

TEST_CASE("score law: what cannot be learnt from is refused", "[detect]") {
  std::vector<double> honest(ScoreLaw::kFewest, 1.0);
  CHECK(ScoreLaw::learn(honest).has_value());
  honest[50] = std::nan("");
  CHECK_FALSE(ScoreLaw::learn(honest).has_value());
  honest[50] = std::numeric_limits<double>::infinity();
  CHECK_FALSE(ScoreLaw::learn(honest).has_value());
  CHECK_FALSE(ScoreLaw::learn(std::vector<double>(ScoreLaw::kFewest - 1, 1.0)).has_value());
  const auto all_equal = ScoreLaw::learn(std::vector<double>(200, 1.0));
  REQUIRE(all_equal.has_value());
  CHECK(all_equal->p_value(1.0) == 1.0);
  CHECK(all_equal->p_value(1.1) < 1.0 / 200.0);
  for (const double rate : {0.0, 1.0, -1.0, std::nan("")})
    CHECK_FALSE(all_equal->threshold(rate).has_value());
}

}  // namespace
}  // namespace chiploc::score_law_test
