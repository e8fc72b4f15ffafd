#pragma once
// The table's lines joined to rings again, for drawing. Nothing is judged with them.

#include <cstdint>
#include <vector>

#include "geo/borders/border_table.hpp"
#include "geo/vec3.hpp"

namespace chiploc {

/// The outlines of a country by one map, each a closed curve on the auxiliary sphere, the last point joined to
/// the first: islands, lakes and what lies round a pole alike. What is inside is told by the even-odd rule.
/// Islets of fewer than three points are left out.
///
/// Method    Lines were cut at the antimeridian (border_lines.hpp); a piece goes on where the next one begins,
///           at the same latitude on the other side.
[[nodiscard]] std::vector<std::vector<Vec3>> border_rings(const BorderTable& table, std::uint32_t country,
                                                          BorderMap map);

/// Whether the rings of a country by one map hold a point; for the one that a picture cannot show.
[[nodiscard]] bool border_rings_hold(const BorderTable& table, std::uint32_t country, BorderMap map,
                                     Vec3 point);

}  // namespace chiploc
