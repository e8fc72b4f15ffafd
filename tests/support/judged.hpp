#pragma once
#include "proto/crypto/keys.hpp"
#include "server/verifier/verdict_record.hpp"
#include "server/verifier/verdict_view.hpp"
#include "tests/support/round_maker.hpp"

namespace chiploc::test {

/// A round judged, as most tests look at it: the three parts of its verdict side by side.
struct Judged {
  Judged(Decision made, Explanation told, const VerdictNames& names)
      : decision{std::move(made)},
        explanation{std::move(told)},
        stored{to_record(decision, explanation, names)},
        record{to_verdict(stored)} {}

  Decision decision;
  Explanation explanation;
  v1::VerdictRecord stored;
  v1::Verdict record;  ///< what the API shows

  VerdictState state = decision.finding.state;
  const std::vector<Reason> reasons = decision.finding.reasons;
  const Proof proof = decision.finding.proof;
  const std::optional<Region> region = decision.sealed.region;
  const std::vector<AnchorFinding> anchors = decision.sealed.anchors;
  const std::vector<Kilometers> bounds = decision.sealed.bounds;
  const std::vector<std::string> would_resolve = explanation.would_resolve;
  const std::vector<Resolution> resolutions = explanation.resolutions;
  const WallTime expires = decision.expires;
};

/// The context that this evidence was made in.
inline RoundContext context_for(const RoundEvidenceBytes& evidence, const PublicKey& coordinator,
                                const Claim& claim, const Policy& policy = {}) {
  RoundContext out{
      .realm = evidence.realm, .coordinator_key = coordinator, .device_key = evidence.device_key};
  out.round = evidence.round;
  out.chip = evidence.chip;
  for (const IssuedTicket& issued : evidence.tickets) out.anchors.push_back(issued.anchor);
  out.certificate_fault = evidence.certificate_fault;
  out.last_accepted = evidence.last_accepted;
  out.counters_begun = evidence.counters_begun;
  out.claim = claim;
  out.policy = policy;
  complete(out, Borders::world());
  out.device_certificate = evidence.device_certificate;
  return out;
}

inline RoundEvidence evidence_of(const RoundEvidenceBytes& bytes) {
  RoundEvidence out{.tickets = {},
                    .close_order = bytes.close_order,
                    .reports = bytes.reports,
                    .statements = bytes.statements};
  for (const IssuedTicket& issued : bytes.tickets) out.tickets.push_back(issued.ticket);
  return out;
}

/// `explained_by`: by the rules of then. `known`: the registered anchors.
inline Judged judge(const RoundEvidenceBytes& evidence, const PublicKey& coordinator, const Claim& claim,
                    const Policy& policy = {}, WallTime now = {}, const std::vector<KnownAnchor>& known = {},
                    unsigned explained_by = kExplained) {
  RoundContext context = context_for(evidence, coordinator, claim, policy);
  context.explained_by = explained_by;
  Decision decision = decide(context, evidence_of(evidence), Borders::world(), now);
  Explanation explanation =
      explain(decision, context, Borders::world(), default_delay_model(), nullptr, known);
  return {std::move(decision),
          std::move(explanation),
          {.verdict_id = {}, .round = evidence.round, .chip = evidence.chip}};
}

}  // namespace chiploc::test
