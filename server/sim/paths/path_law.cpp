#include "server/sim/paths/path_law.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "server/sim/paths/band_place.hpp"
#include "server/sim/paths/parametric_paths.hpp"
#include "server/sim/paths/path_dice.hpp"

namespace chiploc {
namespace {

constexpr double kLastMileMost = 5.0;    // ms: more is a detour
constexpr double kFarKm = 300.0;         // beyond it a last mile hardly shows in x
constexpr double kBandWeightLeast = 15;  // pairs: for 13 quantiles of a distance
constexpr double kNearWeightLeast = 5;   // those of a city are few, and must not tell of others
constexpr double kSharesLeast = 0.003;   // normal scores of the extremes end at 2.7 deviations
constexpr int kSweeps = 60;

/// A pair counts for two distances: 1 - part for the lower, part for the next.
BandPlace hat_at(std::span<const double> distances, double km) {
  return band_place(
      distances.size(), [&](std::size_t k) { return distances[k]; }, km);
}

double usual_ms(const FitPair& pair) { return pair.km * kFibreMsPerKm; }
double detour_unit_ms(const FitPair& pair) { return (pair.km + kDetourKm) * kFibreMsPerKm; }

std::vector<double> last_miles(std::span<const FitPair> pairs, std::size_t ends) {
  std::vector<KnotSample> far;
  for (const FitPair& pair : pairs) {
    if (pair.km > kFarKm) far.push_back({(pair.min_ms - usual_ms(pair)) / detour_unit_ms(pair), pair.weight});
  }
  const double straightest = knots_of(far, 0.1).quantile(0.05);
  std::vector<double> least(ends, std::numeric_limits<double>::infinity());
  for (const FitPair& pair : pairs) {
    const double more = 0.5 * (pair.min_ms - usual_ms(pair) - straightest * detour_unit_ms(pair));
    least[pair.a] = std::min(least[pair.a], more);
    least[pair.b] = std::min(least[pair.b], more);
  }
  for (double& ms : least) ms = std::isfinite(ms) ? std::clamp(ms, 0.0, kLastMileMost) : 0.0;
  return least;
}

/// z = rank[a] + rank[b] + rest, with a penalty on ranks that is the ratio of the two variances.
double fit_ranks(std::span<const FitPair> pairs, std::span<const double> z, std::vector<double>& rank) {
  const std::size_t n = rank.size();
  std::vector<double> count(n, 0.0), sum(n);
  double total = 0.0;
  for (const FitPair& pair : pairs) {
    count[pair.a] += pair.weight;
    count[pair.b] += pair.weight;
    total += pair.weight;
  }
  double penalty = 1.0, of_ends = 0.0;
  for (int sweep = 1; sweep <= kSweeps; ++sweep) {
    std::fill(sum.begin(), sum.end(), 0.0);
    for (std::size_t p = 0; p < pairs.size(); ++p) {
      sum[pairs[p].a] += pairs[p].weight * (z[p] - rank[pairs[p].b]);
      sum[pairs[p].b] += pairs[p].weight * (z[p] - rank[pairs[p].a]);
    }
    for (std::size_t e = 0; e < n; ++e) rank[e] = 0.5 * rank[e] + 0.5 * sum[e] / (count[e] + penalty);
    if (sweep % 10 != 0) continue;
    double rest = 0.0, seen = 0.0, squares = 0.0;
    for (std::size_t p = 0; p < pairs.size(); ++p) {
      const double e = z[p] - rank[pairs[p].a] - rank[pairs[p].b];
      rest += pairs[p].weight * e * e;
    }
    rest /= total;
    for (std::size_t e = 0; e < n; ++e) {
      if (count[e] <= 0.0) continue;
      // Each end as often as it has pairs; the penalty has made its rank smaller, by the share that is put back.
      squares += count[e] * rank[e] * rank[e] * (count[e] + penalty) / count[e];
      seen += count[e];
    }
    of_ends = std::max(1e-4, squares / seen);
    penalty = rest / of_ends;
  }
  return std::clamp(2.0 * of_ends, 0.0, 0.95);
}

}  // namespace

std::vector<double> band_distances(std::span<const FitPair> pairs) {
  std::vector<double> km{50, 150, 300, 600, 1'000, 1'700, 3'000, 5'000, 8'000, 12'000, 16'000};
  while (km.size() > 1) {
    std::vector<double> weight(km.size(), 0.0);
    for (const FitPair& pair : pairs) {
      const BandPlace hat = hat_at(km, pair.km);
      weight[hat.low] += pair.weight * (1.0 - hat.part);
      if (hat.part > 0.0) weight[hat.low + 1] += pair.weight * hat.part;
    }
    for (std::size_t k = 0; k < km.size(); ++k) {  // by what each needs: the emptiest goes first
      weight[k] /= km[k] < kNearKm ? kNearWeightLeast : kBandWeightLeast;
    }
    const auto least = std::min_element(weight.begin(), weight.end());
    if (*least >= 1.0) break;
    km.erase(km.begin() + (least - weight.begin()));
  }
  return km;
}

std::vector<bool> ends_with_pairs(std::span<const FitPair> pairs, std::size_t ends) {
  std::vector<bool> out(ends, false);
  for (const FitPair& pair : pairs) out[pair.a] = out[pair.b] = true;
  return out;
}

DetourLaw fit_law(std::span<const FitPair> pairs, std::span<const double> end_weights,
                  std::span<const double> distances) {
  DetourLaw law;
  law.last_mile_ms = last_miles(pairs, end_weights.size());
  std::vector<KnotSample> miles;
  const std::vector<bool> measured_ends = ends_with_pairs(pairs, end_weights.size());
  for (std::size_t e = 0; e < end_weights.size(); ++e) {
    if (end_weights[e] > 0.0 && measured_ends[e]) miles.push_back({law.last_mile_ms[e], end_weights[e]});
  }
  law.last_miles = knots_of(miles, 0.1);

  std::vector<BandPlace> hats;
  std::vector<double> x;
  std::vector<std::vector<KnotSample>> values(distances.size());
  for (const FitPair& pair : pairs) {
    const double more = pair.min_ms - usual_ms(pair) - law.last_mile_ms[pair.a] - law.last_mile_ms[pair.b];
    x.push_back(std::max(0.0, more / detour_unit_ms(pair)));
    const BandPlace hat = hats.emplace_back(hat_at(distances, pair.km));
    if (hat.part < 1.0) values[hat.low].push_back({x.back(), pair.weight * (1.0 - hat.part)});
    if (hat.part > 0.0) values[hat.low + 1].push_back({x.back(), pair.weight * hat.part});
  }
  for (std::size_t k = 0; k < distances.size(); ++k)
    law.bands.push_back({distances[k], knots_of(values[k], 0.1)});
  // A resample may have nothing at some distance: then what holds at the one before, or behind the first.
  for (std::size_t k = 1; k < distances.size(); ++k) {
    if (values[k].empty()) law.bands[k].extra = law.bands[k - 1].extra;
  }
  if (values.front().empty() && distances.size() > 1) law.bands[0].extra = law.bands[1].extra;

  std::vector<double> z;
  double mean = 0.0, square = 0.0, total = 0.0;
  for (std::size_t p = 0; p < pairs.size(); ++p) {
    const double share = extra_at(law.bands, pairs[p].km).share_below(x[p]);
    z.push_back(normal_quantile_of(std::clamp(share, kSharesLeast, 1.0 - kSharesLeast)));
    mean += pairs[p].weight * z[p];
    square += pairs[p].weight * z[p] * z[p];
    total += pairs[p].weight;
  }
  mean /= total;
  const double deviation = std::sqrt(std::max(1e-6, square / total - mean * mean));
  for (double& score : z) score = (score - mean) / deviation;
  law.rank.assign(end_weights.size(), 0.0);
  law.node_share = fit_ranks(pairs, z, law.rank);

  // With these ends the scores of a distance need not be standard normal: what share of them is below the score of each
  // quantile is the share whose x belongs there.
  const double rest = std::sqrt(1.0 - law.node_share);
  const std::vector<DistanceBand> measured = law.bands;
  for (std::size_t i = 1; i + 1 < kKnotShares.size(); ++i) {
    const double score = normal_quantile_of(kKnotShares[i]);
    std::vector<double> below(distances.size(), 0.0), weight(distances.size(), 0.0);
    for (std::size_t p = 0; p < pairs.size(); ++p) {
      const double share = normal_share_below((score - law.rank[pairs[p].a] - law.rank[pairs[p].b]) / rest);
      const BandPlace hat = hats[p];
      below[hat.low] += pairs[p].weight * (1.0 - hat.part) * share;
      weight[hat.low] += pairs[p].weight * (1.0 - hat.part);
      if (hat.part <= 0.0) continue;
      below[hat.low + 1] += pairs[p].weight * hat.part * share;
      weight[hat.low + 1] += pairs[p].weight * hat.part;
    }
    for (std::size_t k = 0; k < distances.size(); ++k) {
      if (weight[k] > 0.0) law.bands[k].extra.at[i] = measured[k].extra.quantile(below[k] / weight[k]);
    }
  }
  for (DistanceBand& band : law.bands) {
    for (std::size_t i = 1; i < band.extra.at.size(); ++i)
      band.extra.at[i] = std::max(band.extra.at[i], band.extra.at[i - 1]);
  }
  return law;
}

}  // namespace chiploc
