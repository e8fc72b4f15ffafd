#pragma once
// From measured round trips to the parameters of the parametric network. Pure.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "geo/lat_lon.hpp"
#include "proto/base/result.hpp"
#include "server/sim/paths/path_parameters.hpp"

namespace chiploc {

/// One pair of ends, both directions together. Milliseconds; negative: not known.
struct FitPair {
  std::size_t a = 0, b = 0;
  double km = 0.0;  ///< geodesic
  double min_ms = 0.0;
  double avg_ms = -1.0;
  double mdev_ms = -1.0;
  double weight = 1.0;
};

/// The least round trip of each hour of one pair, as one of its ends measured it; negative: none.
struct FitHours {
  std::size_t a = 0, b = 0;
  double km = 0.0;
  double middle_lon_deg = 0.0;  ///< in whose solar time the pair's hours are looked at
  std::vector<float> ms;        ///< the first begins at midnight UTC
};

/// What a fit starts from. `hours` replace avg and mdev, which are of the hours then and say nothing of queues.
struct PathFitInput {
  struct End {
    std::string name;
    LatLon place;
  };
  std::vector<End> ends;
  std::vector<FitPair> pairs;
  std::vector<FitHours> hours{};
};

struct PathFitOptions {
  std::uint64_t seed = 1;
  unsigned resamples = 100;  ///< for the standard errors; 0: none
};

/// One figure of a fit, for people: "band 1000 km, q50", its value and standard error (negative: not estimated).
struct FitFigure {
  std::string name;
  double value = 0.0;
  double error = -1.0;
};

struct PathFitResult {
  PathParameters parameters;        ///< without ends
  std::vector<KnownEnd> known;      ///< each end that has a pair, in the order of the input's
  std::vector<FitFigure> figures;   ///< the parameters that were fitted
  std::vector<std::string> kept{};  ///< what the folder does not tell, and is as in default_paths()
};

/// Fits what the pairs tell, and leaves the rest at default_paths().
///
/// Last mile    Of an end: half of the least that one of its round trips has more than light in fibre and the usual
///              detour of the straightest paths (the lowest 5 % of x beyond 300 km); 0 to 5 ms. The two ends of that pair
///              share it evenly, so an end far from all others looks worse than it is.
/// Detours      x of each pair; its quantiles at up to eleven distances, weighted by a hat from one to the next in
///              log(km + kDetourKm). A distance with a weight of less than 15 pairs goes to its neighbours.
///              Pairs nearer than kNearKm have a law of their own, if there are five.
/// Ends         The normal score of each pair within its distance, as a sum of its two ends' ranks and a rest, by
///              ridge regression whose penalty is the ratio of the two variances. Then each distance's quantiles are
///              changed so that with these ends the distribution of x is again the measured one.
/// Queueing     avg - min over pairs; and the length of bursts from the median of mdev / (avg - min), for the default
///              share of datagrams that meet one: two moments cannot tell how often from how long.
/// Hours        Routes: two hours or more in a row over the pair's lowest tenth by more than 1 ms and 3 %. Daily swing:
///              what the hours have over the pair's least, up to 1 ms, around the peak and around the trough.
/// Errors       Bootstrap over ends, not pairs: pairs of one end have its fate in common. A pair counts as often as both
///              of its ends were drawn, multiplied. Distances stay as they are.
///
/// Fails        Fewer than 3 ends or 30 pairs.
[[nodiscard]] Result<PathFitResult, std::string> fit_paths(const PathFitInput& input,
                                                           const PathFitOptions& options = {});

/// What hours tell of routes and of the day, with the weights of their pairs' ends; nullopt without a hundred hours.
struct HoursLaw {
  double changes_per_day = 0.0, change_hours = 0.0, change_extra = 0.0, diurnal_peak = 0.0;
};
[[nodiscard]] std::optional<HoursLaw> fit_hours(std::span<const FitHours> hours,
                                                std::span<const double> end_weights, double peak_hour);

}  // namespace chiploc
