#include "server/anchor/report.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "proto/crypto/ticket_seal.hpp"
#include "proto/v1/anchor_service.pb.h"
#include "server/net/endpoint.hpp"

namespace chiploc {
namespace {

std::string text(Bytes bytes) { return string_of(bytes); }

ByteVector serialised(const v1::AnchorMessage& message) {
  ByteVector out(message.ByteSizeLong());
  message.SerializeToArray(out.data(), static_cast<int>(out.size()));
  return out;
}

v1::StampSource source_of(StampSource source) {
  switch (source) {
    case StampSource::kKernelBoth:
      return v1::STAMP_SOURCE_KERNEL_BOTH;
    case StampSource::kKernelReceive:
      return v1::STAMP_SOURCE_KERNEL_RECEIVE;
    case StampSource::kUserBoth:
      return v1::STAMP_SOURCE_USER_BOTH;
    case StampSource::kHardware:
      return v1::STAMP_SOURCE_HARDWARE;
    case StampSource::kSimulated:
      return v1::STAMP_SOURCE_SIMULATED;
  }
  return v1::STAMP_SOURCE_UNSPECIFIED;
}

using CountsByReason = google::protobuf::Map<std::uint32_t, std::uint32_t>;
void fill(const RejectCounts& counts, CountsByReason& out) {
  for (std::size_t reason = 1; reason < counts.size(); ++reason) {
    if (counts[reason] != 0) out[static_cast<std::uint32_t>(reason)] = counts[reason];
  }
}

void fill(const RoundTrail& trail, v1::ReportBody::Trail& out) {
  out.set_knocks(trail.knocks);
  out.set_proofs(trail.proofs);
  out.set_proofs_refused(trail.proofs_refused);
  out.set_tickets_sent(trail.tickets_sent);
  out.set_opens(trail.opens);
  fill(trail.rejects_received, *out.mutable_rejects_received());
}

v1::SessionReport session_of(const SessionAccount& account) {
  v1::SessionReport out;
  out.set_agent_public(text(account.agent_public.bytes));
  out.set_session_id(text(account.session.bytes));
  out.set_transcript(text(account.transcript));
  out.set_finished(account.finished);
  out.set_pings_sent(account.pings_sent);
  out.set_samples_discarded(account.samples_discarded);
  out.set_peer_address(endpoint_text(account.peer));
  out.set_opening(text(account.opening));
  for (const ReportedSample& from : account.samples) {
    v1::Sample* const sample = out.add_samples();
    sample->set_sequence(from.sequence);
    sample->set_rtt_ns(from.sample.rtt.count());
    sample->set_bracket_ns(from.sample.bracket.count());
    sample->set_residence_ns(from.residence_ns);
    sample->set_sent_ns(from.sent.count());
    sample->set_received_ns(from.received.count());
    sample->set_source(source_of(from.sample.source));
  }
  return out;
}

/// What is signed: the same bytes for the same account, its map of rejects in the order of their reasons.
std::string body_of(const google::protobuf::Message& body) {
  std::string out;
  google::protobuf::io::StringOutputStream stream{&out};
  {
    google::protobuf::io::CodedOutputStream coded{&stream};
    coded.SetSerializationDeterministic(true);
    body.SerializeToCodedStream(&coded);
  }
  return out;
}

}  // namespace

Result<ByteVector, KeyFault> report_message(const RoundReport& report, const ReportIdentity& identity,
                                            const Signer& key) {
  v1::ReportBody body;
  body.set_round_id(text(report.round.bytes));
  body.set_anchor_id(text(identity.anchor.bytes));
  body.set_ticket(text(report.ticket));
  for (const SessionAccount& account : report.sessions) *body.add_sessions() = session_of(account);
  body.set_reported_unix_ns(report.reported.since_epoch.count());
  body.set_software_version(identity.software_version);
  fill(report.rejects, *body.mutable_rejects());
  fill(report.trail, *body.mutable_trail());
  v1::AnchorMessage message;
  v1::SignedReport& signed_report = *message.mutable_report();
  signed_report.set_body(body_of(body));
  const auto signature = sign_report(bytes_of(signed_report.body()), key);
  if (!signature) return Fail{signature.error()};
  signed_report.set_signature(text(signature->bytes));
  return serialised(message);
}

Result<ByteVector, KeyFault> mesh_message(const MeshWindow& window, const ReportIdentity& identity,
                                          const Signer& key) {
  v1::MeshBody body;
  body.set_anchor_id(text(identity.anchor.bytes));
  body.set_window_end_unix_ns(window.end.since_epoch.count());
  for (const MeshPair& from : window.pairs) {
    v1::MeshBody::Pair* const pair = body.add_pairs();
    pair->set_peer_id(text(from.peer.bytes));
    pair->set_sent(from.sent);
    pair->set_received(from.received);
    if (from.received == 0) continue;
    pair->set_rtt_min_ns(from.rtt_min.count());
    pair->set_rtt_median_ns(from.rtt_median.count());
    pair->set_source(source_of(from.source));
  }
  v1::AnchorMessage message;
  v1::SignedMesh& signed_mesh = *message.mutable_mesh();
  signed_mesh.set_body(body_of(body));
  const auto signature = sign_mesh_report(bytes_of(signed_mesh.body()), key);
  if (!signature) return Fail{signature.error()};
  signed_mesh.set_signature(text(signature->bytes));
  return serialised(message);
}

ByteVector statement_message(const RoundId& round, Bytes statement) {
  v1::AnchorMessage message;
  message.mutable_statement()->set_round_id(text(round.bytes));
  message.mutable_statement()->set_statement(text(statement));
  return serialised(message);
}

v1::AnchorMessage knock_notes_message(const KnockTally::Taken& taken) {
  v1::AnchorMessage message;
  v1::KnockNotes& out = *message.mutable_knocks();
  out.set_left_out(taken.left_out);
  for (const KnockNote& from : taken.notes) {
    v1::KnockNotes::Note& note = *out.add_notes();
    note.set_chip_id(text(from.chip.bytes));
    note.set_age_ms(static_cast<std::uint32_t>(from.age / std::chrono::milliseconds{1}));
    note.set_knocks(from.knocks);
    note.set_knocks_elsewhere(from.elsewhere);
    note.set_proofs_refused(from.proofs_refused);
  }
  return message;
}

ByteVector knock_message(const KnockRecord& knock, const ReportIdentity& identity) {
  v1::AnchorMessage message;
  v1::KnockSeen& seen = *message.mutable_knock();
  seen.set_chip_id(text(knock.chip.bytes));
  seen.set_anchor_id(text(identity.anchor.bytes));
  seen.set_proof(text(knock.proof));
  seen.set_seen_unix_ns(knock.seen.since_epoch.count());
  seen.set_peer_address(endpoint_text(knock.peer));
  return serialised(message);
}

}  // namespace chiploc
