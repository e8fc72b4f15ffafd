#pragma once
#include <optional>
#include <string>
#include <vector>

#include "geo/estimate/place_estimator.hpp"
#include "proto/base/ids.hpp"
#include "server/verifier/decide.hpp"

namespace chiploc {

/// What the round trips among some anchors taught of places. Immutable, shared by threads.
struct MeshModel {
  std::vector<AnchorId> anchors;  ///< sorted, beside the estimator's mesh
  PlaceEstimator estimator;
};

/// Where delays suggest that the chip is. It ranks and explains; no state depends on it, and an adversary who
/// adds delay can shift it.
struct Suggestion {
  PlaceEstimate places;  ///< nothing of it outside the decision's region
  RelaySuspicion relay;
  std::string method;  ///< the estimator's version
};

/// The decision says something of the place, and neither VERIFIED nor CLEARED: somebody will ask where it is.
[[nodiscard]] bool worth_suggesting(const Decision& decision);

/// Nothing where no anchor of the model measured the chip. Pure; takes milliseconds, tens of them where the
/// region is wide.
[[nodiscard]] std::optional<Suggestion> suggest(const Decision& decision, const MeshModel& model);

}  // namespace chiploc
