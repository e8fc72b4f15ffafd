#pragma once
#include <string>
#include <vector>

#include "geo/borders/borders.hpp"
#include "geo/region.hpp"
#include "proto/base/time.hpp"
#include "server/verifier/territory_judgement.hpp"

namespace chiploc {

/// What one anchor proves, and by which round trip.
struct ProvedBound {
  AnchorBound bound;
  std::string anchor;  ///< its name
  Nanoseconds rtt_min{0};
};

[[nodiscard]] std::vector<AnchorBound> bounds_of(const std::vector<ProvedBound>& proved);

/// How far the region stays from a territory.
struct TerritoryMargin {
  std::string territory;     ///< Territory::name
  Kilometers distance{0.0};  ///< a lower bound, within 1 km; 0: the region meets it
};

/// Under what assumption a state was proved, and how far it is from changing.
struct Proof {
  unsigned fault_budget = 0;
  unsigned fault_budget_max = 0;         ///< the largest budget under which the state is the same
  std::vector<std::string> hinges;       ///< anchors without whose perspective the state would be another
  std::vector<CountryCode> countries;    ///< every country that the region meets
  Kilometers margin{0.0};                ///< the region may grow by this and the state stays; a lower bound
  std::vector<TerritoryMargin> margins;  ///< to each prohibited territory within kMarginMax, nearest first
};

/// Margins are looked for up to here; beyond, a territory is far away and not listed.
inline constexpr Kilometers kMarginMax{2000.0};

/// The certificate of one region and judgement. Pure; needs some dozen regions of the same bounds.
///
/// Takes     `region` from `bounds` under `fault_budget`, `judgement` of it by `judge`.
/// Method    Budgets and hinges by judging the region that other budgets or anchors give; only perspectives
///           that shape the region can be hinges. Margins by growing the region: Region::inflated covers the
///           true dilation, so what is found is a lower bound.
[[nodiscard]] Proof certify(const std::vector<ProvedBound>& bounds, unsigned fault_budget,
                            const Region& region, const TerritoryJudgement& judgement,
                            const TerritoryJudge& judge);

}  // namespace chiploc
