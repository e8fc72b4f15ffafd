#include "server/fleet/fleet_tally.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace chiploc::fleet {
namespace {

template <class Counts>
void sum(Counts& to, const Counts& from) {
  std::transform(to.begin(), to.end(), from.begin(), to.begin(), std::plus<>{});
}

}  // namespace

void WaitTally::add(std::optional<Nanoseconds> wait) {
  if (!wait) {
    ++never;
    return;
  }
  const auto hour = static_cast<std::size_t>(*wait / std::chrono::hours{1});
  if (within.size() <= hour) within.resize(hour + 1, 0);
  ++within[hour];
}

void WaitTally::add(const WaitTally& other) {
  if (within.size() < other.within.size()) within.resize(other.within.size(), 0);
  std::transform(other.within.begin(), other.within.end(), within.begin(), within.begin(), std::plus<>{});
  never += other.never;
}

std::uint64_t WaitTally::ended() const {
  return std::accumulate(within.begin(), within.end(), std::uint64_t{0});
}

std::optional<std::uint64_t> WaitTally::hours_to(double p) const {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(p * static_cast<double>(trials())));
  std::uint64_t so_far = 0;
  for (std::size_t hour = 0; hour < within.size(); ++hour) {
    so_far += within[hour];
    if (so_far >= std::max<std::uint64_t>(wanted, 1)) return hour + 1;
  }
  return std::nullopt;
}

void FleetTally::add(const FleetTally& other) {
  chips += other.chips;
  rounds += other.rounds;
  judged_in_full += other.judged_in_full;
  checked += other.checked;
  differences += other.differences;
  sum(honest, other.honest);
  sum(cheating, other.cheating);
  honest_seconds += other.honest_seconds;
  false_flags += other.false_flags;
  false_accusations += other.false_accusations;
  false_alarms += other.false_alarms;
  sum(changes, other.changes);
  sum(at_end, other.at_end);
  diverted += other.diverted;
  detected.add(other.detected);
  alarmed.add(other.alarmed);
  accused.add(other.accused);
  sum(rounds_by_hour, other.rounds_by_hour);
}

}  // namespace chiploc::fleet
