#include "geo/estimate/delay_model.hpp"

#include <cmath>
#include <random>
#include <vector>

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

std::chrono::nanoseconds ms(double value) {
  return std::chrono::nanoseconds{static_cast<std::int64_t>(value * 1e6)};
}

std::vector<DelaySample> mesh(std::uint64_t seed, std::size_t count) {
  std::mt19937_64 random{seed};
  std::uniform_real_distribution<double> km{50.0, 9000.0};
  std::normal_distribution<double> noise{0.0, 0.05};
  std::vector<DelaySample> pairs;
  for (std::size_t i = 0; i < count; ++i) {
    const double distance = km(random);
    pairs.push_back({ms((distance / 70.0 + 1.5) * (1.0 + noise(random))), distance});
  }
  return pairs;
}

TEST_CASE("fit_delay_model: finds slope and intercept of a noisy mesh", "[geo]") {
  const DelayModel model = fit_delay_model(mesh(1, 200));
  CHECK(model.slope_km_per_ms == Approx(70.0).epsilon(0.03));
  CHECK(model.intercept_ms == Approx(1.5).margin(1.5));
  CHECK(model.sigma_relative == Approx(0.05).margin(0.03));
  CHECK(model.pairs_used == 200);
  CHECK(model.version.find("pairs=200") != std::string::npos);
}

TEST_CASE("fit_delay_model: a fifth of bad pairs does not turn the line", "[geo]") {
  auto pairs = mesh(2, 200);
  for (std::size_t i = 0; i < pairs.size(); i += 5) pairs[i].rtt_min *= 4;
  CHECK(fit_delay_model(pairs).slope_km_per_ms == Approx(70.0).epsilon(0.12));
}

TEST_CASE("fit_delay_model: pairs faster than light do not count", "[geo]") {
  auto pairs = mesh(3, 100);
  for (int i = 0; i < 90; ++i) pairs.push_back({ms(1.0), 5000.0});
  const DelayModel model = fit_delay_model(pairs);
  CHECK(model.pairs_used == 100);
  CHECK(model.slope_km_per_ms == Approx(70.0).epsilon(0.05));
}

TEST_CASE("fit_delay_model: too few pairs give the default and say so", "[geo]") {
  const DelayModel model = fit_delay_model(mesh(4, kFewestMeshPairs - 1));
  CHECK(model.slope_km_per_ms == default_delay_model().slope_km_per_ms);
  CHECK(model.version.find("too few mesh pairs") != std::string::npos);
  CHECK(fit_delay_model({}).pairs_used == 0);
}

TEST_CASE("fit_delay_model: a mesh without a trend gives the default and says so", "[geo]") {
  std::vector<DelaySample> pairs;
  for (int i = 0; i < 50; ++i) pairs.push_back({ms(100.0 + i), 5000.0 - 10.0 * i});
  CHECK(fit_delay_model(pairs).version.find("implausible slope") != std::string::npos);
}

TEST_CASE("DelayModel: distance is never negative, and its sigma grows with it", "[geo]") {
  const DelayModel model = fit_delay_model(mesh(1, 200));
  CHECK(model.distance(ms(0.0)).km == 0.0);
  CHECK(model.distance(ms(-5.0)).km == 0.0);
  CHECK(model.distance(ms(50.0)).km == Approx(70.0 * 48.5).epsilon(0.05));
  CHECK(model.distance(ms(50.0)).sigma_km > model.distance(ms(5.0)).sigma_km);
  CHECK(model.distance(ms(0.0)).sigma_km > 0.0);
}

TEST_CASE("fit_delay_model: a mesh of hundreds of anchors stays quick", "[geo]") {
  CHECK(fit_delay_model(mesh(5, 20'000)).slope_km_per_ms == Approx(70.0).epsilon(0.02));
}

TEST_CASE("fit_delay_model: detours that grow with the distance leave near anchors their say", "[geo]") {
  // Round trips of 1.4 to 4.6 times light in glass, as on real paths: errors are a share of the distance.
  std::vector<DelaySample> pairs;
  for (int i = 0; i < 240; ++i) {
    const double km = 60.0 * i + 30.0;
    const double stretch = 1.44 + 0.7 * (i * 7 % 10) / 10.0 * (i % 3);
    pairs.push_back({std::chrono::nanoseconds{static_cast<std::int64_t>(km / 100.0 * stretch * 1e6)}, km});
  }
  const DelayModel model = fit_delay_model(pairs);
  CHECK(model.pairs_used == 240);
  const auto near = model.distance(std::chrono::milliseconds{1});
  CHECK(near.sigma_km < 100.0);
  const auto far = model.distance(std::chrono::milliseconds{100});
  CHECK(far.sigma_km > 500.0);
}

}  // namespace
}  // namespace chiploc
