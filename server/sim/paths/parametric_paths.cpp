#include "server/sim/paths/parametric_paths.hpp"

#include <algorithm>
#include <cmath>

#include "geo/geodesic.hpp"
#include "server/sim/paths/band_place.hpp"
#include "server/sim/paths/path_dice.hpp"

namespace chiploc {
namespace {

template <class Which>
bool between_them(const Which& which, std::string_view a, std::string_view b) {
  if (which.b.empty()) return which.a == a || which.a == b;
  return (which.a == a && which.b == b) || (which.a == b && which.b == a);
}

}  // namespace

ParametricPaths::ParametricPaths(PathParameters parameters) : parameters_{std::move(parameters)} {
  for (std::size_t e = 0; e < parameters_.ends.size(); ++e) known_[parameters_.ends[e].name] = e;
}

double ParametricPaths::last_mile_ms(std::uint64_t seed, const PathEnd& end) const {
  if (end.last_mile_ms) return *end.last_mile_ms;
  const double more = end.kind == EndKind::kChip ? parameters_.chip_last_mile_ms : 0.0;
  if (const auto known = known_.find(end.name); known != known_.end())
    return parameters_.ends[known->second].last_mile_ms + more;
  return parameters_.last_mile_ms.quantile(PathDice{seed}.with("last mile").with(end.name).unit()) + more;
}

double ParametricPaths::rank_of(std::uint64_t seed, std::string_view name) const {
  if (const auto known = known_.find(name); known != known_.end())
    return parameters_.ends[known->second].rank;
  return std::sqrt(0.5 * parameters_.node_share) * PathDice{seed}.with("rank").with(name).normal();
}

ParametricPaths::Floor ParametricPaths::floor_of(std::uint64_t seed, const PathEnd& a, const PathEnd& b,
                                                 Nanoseconds at) const {
  const double km = geodesic_distance(a.place, b.place).km();
  const double last_miles = last_mile_ms(seed, a) + last_mile_ms(seed, b);
  for (const FastPath& fast : parameters_.fast) {
    if (!fast.span.holds(at) || !between_them(fast, a.name, b.name)) continue;
    const double path_km = km * fast.inflation + fast.extra_km;
    return {path_km * kLightMsPerKm / fast.share_of_c + last_miles, 0.0};
  }
  // Sums in one order, whoever is named first.
  const double rank_a = rank_of(seed, a.name), rank_b = rank_of(seed, b.name);
  const double own = PathDice{seed}.with("pair").with_pair(a.name, b.name).normal();
  const double rank =
      (a.name < b.name ? rank_a + rank_b : rank_b + rank_a) + std::sqrt(1.0 - parameters_.node_share) * own;
  double extra = extra_at(parameters_.bands, km).quantile(normal_share_below(rank));
  extra += route_change_extra(parameters_, seed, a.name, b.name, at);
  double detour_km = extra * (km + kDetourKm);
  for (const CableCut& cut : parameters_.cuts) {
    if (cut.span.holds(at) && passes(a.place, b.place, cut.centre, cut.radius_km))
      detour_km += cut.longer * km;
  }
  return {km * kFibreMsPerKm + last_miles, detour_km * kFibreMsPerKm};
}

double ParametricPaths::least_round_trip_ms(std::uint64_t seed, const PathEnd& a, const PathEnd& b,
                                            Nanoseconds at) const {
  const Floor floor = a.name < b.name ? floor_of(seed, a, b, at) : floor_of(seed, b, a, at);
  return floor.fixed_ms + floor.detour_ms;
}

bool ParametricPaths::reachable(const PathEnd& a, const PathEnd& b, Nanoseconds at) const {
  return std::none_of(parameters_.outages.begin(), parameters_.outages.end(), [&](const PathOutage& outage) {
    return outage.span.holds(at) && between_them(outage, a.name, b.name);
  });
}

double ParametricPaths::queueing_ms(const PathEnd& from, const PathEnd& to,
                                    const PathDatagram& datagram) const {
  const double share = PathDice{datagram.seed}.with("queue").with_pair(from.name, to.name).unit();
  const double load = 0.5 * (diurnal_load(from.place.lon_deg(), parameters_.peak_hour, datagram.at) +
                             diurnal_load(to.place.lon_deg(), parameters_.peak_hour, datagram.at));
  const double busy = (1.0 + parameters_.diurnal_peak * load) / (1.0 + 0.5 * parameters_.diurnal_peak);
  const double mean = 0.5 * parameters_.queue_ms.quantile(share) * busy;
  const PathDice dice = PathDice{datagram.seed}
                            .with("datagram")
                            .with(from.name)
                            .with(to.name)
                            .with(static_cast<std::uint64_t>(datagram.at.count()))
                            .with(datagram.number);
  double ms = mean * dice.exponential(0);
  if (dice.unit(1) < parameters_.burst_share) ms += mean * parameters_.burst_ratio * dice.exponential(2);
  return ms;
}

double ParametricPaths::one_way_ms(const PathEnd& from, const PathEnd& to,
                                   const PathDatagram& datagram) const {
  const bool ordered = from.name < to.name;
  const Floor floor = ordered ? floor_of(datagram.seed, from, to, datagram.at)
                              : floor_of(datagram.seed, to, from, datagram.at);
  double skew = 0.0;
  if (parameters_.asymmetry > 0.0) {
    const double u = PathDice{datagram.seed}.with("asymmetry").with_pair(from.name, to.name).unit();
    skew = (2.0 * u - 1.0) * parameters_.asymmetry * (ordered ? 1.0 : -1.0);
  }
  return 0.5 * floor.fixed_ms + 0.5 * floor.detour_ms * (1.0 + skew);
}

PathFate ParametricPaths::fate(const PathEnd& from, const PathEnd& to, const PathDatagram& datagram) const {
  const PathDice dice = PathDice{datagram.seed}
                            .with("loss")
                            .with(from.name)
                            .with(to.name)
                            .with(static_cast<std::uint64_t>(datagram.at.count()))
                            .with(datagram.number);
  const double ms = one_way_ms(from, to, datagram) + queueing_ms(from, to, datagram);
  return {!reachable(from, to, datagram.at) || dice.unit() < parameters_.loss,
          std::max(rounded_up(ms), least_one_way(from.place, to.place))};
}

PathFate ParametricPaths::least(const PathEnd& from, const PathEnd& to, const PathDatagram& datagram) const {
  return {!reachable(from, to, datagram.at),
          std::max(rounded_up(one_way_ms(from, to, datagram)), least_one_way(from.place, to.place))};
}

QuantileKnots extra_at(const std::vector<DistanceBand>& bands, double km) {
  if (bands.empty()) return {};
  const BandPlace place = band_place(
      bands.size(), [&](std::size_t k) { return bands[k].km; }, km);
  if (place.part <= 0.0) return bands[place.low].extra;
  return between(bands[place.low].extra, bands[place.low + 1].extra, place.part);
}

double diurnal_load(double lon_deg, double peak_hour, Nanoseconds at) {
  const double hour = static_cast<double>(at.count()) / 3.6e12 + lon_deg / 15.0;
  double from_peak = hour - peak_hour;
  from_peak -= 24.0 * std::floor(from_peak / 24.0 + 0.5);  // -12 .. 12
  const double near = 1.0 - std::abs(from_peak) / 12.0;
  return near * near * (3.0 - 2.0 * near);
}

double route_change_extra(const PathParameters& parameters, std::uint64_t seed, std::string_view a,
                          std::string_view b, Nanoseconds at) {
  if (parameters.changes_per_day <= 0.0) return 0.0;
  // Time is parted into windows as long as a change lasts in the mean. A window's changes follow from its number, and
  // one that began more than eight windows ago is over.
  const double mean = parameters.change_hours, rate = parameters.changes_per_day / 24.0;
  const double now = static_cast<double>(at.count()) / 3.6e12;
  const auto window = static_cast<std::int64_t>(std::floor(now / mean));
  const PathDice pair = PathDice{seed}.with("route").with_pair(a, b);
  double newest = -1e300, extra = 0.0;
  for (std::int64_t w = window; w >= window - 8; --w) {
    const PathDice dice = pair.with(static_cast<std::uint64_t>(w));
    double begins = static_cast<double>(w) * mean;
    for (std::uint64_t n = 0; n < 1'000; ++n) {
      begins += dice.exponential(3 * n) / rate;
      if (begins >= static_cast<double>(w + 1) * mean || begins > now) break;
      const double lasts = mean * std::min(8.0, dice.exponential(3 * n + 1));
      if (now < begins + lasts && begins > newest) {
        newest = begins;
        extra = parameters.change_extra * dice.exponential(3 * n + 2);
      }
    }
  }
  return extra;
}

bool passes(LatLon a, LatLon b, LatLon centre, double radius_km) {
  if (geodesic_distance(a, centre).km() <= radius_km || geodesic_distance(b, centre).km() <= radius_km)
    return true;
  const Vec3 from = to_sphere(a), to = to_sphere(b), at = to_sphere(centre);
  const Vec3 across = cross(from, to);
  if (norm(across) < 1e-12) return false;  // one place, or its antipode, whose geodesic may go anywhere
  const Vec3 pole = normalized(across);
  // The foot of the perpendicular lies between the ends if it is on the right side of both.
  const Vec3 foot = at - pole * dot(at, pole);
  const bool within = dot(cross(from, foot), pole) >= 0.0 && dot(cross(foot, to), pole) >= 0.0;
  return within && std::asin(std::min(1.0, std::abs(dot(at, pole)))) * 6'371.009 <= radius_km;
}

}  // namespace chiploc
