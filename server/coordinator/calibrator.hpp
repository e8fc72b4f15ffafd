#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "geo/mesh.hpp"
#include "proto/ids.hpp"
#include "proto/time.hpp"
#include "proto/v1/evidence.pb.h"
#include "server/registry/registry.hpp"
#include "server/verifier/suggestion.hpp"

namespace chiploc {

/// A mesh and whose it is.
struct AnchorMesh {
  std::vector<AnchorId> anchors;  ///< sorted, beside mesh.places
  RttMesh mesh;
  Kilometers uncertainty{0.0};  ///< the largest that any of them states for its place
};

/// What the anchors' mesh teaches: the newest minimum of each ordered pair, and what was fitted to them. One
/// thread; pure.
class Calibrator {
 public:
  /// More anchors than this do not make a better place, and learning takes the cube of their number.
  static constexpr std::size_t kPlaceAnchorsMax = 256;

  /// Takes the pairs of one mesh window, whose signature has been checked. Pairs with unregistered anchors
  /// are left out: a lying anchor could fill the table with peers that it made up. Those that are registered
  /// later come with a later window. So are pairs with fewer than two samples, or none that another bears out
  /// (PROTOCOL.md section 7): a pause makes a round trip short, and nobody is accused by one that stands
  /// alone.
  void add(const v1::MeshBody& body, const Registry& registry);
  /// Fits the line over all pairs whose two places the registry knows.
  void refit(const Registry& registry);
  /// The anchors with the most pairs, kPlaceAnchorsMax at most, and what they measured of each other.
  [[nodiscard]] AnchorMesh mesh(const Registry& registry) const;
  void set_places(std::shared_ptr<const PlaceModel> places) { places_ = std::move(places); }

  [[nodiscard]] const DelayModel& line() const { return line_; }
  /// None before anchors have measured each other.
  [[nodiscard]] const std::shared_ptr<const PlaceModel>& places() const { return places_; }
  [[nodiscard]] std::size_t pairs() const { return newest_.size(); }

 private:
  std::map<std::pair<AnchorId, AnchorId>, Nanoseconds> newest_;
  DelayModel line_ = default_delay_model();
  std::shared_ptr<const PlaceModel> places_;
};

}  // namespace chiploc
