#include "server/lab/network_model.hpp"

#include <algorithm>
#include <cmath>

#include "geo/geodesic.hpp"
#include "proto/base/split_mix.hpp"

namespace chiploc {
namespace {

double to_unit(std::uint64_t bits) { return static_cast<double>(bits >> 11U) * 0x1.0p-53; }

/// Quantile of the standard normal distribution: Acklam's rational approximation, relative error
/// below 1.2e-9.
double normal_quantile(double p) {
  constexpr double a[] = {-3.969683028665376e+01, 2.209460984245205e+02,  -2.759285104469687e+02,
                          1.383577518672690e+02,  -3.066479806614716e+01, 2.506628277459239e+00};
  constexpr double b[] = {-5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02,
                          6.680131188771972e+01, -1.328068155288572e+01};
  constexpr double c[] = {-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00,
                          -2.549732539343734e+00, 4.374664141464968e+00,  2.938163982698783e+00};
  constexpr double d[] = {7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00,
                          3.754408661907416e+00};
  constexpr double kTail = 0.02425;
  if (p < kTail || p > 1.0 - kTail) {
    const double q = std::sqrt(-2.0 * std::log(p < kTail ? p : 1.0 - p));
    const double x = (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) /
                     ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1.0);
    return p < kTail ? x : -x;
  }
  const double q = p - 0.5;
  const double r = q * q;
  return (((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q /
         (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1.0);
}

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

std::string proxy_name(const NetworkSite& site) { return site.name + "/via"; }
/// By which the paths of the wide area go: whatever stands where the cables end.
std::string path_name(const NetworkSite& site) {
  if (!site.route.empty()) return site.route;
  return site.via ? proxy_name(site) : site.name;
}

/// From the site to the wide area proper: its own last mile, and with a proxy the whole way through it.
Nanoseconds access_out(const NetworkOptions& options, const NetworkSite& site, bool outward) {
  const Nanoseconds own = last_mile(options, site.name, site.last_mile);
  if (!site.via) return own;
  const std::string proxy = proxy_name(site);
  const Nanoseconds hop = outward ? leg(options, site.name, site.place, proxy, *site.via)
                                  : leg(options, proxy, *site.via, site.name, site.place);
  return own + hop + 2 * last_mile(options, proxy, site.via_last_mile) + site.via_delay;
}

}  // namespace

double inflation_at(double p) {
  return 1.28627 + 0.71373 * std::exp(0.93337 * normal_quantile(std::clamp(p, 0.0005, 0.9995)));
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
  const std::string from_name = path_name(from);
  const std::string to_name = path_name(to);
  return access_out(options, from, true) +
         leg(options, from_name, from.via.value_or(from.place), to_name, to.via.value_or(to.place)) +
         access_out(options, to, false);
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
