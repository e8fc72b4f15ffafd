#include "server/verifier/verdict.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "geo/geodesic.hpp"
#include "geo/path_bound.hpp"

namespace chiploc {
namespace {

std::string joined(const std::vector<std::string>& names, std::size_t most = 8) {
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < most; ++i) out += (i == 0 ? "" : " ") + names[i];
  if (names.size() > most) out += " and " + std::to_string(names.size() - most) + " more";
  return out;
}
std::string joined(const std::vector<CountryCode>& codes, const std::vector<NamedArea>& areas = {}) {
  std::vector<std::string> names;
  names.reserve(areas.size() + codes.size());
  for (const NamedArea& area : areas) names.push_back(area.name);
  for (const CountryCode code : codes) names.push_back(code.text());
  return joined(names);
}

class Decision {
 public:
  Decision(const CheckedEvidence& evidence, const Claim& claim, const Policy& policy, const Borders& borders,
           const DelayModel& calibration, WallTime now)
      : claim_{claim}, policy_{policy}, borders_{borders}, calibration_{calibration}, judge_{claim, borders} {
    verdict_.anchors = evidence.anchors;
    verdict_.bounds.assign(evidence.anchors.size(), Kilometers{0.0});
    verdict_.residuals_km.assign(evidence.anchors.size(), std::numeric_limits<double>::quiet_NaN());
    verdict_.decided = now;
    verdict_.expires = now + policy.lifetime;
    verdict_.proof.fault_budget = policy.fault_budget;
    verdict_.proof.fault_budget_max = policy.fault_budget;
  }

  Verdict run(const CheckedEvidence& evidence) {
    switch (evidence.outcome) {
      case EvidenceOutcome::kMeasured:
        measure();
        break;
      case EvidenceOutcome::kSilent:
        verdict_.state = VerdictState::kSilent;
        break;
      case EvidenceOutcome::kInvalid:
        verdict_.state = VerdictState::kInvalid;
        break;
      case EvidenceOutcome::kUnvouched:
        verdict_.state = VerdictState::kUnresolved;
        break;
    }
    verdict_.would_resolve.insert(verdict_.would_resolve.end(), evidence.would_resolve.begin(),
                                  evidence.would_resolve.end());
    verdict_.reasons.insert(verdict_.reasons.end(), evidence.reasons.begin(), evidence.reasons.end());
    return std::move(verdict_);
  }

 private:
  void measure() {
    collect_bounds();
    const Region region = Region::from_bounds(bounds_of(proved_), policy_.fault_budget);
    const TerritoryJudgement judgement = judge_.judge(region);
    verdict_.state = state_of(judgement.finding);
    verdict_.region = region;
    estimate();
    const auto guess = verdict_.estimate ? std::optional{verdict_.estimate->place} : std::nullopt;
    verdict_.proof = certify(proved_, policy_.fault_budget, region, judgement, judge_, policy_.speed, guess);
    const bool anchors_help = resolve_contest(region, guess);
    explain(judgement, region, anchors_help);
    if (!claim_.in_force) {
      verdict_.reasons.push_back({"licence_not_in_force", "Licence " + claim_.licence +
                                                              " is not in force today, so the chip cannot be "
                                                              "verified under it wherever it is."});
    }
    if (judgement.finding == TerritoryFinding::kOpen && anchors_help) {
      const auto texts = resolution_texts(verdict_.proof, proved_, judge_, policy_.speed);
      verdict_.would_resolve.insert(verdict_.would_resolve.end(), texts.begin(), texts.end());
    }
    resolve_doubt(judgement);
  }

