// Territories that people send as GeoJSON: a sentence that says where the fault is, or an area whose answers
// about regions agree with each other.
#include <array>
#include <vector>

#include "geo/area/area.hpp"
#include "tests/fuzz/fuzz_support.hpp"

namespace {

using namespace chiploc;

LatLon at(double lat, double lon) { return *LatLon::from_degrees({.lat = lat, .lon = lon}); }

std::vector<Region> regions() {
  std::vector<Region> out;
  for (const auto& [lat, lon, km] : {std::array{49.0, 11.0, 40.0}, std::array{-17.0, 179.5, 400.0},
                                     std::array{89.0, 0.0, 300.0}, std::array{-90.0, 0.0, 900.0}}) {
    out.push_back(
        Region::from_bounds(std::vector<AnchorBound>{{at(lat, lon), Kilometers{0.0}, Kilometers{km}, 1}}, 0));
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<Region> kRegions = regions();
  const AreaLimits limits{.bytes = 1U << 16, .positions = 300};
  const auto parsed = Area::from_geojson(fuzz::text_of(data, size), limits);
  fuzz::demand(parsed.area.has_value() == parsed.fault.empty());
  if (!parsed.area) return 0;
  fuzz::demand(parsed.area->area_km2() > 0.0);
  for (const Region& region : kRegions) {
    const bool holds = parsed.area->holds(region);
    fuzz::demand(!holds || parsed.area->meets(region));
    for (const LatLon place : region.representatives()) {
      if (holds) fuzz::demand(parsed.area->contains(place));
      if (parsed.area->contains(place)) fuzz::demand(parsed.area->meets(region));
    }
  }
  return 0;
}
