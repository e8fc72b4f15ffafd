#include "server/sim/paths/hold_out.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "server/sim/paths/parametric_paths.hpp"
#include "server/sim/paths/path_dice.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kDrawn =
    40'000;  // simulated round trips at least: their quantiles are good to a percent

struct Band {
  const char* name;
  double from, to;
};
constexpr Band kBands[] = {{"below 100 km, ms", 0.0, kNearKm},    {"100 to 300 km", kNearKm, 300.0},
                           {"300 to 1000 km", 300.0, 1'000.0},    {"1000 to 3000 km", 1'000.0, 3'000.0},
                           {"3000 to 8000 km", 3'000.0, 8'000.0}, {"beyond 8000 km", 8'000.0, 1e9}};

constexpr std::size_t kStepPairs = 40;
constexpr std::size_t kStepsMost = 14;

struct Samples {
  std::vector<double> measured, simulated, fitted_half;
};

/// Where steps of distance end, so that each has as many of the held-out pairs; the last is open.
std::vector<double> step_ends(const std::vector<FitPair>& held) {
  std::vector<double> km;
  for (const FitPair& pair : held) {
    if (pair.km >= kNearKm) km.push_back(pair.km);
  }
  std::sort(km.begin(), km.end());
  const std::size_t steps = std::clamp<std::size_t>(km.size() / kStepPairs, 1, kStepsMost);
  std::vector<double> ends;
  for (std::size_t s = 1; s < steps; ++s) ends.push_back(km[s * km.size() / steps]);
  ends.push_back(1e9);
  return ends;
}

HeldQuantiles quantiles_of(std::string name, Samples& samples) {
  HeldQuantiles out;
  out.name = std::move(name);
  out.pairs = samples.measured.size();
  for (auto* sample : {&samples.measured, &samples.simulated, &samples.fitted_half})
    std::sort(sample->begin(), sample->end());
  for (std::size_t s = 0; s < kHeldShares.size(); ++s) {
    out.measured[s] = sorted_quantile(samples.measured, kHeldShares[s]);
    out.simulated[s] = sorted_quantile(samples.simulated, kHeldShares[s]);
    out.fitted_half[s] = sorted_quantile(samples.fitted_half, kHeldShares[s]);
  }
  return out;
}

}  // namespace

double HeldQuantiles::largest() const {
  double most = 0.0;
  for (std::size_t s = 0; s < kHeldShares.size(); ++s) most = std::max(most, std::abs(error(s)));
  return most;
}

double HeldQuantiles::largest_half() const {
  double most = 0.0;
  for (std::size_t s = 0; s < kHeldShares.size(); ++s) most = std::max(most, std::abs(half_error(s)));
  return most;
}

double sorted_quantile(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0.0;
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(place);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (place - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

std::vector<bool> seeded_half(const std::vector<FitPair>& pairs, std::uint64_t seed) {
  std::vector<std::size_t> order(pairs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return pairs[a].km < pairs[b].km; });
  std::vector<bool> half(pairs.size());
  const PathDice dice = PathDice{seed}.with("half");
  for (std::size_t i = 0; i < order.size(); ++i) half[order[i]] = (dice.unit(i / 2) < 0.5) == (i % 2 == 0);
  return half;
}

PathFitInput half_of(const PathFitInput& input, const std::vector<bool>& half, bool which) {
  PathFitInput out{input.ends, {}, input.hours};
  for (std::size_t p = 0; p < input.pairs.size(); ++p) {
    if (half[p] == which) out.pairs.push_back(input.pairs[p]);
  }
  return out;
}

Result<HoldOut, std::string> hold_out(const PathFitInput& input, std::uint64_t seed) {
  const std::vector<bool> half = seeded_half(input.pairs, seed);
  const PathFitInput fitted_to = half_of(input, half, true), held = half_of(input, half, false);
  const auto fit = fit_paths(fitted_to, {seed, 0});
  if (!fit) return Fail{fit.error()};
  PathParameters parameters = fit->parameters;
  parameters.ends = fit->known;
  parameters.changes_per_day = 0.0;  // what was measured is the least of a time, on the best route of it
  const ParametricPaths paths{std::move(parameters)};
  const std::size_t networks = std::max<std::size_t>(3, kDrawn / std::max<std::size_t>(1, held.pairs.size()));

  Samples all;
  std::array<Samples, std::size(kBands)> by_band;
  const std::vector<double> ends = step_ends(held.pairs);
  std::vector<Samples> by_step(ends.size());
  std::vector<std::vector<double>> step_km(ends.size());
  const auto step_of = [&](const FitPair& pair) {
    return static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), pair.km) - ends.begin());
  };
  const auto note = [&](std::vector<double> Samples::*kind, const FitPair& pair, double ms) {
    const double value = pair.km < kNearKm ? ms : ms / (pair.km * kFibreMsPerKm);
    if (pair.km >= kNearKm) {
      (all.*kind).push_back(value);
      (by_step[step_of(pair)].*kind).push_back(value);
    }
    for (std::size_t b = 0; b < std::size(kBands); ++b) {
      if (kBands[b].from <= pair.km && pair.km < kBands[b].to) (by_band[b].*kind).push_back(value);
    }
  };
  for (const FitPair& pair : fitted_to.pairs) note(&Samples::fitted_half, pair, pair.min_ms);
  for (const FitPair& pair : held.pairs) {
    note(&Samples::measured, pair, pair.min_ms);
    if (pair.km >= kNearKm) step_km[step_of(pair)].push_back(pair.km);
    const PathEnd a{input.ends[pair.a].name, input.ends[pair.a].place};
    const PathEnd b{input.ends[pair.b].name, input.ends[pair.b].place};
    for (std::size_t network = 1; network <= networks; ++network)
      note(&Samples::simulated, pair, paths.least_round_trip_ms(network, a, b, Nanoseconds{0}));
  }
  if (all.measured.empty() || all.fitted_half.empty())
    return Fail{std::string{"has no pair of 100 km or more to hold out"}};
  HoldOut out;
  out.ratio = quantiles_of("from 100 km on", all);
  for (std::size_t b = 0; b < std::size(kBands); ++b) {
    if (by_band[b].measured.empty() || by_band[b].fitted_half.empty()) continue;
    out.bands.push_back(quantiles_of(kBands[b].name, by_band[b]));
  }
  for (std::size_t s = 0; s < by_step.size(); ++s) {
    if (by_step[s].measured.empty() || by_step[s].fitted_half.empty()) continue;
    std::sort(step_km[s].begin(), step_km[s].end());
    out.steps.push_back({sorted_quantile(step_km[s], 0.5), quantiles_of("", by_step[s])});
  }
  out.measured = std::move(all.measured);
  out.simulated = std::move(all.simulated);
  return out;
}

}  // namespace chiploc
