#pragma once
// What a lab will show, computed beforehand with the same network model, regions, borders and verdict as the
// real thing, but without a program or a socket. A layout of anchors can be judged for many seeds in a
// second.

#include <cstdint>
#include <string>
#include <vector>

#include "geo/borders/borders.hpp"
#include "proto/base/time.hpp"
#include "server/lab/lab_file.hpp"
#include "server/verifier/decide.hpp"

namespace chiploc {

/// One chip's forecast by geometry alone: what its evidence is worth if its signatures hold. (A forger's do
/// not; then the verdict is INVALID whatever the geometry.)
struct ForecastRow {
  std::size_t chip = 0;  ///< index in LabFile::chips; silent ones have no row
  VerdictState state{};
};

/// `overhead` is what programs and machine add to the best of a round's pings: the lab's own floor.
[[nodiscard]] std::vector<ForecastRow> forecast_lab(const LabFile& file, const Borders& borders,
                                                    Nanoseconds overhead);

/// How the honest chips of one seed fare.
struct FleetForecast {
  std::uint64_t seed = 0;
  unsigned honest = 0;
  unsigned verified = 0;
  unsigned cleared = 0;
  unsigned flagged = 0;     ///< honest ones OUTSIDE or PROHIBITED: impossible unless something is broken
  unsigned unexpected = 0;  ///< verdicts by geometry that expected_states() does not allow
};
[[nodiscard]] FleetForecast forecast_fleet(LabFile file, std::uint64_t seed, const Borders& borders,
                                           Nanoseconds overhead);

/// Agents, anchors and relay together take about this long in a lab on two busy cores (minimum of twelve
/// pings).
inline constexpr Nanoseconds kLabOverhead{400'000};

}  // namespace chiploc
