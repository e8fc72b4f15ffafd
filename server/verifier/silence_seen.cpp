// What a silent round left behind: from reports and what was heard beside them to SilenceSeen, and on to the
// record.
#include <algorithm>
#include <bit>
#include <limits>

#include "proto/crypto/ticket_seal.hpp"
#include "proto/v1/evidence.pb.h"
#include "proto/wire/transcript.hpp"
#include "server/verifier/decide.hpp"
#include "server/verifier/silence.hpp"

namespace chiploc {
namespace {

using CountsByReason = google::protobuf::Map<std::uint32_t, std::uint32_t>;

/// A signed report may say anything: sums stay where they are at the end of their range.
void add(std::uint32_t& to, std::uint32_t more) {
  to = more > std::numeric_limits<std::uint32_t>::max() - to ? std::numeric_limits<std::uint32_t>::max()
                                                             : to + more;
}

void add_rejects(const v1::ReportBody& body, SilenceSeen& seen) {
  for (std::uint8_t number = 1; number <= kRejectReasonLast; ++number) {
    const auto count = [number](const CountsByReason& counts) {
      const auto found = counts.find(number);
      return found == counts.end() ? 0U : found->second;
    };
    const std::uint32_t both = count(body.rejects());
    const std::uint32_t theirs = std::min(both, count(body.trail().rejects_received()));
    const auto reason = static_cast<RejectReason>(number);
    if (theirs > 0) add(seen.by_chip[reason], theirs);
    if (both > theirs) add(seen.by_anchors[reason], both - theirs);
  }
}

void add_report(const v1::ReportBody& body, SilenceSeen& seen) {
  ++seen.reported;
  const v1::ReportBody::Trail& trail = body.trail();
  add(seen.knocks, trail.knocks());
  add(seen.proofs, trail.proofs());
  add(seen.proofs_refused, trail.proofs_refused());
  add(seen.tickets_sent, trail.tickets_sent());
  add(seen.opens, trail.opens());
  add_rejects(body, seen);
  for (const v1::SessionReport& session : body.sessions()) {
    add(seen.sessions, 1);
    add(seen.pings, session.pings_sent());
    if (session.finished()) ++seen.finished;
    if (const auto head = parse_transcript(bytes_of(session.transcript())))
      add(seen.answers, static_cast<std::uint32_t>(std::popcount(head->received)));
  }
}

std::optional<v1::ReportBody> signed_body(Bytes raw, const AnchorFacts& anchor) {
  v1::SignedReport envelope;
  v1::ReportBody body;
  if (!envelope.ParseFromArray(raw.data(), static_cast<int>(raw.size())) ||
      !verify_report(bytes_of(envelope.body()), bytes_of(envelope.signature()), anchor.report_key) ||
      !body.ParseFromString(envelope.body()))
    return std::nullopt;
  return body;
}

void fill(const std::map<RejectReason, std::uint32_t>& counts,
          google::protobuf::Map<std::string, std::uint32_t>& out) {
  for (const auto& [reason, count] : counts) out[std::string{name_of(reason)}] = count;
}

}  // namespace

SilenceSeen see_silence(const RoundContext& context, const RoundEvidence& evidence, const Heard& heard) {
  SilenceSeen out;
  out.contact = context.contact.value_or(Contact{});
  out.heard = heard;
  out.anchors = static_cast<unsigned>(evidence.tickets.size());
  out.close_order = evidence.close_order.has_value();
  out.explained_by = context.explained_by;
  out.answered_before = context.last_accepted.has_value();
  out.certificate_fault = context.certificate_fault;
  out.coordinator_key = to_hex(context.coordinator_key.raw_ed25519().value_or(ByteArray<32>{}));
  std::vector<AnchorId> seen;
  for (const auto& entry : evidence.reports) {
    const AnchorId& sender = entry.first;
    const auto facts = std::find_if(context.anchors.begin(), context.anchors.end(),
                                    [&](const AnchorFacts& a) { return a.id == sender; });
    if (facts == context.anchors.end() || std::find(seen.begin(), seen.end(), sender) != seen.end()) continue;
    seen.push_back(sender);
    if (const auto body = signed_body(entry.second, *facts)) add_report(*body, out);
  }
  // Beside the reports: rendezvous anchors need not have a part in the round. Those that have say it twice.
  out.knocks = std::max(out.knocks, heard.knocks);
  out.proofs = std::max(out.proofs, heard.proofs);
  out.proofs_refused = std::max(out.proofs_refused, heard.proofs_refused);
  if (out.explained_by > kExplainedFirst && heard.elsewhere > 0) {
    std::uint32_t& elsewhere = out.by_anchors[RejectReason::kNotForMe];
    elsewhere = std::max(elsewhere, heard.elsewhere);
  }
  return out;
}

std::optional<Silence> explain_silence(const Decision& decision, const RoundContext& context,
                                       const RoundEvidence& evidence, const Heard& heard) {
  if (decision.finding.state != VerdictState::kSilent || !context.contact) return std::nullopt;
  Silence out{see_silence(context, evidence, heard), {}, {}};
  out.step = reached(out.seen);
  out.causes = likely_causes(out.seen);
  return out;
}

v1::Silence to_record(const Silence& silence) {
  const SilenceSeen& seen = silence.seen;
  v1::Silence out;
  out.set_reached(std::string{name_of(silence.step)});
  for (const Reason& cause : silence.causes) {
    v1::Reason& r = *out.add_causes();
    r.set_code(cause.code);
    r.set_text(cause.text);
  }
  out.set_knocks(seen.contact.knocks);
  out.set_waited_ns(seen.contact.wait.count());
  out.set_last_knock_unix_ns(seen.last_knock().since_epoch.count());
  out.set_last_proof_unix_ns(seen.last_proof().since_epoch.count());
  out.set_knocks_every_ns(seen.contact.every.count());
  out.set_anchors(seen.anchors);
  out.set_anchors_reported(seen.reported);
  out.set_anchors_rendezvous(seen.contact.rendezvous);
  out.set_knocks_seen(seen.knocks);
  out.set_proofs_seen(seen.proofs);
  out.set_proofs_refused(seen.proofs_refused);
  out.set_tickets_sent(seen.tickets_sent);
  out.set_opens_seen(seen.opens);
  out.set_sessions(seen.sessions);
  out.set_pings_sent(seen.pings);
  out.set_pings_answered(seen.answers);
  fill(seen.by_chip, *out.mutable_rejects_by_chip());
  fill(seen.by_anchors, *out.mutable_rejects_by_anchors());
  for (const std::string& name : seen.heard.anchors_twice) out.add_anchors_twice(name);
  return out;
}

}  // namespace chiploc
