#include "server/verifier/resolution_places.hpp"

#include <algorithm>

#include "geo/estimate/city_table.hpp"
#include "geo/vec3.hpp"

namespace chiploc {
namespace {

constexpr std::uint64_t kCityOfSomeSize = 100'000;
constexpr double kNearKm = 500.0;
constexpr double kEarthKm = 6'371.0;
constexpr std::size_t kPlacesMax = 200;
constexpr int kAreaSteps = 5;  // of a grid over an area's box

struct SeenCity {
  const City* city;
  Vec3 at;
};

/// Every city once more, as a vector: all of them are gone through for each question.
const std::vector<SeenCity>& cities() {
  static const std::vector<SeenCity>& kCities = *[] {
    auto* out = new std::vector<SeenCity>;  // never destroyed, as CityTable::world()
    for (const City& city : CityTable::world().cities) out->push_back({&city, to_sphere(city.place)});
    return out;
  }();
  return kCities;
}

void nearest_first(std::vector<std::pair<double, LandPlace>>& places) {
  std::stable_sort(places.begin(), places.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
}

std::vector<LandPlace> without_keys(const std::vector<std::pair<double, LandPlace>>& places) {
  std::vector<LandPlace> out;
  out.reserve(places.size());
  for (const auto& [closeness, place] : places) out.push_back(place);
  return out;
}

}  // namespace

std::vector<LandPlace> cities_near(LatLon place, const TerritoryJudge& judge, std::size_t most) {
  const Vec3 centre = to_sphere(place);
  const double within = std::cos(kNearKm / kEarthKm);
  std::vector<std::pair<double, LandPlace>> near;
  for (const bool any : {false, true}) {
    for (const SeenCity& seen : cities()) {
      const double closeness = dot(seen.at, centre);
      if (closeness < within || (!any && seen.city->people < kCityOfSomeSize)) continue;
      const CountryCode country = seen.city->country;
      if (judge.prohibited().contains(country) || judge.perhaps_prohibited().contains(country)) continue;
      near.emplace_back(closeness, LandPlace{seen.city->place, country, seen.city->people});
    }
    if (!near.empty()) break;
  }
  nearest_first(near);
  if (near.size() > most) near.erase(near.begin() + static_cast<std::ptrdiff_t>(most), near.end());
  return without_keys(near);
}

std::vector<LandPlace> licensed_places(const OpenQuestion& open) {
  std::vector<LandPlace> out;
  for (const SeenCity& seen : cities()) {
    const City& city = *seen.city;
    if (open.judge.licensed().contains(city.country) && open.region.contains(city.place))
      out.push_back({city.place, city.country, city.people});
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const LandPlace& a, const LandPlace& b) { return a.people > b.people; });
  if (out.size() > kPlacesMax) out.erase(out.begin() + kPlacesMax, out.end());
  for (const NamedArea& area : open.judge.licensed_areas()) {
    const AreaBox box = area.area->box();
    const double width = box.east - box.west + (box.west > box.east ? 360.0 : 0.0);
    for (int i = 0; i < kAreaSteps * kAreaSteps && out.size() < 2 * kPlacesMax; ++i) {
      const double part_north = (i / kAreaSteps + 0.5) / kAreaSteps;
      const double part_east = (i % kAreaSteps + 0.5) / kAreaSteps;
      const double lon = box.west + width * part_east;
      const auto place = LatLon::from_degrees(
          {.lat = box.south + (box.north - box.south) * part_north, .lon = lon > 180.0 ? lon - 360.0 : lon});
      if (place && area.area->contains(*place) && open.region.contains(*place))
        out.push_back({*place, open.borders.country_at(*place), kCityOfSomeSize});
    }
  }
  return out;
}

std::vector<LandPlace> other_places(const OpenQuestion& open, LatLon guess) {
  const Vec3 centre = to_sphere(guess);
  std::vector<std::pair<double, LandPlace>> near;
  for (const SeenCity& seen : cities()) {
    const City& city = *seen.city;
    if (city.people >= kCityOfSomeSize)
      near.emplace_back(dot(seen.at, centre), LandPlace{city.place, city.country, city.people});
  }
  nearest_first(near);
  std::vector<LandPlace> out;
  for (const auto& [closeness, place] : near) {
    if (out.size() == kPlacesMax) break;
    if (!may_be_licensed(open, place) && open.region.contains(place.at)) out.push_back(place);
  }
  return out;
}

std::optional<LandPlace> on_land(const OpenQuestion& open, LatLon guess) {
  if (open.region.contains(guess)) {
    if (const auto country = open.borders.country_at(guess))
      return LandPlace{guess, country, kCityOfSomeSize};
  }
  const Vec3 centre = to_sphere(guess);
  const SeenCity* best = nullptr;
  double closest = -2.0;
  for (const SeenCity& seen : cities()) {
    const double closeness = dot(seen.at, centre);
    if (closeness <= closest || !open.region.contains(seen.city->place)) continue;
    closest = closeness;
    best = &seen;
  }
  if (best == nullptr) return std::nullopt;
  return LandPlace{best->city->place, best->city->country, best->city->people};
}

bool may_be_licensed(const OpenQuestion& open, const LandPlace& place) {
  const bool by_code = place.country && (open.judge.licensed().contains(*place.country) ||
                                         open.judge.perhaps_licensed().contains(*place.country));
  const auto& areas = open.judge.licensed_areas();
  return by_code || std::any_of(areas.begin(), areas.end(),
                                [&](const NamedArea& area) { return area.area->contains(place.at); });
}

}  // namespace chiploc
