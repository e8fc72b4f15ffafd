#include "server/eval/line_estimator.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "geo/geodesic.hpp"

namespace chiploc {
namespace {

constexpr double kKmPerDegree = 111.2;
constexpr int kSpreadPoints = 256;

std::chrono::nanoseconds to_ns(double ms) {
  return std::chrono::nanoseconds{static_cast<std::int64_t>(std::ceil(ms * 1e6))};
}

}  // namespace

double LineEstimate::probability(CountryCode code) const {
  for (const auto& [country, probability] : countries) {
    if (country == code) return probability;
  }
  return 0.0;
}

double LineEstimate::credible_level(LatLon truth) const {
  const double north = (truth.lat_deg() - place.lat_deg()) * kKmPerDegree;
  const double turn = std::remainder(truth.lon_deg() - place.lon_deg(), 360.0);
  const double east = turn * kKmPerDegree * std::cos(place.lat_deg() * std::numbers::pi / 180.0);
  const double ee = covariance.east_east, en = covariance.east_north, nn = covariance.north_north;
  const double determinant = ee * nn - en * en;
  if (!(determinant > 0.0)) return 1.0;
  const double squared = (nn * east * east - 2.0 * en * east * north + ee * north * north) / determinant;
  return 1.0 - std::exp(-squared / 2.0);
}

LineEstimator LineEstimator::learn(const Mesh& mesh, const Borders& borders) {
  std::vector<DelaySample> samples;
  for (std::size_t a = 0; a < mesh.size(); ++a) {
    for (std::size_t b = a + 1; b < mesh.size(); ++b) {
      const double rtt = std::fmin(mesh.rtt(a, b), mesh.rtt(b, a));
      if (!std::isnan(rtt))
        samples.push_back({to_ns(rtt), geodesic_distance(mesh.places[a], mesh.places[b]).km()});
    }
  }
  return {mesh.places, fit_delay_model(samples), borders};
}

std::optional<LineEstimate> LineEstimator::estimate(std::span<const double> rtt_ms,
                                                    const Region* /*region*/) const {
  std::vector<FitInput> inputs;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (std::isnan(rtt_ms[i])) continue;
    const auto distance = model_.distance(to_ns(rtt_ms[i]));
    inputs.push_back({places_[i], distance.km, distance.sigma_km});
  }
  const auto fit = fit_place(inputs);
  if (!fit) return std::nullopt;
  LineEstimate out{fit->place, fit->covariance, {}};
  const double east_sd = std::sqrt(out.covariance.east_east);
  const double slope = east_sd > 0.0 ? out.covariance.east_north / east_sd : 0.0;
  const double rest = std::sqrt(std::max(0.0, out.covariance.north_north - slope * slope));
  std::map<CountryCode, double> mass;
  for (int k = 0; k < kSpreadPoints; ++k) {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - (k + 0.5) / kSpreadPoints));
    const double angle = std::numbers::pi * (3.0 - std::sqrt(5.0)) * k;
    const double u = radius * std::cos(angle), v = radius * std::sin(angle);
    const double east = east_sd * u, north = slope * u + rest * v;
    const LatLon place = geodesic_direct(out.place, std::atan2(east, north) * 180.0 / std::numbers::pi,
                                         Kilometers{std::hypot(east, north)});
    if (const auto country = borders_->country_at(place)) mass[*country] += 1.0;
  }
  double total = 0.0;
  for (const auto& [country, weight] : mass) total += weight;
  for (const auto& [country, weight] : mass) out.countries.emplace_back(country, weight / total);
  return out;
}

}  // namespace chiploc
