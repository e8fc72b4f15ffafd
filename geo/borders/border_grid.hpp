#pragma once
// Which countries hold a point, by a grid of quarter-degree cells: constant time, exact integer arithmetic.

#include <cstdint>
#include <vector>

#include "geo/borders/border_table.hpp"
#include "geo/lat_lon.hpp"

namespace chiploc {

/// Method    The countries at the centre of every cell are known, from counting crossings northwards along
///           its meridian (the North Pole is in no country). A point's countries differ from its centre's by
///           the edges that cross the way there, first along the meridian, then along the parallel, inside
///           the cell.
/// One grid is of one map: what the two maps say of a place is two answers.
/// Owns      Its index; keeps a pointer to the table, which must outlive it. Immutable.
class BorderGrid {
 public:
  BorderGrid(const BorderTable& table, BorderMap map);

  [[nodiscard]] CountryBits countries_at(LatLon place) const;

 private:
  void index_edges();
  void mark_centres();
  [[nodiscard]] CountryBits bits_of(std::uint16_t state) const;
  [[nodiscard]] std::uint16_t state_of(const CountryBits& bits);

  struct Edge {
    std::uint32_t vertex = 0;  ///< Its first end; the second is the next vertex.
    std::uint32_t country = 0;
  };
  const BorderTable* table_;
  BorderMap map_;
  std::vector<std::uint32_t> cell_begin_;  ///< By cell, where its edges begin; one more at the end.
  std::vector<Edge> edges_;
  std::vector<std::uint16_t> centre_;  ///< By cell, 0 for none, 1 + country, or an entry of mixed_.
  std::vector<CountryBits> mixed_;     ///< States of centres where polygons overlap.
};

}  // namespace chiploc
