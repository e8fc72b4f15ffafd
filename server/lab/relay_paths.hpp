#pragma once
// What the relay does with each datagram, decided without sockets or clocks.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
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
/// Owns      Its tables; fixed size after construction. One thread at a time. Never drops silently: forward()
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

  /// The pair's round trip without queueing.
  [[nodiscard]] Nanoseconds round_trip(std::size_t a, std::size_t b) const;
  /// Replaces it, half each way. False for a negative time or one above an hour.
  bool set_round_trip(std::size_t a, std::size_t b, Nanoseconds round_trip);

 private:
  struct Path {
    Nanoseconds delay{0};
    std::uint64_t hash = 0;
    std::uint64_t datagrams = 0;
    SteadyTime last_due;
  };
  [[nodiscard]] Path& path(std::size_t from, std::size_t to) { return paths_[from * sites_.size() + to]; }
  [[nodiscard]] const Path& path(std::size_t from, std::size_t to) const {
    return paths_[from * sites_.size() + to];
  }

  NetworkOptions options_;
  std::vector<NetworkSite> sites_;
  std::vector<Path> paths_;
};

}  // namespace chiploc
