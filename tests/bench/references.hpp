#pragma once
// The references of the geometry figures: what others' libraries make of the same inputs. Each lies in a file
// of its own, because S2 and Ceres (glog) cannot be included together, and each is absent where its package
// is.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "geo/bound.hpp"
#include "geo/estimate/fit.hpp"
#include "geo/geodesic.hpp"

namespace chiploc::bench {

/// Place and offset by Ceres with Huber's loss, one start, from the same place that fit_place() starts from.
struct CeresFit {
  double lat_rad = 0.0;
  double lon_rad = 0.0;
  double offset_km = 0.0;
  double cost = 0.0;
};
[[nodiscard]] bool have_ceres();
[[nodiscard]] CeresFit ceres_fit(std::span<const FitInput> inputs);

/// Countries by coverings of S2 cells: conservative.
class S2Countries {
 public:
  S2Countries();
  ~S2Countries();
  S2Countries(const S2Countries&) = delete;
  S2Countries& operator=(const S2Countries&) = delete;
  /// Two-letter codes.
  [[nodiscard]] std::vector<std::string> met(std::span<const AnchorBound> bounds) const;

 private:
  struct State;
  State* state_;
};

/// Countries by planar polygons: the caps as 64-gons in longitude and latitude.
[[nodiscard]] bool have_geos();
class GeosCountries {
 public:
  GeosCountries();
  ~GeosCountries();
  GeosCountries(const GeosCountries&) = delete;
  GeosCountries& operator=(const GeosCountries&) = delete;
  [[nodiscard]] std::vector<std::string> met(std::span<const AnchorBound> bounds) const;

 private:
  struct State;
  State* state_;
};

}  // namespace chiploc::bench
