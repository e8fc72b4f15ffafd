#include "geo/estimate/place_prior.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <utility>

namespace chiploc {
namespace {

constexpr double kAnywhere = 0.1;
constexpr double kSharpened = 1.1;  // the power to which the weights count
struct Exponents {
  double city;     // of its people, against the other cities of the country
  double country;  // of its addresses, against the other countries
};
constexpr Exponents kUsual{1.0, 0.5};
constexpr double kSpread = 0.25;
constexpr std::array kCities{0.75, 1.0, 1.25, 1.5};
constexpr std::array kCountries{0.25, 0.5, 0.75, 1.0};
constexpr double kMostElsewhere = 0.5;
constexpr double kLeast = 1e-9;  // an anchor in a cell without land or city says nothing

double square(double x) { return x * x; }

std::vector<double> weights_of(const PlaceGrid& grid, Exponents exponents) {
  std::map<CountryCode, double> cities;  // sum of their people, raised
  double land = 0.0;
  for (const PlaceCandidate& candidate : grid.candidates()) {
    if (candidate.people > 0.0) cities[candidate.country] += std::pow(candidate.people, exponents.city);
    land += candidate.area_km2;
  }
  std::map<CountryCode, double> share;
  double total = 0.0;
  for (const auto& [code, addresses] : grid.addresses())
    total += share[code] = std::pow(addresses, exponents.country);
  std::vector<double> weights;
  for (const PlaceCandidate& candidate : grid.candidates()) {
    weights.push_back(kAnywhere * candidate.area_km2 / land);
    if (candidate.people <= 0.0) continue;
    weights.back() += (1.0 - kAnywhere) * share[candidate.country] / total *
                      std::pow(candidate.people, exponents.city) / cities[candidate.country];
  }
  return weights;
}

/// Scales the countries without an anchor to what Good and Turing expect of them, if that is more; returns
/// their share. That of the next draw to be of a kind not seen yet is the share of kinds seen once (I. J.
/// Good, Biometrika 40, 1953).
double raise_elsewhere(const PlaceGrid& grid, const Borders& borders, const std::vector<LatLon>& anchors,
                       std::vector<double>& weight) {
  std::map<CountryCode, std::size_t> countries;
  for (const LatLon anchor : anchors) {
    if (const auto country = grid.country_of(borders, anchor)) ++countries[*country];
  }
  double before = 0.0;
  for (std::size_t i = 0; i < weight.size(); ++i) {
    if (!countries.contains(grid.candidates()[i].country)) before += weight[i];
  }
  std::size_t seen = 0;
  std::size_t once = 0;
  for (const auto& [code, number] : countries) {
    seen += number;
    if (number == 1) ++once;
  }
  if (seen == 0 || before <= 0.0) return before;
  const double share = std::min(kMostElsewhere, static_cast<double>(once) / static_cast<double>(seen));
  if (share <= before) return before;
  for (std::size_t i = 0; i < weight.size(); ++i) {
    const bool held = countries.contains(grid.candidates()[i].country);
    weight[i] *= held ? (1.0 - share) / (1.0 - before) : share / before;
  }
  return share;
}

void finish(PlacePrior& prior, const PlaceGrid& grid, const Borders& borders,
            const std::vector<LatLon>& anchors) {
  double sum = 0.0;
  for (double& weight : prior.weight) sum += weight = std::pow(weight, kSharpened);
  for (double& weight : prior.weight) weight /= sum;
  prior.elsewhere = raise_elsewhere(grid, borders, anchors, prior.weight);
}

}  // namespace

PlacePrior PlacePrior::even(const PlaceGrid& grid) {
  PlacePrior prior;
  double land = 0.0;
  for (const PlaceCandidate& candidate : grid.candidates()) land += candidate.area_km2 + 1.0;
  for (const PlaceCandidate& candidate : grid.candidates())
    prior.weight.push_back((candidate.area_km2 + 1.0) / land);
  return prior;
}

PlacePrior PlacePrior::learn(const PlaceGrid& grid, const Borders& borders,
                             const std::vector<LatLon>& anchors) {
  PlacePrior prior;
  double best = -std::numeric_limits<double>::infinity();
  for (const double city : kCities) {
    for (const double country : kCountries) {
      std::vector<double> weight = weights_of(grid, {city, country});
      double value =
          -0.5 * (square((city - kUsual.city) / kSpread) + square((country - kUsual.country) / kSpread));
      for (const LatLon anchor : anchors) {
        const auto [begin, end] = grid.in_cell(PlaceGrid::cell_of(anchor));
        double here = kLeast;
        for (std::size_t i = begin; i < end; ++i) here += weight[i];
        value += std::log(here);
      }
      if (value <= best) continue;
      best = value;
      prior.weight = std::move(weight);
      prior.city_exponent = city;
      prior.country_exponent = country;
    }
  }
  finish(prior, grid, borders, anchors);
  return prior;
}

PlacePrior PlacePrior::by(double city_exponent, double country_exponent, const PlaceGrid& grid,
                          const Borders& borders, const std::vector<LatLon>& anchors) {
  PlacePrior prior;
  prior.city_exponent = city_exponent;
  prior.country_exponent = country_exponent;
  prior.weight = weights_of(grid, {city_exponent, country_exponent});
  finish(prior, grid, borders, anchors);
  return prior;
}

}  // namespace chiploc
