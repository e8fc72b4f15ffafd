#pragma once
// A fit held against pairs that it was not made of. Pure.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "proto/base/result.hpp"
#include "server/sim/paths/path_fit.hpp"

namespace chiploc {

inline constexpr std::array<double, 7> kHeldShares{0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95};

/// Quantiles at kHeldShares, of what was measured between the pairs held out, of what the model says of them, and of what
/// was measured between the pairs fitted to: how well one half tells the other without any model.
struct HeldQuantiles {
  std::string name;
  std::size_t pairs = 0;
  std::array<double, 7> measured{}, simulated{}, fitted_half{};
  [[nodiscard]] double error(std::size_t share) const { return simulated[share] / measured[share] - 1.0; }
  [[nodiscard]] double half_error(std::size_t share) const {
    return fitted_half[share] / measured[share] - 1.0;
  }
  [[nodiscard]] double largest() const;
  [[nodiscard]] double largest_half() const;
};

/// The same of the pairs of one step of distance, for curves over it.
struct HeldStep {
  double km = 0.0;  ///< the median distance of its held-out pairs
  HeldQuantiles ratio;
};

struct HoldOut {
  HeldQuantiles ratio;  ///< round trip over light in fibre (2/3 c) and back, pairs from 100 km on
  std::vector<HeldQuantiles> bands;  ///< the same by distance; nearer ones as milliseconds
  /// From 100 km on, by rising distance; each with as many held-out pairs, forty or more if there are.
  std::vector<HeldStep> steps;
  std::vector<double> measured;  ///< the ratios themselves, sorted, for a picture
  std::vector<double> simulated;
};

/// Which half: `fitted[p]` of pair p. Neighbours by distance are parted by a toss, so that both halves have pairs of
/// every distance.
[[nodiscard]] std::vector<bool> seeded_half(const std::vector<FitPair>& pairs, std::uint64_t seed);

/// The pairs of one half alone; ends and hours stay.
[[nodiscard]] PathFitInput half_of(const PathFitInput& input, const std::vector<bool>& half, bool which);

/// Fits on one half and simulates the other. The ends of the held-out pairs have what the fitted half says of them; what
/// is a pair's own is drawn anew in many networks, which count together.
[[nodiscard]] Result<HoldOut, std::string> hold_out(const PathFitInput& input, std::uint64_t seed);

/// The quantile of a sorted sample, interpolated.
[[nodiscard]] double sorted_quantile(const std::vector<double>& sorted, double share);

}  // namespace chiploc
