#pragma once
// From a round-trip time to the longest path that fits inside it.

#include <chrono>
#include <optional>

#include "geo/units.hpp"

namespace chiploc {

/// How far a signal can have gone one way in a measured round trip.
///
///     bound = speed * rtt / 2
///
/// Takes     The smallest round trip of the anchor's own kernel stamps, after oscillator_allowance() was
///           added. What the device says of its processing time is no argument on purpose: a lying host would
///           shrink its own disk.
/// Frame     A path length, no datum. A path that stays at or above the ellipsoid is no shorter than the
///           geodesic between the points below its ends, so the bound holds for the geodesic distance too. (A
///           straight tunnel would be shorter, by 0.1 % at 1,000 km; nobody has one.)
/// Fails     nullopt for a negative round trip or a speed that is not a positive finite number: such evidence
///           contradicts itself.
/// Accuracy  One-sided: 1 mm is added, which exceeds every rounding error below 1e9 km. With kLightInVacuum
///           the true place is never excluded; any slower speed is only as sound as the assumption behind it.
/// Source    Gueye et al., "Constraint-Based Geolocation of Internet Hosts", IEEE/ACM ToN 14(6), 2006.
[[nodiscard]] std::optional<Kilometers> path_bound(std::chrono::nanoseconds rtt_min, KmPerSecond speed);

/// What the anchor's oscillator may have taken off a round trip by running slow, by 500 ppm at most:
///
///     allowance = rtt / 1999, rounded up to whole nanoseconds       (0.0005 / (1 - 0.0005))
///
/// Callers add it before path_bound(). Crystals keep 100 ppm; the rest is for how well the kernel learnt the
/// counter's rate at boot. Clock discipline (slews, steps) is no part of it: the anchor's measure() has dealt
/// with that. Never negative; zero for a round trip that is not positive.
[[nodiscard]] std::chrono::nanoseconds oscillator_allowance(std::chrono::nanoseconds rtt);

}  // namespace chiploc
