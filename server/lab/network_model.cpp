#include "server/lab/network_model.hpp"

#include <algorithm>
#include <cmath>

#include "geo/geodesic.hpp"
#include "proto/base/split_mix.hpp"
#include "server/sim/paths/path_dice.hpp"

namespace chiploc {
namespace {

double to_unit(std::uint64_t bits) { return static_cast<double>(bits >> 11U) * 0x1.0p-53; }

Nanoseconds round_up(double ns) { return Nanoseconds{static_cast<std::int64_t>(std::ceil(ns))}; }

/// How much of the round trip's doubled one-way time the direction a -> b takes: 1 in a symmetric network.
double direction_share(const NetworkOptions& options, std::string_view a, std::string_view b,
                       double inflation) {
  if (options.asymmetry <= 0.0) return 1.0;
  const bool ordered = a < b;
  const double u = seeded_uniform(options.seed, "asymmetry", ordered ? a : b, ordered ? b : a) * 2.0 - 1.0;
  // Neither direction may beat light in fibre, which is a share of 1/inflation.
  const double skew = std::clamp(u * options.asymmetry, 1.0 / inflation - 1.0, 1.0 - 1.0 / inflation);
  return ordered ? 1.0 + skew : 1.0 - skew;
}

/// One leg between two points of the network, last miles not included.
Nanoseconds leg(const NetworkOptions& options, std::string_view a, LatLon a_place, std::string_view b,
                LatLon b_place) {
  const double inflation = pair_inflation(options, a, b);
  const double fibre_ns = geodesic_distance(a_place, b_place).km() / kLightInFibre.km_s() * 1e9;
  return round_up(fibre_ns * inflation * direction_share(options, a, b, inflation));
}

/// By which the paths of the wide area go: whatever stands where the cables end.
std::string path_name(const NetworkSite& site, const std::optional<NetworkProxy>& proxy) {
  if (!site.route.empty()) return site.route;
  return proxy ? proxy->name : site.name;
}

/// From the site to the wide area proper: its own last mile, and with a proxy the whole way through it.
Nanoseconds access_out(const NetworkOptions& options, const NetworkSite& site,
                       const std::optional<NetworkProxy>& proxy, bool outward) {
  const Nanoseconds own = last_mile(options, site.name, site.last_mile);
  if (!proxy) return own;
  const Nanoseconds hop = outward ? leg(options, site.name, site.place, proxy->name, proxy->place)
                                  : leg(options, proxy->name, proxy->place, site.name, site.place);
  return own + hop + 2 * last_mile(options, proxy->name, site.via_last_mile) + site.via_delay;
}

}  // namespace

std::optional<NetworkProxy> proxy_towards(const NetworkSite& site, LatLon other) {
  if (!site.via) return std::nullopt;
  NetworkProxy proxy{site.name + "/via", *site.via};
  if (site.exits.empty()) return proxy;
  auto least = geodesic_distance(*site.via, other);
  for (std::size_t i = 0; i < site.exits.size(); ++i) {
    const auto away = geodesic_distance(site.exits[i], other);
    if (!(away < least)) continue;
    least = away;
    proxy = {site.name + "/via" + std::to_string(i + 2), site.exits[i]};
  }
  return proxy;
}

double inflation_at(double p) {
  return 1.28627 + 0.71373 * std::exp(0.93337 * normal_quantile_of(std::clamp(p, 0.0005, 0.9995)));
}

double seeded_uniform(std::uint64_t seed, std::string_view purpose, std::string_view a, std::string_view b) {
  return to_unit(split_mix(split_mix_text(split_mix_text(split_mix_text(split_mix(seed), purpose), a), b)));
}

Nanoseconds last_mile(const NetworkOptions& options, std::string_view name,
                      std::optional<Nanoseconds> stated) {
  if (stated) return *stated;
  const double u = seeded_uniform(options.seed, "last mile", name, "");
  const double low = std::log(static_cast<double>(kLastMileMin.count()));
  const double high = std::log(static_cast<double>(kLastMileMax.count()));
  return round_up(std::exp(low + u * (high - low)));
}

double pair_inflation(const NetworkOptions& options, std::string_view a, std::string_view b) {
  const bool ordered = a < b;
  return inflation_at(seeded_uniform(options.seed, "inflation", ordered ? a : b, ordered ? b : a));
}

Nanoseconds one_way_delay(const NetworkOptions& options, const NetworkSite& from, const NetworkSite& to) {
  const auto out = proxy_towards(from, to.place), in = proxy_towards(to, from.place);
  return access_out(options, from, out, true) +
         leg(options, path_name(from, out), out ? out->place : from.place, path_name(to, in),
             in ? in->place : to.place) +
         access_out(options, to, in, false);
}

Nanoseconds round_trip_delay(const NetworkOptions& options, const NetworkSite& a, const NetworkSite& b) {
  return one_way_delay(options, a, b) + one_way_delay(options, b, a);
}

std::uint64_t pair_hash(std::uint64_t seed, std::string_view from, std::string_view to) {
  return split_mix_text(split_mix_text(split_mix_text(split_mix(seed), "datagrams"), from), to);
}

DatagramFate datagram_fate(const NetworkOptions& options, std::uint64_t pair, std::uint64_t number) {
  const std::uint64_t base = split_mix(pair ^ split_mix(number));
  const auto draw = [base](std::uint64_t index) { return to_unit(split_mix(base + index)); };
  const auto exponential = [&](std::uint64_t index, Nanoseconds mean) {
    return static_cast<double>(mean.count()) * -std::log1p(-draw(index));
  };
  DatagramFate fate;
  fate.lost = draw(0) < options.loss;
  double extra = exponential(1, options.queue_mean);
  if (draw(2) < options.burst) extra += exponential(3, options.burst_mean);
  fate.reordered = draw(4) < options.reorder;
  if (fate.reordered) {
    const auto low = static_cast<double>(options.reorder_extra_min.count());
    const auto high = static_cast<double>(options.reorder_extra_max.count());
    extra += low + draw(5) * (high - low);
  }
  fate.extra = round_up(extra);
  return fate;
}

}  // namespace chiploc
