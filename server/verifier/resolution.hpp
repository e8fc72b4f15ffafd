#pragma once
// What would turn an open finding into an answer.

#include <optional>
#include <string>
#include <vector>

#include "server/verifier/proof_certificate.hpp"

namespace chiploc {

/// So many more independent perspectives near one place, each with a round trip below a limit. With them no
/// place in prohibited territory is left, wherever the chip is within the round trip's reach of that place.
struct Resolution {
  unsigned perspectives = 0;
  LatLon place;  ///< the best guess of where the chip is
  Nanoseconds rtt_below{0};
};

/// For a state that prohibited land keeps open (TerritoryFinding::kOpen). `guess`: where the estimate sees
/// the chip, if there is one (the region's centre is taken where it is not in the region).
[[nodiscard]] std::optional<Resolution> find_resolution(const Proof& proof,
                                                        const std::vector<ProvedBound>& bounds,
                                                        const Region& region, const TerritoryJudge& judge,
                                                        KmPerSecond speed,
                                                        const std::optional<LatLon>& guess);

/// The round trips that would exclude prohibited land from the anchors at hand, a sentence for each blocking
/// territory (four at most) and one for the resolution.
[[nodiscard]] std::vector<std::string> resolution_texts(const Proof& proof,
                                                        const std::optional<Resolution>& resolution,
                                                        const std::vector<ProvedBound>& bounds,
                                                        const TerritoryJudge& judge, KmPerSecond speed);

}  // namespace chiploc
