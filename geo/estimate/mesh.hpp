#pragma once
// What anchors measured of each other: the material that calibrations are learnt from.

#include <cstddef>
#include <vector>

#include "geo/lat_lon.hpp"

namespace chiploc {

/// Least round trips among anchors at known places. A plain value.
struct RttMesh {
  std::vector<LatLon> places;  ///< One per anchor.
  /// size() * size(), row = source, column = destination; NaN where missing and on the diagonal.
  std::vector<double> rtt_ms;

  [[nodiscard]] std::size_t size() const { return places.size(); }
  [[nodiscard]] double rtt(std::size_t source, std::size_t destination) const {
    return rtt_ms[source * places.size() + destination];
  }
};

}  // namespace chiploc
