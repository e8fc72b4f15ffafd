// Regions as GeoJSON, with places that are in them and places that are not: what others' readers are held against.
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <vector>

#include "geo/geojson.hpp"
#include "tests/geo/random_places.hpp"

namespace {

using namespace chiploc;
using nlohmann::json;

struct Sample {
  const char* name;
  std::vector<AnchorBound> bounds;
  unsigned faults = 0;
};

AnchorBound bound(double lat, double lon, double km, std::uint32_t perspective = 1) {
  return {place_at(lat, lon), Kilometers{0.0}, Kilometers{km}, perspective};
}

std::vector<Sample> samples() {
  std::vector<AnchorBound>
      beads;  // each meets its neighbours: where two of them meet is a ring of six lenses
  for (std::uint32_t i = 0; i < 6; ++i) {
    const double turn = i * 3.14159265358979323846 / 3.0;
    beads.push_back(bound(40.0 + 12.0 * std::sin(turn), 10.0 + 16.0 * std::cos(turn), 900.0, i + 1));
  }
  return {
      {"lens", {bound(50.1, 8.7, 400.0), bound(48.9, 2.4, 350.0, 2)}},
      {"antimeridian", {bound(-17.0, 179.5, 600.0)}},
      {"north pole", {bound(88.0, 40.0, 800.0)}},
      {"south pole", {bound(-86.0, -130.0, 2'500.0)}},
      {"beads around a hole", std::move(beads), 4},
      {"past a hemisphere", {bound(35.0, 139.0, 13'000.0)}},
      {"all but a hole", {bound(-34.0, 151.0, 18'500.0)}},
      {"across the antimeridian to the pole", {bound(70.0, -175.0, 2'600.0), bound(60.0, 160.0, 3'000.0, 2)}},
      {"everything", {}}};
}

}  // namespace

int main() {
  constexpr int kPlaces = 3'000;
  json out = json::array();
  for (const Sample& sample : samples()) {
    const Region region = Region::from_bounds(sample.bounds, sample.faults);
    const Region around = region.inflated(Kilometers{10.0});  // what an outward drawing may take besides
    json inside = json::array(), outside = json::array();
    std::mt19937_64 random{17};
    for (int i = 0; i < kPlaces; ++i) {
      const LatLon place = random_place(random);
      json at = {place.lon_deg(), place.lat_deg()};
      if (region.contains(place)) {
        inside.push_back(std::move(at));
      } else if (!around.contains(place)) {
        outside.push_back(std::move(at));
      }
    }
    for (const AnchorBound& one : sample.bounds) {  // of small regions there are few among those
      for (int i = 0; i < 200; ++i) {
        const LatLon place = random_place_within(random, one.place, one.radius);
        if (region.contains(place)) inside.push_back({place.lon_deg(), place.lat_deg()});
      }
    }
    out.push_back({{"name", sample.name},
                   {"geometry", json::parse(region_geojson(region))},
                   {"inside", std::move(inside)},
                   {"outside", std::move(outside)}});
  }
  std::puts(out.dump().c_str());
  return 0;
}
