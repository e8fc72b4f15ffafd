#include "server/detect/place_pattern.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>
#include <utility>
#include <vector>

#include "geo/geodesic.hpp"
#include "server/detect/mix.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kMostPlaced = 128;
constexpr double kLeastSlope = 1.0 / 150.0;
constexpr double kMostSlope = 1.0 / 30.0;
constexpr double kSphereKm = 6371.0;

struct TriedPlace {
  LatLon place;
  double distance_km;
  std::vector<double> farther_km;  ///< than the site, less its mean; an entry for each change
  double square;
};

/// Share of the variance that the place explains, with the slope kept within its bounds.
double explained_by(const TriedPlace& tried, std::span<const double> centred, double total, double* slope) {
  double product = 0.0;
  for (std::size_t a = 0; a < centred.size(); ++a) product += tried.farther_km[a] * centred[a];
  if (tried.square <= 0.0) return 0.0;
  *slope = std::clamp(product / tried.square, kLeastSlope, kMostSlope);
  return (2.0 * *slope * product - *slope * *slope * tried.square) / total;
}

}  // namespace

std::optional<PlacePattern> find_place_pattern(LatLon site, std::span<const LatLon> anchors,
                                               std::span<const double> changes_ms,
                                               const PlaceOptions& options) {
  if (anchors.size() != changes_ms.size() || anchors.size() > kMostPlaced) return std::nullopt;
  if (options.bearings == 0 || options.permutations == 0 || !(options.nearest_km > 0.0) ||
      !(options.farthest_km >= options.nearest_km && options.farthest_km < kLongestGeodesic.km())) {
    return std::nullopt;
  }
  std::vector<double> changes;
  std::vector<Vec3> at;
  double sum = 0.0;
  for (std::size_t a = 0; a < anchors.size(); ++a) {
    if (std::isinf(changes_ms[a])) return std::nullopt;
    if (std::isnan(changes_ms[a])) continue;
    changes.push_back(changes_ms[a]);
    at.push_back(to_sphere(anchors[a]));
    sum += changes_ms[a];
  }
  const std::size_t n = changes.size();
  if (n < std::max<std::size_t>(options.fewest_anchors, 3)) return std::nullopt;
  const double mean = sum / static_cast<double>(n);
  double total = 0.0;
  for (double& c : changes) {
    c -= mean;
    total += c * c;
  }
  if (!(total > 1e-12)) return std::nullopt;

  const Vec3 here = to_sphere(site);
  std::vector<double> site_km;
  for (const Vec3 anchor : at) site_km.push_back(angle_between(here, anchor) * kSphereKm);
  std::vector<TriedPlace> tried;
  std::vector<double> mean_farther;
  for (double km = options.nearest_km; km <= options.farthest_km; km *= 2.0) {
    for (unsigned b = 0; b < options.bearings; ++b) {
      const LatLon place = geodesic_direct(site, 360.0 * b / options.bearings, Kilometers{km});
      const Vec3 there = to_sphere(place);
      TriedPlace one{place, km, std::vector<double>(n), 0.0};
      double farther = 0.0;
      for (std::size_t a = 0; a < n; ++a) {
        one.farther_km[a] = angle_between(there, at[a]) * kSphereKm - site_km[a];
        farther += one.farther_km[a] / static_cast<double>(n);
      }
      for (double& f : one.farther_km) {
        f -= farther;
        one.square += f * f;
      }
      tried.push_back(std::move(one));
      mean_farther.push_back(farther);
    }
  }

  std::size_t best = 0;
  double most = -1.0;
  double best_slope = 0.0;
  for (std::size_t t = 0; t < tried.size(); ++t) {
    double slope = 0.0;
    const double share = explained_by(tried[t], changes, total, &slope);
    if (share > most) std::tie(best, most, best_slope) = std::tuple{t, share, slope};
  }
  most = std::max(most, 0.0);
  unsigned as_much = 0;
  std::uint64_t step = 0;
  for (unsigned p = 0; p < options.permutations; ++p) {
    for (std::size_t a = n - 1; a > 0; --a)
      std::swap(changes[a], changes[mixed(options.seed, step++) % (a + 1)]);
    double share = 0.0;
    double slope = 0.0;
    for (const TriedPlace& one : tried) share = std::max(share, explained_by(one, changes, total, &slope));
    if (share >= most * (1.0 - 1e-12)) ++as_much;  // sums in another order differ in the last digit
  }
  return PlacePattern{tried[best].place, Kilometers{tried[best].distance_km},
                      mean - best_slope * mean_farther[best], most,
                      (1.0 + as_much) / (1.0 + options.permutations)};
}

}  // namespace chiploc
