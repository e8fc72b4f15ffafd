#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "geo/estimate/path_memory.hpp"
#include "geo/estimate/place_estimator.hpp"
#include "geo/estimate/posterior.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kHeaviest = 600;  // candidates that a point estimate takes into account
constexpr std::size_t kTried = 48;      // of each kind that are compared
constexpr double kRadiusKm = 6371.0;
// The loss log(1 + d / scale): where the posterior is spread over more than kLeastScaleKm, the scale grows
// with it.
constexpr double kLeastScaleKm = 200.0;
constexpr double kScalePerSpread = 2.5;
constexpr double kOtherCountry = 0.2;  // the loss of a point in another country than the chip's
constexpr double kLevel = 0.95;

using Places = std::vector<PlaceCandidate>;
using Masses = std::vector<double>;  // beside the places

std::vector<std::pair<CountryCode, double>> by_country(const Places& places, const Masses& mass) {
  std::map<CountryCode, double> sums;
  for (std::size_t i = 0; i < places.size(); ++i) sums[places[i].country] += mass[i];
  std::vector<std::pair<CountryCode, double>> countries{sums.begin(), sums.end()};
  for (auto& [country, probability] : countries)
    probability = std::min(probability, 1.0);  // thousands of roundings may sum to a little more
  std::stable_sort(countries.begin(), countries.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return countries;
}

/// Sum of the heaviest candidates' masses times a loss of their distance in km from a candidate.
template <typename Loss>
double expected(const Places& places, const Masses& mass, const std::vector<std::size_t>& heaviest,
                std::size_t from, const Loss& loss) {
  double sum = 0.0;
  for (const std::size_t i : heaviest) {
    sum += mass[i] * loss(kRadiusKm * norm(places[i].at - places[from].at));
  }
  return sum;
}

/// The candidate of `tried` with the least expected loss, and that loss. `at` is added for each candidate.
template <typename Loss, typename At>
std::pair<std::size_t, double> least(const Places& places, const Masses& mass,
                                     const std::vector<std::size_t>& heaviest,
                                     const std::vector<std::size_t>& tried, const Loss& loss, const At& at) {
  std::pair<std::size_t, double> best{heaviest.front(), std::numeric_limits<double>::infinity()};
  for (const std::size_t t : tried) {
    const double value = expected(places, mass, heaviest, t, loss) + at(t);
    if (value < best.second) best = {t, value};
  }
  return best;
}

/// The candidate with the least expected loss log(1 + d / s), and kOtherCountry where the countries differ: a
/// place near which the chip often is, rather than the middle of several where it never is, in a country that
/// is probable. s grows with the least mean distance from any candidate, so that where little is known the
/// place is a central one. Of the heaviest candidates and those nearest to the heaviest's centre, against the
/// heaviest: the rest weighs too little to matter.
LatLon best_place(const Places& places, const Masses& mass) {
  std::vector<std::size_t> order(places.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return mass[a] > mass[b]; });
  order.resize(std::min(order.size(), kHeaviest));
  Vec3 centre;
  double total = 0.0;
  for (const std::size_t i : order) {
    centre = centre + places[i].at * mass[i];
    total += mass[i];
  }

  std::vector<std::size_t> tried{order.begin(),
                                 order.begin() + static_cast<std::ptrdiff_t>(std::min(order.size(), kTried))};
  std::vector<std::pair<double, std::size_t>> near;
  for (const std::size_t i : order) near.emplace_back(norm(places[i].at - centre), i);
  std::sort(near.begin(), near.end());
  near.resize(std::min(near.size(), kTried));
  for (const auto& [chord, i] : near) tried.push_back(i);

  const double spread_km =
      least(
          places, mass, order, tried, [](double km) { return km; }, [](std::size_t) { return 0.0; })
          .second /
      total;
  const double scale_km = std::max(kLeastScaleKm, kScalePerSpread * spread_km);
  const auto loss = [scale_km](double km) { return std::log1p(km / scale_km); };
  const auto countries = by_country(places, mass);
  const std::map<CountryCode, double> probable{countries.begin(), countries.end()};
  const auto elsewhere = [&](std::size_t i) {
    return kOtherCountry * (1.0 - probable.at(places[i].country));
  };
  return places[least(places, mass, order, tried, loss, elsewhere).first].place;
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
  PlaceEstimate estimate{best_place(posterior.places, posterior.believed)};
  estimate.countries = by_country(posterior.places, posterior.mass);
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
