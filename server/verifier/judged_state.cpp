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

JudgedState judge_state(const MeasuredRound& round, const Policy& policy, const TerritoryJudge& judge) {
  const Region region = Region::from_bounds(round.bounds, policy.fault_budget);
  const TerritoryFinding finding = judge.judge(region).finding;
  JudgedState out{state_of(finding), reason_code_of(finding)};
  if (!trusts_the_key(out.state) || !round.seen_before) return out;
  const auto extent = region.extent();
  if (!extent) return out;
  if (impossible_travel({{}, *extent, round.began, round.decided, {}}, *round.seen_before))
    out = {VerdictState::kUnresolved, "impossible_travel"};
  return out;
}

}  // namespace chiploc
