#pragma once
// Which country's border comes into a region, and how far the nearest is: a tree of bounding balls over the
// edges.

#include <cstdint>
#include <vector>

#include "geo/borders/border_table.hpp"
#include "geo/cap_set.hpp"
#include "geo/units.hpp"
#include "geo/vec3.hpp"

namespace chiploc {

/// Lines of the parity lookup are straight in longitude and latitude, those of the tree are great circles up
/// to 50 m away. Edges are therefore held against regions dilated by this much more; if none meets that, no
/// line of either kind is near the region's representative points, and the lookup answers for their whole
/// component.
inline constexpr Kilometers kLineDifference{0.1};

/// Edges are great circles on the auxiliary sphere here (border_table.hpp bounds the difference).
///
/// Method    Runs of up to 32 edges in bounding balls, under a binary tree by country. A ball outside the
///           region (more groups violated all over it than the budget) ends the search, one inside decides
///           it. Left are single edges: an edge meets the region if an end lies in it, or a crossing with a
///           circle does, because the piece that lies in the region is closed and ends in one of these.
/// Owns      Its index; keeps a pointer to the table, which must outlive it. Immutable.
class BorderTree {
 public:
  explicit BorderTree(const BorderTable& table);

  /// Does any edge of the country have a point in the set?
  [[nodiscard]] bool touches(const CapSet& set, std::uint32_t country) const;

  /// All of them. Countries are asked in groups of neighbours, of which most are out of reach at once.
  [[nodiscard]] CountryBits touched(const CapSet& set) const;

  /// The point nearest to `place` on the country's edges; its edges must not be none.
  [[nodiscard]] Vec3 nearest(Vec3 place, std::uint32_t country) const;

 private:
  struct Run {  // vertices [begin, end) of one line
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    Vec3 middle;
  };
  struct Node {
    Vec3 centre;
    double radius = 0.0;
    double cos_radius = 1.0;
    double sin_radius = 0.0;
    std::uint32_t first = 0;  ///< Leaf: its run. Otherwise the left child; the right one is next to it.
    bool leaf = false;
  };
  struct Group {  // countries [begin, end) of grouped_, in a ball around all that they have
    Vec3 centre;
    double cos_radius = 1.0;
    double sin_radius = 0.0;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
  };
  void group(std::uint32_t begin, std::uint32_t end);
  void build(std::uint32_t node, std::uint32_t run_begin, std::uint32_t run_end);
  [[nodiscard]] bool run_touches(const CapSet& set, const Run& run) const;

  const BorderTable* table_;
  std::vector<Run> runs_;
  std::vector<Node> nodes_;
  std::vector<std::uint32_t> grouped_;  ///< Countries that have vertices, neighbours together.
  std::vector<Group> groups_;
  std::vector<std::uint32_t> roots_;  ///< By country; kNoRoot for one without vertices.
  static constexpr std::uint32_t kNoRoot = 0xffffffffU;
};

}  // namespace chiploc
