#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "geo/borders/country_code.hpp"
#include "geo/lat_lon.hpp"

namespace chiploc {

/// What a node may be in a case.
enum class NodeRole : std::uint8_t {
  kBoth,
  kAnchor,
  kTarget,
  kNeither  ///< a target by nodes.csv that the file of targets does not name
};

/// What of a node the others contradict (misplaced.hpp); it serves as nothing then.
enum class NodeDoubt : std::uint8_t { kNone, kPlace, kLabel };

/// One node of a set of measurements: anchor and target by turns, unless its role says otherwise.
struct EvalNode {
  std::string id;
  std::string name;
  LatLon place;
  CountryCode country;  ///< the node's label, under the code by which the borders draw it
  bool faulty = false;  ///< from faulty_nodes.csv: serves as an anchor, never as a target
  NodeRole role = NodeRole::kBoth;
  NodeDoubt doubt = NodeDoubt::kNone;
  double uncertainty_km = 0.0;  ///< it stands within so far of `place`; nobody knows where
};

/// What the milliseconds of a set are: the least of several round trips, their mean or their median.
enum class RttStatistic : std::uint8_t { kMinimum, kMean, kMedian };

/// One line of rtt.csv or faulty_rtt.csv.
struct RttRow {
  std::uint32_t line = 0;
  bool faulty = false;  ///< of faulty_rtt.csv
  std::size_t source = 0;
  std::size_t destination = 0;
  double ms = 0.0;  ///< as the file has it
};

/// One row set of subsets.csv: the anchors of one draw of a label, in the file's order.
struct AnchorDraw {
  std::string label;
  unsigned draw = 0;
  std::vector<std::size_t> anchors;  ///< numbers of nodes
};

/// Everything that a folder of measurements holds, checked. Immutable once read; shared between threads.
struct RttSet {
  std::string name;               ///< of the folder
  std::vector<EvalNode> nodes;    ///< in the order of the file, faulty ones last
  std::vector<double> min_ms;     ///< nodes.size() squared, row = source; NaN where not measured
  std::vector<AnchorDraw> draws;  ///< in the order in which the file begins them
  bool has_roles = false;         ///< some node is an anchor or a target only
  RttStatistic statistic = RttStatistic::kMinimum;
  std::string column = "min_ms";     ///< where the round trips stand in the file
  double resolution_ms = 0.0;        ///< of the values, as far as it was stated
  double added_ms = 0.0;             ///< to every round trip, for that resolution; min_ms has it
  std::size_t rows = 0;              ///< round trips in the files, those of nodes to themselves too
  std::size_t self_rows = 0;         ///< of nodes to themselves: ignored
  std::vector<std::string> notes{};  ///< what a person should know before the figures, a sentence each

  [[nodiscard]] double rtt_ms(std::size_t source, std::size_t destination) const {
    return min_ms[source * nodes.size() + destination];
  }
};

}  // namespace chiploc