  /// On contested land no round trip decides. Looks at the region's corners and the estimate; false if all of
  /// them lie on such land, so that anchors are nothing to ask for.
  bool resolve_contest(const Region& region, std::optional<LatLon> guess) {
    if (verdict_.state != VerdictState::kUnresolved && verdict_.state != VerdictState::kCleared) return true;
    std::vector<LatLon> places;
    for (const Vec3 point : region.points()) places.push_back(from_sphere(point));
    if (guess) places.push_back(*guess);
    std::set<CountryCode> claimants;
    bool anchors_help = places.empty();
    for (const LatLon place : places) {
      const auto at = borders_.claimants_at(place);
      // A corner at sea, or on land that is one state's: no chip is on the first, and anchors exclude the
      // second.
      anchors_help = anchors_help || (at.empty() && borders_.country_at(place));
      claimants.insert(at.begin(), at.end());
    }
    if (!claimants.empty()) {
      const std::vector<CountryCode> codes{claimants.begin(), claimants.end()};
      verdict_.would_resolve.push_back(
          "The chip may be on land that more than one of " + joined(codes) +
          " hold or claim: no round trip decides between them. A licence that names all "
          "of them, or an area, does.");
    }
    return anchors_help || claimants.empty();
  }

  /// Codes that the region meets and that a list perhaps means: whoever wrote the list can say.
  void resolve_doubt(const TerritoryJudgement& judgement) {
    const VerdictState state = verdict_.state;
    if (state != VerdictState::kUnresolved && state != VerdictState::kCleared) return;
    for (const CountryCode code : judgement.met) {
      const bool licensed = judge_.perhaps_licensed().contains(code);
      if (!licensed && !judge_.perhaps_prohibited().contains(code)) continue;
      verdict_.would_resolve.push_back(std::string{"Name "} + code.text() + " in the licence or in the " +
                                       "prohibited list: the larger country that the " +
                                       (licensed ? "licence" : "prohibited list") +
                                       " names may or may not mean it.");
    }
  }

  void collect_bounds() {
    for (std::size_t i = 0; i < verdict_.anchors.size(); ++i) {
      AnchorFinding& anchor = verdict_.anchors[i];
      if (!anchor.used) continue;
      const auto radius = path_bound(anchor.rtt_min + oscillator_allowance(anchor.rtt_min), policy_.speed);
      if (!radius) {  // check_evidence lets no such round trip pass; a bound of nothing would be worse
        anchor.used = false;
        anchor.note = "no bound follows from its round trip";
        continue;
      }
      verdict_.bounds[i] = *radius;
      proved_.push_back({{anchor.anchor.place, anchor.anchor.uncertainty, *radius, anchor.perspective},
                         anchor.anchor.name,
                         anchor.rtt_min});
      finding_of_.push_back(i);
    }
  }

  void explain(const TerritoryJudgement& judgement, const Region& region, bool anchors_help) {
    const std::string budget =
        policy_.fault_budget == 1
            ? "even if any one perspective is wrong"
            : "even if any " + std::to_string(policy_.fault_budget) + " perspectives are wrong";
    const std::string lands = joined(verdict_.proof.countries);
    Reason why;
    switch (judgement.finding) {
      case TerritoryFinding::kNothingExcluded:
        why = {"too_few_perspectives", "Only " + std::to_string(region.perspectives()) +
                                           " independent perspective(s) measured the chip; with a fault "
                                           "budget of " +
                                           std::to_string(policy_.fault_budget) + " at least " +
                                           std::to_string(policy_.fault_budget + 1) +
                                           " are needed to exclude any place."};
        break;
      case TerritoryFinding::kContradiction:
        why = contradiction();
        break;
      case TerritoryFinding::kUndrawn:
        why = {
            "no_drawn_land",
            "The round trips allow no land that the maps draw. Either the chip stands on an islet that they "
            "leave out, or some anchors are wrong about place or time. Nothing is proved about countries; a "
            "licensed area drawn around the site can be verified."};
        break;
      case TerritoryFinding::kInside:
        why = {"inside_licence", "Every place the round trips allow is in the licensed territory (" +
                                     held_in(claim_.licensed_areas, region) + "), " + budget + "."};
        break;
      case TerritoryFinding::kOutside:
        why = {"outside_licence", "No place the round trips allow is in the licensed territory (" +
                                      joined(claim_.licensed, claim_.licensed_areas) + "), " + budget +
                                      "; they allow " + lands + "."};
        break;
      case TerritoryFinding::kProhibited:
        why = {"inside_prohibited", "Every place the round trips allow is in prohibited territory (" +
                                        held_in(claim_.prohibited_areas, region) + "), " + budget + "."};
        break;
      case TerritoryFinding::kCleared:
        why = {"outside_prohibited", "No place the round trips allow is in prohibited territory" + exempt() +
                                         ", " + budget + "; they allow " + lands + "."};
        break;
      case TerritoryFinding::kOpen:
        why = {"could_be_prohibited",
               "The round trips allow licensed and prohibited territory alike (" + blocking() +
                   (anchors_help ? " cannot be excluded): the nearest anchors are too far away, "
                                   "or the paths to them too long."
                                 : " cannot be excluded): the land there is held or claimed by more "
                                   "than one.")};
        break;
    }
    verdict_.reasons.push_back(std::move(why));
  }

