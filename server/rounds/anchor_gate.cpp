#include "server/rounds/anchor_gate.hpp"

#include <unordered_set>

#include "proto/crypto/certificate.hpp"
#include "proto/crypto/ticket_seal.hpp"
#include "proto/wire/datagram.hpp"

namespace chiploc {
namespace {

ByteVector vector_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

/// What the round machine wants to know of a report. Its samples are judged later, and nothing is decided
/// with this: a report that lies here only makes the close order name its own anchor.
ReportSummary summary_of(const v1::ReportBody& body) {
  ReportSummary out;
  for (const v1::SessionReport& session : body.sessions()) {
    if (session.finished()) ++out.finished_sessions;
    for (const v1::Sample& sample : session.samples()) {
      const Nanoseconds rtt{sample.rtt_ns()};
      if (out.rtt_min == Nanoseconds{0} || rtt < out.rtt_min) out.rtt_min = rtt;
    }
  }
  return out;
}

Result<ReportIn, Dropped> check_report(const v1::SignedReport& report, const AnchorId& anchor,
                                       const PublicKey& key) {
  if (!verify_report(bytes_of(report.body()), bytes_of(report.signature()), key))
    return Fail{Dropped::kSignature};
  v1::ReportBody body;
  if (!body.ParseFromString(report.body())) return Fail{Dropped::kUnreadable};
  const auto round = RoundId::from_bytes(bytes_of(body.round_id()));
  if (!round) return Fail{Dropped::kUnreadable};
  if (!same_bytes(anchor.bytes, bytes_of(body.anchor_id()))) return Fail{Dropped::kForeign};
  return ReportIn{*round, summary_of(body), vector_of(bytes_of(report.SerializeAsString()))};
}

Result<StatementIn, Dropped> check_statement(const v1::StatementSeen& seen) {
  const auto round = RoundId::from_bytes(bytes_of(seen.round_id()));
  if (!round || seen.statement().empty()) return Fail{Dropped::kUnreadable};
  if (seen.statement().size() > kStatementMax) return Fail{Dropped::kTooLarge};
  return StatementIn{*round, vector_of(bytes_of(seen.statement()))};
}

Result<StoredKnock, Dropped> check_knock(const v1::KnockSeen& knock, const AnchorId& anchor,
                                         const Registry& registry) {
  const auto chip = ChipId::from_bytes(bytes_of(knock.chip_id()));
  const auto proof = parse_knock_proof(bytes_of(knock.proof()));
  if (!chip || !proof) return Fail{Dropped::kUnreadable};
  if (!same_bytes(anchor.bytes, bytes_of(knock.anchor_id())) || proof->anchor != anchor ||
      proof->chip != *chip)
    return Fail{Dropped::kForeign};
  const ChipRecord* record = registry.chip(*chip);
  const auto certificate =
      record == nullptr ? std::nullopt : std::optional{Certificate::from_der(record->certificate)};
  if (!certificate || !*certificate) return Fail{Dropped::kUnregistered};
  const auto device = (*certificate)->public_key();
  if (!device || !verify(*proof, *device)) return Fail{Dropped::kSignature};
  return StoredKnock{.chip = *chip,
                     .anchor = anchor,
                     .seen = WallTime{Nanoseconds{knock.seen_unix_ns()}},
                     .bytes = vector_of(bytes_of(knock.SerializeAsString())),
                     .received = {},
                     .boot_id = proof->boot_id};
}

Result<KnocksIn, Dropped> check_knock_notes(const v1::KnockNotes& notes, const Registry& registry) {
  if (static_cast<std::size_t>(notes.notes_size()) > AnchorLimits::kKnockNotes)
    return Fail{Dropped::kTooLarge};
  KnocksIn out;
  std::unordered_set<ChipId> named;
  for (const v1::KnockNotes::Note& note : notes.notes()) {
    const auto chip = ChipId::from_bytes(bytes_of(note.chip_id()));
    if (!chip) return Fail{Dropped::kUnreadable};
    if (registry.chip(*chip) == nullptr || !named.insert(*chip).second) continue;
    out.heard.push_back({.chip = *chip,
                         .age = std::chrono::milliseconds{note.age_ms()},
                         .knocks = note.knocks(),
                         .elsewhere = note.knocks_elsewhere(),
                         .proofs_refused = note.proofs_refused()});
  }
  return out;
}

Result<MeshRecord, Dropped> check_mesh(const v1::SignedMesh& mesh, const SpoolRef& from, const PublicKey& key,
                                       const Registry& registry) {
  if (!verify_mesh_report(bytes_of(mesh.body()), bytes_of(mesh.signature()), key))
    return Fail{Dropped::kSignature};
  v1::MeshBody body;
  if (!body.ParseFromString(mesh.body())) return Fail{Dropped::kUnreadable};
  if (!same_bytes(from.anchor.bytes, bytes_of(body.anchor_id()))) return Fail{Dropped::kForeign};
  if (static_cast<std::size_t>(body.pairs_size()) > AnchorLimits::kMeshPairs) return Fail{Dropped::kTooLarge};
  if (registry.anchor(from.anchor) == nullptr) return Fail{Dropped::kUnregistered};
  MeshRecord record;
  record.from = from;
  record.window_end = WallTime{Nanoseconds{body.window_end_unix_ns()}};
  record.bytes = vector_of(bytes_of(mesh.SerializeAsString()));
  std::unordered_set<AnchorId> named;
  for (const v1::MeshBody::Pair& pair : body.pairs()) {
    const auto peer = AnchorId::from_bytes(bytes_of(pair.peer_id()));
    if (!peer || *peer == from.anchor || registry.anchor(*peer) == nullptr || !named.insert(*peer).second)
      continue;
    record.pairs.push_back({.peer = *peer,
                            .sent = pair.sent(),
                            .received = pair.received(),
                            .rtt_min = Nanoseconds{pair.rtt_min_ns()},
                            .rtt_median = Nanoseconds{pair.rtt_median_ns()},
                            .source = static_cast<StampSource>(pair.source())});
  }
  return record;
}

}  // namespace

std::size_t bytes_max(v1::AnchorMessage::BodyCase kind) {
  constexpr std::size_t kKiB = 1'024;
  switch (kind) {
    case v1::AnchorMessage::kReport:
      return 256 * kKiB;              // four sessions of 64 pings are some 30
    case v1::AnchorMessage::kMesh:    // kMeshPairs of at most 80 bytes
    case v1::AnchorMessage::kKnocks:  // kKnockNotes of at most 50 bytes
      return 128 * kKiB;
    case v1::AnchorMessage::kStatement:
      return kStatementMax + kKiB;
    case v1::AnchorMessage::kHello:
    case v1::AnchorMessage::kKnock:
      return 4 * kKiB;
    case v1::AnchorMessage::kPrepared:
    case v1::AnchorMessage::kCannotPrepare:
    case v1::AnchorMessage::kProgress:
    case v1::AnchorMessage::kHeartbeat:
    case v1::AnchorMessage::BODY_NOT_SET:
      return kKiB;
  }
  return kKiB;
}

std::string_view name_of(v1::AnchorMessage::BodyCase kind) {
  switch (kind) {
    case v1::AnchorMessage::kHello:
      return "hello";
    case v1::AnchorMessage::kPrepared:
      return "prepared";
    case v1::AnchorMessage::kCannotPrepare:
      return "cannot_prepare";
    case v1::AnchorMessage::kProgress:
      return "progress";
    case v1::AnchorMessage::kReport:
      return "report";
    case v1::AnchorMessage::kStatement:
      return "statement";
    case v1::AnchorMessage::kKnock:
      return "knock";
    case v1::AnchorMessage::kKnocks:
      return "knocks";
    case v1::AnchorMessage::kMesh:
      return "mesh";
    case v1::AnchorMessage::kHeartbeat:
      return "heartbeat";
    case v1::AnchorMessage::BODY_NOT_SET:
      break;
  }
  return "other";
}

std::string_view name_of(Dropped reason) {
  switch (reason) {
    case Dropped::kTooLarge:
      return "too_large";
    case Dropped::kUnreadable:
      return "unreadable";
    case Dropped::kSignature:
      return "signature";
    case Dropped::kForeign:
      return "foreign";
    case Dropped::kUnregistered:
      return "unregistered";
    case Dropped::kNoSeat:
      return "no_seat";
    case Dropped::kSurplus:
      return "surplus";
  }
  return "unknown";
}

Result<AnchorInput, Dropped> check_message(const v1::AnchorMessage& message, const AnchorId& anchor,
                                           const PublicKey& key, const Registry& registry) {
  if (message.ByteSizeLong() > bytes_max(message.body_case())) return Fail{Dropped::kTooLarge};
  AnchorInput out;
  out.spool_id = message.spool_id();
  const auto take = [&out](auto checked) -> Result<AnchorInput, Dropped> {
    if (!checked) return Fail{checked.error()};
    out.body = std::move(checked).value();
    return std::move(out);
  };
  switch (message.body_case()) {
    case v1::AnchorMessage::kReport:
      return take(check_report(message.report(), anchor, key));
    case v1::AnchorMessage::kStatement:
      return take(check_statement(message.statement()));
    case v1::AnchorMessage::kKnock:
      return take(check_knock(message.knock(), anchor, registry));
    case v1::AnchorMessage::kKnocks:
      return take(check_knock_notes(message.knocks(), registry));
    case v1::AnchorMessage::kMesh:
      return take(check_mesh(message.mesh(), {anchor, message.spool_id()}, key, registry));
    case v1::AnchorMessage::kPrepared:
      out.body = message.prepared();
      break;
    case v1::AnchorMessage::kCannotPrepare:
      out.body = message.cannot_prepare();
      break;
    case v1::AnchorMessage::kProgress:
      out.body = message.progress();
      break;
    case v1::AnchorMessage::kHeartbeat:
      out.body = message.heartbeat();
      break;
    case v1::AnchorMessage::kHello:
    case v1::AnchorMessage::BODY_NOT_SET:
      out.body = v1::Hello{};  // makes no sense after the first message: the stream will be ended for it
      break;
  }
  return out;
}

}  // namespace chiploc
