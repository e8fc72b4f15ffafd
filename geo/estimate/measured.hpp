#pragma once
// What an estimate uses of one chip's round trips.

#include <cstdint>
#include <span>
#include <vector>

#include "geo/estimate/path_memory.hpp"
#include "geo/estimate/place_grid.hpp"

namespace chiploc {

struct RoundTrips {
  std::vector<std::uint32_t> rows;  // the least round trip first
  std::vector<double> rtt_ms;

  [[nodiscard]] PathMemory::Heard heard() const { return {rows, rtt_ms}; }
};

/// The least round trips, as many as CommonErrors::kNearest, and the others.
struct Measured {
  RoundTrips used;
  std::vector<Vec3> places;     // of the used ones
  std::vector<double> weights;  // how much each of them counts
  RoundTrips others;            // speak only against places near their anchors

  /// Of one round trip per row of the mesh; what is not positive and finite is missing.
  [[nodiscard]] static Measured nearest(const PathMemory& memory, std::span<const double> rtt_ms);
  /// As if a chip with that delay off all its round trips had been measured. The weights stay, unless asked
  /// for.
  [[nodiscard]] Measured less(double delay_ms, bool weigh_anew) const;
};

/// Candidates that contradict no more than one round trip beyond the fewest, at the speed of light in glass:
/// a path that is faster, or an anchor that lies, must not leave wrong places alone.
[[nodiscard]] std::vector<std::uint32_t> possible(std::span<const PlaceCandidate> candidates,
                                                  const std::vector<std::uint32_t>& chosen,
                                                  const Measured& measured);

}  // namespace chiploc
