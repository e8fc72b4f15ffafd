#include "server/picture/features.hpp"

#include <algorithm>
#include <cmath>

namespace chiploc {
namespace {

using Value = nlohmann::ordered_json;

constexpr std::size_t kMostFeatures = 10'000;
constexpr std::size_t kMostPlaces = 2'000'000;  // of all features; a region has hundreds

const Value* member(const Value& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

std::optional<Degrees> read_place(const Value& position) {
  if (!position.is_array() || position.size() < 2 || !position[0].is_number() || !position[1].is_number())
    return std::nullopt;
  const Degrees place{.lat = position[1].get<double>(), .lon = position[0].get<double>()};
  if (!LatLon::from_degrees(place)) return std::nullopt;
  return place;
}

bool read_polygon(const Value& polygon, MapFeature& out, std::size_t& places) {
  if (!polygon.is_array()) return false;
  for (const Value& ring : polygon) {
    if (!ring.is_array()) return false;
    places += ring.size();
    if (places > kMostPlaces) return false;
    std::vector<Degrees> read;
    for (const Value& position : ring) {
      const auto place = read_place(position);
      if (!place) return false;
      read.push_back(*place);
    }
    if (read.size() > 1 && read.front().lat == read.back().lat && read.front().lon == read.back().lon)
      read.pop_back();
    if (read.size() >= 3) out.rings.push_back(std::move(read));
  }
  return true;
}

bool read_geometry(const Value& geometry, MapFeature& out, std::size_t& places) {
  const Value* type = member(geometry, "type");
  const Value* coordinates = member(geometry, "coordinates");
  if (type == nullptr || coordinates == nullptr || !type->is_string()) return false;
  const std::string& name = type->get_ref<const std::string&>();
  if (name == "Point") {
    const auto place = read_place(*coordinates);
    if (place) out.point = LatLon::from_degrees(*place);
    return place.has_value();
  }
  if (name == "Polygon") return read_polygon(*coordinates, out, places);
  if (name != "MultiPolygon" || !coordinates->is_array()) return false;
  for (const Value& polygon : *coordinates) {
    if (!read_polygon(polygon, out, places)) return false;
  }
  return true;
}

}  // namespace

std::string MapFeature::text(const char* key) const {
  const Value* value = member(properties, key);
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string{};
}

std::optional<double> MapFeature::number(const char* key) const {
  const Value* value = member(properties, key);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  const double number = value->get<double>();
  return std::isfinite(number) ? std::optional{number} : std::nullopt;
}

bool MapFeature::flag(const char* key) const {
  const Value* value = member(properties, key);
  return value != nullptr && value->is_boolean() && value->get<bool>();
}

std::vector<MapFeature> read_features(const Value& collection) {
  std::vector<MapFeature> features;
  const Value* list = member(collection, "features");
  if (list == nullptr || !list->is_array()) return features;
  std::size_t places = 0;
  for (const Value& entry : *list) {
    if (features.size() == kMostFeatures) break;
    const Value* geometry = member(entry, "geometry");
    MapFeature feature;
    if (geometry == nullptr || !read_geometry(*geometry, feature, places)) continue;
    if (const Value* properties = member(entry, "properties")) feature.properties = *properties;
    feature.role = feature.text("role");
    if (const Value* holder = member(feature.properties, "holder"))
      feature.holder = holder->is_string() ? holder->get<std::string>() : holder->dump();
    features.push_back(std::move(feature));
  }
  return features;
}

bool is_seam(Degrees a, Degrees b) {
  if (std::abs(a.lat) == 90.0 && a.lat == b.lat) return true;
  return std::fmod(a.lon, 90.0) == 0.0 && std::fmod(b.lon, 90.0) == 0.0 &&
         std::abs(a.lon) == std::abs(b.lon) && (a.lon == b.lon || std::abs(a.lon) == 180.0);
}

bool is_cut_of_drawing(Degrees a, Degrees b) {
  return (std::abs(a.lat) == 90.0 && a.lat == b.lat) || (std::abs(a.lon) == 180.0 && a.lon == b.lon);
}

bool is_territory(const MapFeature& feature) { return feature.role == "territory"; }

namespace {

/// With places between those of a long edge, so that great circles between them follow the straight line.
std::vector<Degrees> straightened(const std::vector<Degrees>& ring) {
  constexpr double kStepDeg = 1.0;
  std::vector<Degrees> out;
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const Degrees a = ring[i], b = ring[(i + 1) % ring.size()];
    const double longest = std::max(std::abs(b.lon - a.lon), std::abs(b.lat - a.lat));
    const int steps = std::max(1, static_cast<int>(std::ceil(longest / kStepDeg)));
    for (int k = 0; k < steps; ++k)
      out.push_back({.lat = a.lat + (b.lat - a.lat) * k / steps, .lon = a.lon + (b.lon - a.lon) * k / steps});
  }
  return out;
}

}  // namespace

bool rings_hold(const std::vector<std::vector<Degrees>>& rings, Degrees place) {
  bool inside = false;
  for (const auto& ring : rings) {
    for (std::size_t i = 0; i < ring.size(); ++i) {
      const Degrees a = ring[i];
      const Degrees b = ring[(i + 1) % ring.size()];
      if ((a.lat > place.lat) == (b.lat > place.lat)) continue;
      inside ^= place.lon < a.lon + (place.lat - a.lat) / (b.lat - a.lat) * (b.lon - a.lon);
    }
  }
  return inside;
}

std::vector<std::pair<Vec3, Vec3>> boundary_of(const MapFeature& feature) {
  std::vector<std::pair<Vec3, Vec3>> edges;
  for (const auto& ring : feature.rings) {
    for (std::size_t i = 0; i < ring.size(); ++i) {
      const Degrees next = ring[(i + 1) % ring.size()];
      if (!is_seam(ring[i], next)) edges.emplace_back(to_sphere(ring[i]), to_sphere(next));
    }
  }
  return edges;
}

DrawnArea drawn_area(const MapFeature& feature, const AzimuthalProjection& projection,
                     const PlaneToPixels& pixels, double detail) {
  DrawnArea area;
  const bool by_people = is_territory(feature);
  for (const auto& given : feature.rings) {
    const std::vector<Degrees> ring = by_people ? straightened(given) : given;
    std::vector<Vec3> curve;
    for (const Degrees place : ring) curve.push_back(to_sphere(place));
    DrawnLine line = thinned(projection.ring(curve), pixels, detail);
    if (line.size() >= 3) area.rings.push_back(std::move(line));
    // From one cut to the next, or once around.
    std::vector<Vec3> open;
    const auto end_open = [&] {
      for (const auto& piece : projection.line(open)) {
        DrawnLine drawn = thinned(piece, pixels, detail);
        if (drawn.size() >= 2) area.outline.push_back(std::move(drawn));
      }
      open.clear();
    };
    for (std::size_t i = 0; i < ring.size(); ++i) {
      const std::size_t next = (i + 1) % ring.size();
      if (by_people ? is_cut_of_drawing(ring[i], ring[next]) : is_seam(ring[i], ring[next])) {
        end_open();
        continue;
      }
      if (open.empty()) open.push_back(curve[i]);
      open.push_back(curve[next]);
    }
    end_open();
  }
  const LatLon antipode = from_sphere(projection.antipode());
  if (rings_hold(feature.rings, {.lat = antipode.lat_deg(), .lon = antipode.lon_deg()}))
    area.rings.push_back(thinned(projection.rim(), pixels, detail));
  return area;
}

}  // namespace chiploc
