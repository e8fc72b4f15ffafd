#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "geo/path_memory.hpp"
#include "geo/place_estimator.hpp"
#include "geo/posterior.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kTried = 48;  // candidates near the geometric median that are compared exactly
constexpr double kLevel = 0.95;

std::vector<std::pair<CountryCode, double>> by_country(const Posterior& posterior) {
  std::map<CountryCode, double> sums;
  for (std::size_t i = 0; i < posterior.places.size(); ++i)
    sums[posterior.places[i].country] += posterior.mass[i];
  std::vector<std::pair<CountryCode, double>> countries{sums.begin(), sums.end()};
  std::stable_sort(countries.begin(), countries.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return countries;
}

/// Least expected chord, by Weiszfeld's iteration. The chord grows more slowly than the arc, so antipodal
/// mass pulls less.
Vec3 geometric_median(const Posterior& posterior) {
  Vec3 centre;
  for (std::size_t i = 0; i < posterior.places.size(); ++i)
    centre = centre + posterior.places[i].at * posterior.mass[i];
  for (int round = 0; round < 30; ++round) {
    Vec3 sum;
    double weights = 0.0;
    for (std::size_t i = 0; i < posterior.places.size(); ++i) {
      const double weight = posterior.mass[i] / std::max(1e-4, norm(posterior.places[i].at - centre));
      sum = sum + posterior.places[i].at * weight;
      weights += weight;
    }
    centre = sum * (1.0 / weights);
  }
  return centre;
}

double expected_chord(const Posterior& posterior, Vec3 at) {
  double sum = 0.0;
  for (std::size_t i = 0; i < posterior.places.size(); ++i)
    sum += posterior.mass[i] * norm(posterior.places[i].at - at);
  return sum;
}

/// The candidate of the most probable country with the least expected distance to the chip. Of the places
/// with a fair share of the mass, those nearest to the geometric median are compared.
LatLon best_place(const Posterior& posterior, CountryCode country) {
  const Vec3 centre = geometric_median(posterior);
  double most = 0.0;
  for (std::size_t i = 0; i < posterior.places.size(); ++i) {
    if (posterior.places[i].country == country) most = std::max(most, posterior.mass[i]);
  }
  std::vector<std::pair<double, std::size_t>> near;
  for (std::size_t i = 0; i < posterior.places.size(); ++i) {
    if (posterior.places[i].country != country || posterior.mass[i] < 0.01 * most) continue;
    near.emplace_back(norm(posterior.places[i].at - centre), i);
  }
  const std::size_t tried = std::min(kTried, near.size());
  std::partial_sort(near.begin(), near.begin() + static_cast<std::ptrdiff_t>(tried), near.end());
  double least = std::numeric_limits<double>::infinity();
  std::size_t chosen = near.front().second;
  for (std::size_t k = 0; k < tried; ++k) {
    const double value = expected_chord(posterior, posterior.places[near[k].second].at);
    if (value >= least) continue;
    least = value;
    chosen = near[k].second;
  }
  return posterior.places[chosen].place;
}

struct Cell {
  double mass = 0.0;
  double area_km2 = 0.0;
  std::uint32_t cell = 0;
};

std::vector<Cell> densest_first(const Posterior& posterior) {
  std::vector<Cell> cells;
  for (std::size_t i = 0; i < posterior.places.size(); ++i) {
    const PlaceCandidate& place = posterior.places[i];
    if (cells.empty() || cells.back().cell != place.cell) cells.push_back({.cell = place.cell});
    cells.back().mass += posterior.mass[i];
    cells.back().area_km2 += place.area_km2;
  }
  std::stable_sort(cells.begin(), cells.end(), [](const Cell& a, const Cell& b) { return a.mass > b.mass; });
  return cells;
}

double radius_of(const Posterior& posterior, LatLon place) {
  std::vector<std::pair<double, double>> by_distance;
  const Vec3 at = to_sphere(place);
  for (std::size_t i = 0; i < posterior.places.size(); ++i) {
    by_distance.emplace_back(sphere_km(at, posterior.places[i].at), posterior.mass[i]);
  }
  std::sort(by_distance.begin(), by_distance.end());
  double sum = 0.0;
  for (const auto& [km, mass] : by_distance) {
    sum += mass;
    if (sum >= kLevel) return km;
  }
  return by_distance.back().first;
}

}  // namespace

double PlaceEstimate::probability(CountryCode code) const {
  for (const auto& [country, probability] : countries) {
    if (country == code) return probability;
  }
  return 0.0;
}

double PlaceEstimate::credible_level(LatLon truth) const {
  const std::uint32_t cell = PlaceGrid::cell_of(truth);
  const auto found =
      std::lower_bound(levels_.begin(), levels_.end(), cell,
                       [](const auto& level, std::uint32_t value) { return level.first < value; });
  return found != levels_.end() && found->first == cell ? found->second : 1.0;
}

PlaceEstimate PlaceEstimate::summarise(const Posterior& posterior) {
  auto countries = by_country(posterior);
  PlaceEstimate estimate{best_place(posterior, countries.front().first)};
  estimate.countries = std::move(countries);
  double before = 0.0;
  for (const Cell& cell : densest_first(posterior)) {
    if (before < kLevel) estimate.credible95_area_km2 += cell.area_km2;
    estimate.levels_.emplace_back(cell.cell, std::min(before, 1.0));
    before += cell.mass;
  }
  std::sort(estimate.levels_.begin(), estimate.levels_.end());
  estimate.credible95_radius_km = radius_of(posterior, estimate.place);
  return estimate;
}

}  // namespace chiploc
