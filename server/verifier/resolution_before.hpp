#pragma once
// What would turn an open finding into an answer, as it was told until 2026-12-01: rounds of before that are
// judged again have to come out as they were (RoundContext::explained_by). Nothing here changes any more.

#include <optional>
#include <string>
#include <vector>

#include "server/verifier/proof_certificate.hpp"

namespace chiploc {

/// So many more independent perspectives near one place, each with a round trip below a limit. With them no
/// place in prohibited territory is left, wherever the chip is within the round trip's reach of that place.
struct ResolutionBefore {
  unsigned perspectives = 0;
  LatLon place;  ///< the best guess of where the chip is
  Nanoseconds rtt_below{0};
};

/// For a state that prohibited land keeps open (TerritoryFinding::kOpen). `guess`: where the estimate sees
/// the chip, if there is one (the region's centre is taken where it is not in the region).
[[nodiscard]] std::optional<ResolutionBefore> find_resolution_before(
    const Proof& proof, const std::vector<ProvedBound>& bounds, const Region& region,
    const TerritoryJudge& judge, KmPerSecond speed, const std::optional<LatLon>& guess);

/// The round trips that would exclude prohibited land from the anchors at hand, a sentence for each blocking
/// territory (four at most) and one for the resolution.
[[nodiscard]] std::vector<std::string> resolution_texts_before(
    const Proof& proof, const std::optional<ResolutionBefore>& resolution,
    const std::vector<ProvedBound>& bounds, const TerritoryJudge& judge, KmPerSecond speed);

}  // namespace chiploc
