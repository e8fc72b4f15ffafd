#include "server/verifier/learnt_places.hpp"

#include <algorithm>

#include "geo/estimate/mesh_check.hpp"

namespace chiploc {
namespace {

RttMesh without(const RttMesh& mesh, const std::vector<bool>& left_out) {
  RttMesh out;
  for (std::size_t a = 0; a < mesh.size(); ++a) {
    if (left_out[a]) continue;
    out.places.push_back(mesh.places[a]);
    for (std::size_t b = 0; b < mesh.size(); ++b) {
      if (!left_out[b]) out.rtt_ms.push_back(mesh.rtt(a, b));
    }
  }
  return out;
}

}  // namespace

LearntPlaces learn_places(const AnchorMesh& mesh, const Borders& borders) {
  LearntPlaces out;
  std::vector<bool> left_out(mesh.anchors.size(), false);
  MeshCheckOptions options;
  options.tolerance = std::max(options.tolerance, mesh.uncertainty);  // rather too lenient than an accusation
  for (const MeshSuspect& suspect : check_mesh(mesh.mesh, {}, borders, options)) {
    left_out[suspect.node] = true;
    MisplacedAnchor& misplaced = out.misplaced.emplace_back();
    misplaced.anchor = mesh.anchors[suspect.node];
    for (const std::size_t other : suspect.contradicts) misplaced.contradicts.push_back(mesh.anchors[other]);
    if (suspect.or_else) misplaced.or_else = mesh.anchors[*suspect.or_else];
    misplaced.excess = suspect.excess;
  }
  std::vector<AnchorId> trusted;
  for (std::size_t i = 0; i < mesh.anchors.size(); ++i) {
    if (!left_out[i]) trusted.push_back(mesh.anchors[i]);
  }
  if (trusted.size() < 2) return out;
  out.model = std::make_shared<const MeshModel>(
      MeshModel{std::move(trusted), PlaceEstimator::learn(without(mesh.mesh, left_out), borders)});
  return out;
}

}  // namespace chiploc
