#pragma once
// What the relay does with each datagram, decided without sockets or clocks.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/base/time.hpp"
#include "server/lab/network_model.hpp"

namespace chiploc {

/// All directed pairs of a set of sites, each with its delay and its own count of datagrams. The fate of the
/// n-th datagram of a directed pair is a function of (seed, pair, n), whatever happens on other pairs.
///
/// Datagrams of a directed pair leave in the order in which they came, as on a real path, unless one is drawn
/// for reordering: that one is held back and overtaken.
///
/// Owns      Its tables; one entry for each directed pair, and one for each pair with a state of its own. One thread at a time. Never drops silently: forward()
///           says.
class RelayPaths {
 public:
  RelayPaths(NetworkOptions options, std::vector<NetworkSite> sites);

  struct Decision {
    SteadyTime due;  ///< not before this; meaningless when lost
    bool lost = false;
    bool reordered = false;
  };
  /// `from` and `to` are indexes of sites, not equal.
  [[nodiscard]] Decision forward(std::size_t from, std::size_t to, SteadyTime arrived);

  [[nodiscard]] std::size_t size() const { return sites_.size(); }
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;
  [[nodiscard]] const NetworkSite& site(std::size_t index) const { return sites_[index]; }

  /// The pair's round trip without queueing, all that is added included.
  [[nodiscard]] Nanoseconds round_trip(std::size_t a, std::size_t b) const;
  /// Replaces it, half each way. False for a negative time, one above an hour, or one below what both ends
  /// add.
  bool set_round_trip(std::size_t a, std::size_t b, Nanoseconds round_trip);
  /// The share of the datagrams from `from` to `to` that vanish: that of the network, both ends and the pair
  /// as if each drew by itself.
  [[nodiscard]] double loss(std::size_t from, std::size_t to) const { return path(from, to).loss; }

  /// What is stated of a pair instead of modelled, and what is added to it.
  struct Pair {
    std::optional<Nanoseconds> round_trip{};  ///< of the path itself; nullopt: as modelled
    PathExtra extra{};
  };
  /// From now on; datagrams that are under way stay as they were decided.
  void set_pair(std::size_t a, std::size_t b, const Pair& pair);
  /// The site is elsewhere from now on, or behind a proxy, or its paths are worse. Its name stays, and with
  /// it the inflation of its paths and the fate of each numbered datagram.
  void set_site(std::size_t index, const NetworkSite& site);

 private:
  struct Path {
    Nanoseconds delay{0};
    double loss = 0.0;
    std::uint64_t hash = 0;
    std::uint64_t datagrams = 0;
    SteadyTime last_due;
  };
  [[nodiscard]] Path& path(std::size_t from, std::size_t to) { return paths_[from * sites_.size() + to]; }
  [[nodiscard]] const Path& path(std::size_t from, std::size_t to) const {
    return paths_[from * sites_.size() + to];
  }

  void lay(std::size_t from, std::size_t to);

  NetworkOptions options_;
  std::vector<NetworkSite> sites_;
  std::vector<Path> paths_;
  std::map<std::pair<std::size_t, std::size_t>, Pair> pairs_;  ///< the smaller index first
};

}  // namespace chiploc
