#include "server/eval/fix.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "geo/geodesic.hpp"
#include "geo/path_bound.hpp"
#include "geo/region.hpp"
#include "server/eval/digest.hpp"

namespace chiploc {
namespace {

constexpr double kCredible = 0.95;

/// Up, so that the conversion never shortens a bound.
std::chrono::nanoseconds to_nanoseconds(double ms) {
  return std::chrono::nanoseconds{static_cast<std::int64_t>(std::ceil(ms * 1e6))};
}

ClaimOutcome outcome_of(VerdictState state, const std::optional<PlaceEstimate>& estimate,
                        CountryCode licensed) {
  return {state, estimate ? estimate->probability(licensed) : 0.0, estimate.has_value()};
}

}  // namespace

Kilometers uncertainty_of(const EvalNode& node, const FixOptions& options) {
  return Kilometers{std::max(node.uncertainty_km, options.anchor_uncertainty.km())};
}

RttMesh mesh_of(const RttSet& set, const std::vector<std::size_t>& anchors) {
  RttMesh mesh;
  for (const std::size_t a : anchors) {
    mesh.places.push_back(set.nodes[a].place);
    for (const std::size_t b : anchors) mesh.rtt_ms.push_back(set.rtt_ms(a, b));
  }
  return mesh;
}

CaseOutcome run_case(const RttSet& set, const std::vector<std::size_t>& anchors, std::size_t target,
                     const TargetClaims& claims, const PlaceEstimator& estimator, const Borders& borders,
                     const FixOptions& options) {
  using Clock = std::chrono::steady_clock;
  const LatLon truth = set.nodes[target].place;
  std::vector<double> rtt_ms;
  for (const std::size_t anchor : anchors) rtt_ms.push_back(set.rtt_ms(anchor, target) + options.added_ms);
  const auto claim = [&](CountryCode country) {
    return TerritoryJudge{Claim{"", {country}, options.prohibited, true}, borders};
  };
  const TerritoryJudge own = claim(claims.own);

  const auto started = Clock::now();
  std::vector<AnchorBound> bounds;
  for (std::size_t i = 0; i < anchors.size(); ++i) {
    if (std::isnan(rtt_ms[i])) continue;
    const auto radius = path_bound(to_nanoseconds(rtt_ms[i]), options.speed);
    if (!radius) continue;  // cannot be: the reader lets no negative round trip pass
    const EvalNode& anchor = set.nodes[anchors[i]];
    bounds.push_back(
        {anchor.place, uncertainty_of(anchor, options), *radius, static_cast<std::uint32_t>(bounds.size())});
  }
  const Region region = Region::from_bounds(bounds, options.faults);
  const TerritoryJudgement judgement = own.judge(region);
  const auto estimate = estimator.estimate(rtt_ms, region.empty() ? nullptr : &region);
  const std::chrono::duration<double, std::micro> took = Clock::now() - started;

  CaseOutcome out;
  out.target = target;
  out.anchors = static_cast<unsigned>(bounds.size());
  const double off_km = set.nodes[target].uncertainty_km;
  out.region_contains_truth = region.contains(truth) || (off_km > 0.0 && !region.empty() &&
                                                         region.inflated(Kilometers{off_km}).contains(truth));
  out.own_open = claims.own_open;
  out.met.assign(judgement.met.begin(), judgement.met.end());
  out.true_claim = outcome_of(state_of(judgement.finding), estimate, claims.own);
  for (const FalseClaim& other : claims.others) {
    const auto finding = claim(other.country).judge(region, judgement.met);
    out.false_claims.push_back(outcome_of(state_of(finding), estimate, other.country));
  }
  if (estimate) {
    out.error_km = geodesic_distance(estimate->place, truth).km();
    out.judged = country_judged(estimate->place, borders);
    out.credible95_covers = estimate->in_credible(truth, kCredible);
    out.credible_level = estimate->credible_level(truth);
    out.common_delay_ms = estimate->common_delay_ms;
    if (options.weigh_relay) out.relay = estimator.suspect_relay(rtt_ms, region.empty() ? nullptr : &region);
  }
  out.border_km = claims.border_km();
  out.fix_us = took.count();
  out.digest = digest_of(region, out);
  return out;
}

}  // namespace chiploc
