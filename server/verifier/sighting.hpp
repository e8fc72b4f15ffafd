#pragma once
#include <optional>
#include <string>
#include <vector>

#include "geo/region.hpp"
#include "geo/travel.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/time.hpp"
#include "server/verifier/reason.hpp"

namespace chiploc {

struct Decision;
struct Finding;

/// An anchor whose disk a sighting rests on, as it was registered.
struct SightingAnchor {
  AnchorId id;
  LatLon place;
  Kilometers uncertainty{0.0};
};

/// Where and when a round proved a key to be.
struct Sighting {
  RoundId round;
  Region::Extent place;
  WallTime from;                        ///< the round began; the coordinator's clock
  WallTime to;                          ///< it was judged
  std::vector<SightingAnchor> basis{};  ///< without one of these, or with it elsewhere, it proves nothing
};

/// What this decision proves; nothing where no place was excluded, none is left, or the evidence does not
/// hold.
[[nodiscard]] std::optional<Sighting> sighting_of(const Decision& decision, const RoundId& round,
                                                  WallTime began);

/// The way between the two where no freight covers it in the time; nullopt where it can, and where this round
/// began before the other was over, by a clock that went backwards.
[[nodiscard]] std::optional<Travel> impossible_travel(const Sighting& now, const Sighting& before);

/// Holds a finding against where the same key was proved to be before. Where no freight covers the way in the
/// time between (geo/travel.hpp), two holders of one key have answered, or the clock was set back between the
/// rounds. Then a place of the key is none of the chip: VERIFIED and CLEARED become UNRESOLVED, with the
/// reason impossible_travel in front; other states keep theirs and get it as a further one. A round that
/// began before the other was over, by a clock that went backwards, is not compared. A part of decide().
/// Returns   whether they cannot be one holder's.
bool check_travel(Finding& finding, std::vector<std::string>& would_resolve, const Sighting& now,
                  const Sighting& before);

}  // namespace chiploc
