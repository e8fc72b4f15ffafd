#include "server/verifier/decide.hpp"

#include <algorithm>
#include <set>
#include <span>

#include "proto/base/joined.hpp"
#include "proto/crypto/digest.hpp"
#include "server/verifier/judged_state.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kNamed = 8;
constexpr std::size_t kAlternatives = 3;

std::string list_of(const std::vector<CountryCode>& codes, const std::vector<NamedArea>& areas = {}) {
  std::vector<std::string> names;
  names.reserve(areas.size() + codes.size());
  for (const NamedArea& area : areas) names.push_back(area.name);
  for (const CountryCode code : codes) names.push_back(code.text());
  return first_joined(names, " ", kNamed);
}

class Decider {
 public:
  Decider(const CheckedEvidence& evidence, const RoundContext& context, const Borders& borders, WallTime now)
      : context_{context},
        claim_{context.claim},
        policy_{context.policy},
        borders_{borders},
        judge_{context.claim, borders} {
    out_.sealed.anchors = evidence.anchors;
    out_.sealed.bounds.assign(evidence.anchors.size(), Kilometers{0.0});
    out_.decided = now;
    out_.expires = now + policy_.lifetime;
    out_.statement = evidence.statement;
    Finding& finding = out_.finding;
    finding.realm = context.realm;
    finding.speed = policy_.speed;
    finding.speed_name = policy_.speed_name;
    finding.software_version = context.software_version;
    finding.borders_version = context.borders_version;
    finding.policy_version = policy_.version;
    name(claim_.licensed, claim_.licensed_areas, finding.licensed);
    name(claim_.prohibited, claim_.prohibited_areas, finding.prohibited);
  }

  Decision run(const CheckedEvidence& evidence) {
    switch (evidence.outcome) {
      case EvidenceOutcome::kMeasured:
        measure();
        break;
      case EvidenceOutcome::kSilent:
        give_unmeasured(VerdictState::kSilent);
        break;
      case EvidenceOutcome::kInvalid:
        give_unmeasured(VerdictState::kInvalid);
        break;
      case EvidenceOutcome::kUnvouched:
        give_unmeasured(VerdictState::kUnresolved);
        break;
    }
    out_.would_resolve = evidence.would_resolve;
    auto& reasons = out_.finding.reasons;
    reasons.insert(reasons.end(), evidence.reasons.begin(), evidence.reasons.end());
    out_.sighting = sighting_of(out_, context_.round, context_.intent);
    const bool tells_holders = context_.explained_by != kExplainedBefore;
    if (tells_holders) out_.sealed.holders = holders_of(evidence, context_, borders_, out_.decided);
    if (out_.sighting && context_.seen_before &&
        check_travel(out_.finding, out_.would_resolve, *out_.sighting, *context_.seen_before) &&
        tells_holders)
      out_.sealed.holders = travelled_holders(out_, context_);
    return std::move(out_);
  }

 private:
  void name(const std::vector<CountryCode>& codes, const std::vector<NamedArea>& areas,
            std::vector<std::string>& names) {
    for (const CountryCode code : codes) names.push_back(code.text());
    for (const NamedArea& area : areas) {
      names.push_back(area.name);
      out_.finding.areas.emplace_back(area.name, area.geojson_sha256);
    }
  }

  void give_unmeasured(VerdictState state) {
    out_.finding.state = state;
    out_.finding.proof.fault_budget = faults_asked(state, policy_);
    out_.finding.proof.fault_budget_max = out_.finding.proof.fault_budget;
  }

  void measure() {
    collect_bounds();
    const JudgedRegion judged = judge_by_kind(bounds_of(out_.proved), policy_, judge_);
    const Region& region = judged.region;
    out_.judgement = judged.judgement;
    out_.with_fewer = judged.with_fewer;
    out_.finding.state = state_of(judged.judgement.finding);
    out_.sealed.region = region;
    out_.finding.proof = certify(out_.proved, judged.fault_budget, region, judged.judgement, judge_);
    give_reason(judged.judgement, region);
    if (out_.with_fewer && out_.finding.state == VerdictState::kUnresolved &&
        judged.judgement.finding != TerritoryFinding::kWithheld)
      out_.finding.reasons.push_back({"holds_with_fewer_faults", holds_with_fewer()});
    if (!claim_.in_force) {
      out_.finding.reasons.push_back(
          {"licence_not_in_force", "Licence " + claim_.licence +
                                       " is not in force today, so the chip cannot be "
                                       "verified under it wherever it is."});
    }
  }

