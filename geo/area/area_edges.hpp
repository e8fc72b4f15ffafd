#pragma once
// The edges of an Area as tables that BorderTree and the parity of border_parity.hpp take.

#include <span>

#include "geo/area/drawing.hpp"
#include "geo/area/polygon_union.hpp"
#include "geo/borders/border_table.hpp"

namespace chiploc {

/// Every edge as it was drawn, between parts as well.
[[nodiscard]] BorderTable drawn_edges(std::span<const DrawnPolygon> polygons);

/// The rings of the union, closed along the antimeridian and the poles: for parity alone.
[[nodiscard]] BorderTable parity_edges(std::span<const UnitedPolygon> polygons);

/// What of parity_edges() has the area on one side only: not the antimeridian where it goes on beyond, not
/// the poles, which are points. Empty for the whole Earth.
[[nodiscard]] BorderTable boundary_edges(const BorderTable& parity);

}  // namespace chiploc
