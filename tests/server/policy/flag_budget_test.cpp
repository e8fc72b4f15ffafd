#include "server/policy/flag_budget.hpp"

#include <cmath>
#include <random>
#include <vector>

#include "tests/support/catch.hpp"

namespace chiploc::flag_budget_test {
namespace {

using namespace std::chrono_literals;

/// Accusations in so many years of a chip that is honest: `confirmations` false verdicts within the window; each then
/// counts anew.
double flags_simulated(const FlagLaw& law, double share, int years) {
  std::mt19937_64 random{7};
  std::uniform_real_distribution<double> unit;
  const double cadence = std::chrono::duration<double>(law.cadence).count();
  const double window = std::chrono::duration<double>(law.window).count();
  const auto rounds = static_cast<int>(years * 365.25 * 86'400 / cadence);
  std::vector<double> wrong;
  double flags = 0;
  for (int i = 0; i < rounds; ++i) {
    const double at = (i + unit(random)) * cadence;
    if (unit(random) >= share) continue;
    wrong.push_back(at);
    if (wrong.size() < law.confirmations || at - wrong[wrong.size() - law.confirmations] > window) continue;
    ++flags;
    wrong.clear();
  }
  return flags / years;
}

}  // namespace

TEST_CASE("flag budget: one confirmation costs a round a year its share") {
  const FlagLaw law{24h, 1, 168h};
  CHECK(*false_flags_per_year(law, 1e-3) == Approx(0.36525));
  CHECK(*share_within_budget(law, 0.36525) == Approx(1e-3));
}

TEST_CASE("flag budget: the rate of a simulated chip never exceeds the bound, and is near it") {
  for (const unsigned confirmations : {1U, 2U, 3U}) {
    for (const Nanoseconds cadence : {Nanoseconds{6h}, Nanoseconds{24h}}) {
      const FlagLaw law{cadence, confirmations, 168h};
      const double share = confirmations == 1 ? 0.001 : 0.01;
      const double bound = *false_flags_per_year(law, share);
      const double seen = flags_simulated(law, share, 20'000);
      INFO(confirmations << " within 168 h, every " << cadence / 1h << " h: " << seen << " of at most "
                         << bound);
      const double noise = 4 * std::sqrt(bound / 20'000);
      CHECK(seen <= bound + noise);
      CHECK(seen >= bound / 2 - noise);
    }
  }
}

TEST_CASE("flag budget: the share that it allows uses it up and no more") {
  for (const unsigned confirmations : {1U, 2U, 5U, 8U}) {
    const FlagLaw law{24h, confirmations, 240h};
    const double share = *share_within_budget(law, 1e-3);
    CHECK(*false_flags_per_year(law, share) == Approx(1e-3));
    CHECK(*false_flags_per_year(law, share * 1.01) > 1e-3);
  }
  CHECK(*share_within_budget({24h, 2, 168h}, 0.0) == 0.0);
  CHECK(*share_within_budget({24h, 2, 168h}, 1e9) == 1.0);
}

TEST_CASE("flag budget: where nothing is measured by the clock there is no rate") {
  CHECK_FALSE(false_flags_per_year({0h, 2, 168h}, 0.01));
  CHECK_FALSE(share_within_budget({0h, 2, 168h}, 0.01));
  CHECK_FALSE(share_within_budget({24h, 0, 168h}, 0.01));
  CHECK(*share_within_budget({24h, 8, 24h}, 1e-3) == 1.0);  // three rounds a window at most: never eight
}

}  // namespace chiploc::flag_budget_test
