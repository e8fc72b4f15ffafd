#pragma once
// Which story fits a chip's changed round trips: a relay, a stall, a reroute, a move. A hint, never an accusation.

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "geo/lat_lon.hpp"
#include "server/detect/baseline_change.hpp"
#include "server/detect/place_pattern.hpp"

namespace chiploc {

enum class ChangeKind {
  kNone,     ///< nothing that the options call a change
  kReroute,  ///< a few paths differ, the rest does not
  kRelay,    ///< the same was added towards all anchors, and it stays: a longer line in front of the chip
  kUniformStall,  ///< the same was added towards all, differently in each round: somebody waits before he answers
  kSelectiveStall,  ///< much was added towards many anchors, not the same, and nowhere is it shorter
  kMove,            ///< longer towards some and shorter towards others, or as another place would have it
  kNearer,          ///< shorter towards all: the line in front of the chip has become shorter
};

/// "none", "reroute", "relay", "uniform_stall", "selective_stall", "move", "nearer".
[[nodiscard]] std::string_view name_of(ChangeKind kind);

struct KindOptions {
  ChangeOptions change;
  /// A common delay of so many times the scale is a change although no single path has changed: two false alarms in 1,000
  /// rounds of real honest paths.
  double common_z = 2.0;
  double few = 0.25;  ///< so many of the paths may differ in a reroute, and at least one
  double many = 0.5;  ///< so many of the paths differ where the chip moved
  double some = 0.1;  ///< so many of them are the shorter ones then, and at least one
  double same_ms =
      0.25;  ///< the same towards all: the median distance from the common delay is at most this,
  double same_share = 0.15;  ///< or this share of it
  double wander = 0.1;  ///< share of the delay by which it differs from round to round where somebody stalls
  double place_level = 0.05;  ///< of the test of place_pattern.hpp
  PlaceOptions place;
};

/// Where the chip was when its baseline was made, and the anchors in the order of the round trips. For tests of a place.
struct ChangePlaces {
  LatLon site;
  std::span<const LatLon> anchors;
};

struct ChangeReport {
  ChangeKind kind = ChangeKind::kNone;
  ChangeScores scores;                ///< of the medians over the rounds
  std::size_t rounds = 0;             ///< that could be compared
  double wander_ms = 0.0;             ///< between the quarters of the rounds' common delays
  std::optional<PlacePattern> place;  ///< tested where paths changed so that a move would explain it
};

/// Takes     `rounds_ms`: rounds x anchors, row by row, NaN where not measured; at most kMostRounds of them. Of a single
///           round nobody can tell a relay from a stall: it is called a relay.
/// Returns   The first kind that fits, in the order reroute, move, relay, stall. An adversary chooses what he adds: a
///           stall can be made to look like a relay, and a relay with some cut entries like a reroute. None of them can
///           make a path shorter, so of kMove and kNearer no adversary is the author, but a baseline that was stalled
///           itself looks like that as well.
/// Fails     nullopt where compare_with_baseline does for the medians, for more rounds than kMostRounds, or rows that are
///           not whole.
inline constexpr std::size_t kMostRounds = 48;
[[nodiscard]] std::optional<ChangeReport> classify_change(
    std::span<const std::optional<PathLaw>> baseline, std::span<const double> rounds_ms,
    const std::optional<ChangePlaces>& places = std::nullopt, const KindOptions& options = {});

}  // namespace chiploc
