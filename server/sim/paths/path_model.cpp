#include "server/sim/paths/path_model.hpp"

#include <cmath>

#include "geo/geodesic.hpp"

namespace chiploc {

Nanoseconds rounded_up(double ms) { return Nanoseconds{static_cast<std::int64_t>(std::ceil(ms * 1e6))}; }

Nanoseconds least_one_way(LatLon a, LatLon b) {
  return rounded_up(0.5 * geodesic_distance(a, b).km() * kLightMsPerKm);
}

}  // namespace chiploc
