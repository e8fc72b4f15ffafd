#include "server/plan/place_lists.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <numbers>

#include "geo/cap_set.hpp"

namespace chiploc {
namespace {

constexpr double kLatMost = 80.0;
constexpr Kilometers kNearCity{50.0};
constexpr double kNearDegrees = 0.5;  // of latitude: 55 km

bool is_among(const std::vector<CountryCode>& codes, CountryCode code) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

}  // namespace

std::vector<PlanPlace> city_places(const CityTable& cities, std::uint64_t people,
                                   const std::vector<CountryCode>& without) {
  std::map<CountryCode, std::vector<const City*>> by_country;
  for (const City& city : cities.cities) {
    if (city.people >= people && !is_among(without, city.country)) by_country[city.country].push_back(&city);
  }
  std::vector<PlanPlace> out;
  for (auto& [code, list] : by_country) {
    std::stable_sort(list.begin(), list.end(),
                     [](const City* a, const City* b) { return a->people > b->people; });
    for (std::size_t i = 0; i < list.size(); ++i) {
      PlanPlace place{code.text() + "-" + std::to_string(i + 1), list[i]->place};
      place.people = list[i]->people;
      out.push_back(std::move(place));
    }
  }
  return out;
}

std::vector<PlanPlace> grid_places(const Borders& borders, double step_deg,
                                   const std::vector<CountryCode>& without) {
  std::vector<PlanPlace> out;
  const int rows = static_cast<int>(kLatMost / step_deg);
  for (int row = -rows; row <= rows; ++row) {
    const double lat = row * step_deg;
    const double round = 360.0 * std::cos(lat * std::numbers::pi / 180.0) / step_deg;
    const int columns = std::max(1, static_cast<int>(std::lround(round)));
    for (int column = 0; column < columns; ++column) {
      const double lon = 360.0 * column / columns;
      const auto place = LatLon::from_degrees({.lat = lat, .lon = lon > 180.0 ? lon - 360.0 : lon});
      const auto country = place ? borders.country_at(*place) : std::nullopt;
      if (!country || is_among(without, *country)) continue;
      char name[48];
      std::snprintf(name, sizeof name, "%c%04.1f%c%05.1f", lat < 0.0 ? 'S' : 'N', std::abs(lat),
                    place->lon_deg() < 0.0 ? 'W' : 'E', std::abs(place->lon_deg()));
      out.push_back({name, *place});
    }
  }
  return out;
}

std::uint64_t people_near(const CityTable& cities, LatLon place) {
  const Vec3 here = to_sphere(place);
  const double least = std::cos(largest_angle(kNearCity));
  std::uint64_t most = 0;
  for (const City& city : cities.cities) {
    if (std::abs(city.place.lat_deg() - place.lat_deg()) > kNearDegrees) continue;
    if (city.people > most && dot(here, to_sphere(city.place)) >= least) most = city.people;
  }
  return most;
}

}  // namespace chiploc
