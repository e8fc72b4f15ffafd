#pragma once
// A small fleet that the tests of this folder begin with.

#include <string>

#include "server/fleet/fleet_plan.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::fleet {

inline const std::string kSmallFleet = R"([fleet]
name = "small"
seed = 3
days = 3
cadence_hours = 1
prohibited = ["RU"]
[policy]
faults = 1
pings = 8
anchors_per_round = 8
[status]
silent_after_hours = 12
cleared_is_enough = true
[network]
loss = 0.01
[[anchor]]
name = "fra"
lat = 50.11
lon = 8.68
operator = "a"
network = "a"
last_mile_ms = 0.1
[[anchor]]
name = "ber"
lat = 52.52
lon = 13.40
operator = "b"
network = "b"
last_mile_ms = 0.1
[[anchor]]
name = "muc"
lat = 48.14
lon = 11.58
operator = "c"
network = "c"
last_mile_ms = 0.1
[[anchor]]
name = "par"
lat = 48.86
lon = 2.35
operator = "d"
network = "d"
last_mile_ms = 0.1
[[anchor]]
name = "vie"
lat = 48.21
lon = 16.37
operator = "e"
network = "e"
last_mile_ms = 0.1
[[anchor]]
name = "mos"
lat = 55.70
lon = 37.50
operator = "f"
network = "f"
last_mile_ms = 0.1
[[anchor]]
name = "spb"
lat = 59.94
lon = 30.31
operator = "g"
network = "g"
last_mile_ms = 0.1
[[anchor]]
name = "tve"
lat = 56.86
lon = 35.91
operator = "h"
network = "h"
last_mile_ms = 0.1
[[anchor]]
name = "nyc"
lat = 40.71
lon = -74.01
operator = "i"
network = "i"
last_mile_ms = 0.1
[[site]]
name = "Mainz"
lat = 50.00
lon = 8.27
chips = 60
licensed = ["DE"]
last_mile_ms = 0.1
uplinks = 7
[[site]]
name = "Dresden"
lat = 51.05
lon = 13.74
chips = 40
licensed = ["DE", "AT"]
last_mile_ms = 0.1
uplinks = 3
[[diversion]]
site = "Mainz"
share = 0.1
after_hours = 30
lat = 55.76
lon = 37.62
[[diversion]]
site = "Dresden"
share = 0.25
after_hours = 20
behaviour = "silent"
)";

/// `from` of the text replaced, which must be there.
inline std::string changed(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

inline FleetFile fleet_of(const std::string& text) {
  auto file = parse_fleet(text, "fleet.toml", Borders::world());
  if (!file) {
    for (const std::string& fault : file.error()) UNSCOPED_INFO(fault);
  }
  REQUIRE(file);
  return *std::move(file);
}

inline void grow(FleetPlan& plan) {
  for (std::size_t i = 0; i < plan.situations().size(); ++i) plan.grow_tree(i);
}

}  // namespace chiploc::fleet
