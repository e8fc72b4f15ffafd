#include "server/eval/soundness.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <mutex>

#include "geo/region.hpp"
#include "server/eval/runner.hpp"

namespace chiploc {
namespace {

constexpr std::uint64_t kBatch = 256;  // rounds handed to a thread at a time

void count(const SimulatedClaim& claim, VerdictState proved, ClaimTally& into) {
  const bool area = !claim.claim.licensed_areas.empty() || !claim.claim.prohibited_areas.empty();
  ++(area ? into.areas : into.countries);
  if (proved != VerdictState::kUnresolved) ++(area ? into.area_proofs : into.country_proofs);
}

}  // namespace

std::optional<std::string> find_unsoundness(const SimulatedRound& round, const Borders& borders,
                                            VerdictState* proved) {
  const Region region = Region::from_bounds(round.bounds, round.faults);
  if (!region.contains(round.truth)) return "the region leaves the truth out";
  if (region.empty()) return "the region holds the truth and is called empty";
  if (round.claim) {  // about a city: the table of cities is the truth, whatever is drawn there
    const VerdictState state = state_of(TerritoryJudge{round.claim->claim, borders}.judge(region).finding);
    if (proved != nullptr) *proved = state;
    return find_false_proof(*round.claim, state);
  }
  const auto country = borders.country_at(round.truth);
  if (country && !borders.meets(region, *country)) {
    return "the region holds the truth and is said not to meet " + country->text() + ", where it is";
  }
  return std::nullopt;
}

SoundnessReport run_soundness(const SoundnessOptions& options, const Borders& borders,
                              const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  const auto started = std::chrono::steady_clock::now();
  SoundnessReport report;
  std::mutex joining;
  const std::uint64_t batches = (options.rounds + kBatch - 1) / kBatch;
  run_on_threads(batches, options.threads, [&](std::size_t batch) {
    const std::uint64_t begin = batch * kBatch;
    const std::uint64_t end = std::min(options.rounds, begin + kBatch);
    std::vector<SoundnessMiss> misses;
    std::uint64_t on_land = 0;
    SessionTally sessions;
    ClaimTally claims;
    for (std::uint64_t i = begin; i < end; ++i) {
      SimulatedRound round = simulate_round(options.seed + i, options.liars);
      if (borders.country_at(round.truth)) ++on_land;
      sessions.add(round.sessions);
      VerdictState proved = VerdictState::kUnresolved;
      auto what = find_unsoundness(round, borders, &proved);
      if (round.claim) count(*round.claim, proved, claims);
      if (what) misses.push_back({std::move(round), std::move(*what)});
    }
    const std::lock_guard lock{joining};
    report.rounds += end - begin;
    report.rounds_on_land += on_land;
    report.misses_total += misses.size();
    report.sessions.add(sessions);
    report.claims.countries += claims.countries;
    report.claims.areas += claims.areas;
    report.claims.country_proofs += claims.country_proofs;
    report.claims.area_proofs += claims.area_proofs;
    std::move(misses.begin(), misses.end(), std::back_inserter(report.misses));
    // Kept: those of the first seeds, in whatever order the batches end.
    std::sort(report.misses.begin(), report.misses.end(),
              [&](const SoundnessMiss& a, const SoundnessMiss& b) {
                return a.round.seed - options.seed < b.round.seed - options.seed;
              });
    if (report.misses.size() > kMissesKept) {
      report.misses.erase(report.misses.begin() + kMissesKept, report.misses.end());
    }
    if (progress) progress(report.rounds, options.rounds);
  });
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return report;
}

std::string describe(const SimulatedRound& round) {
  char line[200];
  std::snprintf(line, sizeof line, "truth %.17g %.17g, faults %u\n", round.truth.lat_deg(),
                round.truth.lon_deg(), round.faults);
  std::string text = line;
  for (const AnchorBound& bound : round.bounds) {
    std::snprintf(line, sizeof line,
                  "  anchor %.17g %.17g, uncertainty %.17g km, radius %.17g km, perspective %u\n",
                  bound.place.lat_deg(), bound.place.lon_deg(), bound.place_uncertainty.km(),
                  bound.radius.km(), static_cast<unsigned>(bound.perspective));
    text += line;
  }
  if (round.claim) text += "  " + round.claim->what + "\n";
  return text;
}

}  // namespace chiploc
