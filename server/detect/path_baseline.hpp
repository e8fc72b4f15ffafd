#pragma once
// What an anchor's round trips to one chip usually are, in 64 bytes.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace chiploc {

/// What an established path is like, in milliseconds of round trip.
struct PathLaw {
  float centre_ms = 0.0F;  ///< median of the rounds' least round trips
  float spread_ms = 0.0F;  ///< median distance from it; 0 where the path is steadier than floats can tell
};

/// The least round trip of each round, streamed: a sample of at most 14 of them, one from each of as many equally long
/// stretches of the time seen so far, chosen within its stretch by fair dice. So a day and a night, and a route that
/// held for a while, have the weight of their time. Median and spread are those of the sample.
///
/// Takes     Any number of rounds up to 2^31. A round in which the anchor did not measure is not added.
/// Accuracy  The median of 14 of n values: for a steady path its standard error is a third of the spread.
/// Same      The choice depends on the key and on how many values came before, not on the values: adding a constant to
///           all of them adds it to the centre and leaves the spread. The same input gives the same bytes everywhere.
/// Size      64 bytes, no heap.
class PathBaseline {
 public:
  static constexpr std::size_t kKept = 14;

  /// `rtt_ms` must be finite and within [0, 100,000).
  /// Fails     false, and nothing is added.
  bool add(double rtt_ms, std::uint64_t key = 0);

  /// Fails     nullopt while fewer than `fewest` rounds were added, or none.
  [[nodiscard]] std::optional<PathLaw> law(std::size_t fewest = 7) const;

  [[nodiscard]] std::uint32_t rounds() const { return rounds_; }

 private:
  std::array<float, kKept> kept_{};  ///< one of each stretch, in the order of time
  std::uint32_t rounds_ = 0;
  std::uint32_t doublings_ = 0;  ///< a stretch is 2^doublings_ rounds
};
static_assert(sizeof(PathBaseline) == 64);

}  // namespace chiploc
