#pragma once
// What one round of a chip comes to, and the production code's word on it.

#include <optional>
#include <vector>

#include "server/fleet/ping_law.hpp"
#include "server/policy/policy.hpp"
#include "server/verifier/judged_state.hpp"

namespace chiploc::fleet {

/// An anchor of a round, and the path to it.
struct Listener {
  LatLon place;  ///< as registered
  Kilometers uncertainty{1.0};
  std::uint32_t perspective = 0;
  Nanoseconds empty_path{0};  ///< the round trip without queues, from where the anchor truly is
};

/// A chip's round: who listens, what paths add, by what it is judged. All of it must outlive whoever has one.
struct Hearing {
  const std::vector<Listener>& listeners;
  const PingLaw& law;
  const Policy& policy;
  const TerritoryJudge& judge;
};

/// The smallest round trip of a listener, where that is so improbable; nullopt: it heard nothing.
[[nodiscard]] std::optional<Nanoseconds> smallest_round_trip(const Listener& listener, const PingLaw& law,
                                                             double survival);
/// The bounds that follow from what each listener heard; those that heard nothing give none.
[[nodiscard]] std::vector<AnchorBound> bounds_of(const Hearing& hearing,
                                                 const std::vector<double>& survivals);
/// The production verdict on that (judge_state of judged_state.hpp); SILENT where nobody heard anything.
[[nodiscard]] VerdictState judge(const Hearing& hearing, const std::vector<double>& survivals);

}  // namespace chiploc::fleet
