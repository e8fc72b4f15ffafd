// With "[measure]": which watch and which test of a fleet is the better one, at the same guarantee. Prints.
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "server/detect/fleet_share.hpp"
#include "server/detect/watch.hpp"
#include "tests/server/detect/honest.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::watch_measure_test {
namespace {

/// Rounds to the flag after 300 honest ones: of 1,001 chips the middle one and the slowest tenth's first.
template <class Add>
void print_delays(const char* name, double shift, double share, Add start) {
  Dice dice{123};
  std::vector<int> delays;
  for (int trial = 0; trial < 1'001; ++trial) {
    auto add = start();
    for (int round = 0; round < 300; ++round) (void)add(honest_p(dice));
    int delay = 1;
    while (!add(dice.chance(share) ? shifted_p(dice, shift) : honest_p(dice)) && delay < 5'000) ++delay;
    delays.push_back(delay);
  }
  std::sort(delays.begin(), delays.end());
  std::printf("  %-24s %5d %5d\n", name, delays[500], delays[900]);
}

TEST_CASE("measure: rounds until a flag, at a thousandth of a false flag a chip-year", "[.][measure]") {
  const double goal = FlagBudget{}.rounds_per_flag().value();
  for (const auto& [shift, share] : {std::pair{0.5, 1.0}, std::pair{1.0, 1.0}, std::pair{2.0, 1.0},
                                     std::pair{4.0, 1.0}, std::pair{3.0, 0.2}}) {
    std::printf("shift %.1f in %.0f %% of the rounds: middle, 90 %%\n", shift, 100.0 * share);
    print_delays("EvidenceWatch", shift, share, [&] {
      return [watch = EvidenceWatch{}, goal](double p) mutable { return watch.add(p, goal).value(); };
    });
    print_delays("BlockWatch, 24", shift, share, [&] {
      return [watch = BlockWatch{}, goal](double p) mutable { return watch.add(p, 24, goal).value(); };
    });
    for (const double design : {0.5, 1.0, 2.0}) {
      const double height = cusum_height(design, goal).value();
      const std::string name = "Cusum for " + std::to_string(design).substr(0, 3);
      print_delays(name.c_str(), shift, share, [&] {
        return [cusum = Cusum{}, design, height](double p) mutable {
          return cusum.add(p, design, height).value();
        };
      });
    }
  }
}

TEST_CASE("measure: 10,000 chips, a hundredth of them diverted, 24 rounds, level 0.001", "[.][measure]") {
  Dice dice{124};
  constexpr std::size_t kChips = 10'000;
  constexpr int kFleets = 100;
  for (const double share : {0.01, 0.001}) {
    for (const double shift : {0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0}) {
      int jones = 0;
      int criticism = 0;
      int evidence = 0;
      int least = 0;
      for (int fleet = 0; fleet < kFleets; ++fleet) {
        FleetEvidence sum;
        std::vector<double> p_values;
        for (std::size_t chip = 0; chip < kChips; ++chip) {
          ChipDay day;
          const bool diverted = static_cast<double>(chip) < share * kChips;
          for (int round = 0; round < 24; ++round) day.add(shifted_p(dice, diverted ? shift : 0.0));
          sum.add(day);
          p_values.push_back(day.p_value());
        }
        jones += berk_jones(p_values)->p_value <= 0.001 ? 1 : 0;
        criticism += higher_criticism(p_values)->p_value <= 0.001 ? 1 : 0;
        evidence += sum.p_value() <= 0.001 ? 1 : 0;
        least += *std::min_element(p_values.begin(), p_values.end()) <= 0.001 / kChips ? 1 : 0;
      }
      std::printf(
          "%.1f %% diverted, shift %.1f a round: Berk-Jones %d, higher criticism %d, evidence %d, least p %d of %d\n",
          100.0 * share, shift, jones, criticism, evidence, least, kFleets);
    }
  }
}

}  // namespace
}  // namespace chiploc::watch_measure_test
