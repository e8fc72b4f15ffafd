#pragma once
// What the anchors' mesh teaches of places, and which anchors it shows to be elsewhere.

#include <memory>
#include <optional>
#include <vector>

#include "geo/borders/borders.hpp"
#include "geo/estimate/mesh.hpp"
#include "geo/units.hpp"
#include "server/verifier/suggestion.hpp"

namespace chiploc {

/// A mesh and whose it is.
struct AnchorMesh {
  std::vector<AnchorId> anchors;  ///< sorted, beside mesh.places
  RttMesh mesh;
  Kilometers uncertainty{0.0};  ///< the largest that any of them states for its place
};

/// An anchor that cannot be where it says, or whose peers cannot.
struct MisplacedAnchor {
  AnchorId anchor;
  std::vector<AnchorId> contradicts;
  std::optional<AnchorId> or_else;  ///< of a pair of which nothing but the fit of other paths says which
  Kilometers excess{0.0};           ///< by how much the worst pair is too far apart
};

struct LearntPlaces {
  std::shared_ptr<const MeshModel> model;  ///< without the misplaced ones; none of fewer than two anchors
  std::vector<MisplacedAnchor> misplaced;
};

/// Checks the mesh and learns from it. Pure: the same mesh teaches the same, wherever it came from. Takes the
/// cube of the number of anchors: seconds for hundreds.
[[nodiscard]] LearntPlaces learn_places(const AnchorMesh& mesh, const Borders& borders);

}  // namespace chiploc
