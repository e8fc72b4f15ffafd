#pragma once
// Probes of RIPE Atlas, as its API and the archive of its API describe them.

#include <optional>
#include <string>
#include <vector>

#include "geo/lat_lon.hpp"
#include "server/eval/others.hpp"

namespace chiploc {

struct AtlasProbe {
  std::uint64_t id = 0;
  std::uint32_t line = 0;
  std::optional<Degrees> place;  ///< as its host stated it, moved by 80 to 400 m; not every probe has one
  std::string country;           ///< two letters, or empty
  std::vector<std::string> addresses;
};

/// How far a probe may be from where the API says: its coordinates are moved by up to 400 m, and rounded. Where
/// its host put the pin is the host's word.
inline constexpr double kProbeUncertaintyKm = 1.0;

/// An array, an object a line, or an answer of the API ("results") or its archive ("objects"). Of a probe id;
/// geometry.coordinates (longitude first) or latitude and longitude; country_code; address_v4 and address_v6.
/// Anything else is passed over.
[[nodiscard]] std::vector<AtlasProbe> read_probes(const OthersFile& file, FaultLog& faults);

}  // namespace chiploc
