#pragma once
// A verdict's map as `verdict map` writes it, for any region and anchors.

#include <string>
#include <vector>

#include "geo/geojson.hpp"
#include "geo/region.hpp"
#include "server/picture/verdict_picture.hpp"
#include "tests/geo/random_places.hpp"

namespace chiploc::test {

using MapJson = nlohmann::ordered_json;

struct SampleAnchor {
  std::string name;
  LatLon place;
  double bound_km;
  bool used = true;
};

inline MapJson sample_feature(MapJson geometry, MapJson properties) {
  return {{"type", "Feature"}, {"geometry", std::move(geometry)}, {"properties", std::move(properties)}};
}
inline MapJson sample_point(LatLon place) {
  return {{"type", "Point"}, {"coordinates", {place.lon_deg(), place.lat_deg()}}};
}

inline Region region_of(const std::vector<SampleAnchor>& anchors) {
  std::vector<AnchorBound> bounds;
  for (const SampleAnchor& anchor : anchors) {
    if (anchor.used)
      bounds.push_back({anchor.place, Kilometers{0.0}, Kilometers{anchor.bound_km},
                        static_cast<std::uint32_t>(bounds.size())});
  }
  return Region::from_bounds(bounds, 0);
}

inline MapJson sample_map(const std::vector<SampleAnchor>& anchors, const std::string& holder = "") {
  MapJson features = MapJson::array();
  const Region region = region_of(anchors);
  features.push_back(sample_feature(
      MapJson::parse(region_geojson(region)),
      {{"role", "region"}, {"radius_km", region.extent() ? region.extent()->radius.km() : 0.0}}));
  for (const SampleAnchor& anchor : anchors) {
    MapJson properties = {{"role", "disk"},
                          {"anchor", anchor.name},
                          {"used", anchor.used},
                          {"note", anchor.used ? "" : "left out"},
                          {"rtt_min_ns", anchor.bound_km / 149.896 * 1e6},
                          {"bound_km", anchor.bound_km}};
    if (anchor.bound_km < 20'000.0)
      features.push_back(
          sample_feature(MapJson::parse(cap_geojson(anchor.place, Kilometers{anchor.bound_km})), properties));
    properties["role"] = "anchor";
    features.push_back(sample_feature(sample_point(anchor.place), properties));
  }
  if (!holder.empty()) {
    for (MapJson& feature : features) feature["properties"]["holder"] = holder;
  }
  return {{"type", "FeatureCollection"}, {"features", std::move(features)}};
}

inline void add_suggestions(MapJson& map, LatLon place) {
  map["features"].push_back(sample_feature(
      sample_point(place),
      {{"role", "estimate"}, {"east_sd_km", 60.0}, {"north_sd_km", 30.0}, {"correlation", 0.5}}));
  map["features"].push_back(
      sample_feature(sample_point(place), {{"role", "posterior"}, {"radius95_km", 250.0}}));
}

inline MapJson central_europe() {
  MapJson map = sample_map({{"fra1", place_at(50.1, 8.7), 480.0},
                            {"ams1", place_at(52.4, 4.9), 620.0},
                            {"waw1", place_at(52.2, 21.0), 700.0},
                            {"far1", place_at(35.7, 139.7), 15'000.0, false}});
  add_suggestions(map, place_at(52.5, 13.4));
  return map;
}

inline VerdictFacts sample_facts() {
  VerdictFacts facts;
  facts.state = "VERIFIED";
  facts.chip_id = "0123456789abcdef0123456789abcdef";
  facts.serial = "SN-0007";
  facts.licence = "LIC-1";
  facts.licence_holder = "Example AG";
  facts.decided_at = "2026-11-30 20:00:00Z";
  facts.expires_at = "2026-12-01 20:00:00Z";
  facts.reason = "Every place that the round trips allow is in the licensed territory.";
  facts.licensed = {"DE", "AT"};
  facts.prohibited = {"CZ"};
  facts.judged_with = "Judged by chiploc 0";
  return facts;
}

/// The same with markup, quotes, escapes and what is no UTF-8 in every text.
inline VerdictFacts hostile_facts() {
  const std::string hostile = "</title><script>alert(1)</script>\"'&\x1b[31m\x01\xff\xE2\x80\xAE x";
  VerdictFacts facts = sample_facts();
  facts.serial = hostile;
  facts.chip_id = hostile;
  facts.licence = hostile;
  facts.licence_holder = hostile;
  facts.reason = hostile;
  facts.licensed = {hostile};
  facts.prohibited = {hostile};
  facts.judged_with = hostile;
  facts.state = hostile;
  return facts;
}

}  // namespace chiploc::test
