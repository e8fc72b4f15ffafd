#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "geo/estimate/delay_model.hpp"
#include "geo/estimate/mesh.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/time.hpp"
#include "server/registry/registry.hpp"
#include "server/storage/records.hpp"
#include "server/verifier/learnt_places.hpp"

namespace chiploc {

/// What the mesh taught last.
struct LearntMesh {
  Registry::Snapshot registry;  ///< whose places it rests on; nullptr: on none
  DelayModel line = default_delay_model();
  AnchorMesh mesh;  ///< for the place learner
  std::size_t pairs = 0;
};

/// Whether every anchor of `before` stands in `after` where it did.
[[nodiscard]] bool same_places(const Registry& before, const Registry& after);

/// What the anchors' mesh teaches: the newest minimum of each ordered pair, and the line that was fitted to
/// them. One thread, and not the one that answers anchors: with a thousand of them a refit takes a tenth of a
/// second. Pure.
///
/// Places      A pair belongs to the two places that the registry gave when it was measured. When one of them
///             is corrected, what was measured before is forgotten: nobody knows which of the two it fits.
/// Bounds      kPairsOfAnchor pairs of each registered anchor; of those kLinePairsOfAnchor are fitted to.
class Calibrator {
 public:
  using Fit = std::function<DelayModel(std::span<const DelaySample>)>;

  /// More anchors than this do not make a better place, and learning takes the cube of their number.
  static constexpr std::size_t kPlaceAnchorsMax = 256;
  static constexpr std::size_t kPairsOfAnchor = 1'024;
  static constexpr std::size_t kLinePairsOfAnchor = 64;
  /// Longer ones teach nothing, and a calibration that is kept could not hold every one of them.
  static constexpr Nanoseconds kRttMax = std::chrono::minutes{1};

  explicit Calibrator(Fit fit = fit_delay_model) : fit_{std::move(fit)} {}

  /// The registry as it is at `now`: pairs of anchors that moved in it, or left it, go.
  void follow(const Registry& registry, WallTime now);
  /// Takes the pairs of one checked window. Pairs with unregistered anchors are left out: a lying anchor
  /// could fill the table with peers that it made up. Those that are registered later come with a later
  /// window. So are pairs with fewer than two samples, or none that another bears out (PROTOCOL.md section
  /// 7): a pause makes a round trip short, and nobody is accused by one that stands alone.
  void add(const MeshRecord& window, const Registry& registry);
  /// Fits the line over all pairs whose two places the registry knows.
  void refit();
  /// The anchors with the most pairs, kPlaceAnchorsMax at most, and what they measured of each other.
  [[nodiscard]] AnchorMesh mesh(const Registry& registry) const;

  [[nodiscard]] const DelayModel& line() const { return line_; }
  [[nodiscard]] std::size_t pairs() const;
  /// All of that as it stands; `registry` is the one that was followed.
  [[nodiscard]] LearntMesh learnt(Registry::Snapshot registry) const;

 private:
  struct Place {
    Degrees degrees;
    Kilometers uncertainty{0.0};
    WallTime since;  ///< windows that ended earlier belong to another place; the epoch: never moved
  };
  struct Pair {
    Nanoseconds rtt{0};
    double km = 0.0;  ///< between the two places
  };
  const Place* place_of(const AnchorId& id, const Registry& registry);

  Fit fit_;
  std::map<AnchorId, Place> places_;
  std::map<AnchorId, std::map<AnchorId, Pair>> newest_;  ///< by who measured, then whom
  DelayModel line_ = default_delay_model();
};

}  // namespace chiploc
