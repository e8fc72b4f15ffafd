#include "geo/estimate/place_model.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace chiploc {
namespace {

// What an anchor near a place, but not among the used ones, counts for that it does not hear of the chip
// sooner.
constexpr double kAgainst = 0.4;
constexpr std::size_t kFewToEvaluate = 500;  // candidates; more are sorted out by groups first
// Candidates in groups that hold less than this of the probability are dropped.
constexpr double kLeastShare = 1e-5;
// The anchors nearest by round trip whose rings are looked at too. The geometric mean of these counts as one
// round trip.
constexpr std::size_t kRings = 4;
// So much of the probability is kept for that the round trips mislead: there they count for less, and the
// rings for nothing.
constexpr double kDoubt = 0.25;
constexpr double kInDoubt = 0.35;

static std::vector<HostPlace> hosts(const PlaceGrid& grid, const Borders& borders,
                                    const std::vector<LatLon>& places) {
  std::vector<HostPlace> out;
  for (const LatLon place : places) out.push_back({to_sphere(place), grid.country_of(borders, place)});
  return out;
}

}  // namespace

double normalise(std::vector<double>& logs) {
  const double top = *std::max_element(logs.begin(), logs.end());
  double sum = 0.0;
  for (double& value : logs) sum += value = std::exp(value - top);
  for (double& value : logs) value /= sum;
  return top + std::log(sum);
}

PlaceModel::PlaceModel(const RttMesh& mesh, const Borders& borders, bool place_prior)
    : grid{PlaceGrid::of(borders)},
      memory{mesh, hosts(*grid, borders, mesh.places)},
      errors{memory},
      rings{RingLaw::learn(memory)},
      prior{place_prior ? PlacePrior::learn(*grid, borders, mesh.places) : PlacePrior::even(*grid)} {}

PlaceModel::PlaceModel(const RttMesh& mesh, const Borders& borders, bool place_prior, const PlaceLaws& laws)
    : grid{PlaceGrid::of(borders)},
      memory{mesh, hosts(*grid, borders, mesh.places), &laws.paths},
      errors{laws.errors},
      rings{laws.rings},
      prior{place_prior
                ? PlacePrior::by(laws.city_exponent, laws.country_exponent, *grid, borders, mesh.places)
                : PlacePrior::even(*grid)} {}

std::vector<std::uint32_t> PlaceModel::inside(const Region* region) const {
  const auto candidates = grid->candidates();
  std::vector<std::uint32_t> out;
  for (std::uint32_t i = 0; i < candidates.size(); ++i) {
    if (region == nullptr || region->cap_set().contains(candidates[i].at)) out.push_back(i);
  }
  return out;
}

std::vector<std::vector<double>> PlaceModel::log_likelihoods(const std::vector<HostPlace>& points,
                                                             const Measured& measured,
                                                             const CommonErrors::For& law,
                                                             std::span<const double> delays_ms) const {
  const std::size_t n = measured.used.rows.size();
  std::vector<std::vector<double>> all;
  for (const auto& scores :
       memory.scores(points, measured.used.heard(), measured.others.heard(), delays_ms)) {
    std::vector<double>& out = all.emplace_back(law.log_densities(scores.score, measured.weights));
    for (std::size_t i = 0; i < points.size(); ++i) {
      out[i] += kAgainst * scores.against[i];
      for (std::size_t k = 0; k < n; ++k) out[i] += measured.weights[k] * scores.log_slope[i * n + k];
    }
  }
  return all;
}
std::vector<double> PlaceModel::log_likelihoods(const std::vector<HostPlace>& points,
                                                const Measured& measured,
                                                const CommonErrors::For& law) const {
  static constexpr double kNone[]{0.0};
  return std::move(log_likelihoods(points, measured, law, kNone).front());
}

/// log of the geometric mean of the rings around the nearest anchors.
std::vector<double> PlaceModel::log_rings(std::span<const HostPlace> points, const Measured& measured) const {
  std::vector<double> out(points.size());
  const std::size_t n = std::min(measured.places.size(), kRings);
  for (std::size_t k = 0; k < n; ++k) {
    const RingLaw::Ring ring = rings.ring(measured.used.rtt_ms[k]);
    for (std::size_t i = 0; i < points.size(); ++i)
      out[i] += ring.log_density(sphere_km(points[i].at, measured.places[k])) / static_cast<double>(n);
  }
  return out;
}

PlaceModel::Weighed PlaceModel::weigh(std::span<const std::uint32_t> chosen, const Measured& measured,
                                      const CommonErrors::For& law) const {
  Weighed out;
  for (const std::uint32_t i : chosen) {
    out.points.push_back(host(grid->candidates()[i]));
    out.prior.push_back(std::log(prior.weight[i]));
  }
  out.likelihood = log_likelihoods(out.points, measured, law);
  return out;
}

PlaceModel::Shares PlaceModel::shares(const Weighed& places, const Measured& measured) const {
  Shares out{log_rings(places.points, measured), places.likelihood};
  for (std::size_t i = 0; i < places.points.size(); ++i) {
    out.believed[i] += places.prior[i] + places.likelihood[i];
    out.mass[i] = places.prior[i] + kInDoubt * out.mass[i];
  }
  normalise(out.believed);
  normalise(out.mass);
  for (std::size_t i = 0; i < out.mass.size(); ++i)
    out.mass[i] = kDoubt * out.mass[i] + (1.0 - kDoubt) * out.believed[i];
  return out;
}

PlaceModel::Groups PlaceModel::groups_of(std::span<const std::uint32_t> chosen) const {
  const auto candidates = grid->candidates();
  constexpr auto kNone = std::numeric_limits<std::uint32_t>::max();
  std::vector<std::uint32_t> foremost(grid->groups(), kNone);
  std::vector<double> weight(grid->groups());
  for (const std::uint32_t i : chosen) {
    std::uint32_t& first = foremost[candidates[i].group];
    if (first == kNone || prior.weight[i] > prior.weight[first]) first = i;
    weight[candidates[i].group] += prior.weight[i];
  }
  Groups out;
  for (std::uint32_t g = 0; g < foremost.size(); ++g) {
    if (foremost[g] == kNone) continue;
    out.number.push_back(g);
    out.weighed.points.push_back(host(candidates[foremost[g]]));
    out.weighed.prior.push_back(std::log(weight[g]));
  }
  return out;
}
PlaceModel::Groups PlaceModel::groups_of(std::span<const std::uint32_t> chosen, const Measured& measured,
                                         const CommonErrors::For& law) const {
  Groups out = groups_of(chosen);
  out.weighed.likelihood = log_likelihoods(out.weighed.points, measured, law);
  return out;
}

std::vector<std::uint32_t> PlaceModel::promising(std::vector<std::uint32_t> chosen, const Groups& groups,
                                                 const Measured& measured) const {
  if (chosen.size() <= kFewToEvaluate) return chosen;
  const std::vector<double> share = shares(groups.weighed, measured).mass;
  std::vector<char> kept(grid->groups());
  for (std::size_t k = 0; k < share.size(); ++k) kept[groups.number[k]] = share[k] >= kLeastShare;
  std::erase_if(chosen, [&](std::uint32_t i) { return !kept[grid->candidates()[i].group]; });
  return chosen;
}

}  // namespace chiploc
