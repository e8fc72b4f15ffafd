#include "server/lab/relay_paths.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace chiploc {

RelayPaths::RelayPaths(NetworkOptions options, std::vector<NetworkSite> sites)
    : options_{options}, sites_{std::move(sites)}, paths_(sites_.size() * sites_.size()) {
  for (std::size_t from = 0; from < sites_.size(); ++from) {
    for (std::size_t to = 0; to < sites_.size(); ++to) {
      if (from == to) continue;
      path(from, to).delay = one_way_delay(options_, sites_[from], sites_[to]);
      path(from, to).hash = pair_hash(options_.seed, sites_[from].name, sites_[to].name);
    }
  }
}

RelayPaths::Decision RelayPaths::forward(std::size_t from, std::size_t to, SteadyTime arrived) {
  Path& p = path(from, to);
  const DatagramFate fate = datagram_fate(options_, p.hash, p.datagrams++);
  if (fate.lost) return {.due = {}, .lost = true, .reordered = false};
  SteadyTime due = arrived + p.delay + fate.extra;
  if (!fate.reordered) {
    due = std::max(due, p.last_due);
    p.last_due = due;
  }
  return {.due = due, .lost = false, .reordered = fate.reordered};
}

std::optional<std::size_t> RelayPaths::find(std::string_view name) const {
  const auto at =
      std::find_if(sites_.begin(), sites_.end(), [&](const NetworkSite& s) { return s.name == name; });
  if (at == sites_.end()) return std::nullopt;
  return static_cast<std::size_t>(at - sites_.begin());
}

Nanoseconds RelayPaths::round_trip(std::size_t a, std::size_t b) const {
  return path(a, b).delay + path(b, a).delay;
}

bool RelayPaths::set_round_trip(std::size_t a, std::size_t b, Nanoseconds round_trip) {
  if (round_trip < Nanoseconds{0} || round_trip > std::chrono::hours{1}) return false;
  path(a, b).delay = round_trip / 2;
  path(b, a).delay = round_trip - round_trip / 2;
  return true;
}

}  // namespace chiploc
