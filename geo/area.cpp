#include "geo/area.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "geo/border_lines.hpp"
#include "geo/border_parity.hpp"
#include "geo/border_table.hpp"
#include "geo/border_tree.hpp"
#include "geo/clearance.hpp"
#include "geo/geodesic.hpp"

namespace chiploc {
namespace {

using Json = nlohmann::json;
using Ring = std::vector<Degrees>;

constexpr int kDeepest = 8;         // collections in collections
constexpr double kLeastKm2 = 1e-6;  // a square metre

/// Rings of a text, outer and inner alike; the first fault ends it.
class Reader {
 public:
  explicit Reader(const AreaLimits& limits) : left_{limits.positions} {}

  void read(const Json& value, const std::string& path, int depth) {
    if (depth > kDeepest)
      return fail(path, "collections lie deeper in each other than " + std::to_string(kDeepest));
    if (!value.is_object()) return fail(path, "is no GeoJSON object");
    const auto type = value.find("type");
    if (type == value.end() || !type->is_string()) return fail(path, "has no \"type\"");
    const auto& name = type->get_ref<const std::string&>();
    if (name == "Feature") return read_member(value, path, "geometry", depth);
    if (name == "FeatureCollection") return read_all(value, path, "features", depth);
    if (name == "GeometryCollection") return read_all(value, path, "geometries", depth);
    if (name != "Polygon" && name != "MultiPolygon")
      return fail(
          path, "is of type \"" + name.substr(0, 40) + "\"; a territory is made of Polygon and MultiPolygon");
    const auto found = value.find("coordinates");
    if (found == value.end() || !found->is_array()) return fail(path, "has no array \"coordinates\"");
    const std::string here = path + ".coordinates";
    if (name == "Polygon") return read_polygon(*found, here);
    for (std::size_t i = 0; i < found->size() && fault.empty(); ++i)
      read_polygon((*found)[i], here + "[" + std::to_string(i) + "]");
  }

  std::vector<Ring> rings;
  bool pole_inside = false;  // the North Pole, where parity begins
  double area_km2 = 0.0;
  std::string fault;

 private:
  void fail(const std::string& path, const std::string& what) {
    if (fault.empty()) fault = path + " " + what;
  }
  void read_member(const Json& value, const std::string& path, const char* name, int depth) {
    const auto found = value.find(name);
    if (found == value.end()) return fail(path, std::string{"has no \""} + name + "\"");
    read(*found, path + "." + name, depth + 1);
  }
  void read_all(const Json& value, const std::string& path, const char* name, int depth) {
    const auto found = value.find(name);
    if (found == value.end() || !found->is_array())
      return fail(path, std::string{"has no array \""} + name + "\"");
    for (std::size_t i = 0; i < found->size() && fault.empty(); ++i)
      read((*found)[i], path + "." + name + "[" + std::to_string(i) + "]", depth + 1);
  }
  void read_polygon(const Json& polygon, const std::string& path) {
    if (!polygon.is_array() || polygon.empty()) return fail(path, "is no array of rings");
    double enclosed = 0.0;
    for (std::size_t i = 0; i < polygon.size() && fault.empty(); ++i)
      enclosed += (i == 0 ? 1.0 : -1.0) * read_ring(polygon[i], path + "[" + std::to_string(i) + "]", i == 0);
    if (fault.empty() && enclosed < kLeastKm2) return fail(path, "encloses nothing");
    area_km2 += enclosed;
  }
  /// Returns what the ring encloses, in square kilometres.
  double read_ring(const Json& ring, const std::string& path, bool outer) {
    if (!ring.is_array() || ring.size() < 4) {
      fail(path, "is no ring: it takes four positions at least, the last one like the first");
      return 0.0;
    }
    if (ring.size() > left_) {
      fail(path, "has too many positions: the limits of a territory are exceeded");
      return 0.0;
    }
    left_ -= ring.size();
    Ring out;
    for (std::size_t i = 0; i < ring.size() && fault.empty(); ++i)
      append(out, ring[i], path + "[" + std::to_string(i) + "]");
    if (!fault.empty()) return 0.0;
    if (out.front().lat != out.back().lat || out.front().lon != out.back().lon) {
      fail(path, "is not closed: its last position is not its first");
      return 0.0;
    }
    double around = 0.0;  // degrees of longitude walked eastwards
    for (std::size_t i = 1; i < out.size(); ++i) {
      const double width = out[i].lon - out[i - 1].lon;
      around += std::abs(width) <= 180.0 ? width : width - std::copysign(360.0, width);
    }
    double enclosed = ring_area_km2(out);
    if (std::abs(around) > 180.0) {
      // Its area counts to the South Pole. Enclosed is the left of an outer ring, the right of a hole.
      const bool north = (around > 0.0) == outer;
      if (north) {
        pole_inside = !pole_inside;
        enclosed = kEarthKm2 - enclosed;
      }
    }
    rings.push_back(std::move(out));
    return enclosed;
  }
  void append(Ring& ring, const Json& position, const std::string& path) {
    if (!position.is_array() || position.size() < 2 || !position[0].is_number() || !position[1].is_number())
      return fail(path, "is no position: two numbers, longitude and latitude");
    const Degrees place{.lat = position[1].get<double>(), .lon = position[0].get<double>()};
    if (!(std::abs(place.lon) <= 180.0)) return fail(path, "has a longitude that is not from -180 to 180");
    if (!(std::abs(place.lat) <= 90.0))
      return fail(path, "has a latitude that is not from -90 to 90; longitude comes first");
    if (!ring.empty()) {
      const Degrees last = ring.back();
      const double width = std::abs(place.lon - last.lon);
      const bool along_pole = std::abs(last.lat) == 90.0 && last.lat == place.lat;
      if (width == 180.0 && !along_pole)
        return fail(path,
                    "is 180 degrees from the position before it: add one in between, to tell which way");
      // Pieces short enough to be taken as they are drawn.
      if (width == 360.0 || (along_pole && width > 90.0)) {
        constexpr int kPieces = 4;
        for (int i = 1; i < kPieces; ++i) {
          const double share = static_cast<double>(i) / kPieces;
          ring.push_back({.lat = last.lat + share * (place.lat - last.lat),
                          .lon = last.lon + share * (place.lon - last.lon)});
        }
      }
    }
    ring.push_back(place);
  }

