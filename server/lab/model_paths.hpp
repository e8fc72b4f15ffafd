#pragma once
// What becomes of each datagram of a simulated lab whose network is a path model (server/sim/paths), decided without
// sockets or clocks.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/base/time.hpp"
#include "server/lab/network_model.hpp"
#include "server/lab/relay_paths.hpp"
#include "server/sim/paths/path_model.hpp"

namespace chiploc {

/// One way between two sites, through their proxies: the sum of the legs, with `via_delay` for each proxy. Without what
/// `extra` adds. `queues` false: as if all were empty, and nothing were lost by chance. `datagram.number` tells
/// datagrams apart; each leg is a path of its own.
[[nodiscard]] PathFate fate_through(const PathModel& model, const NetworkSite& from, const NetworkSite& to,
                                    const PathDatagram& datagram, bool queues);

/// The counterpart of RelayPaths: the same sites and pairs, and the model in place of inflation, last miles and queues.
/// The fate of the n-th datagram of a directed pair is a function of (model, seed, pair, n, when it is sent).
///
/// Datagrams of a directed pair leave in the order in which they came.
///
/// Owns      Its tables; one entry for each directed pair. One thread at a time.
class ModelPaths {
 public:
  /// `loss` is what is lost besides the model's own. Lab time, from `epoch` on, is the model's time; before it the
  /// model's clock stands at 0.
  ModelPaths(std::shared_ptr<const PathModel> model, std::uint64_t seed, double loss, SteadyTime epoch,
             std::vector<NetworkSite> sites);

  [[nodiscard]] RelayPaths::Decision forward(std::size_t from, std::size_t to, SteadyTime arrived);
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;

  /// From now on. A stated round trip takes the model's place: it is as long as that, both ways alike.
  void set_pair(std::size_t a, std::size_t b, const RelayPaths::Pair& pair);
  void set_site(std::size_t index, const NetworkSite& site);

 private:
  struct Path {
    std::uint64_t datagrams = 0;
    SteadyTime last_due;
  };

  std::shared_ptr<const PathModel> model_;
  std::uint64_t seed_;
  double loss_;
  SteadyTime epoch_;
  std::vector<NetworkSite> sites_;
  std::vector<Path> paths_;
  std::map<std::pair<std::size_t, std::size_t>, RelayPaths::Pair> pairs_;  ///< the smaller index first
};

}  // namespace chiploc
