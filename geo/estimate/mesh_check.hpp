#pragma once
// Which anchors cannot be where they say they are.

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "geo/borders/borders.hpp"
#include "geo/borders/country_code.hpp"
#include "geo/estimate/mesh.hpp"
#include "geo/units.hpp"

namespace chiploc {

struct MeshCheckOptions {
  /// Light in glass. A pair that beats it in both directions has a wrong place or a path through air; that
  /// one direction alone beats it happens with honest nodes of several addresses (3 of 28,000 pairs of the
  /// public meshes we know).
  KmPerSecond speed = kLightInFibre;
  /// How far a stated place may be off, for each of the two: public lists give the city's centre.
  Kilometers tolerance{10.0};
  /// How far outside the stated country a stated place may lie: harbours, and border towns.
  Kilometers country_tolerance{25.0};
};

struct MeshSuspect {
  std::size_t node = 0;
  /// Nodes that it contradicts: too near in time for where both say they are. Empty when only its country is
  /// wrong.
  std::vector<std::size_t> contradicts;
  Kilometers excess{0.0};        ///< by how much the worst of these pairs is too far apart
  bool country_differs = false;  ///< its place lies in another country than it states
  /// The other node of a pair of which nothing but the fit of further round trips says which one is wrong.
  std::optional<std::size_t> or_else;
};

/// Names nodes whose removal leaves no contradiction, the most contradicted ones first.
///
/// Takes     `countries`: what each node states, as far as it does; empty for none.
/// Method    The node with most contradictions goes first, then again, until none is left: where lies are few
///           the liar contradicts many and each of those one. A pair that is left over is decided by
///           comparing all other round trips of both with the two places: both nodes are near each other, and
///           the place that explains both best is the true one (median absolute difference of log(round trip
///           / distance) from the mesh's median).
/// Accuracy  What light does not contradict is not seen: a node moved by less than its neighbours' round
///           trips allow. Over the clean public meshes nobody is named
///           (tests/geo/estimate/mesh_check_test.cpp).
[[nodiscard]] std::vector<MeshSuspect> check_mesh(const RttMesh& mesh,
                                                  std::span<const std::optional<CountryCode>> countries,
                                                  const Borders& borders,
                                                  const MeshCheckOptions& options = {});

}  // namespace chiploc
