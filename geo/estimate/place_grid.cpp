#include "geo/estimate/place_grid.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <utility>

#include "geo/estimate/median.hpp"

namespace chiploc {
namespace {

constexpr double kCellDegrees = 0.45;
constexpr int kRows = 400;
constexpr int kSamples = 3;  // per side of a cell
constexpr int kGroupRows = 3;
constexpr double kDegree = std::numbers::pi / 180.0;
constexpr double kKmPerDegree = 111.195;

struct Rows {
  std::vector<std::uint32_t> cells;   // per row
  std::vector<std::uint32_t> before;  // per row, and the total
};

const Rows& rows() {
  static const Rows& table = *[] {  // never destroyed, as Borders::world()
    Rows made;
    made.before.push_back(0);
    for (int row = 0; row < kRows; ++row) {
      const double lat = -90.0 + kCellDegrees * (row + 0.5);
      const double count = std::round(360.0 * std::cos(lat * kDegree) / kCellDegrees);
      made.cells.push_back(static_cast<std::uint32_t>(std::max(1.0, count)));
      made.before.push_back(made.before.back() + made.cells.back());
    }
    return new Rows{std::move(made)};
  }();
  return table;
}

std::uint32_t row_of(double lat) {
  return static_cast<std::uint32_t>(
      std::clamp(static_cast<int>(std::floor((lat + 90.0) / kCellDegrees)), 0, kRows - 1));
}

std::uint32_t column_of(double lon, std::uint32_t cells) {
  const auto column = static_cast<std::uint32_t>(std::floor((lon + 180.0) / 360.0 * cells));
  return column % cells;  // 180 and -180 are one meridian
}

std::uint32_t group_of(LatLon place) {
  const std::uint32_t band = row_of(place.lat_deg()) / kGroupRows;
  const std::uint32_t middle = std::min<std::uint32_t>(band * kGroupRows + 1, kRows - 1);
  const std::uint32_t columns = std::max<std::uint32_t>(1, rows().cells[middle] / kGroupRows);
  return rows().before[middle] / kGroupRows + column_of(place.lon_deg(), columns);
}

struct Part {
  double area_km2 = 0.0;
  double people = 0.0;
  double largest = -1.0;
  std::optional<LatLon> city;
  Vec3 sum;
  std::vector<LatLon> land;
};

using Parts = std::map<std::pair<std::uint32_t, CountryCode>, Part>;

void add_land(const Borders& borders, CountryCode antarctica, Parts& parts) {
  for (std::uint32_t row = 0; row < kRows; ++row) {
    const std::uint32_t cells = rows().cells[row];
    for (int i = 0; i < kSamples; ++i) {
      const double lat = -90.0 + kCellDegrees * (row + (i + 0.5) / kSamples);
      const double area = kCellDegrees * kCellDegrees * kKmPerDegree * kKmPerDegree / (kSamples * kSamples) *
                          (360.0 / cells / kCellDegrees) * std::cos(lat * kDegree);
      for (std::uint32_t column = 0; column < cells * kSamples; ++column) {
        const double lon = -180.0 + 360.0 * (column + 0.5) / (cells * kSamples);
        const auto place = LatLon::from_degrees({.lat = lat, .lon = lon});
        const auto country = borders.country_at(*place);
        if (!country || *country == antarctica) continue;
        Part& part = parts[{rows().before[row] + column / kSamples, *country}];
        part.area_km2 += area;
        part.sum = part.sum + to_sphere(*place);
        part.land.push_back(*place);
      }
    }
  }
}

void add_cities(const Borders& borders, const CityTable& cities, CountryCode antarctica, Parts& parts) {
  for (const City& city : cities.cities) {
    auto country = borders.country_at(city.place);
    const CountryCode own = city.country;
    // A harbour's centre may lie just off the drawn coast, and a town beyond a border that is drawn a
    // kilometre off.
    if (country != own && borders.knows(own) &&
        (!country || borders.distance_to_country(city.place, own) <= kBorderAmbiguity)) {
      country = own;
    }
    if (!country || *country == antarctica) continue;
    Part& part = parts[{PlaceGrid::cell_of(city.place), *country}];
    const auto people = static_cast<double>(city.people);
    part.people += people;
    if (people <= part.largest) continue;
    part.largest = people;
    part.city = city.place;
  }
}

std::map<CountryCode, double> addresses_of(const Borders& borders, const CityTable& table,
                                           const std::vector<PlaceCandidate>& candidates) {
  std::map<CountryCode, double> allocated;
  for (const CountryAddresses& country : table.countries) {
    if (borders.knows(country.country)) allocated[country.country] += static_cast<double>(country.addresses);
  }
  std::map<CountryCode, double> people;
  for (const PlaceCandidate& candidate : candidates) {
    if (candidate.people > 0.0) people[candidate.country] += candidate.people;
  }
  std::vector<double> each;
  for (const auto& [code, number] : people) {
    if (allocated.contains(code)) each.push_back(allocated[code] / number);
  }
  const double usual = each.empty() ? 1.0 : median(std::move(each));
  for (auto& [code, number] : people) number = allocated.contains(code) ? allocated[code] : usual * number;
  return people;
}

LatLon middle_of(const Part& part) {
  const auto closer = [&](LatLon a, LatLon b) {
    return dot(to_sphere(a), part.sum) < dot(to_sphere(b), part.sum);
  };
  return *std::max_element(part.land.begin(), part.land.end(), closer);
}

}  // namespace

std::uint32_t PlaceGrid::cell_of(LatLon place) {
  const std::uint32_t row = row_of(place.lat_deg());
  return rows().before[row] + column_of(place.lon_deg(), rows().cells[row]);
}

PlaceGrid::PlaceGrid(const Borders& borders, const CityTable& cities) {
  const auto antarctica = CountryCode::from_text("AQ").value();
  Parts parts;
  add_land(borders, antarctica, parts);
  add_cities(borders, cities, antarctica, parts);
  candidates_.reserve(parts.size());
  for (const auto& [key, part] : parts) {
    const LatLon place = part.city ? *part.city : middle_of(part);
    const std::uint32_t group = group_of(place);
    groups_ = std::max(groups_, group + 1);
    candidates_.push_back({.at = to_sphere(place),
                           .place = place,
                           .country = key.second,
                           .cell = key.first,
                           .group = group,
                           .area_km2 = part.area_km2,
                           .people = part.people});
  }
  addresses_ = addresses_of(borders, cities, candidates_);
}

std::shared_ptr<const PlaceGrid> PlaceGrid::of(const Borders& borders) {
  if (&borders != &Borders::world()) return std::make_shared<const PlaceGrid>(borders, CityTable::world());
  static const auto& world =
      *new std::shared_ptr{std::make_shared<const PlaceGrid>(borders, CityTable::world())};
  return world;
}

std::pair<std::size_t, std::size_t> PlaceGrid::in_cell(std::uint32_t cell) const {
  const auto by_cell = [](const PlaceCandidate& a, std::uint32_t b) { return a.cell < b; };
  const auto begin = std::lower_bound(candidates_.begin(), candidates_.end(), cell, by_cell);
  const auto end = std::lower_bound(begin, candidates_.end(), cell + 1, by_cell);
  return {static_cast<std::size_t>(begin - candidates_.begin()),
          static_cast<std::size_t>(end - candidates_.begin())};
}

std::optional<CountryCode> PlaceGrid::country_of(const Borders& borders, LatLon place) const {
  const auto country = borders.country_at(place);
  return country ? country : country_near(place);
}

std::optional<CountryCode> PlaceGrid::country_near(LatLon place) const {
  const auto [begin, end] = in_cell(cell_of(place));
  const auto cell = candidates().subspan(begin, end - begin);
  const Vec3 at = to_sphere(place);
  const auto nearest = std::max_element(
      cell.begin(), cell.end(),
      [&](const PlaceCandidate& a, const PlaceCandidate& b) { return dot(a.at, at) < dot(b.at, at); });
  if (nearest == cell.end()) return std::nullopt;
  return nearest->country;
}

}  // namespace chiploc
