#include "geo/borders/build/geo_maps.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <numbers>
#include <stdexcept>
#include <utility>

#include "geo/borders/border_lines.hpp"

namespace chiploc::borders_build {
namespace {

using nlohmann::json;

constexpr double kKmPerDegree = 111.2;
constexpr double kCoarsestKm = 0.7;
constexpr double kSmallCountryKm = 0.2;
constexpr double kSmallCountryKm2 = 5'000.0;
constexpr double kPartsOfExtent = 12.0;

/// Follows the file without holding it: a tree of 5 million positions would take gigabytes.
class Reader : public nlohmann::json_sax<json> {
 public:
  std::vector<GeoMapsCountry> countries;
  std::string fault;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(std::int64_t value) override { return number(static_cast<double>(value)); }
  bool number_unsigned(std::uint64_t value) override { return number(static_cast<double>(value)); }
  bool number_float(double value, const std::string&) override { return number(value); }
  bool binary(json::binary_t&) override { return true; }
  bool string(std::string& value) override {
    if (key_ == "A3") country_.alpha_3 = value;
    return true;
  }
  bool key(std::string& value) override {
    key_ = value;
    return true;
  }
  bool start_object(std::size_t) override {
    ++objects_;
    return true;
  }
  bool end_object() override {
    if (--objects_ != 1) return true;  // the file's own object is the outermost, features are in it
    if (country_.alpha_3.size() != 3 || country_.polygons.empty())
      return refuse("a feature without code or land");
    if (!ring_.empty() || !polygon_.empty()) return refuse("a feature that is not made of polygons");
    countries.push_back(std::exchange(country_, {}));
    return true;
  }
  bool start_array(std::size_t) override { return true; }
  /// An array ends one level above what ended last: a position, a ring of them, a polygon of rings.
  bool end_array() override {
    if (key_ != "coordinates") return true;
    if (!numbers_.empty()) {
      if (numbers_.size() != 2) return refuse("a position that is not two numbers");
      ring_.push_back({numbers_[0], numbers_[1]});
      numbers_.clear();
    } else if (!ring_.empty()) {
      if (ring_.size() < 4 || ring_.front() != ring_.back()) return refuse("a ring that is not closed");
      polygon_.push_back(std::exchange(ring_, {}));
    } else if (!polygon_.empty()) {
      country_.polygons.push_back(std::exchange(polygon_, {}));
    }
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const json::exception& error) override {
    return refuse(error.what());
  }

 private:
  bool number(double value) {
    if (key_ != "coordinates") return true;
    const double limit = numbers_.empty() ? 180.0 : 90.0;
    if (!(std::abs(value) <= limit)) return refuse("a position outside the world");
    numbers_.push_back(value);
    return true;
  }
  bool refuse(std::string what) {
    if (fault.empty()) fault = std::move(what);
    return false;
  }

  std::string key_;
  int objects_ = 0;
  std::vector<double> numbers_;
  Ring ring_;
  std::vector<Ring> polygon_;
  GeoMapsCountry country_;
};

/// Squared distance in degrees of latitude from p to the piece of line from a to b; `shrink` is the cosine of
/// the latitude.
double squared_distance(Point p, Point a, Point b, double shrink) {
  const double dx = (b.lon - a.lon) * shrink;
  const double dy = b.lat - a.lat;
  const double px = (p.lon - a.lon) * shrink;
  const double py = p.lat - a.lat;
  const double length = dx * dx + dy * dy;
  const double share = length == 0.0 ? 0.0 : std::clamp((px * dx + py * dy) / length, 0.0, 1.0);
  return (px - share * dx) * (px - share * dx) + (py - share * dy) * (py - share * dy);
}

void keep_between(const Ring& ring, std::size_t first, std::size_t last, double squared,
                  std::vector<bool>& keep) {
  std::vector<std::pair<std::size_t, std::size_t>> pending{{first, last}};
  while (!pending.empty()) {
    const auto [begin, end] = pending.back();
    pending.pop_back();
    if (end < begin + 2) continue;
    // Degrees of longitude are widest at the end that is nearer to the equator.
    const double lat = std::min(std::abs(ring[begin].lat), std::abs(ring[end].lat));
    const double shrink = std::cos(lat * std::numbers::pi / 180.0);
    double farthest = -1.0;
    std::size_t at = begin;
    for (std::size_t i = begin + 1; i < end; ++i) {
      const double distance = squared_distance(ring[i], ring[begin], ring[end], shrink);
      if (distance > farthest) {
        farthest = distance;
        at = i;
      }
    }
    if (farthest <= squared) continue;
    keep[at] = true;
    pending.emplace_back(begin, at);
    pending.emplace_back(at, end);
  }
}

Ring thinned(const Ring& ring, double km, const std::vector<Box>& kept) {
  const double degrees = km / kKmPerDegree;
  std::vector<bool> keep(ring.size(), false);
  // The first vertex, and the farthest from it: the two halves are lines with ends.
  std::size_t far = 0;
  double farthest = -1.0;
  for (std::size_t i = 1; i + 1 < ring.size(); ++i) {
    const double distance = squared_distance(ring[i], ring[0], ring[0], 1.0);
    if (distance > farthest) {
      farthest = distance;
      far = i;
    }
  }
  keep.front() = true;
  keep[far] = true;
  keep.back() = true;
  for (std::size_t i = 0; i < ring.size(); ++i) {
    if (std::any_of(kept.begin(), kept.end(), [&](const Box& box) { return box.holds(ring[i]); }))
      keep[i] = true;
  }
  std::size_t begin = 0;
  for (std::size_t end = 1; end < ring.size(); ++end) {
    if (!keep[end]) continue;
    keep_between(ring, begin, end, degrees * degrees, keep);
    begin = end;
  }
  Ring out;
  for (std::size_t i = 0; i < ring.size(); ++i) {
    if (keep[i]) out.push_back(ring[i]);
  }
  return out.size() < 4 ? ring : out;
}

}  // namespace

std::vector<GeoMapsCountry> read_geo_maps(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  if (!file || text.empty()) throw std::runtime_error{path + ": cannot be read"};
  Reader reader;
  if (!json::sax_parse(text, &reader))
    throw std::runtime_error{path + ": not the GeoJSON of geo-maps: " + reader.fault};
  return std::move(reader.countries);
}

Box box_of(const Ring& ring) {
  Box box;
  for (const Point p : ring) {
    box.west = std::min(box.west, p.lon);
    box.south = std::min(box.south, p.lat);
    box.east = std::max(box.east, p.lon);
    box.north = std::max(box.north, p.lat);
  }
  return box;
}

void thin(GeoMapsCountry& country, const std::vector<Box>& kept) {
  double area = 0.0;
  for (const auto& polygon : country.polygons) {
    std::vector<Degrees> ring;
    for (const Point p : polygon.front()) ring.push_back({.lat = p.lat, .lon = p.lon});
    area += ring_area_km2(ring);
  }
  const double most = area < kSmallCountryKm2 ? kSmallCountryKm : kCoarsestKm;
  for (auto& polygon : country.polygons) {
    Ring& ring = polygon.front();
    const Box box = box_of(ring);
    const double lat = std::max(std::abs(box.south), std::abs(box.north));
    const double width = (box.east - box.west) * std::cos(lat * std::numbers::pi / 180.0);
    const double extent = kKmPerDegree * std::max(width, box.north - box.south);
    ring = thinned(ring, std::min(most, extent / kPartsOfExtent), kept);
  }
}

}  // namespace chiploc::borders_build
