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
#include "server/lab/lab_report.hpp"
#include "server/verifier/decide.hpp"

namespace chiploc {

/// One chip's forecast by geometry alone: what its evidence is worth if its signatures hold. (A forger's do
/// not; then the verdict is INVALID whatever the geometry.)
struct ForecastRow {
  std::size_t chip = 0;  ///< index in LabFile::chips; silent ones have no row
  VerdictState state{};
};

/// `overhead` is what programs and machine add to the best of a round's pings: the lab's own floor. `at` is the lab
/// time, which matters to path models alone.
[[nodiscard]] std::vector<ForecastRow> forecast_lab(const LabFile& file, const Borders& borders,
                                                    Nanoseconds overhead, Nanoseconds at = Nanoseconds{0});

/// By chip, for each round that measures it, the state by geometry of the lab as it is when the round is due.
/// What geometry does not decide is what it should be: SILENT of silent chips, INVALID of forgers, replayers
/// and clones.
using LabForecast = std::vector<std::vector<std::string>>;
[[nodiscard]] LabForecast forecast_rounds(const LabFile& file, const Borders& borders, Nanoseconds overhead);
/// The report that a lab would give if all came as forecast.
[[nodiscard]] LabReport report_of(const LabPlan& plan, const LabForecast& forecast);

/// Agents, anchors and relay together take about this long in a lab on two busy cores (minimum of twelve
/// pings).
inline constexpr Nanoseconds kLabOverhead{400'000};

}  // namespace chiploc
