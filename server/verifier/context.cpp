#include "server/verifier/context.hpp"

#include <algorithm>
#include <cassert>

#include "geo/borders/border_table.hpp"
#include "proto/crypto/digest.hpp"

namespace chiploc {

void complete(RoundContext& context, const Borders& borders) {
  context.software_version = CHIPLOC_VERSION;
  context.device_certificate = sha256(context.certificate);
  context.policy_sha256 = digest_of(context.policy);
  context.borders_version = borders.version();
  context.borders_sha256 = borders_digest();
  context.explained_by = kExplained;
}

const Digest& borders_digest() {
  static const Digest digest = sha256(embedded_border_bytes());
  return digest;
}

RoundEvidenceBytes evidence_bytes(const RoundContext& context, const RoundEvidence& evidence) {
  RoundEvidenceBytes out{.round = context.round,
                         .chip = context.chip,
                         .coordinator = coordinator_id_of(context.coordinator_key).value(),
                         .device_key = context.device_key,
                         .device_certificate = context.device_certificate,
                         .tickets = {},
                         .close_order = evidence.close_order,
                         .reports = evidence.reports,
                         .statements = evidence.statements,
                         .last_accepted = context.last_accepted,
                         .counters_begun = context.counters_begun,
                         .fault_budget = context.policy.fault_budget,
                         .faults_to_accuse = context.policy.faults_to_accuse(),
                         .certificate_fault = context.certificate_fault,
                         .realm = context.realm,
                         .first_words = context.explained_by <= kExplainedFirst};
  for (const Ticket& ticket : evidence.tickets) {
    const auto anchor = std::find_if(context.anchors.begin(), context.anchors.end(),
                                     [&](const AnchorFacts& a) { return a.id == ticket.anchor; });
    assert(anchor != context.anchors.end());
    if (anchor != context.anchors.end()) out.tickets.push_back({ticket, *anchor});
  }
  return out;
}

std::optional<Reason> refuse_statement(Bytes raw, const RoundContext& context,
                                       const std::optional<CloseOrder>& close_order) {
  return refuse_statement(raw, evidence_bytes(context, {.tickets = {}, .close_order = close_order}));
}

}  // namespace chiploc