  static constexpr double kEarthKm2 = 510'065'621.7;  // WGS 84
  std::size_t left_;
};

}  // namespace

struct Area::Tables {
  explicit Tables(const Reader& read) : pole_inside{read.pole_inside}, table{table_of(read)}, tree{table} {}

  static BorderTable table_of(const Reader& read) {
    BorderTable table;
    table.rows.push_back({"", "", read.area_km2});
    for (const Ring& ring : read.rings) {
      for (const GridLine& line : lines_of_ring(ring)) {
        const auto begin = static_cast<std::uint32_t>(table.vertices.size());
        for (const GridPoint point : line) {
          table.vertices.push_back({point.lon * 2, point.lat * 2});
          table.points.push_back(to_sphere(Degrees{.lat = point.lat * 1e-6, .lon = point.lon * 1e-6}));
        }
        table.lines.push_back({begin, static_cast<std::uint32_t>(table.vertices.size()), 0});
      }
    }
    return table;
  }

  bool pole_inside;
  BorderTable table;
  BorderTree tree;
};

Area::Area(std::unique_ptr<const Tables> tables) : tables_{std::move(tables)} {}
Area::Area(Area&&) noexcept = default;
Area& Area::operator=(Area&&) noexcept = default;
Area::~Area() = default;

Area::Parsed Area::from_geojson(std::string_view text, const AreaLimits& limits) {
  if (text.size() > limits.bytes)
    return {std::nullopt, "the text is longer than " + std::to_string(limits.bytes) + " bytes"};
  const Json parsed = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (parsed.is_discarded()) return {std::nullopt, "the text is not JSON"};
  Reader reader{limits};
  reader.read(parsed, "$", 0);
  if (reader.fault.empty() && reader.rings.empty()) reader.fault = "$ has no polygon in it";
  if (!reader.fault.empty()) return {std::nullopt, reader.fault};
  return {Area{std::make_unique<const Tables>(reader)}, {}};
}

std::optional<Kilometers> Area::clearance(const Region& region, Kilometers limit) const {
  return clearance_of(region, limit, [this](const Region& grown) { return meets(grown); });
}

Kilometers Area::distance_from(LatLon place) const {
  if (contains(place)) return Kilometers{0.0};
  return geodesic_distance(place, from_sphere(tables_->tree.nearest(to_sphere(place), 0)));
}

double Area::area_km2() const { return tables_->table.rows.front().area_km2; }

bool Area::contains(LatLon place) const {
  const OddPoint p = odd_point(place.lat_deg(), place.lon_deg());
  bool inside = tables_->pole_inside;
  const BorderTable& table = tables_->table;
  for (const BorderTable::Line& line : table.lines) {
    for (std::uint32_t v = line.begin; v + 1 < line.end; ++v) {
      if (crosses_north(table.vertices[v], table.vertices[v + 1], p)) inside = !inside;
    }
  }
  return inside;
}

bool Area::edge_touches(const Region& region) const {
  return tables_->tree.touches(region.cap_set().inflated(largest_angle(kLineDifference)), 0);
}

bool Area::meets(const Region& region) const {
  if (region.empty()) return false;
  if (region.is_everything() || edge_touches(region)) return true;
  const auto points = region.representatives();
  return std::any_of(points.begin(), points.end(), [this](LatLon p) { return contains(p); });
}

bool Area::holds(const Region& region) const {
  if (region.empty() || region.is_everything() || edge_touches(region)) return false;
  // No edge comes near any component, so each lies wholly inside or outside, as its representatives do.
  const auto points = region.representatives();
  return std::all_of(points.begin(), points.end(), [this](LatLon p) { return contains(p); });
}

}  // namespace chiploc
