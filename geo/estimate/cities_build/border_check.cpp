#include "geo/estimate/cities_build/border_check.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>
#include <string_view>

#include "geo/borders/border_grid.hpp"
#include "geo/borders/border_table.hpp"
#include "geo/borders/border_tree.hpp"
#include "geo/borders/borders.hpp"

namespace chiploc::cities_build {
namespace {

struct Wrong {
  std::string_view name;
  std::string_view country;
  std::string_view why;
};
constexpr std::string_view kAtSea = "the source rounds to minutes and puts it into the sea";
constexpr std::array<Wrong, 7> kWrong{{
    {"Navis", "AT", "the source has the latitude of a place 50 km farther north"},
    {"Sambo Creek", "HN", kAtSea},
    {"Río Esteban", "HN", kAtSea},
    {"Jericó", "HN", kAtSea},
    {"Tulalip Bay", "US", kAtSea},
    {"Cambarus", "PH", "the source puts it into the sea, 21 km from any land"},
    {"Sarupathar", "IN", "the source has 96.81 E for 93.88 E"},
}};

std::vector<unsigned char> bytes_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace

std::vector<std::size_t> check_cities_against_borders(const std::vector<NamedCity>& cities,
                                                      const std::string& border_table) {
  const auto table = BorderTable::decode(bytes_of(border_table));
  if (!table) throw std::runtime_error{border_table + ": not a table of borders"};
  const BorderGrid surveyed{*table, BorderMap::kSurveyed};
  const BorderGrid generalised{*table, BorderMap::kGeneralised};
  const BorderGrid contested{*table, BorderMap::kContested};
  const BorderTree tree{*table};
  std::string faults;
  std::set<std::pair<std::string_view, std::string_view>> used;
  std::vector<std::size_t> misplaced;
  for (std::size_t i = 0; i < cities.size(); ++i) {
    const NamedCity& city = cities[i];
    const auto row = std::find_if(table->rows.begin(), table->rows.end(),
                                  [&](const BorderTable::Row& r) { return r.code == city.country; });
    const auto place = LatLon::from_degrees({.lat = city.lat, .lon = city.lon});
    if (row == table->rows.end() || !place) throw std::runtime_error{city.name + ": no country or no place"};
    const auto country = static_cast<std::uint32_t>(row - table->rows.begin());
    if ((surveyed.countries_at(*place) | generalised.countries_at(*place) |
         contested.countries_at(*place))[country])
      continue;
    const Vec3 at = to_sphere(*place);
    const double km = angle_between(at, tree.nearest(at, country)) * kEquatorialRadius.km();
    if (km <= kBorderAmbiguity.km()) continue;
    const auto listed = std::find_if(kWrong.begin(), kWrong.end(), [&](const Wrong& wrong) {
      return wrong.name == city.name && wrong.country == city.country;
    });
    if (listed != kWrong.end()) {
      used.insert({listed->name, listed->country});
      misplaced.push_back(i);
      continue;
    }
    char line[256];
    std::snprintf(line, sizeof line, "\n  %s (%s) at %.4f %.4f is %.1f km from its country",
                  city.name.c_str(), city.country.c_str(), city.lat, city.lon, km);
    faults += line;
  }
  for (const Wrong& wrong : kWrong) {
    if (!used.contains({wrong.name, wrong.country}))
      faults += "\n  " + std::string{wrong.name} + " lies right by now";
  }
  if (!faults.empty()) throw std::runtime_error{"cities against " + border_table + ":" + faults};
  return misplaced;
}

}  // namespace chiploc::cities_build
