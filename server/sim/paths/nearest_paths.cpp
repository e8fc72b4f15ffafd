#include "server/sim/paths/nearest_paths.hpp"

#include "geo/geodesic.hpp"

namespace chiploc {

NearestPaths::NearestPaths(MatrixPaths matrix) : matrix_{std::move(matrix)} {
  for (const RttMatrix::Node& node : matrix_.nodes()) directions_.push_back(to_sphere(node.place));
}

const RttMatrix::Node* NearestPaths::node_at(LatLon place) const {
  // On the sphere: which of two nodes is nearer may be wrong where they are as good as equally far, and only there.
  const Vec3 at = to_sphere(place);
  const RttMatrix::Node* found = nullptr;
  double best = -2.0;
  for (std::size_t n = 0; n < directions_.size(); ++n) {
    const double near = dot(at, directions_[n]);
    if (near <= best) continue;
    best = near;
    found = &matrix_.nodes()[n];
  }
  return found;
}

std::pair<const RttMatrix::Node*, Kilometers> NearestPaths::nearest(LatLon place) const {
  const RttMatrix::Node* node = node_at(place);
  return {node, node == nullptr ? Kilometers{0.0} : geodesic_distance(place, node->place)};
}

PathFate NearestPaths::fate(const PathEnd& from, const PathEnd& to, const PathDatagram& datagram) const {
  const RttMatrix::Node *a = node_at(from.place), *b = node_at(to.place);
  if (a == nullptr || a == b) return {true, least_one_way(from.place, to.place)};
  return matrix_.fate({a->name, from.place}, {b->name, to.place}, datagram);
}

PathFate NearestPaths::least(const PathEnd& from, const PathEnd& to, const PathDatagram& datagram) const {
  const RttMatrix::Node *a = node_at(from.place), *b = node_at(to.place);
  if (a == nullptr || a == b) return {true, least_one_way(from.place, to.place)};
  return matrix_.least({a->name, from.place}, {b->name, to.place}, datagram);
}

}  // namespace chiploc
