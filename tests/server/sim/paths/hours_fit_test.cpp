#include <cmath>

#include "server/sim/paths/parametric_paths.hpp"
#include "server/sim/paths/path_dice.hpp"
#include "server/sim/paths/path_fit.hpp"
#include "tests/server/sim/paths/test_network.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test::hours_fit_test {
namespace {

/// Hours of many pairs whose routes change as the parameters say, with the least queue of each hour on top.
std::vector<FitHours> hours_of(const PathParameters& parameters, std::size_t pairs, int days) {
  std::vector<FitHours> out;
  for (std::size_t p = 0; p < pairs; ++p) {
    FitHours hours{p % 7, 7 + p % 5, 1'500.0, 10.0 * static_cast<double>(p % 20), {}};
    const PathDice dice = PathDice{5}.with(static_cast<std::uint64_t>(p));
    for (int h = 0; h < 24 * days; ++h) {
      const Nanoseconds middle = std::chrono::hours{h} + std::chrono::minutes{30};
      const double extra = route_change_extra(parameters, 9, "p" + std::to_string(p), "q", middle);
      const double load = diurnal_load(hours.middle_lon_deg, parameters.peak_hour, middle);
      const double queue =
          0.1 * (1.0 + parameters.diurnal_peak * load) * dice.exponential(static_cast<std::uint64_t>(h));
      hours.ms.push_back(static_cast<float>(20.0 + extra * (hours.km + kDetourKm) * kFibreMsPerKm + queue));
    }
    out.push_back(std::move(hours));
  }
  return out;
}

TEST_CASE("hours: changes of routes, their length and size, and the day are found", "[sim][paths]") {
  PathParameters known = bare();
  known.changes_per_day = 0.3;
  known.change_hours = 8.0;
  known.change_extra = 0.6;
  known.diurnal_peak = 2.0;
  const std::vector<double> weights(12, 1.0);
  const auto hours = hours_of(known, 300, 14);
  const auto law = fit_hours(hours, weights, known.peak_hour);
  REQUIRE(law.has_value());
  // Changes of less than two hours or 1 ms, and those that follow each other, are not told apart.
  CHECK(law->changes_per_day == Approx(0.3).epsilon(0.35));
  CHECK(law->change_hours == Approx(8.0).epsilon(0.4));
  CHECK(law->change_extra == Approx(0.6).epsilon(0.25));
  CHECK(law->diurnal_peak == Approx(2.0).epsilon(0.25));
  known.changes_per_day = 0.0;
  known.diurnal_peak = 0.0;
  const auto calm = fit_hours(hours_of(known, 300, 14), weights, known.peak_hour);
  CHECK(calm->changes_per_day < 0.002);
  CHECK(calm->diurnal_peak < 0.06);
}

TEST_CASE("hours: too few of them tell nothing, and ends that were not drawn do not count", "[sim][paths]") {
  const auto hours = hours_of(bare(), 3, 4);  // 96 hours
  const std::vector<double> weights(12, 1.0), none(12, 0.0);
  CHECK_FALSE(fit_hours(hours, weights, 21.0).has_value());
  CHECK(fit_hours(hours_of(bare(), 3, 5), weights, 21.0).has_value());
  CHECK_FALSE(fit_hours(hours_of(bare(), 3, 5), none, 21.0).has_value());
  CHECK_FALSE(fit_hours({}, weights, 21.0).has_value());
}

}  // namespace
}  // namespace chiploc::test::hours_fit_test
