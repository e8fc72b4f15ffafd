// The making of rounds for soundness.hpp: every choice from one seed, with arithmetic that no library may
// change.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include "geo/geodesic.hpp"
#include "geo/path_bound.hpp"
#include "server/eval/dice.hpp"
#include "server/eval/soundness.hpp"

namespace chiploc {
namespace {

constexpr double kDegreesPerRadian = 57.29577951308232;

LatLon place_of(double lat, double lon) {
  return LatLon::from_degrees({.lat = std::clamp(lat, -90.0, 90.0), .lon = std::remainder(lon, 360.0)})
      .value();
}

LatLon anywhere(Dice& dice) {
  const double lat = std::asin(dice.between(-1.0, 1.0)) * kDegreesPerRadian;
  const double lon = dice.between(-180.0, 180.0);
  switch (dice.below(12)) {
    case 0:  // at or near a pole
      return place_of(
          (dice.chance(0.5) ? 1.0 : -1.0) * (dice.chance(0.3) ? 90.0 : 90.0 - dice.logarithmic(1e-6, 5.0)),
          lon);
    case 1:  // on or near the antimeridian
      return place_of(lat, 180.0 + (dice.chance(0.3) ? 0.0 : dice.between(-0.1, 0.1)));
    case 2:  // on the equator
      return place_of(0.0, lon);
    case 3:  // whole degrees, where things coincide
      return place_of(std::round(lat), std::round(lon));
    default:
      return place_of(lat, lon);
  }
}

LatLon near(Dice& dice, LatLon centre, double km) {
  return geodesic_direct(centre, dice.between(0.0, 360.0), Kilometers{km});
}

/// Where the anchors of a round stand: one habit for the whole round, with exceptions.
struct Habit {
  unsigned kind;
  LatLon centre;
  double spread_km;
};

LatLon anchor_place(Dice& dice, const Habit& habit, LatLon truth) {
  if (dice.chance(0.1)) return anywhere(dice);
  switch (habit.kind) {
    case 0:
      return near(dice, truth, dice.chance(0.05) ? 0.0 : habit.spread_km * dice.unit());
    case 1:
      return near(dice, habit.centre, habit.spread_km * dice.unit());
    case 2: {  // behind the truth, as seen through the Earth
      const LatLon antipode = place_of(-truth.lat_deg(), truth.lon_deg() + 180.0);
      return dice.chance(0.1) ? antipode : near(dice, antipode, habit.spread_km * dice.unit());
    }
    default:
      return anywhere(dice);
  }
}

/// One anchor in so many runs whole sessions on bad clocks; the others have good ones, which are quick to
/// draw.
constexpr double kSessions = 1.0 / 8.0;

/// What an honest anchor makes of this path: up to c, never shorter than it was.
Kilometers honest_radius(Dice& dice, Kilometers distance, SimulatedRound& round) {
  const double c = kLightInVacuum.km_s();
  const double speed = dice.chance(1.0 / 3.0) ? c : c * dice.between(0.2, 1.0);
  double ns = 2e9 * distance.km() / speed;
  if (dice.chance(kSessions)) {
    const std::chrono::nanoseconds path{static_cast<std::int64_t>(std::ceil(ns))};
    if (const auto rtt = simulate_session(dice, path, round.sessions)) {
      return path_bound(*rtt + oscillator_allowance(*rtt), kLightInVacuum).value_or(kLongestGeodesic);
    }
  }
  if (dice.chance(0.5)) ns += -std::log(1.0 - dice.unit()) * dice.logarithmic(1.0, 1e7);
  const double tick = dice.chance(0.5) ? 1.0 : 1000.0;
  const std::chrono::nanoseconds rtt{static_cast<std::int64_t>(std::ceil(ns / tick) * tick)};
  return path_bound(rtt, kLightInVacuum).value_or(kLongestGeodesic);
}

void add_honest(Dice& dice, const Habit& habit, std::uint32_t perspective, SimulatedRound& round) {
  const LatLon stands = anchor_place(dice, habit, round.truth);
  const double stated_km = dice.chance(0.4) ? 0.0 : dice.logarithmic(1e-3, 100.0);
  const double off_km = dice.chance(0.5) ? stated_km : stated_km * dice.unit();
  const LatLon says = off_km > 0.0 ? near(dice, stands, off_km) : stands;
  const Kilometers radius = honest_radius(dice, geodesic_distance(stands, round.truth), round);
  round.bounds.push_back({says, Kilometers{stated_km}, radius, perspective});
}

LatLon lying_place(Dice& dice, LatLon truth, const AnchorBound& honest) {
  if (dice.chance(0.3)) return honest.place;
  return dice.chance(0.3) ? near(dice, truth, dice.logarithmic(1e-3, 3e3)) : anywhere(dice);
}

/// A bound made to mislead. `honest` holds at least one.
AnchorBound lie(Dice& dice, LatLon truth, const AnchorBound& honest, std::uint32_t perspective) {
  const LatLon says = lying_place(dice, truth, honest);
  const double to_truth = geodesic_distance(says, truth).km();
  const double to_honest = geodesic_distance(says, honest.place).km();
  const double honest_km = honest.radius.km() + honest.place_uncertainty.km();
  double km = 0.0;
  switch (dice.below(8)) {
    case 0:
      break;  // nothing at all
    case 1:
      km = dice.logarithmic(1e-6, 1.0);
      break;
    case 2:  // circles that touch from outside
      km = to_honest - honest_km;
      break;
    case 3:  // and from inside
      km = std::abs(honest_km - to_honest);
      break;
    case 4:  // through the truth
      km = to_truth;
      break;
    case 5:  // and just short of it
      km = to_truth - dice.logarithmic(1e-9, 10.0);
      break;
    case 6:
      km = dice.between(0.0, kLongestGeodesic.km());
      break;
    default:  // round the Earth, or nearly
      km = kLongestGeodesic.km() * dice.between(0.98, 1.02);
      break;
  }
  return {says, Kilometers{0.0}, Kilometers{std::max(0.0, km)}, perspective};
}

/// One round in so many is about a claim: judging takes most of the time.
constexpr double kClaims = 1.0 / 24.0;

}  // namespace

SimulatedRound simulate_round(std::uint64_t seed, unsigned liars) {
  Dice dice{seed};
  SimulatedRound round{.seed = seed, .truth = anywhere(dice), .faults = liars};
  Habit habit{dice.below(5), anywhere(dice), dice.logarithmic(1e-3, 2e4)};
  if (dice.chance(kClaims)) {
    const KnownPlace place = draw_place(dice);
    round.truth = place.place;
    habit = {0, place.place, dice.logarithmic(0.1, 3'000.0)};  // near enough to prove something
    if (dice.chance(0.5)) {
      round.claim = draw_country_claim(dice, place);
    } else {
      round.claim = draw_area_claim(dice, place.place);
    }
  }
  const unsigned anchors = std::max(3 + dice.below(22), liars + 2);
  const bool shared = dice.chance(0.2);
  for (unsigned i = 0; i + liars < anchors; ++i) {
    const std::uint32_t perspective = shared && i > 1 ? i - dice.below(2) : i;
    add_honest(dice, habit, perspective, round);
  }
  const std::size_t honest = round.bounds.size();
  for (unsigned i = 0; i < liars; ++i) {
    const auto perspective = static_cast<std::uint32_t>(1'000 + i);
    const unsigned anchors_of_liar = shared ? 1 + dice.below(3) : 1;
    for (unsigned k = 0; k < anchors_of_liar; ++k) {
      const AnchorBound victim = round.bounds[dice.below(static_cast<unsigned>(honest))];
      round.bounds.push_back(lie(dice, round.truth, victim, perspective));
    }
  }
  // A liar's number must not tell him by coming last.
  for (std::size_t i = round.bounds.size(); i > 1; --i) {
    std::swap(round.bounds[i - 1], round.bounds[dice.below(static_cast<unsigned>(i))]);
  }
  return round;
}

}  // namespace chiploc
