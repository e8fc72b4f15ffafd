#pragma once
#include <string>

#include "geo/lat_lon.hpp"
#include "geo/units.hpp"
#include "proto/base/ids.hpp"

namespace chiploc {

/// An anchor as it was registered when a round began, whether it had a part in the round or not.
struct KnownAnchor {
  AnchorId id;
  std::string name;
  LatLon place;
  Kilometers uncertainty{0.0};
  std::string operator_name{};
  std::string network{};
};

}  // namespace chiploc
