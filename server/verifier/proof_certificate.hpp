#pragma once
#include <optional>
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

/// What would turn an open verdict into an answer: so many more independent perspectives near one place, each
/// with a round trip below a limit. With them no place in prohibited territory is left, wherever the chip is
/// within the round trip's reach of that place.
struct Resolution {
  unsigned perspectives = 0;
  LatLon place;  ///< the best guess of where the chip is
  Nanoseconds rtt_below{0};
};

/// Under what assumption a state was proved, how far it is from changing, and what an open one lacks.
struct Proof {
  unsigned fault_budget = 0;
  unsigned fault_budget_max = 0;           ///< the largest budget under which the state is the same
  std::vector<std::string> hinges;         ///< anchors without whose perspective the state would be another
  std::vector<CountryCode> countries;      ///< every country that the region meets
  Kilometers margin{0.0};                  ///< the region may grow by this and the state stays; a lower bound
  std::vector<TerritoryMargin> margins;    ///< to each prohibited territory within kMarginMax, nearest first
  std::optional<Resolution> resolution{};  ///< of a state that prohibited land keeps open
};

/// Margins are looked for up to here; beyond, a territory is far away and not listed.
inline constexpr Kilometers kMarginMax{2000.0};

/// The certificate of one region and judgement. Pure; needs some dozen regions of the same bounds.
///
/// Takes     `region` from `bounds` under `fault_budget`, `judgement` of it by `judge`; `guess`: where the
/// estimate sees the
///           chip, if there is one (the region's centre is taken where it is not in the region).
/// Method    Budgets and hinges by judging the region that other budgets or anchors give; only perspectives
/// that shape the
///           region can be hinges. Margins by growing the region: Region::inflated covers the true dilation,
///           so what is found is a lower bound.
[[nodiscard]] Proof certify(const std::vector<ProvedBound>& bounds, unsigned fault_budget,
                            const Region& region, const TerritoryJudgement& judgement,
                            const TerritoryJudge& judge, KmPerSecond speed,
                            const std::optional<LatLon>& guess);

/// The round trips that would exclude prohibited land from the anchors at hand, a sentence for each blocking
/// territory (four at most) and one for proof.resolution.
[[nodiscard]] std::vector<std::string> resolution_texts(const Proof& proof,
                                                        const std::vector<ProvedBound>& bounds,
                                                        const TerritoryJudge& judge, KmPerSecond speed);

}  // namespace chiploc
