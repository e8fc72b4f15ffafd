#include "geo/area/drawing.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>

#include "geo/area/drawing_crs.hpp"

namespace chiploc {
namespace {

using Json = nlohmann::json;

constexpr int kDeepest = 8;           // collections in collections
constexpr double kRounding = 1.5e-6;  // degrees past 180 or 90 that six decimals can come to
// Of all edges, degrees of longitude and latitude: a country at 1:10m has some hundreds. Long edges are
// cut into pieces that great circles follow, four to the degree at worst.
constexpr double kLongestDeg = 100'000.0;

std::string shown(double number) {
  char text[40];
  std::snprintf(text, sizeof text, "%.10g", number);
  return text;
}

/// `coordinate` on the limit when it is there but for rounding.
double without_rounding(double coordinate, double limit) {
  return std::abs(std::abs(coordinate) - limit) <= kRounding ? std::copysign(limit, coordinate) : coordinate;
}

bool same(Degrees a, Degrees b) { return a.lat == b.lat && a.lon == b.lon; }

/// Leaves out positions that repeat the one before, and lines walked there and back over the same ones.
void drop_spikes(DrawnRing& ring) {
  DrawnRing kept;
  ring.pop_back();
  for (const Degrees place : ring) {
    if (!kept.empty() && same(kept.back(), place)) continue;
    if (kept.size() > 1 && same(kept[kept.size() - 2], place)) {
      kept.pop_back();
      continue;
    }
    kept.push_back(place);
  }
  std::size_t first = 0;  // the same across the join of end and beginning
  while (kept.size() - first > 2) {
    if (same(kept[first], kept.back())) {
      kept.pop_back();
    } else if (same(kept[first + 1], kept.back())) {
      kept.pop_back();
      ++first;
    } else if (same(kept[first], kept[kept.size() - 2])) {
      kept.pop_back();
      kept.pop_back();
    } else {
      break;
    }
  }
  kept.erase(kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(first));
  if (!kept.empty()) kept.push_back(kept.front());
  ring = std::move(kept);
}

class Reader {
 public:
  explicit Reader(const AreaLimits& limits) : left_{limits.positions} {}

  void read(const Json& value, const std::string& path, int depth) {
    if (depth > kDeepest)
      return fail(path, "collections lie deeper in each other than " + std::to_string(kDeepest));
    if (!value.is_object()) return fail(path, "is no GeoJSON object");
    const auto type = value.find("type");
    if (type == value.end() || !type->is_string()) return fail(path, "has no \"type\"");
    if (const auto crs = value.find("crs"); crs != value.end()) {
      if (const std::string problem = crs_fault(*crs); !problem.empty()) return fail(path + ".crs", problem);
    }
    const auto& name = type->get_ref<const std::string&>();
    if (name == "Feature") return read_geometry(value, path, depth);
    if (name == "FeatureCollection") return read_all(value, path, "features", depth);
    if (name == "GeometryCollection") return read_all(value, path, "geometries", depth);
    if (name != "Polygon" && name != "MultiPolygon")
      return fail(
          path, "is of type \"" + name.substr(0, 40) + "\"; a territory is made of Polygon and MultiPolygon");
    const auto found = value.find("coordinates");
    if (found == value.end() || !found->is_array()) return fail(path, "has no array \"coordinates\"");
    const std::string here = path + ".coordinates";
    if (name == "Polygon") return read_polygon(*found, here);
    for (std::size_t i = 0; i < found->size() && out.fault.empty(); ++i)
      read_polygon((*found)[i], here + "[" + std::to_string(i) + "]");
  }

  void fail(const std::string& path, const std::string& what) {
    if (out.fault.empty()) out.fault = path + " " + what;
  }

  AreaDrawing out;

