#pragma once
// How long a datagram takes between two places of the emulated wide area. Pure: a function of a seed and of
// names, so that two runs of one lab see the same network and a test can say beforehand what a lab will show.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "geo/lat_lon.hpp"
#include "proto/base/time.hpp"
#include "server/sim/paths/path_model.hpp"

namespace chiploc {

/// How many times longer a real round trip is than light in fibre (2/3 c) would need along the geodesic.
///
///     inflation(p) = 1.28627 + 0.71373 exp(0.93337 z(p)),    z = the standard normal quantile
///
/// A shifted log-normal through the three figures measured on real paths: 5 % 1.44, median 2.0, 95 % 4.6; its
/// three constants are the exact solution of those three equations. Never below 1.286, so never faster than
/// fibre.
/// Takes     0 < p < 1; values outside (0.0005, 0.9995) are moved there, which caps the inflation at 16.7.
[[nodiscard]] double inflation_at(double p);

/// What is random on a path. Delays are one way.
struct NetworkOptions {
  std::uint64_t seed = 1;
  double loss = 0.005;                       ///< share of datagrams that vanish
  double reorder = 0.005;                    ///< share that is held back by reorder_extra and overtaken
  Nanoseconds reorder_extra_min{1'000'000};  ///< an extra few milliseconds
  Nanoseconds reorder_extra_max{5'000'000};
  Nanoseconds queue_mean{30'000};  ///< exponential queueing of every datagram
  double burst = 0.01;             ///< share that meets a busy queue
  Nanoseconds burst_mean{2'000'000};
  double asymmetry = 0.0;  ///< 0: both ways alike; 0.2: one way up to 20 % longer, the other shorter
};

/// What a path, or every path of one end, has beyond the model.
struct PathExtra {
  double loss = 0.0;                ///< share of datagrams that vanish besides the network's
  Nanoseconds added_round_trip{0};  ///< half of it each way; never negative
  friend bool operator==(const PathExtra&, const PathExtra&) = default;
};

/// A place in the network. `name` seeds its last mile and its paths: renaming an endpoint moves it to other
/// cables.
struct NetworkSite {
  std::string name;
  LatLon place;
  std::optional<Nanoseconds>
      last_mile;              ///< one way; unset: log-uniform between 0.1 and 2 ms, by seed and name
  std::optional<LatLon> via;  ///< all traffic passes a proxy there (a relayed chip)
  std::optional<Nanoseconds> via_last_mile;
  /// Besides `via`: proxies of one address (anycast). The traffic with an end passes the one that is nearest to it.
  std::vector<LatLon> exits{};
  Nanoseconds via_delay{0};  ///< what the proxy itself takes for each datagram, in each direction
  PathExtra extra{};
  EndKind kind = EndKind::kAnchor;  ///< for path models (model_paths.hpp)
  /// Whose cables: sites of one route, and what relays for them, have the paths of this name; empty: of their own.
  std::string route{};
  friend bool operator==(const NetworkSite&, const NetworkSite&) = default;
};

/// The proxy that traffic between a site and an end at `other` passes.
struct NetworkProxy {
  std::string name;  ///< SITE/via; SITE/via2 and so on for `exits`
  LatLon place;
};
/// nullopt: none.
[[nodiscard]] std::optional<NetworkProxy> proxy_towards(const NetworkSite& site, LatLon other);

inline constexpr Nanoseconds kLastMileMin{100'000};
inline constexpr Nanoseconds kLastMileMax{2'000'000};

/// Uniform in [0, 1), a function of its arguments alone.
[[nodiscard]] double seeded_uniform(std::uint64_t seed, std::string_view purpose, std::string_view a,
                                    std::string_view b);

/// The part of the last mile that a datagram passes on its way out of `site` or into it.
[[nodiscard]] Nanoseconds last_mile(const NetworkOptions& options, std::string_view name,
                                    std::optional<Nanoseconds> stated);

/// Inflation of the round trip between two names; symmetric.
[[nodiscard]] double pair_inflation(const NetworkOptions& options, std::string_view a, std::string_view b);

/// One way from `from` to `to` without queueing, rounded up to whole nanoseconds.
///
///     geodesic / (2/3 c) * inflation(pair) * share(direction) + last mile of each end
///
/// The last mile is passed once at each end, so a round trip holds it twice. With `via` the path is the sum
/// of two such legs, the proxy's last mile is passed by both, and its own delay comes once. The shares of
/// both directions sum to two, and neither direction is ever faster than light in fibre. `extra` is not in
/// it: RelayPaths adds that. A site with a route has, towards all others, the inflation of that name, and so does its proxy.
[[nodiscard]] Nanoseconds one_way_delay(const NetworkOptions& options, const NetworkSite& from,
                                        const NetworkSite& to);

/// Both directions together: what an ideal instrument would read with empty queues.
[[nodiscard]] Nanoseconds round_trip_delay(const NetworkOptions& options, const NetworkSite& a,
                                           const NetworkSite& b);

/// What happens to the n-th datagram of a directed pair, beyond the path's own delay.
struct DatagramFate {
  bool lost = false;
  bool reordered = false;  ///< `extra` holds it back and it may be overtaken
  Nanoseconds extra{0};    ///< queueing, bursts, reordering; never negative
};
/// A function of its arguments alone. `pair` is pair_hash() of the directed pair.
[[nodiscard]] DatagramFate datagram_fate(const NetworkOptions& options, std::uint64_t pair,
                                         std::uint64_t number);
[[nodiscard]] std::uint64_t pair_hash(std::uint64_t seed, std::string_view from, std::string_view to);

}  // namespace chiploc
