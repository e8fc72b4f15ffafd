#include "geo/borders/build/topojson.hpp"

#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace chiploc::borders_build {
namespace {

using nlohmann::json;

json read_json(const std::string& path) {
  std::ifstream file{path};
  if (!file) throw std::runtime_error{path + ": cannot be opened"};
  try {
    return json::parse(file);
  } catch (const json::exception& error) {
    throw std::runtime_error{path + ": not valid JSON: " + error.what()};
  }
}

/// Grids have some thousands of lines; a bound far above that keeps sums of steps from overflowing.
std::int64_t grid_step(const json& value) {
  constexpr std::int64_t kStepMax = std::int64_t{1} << 32U;
  const std::int64_t step = value.is_number_integer() ? value.get<std::int64_t>() : kStepMax + 1;
  if (step > kStepMax || step < -kStepMax) throw std::runtime_error{"a step over the grid is out of range"};
  return step;
}

/// All arcs in degrees. Quantised topologies store differences of grid coordinates.
std::vector<std::vector<Point>> decode_arcs(const json& topology) {
  const double scale_lon = topology.at("transform").at("scale").at(0);
  const double scale_lat = topology.at("transform").at("scale").at(1);
  const double origin_lon = topology.at("transform").at("translate").at(0);
  const double origin_lat = topology.at("transform").at("translate").at(1);
  std::vector<std::vector<Point>> arcs;
  for (const json& arc : topology.at("arcs")) {
    std::vector<Point> points;
    std::int64_t x = 0;
    std::int64_t y = 0;
    for (const json& step : arc) {
      x += grid_step(step.at(0));
      y += grid_step(step.at(1));
      points.push_back(
          {origin_lon + static_cast<double>(x) * scale_lon, origin_lat + static_cast<double>(y) * scale_lat});
    }
    if (points.empty()) throw std::runtime_error{"an arc has no points"};
    arcs.push_back(std::move(points));
  }
  return arcs;
}

Ring join_arcs(const json& indices, const std::vector<std::vector<Point>>& arcs) {
  Ring ring;
  for (const json& entry : indices) {
    const std::int64_t index = entry.get<std::int64_t>();
    // A negative index ~i is arc i backwards; consecutive arcs share their end point.
    const auto& arc = arcs.at(static_cast<std::size_t>(index < 0 ? ~index : index));
    std::vector<Point> points = arc;
    if (index < 0) points.assign(arc.rbegin(), arc.rend());
    ring.insert(ring.end(), points.begin() + (ring.empty() ? 0 : 1), points.end());
  }
  if (ring.empty() || ring.front() != ring.back()) throw std::runtime_error{"a ring is not closed"};
  return ring;
}

std::vector<Ring> join_polygon(const json& rings, const std::vector<std::vector<Point>>& arcs) {
  std::vector<Ring> polygon;
  for (const json& ring : rings) polygon.push_back(join_arcs(ring, arcs));
  return polygon;
}

}  // namespace

std::vector<Feature> read_topojson(const std::string& path) {
  const json topology = read_json(path);
  try {
    const auto arcs = decode_arcs(topology);
    std::vector<Feature> features;
    for (const json& geometry : topology.at("objects").at("countries").at("geometries")) {
      Feature feature{
          .id = geometry.value("id", ""), .name = geometry.at("properties").at("name"), .polygons = {}};
      const std::string type = geometry.at("type");
      if (type == "Polygon") {
        feature.polygons.push_back(join_polygon(geometry.at("arcs"), arcs));
      } else if (type == "MultiPolygon") {
        for (const json& rings : geometry.at("arcs")) feature.polygons.push_back(join_polygon(rings, arcs));
      } else {
        throw std::runtime_error{feature.name + " is a " + type + ", not a polygon"};
      }
      features.push_back(std::move(feature));
    }
    return features;
  } catch (const std::exception& error) {
    throw std::runtime_error{path + ": not the TopoJSON of world-atlas: " + error.what()};
  }
}

std::map<std::string, IsoCountry> read_iso_codes(const std::string& path) {
  const json list = read_json(path);
  try {
    std::map<std::string, IsoCountry> countries;
    for (const json& entry : list.at("3166-1")) {
      const std::string name = entry.at("name");
      countries[entry.at("numeric")] = {.alpha_2 = entry.at("alpha_2"),
                                        .alpha_3 = entry.at("alpha_3"),
                                        .name = entry.value("common_name", name)};
    }
    return countries;
  } catch (const std::exception& error) {
    throw std::runtime_error{path + ": not the ISO 3166-1 list of iso-codes: " + error.what()};
  }
}

}  // namespace chiploc::borders_build
