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
      path(from, to).hash = pair_hash(options_.seed, sites_[from].name, sites_[to].name);
      lay(from, to);
    }
  }
}

/// Works out one directed path anew.
void RelayPaths::lay(std::size_t from, std::size_t to) {
  const auto found = pairs_.find(std::minmax(from, to));
  const Pair pair = found == pairs_.end() ? Pair{} : found->second;
  const NetworkSite& a = sites_[from];
  const NetworkSite& b = sites_[to];
  // An odd nanosecond goes to one of the two directions.
  const auto half = [&](Nanoseconds t) { return from < to ? t / 2 : t - t / 2; };
  Path& p = path(from, to);
  p.delay = pair.round_trip ? half(*pair.round_trip) : one_way_delay(options_, a, b);
  p.delay += half(pair.extra.added_round_trip + a.extra.added_round_trip + b.extra.added_round_trip);
  p.loss =
      1.0 - (1.0 - options_.loss) * (1.0 - pair.extra.loss) * (1.0 - a.extra.loss) * (1.0 - b.extra.loss);
}

RelayPaths::Decision RelayPaths::forward(std::size_t from, std::size_t to, SteadyTime arrived) {
  Path& p = path(from, to);
  NetworkOptions options = options_;
  options.loss = p.loss;
  const DatagramFate fate = datagram_fate(options, p.hash, p.datagrams++);
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
  const Nanoseconds stated = round_trip - sites_[a].extra.added_round_trip - sites_[b].extra.added_round_trip;
  if (stated < Nanoseconds{0} || round_trip > std::chrono::hours{1}) return false;
  Pair pair = pairs_[std::minmax(a, b)];
  pair.round_trip = stated;
  pair.extra.added_round_trip = Nanoseconds{0};
  set_pair(a, b, pair);
  return true;
}

void RelayPaths::set_pair(std::size_t a, std::size_t b, const Pair& pair) {
  pairs_[std::minmax(a, b)] = pair;
  lay(a, b);
  lay(b, a);
}

void RelayPaths::set_site(std::size_t index, const NetworkSite& site) {
  const std::string name = sites_[index].name;
  sites_[index] = site;
  sites_[index].name = name;
  for (std::size_t other = 0; other < sites_.size(); ++other) {
    if (other == index) continue;
    lay(index, other);
    lay(other, index);
  }
}

}  // namespace chiploc
