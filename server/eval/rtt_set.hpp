#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "geo/country_code.hpp"
#include "geo/lat_lon.hpp"

namespace chiploc {

/// One node of a set of measurements: anchor and target by turns.
struct EvalNode {
  std::string id;
  std::string name;
  LatLon place;
  CountryCode country;  ///< the node's label, under the code by which the borders draw it
  bool faulty = false;  ///< from faulty_nodes.csv: serves as an anchor, never as a target
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

  [[nodiscard]] double rtt_ms(std::size_t source, std::size_t destination) const {
    return min_ms[source * nodes.size() + destination];
  }
};

}  // namespace chiploc
