#pragma once
// How one round of a chip differs from what its paths usually are.

#include <cstddef>
#include <optional>
#include <span>

#include "server/detect/path_baseline.hpp"

namespace chiploc {

/// More anchors than measure one chip; what is computed lies on the stack.
inline constexpr std::size_t kMostPaths = 128;

struct ChangeOptions {
  /// Added to the spread before a difference is divided by it, in milliseconds of round trip. Between anchors of one
  /// country the median spread of an hour's least round trip is 0.02 ms.
  double floor_ms = 0.03;
  /// A path has changed if it differs by more than this, and by more than so many times its own spread.
  double changed_ms = 0.15;
  double changed_spreads = 6.0;
  std::size_t fewest_anchors = 4;  ///< with a baseline, and measured in this round
};

/// One round against the baseline. With d = round trip - centre of each anchor's path, sorted, and n of them:
///
///     common_ms   d at place n/4 from below: three quarters of the paths are longer by at least that
///     move_ms     the least of d at place n/4 from above and -d at place n/4 from below: a quarter is longer, and a
///                 quarter shorter, by at least that
///     lone_ms     the largest |d - median d|
///     spread_ms   the median of |d - median d|
///
/// and z the same divided by (floor_ms + the median of the paths' spreads); for lone by its own path's spread. They are
/// scores: how often honest rounds have them is learnt (score_law.hpp).
///
/// Why not the median for what all paths have in common: real routes change for half of a place's anchors at once, but
/// hardly ever for three quarters. At one false alarm in 1,000 the median of 34 anchors first sees 2 ms, the lower quartile
/// 0.2 ms (README.md). A relay adds to every path, so it cannot help raising the quartile.
struct ChangeScores {
  std::size_t anchors = 0;
  std::size_t longer = 0;  ///< paths that have changed
  std::size_t shorter = 0;
  double common_ms = 0.0;
  double common_z = 0.0;
  double move_ms = 0.0;
  double move_z = 0.0;
  double lone_ms = 0.0;
  double lone_z = 0.0;
  double spread_ms = 0.0;
};

/// Takes     `baseline` and `rtt_ms`: an entry for each anchor, in the same order. A baseline entry is nothing while it
///           is not established; a round trip is NaN where it was not measured. Anchors in another order change nothing.
/// Fails     nullopt for spans of unequal length or of more than kMostPaths, a round trip that is negative or infinite,
///           an option that is not positive, or fewer than fewest_anchors with both.
[[nodiscard]] std::optional<ChangeScores> compare_with_baseline(
    std::span<const std::optional<PathLaw>> baseline, std::span<const double> rtt_ms,
    const ChangeOptions& options = {});

}  // namespace chiploc
