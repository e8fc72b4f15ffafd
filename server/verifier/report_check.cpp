#include "server/verifier/report_check.hpp"

#include "proto/crypto/ticket_seal.hpp"
#include "proto/wire/transcript.hpp"

namespace chiploc {
namespace {

/// No path on Earth and no honest queue takes longer; a larger value is an anchor's mistake or lie.
constexpr Nanoseconds kRoundTripMax = std::chrono::seconds{20};

bool has_reject(const v1::ReportBody& body, RejectReason what) {
  const auto found = body.rejects().find(static_cast<std::uint32_t>(what));
  return found != body.rejects().end() && found->second > 0;
}

/// Simulated stamps are evidence of a simulated world alone, and nothing else is evidence there.
bool is_of(v1::StampSource source, Realm realm) {
  switch (source) {
    case v1::STAMP_SOURCE_KERNEL_BOTH:
    case v1::STAMP_SOURCE_KERNEL_RECEIVE:
    case v1::STAMP_SOURCE_USER_BOTH:
    case v1::STAMP_SOURCE_HARDWARE:
      return realm == Realm::kMeasured;
    case v1::STAMP_SOURCE_SIMULATED:
      return realm == Realm::kSimulated;
    default:
      return false;
  }
}

std::optional<std::string> check_sample(const v1::Sample& sample, std::uint64_t received, std::uint64_t& seen,
                                        Realm realm) {
  if (sample.sequence() >= kPingsMax) return "a sample's sequence is out of range";
  const std::uint64_t bit = std::uint64_t{1} << sample.sequence();
  if ((received & bit) == 0) return "a sample has no answer in the transcript";
  if ((seen & bit) != 0) return "two samples have one sequence";
  seen |= bit;
  if (sample.rtt_ns() <= 0 || Nanoseconds{sample.rtt_ns()} > kRoundTripMax) {
    return "a round trip of " + std::to_string(sample.rtt_ns()) + " ns is not one";
  }
  if (!is_of(sample.source(), realm)) {
    return realm == Realm::kMeasured ? "a sample's stamp source is unknown or simulated"
                                     : "a sample's stamp source is not simulated";
  }
  return std::nullopt;
}

Result<CheckedSession, std::string> check_session(const v1::SessionReport& session, const Digest& ticket,
                                                  Realm realm) {
  const Bytes transcript = bytes_of(session.transcript());
  const auto head = parse_transcript(transcript);
  if (!head) return Fail{std::string{"its transcript is malformed"}};
  if (head->ticket != ticket) return Fail{std::string{"its transcript belongs to another ticket"}};
  if (!same_bytes(head->session.bytes, bytes_of(session.session_id())) ||
      !same_bytes(head->agent_public.bytes, bytes_of(session.agent_public()))) {
    return Fail{std::string{"its transcript belongs to another session"}};
  }
  std::uint64_t seen = 0;
  for (const v1::Sample& sample : session.samples()) {
    if (const auto fault = check_sample(sample, head->received, seen, realm)) return Fail{*fault};
  }
  return CheckedSession{.transcript = sha256(transcript),
                        .finished = session.finished(),
                        .samples = static_cast<unsigned>(session.samples_size()),
                        .counted = count_samples(session)};
}

}  // namespace

bool OpeningJudge::good(const Ticket& ticket, const v1::SessionReport& session) {
  const auto agent = X25519Public::from_bytes(bytes_of(session.agent_public()));
  if (!agent) return false;
  std::string claim = string_of(OpeningClaim::of(ticket, *agent).input()) + session.opening();
  if (good_.count(claim) != 0) return true;
  if (!verify(OpeningClaim::of(ticket, *agent), bytes_of(session.opening()), device_)) return false;
  good_.insert(std::move(claim));
  return true;
}

Result<CheckedReport, Reason> check_report(Bytes raw, const IssuedTicket& issued, OpeningJudge& openings,
                                           Realm realm) {
  const std::string& name = issued.anchor.name;
  v1::SignedReport envelope;
  v1::ReportBody body;
  if (!envelope.ParseFromArray(raw.data(), static_cast<int>(raw.size())) ||
      !verify_report(bytes_of(envelope.body()), bytes_of(envelope.signature()), issued.anchor.report_key)) {
    return Fail{
        Reason{"report_signature", "The report of " + name + " is not signed with its registered key."}};
  }
  if (!body.ParseFromString(envelope.body())) {
    return Fail{Reason{"report_inconsistent", "The report of " + name + " cannot be read."}};
  }
  const auto ticket = bytes_of(issued.ticket);
  if (!same_bytes(bytes_of(body.ticket()), ticket) ||
      !same_bytes(bytes_of(body.round_id()), issued.ticket.round.bytes) ||
      !same_bytes(bytes_of(body.anchor_id()), issued.anchor.id.bytes)) {
    return Fail{Reason{"report_ticket", "The report of " + name + " is not about the ticket it was given."}};
  }
  CheckedReport out;
  out.not_yet_valid = has_reject(body, RejectReason::kNotYetValid);
  out.expired = has_reject(body, RejectReason::kExpired);
  out.other_version = has_reject(body, RejectReason::kUnsupportedVersion);
  const Digest digest = ticket_digest(ticket);
  for (const v1::SessionReport& session : body.sessions()) {
    auto checked = check_session(session, digest, realm);
    if (!checked) {
      return Fail{Reason{"report_inconsistent",
                         "The report of " + name + " contradicts itself: " + checked.error() + "."}};
    }
    // Reports of before protocol 2 have no such signature.
    if (!session.opening().empty() && !openings.good(issued.ticket, session)) {
      return Fail{Reason{"report_inconsistent",
                         "The report of " + name + " has a session that the chip's key did not open."}};
    }
    out.sessions.push_back(*checked);
  }
  return out;
}

}  // namespace chiploc
