#include "geo/place_prior.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "geo/path_memory.hpp"

namespace chiploc {
namespace {

constexpr double kAnywhere = 0.1;
constexpr double kReachKm = 1000.0;
/// Of people: cities of a country against each other, and countries against each other.
struct Exponents {
  double city;
  double country;
};
constexpr Exponents kUsual{1.25, 0.75};
constexpr std::array<Exponents, 9> kExponents{{{1.0, 0.5},
                                               {1.0, 0.75},
                                               {1.0, 1.0},
                                               {1.25, 0.5},
                                               kUsual,
                                               {1.25, 1.0},
                                               {1.5, 0.5},
                                               {1.5, 0.75},
                                               {1.5, 1.0}}};
constexpr std::array kShares{0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 0.85, 0.95};
constexpr double kLeast = 1e-9;  // an anchor in a cell without land or city says nothing

/// exp(-d / kReachKm) as a function of the squared chord, from a table: an exponential and an arc cosine for
/// each of tens of thousands of candidates and hundreds of anchors would take most of the time of learning.
class Nearness {
 public:
  Nearness() {
    for (std::size_t i = 0; i < table_.size(); ++i) {
      const double root = static_cast<double>(i) / (kSteps);
      const double chord = std::min(2.0, 2.0 * root * root);
      table_[i] = std::exp(-sphere_km({1.0, 0.0, 0.0}, at_chord(chord)) / kReachKm);
    }
  }
  [[nodiscard]] double operator()(Vec3 a, Vec3 b) const {
    const double chord2 = std::clamp(2.0 - 2.0 * dot(a, b), 0.0, 4.0);
    const double x = std::sqrt(std::sqrt(chord2) / 2.0) * kSteps;
    const auto i = std::min(static_cast<std::size_t>(x), kSteps - 1);
    return table_[i] + (x - static_cast<double>(i)) * (table_[i + 1] - table_[i]);
  }

 private:
  static Vec3 at_chord(double chord) {
    const double cosine = 1.0 - chord * chord / 2.0;
    return {cosine, std::sqrt(std::max(0.0, 1.0 - cosine * cosine)), 0.0};
  }
  static constexpr std::size_t kSteps = 2048;
  std::array<double, kSteps + 1> table_{};
};

std::vector<double> base_weights(const PlaceGrid& grid, Exponents exponents) {
  struct Country {
    double people = 0.0;
    double cities = 0.0;  // sum of their people, raised
  };
  std::map<CountryCode, Country> countries;
  double land = 0.0;
  for (const PlaceCandidate& candidate : grid.candidates()) {
    Country& country = countries[candidate.country];
    country.people += candidate.people;
    country.cities += std::pow(candidate.people, exponents.city);
    land += candidate.area_km2;
  }
  double total = 0.0;
  for (const auto& [code, country] : countries) total += std::pow(country.people, exponents.country);
  std::vector<double> weights;
  for (const PlaceCandidate& candidate : grid.candidates()) {
    weights.push_back(kAnywhere * candidate.area_km2 / land);
    if (candidate.people <= 0.0) continue;
    const Country& country = countries[candidate.country];
    weights.back() += (1.0 - kAnywhere) * std::pow(country.people, exponents.country) / total *
                      std::pow(candidate.people, exponents.city) / country.cities;
  }
  return weights;
}

double log_prior(Exponents exponents, double share) {
  const double g = (exponents.city - kUsual.city) / 0.25;
  const double h = (exponents.country - kUsual.country) / 0.25;
  const double s = (share - 0.3) / 0.3;
  return -0.5 * (g * g + h * h + s * s);
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

PlacePrior PlacePrior::learn(const PlaceGrid& grid, const std::vector<LatLon>& anchors) {
  static const Nearness nearness;
  const auto candidates = grid.candidates();
  const std::size_t n = anchors.size();
  std::vector<Vec3> places;
  for (const LatLon anchor : anchors) places.push_back(to_sphere(anchor));
  std::array<std::vector<double>, kExponents.size()> base;
  for (std::size_t g = 0; g < kExponents.size(); ++g) base[g] = base_weights(grid, kExponents[g]);

  std::vector<std::array<double, kExponents.size()>> norm(n);
  for (std::size_t b = 0; b < n; ++b) {
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      const double near = nearness(places[b], candidates[i].at);
      for (std::size_t g = 0; g < kExponents.size(); ++g) norm[b][g] += base[g][i] * near;
    }
  }

  PlacePrior prior;
  std::size_t chosen = 0;
  double best = -std::numeric_limits<double>::infinity();
  for (std::size_t g = 0; g < kExponents.size(); ++g) {
    std::vector<double> alone(n);
    std::vector<double> from_others(n);
    for (std::size_t a = 0; a < n; ++a) {
      const auto [begin, end] = grid.in_cell(PlaceGrid::cell_of(anchors[a]));
      for (std::size_t i = begin; i < end; ++i) {
        alone[a] += base[g][i];
        for (std::size_t b = 0; b < n; ++b) {
          if (b == a) continue;
          from_others[a] +=
              base[g][i] * nearness(places[b], candidates[i].at) / norm[b][g] / static_cast<double>(n - 1);
        }
      }
    }
    for (const double share : kShares) {
      double value = log_prior(kExponents[g], share);
      for (std::size_t a = 0; a < n; ++a)
        value += std::log((1.0 - share) * alone[a] + share * from_others[a] + kLeast);
      if (value <= best) continue;
      best = value;
      chosen = g;
      prior.near_anchors = n < 2 ? 0.0 : share;
    }
  }
  prior.city_exponent = kExponents[chosen].city;
  prior.country_exponent = kExponents[chosen].country;
  prior.weight.assign(candidates.size(), 0.0);
  for (std::size_t b = 0; b < n && prior.near_anchors > 0.0; ++b) {
    const double scale = prior.near_anchors / (norm[b][chosen] * static_cast<double>(n));
    for (std::size_t i = 0; i < candidates.size(); ++i)
      prior.weight[i] += scale * nearness(places[b], candidates[i].at);
  }
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    prior.weight[i] = base[chosen][i] * (prior.weight[i] + 1.0 - prior.near_anchors);
  }
  return prior;
}

}  // namespace chiploc
