#include "geo/borders/build/enclaves.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <map>
#include <string_view>
#include <utility>

namespace chiploc::borders_build {
namespace {

/// In square degrees, which is enough to tell the larger of two nested rings.
double size_of(const Ring& ring) {
  double sum = 0.0;
  for (std::size_t i = 1; i < ring.size(); ++i)
    sum += ring[i - 1].lon * ring[i].lat - ring[i].lon * ring[i - 1].lat;
  return std::abs(sum) / 2.0;
}

/// An outer ring that is asked often whether it holds a point: its edges by bands of latitude.
class Outer {
 public:
  Outer(std::size_t of_country, std::size_t of_polygon, const Ring& ring)
      : country{of_country}, polygon{of_polygon}, box{box_of(ring)}, size{size_of(ring)}, ring_{&ring} {
    bands_.resize(static_cast<std::size_t>(band(box.north)) + 1);
    for (std::size_t i = 1; i < ring.size(); ++i) {
      const auto [low, high] = std::minmax(ring[i - 1].lat, ring[i].lat);
      for (int b = band(low); b <= band(high); ++b) bands_[static_cast<std::size_t>(b)].push_back(i);
    }
  }

  [[nodiscard]] bool holds(Point p) const {
    if (p.lon < box.west || p.lon > box.east || p.lat < box.south || p.lat > box.north) return false;
    bool inside = false;
    for (const std::size_t i : bands_[static_cast<std::size_t>(band(p.lat))]) {
      const Point a = (*ring_)[i - 1];
      const Point b = (*ring_)[i];
      if ((a.lat > p.lat) == (b.lat > p.lat)) continue;
      if (p.lon < a.lon + (p.lat - a.lat) / (b.lat - a.lat) * (b.lon - a.lon)) inside = !inside;
    }
    return inside;
  }

  [[nodiscard]] bool holds(const Outer& other) const {
    // Nearly the same ring is a claim of both, not an enclave.
    constexpr double kSame = 0.9;
    return other.size < kSame * size && other.box.west > box.west && other.box.east < box.east &&
           other.box.south > box.south && other.box.north < box.north &&
           std::all_of(other.ring_->begin(), other.ring_->end(), [this](Point p) { return holds(p); });
  }

  [[nodiscard]] const Ring& ring() const { return *ring_; }

  std::size_t country;
  std::size_t polygon;
  Box box;
  double size;

 private:
  [[nodiscard]] int band(double lat) const { return static_cast<int>((lat - box.south) * 20.0); }
  const Ring* ring_;
  std::vector<std::vector<std::size_t>> bands_;
};

/// Which rings can hold a point, by squares of two degrees.
class Squares {
 public:
  explicit Squares(const std::vector<Outer>& outers) {
    for (std::size_t i = 0; i < outers.size(); ++i) {
      const Box& box = outers[i].box;
      for (int lat = square(box.south); lat <= square(box.north); ++lat) {
        for (int lon = square(box.west); lon <= square(box.east); ++lon) squares_[{lat, lon}].push_back(i);
      }
    }
  }
  [[nodiscard]] const std::vector<std::size_t>& at(Point p) const {
    return squares_.at({square(p.lat), square(p.lon)});
  }

