#pragma once
// Lab files as text, on a small map, for the tests of their reading.

#include <string>
#include <vector>

#include "server/lab/lab_file.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {

/// A world of three bands: north of 40 degrees DE, south of -10 AU, sea between but for SG within a degree of
/// 1 N, 103 E.
inline LabWorld small_world() {
  const auto code = [](const char* text) { return *CountryCode::from_text(text); };
  return {.country_at = [code](LatLon p) -> std::optional<CountryCode> {
            if (p.lat_deg() > 40.0) return code("DE");
            if (p.lat_deg() < -10.0) return code("AU");
            if (p.lat_deg() > 0.0 && p.lat_deg() < 2.0 && p.lon_deg() > 102.0 && p.lon_deg() < 104.0)
              return code("SG");
            return std::nullopt;
          },
          .known =
              [code](CountryCode c) {
                return c == code("DE") || c == code("AU") || c == code("SG") || c == code("CN");
              }};
}

inline std::vector<std::string> faults_of(const std::string& text) {
  const LabWorld world = small_world();
  const auto read = parse_lab_file(text, "t.toml", world);
  return read ? std::vector<std::string>{} : read.error();
}

inline LabFile lab_of(const std::string& text) {
  const LabWorld world = small_world();
  auto read = parse_lab_file(text, "t.toml", world);
  if (!read) FAIL(read.error().front());
  return std::move(read).value();
}

/// A fault begins with this; `faults` are shown otherwise.
inline void check_fault(const std::string& text, const std::string& fault) {
  const auto faults = faults_of(text);
  CAPTURE(fault, faults);
  bool found = false;
  for (const std::string& one : faults) found = found || one.find(fault) != std::string::npos;
  CHECK(found);
}

}  // namespace chiploc