  void collect_bounds() {
    for (std::size_t i = 0; i < out_.sealed.anchors.size(); ++i) {
      AnchorFinding& anchor = out_.sealed.anchors[i];
      if (!anchor.used) continue;
      const auto radius = proved_radius(anchor.rtt_min, policy_);
      if (!radius) {  // check_evidence lets no such round trip pass; a bound of nothing would be worse
        anchor.used = false;
        anchor.note = "no bound follows from its round trip";
        continue;
      }
      out_.sealed.bounds[i] = *radius;
      out_.proved.push_back({{anchor.anchor.place, anchor.anchor.uncertainty, *radius, anchor.perspective},
                             anchor.anchor.name,
                             anchor.rtt_min});
      out_.proved_by.push_back(i);
    }
  }

  /// By the region's corners alone: what an estimate would add is for the explanation.
  [[nodiscard]] bool anchors_help(const Region& region) const {
    std::vector<LatLon> corners;
    for (const Vec3 point : region.points()) corners.push_back(from_sphere(point));
    return contest_at(corners, borders_).anchors_help;
  }

  [[nodiscard]] static std::string even_if(unsigned faults) {
    if (faults == 0) return "if no perspective is wrong";
    return faults == 1 ? "even if any one perspective is wrong"
                       : "even if any " + std::to_string(faults) + " perspectives are wrong";
  }

  /// Of a state that the policy asks more of than policy.fault_budget.
  [[nodiscard]] std::string holds_with_fewer() const {
    const VerdictState state = state_of(*out_.with_fewer);
    const unsigned asked = out_.finding.proof.fault_budget;
    return std::string{name_of(state)} + " would hold " + even_if(policy_.fault_budget) +
           ". The policy asks of " +
           (accuses(state) ? "an accusation that it holds " + even_if(asked) + " (faults_to_accuse = "
                           : "a clearance that it holds " + even_if(asked) + " (faults_to_clear = ") +
           std::to_string(asked) + ").";
  }

  void give_reason(const TerritoryJudgement& judgement, const Region& region) {
    const unsigned faults = out_.finding.proof.fault_budget;
    const std::string budget = faults == 0 && context_.explained_by <= kExplainedFirst
                                   ? "even if any 0 perspectives are wrong"
                                   : even_if(faults);
    const std::string lands = list_of(out_.finding.proof.countries);
    std::string why;
    switch (judgement.finding) {
      case TerritoryFinding::kNothingExcluded:
        why = "Only " + std::to_string(region.perspectives()) +
              (context_.explained_by > kExplainedSecond
                   ? " independent perspective(s) measured the chip from so near that a place is excluded; "
                   : " independent perspective(s) measured the chip; ") +
              "with a fault budget of " + std::to_string(faults) + " at least " + std::to_string(faults + 1) +
              " are needed to exclude any place.";
        break;
      case TerritoryFinding::kContradiction:
        why = contradiction();
        break;
      case TerritoryFinding::kUndrawn:
        why =
            "The round trips allow no land that the maps draw. Either the chip stands on an islet that they "
            "leave out, or some anchors are wrong about place or time. Nothing is proved about countries; a "
            "licensed area drawn around the site can be verified.";
        break;
      case TerritoryFinding::kInside:
        why = "Every place the round trips allow is in the licensed territory (" +
              held_in(claim_.licensed_areas, region) + "), " + budget + ".";
        break;
      case TerritoryFinding::kOutside:
        why = "No place the round trips allow is in the licensed territory (" +
              list_of(claim_.licensed, claim_.licensed_areas) + "), " + budget + "; they allow " + lands +
              ".";
        break;
      case TerritoryFinding::kProhibited:
        why = "Every place the round trips allow is in prohibited territory (" +
              held_in(claim_.prohibited_areas, region) + "), " + budget + ".";
        break;
      case TerritoryFinding::kCleared:
        why = "No place the round trips allow is in prohibited territory" + exempt() + ", " + budget +
              "; they allow " + lands + ".";
        break;
      case TerritoryFinding::kWithheld:
        why =
            holds_with_fewer() + " Then the round trips allow " + lands +
            (accuses(state_of(*out_.with_fewer)) ? ", licensed land among it: no chip is accused so, "
                                                 : ", of which the contrary follows: no chip is accused, ") +
            "and none is cleared.";
        break;
      case TerritoryFinding::kOpen:
        why = "The round trips allow licensed and prohibited territory alike (" + blocking() +
              (anchors_help(region) ? " cannot be excluded): the nearest anchors are too far away, "
                                      "or the paths to them too long."
                                    : " cannot be excluded): the land there is "
                                      "held or claimed by more than one.");
        break;
    }
    out_.finding.reasons.push_back({std::string{reason_code_of(judgement.finding)}, std::move(why)});
  }

  /// Prohibited in general, but named by the licence, and met by the region: said wherever it is not counted.
  [[nodiscard]] std::string exempt() const {
    std::vector<CountryCode> codes;
    for (const CountryCode code : out_.finding.proof.countries) {
      if (judge_.exempt().contains(code)) codes.push_back(code);
    }
    return codes.empty() ? "" : " other than what the licence names (" + list_of(codes) + ")";
  }