 private:
  static int square(double degrees) { return static_cast<int>(std::floor(degrees / 2.0)); }
  std::map<std::pair<int, int>, std::vector<std::size_t>> squares_;
};

/// State and territory, by their codes of three letters.
using Pair = std::pair<std::string_view, std::string_view>;
constexpr std::array<Pair, 31> kTerritories{
    {{"AUS", "CCK"}, {"AUS", "CXR"}, {"AUS", "HMD"}, {"AUS", "NFK"}, {"CHN", "HKG"}, {"CHN", "MAC"},
     {"CHN", "TWN"}, {"ESP", "GIB"}, {"FIN", "ALA"}, {"FRA", "BLM"}, {"FRA", "GUF"}, {"FRA", "MAF"},
     {"FRA", "MYT"}, {"FRA", "NCL"}, {"FRA", "PYF"}, {"FRA", "SPM"}, {"FRA", "ATF"}, {"FRA", "WLF"},
     {"IDN", "TLS"}, {"NLD", "ABW"}, {"NLD", "BES"}, {"NLD", "CUW"}, {"NLD", "SXM"}, {"NOR", "BVT"},
     {"NOR", "SJM"}, {"USA", "ASM"}, {"USA", "GUM"}, {"USA", "MNP"}, {"USA", "PRI"}, {"USA", "UMI"},
     {"USA", "VIR"}}};

bool nearly(const Box& a, const Box& b) {
  constexpr double kThinning = 0.02;  // degrees, two kilometres: the same ring, thinned for two countries
  return std::abs(a.west - b.west) < kThinning && std::abs(a.east - b.east) < kThinning &&
         std::abs(a.south - b.south) < kThinning && std::abs(a.north - b.north) < kThinning;
}

template <typename Countries>
auto find(Countries& countries, std::string_view code) {
  return std::find_if(countries.begin(), countries.end(),
                      [&](const GeoMapsCountry& country) { return country.alpha_3 == code; });
}

void cut(GeoMapsCountry& state, const GeoMapsCountry& territory) {
  for (const auto& part : territory.polygons) {
    const Ring& ring = part.front();
    const Box box = box_of(ring);
    const auto same = [&](const std::vector<Ring>& polygon) { return nearly(box_of(polygon.front()), box); };
    if (std::erase_if(state.polygons, same) > 0) continue;
    Point middle;
    for (std::size_t i = 1; i < ring.size(); ++i) {
      middle.lon += ring[i].lon / static_cast<double>(ring.size() - 1);
      middle.lat += ring[i].lat / static_cast<double>(ring.size() - 1);
    }
    for (auto& polygon : state.polygons) {
      if (std::find(polygon.begin() + 1, polygon.end(), ring) != polygon.end())
        continue;  // an enclave, cut already
      if (Outer{0, 0, polygon.front()}.holds(middle)) polygon.push_back(ring);
    }
  }
}

}  // namespace

void cut_enclaves(std::vector<GeoMapsCountry>& countries) {
  std::vector<Outer> outers;
  for (std::size_t country = 0; country < countries.size(); ++country) {
    auto& polygons = countries[country].polygons;
    for (std::size_t i = 0; i < polygons.size(); ++i) {
      polygons[i].resize(1);
      outers.emplace_back(country, i, polygons[i].front());
    }
  }
  const Squares squares{outers};
  std::vector<std::pair<const Outer*, const Outer*>> nested;  // a ring and the smallest that holds it
  for (const Outer& outer : outers) {
    const Outer* parent = nullptr;
    for (const std::size_t i : squares.at(outer.ring().front())) {
      const Outer& other = outers[i];
      if ((parent == nullptr || other.size < parent->size) && other.holds(outer)) parent = &other;
    }
    if (parent != nullptr) nested.emplace_back(&outer, parent);
  }
  std::vector<std::pair<std::vector<Ring>*, Ring>> holes;
  std::vector<std::vector<Ring>*> dropped;
  for (const auto& [outer, parent] : nested) {
    if (outer->country == parent->country) {
      dropped.push_back(&countries[outer->country].polygons[outer->polygon]);
    } else {
      holes.emplace_back(&countries[parent->country].polygons[parent->polygon], outer->ring());
    }
  }
  for (auto& [polygon, hole] : holes) polygon->push_back(std::move(hole));
  for (std::vector<Ring>* polygon : dropped) polygon->clear();
  for (GeoMapsCountry& country : countries)
    std::erase_if(country.polygons, [](const std::vector<Ring>& polygon) { return polygon.empty(); });
}

std::vector<Box> shared_outlines(const std::vector<GeoMapsCountry>& countries) {
  constexpr double kAround = 0.01;  // degrees
  std::vector<Box> out;
  for (const auto& [state, territory] : kTerritories) {
    const auto whole = find(countries, state);
    const auto part = find(countries, territory);
    if (whole == countries.end() || part == countries.end()) continue;
    for (const auto& polygon : part->polygons) {
      const Box box = box_of(polygon.front());
      const auto alone = [&](const std::vector<Ring>& other) { return nearly(box_of(other.front()), box); };
      if (std::any_of(whole->polygons.begin(), whole->polygons.end(), alone)) continue;
      out.push_back({box.west - kAround, box.south - kAround, box.east + kAround, box.north + kAround});
    }
  }
  return out;
}

void cut_territories(std::vector<GeoMapsCountry>& countries) {
  for (const auto& [state, territory] : kTerritories) {
    const auto whole = find(countries, state);
    const auto part = find(countries, territory);
    if (whole != countries.end() && part != countries.end()) cut(*whole, *part);
  }
}

}  // namespace chiploc::borders_build
