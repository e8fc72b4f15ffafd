#pragma once
// Honest rounds by the million, with or without liars among the anchors: is the truth always in the region?

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "geo/borders.hpp"
#include "geo/bound.hpp"

namespace chiploc {

struct SoundnessOptions {
  std::uint64_t rounds = 0;
  std::uint64_t seed = 1;  ///< round i is made of seed + i alone: one round repeats it
  unsigned liars = 0;      ///< perspectives that lie in each round, and the fault budget
  unsigned threads = 0;    ///< 0: one for each processor
};

/// Honest perspectives are at least two, so that something is left to measure.
inline constexpr unsigned kLiarsMax = 16;

/// One simulated round as the verifier would see it, and what only the simulation knows.
struct SimulatedRound {
  std::uint64_t seed = 0;
  LatLon truth;
  unsigned faults = 0;
  std::vector<AnchorBound> bounds;
};

/// What a round proved wrongly.
struct SoundnessMiss {
  SimulatedRound round;
  std::string what;  ///< a sentence
};

struct SoundnessReport {
  std::uint64_t rounds = 0;
  std::uint64_t rounds_on_land = 0;  ///< those in which the truth's country was asked for too
  std::uint64_t misses_total = 0;
  std::vector<SoundnessMiss> misses;  ///< the first ones by seed, at most kMissesKept
  double seconds = 0.0;
};
inline constexpr std::size_t kMissesKept = 20;

/// Makes the round of a seed.
///
/// Places     Uniform over the sphere, at the poles, on the antimeridian, the equator, in clusters of metres
/// to
///            hundreds of kilometres, at the truth and at its antipode.
/// Anchors    3 to 24 (and 2 more than liars at least), some sharing a perspective. Each stands up to its
/// stated
///            uncertainty, often exactly that far, from where it says.
/// Honest     rtt = 2 * geodesic / speed, speed up to c and in a third of the cases exactly c, plus jitter;
/// then
///            up to the clock's next nanosecond or microsecond, and through path_bound() at c.
/// Liars      Any place, and a radius of nothing, of metres, tangent to an honest circle from inside or
/// outside,
///            through the truth or just short of it, or round the Earth.
[[nodiscard]] SimulatedRound simulate_round(std::uint64_t seed, unsigned liars);

/// nullopt when the region holds the truth, is not called empty, and meets the country that the truth is in.
[[nodiscard]] std::optional<std::string> find_unsoundness(const SimulatedRound& round,
                                                          const Borders& borders);

/// Runs them. Deterministic but for `seconds`, whatever the number of threads.
[[nodiscard]] SoundnessReport run_soundness(
    const SoundnessOptions& options, const Borders& borders,
    const std::function<void(std::uint64_t, std::uint64_t)>& progress = {});

/// The round in numbers that repeat it: one line for the truth, one for each bound, with 17 digits.
[[nodiscard]] std::string describe(const SimulatedRound& round);

}  // namespace chiploc
