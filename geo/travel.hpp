#pragma once
// Two places that one chip cannot have been at.

#include <chrono>
#include <optional>

#include "geo/region.hpp"
#include "geo/units.hpp"

namespace chiploc {

/// Airliners cruise at 900 km/h over ground, at 1,200 with the strongest jet streams; loading takes hours
/// that are not counted.
inline constexpr KmPerSecond kFastestFreight{1200.0 / 3600.0};

/// What two rounds of one key prove about the way between them.
struct Travel {
  Kilometers apart{0.0};    ///< no two places of the regions are nearer to each other; a lower bound
  KmPerSecond needed{0.0};  ///< to cover that in the time between; infinite for no time
  bool impossible =
      false;  ///< faster than `fastest`: two holders of the key, or it was moved out of the chip
};

/// Compares two hard regions of one key, each by the extent of its places. Proof: each says where the key was
/// at some moment of its round, so `between` must be the longest time that can lie between those moments:
/// from the first round's begin to the second one's end.
///
/// Method    Distance between the regions' centres, less both radii (Region::extent), less 0.4 % and the 2 m
///           for what the two approximate. 0 where they overlap.
[[nodiscard]] Travel travel_between(const Region::Extent& first, const Region::Extent& second,
                                    std::chrono::nanoseconds between, KmPerSecond fastest = kFastestFreight);
/// The same. nullopt when a region is empty or excludes nothing: then nothing is proved.
[[nodiscard]] std::optional<Travel> travel_between(const Region& first, const Region& second,
                                                   std::chrono::nanoseconds between,
                                                   KmPerSecond fastest = kFastestFreight);

}  // namespace chiploc