  /// Prohibited in general, but named by the licence, and met by the region: said wherever it is not counted.
  [[nodiscard]] std::string exempt() const {
    std::vector<CountryCode> codes;
    for (const CountryCode code : verdict_.proof.countries) {
      if (judge_.exempt().contains(code)) codes.push_back(code);
    }
    return codes.empty() ? "" : " other than what the licence names (" + joined(codes) + ")";
  }

  [[nodiscard]] Reason contradiction() const {
    std::string names;
    for (const std::size_t perspective : smallest_conflict(bounds_of(proved_), 3)) {
      for (const AnchorFinding& anchor : verdict_.anchors) {
        if (anchor.used && anchor.perspective == perspective)
          names += (names.empty() ? "" : ", ") + anchor.anchor.name;
      }
    }
    return {"evidence_contradicts",
            "The round trips allow no place at all, even within the fault budget: some anchors are wrong "
            "about place or "
            "time" +
                (names.empty() ? "." : "; without " + names + " the others agree.")};
  }

  /// Those areas that hold a region wholly, or the countries that it meets where none does.
  [[nodiscard]] std::string held_in(const std::vector<NamedArea>& areas, const Region& region) const {
    std::vector<std::string> names;
    for (const NamedArea& area : areas) {
      if (area.area->holds(region)) names.push_back(area.name);
    }
    return names.empty() ? joined(verdict_.proof.countries) : joined(names);
  }

  /// Prohibited territories that the region meets.
  [[nodiscard]] std::string blocking() const {
    std::vector<std::string> names;
    for (const TerritoryMargin& margin : verdict_.proof.margins) {
      if (margin.distance.km() == 0.0) names.push_back(margin.territory);
    }
    return joined(names);
  }

  void estimate() {
    std::vector<FitInput> inputs;
    for (const std::size_t i : finding_of_) {
      const auto distance = calibration_.distance(verdict_.anchors[i].rtt_min);
      inputs.push_back({verdict_.anchors[i].anchor.place, distance.km, distance.sigma_km});
    }
    verdict_.estimate = fit_place(inputs);
    if (!verdict_.estimate) return;
    for (std::size_t i = 0; i < finding_of_.size(); ++i) {
      verdict_.residuals_km[finding_of_[i]] = verdict_.estimate->residuals_km[i];
    }
  }

  const Claim& claim_;
  const Policy& policy_;
  const Borders& borders_;
  const DelayModel& calibration_;
  TerritoryJudge judge_;
  std::vector<ProvedBound> proved_;
  std::vector<std::size_t> finding_of_;  // beside proved_: whose bound it is
  Verdict verdict_;
};

}  // namespace

Verdict decide(const CheckedEvidence& evidence, const Claim& claim, const Policy& policy,
               const Borders& borders, const DelayModel& calibration, WallTime now) {
  return Decision{evidence, claim, policy, borders, calibration, now}.run(evidence);
}

}  // namespace chiploc
