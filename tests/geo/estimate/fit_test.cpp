#include "geo/estimate/fit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "geo/geodesic.hpp"
#include "tests/geo/random_places.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

std::vector<LatLon> anchors_around(std::mt19937_64& random, LatLon chip, std::size_t count) {
  std::vector<LatLon> anchors;
  for (std::size_t i = 0; i < count; ++i) {
    const double azimuth = 360.0 * static_cast<double>(i) / static_cast<double>(count);
    anchors.push_back(geodesic_direct(
        chip, azimuth, Kilometers{std::uniform_real_distribution<double>{200.0, 3000.0}(random)}));
  }
  return anchors;
}

TEST_CASE("fit_place: exact distances give the place and the offset", "[geo][property]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{80}));
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  const LatLon chip = seed % 8 == 0   ? place_at(89.99, 0.0)
                      : seed % 8 == 1 ? place_at(5.0, 180.0)
                                      : random_place(random);
  const double offset = seed % 2 == 0 ? 0.0 : 150.0;
  std::vector<FitInput> inputs;
  for (const LatLon anchor : anchors_around(random, chip, 8)) {
    inputs.push_back({anchor, geodesic_distance(anchor, chip).km() + offset, 10.0});
  }
  const auto report = fit_place(inputs);
  REQUIRE(report.has_value());
  CHECK(report->converged);
  // The sphere is within 0.17 % of the ellipsoid: 5 km at 3,000 km.
  CHECK(geodesic_distance(report->place, chip).km() < 8.0);
  CHECK(report->offset_km == Approx(offset).margin(8.0));
  CHECK(report->residuals_km.size() == inputs.size());
  CHECK(report->covariance.east_east > 0.0);
  CHECK(report->covariance.north_north > 0.0);
}

TEST_CASE("fit_place: one bad anchor in eight moves the place little, and shows", "[geo][property]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{60}));
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  std::normal_distribution<double> noise{0.0, 20.0};
  const LatLon chip = random_place(random);
  std::vector<FitInput> inputs;
  for (const LatLon anchor : anchors_around(random, chip, 8)) {
    inputs.push_back({anchor, geodesic_distance(anchor, chip).km() + noise(random), 20.0});
  }
  inputs[3].distance_km += 2500.0;
  const auto report = fit_place(inputs, {.fit_offset = false});
  REQUIRE(report.has_value());
  CHECK(geodesic_distance(report->place, chip).km() < 100.0);
  const auto worst = std::max_element(report->residuals_km.begin(), report->residuals_km.end(),
                                      [](double a, double b) { return std::abs(a) < std::abs(b); });
  CHECK(worst - report->residuals_km.begin() == 3);
}

TEST_CASE("fit_place: the covariance tells how far off it is", "[geo][property]") {
  // Errors in units of the stated covariance: of 300 fits, 95 % of a chi-square with 2 degrees is below 6.0.
  int within = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    std::mt19937_64 random{seed};
    std::normal_distribution<double> noise{0.0, 30.0};
    const LatLon chip = place_at(45.0, 10.0);
    std::vector<FitInput> inputs;
    // All on one side, where place and offset are confused most.
    for (int i = 0; i < 12; ++i) {
      const Kilometers away{std::uniform_real_distribution<double>{200.0, 3000.0}(random)};
      const LatLon anchor = geodesic_direct(chip, 15.0 * i, away);
      inputs.push_back({anchor, geodesic_distance(anchor, chip).km() + noise(random) + 100.0, 30.0});
    }
    const auto report = fit_place(inputs);
    REQUIRE(report.has_value());
    const double north = (report->place.lat_deg() - chip.lat_deg()) * 111.13;
    const double east = (report->place.lon_deg() - chip.lon_deg()) * 78.85;
    const auto& c = report->covariance;
    const double determinant = c.east_east * c.north_north - c.east_north * c.east_north;
    const double z =
        (c.north_north * east * east - 2.0 * c.east_north * east * north + c.east_east * north * north) /
        determinant;
    within += z < 6.0 ? 1 : 0;
  }
  CHECK(within > 300 * 90 / 100);
  CHECK(within < 300);
}

TEST_CASE("fit_place: the common offset is never negative", "[geo]") {
  std::mt19937_64 random{7};
  const LatLon chip = place_at(30.0, 100.0);
  std::vector<FitInput> inputs;
  for (const LatLon anchor : anchors_around(random, chip, 6)) {
    inputs.push_back({anchor, std::max(0.0, geodesic_distance(anchor, chip).km() - 150.0), 10.0});
  }
  const auto report = fit_place(inputs);
  REQUIRE(report.has_value());
  CHECK(report->offset_km == 0.0);
}

TEST_CASE("fit_place: noise about an offset of zero never makes it negative", "[geo][property]") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    std::normal_distribution<double> noise{0.0, 60.0};
    const LatLon chip = random_place(random);
    std::vector<FitInput> inputs;
    for (int i = 0; i < 7; ++i) {
      const LatLon anchor = random_place_within(random, chip, Kilometers{2000.0});
      inputs.push_back({anchor, std::max(0.0, geodesic_distance(anchor, chip).km() + noise(random)), 60.0});
    }
    const auto report = fit_place(inputs);
    REQUIRE(report.has_value());
    CHECK(report->offset_km >= 0.0);
  }
}

TEST_CASE("fit_place: inputs that are no numbers are left out and marked", "[geo]") {
  std::mt19937_64 random{3};
  const LatLon chip = place_at(-10.0, 20.0);
  std::vector<FitInput> inputs;
  for (const LatLon anchor : anchors_around(random, chip, 5)) {
    inputs.push_back({anchor, geodesic_distance(anchor, chip).km(), 10.0});
  }
  inputs[0].distance_km = std::numeric_limits<double>::quiet_NaN();
  inputs[1].sigma_km = 0.0;
  const auto report = fit_place(inputs);
  REQUIRE(report.has_value());
  CHECK(std::isnan(report->residuals_km[0]));
  CHECK(std::isnan(report->residuals_km[1]));
  CHECK(std::isfinite(report->residuals_km[2]));
  inputs[2].sigma_km = -1.0;
  CHECK_FALSE(fit_place(inputs).has_value());
}

TEST_CASE("fit_place: degenerate anchors give a report, not a crash", "[geo]") {
  const std::vector<FitInput> same(5, FitInput{place_at(10, 10), 100.0, 10.0});
  const auto report = fit_place(same);
  REQUIRE(report.has_value());
  CHECK(std::isfinite(report->place.lat_deg()));
  CHECK(geodesic_distance(report->place, place_at(10, 10)).km() <= 101.0);
  CHECK_FALSE(fit_place({}).has_value());
}

}  // namespace
}  // namespace chiploc