  [[nodiscard]] std::vector<std::string> names_of(const std::vector<std::size_t>& perspectives) const {
    std::vector<std::string> names;
    for (const std::size_t perspective : perspectives) {
      for (const AnchorFinding& anchor : out_.sealed.anchors) {
        if (anchor.used && anchor.perspective == perspective) names.push_back(anchor.anchor.name);
      }
    }
    return names;
  }

  [[nodiscard]] std::string contradiction() const {
    const auto sets = smallest_conflicts(bounds_of(out_.proved), 3);
    const std::string what =
        "The round trips allow no place at all, even within the fault budget: some "
        "anchors are wrong about place or time";
    std::string who = ".";
    if (sets.size() > 1 && context_.explained_by > kExplainedFirst) {
      who = either_of(sets);
    } else if (const auto names = names_of(sets.empty() ? std::vector<std::size_t>{} : sets.front());
               !names.empty()) {
      who = "; without " + joined(names, ", ") + " the others agree.";
    }
    return what + who;
  }

  /// Of several sets as small nothing tells the liars from the honest: whoever reads of one alone accuses it.
  [[nodiscard]] std::string either_of(const std::vector<std::vector<std::size_t>>& sets) const {
    const std::string look =
        " Compare their places in chiploc anchor list with where they stand; chiploc imports says whether "
        "one was changed lately.";
    const auto named = [this](const std::vector<std::size_t>& set) { return joined(names_of(set), " and "); };
    std::set<std::size_t> perspectives;
    for (const ProvedBound& proved : out_.proved) perspectives.insert(proved.bound.perspective);
    if (perspectives.size() == 2) {
      return "; either " + named(sets[0]) + " or " + named(sets[1]) + ", and nothing says which of the two." +
             look;
    }
    const auto some = std::span{sets}.first(std::min(sets.size(), kAlternatives));
    const std::string others =
        sets.size() > some.size() ? " (" + std::to_string(sets.size() - some.size()) + " more such)" : "";
    return "; without " + joined(some, ", or without ", named) + others +
           " the others agree, and nothing says which." + look;
  }

  /// Those areas that hold a region wholly, or the countries that it meets where none does.
  [[nodiscard]] std::string held_in(const std::vector<NamedArea>& areas, const Region& region) const {
    std::vector<std::string> names;
    for (const NamedArea& area : areas) {
      if (area.area->holds(region)) names.push_back(area.name);
    }
    return names.empty() ? list_of(out_.finding.proof.countries) : first_joined(names, " ", kNamed);
  }

  /// Prohibited territories that the region meets.
  [[nodiscard]] std::string blocking() const {
    std::vector<std::string> names;
    for (const TerritoryMargin& margin : out_.finding.proof.margins) {
      if (margin.distance.km() == 0.0) names.push_back(margin.territory);
    }
    return first_joined(names, " ", kNamed);
  }

  const RoundContext& context_;
  const Claim& claim_;
  const Policy& policy_;
  const Borders& borders_;
  TerritoryJudge judge_;
  Decision out_;
};

}  // namespace

EvidenceIndex index_of(const RoundEvidence& evidence) {
  EvidenceIndex out;
  for (const Ticket& ticket : evidence.tickets) out.tickets.push_back(sha256(bytes_of(ticket)));
  if (evidence.close_order) out.close_order = sha256(bytes_of(*evidence.close_order));
  for (const auto& [anchor, report] : evidence.reports) out.reports.emplace_back(anchor, sha256(report));
  for (const ByteVector& statement : evidence.statements) out.statements.push_back(sha256(statement));
  return out;
}

Contest contest_at(const std::vector<LatLon>& places, const Borders& borders) {
  std::set<CountryCode> claimants;
  bool anchors_help = places.empty();
  for (const LatLon place : places) {
    const auto at = borders.claimants_at(place);
    // A corner at sea, or on land that is one state's: no chip is on the first, and anchors exclude the
    // second.
    anchors_help = anchors_help || (at.empty() && borders.country_at(place));
    claimants.insert(at.begin(), at.end());
  }
  return {{claimants.begin(), claimants.end()}, anchors_help || claimants.empty()};
}

Decision decide_checked(const CheckedEvidence& evidence, const RoundContext& context, const Borders& borders,
                        WallTime now) {
  return Decider{evidence, context, borders, now}.run(evidence);
}

Decision decide(const RoundContext& context, const RoundEvidence& evidence, const Borders& borders,
                WallTime now) {
  Decision out = decide_checked(check_evidence(evidence_bytes(context, evidence)), context, borders, now);
  out.judged = index_of(evidence);
  return out;
}

}  // namespace chiploc
