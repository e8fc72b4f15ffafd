#include "server/fleet/heard.hpp"

namespace chiploc::fleet {

std::optional<Nanoseconds> smallest_round_trip(const Listener& listener, const PingLaw& law,
                                               double survival) {
  const auto extra = law.extra(survival);
  if (!extra) return std::nullopt;
  return listener.empty_path + *extra;
}

std::vector<AnchorBound> bounds_of(const Hearing& hearing, const std::vector<double>& survivals) {
  std::vector<AnchorBound> out;
  out.reserve(survivals.size());
  for (std::size_t i = 0; i < survivals.size(); ++i) {
    const Listener& listener = hearing.listeners[i];
    const auto round_trip = smallest_round_trip(listener, hearing.law, survivals[i]);
    if (!round_trip) continue;
    if (const auto radius = proved_radius(*round_trip, hearing.policy))
      out.push_back({listener.place, listener.uncertainty, *radius, listener.perspective});
  }
  return out;
}

VerdictState judge(const Hearing& hearing, const std::vector<double>& survivals) {
  MeasuredRound round{.bounds = bounds_of(hearing, survivals), .began = {}, .decided = {}};
  if (round.bounds.empty()) return VerdictState::kSilent;
  return judge_state(round, hearing.policy, hearing.judge).state;
}

}  // namespace chiploc::fleet
