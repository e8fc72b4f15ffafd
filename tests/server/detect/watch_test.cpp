#include "server/detect/watch.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "tests/server/detect/honest.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::watch_test {
namespace {

constexpr std::size_t kYears = 4'000;
constexpr int kRoundsPerYear = 1'000;
constexpr double kFlags = 0.05;  // a year
constexpr double kRoundsPerFlag = kRoundsPerYear / kFlags;

static_assert(sizeof(EvidenceWatch) == 16);
static_assert(sizeof(BlockWatch) == 36);
static_assert(sizeof(Cusum) == 8);

TEST_CASE("watch: within the budget whatever the number of looks", "[detect][law]") {
  Dice dice{31};
  std::size_t flagged = 0;
  for (std::size_t year = 0; year < kYears; ++year) {
    EvidenceWatch watch;
    bool any = false;
    for (int round = 0; round < kRoundsPerYear; ++round)
      any = watch.add(honest_p(dice), kRoundsPerFlag).value() || any;
    flagged += any ? 1U : 0U;
  }
  CAPTURE(flagged);
  CHECK(static_cast<double>(flagged) <= most_of(kYears, kFlags));
  CHECK(flagged > 0);  // the budget is not bought by never flagging
}

/// Dice that know what was seen: the p-value is `gamble` with that probability, and else 1. It obeys P(p <= a) <= a, and
/// the gamble is the one that would just raise a flag.
double worst_p(Dice& dice, double log_sum, double log_goal) {
  double low = 1e-12;
  double high = 1.0;
  for (int i = 0; i < 40; ++i) {  // the largest p-value whose evidence is enough
    const double middle = std::sqrt(low * high);
    double evidence = 0.0;
    for (const double shift : EvidenceWatch::kShifts)
      evidence += std::exp(log_evidence(middle, shift).value()) / 4.0;
    (std::log1p(std::exp(log_sum)) + std::log(evidence) >= log_goal ? low : high) = middle;
  }
  return dice.chance(low) ? low : 1.0;
}

TEST_CASE("watch: within the budget against rounds that react to what was seen", "[detect][law]") {
  Dice dice{32};
  constexpr int kShort = 100;  // rounds, so that each chip is looked at in its tense moments
  constexpr double kGoal = 400.0;
  constexpr std::size_t kChips = 8'000;
  std::size_t flags = 0;
  for (std::size_t chip = 0; chip < kChips; ++chip) {
    EvidenceWatch watch;
    for (int round = 0; round < kShort; ++round) {
      // Calm rounds after an alarming one, noisy ones else; and a gamble once there is something to win.
      const double log_sum = watch.log_sum();
      const double p = log_sum > std::log(kGoal) - 3.0 ? worst_p(dice, log_sum, std::log(kGoal))
                       : log_sum > 2.0                 ? std::max(honest_p(dice), 0.01)
                                                       : honest_p(dice);
      flags += watch.add(p, kGoal).value() ? 1U : 0U;
    }
  }
  CAPTURE(flags);
  CHECK(static_cast<double>(flags) <= most_of(kChips * kShort, 1.0 / kGoal));
  CHECK(flags > 50);  // it does gamble, and wins at times
}

TEST_CASE("watch: rounds that are the same for a day need blocks of a day", "[detect][law]") {
  Dice dice{33};
  constexpr std::uint32_t kBlock = 24;
  std::size_t blocked = 0;
  std::size_t not_blocked = 0;
  for (std::size_t year = 0; year < kYears; ++year) {
    BlockWatch block_watch;
    EvidenceWatch watch;
    bool any = false;
    for (int day = 0; day < kRoundsPerYear / 24; ++day) {
      const double p = honest_p(dice);
      for (std::uint32_t round = 0; round < kBlock; ++round) {
        any = block_watch.add(p, kBlock, kRoundsPerFlag).value() || any;
        not_blocked += watch.add(p, kRoundsPerFlag).value() ? 1U : 0U;
      }
    }
    blocked += any ? 1U : 0U;
  }
  CAPTURE(blocked, not_blocked);
  CHECK(static_cast<double>(blocked) <= most_of(kYears, kFlags));
  CHECK(blocked > 0);
  CHECK(static_cast<double>(not_blocked) >
        10.0 * most_of(kYears, kFlags));  // so the claim is not made for it
}

TEST_CASE("watch: the mean evidence of an honest round is one at most", "[detect][law]") {
  // By quadrature over p, finer towards 0 where the evidence is; and for p-values in steps, which are larger.
  for (const double shift : EvidenceWatch::kShifts) {
    double mean = 0.0;
    double stepped = 0.0;
    for (int i = 0; i < 40'000; ++i) {
      const double from = std::pow(10.0, -20.0 * (i + 1) / 40'000.0);
      const double to = std::pow(10.0, -20.0 * i / 40'000.0);
      mean += (to - from) * std::exp(log_evidence(std::sqrt(from * to), shift).value());
      stepped +=
          (to - from) * std::exp(log_evidence(std::min(1.0, std::ceil(to * 100.0) / 100.0), shift).value());
    }
    CAPTURE(shift);
    CHECK(mean == Approx(1.0).epsilon(1e-3));
    CHECK(stepped <= 1.0);
  }
}

TEST_CASE("watch: a CUSUM flags as often as its budget allows, and no more", "[detect][law]") {
  Dice dice{34};
  const double shift = GENERATE(0.5, 1.0, 3.0);
  constexpr double kGoal = 500.0;
  constexpr std::size_t kRounds = 1'000'000;
  const auto height = cusum_height(shift, kGoal);
  REQUIRE(height.has_value());
  Cusum cusum;
  std::size_t flags = 0;
  for (std::size_t round = 0; round < kRounds; ++round)
    flags += cusum.add(honest_p(dice), shift, *height).value() ? 1U : 0U;
  CAPTURE(shift, *height, flags);
  CHECK(static_cast<double>(flags) <= most_of(kRounds, 1.0 / kGoal));
  CHECK(static_cast<double>(flags) >= 0.85 * kRounds / kGoal);
  // Never above what the sum over starts would need.
  CHECK(*height < std::log(kGoal));
}

TEST_CASE("watch: a raised score is found in days, a large one in rounds", "[detect]") {
  Dice dice{35};
  const double goal = FlagBudget{}.rounds_per_flag().value();
  for (const auto& [shift, most] :
       {std::pair{0.5, 200}, std::pair{1.0, 50}, std::pair{2.0, 15}, std::pair{4.0, 6}}) {
    std::vector<int> delays;
    for (int trial = 0; trial < 301; ++trial) {
      EvidenceWatch watch;
      for (int round = 0; round < 200; ++round) (void)watch.add(honest_p(dice), goal);
      int delay = 1;
      while (!watch.add(shifted_p(dice, shift), goal).value()) ++delay;
      delays.push_back(delay);
    }
    std::nth_element(delays.begin(), delays.begin() + 150, delays.end());
    CAPTURE(shift, delays[150]);
    CHECK(delays[150] <= most);
  }
}

TEST_CASE("watch: its sum is what the formula says", "[detect]") {
  EvidenceWatch watch;
  CHECK(watch.log_sum() == -std::numeric_limits<double>::infinity());
  std::array<double, 4> sums{};
  for (const double p : {0.5, 0.03, 0.9, 1e-4, 1.0, 0.2}) {
    REQUIRE(watch.add(p, 1e9) == std::optional{false});
    double mean = 0.0;
    for (std::size_t i = 0; i < 4; ++i) {
      sums[i] = (1.0 + sums[i]) * std::exp(log_evidence(p, EvidenceWatch::kShifts[i]).value());
      mean += sums[i] / 4.0;
    }
    CHECK(watch.log_sum() == Approx(std::log(mean)).margin(1e-5));
  }
  REQUIRE(watch.add(1e-15, 1e9) == std::optional{true});
  CHECK(watch.log_sum() == -std::numeric_limits<double>::infinity());  // it starts again
  // A block of one is a round.
  BlockWatch block;
  EvidenceWatch same;
  for (const double p : {0.5, 0.03, 1e-5}) {
    CHECK(block.add(p, 1, 1e9) == same.add(p, 1e9));
    CHECK(block.log_sum() == Approx(same.log_sum()).margin(1e-5));
  }
}

TEST_CASE("watch: what is no p-value or no budget is refused and changes nothing", "[detect]") {
  EvidenceWatch watch;
  BlockWatch block;
  Cusum cusum;
  for (const double p : {0.0, -0.1, 1.1, std::nan("")}) {
    CHECK_FALSE(watch.add(p, 100.0).has_value());
    CHECK_FALSE(block.add(p, 4, 100.0).has_value());
    CHECK_FALSE(cusum.add(p, 1.0, 5.0).has_value());
    CHECK_FALSE(log_evidence(p, 1.0).has_value());
    CHECK_FALSE(normal_score(p).has_value());
  }
  for (const double goal : {1.0, 0.0, -5.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    CHECK_FALSE(watch.add(0.5, goal).has_value());
    CHECK_FALSE(block.add(0.5, 4, goal).has_value());
  }
  CHECK_FALSE(block.add(0.5, 0, 100.0).has_value());
  CHECK_FALSE(block.add(0.5, 100, 100.0).has_value());
  CHECK_FALSE(cusum.add(0.5, 0.0, 5.0).has_value());
  CHECK_FALSE(cusum.add(0.5, 1.0, std::nan("")).has_value());
  CHECK(watch.log_sum() == -std::numeric_limits<double>::infinity());
  CHECK(cusum.value() == 0.0);
  // The smallest p-values there are, for a long time: neither overflow nor NaN.
  for (int round = 0; round < 1'000; ++round) {
    CHECK(watch.add(1e-320, 1e300).has_value());
    CHECK(block.add(1e-320, 3, 1e300).has_value());
  }
  for (int round = 0; round < 10'000; ++round) {
    CHECK(watch.add(1.0, 1e300).value() == false);
    CHECK(block.add(1.0, 3, 1e300).value() == false);
  }
  CHECK_FALSE(std::isnan(watch.log_sum()));
  CHECK_FALSE(std::isnan(block.log_sum()));

  CHECK(FlagBudget{.flags_per_chip_year = 0.01, .rounds_per_chip_year = 100.0}.rounds_per_flag().value() ==
        Approx(1e4));
  CHECK_FALSE(FlagBudget{.flags_per_chip_year = 0.0}.rounds_per_flag().has_value());
  CHECK_FALSE(FlagBudget{.flags_per_chip_year = 1e5}.rounds_per_flag().has_value());
  CHECK_FALSE(FlagBudget{.flags_per_chip_year = std::nan("")}.rounds_per_flag().has_value());
  for (const double goal : {5.0, 1e11, std::nan("")}) CHECK_FALSE(cusum_height(1.0, goal).has_value());
  for (const double shift : {0.0, -1.0, 11.0, std::nan("")})
    CHECK_FALSE(cusum_height(shift, 100.0).has_value());
}

}  // namespace
}  // namespace chiploc::watch_test
