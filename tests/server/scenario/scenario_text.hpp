#pragma once
// Small scenarios as text, for the tests of this folder.

#include <string>

#include "geo/borders/borders.hpp"
#include "server/lab/lab_daemon.hpp"
#include "server/scenario/scenario_file.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {

inline LabWorld real_world() {
  const Borders& borders = Borders::world();
  return {.country_at = [&borders](LatLon place) { return borders.country_at(place); },
          .known = [&borders](CountryCode code) { return borders.knows(code); },
          .claimants_at = [&borders](LatLon place) { return borders.claimants_at(place); },
          .chiplocd = read_daemon_sections};
}

inline const std::string kHead = R"([scenario]
name = "small"
attack = "forgery"
about = "One chip of two forges."
story = "It signs with another key."
seeds = "1..3"
short_seeds = "1"
)";  // 7 lines

inline const std::string kExpect = R"([[expect]]
chips = "F-1"
flagged_at_least = 1.0
why = "The signature does not hold."
)";  // 4 lines

/// Three anchors, one chip that is honest and one that forges; two rounds, six hours apart.
inline const std::string kLab = R"([lab]
name = "small"
knock_interval_ms = 400
[policy]
round_deadline_ms = 8000
linger_ms = 800
[[licence]]
id = "L-AU"
holder = "Southern Data"
countries = ["AU"]
[[place]]
name = "Parramatta"
lat = -33.82
lon = 151.00
[[anchor]]
name = "syd1"
lat = -33.87
lon = 151.21
operator = "Alder"
network = "AS64514"
last_mile_ms = 0.1
[[anchor]]
name = "wol1"
lat = -34.42
lon = 150.89
operator = "Dogwood"
network = "AS64515"
last_mile_ms = 0.1
[[anchor]]
name = "ntl1"
lat = -32.93
lon = 151.78
operator = "Oak"
network = "AS64516"
last_mile_ms = 0.1
[[chip]]
serial = "H-1"
licence = "L-AU"
site = "Parramatta"
last_mile_ms = 0.1
reach = "inbound"
[[chip]]
serial = "F-1"
behaviour = "forged"
licence = "L-AU"
site = "Parramatta"
last_mile_ms = 0.1
reach = "inbound"
[[round]]
every = "6h"
count = 2
)";

inline ScenarioFile scenario_of(const std::string& text) {
  auto read = parse_scenario(text, "s.toml", real_world());
  if (!read) FAIL(read.error().front());
  return std::move(read).value();
}

inline std::vector<std::string> scenario_faults(const std::string& text) {
  const auto read = parse_scenario(text, "s.toml", real_world());
  return read ? std::vector<std::string>{} : read.error();
}

inline void check_scenario_fault(const std::string& text, const std::string& fault) {
  const auto faults = scenario_faults(text);
  CAPTURE(fault, faults);
  bool found = false;
  for (const std::string& one : faults) found = found || one.find(fault) != std::string::npos;
  CHECK(found);
}

}  // namespace chiploc
