#include "server/detect/fleet_share.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/server/detect/honest.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::fleet_share_test {
namespace {

static_assert(sizeof(ChipDay) == 8);

TEST_CASE("fleet share: its p-values are exact for honest chips", "[detect][law]") {
  Dice dice{61};
  constexpr std::size_t kFleets = 4'000;
  const std::size_t n = GENERATE(1U, 30U, 200U);
  std::array<std::size_t, 3> jones{};
  std::array<std::size_t, 3> criticism{};
  const std::array<double, 3> rates{0.001, 0.01, 0.05};
  std::vector<double> p_values(n);
  for (std::size_t fleet = 0; fleet < kFleets; ++fleet) {
    for (double& p : p_values) p = honest_p(dice);
    const double by_jones = berk_jones(p_values).value().p_value;
    const double by_criticism = higher_criticism(p_values).value().p_value;
    for (std::size_t r = 0; r < rates.size(); ++r) {
      jones[r] += by_jones <= rates[r] ? 1U : 0U;
      criticism[r] += by_criticism <= rates[r] ? 1U : 0U;
    }
  }
  for (std::size_t r = 0; r < rates.size(); ++r) {
    CAPTURE(n, rates[r], jones[r], criticism[r]);
    CHECK(static_cast<double>(jones[r]) <= most_of(kFleets, rates[r]));
    CHECK(static_cast<double>(criticism[r]) <= most_of(kFleets, rates[r]));
    CHECK(static_cast<double>(jones[r]) >= least_of(kFleets, rates[r]));
    CHECK(static_cast<double>(criticism[r]) >= least_of(kFleets, rates[r]));
  }
}

TEST_CASE("fleet share: statistics of three chips by hand", "[detect]") {
  std::vector<double> p_values{0.9, 0.01, 0.2};
  const auto jones = berk_jones(p_values, {.least_share = 1.0});
  REQUIRE(jones.has_value());
  const auto k = [](double x, double t) {
    return x * std::log(x / t) + (1 - x) * std::log((1 - x) / (1 - t));
  };
  CHECK(jones->statistic == Approx(3.0 * std::max(k(1.0 / 3.0, 0.01), k(2.0 / 3.0, 0.2))));
  CHECK(jones->chips == (k(1.0 / 3.0, 0.01) > k(2.0 / 3.0, 0.2) ? 1 : 2));
  const auto criticism = higher_criticism(p_values, {.least_share = 1.0});
  REQUIRE(criticism.has_value());
  CHECK(criticism->statistic == Approx(std::sqrt(3.0) * (1.0 / 3.0 - 0.01) / std::sqrt(0.01 * 0.99)));
  // One chip: its own p-value.
  std::vector<double> one{0.03};
  CHECK(berk_jones(one)->p_value == Approx(0.03));
  CHECK(higher_criticism(one)->p_value == Approx(0.03));
  std::vector<double> dull{1.0, 1.0, 1.0};
  CHECK(berk_jones(dull)->p_value == 1.0);
  CHECK(berk_jones(dull)->chips == 0);
}

TEST_CASE("fleet share: the evidence of honest fleets keeps Markov's bound", "[detect][law]") {
  Dice dice{62};
  constexpr std::size_t kFleets = 2'000;
  std::size_t at_20 = 0;
  for (std::size_t fleet = 0; fleet < kFleets; ++fleet) {
    FleetEvidence evidence;
    for (int chip = 0; chip < 300; ++chip) {
      ChipDay day;
      for (int round = 0; round < 3; ++round) REQUIRE(day.add(honest_p(dice)));
      evidence.add(day);
    }
    at_20 += evidence.p_value() <= 0.05 ? 1U : 0U;
  }
  CHECK(static_cast<double>(at_20) <= most_of(kFleets, 0.05));
}

TEST_CASE("fleet share: a hundredth of 10,000 chips is found within 24 rounds, none of them by itself",
          "[detect]") {
  Dice dice{63};
  constexpr std::size_t kChips = 10'000;
  int found = 0;
  int honest_found = 0;
  for (int trial = 0; trial < 20; ++trial) {
    const bool diverted = trial % 2 == 0;
    std::vector<double> p_values;
    for (std::size_t chip = 0; chip < kChips; ++chip) {
      ChipDay day;
      for (int round = 0; round < 24; ++round)
        day.add(shifted_p(dice, diverted && chip < kChips / 100 ? 0.6 : 0.0));
      p_values.push_back(day.p_value());
    }
    // By itself no diverted chip passes for one of 10,000.
    if (diverted) {
      const double each_alone = 0.001 / kChips;
      CHECK(std::count_if(p_values.begin(), p_values.end(), [&](double p) { return p <= each_alone; }) <= 5);
    }
    (diverted ? found : honest_found) += berk_jones(p_values)->p_value <= 0.001 ? 1 : 0;
  }
  CHECK(found == 10);
  CHECK(honest_found == 0);
}

TEST_CASE("fleet share: the chips' order does not matter, and what is no p-value is refused", "[detect]") {
  Dice dice{64};
  std::vector<double> p_values(100);
  for (double& p : p_values) p = honest_p(dice);
  p_values[70] = 1e-7;
  auto turned = p_values;
  std::reverse(turned.begin(), turned.end());
  CHECK(berk_jones(p_values)->p_value == berk_jones(turned)->p_value);
  for (const double wrong : {0.0, -1.0, 1.5, std::nan(""), std::numeric_limits<double>::infinity()}) {
    turned[3] = wrong;
    CHECK_FALSE(berk_jones(turned).has_value());
    CHECK_FALSE(higher_criticism(turned).has_value());
    ChipDay day;
    CHECK_FALSE(day.add(wrong));
    CHECK(day.rounds() == 0);
    CHECK(day.p_value() == 1.0);
  }
  CHECK_FALSE(berk_jones(std::span<double>{}).has_value());
  CHECK_FALSE(berk_jones(p_values, {.least_share = 0.0}).has_value());
  CHECK_FALSE(berk_jones(p_values, {.least_share = std::nan("")}).has_value());
  ChipDay day;
  REQUIRE(day.add(0.03));
  CHECK(day.p_value() == Approx(0.03).epsilon(1e-5));
  REQUIRE(day.add(0.03));
  CHECK(day.p_value() ==
        Approx(normal_upper_tail(std::sqrt(2.0) * normal_upper_quantile(0.03))).epsilon(1e-5));
  FleetEvidence evidence;
  CHECK(evidence.p_value() == 1.0);
  for (int round = 0; round < 24; ++round) day.add(1e-300);
  evidence.add(day);
  CHECK(evidence.p_value() < 1e-200);
  CHECK(std::isfinite(evidence.log_evidence()));
}

}  // namespace
}  // namespace chiploc::fleet_share_test
