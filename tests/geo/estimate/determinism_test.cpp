// The same input gives the same verdict and region in every build: what is pinned here has to come out of g++
// and clang, optimised or not, with sanitizers or without. Coordinates count to 1e-6 degrees, probabilities
// to 1e-4.
#include <cmath>
#include <limits>

#include "geo/borders/border_table.hpp"
#include "geo/borders/borders.hpp"
#include "geo/estimate/fit.hpp"
#include "geo/estimate/place_estimator.hpp"
#include "geo/geodesic.hpp"
#include "geo/region.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::determinism_test {
namespace {

/// Numbers that do not depend on anybody's library: SplitMix64.
class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) : state_{seed} {}
  double between(double low, double high) {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return low + (high - low) * (static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1.0p-53);
  }
  LatLon place() {
    return LatLon::from_degrees({.lat = between(-60, 70), .lon = between(-180, 180)}).value();
  }
  LatLon place_within(LatLon centre, double km) {
    const double azimuth = between(0, 360);
    return geodesic_direct(centre, azimuth, Kilometers{between(1, km)});
  }

 private:
  std::uint64_t state_;
};

class Quantised {
 public:
  void add(double value, double step) {
    const auto units = static_cast<std::uint64_t>(std::llround(value / step));
    for (int byte = 0; byte < 8; ++byte) bytes_.push_back(static_cast<unsigned char>(units >> (8 * byte)));
  }
  void add(LatLon place) {
    add(place.lat_deg(), 1e-6);
    add(place.lon_deg(), 1e-6);
  }
  void add(CountryCode code) {
    for (const char letter : code.view()) bytes_.push_back(static_cast<unsigned char>(letter));
  }
  [[nodiscard]] std::uint64_t digest() const { return border_digest(bytes_); }

 private:
  std::vector<unsigned char> bytes_;
};

TEST_CASE("determinism: regions, countries and margins are those of every build", "[geo]") {
  Numbers numbers{1};
  Quantised out;
  const Borders& borders = Borders::world();
  for (int round = 0; round < 80; ++round) {
    const LatLon chip = numbers.place();
    std::vector<AnchorBound> bounds;
    std::vector<FitInput> inputs;
    for (std::uint32_t a = 0; a < 10; ++a) {
      const LatLon anchor = numbers.place_within(chip, 2500.0);
      const double km = geodesic_distance(chip, anchor).km();
      bounds.push_back({anchor, Kilometers{1.0}, Kilometers{km * numbers.between(1.05, 2.2) + 20.0}, a});
      inputs.push_back({anchor, km * numbers.between(0.9, 1.3), 0.2 * km + 30.0});
    }
    const Region region = Region::from_bounds(bounds, static_cast<unsigned>(round % 3));
    for (const LatLon place : region.representatives()) out.add(place);
    for (const CountryCode code : borders.countries_met(region)) out.add(code);
    if (const auto extent = region.extent()) {
      out.add(extent->centre);
      out.add(extent->radius.km(), 1e-3);
    }
    for (const char* text : {"CN", "RU", "IR"}) {
      const auto clearance = borders.clearance(region, *CountryCode::from_text(text), Kilometers{2000.0});
      out.add(clearance ? clearance->km() : -1.0, 1e-3);
    }
    out.add(fit_place(inputs)->place);
  }
  CHECK(out.digest() == 0xb467c6e6db5aa74bU);
}

TEST_CASE("determinism: estimates are those of every build", "[geo]") {
  Numbers numbers{2};
  RttMesh mesh;
  constexpr std::size_t kAnchors = 80;  // more than are used in full
  const LatLon middle = LatLon::from_degrees({.lat = 48.0, .lon = 10.0}).value();
  for (std::size_t a = 0; a < kAnchors; ++a) mesh.places.push_back(numbers.place_within(middle, 2500.0));
  mesh.rtt_ms.assign(kAnchors * kAnchors, std::numeric_limits<double>::quiet_NaN());
  for (std::size_t a = 0; a < kAnchors; ++a) {
    for (std::size_t b = 0; b < kAnchors; ++b) {
      if (a == b) continue;
      const double km = geodesic_distance(mesh.places[a], mesh.places[b]).km();
      mesh.rtt_ms[a * kAnchors + b] = 0.5 + km / 100.0 * numbers.between(1.3, 2.4);
    }
  }
  const PlaceEstimator estimator = PlaceEstimator::learn(mesh, Borders::world());
  Quantised out;
  for (int chip = 0; chip < 12; ++chip) {
    const LatLon place = numbers.place_within(middle, 2000.0);
    std::vector<double> rtt;
    for (const LatLon anchor : mesh.places)
      rtt.push_back(0.7 + geodesic_distance(place, anchor).km() / 100.0 * numbers.between(1.3, 2.4));
    const auto estimate = estimator.estimate(rtt, nullptr);
    REQUIRE(estimate.has_value());
    out.add(estimate->place);
    for (const auto& [code, probability] : estimate->countries) {
      if (probability < 1e-3) break;  // the order of the smallest ones may hang on the last bit
      out.add(code);
      out.add(probability, 1e-4);
    }
    out.add(estimate->credible95_radius_km, 1.0);
  }
  CHECK(out.digest() == 0x63b04a733e552be6U);
}

}  // namespace
}  // namespace chiploc::determinism_test
