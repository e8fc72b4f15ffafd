#include "server/lab/lab_reach.hpp"

#include <algorithm>

#include "server/lab/lab_plan.hpp"
#include "server/lab/model_paths.hpp"

namespace chiploc {

std::optional<Nanoseconds> least_round_trip(const LabFile& now, const NetworkSite& a, const NetworkSite& b,
                                            Nanoseconds at) {
  const auto stated = std::find_if(now.pairs.begin(), now.pairs.end(), [&](const LabPair& p) {
    return (p.a == a.name && p.b == b.name) || (p.a == b.name && p.b == a.name);
  });
  const LabPair pair = stated == now.pairs.end() ? LabPair{.a = {}, .b = {}} : *stated;
  const Nanoseconds added = pair.extra.added_round_trip + a.extra.added_round_trip + b.extra.added_round_trip;
  if (pair.round_trip) return *pair.round_trip + added;
  if (!now.paths) return round_trip_delay(now.network, a, b) + added;
  const PathDatagram datagram{now.network.seed, at, 0};
  const PathFate there = fate_through(*now.paths, a, b, datagram, false);
  const PathFate back = fate_through(*now.paths, b, a, datagram, false);
  if (there.lost || back.lost) return std::nullopt;
  return there.delay + back.delay + added;
}

bool is_cut_off(const LabFile& now, std::size_t chip, const std::vector<std::size_t>& rendezvous,
                Nanoseconds at) {
  if (!now.paths) return false;
  const NetworkSite site = site_of(now.chips[chip], false);
  const auto reached = [&](const LabAnchor& anchor) {
    return !anchor.down && least_round_trip(now, site, site_of(anchor), at).has_value();
  };
  if (std::none_of(now.anchors.begin(), now.anchors.end(), reached)) return true;
  return !now.chips[chip].inbound &&
         std::none_of(rendezvous.begin(), rendezvous.end(),
                      [&](std::size_t anchor) { return reached(now.anchors[anchor]); });
}

}  // namespace chiploc
