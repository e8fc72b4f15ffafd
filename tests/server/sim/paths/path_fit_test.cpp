#include "server/sim/paths/path_fit.hpp"

#include <map>

#include "server/sim/paths/hold_out.hpp"
#include "server/sim/paths/path_law.hpp"
#include "tests/server/sim/paths/simulated_folder.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test::path_fit_test {
namespace {

PathParameters truth() {
  PathParameters out = lively();
  out.last_mile_ms = spread(0.05, 0.5);
  // One law at every distance, so that each band has the same quantiles to find.
  out.bands = {{1'000.0, spread(0.3, 3.0)}};
  out.diurnal_peak = 0.0;
  return out;
}

TEST_CASE("fit: known parameters lie within two standard errors, in as many networks as they should",
          "[sim][paths]") {
  const PathParameters known = truth();
  const double median = known.bands[0].extra.quantile(0.5), quarter = known.bands[0].extra.quantile(0.25),
               upper = known.bands[0].extra.quantile(0.75);
  std::map<std::string, int> covered;
  std::map<std::string, double> bias;
  constexpr int kNetworks = 30;
  for (int network = 1; network <= kNetworks; ++network) {
    const PathFitInput input = simulated(known, 50, static_cast<std::uint64_t>(network));
    const auto fit = fit_paths(input, {static_cast<std::uint64_t>(network), 40});
    REQUIRE(fit.has_value());
    const std::map<std::string, double> expected{{"extra at 8000 km q25", quarter},
                                                 {"extra at 8000 km q50", median},
                                                 {"extra at 8000 km q75", upper},
                                                 {"extra at 5000 km q50", median},
                                                 {"node_share", known.node_share}};
    for (const auto& [name, value] : expected) {
      const FitFigure& figure = figure_of(*fit, name);
      REQUIRE(figure.error > 0.0);
      covered[name] += std::abs(figure.value - value) <= 2.0 * figure.error ? 1 : 0;
      bias[name] += (figure.value / value - 1.0) / kNetworks;
    }
  }
  for (const auto& [name, count] : covered) {
    INFO(name << ": " << count << " of " << kNetworks << ", " << 100.0 * bias[name] << " % off in the mean");
    CHECK(count >= 24);  // of 95 %: fewer than 24 of 30 come up once in 2,000 times
    CHECK(std::abs(bias[name]) < (name == "node_share" ? 0.2 : 0.06));
  }
}

TEST_CASE("fit: errors are smaller with more ends, and resamples are seeded", "[sim][paths]") {
  const auto error = [](std::size_t ends, std::uint64_t seed) {
    const auto fit = fit_paths(simulated(truth(), ends, 3), {seed, 60});
    REQUIRE(fit.has_value());
    return figure_of(*fit, "extra at 8000 km q50").error;
  };
  CHECK(error(100, 1) < 0.8 * error(25, 1));
  CHECK(error(25, 1) == error(25, 1));
  CHECK(error(25, 1) != error(25, 2));
}

TEST_CASE("fit: queues and bursts from mean and deviation", "[sim][paths]") {
  PathParameters known = truth();
  known.queue_ms = spread(0.5, 2.0, 0.01);
  known.burst_ratio = 15.0;
  const auto fit = fit_paths(simulated(known, 24, 5, 3'000), {1, 0});
  REQUIRE(fit.has_value());
  CHECK(figure_of(*fit, "queue_ms q50").value == Approx(known.queue_ms.quantile(0.5)).epsilon(0.08));
  CHECK(figure_of(*fit, "queue_ms q95").value == Approx(known.queue_ms.quantile(0.95)).epsilon(0.15));
  CHECK(figure_of(*fit, "burst_ratio").value == Approx(15.0).epsilon(0.1));
  known.burst_ratio = 0.0;
  const auto calm = fit_paths(simulated(known, 24, 5, 3'000), {1, 0});
  CHECK(figure_of(*calm, "burst_ratio").value < 3.0);
}

TEST_CASE("fit: last miles are found where a neighbour is near", "[sim][paths]") {
  PathParameters known = truth();
  known.bands = {{1'000.0, spread(0.02, 1.0)}};
  PathFitInput input = simulated(known, 60, 8);
  const auto fit = fit_paths(input, {1, 0});
  REQUIRE(fit.has_value());
  for (const KnownEnd& end : fit->known) {
    CHECK(end.last_mile_ms >= 0.0);
    CHECK(end.last_mile_ms <= 5.0);
  }
  // Twenty ends in one city: the least of their round trips is last miles and little else.
  PathFitInput city = input;
  const ParametricPaths paths{known};
  city.pairs.clear();
  for (std::size_t a = 0; a < 20; ++a) {
    for (std::size_t b = a + 1; b < 20; ++b) {
      const PathEnd from{city.ends[a].name, at(50.0, 8.0)}, to{city.ends[b].name, at(50.001, 8.0)};
      city.pairs.push_back({a, b, 0.11, paths.least_round_trip_ms(8, from, to, {})});
    }
  }
  const auto near = fit_paths(city, {1, 0});
  REQUIRE(near.has_value());
  // The ends have what is theirs in that network; what is found of each is an upper estimate, by a part of the other's.
  double sum = 0.0, excess = 0.0;
  REQUIRE(near->known.size() == 20);  // the forty others have no pair, and nothing is said of them
  for (std::size_t e = 0; e < 20; ++e) {
    PathParameters alone = known;
    alone.bands.clear();
    const PathEnd end{near->known[e].name, at(50.0, 8.0)}, other{"no mile", at(50.0, 8.0)};
    alone.ends = {{"no mile", 0.0, 0.0}};
    const double truth_ms = ParametricPaths{alone}.least_round_trip_ms(8, end, other, {});
    sum += truth_ms / 20.0;
    excess += (near->known[e].last_mile_ms - truth_ms) / 20.0;
  }
  CHECK(sum > 0.1);
  CHECK(std::abs(excess) < 0.5 * sum);
  CHECK(figure_of(*near, "last_mile_ms q50").value == Approx(known.last_mile_ms.quantile(0.5)).margin(0.08));
}

TEST_CASE("fit: says what the folder does not tell, and leaves it as it is", "[sim][paths]") {
  const auto fit = fit_paths(simulated(truth(), 12, 2), {1, 0});
  REQUIRE(fit.has_value());
  CHECK(fit->parameters.queue_ms == default_paths().queue_ms);
  CHECK(fit->parameters.changes_per_day == default_paths().changes_per_day);
  CHECK(std::count(fit->kept.begin(), fit->kept.end(), "paths_queue") == 1);
  CHECK(std::count(fit->kept.begin(), fit->kept.end(), "changes_per_day") == 1);
  CHECK(fit->figures.front().error < 0.0);  // no resamples, no errors
  const auto pinged = fit_paths(simulated(truth(), 12, 2, 20), {1, 0});
  CHECK(std::count(pinged->kept.begin(), pinged->kept.end(), "paths_queue") == 0);
}

TEST_CASE("fit: too few ends or pairs are refused", "[sim][paths]") {
  const auto few = fit_paths(simulated(truth(), 7, 1));
  REQUIRE_FALSE(few.has_value());
  CHECK(few.error() == "has 7 ends and 21 pairs; a fit takes 3 and 30");
}

TEST_CASE("band distances: only where there are fifteen pairs", "[sim][paths]") {
  std::vector<FitPair> pairs;
  for (int i = 0; i < 200; ++i) pairs.push_back({0, 1, 900.0 + i, 50.0});
  const auto distances = band_distances(pairs);
  CHECK(distances.size() <= 2);
  CHECK(distances.front() == 1'000.0);
  for (int i = 0; i < 200; ++i) pairs.push_back({0, 1, 9'000.0 + i, 50.0});
  CHECK(band_distances(pairs).size() >= 3);
  CHECK(band_distances(simulated(truth(), 100, 1).pairs).size() >= 6);
}

}  // namespace
}  // namespace chiploc::test::path_fit_test
