#include "server/verifier/policy_trial.hpp"

#include <algorithm>
#include <cmath>

#include "proto/crypto/digest.hpp"
#include "server/policy/canonical.hpp"
#include "server/verifier/evidence.hpp"

namespace chiploc {
namespace {

using TrialKind = TrialOutcome::Kind;

// A fleet has some hundred licences at a time; what is beyond is read again.
constexpr std::size_t kClaimsKept = 4'096;
constexpr std::size_t kAreasKept = 4'096;

TrialOutcome cannot_try(std::string why) {
  TrialOutcome out;
  out.why = std::move(why);
  return out;
}

bool parse_stored(Bytes bytes, google::protobuf::Message& out) {
  return out.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

bool is_state(int state) {
  return state >= static_cast<int>(VerdictState::kVerified) &&
         state <= static_cast<int>(VerdictState::kInvalid);
}

std::string first_reason(const v1::Finding& finding) {
  return finding.reasons().empty() ? std::string{} : finding.reasons(0).code();
}

/// Whether as many reports at odds with the statement may be another outcome by this policy: how many there were
/// the record does not say, only whether more than `before` allows.
bool budget_decides_evidence(const v1::Finding& finding, const Policy& before, const Policy& now) {
  const auto has = [&finding](std::string_view code) {
    return std::any_of(finding.reasons().begin(), finding.reasons().end(),
                       [code](const v1::Reason& r) { return r.code() == code; });
  };
  if (has("transcript_disputed"))
    return now.fault_budget > before.fault_budget || now.faults_to_accuse() < before.faults_to_accuse();
  if (now.fault_budget < before.fault_budget && has("transcript_dropped")) return true;
  return now.faults_to_accuse() > before.faults_to_accuse() && first_reason(finding) == "transcript_mismatch";
}

std::optional<LatLon> place_of(const v1::Position& at) {
  return LatLon::from_degrees({.lat = at.lat_deg(), .lon = at.lon_deg()});
}

/// One for each of the record's anchors; nullopt where the two do not fit each other.
std::optional<std::vector<AnchorBound>> bounds_of_record(const v1::RoundContext& context,
                                                         const v1::Sealed& sealed, const Policy& policy) {
  std::vector<Affiliation> affiliations;
  std::vector<const v1::RoundContext::Anchor*> facts;
  for (const v1::Sealed::Anchor& anchor : sealed.anchors()) {
    const auto known = std::find_if(context.anchors().begin(), context.anchors().end(),
                                    [&](const auto& a) { return a.id() == anchor.id(); });
    if (known == context.anchors().end()) return std::nullopt;
    facts.push_back(&*known);
    affiliations.push_back({known->operator_name(), known->network()});
  }
  const auto perspectives = number_perspectives(affiliations);
  std::vector<AnchorBound> out;
  for (std::size_t i = 0; i < facts.size(); ++i) {
    const v1::Sealed::Anchor& anchor = sealed.anchors(static_cast<int>(i));
    if (!anchor.used()) continue;
    const auto place = place_of(facts[i]->place());
    const auto radius = proved_radius(Nanoseconds{anchor.rtt_min_ns()}, policy);
    const double uncertainty = facts[i]->uncertainty_km();
    if (!place || !std::isfinite(uncertainty) || uncertainty < 0.0) return std::nullopt;
    if (radius) out.push_back({*place, Kilometers{uncertainty}, *radius, perspectives[i]});
  }
  return out;
}

std::optional<Sighting> sighting_before(const v1::RoundContext& context) {
  if (!context.has_seen_before()) return std::nullopt;
  const v1::RoundContext::Sighting& seen = context.seen_before();
  const auto centre = place_of(seen.centre());
  if (!centre || !std::isfinite(seen.radius_km())) return std::nullopt;
  return Sighting{{},
                  {*centre, Kilometers{seen.radius_km()}, 0.0},
                  WallTime{Nanoseconds{seen.from_unix_ns()}},
                  WallTime{Nanoseconds{seen.to_unix_ns()}},
                  {}};
}

template <class Codes>
bool read_claim_codes(const Codes& in, std::vector<CountryCode>& out) {
  for (const std::string& one : in) {
    const auto code = CountryCode::from_text(one);
    if (!code) return false;
    out.push_back(*code);
  }
  return true;
}

}  // namespace

PolicyTrial::PolicyTrial(Policy policy, const ReplayBorders& borders, AreaSource areas)
    : policy_{std::move(policy)}, borders_{borders}, sources_{std::move(areas)} {}

TrialOutcome PolicyTrial::judge(Bytes context_bytes, Bytes record_bytes) {
  if (context_bytes.empty() || record_bytes.empty())
    return cannot_try("the round is of before contexts were stored");
  v1::VerdictRecord record;
  v1::RoundContext context;
  if (!parse_stored(record_bytes, record) || !is_state(record.finding().state()))
    return cannot_try("its record cannot be read");
  if (!same_bytes(bytes_of(record.context_sha256()), sha256(context_bytes).bytes))
    return cannot_try("its context is not the one that was judged");
  if (!parse_stored(context_bytes, context)) return cannot_try("its context cannot be read");
  if (!same_bytes(bytes_of(context.borders_sha256()), borders_.sha256.bytes))
    return cannot_try("it was judged by other borders than this program has");
  TrialOutcome out;
  out.was = static_cast<VerdictState>(record.finding().state());
  const auto before = policy_from(context.policy());
  if (!before) return cannot_try("its context cannot be read");
  if (budget_decides_evidence(record.finding(), *before, policy_)) {
    out.kind = TrialKind::kNeedsEvidence;
    return out;
  }
  out.kind = TrialKind::kJudged;
  out.is = out.was;
  out.reason = first_reason(record.finding());
  const auto& anchors = record.sealed().anchors();
  const bool measured = out.was != VerdictState::kSilent && out.was != VerdictState::kInvalid &&
                        std::any_of(anchors.begin(), anchors.end(), [](const auto& a) { return a.used(); });
  return measured ? judge_measured(std::move(out), context, record) : out;
}

TrialOutcome PolicyTrial::judge_measured(TrialOutcome out, const v1::RoundContext& context,
                                         const v1::VerdictRecord& record) {
  std::string why;
  const TerritoryJudge* judge = judge_of(context.claim(), why);
  if (judge == nullptr) return cannot_try(std::move(why));
  auto bounds = bounds_of_record(context, record.sealed(), policy_);
  if (!bounds) return cannot_try("its record does not fit its context");
  const JudgedState judged = judge_state({.bounds = std::move(*bounds),
                                          .began = WallTime{Nanoseconds{context.intent_unix_ns()}},
                                          .decided = WallTime{Nanoseconds{record.decided_unix_ns()}},
                                          .seen_before = sighting_before(context)},
                                         policy_, *judge);
  out.is = judged.state;
  out.reason = judged.reason;
  return out;
}

TrialOutcome PolicyTrial::outcome_of(Bytes record_bytes, const ReplayOutcome& replayed) {
  v1::VerdictRecord record;
  if (!parse_stored(record_bytes, record) || !is_state(record.finding().state()))
    return cannot_try("its record cannot be read");
  if (replayed.kind == ReplayOutcome::Kind::kWrongDigest)
    return cannot_try("what is stored is not what was judged");
  if (!replayed.judged) return cannot_try(replayed.why);
  TrialOutcome out;
  out.kind = TrialKind::kJudged;
  out.was = static_cast<VerdictState>(record.finding().state());
  out.is = static_cast<VerdictState>(replayed.judged->finding().state());
  out.reason = first_reason(replayed.judged->finding());
  return out;
}

const TerritoryJudge* PolicyTrial::judge_of(const v1::RoundContext::Claim& in, std::string& why) {
  std::string key = in.SerializeAsString();
  if (const auto known = judges_.find(key); known != judges_.end()) return &known->second;
  Claim claim{.licence = in.licence(), .licensed = {}, .prohibited = {}, .in_force = in.in_force()};
  const auto read_areas = [&](const auto& named, std::vector<NamedArea>& areas) {
    for (const v1::NamedDigest& one : named) {
      const auto digest = Digest::from_bytes(bytes_of(one.sha256()));
      auto drawn = digest ? area(*digest) : nullptr;
      if (!drawn) return false;
      areas.push_back({one.name(), std::move(drawn), *digest});
    }
    return true;
  };
  if (!read_claim_codes(in.licensed(), claim.licensed) ||
      !read_claim_codes(in.prohibited(), claim.prohibited)) {
    why = "its context cannot be read";
    return nullptr;
  }
  if (!read_areas(in.licensed_areas(), claim.licensed_areas) ||
      !read_areas(in.prohibited_areas(), claim.prohibited_areas)) {
    why = "the drawing of an area that it names is not at hand, or not the one of then";
    return nullptr;
  }
  if (judges_.size() >= kClaimsKept) judges_.clear();
  return &judges_.emplace(std::move(key), TerritoryJudge{claim, borders_.borders}).first->second;
}

std::shared_ptr<const Area> PolicyTrial::area(const Digest& digest) {
  std::string key{string_of(digest.bytes)};
  if (const auto known = areas_.find(key); known != areas_.end()) return known->second;
  const auto text = sources_(digest);
  if (!text || sha256(bytes_of(*text)) != digest) return nullptr;
  if (areas_.size() >= kAreasKept) areas_.clear();
  return areas_.emplace(std::move(key), drawn_as_stored(*text)).first->second;
}

}  // namespace chiploc
