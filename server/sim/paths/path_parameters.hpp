#pragma once
// What the parametric network is made of, and its text form.

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "geo/lat_lon.hpp"
#include "proto/base/result.hpp"
#include "server/config/toml_reader.hpp"
#include "server/sim/paths/quantile_knots.hpp"

namespace chiploc {

/// Distances at which the law of detours is written down are joined by straight lines in log(km + this).
inline constexpr double kDetourKm = 100.0;
/// Pairs nearer than this have bands of their own, and only those: what is odd between neighbours (two networks of a city
/// that meet on another coast) would otherwise be taken for a law of the distances beyond.
inline constexpr double kNearKm = 100.0;

/// How much longer than the straight fibre paths of one distance are: by x (distance + kDetourKm) km, where x is drawn
/// from `extra`.
struct DistanceBand {
  double km = 0.0;
  QuantileKnots extra{};
  friend bool operator==(const DistanceBand&, const DistanceBand&) = default;
};

/// A span of simulated time: [from, to).
struct PathSpan {
  Nanoseconds from{0};
  Nanoseconds to{Nanoseconds::max()};
  [[nodiscard]] bool holds(Nanoseconds at) const { return from <= at && at < to; }
  friend bool operator==(const PathSpan&, const PathSpan&) = default;
};

/// What is known of one end, by its name, instead of being drawn.
struct KnownEnd {
  std::string name;
  double last_mile_ms = 0.0;  ///< of the round trip
  double rank = 0.0;          ///< how good its connections are, in standard deviations; above 0 is longer
  friend bool operator==(const KnownEnd&, const KnownEnd&) = default;
};

/// A region in which cables are cut: every pair whose geodesic passes it takes another way meanwhile.
struct CableCut {
  LatLon centre = LatLon::from_degrees({}).value();
  double radius_km = 100.0;
  double longer = 0.5;  ///< the path becomes longer by this share of the distance
  PathSpan span{};
  friend bool operator==(const CableCut&, const CableCut&) = default;
};

/// Nothing passes: between two ends, or with one of them and anybody.
struct PathOutage {
  std::string a;
  std::string b;  ///< empty: everybody
  PathSpan span{};
  friend bool operator==(const PathOutage&, const PathOutage&) = default;
};

/// A path that is faster than fibre: by satellites in low orbit, or through hollow-core fibre.
struct FastPath {
  std::string a;
  std::string b;            ///< empty: everybody
  double share_of_c = 1.0;  ///< speed of the signal
  double inflation = 1.1;   ///< length over the geodesic
  double extra_km = 0.0;    ///< up to the satellite and down again
  PathSpan span{};
  friend bool operator==(const FastPath&, const FastPath&) = default;
};

/// Round trips in milliseconds, unless it says otherwise.
struct PathParameters {
  double loss = 0.002;      ///< share of datagrams that vanish
  double asymmetry = 0.0;   ///< share of the detour that one way has more and the other less
  double node_share = 0.0;  ///< share of the variance of a path's rank that its two ends explain, together
  double chip_last_mile_ms = 0.0;  ///< what a chip's last mile has more than a server's
  QuantileKnots last_mile_ms{};    ///< over ends
  std::vector<DistanceBand> bands{};
  QuantileKnots queue_ms{
      {}, 0.01};              ///< mean queueing of a round trip at average load, without bursts; over pairs
  double burst_share = 0.01;  ///< of datagrams that meet a busy queue
  double burst_ratio = 0.0;   ///< mean of what that adds, over the mean of queueing
  double diurnal_peak = 0.0;  ///< queueing is (1 + this) times as long at the peak as at the trough
  double peak_hour = 21.0;    ///< local solar time
  double changes_per_day = 0.0;  ///< of a pair's route
  double change_hours = 6.0;     ///< mean time until the old route is back
  double change_extra = 0.1;     ///< mean of what is added to x meanwhile; exponential
  std::vector<KnownEnd> ends{};
  std::vector<CableCut> cuts{};
  std::vector<PathOutage> outages{};
  std::vector<FastPath> fast{};
  friend bool operator==(const PathParameters&, const PathParameters&) = default;
};

/// What a world has without a word about its network: README.md says from which folder each figure comes.
[[nodiscard]] PathParameters default_paths();

/// Reads [paths], [paths_last_mile], [paths_queue], [[paths_band]], [[paths_end]], [[paths_cut]], [[paths_outage]]
/// and [[paths_fast]] of a file; README.md has every key. What is not there is as in `otherwise`; with one
/// [[paths_band]] all of them are the file's, and ends, cuts, outages and fast paths come to those of `otherwise`.
/// Faults are noted in the reader, whose finish() tells them all.
[[nodiscard]] PathParameters read_paths(TomlReader& file, PathParameters otherwise = default_paths());

/// The names of the sections that read_paths() reads.
inline constexpr std::array<std::string_view, 8> kPathSections{
    "paths",     "paths_last_mile", "paths_queue",  "paths_band",
    "paths_end", "paths_cut",       "paths_outage", "paths_fast"};

/// A file of these sections alone. Fails with all faults, "FILE:LINE: section.key: problem; what to do".
[[nodiscard]] Result<PathParameters, std::vector<std::string>> parse_paths(std::string_view text,
                                                                           const std::filesystem::path& name);

/// The sections as text that read_paths() reads back to the same parameters, to the bit.
[[nodiscard]] std::string paths_text(const PathParameters& parameters);

}  // namespace chiploc
