#include "server/sim/paths/path_fit.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "server/sim/paths/parametric_paths.hpp"
#include "server/sim/paths/path_dice.hpp"
#include "server/sim/paths/path_law.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kEndsLeast = 3, kPairsLeast = 30;

/// Deviation over mean of a round trip's queueing, squared: two ways, each exponential with bursts of `ratio` times
/// its mean in a share `p` of datagrams.
double spread_squared(double p, double ratio) {
  const double mean = 1.0 + p * ratio;
  return (1.0 + 2.0 * p * ratio * ratio - p * p * ratio * ratio) / (2.0 * mean * mean);
}

/// The bursts that explain a spread; none where exponential queueing has as much.
double burst_ratio_of(double p, double spread) {
  if (spread * spread <= 0.5) return 0.0;
  double low = 0.0, high = 10'000.0;
  if (spread_squared(p, high) <= spread * spread) return high;
  for (int step = 0; step < 60; ++step) {
    const double middle = 0.5 * (low + high);
    (spread_squared(p, middle) < spread * spread ? low : high) = middle;
  }
  return low;
}

bool fit_queueing(std::span<const FitPair> pairs, PathParameters& to) {
  std::vector<KnotSample> means, spreads;
  for (const FitPair& pair : pairs) {
    const double mean = pair.avg_ms - pair.min_ms;
    if (pair.avg_ms < 0.0 || mean < 0.0) continue;
    means.push_back({mean, pair.weight});
    if (pair.mdev_ms >= 0.0 && mean > 1e-3) spreads.push_back({pair.mdev_ms / mean, pair.weight});
  }
  if (means.size() < kPairsLeast) return false;
  to.burst_ratio =
      spreads.empty() ? 0.0 : burst_ratio_of(to.burst_share, knots_of(spreads, 0.1).quantile(0.5));
  for (KnotSample& mean : means) mean.value /= 1.0 + to.burst_share * to.burst_ratio;
  to.queue_ms = knots_of(means, 0.01);
  return true;
}

struct Fitted {
  PathParameters parameters;
  DetourLaw law;
  bool queueing = false;
  bool hours = false;
};

Fitted fit_once(const PathFitInput& input, std::span<const FitPair> pairs,
                std::span<const double> end_weights, std::span<const double> distances) {
  Fitted out;
  out.parameters = default_paths();
  out.law = fit_law(pairs, end_weights, distances);
  out.parameters.node_share = out.law.node_share;
  out.parameters.last_mile_ms = out.law.last_miles;
  out.parameters.bands = out.law.bands;
  out.queueing = input.hours.empty() && fit_queueing(pairs, out.parameters);
  if (const auto law = fit_hours(input.hours, end_weights, out.parameters.peak_hour)) {
    out.hours = true;
    out.parameters.changes_per_day = law->changes_per_day;
    out.parameters.change_hours = law->change_hours;
    out.parameters.change_extra = law->change_extra;
    out.parameters.diurnal_peak = law->diurnal_peak;
  }
  return out;
}

void add_quantiles(std::vector<FitFigure>& to, const std::string& name, const QuantileKnots& knots) {
  for (std::size_t k = 0; k < kKnotKeys.size(); ++k) {
    const double share = kKnotShares[k];
    if (share == 0.05 || share == 0.25 || share == 0.5 || share == 0.75 || share == 0.95)
      to.push_back({name + " " + std::string{kKnotKeys[k]}, knots.at[k]});
  }
}

std::vector<FitFigure> figures_of(const Fitted& fitted) {
  std::vector<FitFigure> out{{"node_share", fitted.parameters.node_share}};
  add_quantiles(out, "last_mile_ms", fitted.parameters.last_mile_ms);
  for (const DistanceBand& band : fitted.parameters.bands) {
    char name[48];
    std::snprintf(name, sizeof name, "extra at %g km", band.km);
    add_quantiles(out, name, band.extra);
  }
  if (fitted.queueing) {
    add_quantiles(out, "queue_ms", fitted.parameters.queue_ms);
    out.push_back({"burst_ratio", fitted.parameters.burst_ratio});
  }
  if (fitted.hours) {
    out.push_back({"changes_per_day", fitted.parameters.changes_per_day});
    out.push_back({"change_hours", fitted.parameters.change_hours});
    out.push_back({"change_extra", fitted.parameters.change_extra});
    out.push_back({"diurnal_peak", fitted.parameters.diurnal_peak});
  }
  return out;
}

void add_errors(const PathFitInput& input, const PathFitOptions& options, std::span<const double> distances,
                std::vector<FitFigure>& figures) {
  const std::size_t n = input.ends.size();
  std::vector<double> sum(figures.size(), 0.0), square(figures.size(), 0.0);
  unsigned done = 0;
  for (unsigned r = 0; r < options.resamples; ++r) {
    const PathDice dice = PathDice{options.seed}.with("resample").with(std::uint64_t{r});
    std::vector<double> weights(n, 0.0);
    for (std::size_t e = 0; e < n; ++e) {
      weights[std::min(n - 1, static_cast<std::size_t>(dice.unit(e) * static_cast<double>(n)))] += 1.0;
    }
    std::vector<FitPair> pairs;
    for (FitPair pair : input.pairs) {
      pair.weight *= weights[pair.a] * weights[pair.b];
      if (pair.weight > 0.0) pairs.push_back(pair);
    }
    if (pairs.size() < kPairsLeast / 3) continue;
    const std::vector<FitFigure> now = figures_of(fit_once(input, pairs, weights, distances));
    if (now.size() != figures.size()) continue;
    ++done;
    for (std::size_t f = 0; f < now.size(); ++f) {
      const double off = now[f].value - figures[f].value;
      sum[f] += off;
      square[f] += off * off;
    }
  }
  if (done < 2) return;
  for (std::size_t f = 0; f < figures.size(); ++f) {
    const double mean = sum[f] / done;
    figures[f].error = std::sqrt(std::max(0.0, (square[f] - done * mean * mean) / (done - 1.0)));
  }
}

}  // namespace

Result<PathFitResult, std::string> fit_paths(const PathFitInput& input, const PathFitOptions& options) {
  const std::size_t n = input.ends.size();
  if (n < kEndsLeast || input.pairs.size() < kPairsLeast) {
    return Fail{"has " + std::to_string(n) + " ends and " + std::to_string(input.pairs.size()) +
                " pairs; a fit takes " + std::to_string(kEndsLeast) + " and " + std::to_string(kPairsLeast)};
  }
  const std::vector<double> distances = band_distances(input.pairs), weights(n, 1.0);
  const Fitted fitted = fit_once(input, input.pairs, weights, distances);
  PathFitResult out;
  out.parameters = fitted.parameters;
  const std::vector<bool> seen = ends_with_pairs(input.pairs, n);
  for (std::size_t e = 0; e < n; ++e) {
    if (seen[e]) out.known.push_back({input.ends[e].name, fitted.law.last_mile_ms[e], fitted.law.rank[e]});
  }
  out.figures = figures_of(fitted);
  add_errors(input, options, distances, out.figures);
  out.kept = {"loss", "asymmetry", "chip_last_mile_ms", "burst_share", "peak_hour"};
  if (!fitted.queueing) out.kept.insert(out.kept.end(), {"paths_queue", "burst_ratio"});
  if (!fitted.hours)
    out.kept.insert(out.kept.end(), {"diurnal_peak", "changes_per_day", "change_hours", "change_extra"});
  return out;
}

}  // namespace chiploc
