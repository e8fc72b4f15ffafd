#include "server/cli/verdict_map.hpp"

#include <utility>

#include "geo/geojson.hpp"
#include "server/service/json_view.hpp"

namespace chiploc {
namespace {

/// A bound of half the Earth's girth or more excludes nothing: no disk to draw.
constexpr double kDrawnMaxKm = 20'000;

Json feature(Json geometry, Json properties) {
  return {{"type", "Feature"}, {"geometry", std::move(geometry)}, {"properties", std::move(properties)}};
}

Json parsed(std::string_view text) {
  Json value = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  return value.is_discarded() ? Json(nullptr) : value;
}

void add_anchor(Json& features, const v1::AnchorEvidence& anchor) {
  if (!anchor.has_place()) return;
  Json properties = {{"role", "anchor"},
                     {"anchor", anchor.anchor()},
                     {"answered", anchor.answered()},
                     {"used", anchor.used()},
                     {"note", anchor.note()},
                     {"samples", anchor.samples()},
                     {"source", source_name(anchor.source())}};
  properties["rtt_min_ns"] = anchor.rtt_min_ns() > 0 ? Json(anchor.rtt_min_ns()) : Json(nullptr);
  properties["bound_km"] = anchor.rtt_min_ns() > 0 ? Json(anchor.bound_km()) : Json(nullptr);
  const auto centre = LatLon::from_degrees({anchor.place().lat_deg(), anchor.place().lon_deg()});
  if (anchor.answered() && centre && anchor.bound_km() > 0 && anchor.bound_km() < kDrawnMaxKm) {
    Json disk = parsed(cap_geojson(*centre, Kilometers{anchor.bound_km()}));
    Json disk_properties = properties;
    disk_properties["role"] = "disk";
    features.push_back(feature(std::move(disk), std::move(disk_properties)));
  }
  features.push_back(point_feature(anchor.place(), std::move(properties)));
}

/// One of two holders of the key: its region, its disks, and a point in the middle.
void add_holder(Json& features, const v1::Verdict& verdict, int index) {
  const v1::KeyHolder& holder = verdict.holders(index);
  const Json whose = {{"holder", index + 1},
                      {"round_id", hex_of(holder.round_id())},
                      {"boot_count", holder.boot_count()},
                      {"round_counter", holder.round_counter()}};
  const auto with = [&whose](Json properties) {
    properties.update(whose);
    return properties;
  };
  // The one that answered this round, unless two did, is where the verdict's own region and disks are.
  const bool shown = !holder.region_geojson().empty() && holder.region_geojson() == verdict.region_geojson();
  for (const auto& anchor : holder.anchors()) {
    if (shown) break;
    const auto centre = LatLon::from_degrees({anchor.place().lat_deg(), anchor.place().lon_deg()});
    if (!centre || anchor.bound_km() >= kDrawnMaxKm) continue;
    features.push_back(feature(parsed(cap_geojson(*centre, Kilometers{anchor.bound_km()})),
                               with({{"role", "disk"},
                                     {"anchor", anchor.anchor()},
                                     {"rtt_min_ns", anchor.rtt_min_ns()},
                                     {"bound_km", anchor.bound_km()}})));
  }
  if (!holder.has_region_centre()) return;
  const auto centre =
      LatLon::from_degrees({holder.region_centre().lat_deg(), holder.region_centre().lon_deg()});
  // Of another round the verdict has a disk that holds the region, and no outline.
  const std::string outline = holder.region_geojson().empty() && centre
                                  ? cap_geojson(*centre, Kilometers{holder.region_radius_km()})
                                  : holder.region_geojson();
  const Json about = with({{"role", "region"}, {"radius_km", holder.region_radius_km()}});
  if (!shown) features.push_back(feature(parsed(outline), about));
  Json point = about;
  point["role"] = "holder";
  features.push_back(point_feature(holder.region_centre(), std::move(point)));
}

}  // namespace

Json point_feature(const v1::Position& place, Json properties) {
  Json point = {{"type", "Point"}, {"coordinates", Json::array({place.lon_deg(), place.lat_deg()})}};
  return feature(std::move(point), std::move(properties));
}

Json feature_collection(Json features) {
  return {{"type", "FeatureCollection"}, {"features", std::move(features)}};
}

namespace {

void collect_polygons(const Json& drawing, Json& out, int depth) {
  constexpr int kDeepest = 8;  // collections in collections
  if (!drawing.is_object() || depth > kDeepest) return;
  const auto type = drawing.find("type");
  if (type == drawing.end() || !type->is_string()) return;
  if (*type == "Polygon" || *type == "MultiPolygon") return out.push_back(drawing);
  for (const char* parts : {"features", "geometries"}) {
    if (const auto list = drawing.find(parts); list != drawing.end() && list->is_array()) {
      for (const Json& part : *list) collect_polygons(part, out, depth + 1);
    }
  }
  if (const auto inner = drawing.find("geometry"); inner != drawing.end())
    collect_polygons(*inner, out, depth + 1);
}

}  // namespace

void add_territory(Json& map, const std::string& name, bool prohibited, std::string_view geojson) {
  Json polygons = Json::array();
  collect_polygons(parsed(geojson), polygons, 0);
  for (Json& polygon : polygons)
    map["features"].push_back(feature(
        std::move(polygon), {{"role", "territory"}, {"territory", name}, {"prohibited", prohibited}}));
}

Json verdict_map(const v1::Verdict& verdict) {
  Json features = Json::array();
  if (!verdict.region_geojson().empty()) {
    features.push_back(feature(parsed(verdict.region_geojson()), {{"role", "region"},
                                                                  {"radius_km", verdict.region_radius_km()},
                                                                  {"fault_budget", verdict.fault_budget()},
                                                                  {"speed_name", verdict.speed_name()}}));
  }
  for (const auto& anchor : verdict.anchors()) add_anchor(features, anchor);
  for (int i = 0; i < verdict.holders_size(); ++i) add_holder(features, verdict, i);
  if (verdict.has_estimate() && verdict.estimate().converged()) {
    const auto& estimate = verdict.estimate();
    features.push_back(point_feature(estimate.place(), {{"role", "estimate"},
                                                        {"east_sd_km", estimate.east_sd_km()},
                                                        {"north_sd_km", estimate.north_sd_km()},
                                                        {"correlation", estimate.correlation()},
                                                        {"nearest_country", estimate.nearest_country()}}));
  }
  if (verdict.has_posterior()) {
    const auto& posterior = verdict.posterior();
    Json likely = Json::object();
    for (const auto& country : posterior.countries()) likely[country.country()] = country.probability();
    features.push_back(point_feature(
        posterior.place(),
        {{"role", "posterior"}, {"radius95_km", posterior.radius95_km()}, {"countries", std::move(likely)}}));
  }
  // In each feature as well: most map programs show its properties and nothing of the collection.
  for (Json& feature : features) {
    feature["properties"]["chip_id"] = hex_of(verdict.chip_id());
    feature["properties"]["state"] = state_name(verdict.state());
  }
  Json map = feature_collection(std::move(features));
  map["chip_id"] = hex_of(verdict.chip_id());
  map["verdict_id"] = hex_of(verdict.verdict_id());
  map["state"] = state_name(verdict.state());
  map["decided_at"] = iso_time(verdict.decided_unix_ns());
  map["expires_at"] = iso_time(verdict.expires_unix_ns());
  return map;
}

}  // namespace chiploc
