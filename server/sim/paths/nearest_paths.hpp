#pragma once
#include <utility>
#include <vector>

#include "geo/units.hpp"
#include "geo/vec3.hpp"
#include "server/sim/paths/matrix_paths.hpp"

namespace chiploc {

/// A matrix for ends that are no nodes of it: each has the paths of the node that is nearest to its place, whatever its
/// name. Between two ends of one node nothing passes: nobody measured that.
///
/// Never        Faster than light in vacuum between the ends' own places.
class NearestPaths final : public PathModel {
 public:
  /// A matrix without nodes has nobody to be near to: then nothing passes anywhere.
  explicit NearestPaths(MatrixPaths matrix);

  [[nodiscard]] PathFate fate(const PathEnd& from, const PathEnd& to,
                              const PathDatagram& datagram) const override;
  [[nodiscard]] PathFate least(const PathEnd& from, const PathEnd& to,
                               const PathDatagram& datagram) const override;

  /// The node nearest to a place, and how far away it is; nullptr: there is none.
  [[nodiscard]] std::pair<const RttMatrix::Node*, Kilometers> nearest(LatLon place) const;

 private:
  [[nodiscard]] const RttMatrix::Node* node_at(LatLon place) const;

  MatrixPaths matrix_;
  std::vector<Vec3> directions_;  // of the nodes
};

}  // namespace chiploc