 private:
  void read_geometry(const Json& feature, const std::string& path, int depth) {
    const auto found = feature.find("geometry");
    if (found == feature.end() || found->is_null()) return;  // a feature without a place (RFC 7946, 3.2)
    read(*found, path + ".geometry", depth + 1);
  }
  void read_all(const Json& value, const std::string& path, const char* name, int depth) {
    const auto found = value.find(name);
    if (found == value.end() || !found->is_array())
      return fail(path, std::string{"has no array \""} + name + "\"");
    for (std::size_t i = 0; i < found->size() && out.fault.empty(); ++i)
      read((*found)[i], path + "." + name + "[" + std::to_string(i) + "]", depth + 1);
  }
  void read_polygon(const Json& polygon, const std::string& path) {
    if (!polygon.is_array()) return fail(path, "is no array of rings");
    DrawnPolygon drawn{path, {}};
    bool outlined = true;
    for (std::size_t i = 0; i < polygon.size() && out.fault.empty(); ++i) {
      const std::string here = path + "[" + std::to_string(i) + "]";
      if (polygon[i].is_array() && polygon[i].empty()) {  // no place, like null (RFC 7946, 3.1)
        outlined = outlined && i > 0;
        continue;
      }
      if (!outlined)
        return fail(
            here,
            "is a hole, and the outer ring before it is empty: give the outer ring, or leave the hole out");
      drawn.rings.push_back(read_ring(polygon[i], here));
    }
    if (!drawn.rings.empty()) out.polygons.push_back(std::move(drawn));
  }
  DrawnRing read_ring(const Json& ring, const std::string& path) {
    DrawnRing drawn;
    if (!ring.is_array() || ring.size() < 4) {
      fail(path, "is no ring: it takes four positions at least, the last one like the first");
      return drawn;
    }
    if (ring.size() > left_) {
      fail(path, "has too many positions: the limits of a territory are exceeded");
      return drawn;
    }
    left_ -= ring.size();
    for (std::size_t i = 0; i < ring.size() && out.fault.empty(); ++i)
      append(drawn, ring[i], path + "[" + std::to_string(i) + "]");
    if (!out.fault.empty()) return drawn;
    if (!same(drawn.front(), drawn.back()))
      fail(path, "is not closed: its last position, " + shown_place(drawn.back()) + ", is not its first, " +
                     shown_place(drawn.front()) +
                     "; repeat the first at the end, or give what is missing between them");
    else
      drop_spikes(drawn);
    check_rounds(drawn, path);
    return drawn;
  }
  /// An edge from -180 to 180 is one round the Earth only where the ring goes on along that meridian at both
  /// ends, as bands and caps do, and until the next such edge stays on it or comes round to it. Where it
  /// comes from beside the meridian, or goes back there, it may as well be a step across.
  void check_rounds(const DrawnRing& ring, const std::string& path) {
    const std::size_t count = ring.empty() ? 0 : ring.size() - 1;  // the last is the first
    std::vector<std::size_t> rounds;                               // where such an edge begins
    for (std::size_t i = 0; i < count; ++i) {
      if (std::abs(ring[i + 1].lon - ring[i].lon) == 360.0 && std::abs(ring[i].lat) != 90.0)
        rounds.push_back(i);
    }
    for (std::size_t k = 0; k < rounds.size() && out.fault.empty(); ++k) {
      const std::size_t from = rounds[k];
      const Degrees to = ring[from + 1];
      const std::size_t next = rounds[(k + 1) % rounds.size()];
      bool on_meridian = true;
      for (std::size_t i = (from + 1) % count; i != next; i = (i + 1) % count)
        on_meridian = on_meridian && ring[i].lon == to.lon;
      const bool comes_round = ring[next].lon == -to.lon;
      if (ring[(from + count - 1) % count].lon == ring[from].lon && ring[(from + 2) % count].lon == to.lon &&
          (comes_round || on_meridian))
        continue;
      fail(path,
           "has an edge from " + shown_place(ring[from]) + " to " + shown_place(to) +
               ": whether it steps across the antimeridian or goes round the Earth cannot be told; cut a "
               "territory across the antimeridian there in two polygons, one that ends at 180 and one that "
               "begins at -180 (RFC 7946, 3.1.9), and let one around a pole go on from both ends along the "
               "meridian to latitude 90 or -90");
    }
  }
  void append(DrawnRing& ring, const Json& position, const std::string& path) {
    if (!position.is_array() || position.size() < 2 || !position[0].is_number() || !position[1].is_number())
      return fail(path, "is no position: two numbers, longitude and latitude");
    const Degrees place{.lat = without_rounding(position[1].get<double>(), 90.0),
                        .lon = without_rounding(position[0].get<double>(), 180.0)};
    if (!check_range(place, path)) return;
    if (!ring.empty() && !check_edge(ring.back(), place, path)) return;
    ring.push_back(place);
  }
  bool check_range(Degrees place, const std::string& path) {
    const bool lon_fits = std::abs(place.lon) <= 180.0;
    const bool lat_fits = std::abs(place.lat) <= 90.0;
    if (lon_fits && lat_fits) return true;
    std::string what = lon_fits
                           ? "has a latitude of " + shown(place.lat) + ", which is not from -90 to 90; "
                           : "has a longitude of " + shown(place.lon) + ", which is not from -180 to 180; ";
    if (std::abs(place.lon) > 360.0 || std::abs(place.lat) > 180.0) {
      what +=
          "a territory is drawn in degrees on WGS 84, longitude first: if these are metres of a projection, "
          "convert them (ogr2ogr -t_srs EPSG:4326)";
    } else if (lon_fits) {
      what += "longitude comes first: are the two numbers swapped?";
    } else {
      what +=
          "longitude comes first: if the territory goes on past the antimeridian, cut it there in two "
          "polygons and write what lies beyond as " +
          shown(std::remainder(place.lon, 360.0));
    }
    fail(path, what);
    return false;
  }
  /// The edge may be drawn one way only.
  bool check_edge(Degrees from, Degrees to, const std::string& path) {
    const double width = std::abs(to.lon - from.lon);
    length_deg_ += width + std::abs(to.lat - from.lat);
    if (length_deg_ > kLongestDeg) {
      fail(path, "has edges of more than " + shown(kLongestDeg) +
                     " degrees before it in all; draw the outline with fewer long edges");
      return false;
    }
    const bool same_parallel = from.lat == to.lat;
    if (width < 180.0 || (same_parallel && (width == 360.0 || std::abs(to.lat) == 90.0))) return true;
    fail(path, "at " + shown_place(to) + " is " + shown(width) + " degrees from the position before it, at " +
                   shown_place(from) +
                   ": which way round the Earth cannot be told; add a position in between to go across " +
                   "longitude " + shown((from.lon + to.lon) / 2.0) +
                   ", or cut the territory at the antimeridian in two polygons, one that ends at 180 and one "
                   "that begins at -180 (RFC 7946, 3.1.9)");
    return false;
  }

