#pragma once
// How the numbers of a folder of measurements are to be understood: what files cannot say of themselves.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "geo/units.hpp"
#include "server/eval/rtt_set.hpp"

namespace chiploc {

struct RttReading {
  RttStatistic statistic = RttStatistic::kMinimum;
  /// The step to which the values were rounded; 0: they are exact; nullopt: nobody has said.
  std::optional<double> resolution_ms{};
  bool truncated = false;             ///< rounded down, not to the nearest step
  std::vector<double> believed_ms{};  ///< values that repeat and were measured all the same
  bool believed_order = false;        ///< values stand beside their own nodes, whatever they fit
  bool believed_all = false;          ///< nothing of rtt_check.hpp is asked
  bool believed_fast = false;         ///< many rows are faster than light in fibre: radio links
  Kilometers place_uncertainty{0.0};  ///< how far nodes that state no more may stand from where they say
  /// A file of targets (id; for nodes that nodes.csv lacks also name, lat, lon, country_iso2), and its name.
  std::optional<std::string> targets{};
  std::string targets_file = "targets.csv";

  /// What is added to every round trip so that rounding shortens none: half a step, a whole one if rounded
  /// down.
  [[nodiscard]] double added_ms() const { return resolution_ms.value_or(0.0) * (truncated ? 1.0 : 0.5); }
};

[[nodiscard]] constexpr std::string_view name_of(RttStatistic statistic) {
  if (statistic == RttStatistic::kMean) return "mean";
  return statistic == RttStatistic::kMedian ? "median" : "minimum";
}

}  // namespace chiploc
