#pragma once
// How far chips are from an anchor that hears them after some time: rings around the anchors.

#include <span>

#include "geo/estimate/ms_curve.hpp"
#include "geo/estimate/path_memory.hpp"

namespace chiploc {

/// Where a chip is that an anchor hears after a round trip r, whatever that anchor saw of others: with d the
/// distance from the anchor,
///
///     log(d + 30 km) = mean(r) + scale(r) * (Student's t of four degrees of freedom),
///
/// spread evenly over the ring at that distance. Mean and log scale are curves over r.
///
/// The delay law and its memory say how long the round trip is from a given place; this says how far away the
/// place is after a given round trip. Both are learnt from the same mesh, and err differently: this one knows
/// no neighbourhoods, and is not misled by them.
/// Source    Rings of normal distances: Laki et al., "Spotter: a model based active geolocation service",
///           2011.
class RingLaw {
 public:
  struct Pair {
    double rtt_ms;
    double km;
  };
  /// Takes     Finite round trips and distances, both positive.
  /// Robust: t(4) likelihood by reweighting, shrunk towards 40 km/ms and a scale of 0.6 by the weight of a
  /// few pairs; none give just that. Never fails.
  [[nodiscard]] static RingLaw fit(std::span<const Pair> pairs);
  /// From the least round trips to each anchor of a mesh: chips are located by theirs.
  [[nodiscard]] static RingLaw learn(const PathMemory& memory);

  /// Of one round trip.
  struct Ring {
    double mean = 0.0;  ///< of log(d + 30 km)
    double log_scale = 0.0;

    /// log of the density per area, but for a constant. Within 80 km a ring is a disk: places are stated, and
    /// cells are, some tens of kilometres wide.
    [[nodiscard]] double log_density(double km) const;
  };
  [[nodiscard]] Ring ring(double rtt_ms) const;

 private:
  MsCurve mean_;
  MsCurve log_scale_;
};

}  // namespace chiploc
