#pragma once
// A fleet's figures for people and programs. Pure: nothing of it depends on how long the run took, or on how many threads.

#include <string>
#include <vector>

#include "server/fleet/fleet_run.hpp"
#include "server/fleet/round_sizes.hpp"
#include "server/scenario/intervals.hpp"

namespace chiploc {

/// Over the hours of a run: mean, greatest, and the one that 99 % of them do not exceed.
struct HourlyLoad {
  double mean = 0.0, most = 0.0, most_of_99 = 0.0;
};
/// `by_hour` times `each`, a second.
[[nodiscard]] HourlyLoad load_of(const std::vector<std::uint64_t>& by_hour, double each);

struct AnchorLoad {
  std::string anchor;
  HourlyLoad pings, bytes;  ///< a second
};

struct FleetReport {
  fleet::FleetFile file;
  fleet::FleetTally tally;
  fleet::RoundSizes sizes;
  std::size_t round_anchors = 0;                                 ///< that a round has
  EventRate false_flags{}, false_accusations{}, false_alarms{};  ///< a chip-year
  std::vector<AnchorLoad> anchors{};                             ///< beside file.anchors
  HourlyLoad rounds{}, evidence{};             ///< rounds and bytes a second, at the coordinator
  double rows_a_day = 0.0, store_a_day = 0.0;  ///< bytes
};
[[nodiscard]] FleetReport fleet_report_of(const fleet::FleetPlan& plan, const fleet::FleetTally& tally,
                                          const fleet::RoundSizes& sizes);

[[nodiscard]] std::string table_of(const FleetReport& report);
[[nodiscard]] std::string json_of(const FleetReport& report);
/// Lines "figure,part,value".
[[nodiscard]] std::string csv_of(const FleetReport& report);

}  // namespace chiploc
