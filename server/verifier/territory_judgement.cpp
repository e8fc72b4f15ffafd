#include "server/verifier/territory_judgement.hpp"

#include <algorithm>

namespace chiploc {
namespace {

TerritoryJudge::Codes drawn(const std::vector<CountryCode>& codes, const Borders& borders) {
  TerritoryJudge::Codes out;
  for (const CountryCode code : codes) {
    if (const auto known = borders.drawn_as(code)) out.insert(*known);
  }
  return out;
}

}  // namespace

std::string_view name_of(VerdictState state) {
  switch (state) {
    case VerdictState::kVerified:
      return "VERIFIED";
    case VerdictState::kCleared:
      return "CLEARED";
    case VerdictState::kUnresolved:
      return "UNRESOLVED";
    case VerdictState::kOutside:
      return "OUTSIDE";
    case VerdictState::kProhibited:
      return "PROHIBITED";
    case VerdictState::kSilent:
      return "SILENT";
    case VerdictState::kInvalid:
      return "INVALID";
  }
  return "UNKNOWN";
}

VerdictState state_of(TerritoryFinding finding) {
  switch (finding) {
    case TerritoryFinding::kInside:
      return VerdictState::kVerified;
    case TerritoryFinding::kOutside:
      return VerdictState::kOutside;
    case TerritoryFinding::kProhibited:
      return VerdictState::kProhibited;
    case TerritoryFinding::kCleared:
      return VerdictState::kCleared;
    case TerritoryFinding::kNothingExcluded:
    case TerritoryFinding::kContradiction:
    case TerritoryFinding::kOpen:
      break;
  }
  return VerdictState::kUnresolved;
}

TerritoryJudge::TerritoryJudge(const Claim& claim, const Borders& borders)
    : borders_{borders},
      licensed_{drawn(claim.licensed, borders)},
      prohibited_{drawn(claim.prohibited, borders)},
      in_force_{claim.in_force} {
  for (const CountryCode code : licensed_) prohibited_.erase(code);
}

TerritoryJudgement TerritoryJudge::judge(const Region& region) const {
  TerritoryJudgement out;
  if (region.is_everything()) return out;
  out.met = borders_.countries_met(region);
  out.finding = judge(region, out.met);
  return out;
}

TerritoryFinding TerritoryJudge::judge(const Region& region, const CountrySet& met) const {
  using F = TerritoryFinding;
  if (region.is_everything()) return F::kNothingExcluded;
  if (region.empty() || !met.meets_land()) return F::kContradiction;
  const auto in = [](const Codes& codes) { return [&codes](CountryCode c) { return codes.contains(c); }; };
  if (in_force_ && std::all_of(met.begin(), met.end(), in(licensed_))) return F::kInside;
  if (std::none_of(met.begin(), met.end(), in(licensed_))) {
    return std::all_of(met.begin(), met.end(), in(prohibited_)) ? F::kProhibited : F::kOutside;
  }
  return std::none_of(met.begin(), met.end(), in(prohibited_)) ? F::kCleared : F::kOpen;
}

}  // namespace chiploc
