#pragma once
// What a plan is about: sites whose licences are to be provable, anchors that stand, and places for others.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "geo/lat_lon.hpp"
#include "geo/units.hpp"
#include "server/verifier/territory_judgement.hpp"

namespace chiploc {

/// A licensed site: where its chips are, and where they may be.
struct PlanSite {
  std::string name;
  LatLon place;
  Claim claim;
};

/// An anchor, or a place for one. Names differ.
struct PlanAnchor {
  std::string name;
  LatLon place;
  Kilometers uncertainty{0.0};
  std::uint32_t perspective = 0;  ///< anchors of one operator or network share a number and count once
  double cost = 1.0;              ///< in whatever the file counts; above 0
};

enum class PlanGoal : std::uint8_t {
  kVerified,  ///< the site's verdict is VERIFIED
  kCleared,   ///< CLEARED at least: told apart from all that is prohibited
};

struct PlanProblem {
  std::vector<PlanSite> sites;
  std::vector<PlanAnchor> anchors;  ///< those that stand, then the candidates
  std::size_t standing = 0;         ///< so many of them stand
  /// anchors.size() for each site in turn: the longest path in the round trip that the anchor will see of a chip
  /// there (geo/path_bound.hpp); nullopt: it sees none.
  std::vector<std::optional<Kilometers>> reach;
  unsigned faults = 1;  ///< perspectives that may lie
  PlanGoal goal = PlanGoal::kVerified;

  [[nodiscard]] const std::optional<Kilometers>& reach_of(std::size_t site, std::size_t anchor) const {
    return reach[site * anchors.size() + anchor];
  }
  /// The numbers of those that stand, and of the others.
  [[nodiscard]] std::vector<std::size_t> standing_anchors() const;
  [[nodiscard]] std::vector<std::size_t> candidates() const;
};

/// Calls work(i) for every i below `count`, on whatever threads the caller likes, and returns when all is done.
using ForEach = std::function<void(std::size_t count, const std::function<void(std::size_t)>& work)>;

}  // namespace chiploc
