#pragma once
// Honest rounds by the million, with or without liars among the anchors: is the truth always in the region?

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "geo/borders/borders.hpp"
#include "geo/bound.hpp"
#include "server/eval/simulate_claim.hpp"
#include "server/eval/simulate_session.hpp"

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
  std::vector<AnchorBound> bounds{};
  SessionTally sessions{};                ///< of the honest anchors with bad clocks
  std::optional<SimulatedClaim> claim{};  ///< in some rounds
};

/// How many rounds had a claim, and what was proved of it: rounds that prove nothing show nothing.
struct ClaimTally {
  std::uint64_t countries = 0;  ///< claims by codes
  std::uint64_t areas = 0;      ///< claims by areas of several parts
  std::uint64_t country_proofs = 0;
  std::uint64_t area_proofs = 0;
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
  SessionTally sessions;
  ClaimTally claims;
  std::vector<SoundnessMiss> misses;  ///< the first ones by seed, at most kMissesKept
  double seconds = 0.0;
};
inline constexpr std::size_t kMissesKept = 20;

/// Makes the round of a seed.
///
/// Places     Uniform over the sphere, at the poles, on the antimeridian, the equator, in clusters of metres
///            to hundreds of kilometres, at the truth and at its antipode.
/// Anchors    3 to 24 (and 2 more than liars at least), some sharing a perspective. Each stands up to its
///            stated uncertainty, often exactly that far, from where it says.
/// Honest     rtt = 2 * geodesic / speed, speed up to c and in a third of the cases exactly c, plus jitter;
///            then up to the clock's next nanosecond or microsecond, and through path_bound() at c. One
///            anchor in eight instead runs a session on bad clocks (simulate_session.hpp): slewed by up to 10
///            %, set, paused, with cards that lie.
/// Claims     One round in twenty-four is about a city of any code, with anchors near enough to prove
///            something, and a licence of codes or of an area in parts (simulate_claim.hpp).
/// Liars      Any place, and a radius of nothing, of metres, tangent to an honest circle from inside or
///            outside, through the truth or just short of it, or round the Earth.
[[nodiscard]] SimulatedRound simulate_round(std::uint64_t seed, unsigned liars);

/// nullopt when the region holds the truth, is not called empty, meets the country that the truth is in, and
/// nothing is proved of the round's claim that is not so. `proved`: what is, by the production judgement.
[[nodiscard]] std::optional<std::string> find_unsoundness(const SimulatedRound& round, const Borders& borders,
                                                          VerdictState* proved = nullptr);

/// Runs them. Deterministic but for `seconds`, whatever the number of threads.
[[nodiscard]] SoundnessReport run_soundness(
    const SoundnessOptions& options, const Borders& borders,
    const std::function<void(std::uint64_t, std::uint64_t)>& progress = {});

/// The round in numbers that repeat it: one line for the truth, one for each bound, with 17 digits.
[[nodiscard]] std::string describe(const SimulatedRound& round);

}  // namespace chiploc
