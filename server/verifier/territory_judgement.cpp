#include "server/verifier/territory_judgement.hpp"

#include <algorithm>

#include "server/verifier/dependent_codes.hpp"

namespace chiploc {
namespace {

TerritoryJudge::Codes known(const std::vector<CountryCode>& codes, const Borders& borders) {
  TerritoryJudge::Codes out;
  for (const CountryCode code : codes) {
    if (borders.knows(code)) out.insert(code);
  }
  return out;
}

using Areas = std::vector<NamedArea>;
bool held_by_one(const Areas& areas, const Region& region) {
  return std::any_of(areas.begin(), areas.end(), [&](const NamedArea& a) { return a.area->holds(region); });
}
bool met_by_any(const Areas& areas, const Region& region) {
  return std::any_of(areas.begin(), areas.end(), [&](const NamedArea& a) { return a.area->meets(region); });
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
    case TerritoryFinding::kUndrawn:
    case TerritoryFinding::kOpen:
    case TerritoryFinding::kWithheld:
      break;
  }
  return VerdictState::kUnresolved;
}

TerritoryJudge::TerritoryJudge(const Claim& claim, const Borders& borders)
    : borders_{borders},
      licensed_{known(claim.licensed, borders)},
      prohibited_{known(claim.prohibited, borders)},
      perhaps_licensed_{perhaps_named(licensed_, prohibited_)},
      perhaps_prohibited_{perhaps_named(prohibited_, claim.in_force ? licensed_ : Codes{})},
      licensed_areas_{claim.licensed_areas},
      prohibited_areas_{claim.prohibited_areas},
      in_force_{claim.in_force} {
  // A licence that is not in force exempts nothing.
  if (in_force_) {
    for (const CountryCode code : licensed_) {
      if (prohibited_.erase(code) > 0) exempt_.insert(code);
    }
    // An area that is licensed by name is taken off by name: what else lies in it is another question.
    std::erase_if(prohibited_areas_, [&](const NamedArea& area) {
      return std::any_of(licensed_areas_.begin(), licensed_areas_.end(),
                         [&](const NamedArea& licensed) { return licensed.name == area.name; });
    });
  }
  for (const CountryCode code : prohibited_) prohibited_territories_.emplace_back(code, borders);
  for (const CountryCode code : perhaps_prohibited_) prohibited_territories_.emplace_back(code, borders);
  for (const NamedArea& area : prohibited_areas_) prohibited_territories_.emplace_back(area);
}

std::vector<Territory> TerritoryJudge::licensed_territories() const {
  std::vector<Territory> out;
  for (const CountryCode code : licensed_) out.emplace_back(code, borders_);
  for (const CountryCode code : perhaps_licensed_) out.emplace_back(code, borders_);
  for (const NamedArea& area : licensed_areas_) out.emplace_back(area);
  return out;
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
  if (region.empty()) return F::kContradiction;
  const auto all_in = [&met](const Codes& codes) {
    return std::all_of(met.begin(), met.end(), [&codes](CountryCode c) { return codes.contains(c); });
  };
  const auto any_in = [&met](const Codes& codes) {
    return std::any_of(met.begin(), met.end(), [&codes](CountryCode c) { return codes.contains(c); });
  };
  if (in_force_ && held_by_one(licensed_areas_, region)) return F::kInside;
  const bool meets_licensed_area = met_by_any(licensed_areas_, region);
  const bool meets_licensed = any_in(licensed_) || any_in(perhaps_licensed_) || meets_licensed_area;
  // Only a licence that is in force takes anything off a prohibition: its land is still what OUTSIDE is
  // about, but a chip on prohibited land is where it is.
  const bool area_exempt = in_force_ && meets_licensed_area;
  if (!area_exempt && held_by_one(prohibited_areas_, region)) return F::kProhibited;
  // The islet that the chip stands on may be anybody's.
  if (!met.meets_land()) return F::kUndrawn;
  const bool meets_prohibited_area = met_by_any(prohibited_areas_, region);
  if (in_force_ && all_in(licensed_) && !meets_prohibited_area) return F::kInside;
  const bool exempt = in_force_ && meets_licensed;
  if (!exempt && all_in(prohibited_)) return F::kProhibited;
  if (!meets_licensed) return F::kOutside;
  const bool may_be_prohibited = any_in(prohibited_) || any_in(perhaps_prohibited_) || meets_prohibited_area;
  return may_be_prohibited ? F::kOpen : F::kCleared;
}

}  // namespace chiploc