  std::size_t left_;
  double length_deg_ = 0.0;
};

constexpr std::array<std::string_view, 6> kMembers{"type",       "coordinates", "geometry",
                                                   "geometries", "features",    "crs"};

/// Parses, and notes a member that stands twice: readers differ in which of the two they take.
Json parse_once(std::string_view text, std::string& twice) {
  std::vector<std::set<std::string>> open;
  const auto look = [&](int /*depth*/, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) open.emplace_back();
    if (event == Json::parse_event_t::object_end) open.pop_back();
    if (event != Json::parse_event_t::key) return true;
    const auto& name = parsed.get_ref<const std::string&>();
    if (std::find(kMembers.begin(), kMembers.end(), name) != kMembers.end() &&
        !open.back().insert(name).second)
      twice = name;
    return true;
  };
  return Json::parse(text, look, /*allow_exceptions=*/false);
}

}  // namespace

std::string shown_place(Degrees place) {
  return "longitude " + shown(place.lon) + ", latitude " + shown(place.lat);
}

AreaDrawing read_drawing(std::string_view text, const AreaLimits& limits) {
  AreaDrawing refused;
  if (text.size() > limits.bytes) {
    refused.fault = "the text is longer than " + std::to_string(limits.bytes) + " bytes";
    return refused;
  }
  std::string twice;
  const Json parsed = parse_once(text, twice);
  if (parsed.is_discarded()) {
    refused.fault = "the text is not JSON";
    return refused;
  }
  if (!twice.empty()) {
    refused.fault = "the text has the member \"" + twice + "\" twice in one object; keep one of the two";
    return refused;
  }
  Reader reader{limits};
  reader.read(parsed, "$", 0);
  if (reader.out.polygons.empty()) reader.fail("$", "has no polygon in it");
  return std::move(reader.out);
}

}  // namespace chiploc
