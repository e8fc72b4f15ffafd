#pragma once
#include <map>
#include <string>

#include "server/sim/paths/path_model.hpp"
#include "server/sim/paths/path_parameters.hpp"

namespace chiploc {

/// A wide area drawn from distributions. The round trip between two ends without queueing is
///
///     [ distance + x (distance + kDetourKm) ] / (2/3 c) * 2 + last mile of each end,
///     x = Q(Phi(r_a + r_b + r_pair); distance),
///
/// where Q is the law of detours at that distance, r_a and r_b are how well the two ends are connected (normal, with
/// node_share of the variance together) and r_pair is the pair's own. Half of it is one way; with `asymmetry` the
/// detour is parted unevenly. On top, each way: exponential queueing with the pair's mean, longer by the local solar
/// time of both ends, and bursts. Meanwhile changed routes, cut cables and fast paths replace their part of it, and
/// outages lose everything.
///
/// Symmetric    What is no queueing, unless there is asymmetry; two datagrams of one moment queue apart.
/// Never        Faster than light in vacuum; without fast paths never faster than light in fibre (2/3 c).
class ParametricPaths final : public PathModel {
 public:
  explicit ParametricPaths(PathParameters parameters);

  [[nodiscard]] PathFate fate(const PathEnd& from, const PathEnd& to,
                              const PathDatagram& datagram) const override;
  [[nodiscard]] PathFate least(const PathEnd& from, const PathEnd& to,
                               const PathDatagram& datagram) const override;
  /// The round trip without queueing, in milliseconds; symmetric.
  [[nodiscard]] double least_round_trip_ms(std::uint64_t seed, const PathEnd& a, const PathEnd& b,
                                           Nanoseconds at) const;
  [[nodiscard]] bool reachable(const PathEnd& a, const PathEnd& b, Nanoseconds at) const;
  [[nodiscard]] const PathParameters& parameters() const { return parameters_; }

 private:
  struct Floor {
    double fixed_ms = 0.0;   // of the round trip: the same both ways
    double detour_ms = 0.0;  // of the round trip: parted by asymmetry
  };
  [[nodiscard]] Floor floor_of(std::uint64_t seed, const PathEnd& a, const PathEnd& b, Nanoseconds at) const;
  /// One way without queueing, in milliseconds.
  [[nodiscard]] double one_way_ms(const PathEnd& from, const PathEnd& to, const PathDatagram& datagram) const;
  [[nodiscard]] double last_mile_ms(std::uint64_t seed, const PathEnd& end) const;
  [[nodiscard]] double rank_of(std::uint64_t seed, std::string_view name) const;
  [[nodiscard]] double queueing_ms(const PathEnd& from, const PathEnd& to,
                                   const PathDatagram& datagram) const;

  PathParameters parameters_;
  std::map<std::string, std::size_t, std::less<>> known_;  // number in parameters_.ends
};

/// The law of detours at a distance. Without bands there are no detours.
[[nodiscard]] QuantileKnots extra_at(const std::vector<DistanceBand>& bands, double km);

/// How busy networks are at a longitude: 0 twelve hours from the peak, 1 at it, in the mean over a day a half.
/// Takes     Time since a midnight of UTC; the sun is where the mean sun is.
[[nodiscard]] double diurnal_load(double lon_deg, double peak_hour, Nanoseconds at);

/// What a changed route adds to x at a time; 0 while the usual route is there. Changes come as a Poisson process,
/// and each lasts an exponential time, eight times its mean at the most; the newest of several counts.
[[nodiscard]] double route_change_extra(const PathParameters& parameters, std::uint64_t seed,
                                        std::string_view a, std::string_view b, Nanoseconds at);

/// Whether the geodesic between two places passes within `radius_km` of a third; on the sphere, within 0.5 %.
[[nodiscard]] bool passes(LatLon a, LatLon b, LatLon centre, double radius_km);

}  // namespace chiploc
