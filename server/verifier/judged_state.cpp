#include "server/verifier/judged_state.hpp"

#include "geo/path_bound.hpp"

namespace chiploc {

std::string_view reason_code_of(TerritoryFinding finding) {
  switch (finding) {
    case TerritoryFinding::kNothingExcluded:
      return "too_few_perspectives";
    case TerritoryFinding::kContradiction:
      return "evidence_contradicts";
    case TerritoryFinding::kUndrawn:
      return "no_drawn_land";
    case TerritoryFinding::kInside:
      return "inside_licence";
    case TerritoryFinding::kOutside:
      return "outside_licence";
    case TerritoryFinding::kProhibited:
      return "inside_prohibited";
    case TerritoryFinding::kCleared:
      return "outside_prohibited";
    case TerritoryFinding::kWithheld:
      return "finding_withheld";
    case TerritoryFinding::kOpen:
      break;
  }
  return "could_be_prohibited";
}

std::optional<Kilometers> proved_radius(Nanoseconds rtt_min, const Policy& policy) {
  return path_bound(rtt_min + oscillator_allowance(rtt_min), policy.speed);
}

bool trusts_the_key(VerdictState state) {
  return state == VerdictState::kVerified || state == VerdictState::kCleared;
}

bool accuses(VerdictState state) {
  return state == VerdictState::kOutside || state == VerdictState::kProhibited ||
         state == VerdictState::kInvalid;
}

unsigned faults_asked(VerdictState state, const Policy& policy) {
  if (accuses(state)) return policy.faults_to_accuse();
  return trusts_the_key(state) ? policy.faults_to_clear() : policy.fault_budget;
}

JudgedRegion judge_by_kind(const std::vector<AnchorBound>& bounds, const Policy& policy,
                           const TerritoryJudge& judge) {
  JudgedRegion out{policy.fault_budget, Region::from_bounds(bounds, policy.fault_budget), {}};
  out.judgement = judge.judge(out.region);
  const TerritoryFinding first = out.judgement.finding;
  const VerdictState state = state_of(first);
  const unsigned asked = faults_asked(state, policy);
  if (asked == policy.fault_budget) return out;
  out = {asked, Region::from_bounds(bounds, asked), {}, first};
  out.judgement = judge.judge(out.region);
  const VerdictState larger = state_of(out.judgement.finding);
  if ((accuses(state) && trusts_the_key(larger)) || (trusts_the_key(state) && accuses(larger)))
    out.judgement.finding = TerritoryFinding::kWithheld;
  return out;
}

JudgedState judge_state(const MeasuredRound& round, const Policy& policy, const TerritoryJudge& judge) {
  const JudgedRegion judged = judge_by_kind(round.bounds, policy, judge);
  const TerritoryFinding finding = judged.judgement.finding;
  JudgedState out{state_of(finding), reason_code_of(finding)};
  if (!trusts_the_key(out.state) || !round.seen_before) return out;
  const auto extent = judged.region.extent();
  if (!extent) return out;
  if (impossible_travel({{}, *extent, round.began, round.decided, {}}, *round.seen_before))
    out = {VerdictState::kUnresolved, "impossible_travel"};
  return out;
}

}  // namespace chiploc
