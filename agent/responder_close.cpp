// The end of a round: transcripts fixed, one statement signed over them.
#include <algorithm>

#include "agent/responder.hpp"
#include "proto/crypto/digest.hpp"
#include "proto/crypto/ticket_seal.hpp"
#include "proto/wire/transcript.hpp"

namespace chiploc {

// --------------------------------------------------------------------------------------------- finish
Responder::Outcome Responder::on_finish(const Arrival& in) {
  const auto finish = parse_finish(in.bytes);
  if (!finish) return Fail{finish.error()};
  AgentSession* const session = sessions_.find(finish->session);
  if (session == nullptr) return Fail{RejectReason::kUnknownSession};
  if (!session->to_agent->accepts(in.bytes)) return Fail{RejectReason::kBadMac};
  if (session->state == AgentSession::State::kOffered) return Fail{RejectReason::kWrongState};
  if (session->state == AgentSession::State::kOpen) {
    ByteArray<Transcript::kSizeMax> buffer{};
    const Bytes transcript = session->transcript.write(finish->received, buffer);
    if (transcript.empty()) return Fail{RejectReason::kTranscriptMismatch};
    session->transcript_digest = sha256(transcript);
    session->state = AgentSession::State::kFinished;
    ++stats_.sessions_finished;
    ticket_gate_.note_finished(session->anchor_endpoint);
  }
  ByteArray<FinishAck::kSize> buffer{};
  FinishAck ack;
  ack.session = session->id;
  ack.transcript = session->transcript_digest;
  encode(ack, buffer);
  session->to_anchor->seal(buffer);
  in.out.send(in.from, buffer);
  return Done{};
}

// ---------------------------------------------------------------------------------------------- close
Responder::Outcome Responder::on_close(const Arrival& in) {
  const auto close = parse_close(in.bytes);
  if (!close) return Fail{close.error()};
  AgentSession* const session = sessions_.find(close->session);
  if (session == nullptr) return Fail{RejectReason::kUnknownSession};
  if (!session->to_agent->accepts(in.bytes)) return Fail{RejectReason::kBadMac};
  if (session->state == AgentSession::State::kOffered) return Fail{RejectReason::kWrongState};
  if (session->closes >= options_.closes_per_session) return Fail{RejectReason::kRateLimited};
  ++session->closes;
  AgentRound& round = sessions_.round_of(*session);
  const auto raw = bytes_of(close->order);
  if (!round.closed || round.order != raw) {
    if (const auto good = judge(close->order, round); !good) return good;
  }
  if (!round.closed) {
    if (const auto done = sign_statement(close->order, round, in.now); !done) return done;
    round.order = raw;
    round.closed = true;
    round.opening.private_key.reset();
  }
  send_statement(*session, round, in.out);
  return Done{};
}

Responder::Outcome Responder::judge(const CloseOrder& order, const AgentRound& round) {
  const TrustedCoordinator* const issuer = coordinator(order.coordinator);
  if (issuer == nullptr) return Fail{RejectReason::kUnknownCoordinator};
  if (!verify(order, issuer->key)) return Fail{RejectReason::kBadSignature};
  if (order.chip != identity_.chip || order.round != round.round || order.coordinator != round.coordinator) {
    return Fail{RejectReason::kNotForMe};
  }
  if (round.closed) return Fail{RejectReason::kAlreadyClosed};
  if (order.mask == 0) return Fail{RejectReason::kMalformed};
  // Anchors of the order that did not finish are left out of the statement: otherwise one that claims a
  // session which never was could block every round it sits in.
  if (finished_anchors(round, order.mask).empty()) return Fail{RejectReason::kWrongState};
  return Done{};
}

std::vector<Statement::AnchorTranscript> Responder::finished_anchors(const AgentRound& round,
                                                                     std::uint64_t mask) {
  std::vector<Statement::AnchorTranscript> out;
  for (std::uint8_t i = 0; i < kAnchorsMax; ++i) {
    if ((mask >> i & 1U) == 0) continue;
    const AgentSession* const session = sessions_.find_anchor(round, i);
    if (session == nullptr || session->state != AgentSession::State::kFinished) continue;
    out.push_back({i, session->transcript_digest});
  }
  return out;
}

Responder::Outcome Responder::sign_statement(const CloseOrder& order, AgentRound& round, WallTime now) {
  const auto fail = [&](std::string_view what, std::string_view why) {
    ++stats_.statement_failures;
    parts_.observer.on_failure(what, why);
  };
  const auto counter = parts_.state.next_round_counter();
  if (!counter) {
    fail("round counter", counter.error());
    return Fail{RejectReason::kWrongState};
  }
  Statement claims;
  claims.issued_at = unix_seconds(now);
  claims.nonce = order.nonce;
  claims.chip = identity_.chip;
  claims.hardware_model = identity_.model;
  claims.firmware_version = identity_.firmware_version;
  claims.firmware_measurement = identity_.firmware_measurement;
  claims.debug_state = identity_.debug_state;
  claims.boot_count = parts_.state.boot_count();
  claims.round = order.round;
  claims.round_counter = *counter;
  claims.coordinator = order.coordinator;
  claims.transcripts = finished_anchors(round, order.mask);
  const auto statement = parts_.statements.issue(claims);
  if (!statement) {
    fail("statement", statement.error().text);
    return Fail{RejectReason::kWrongState};
  }
  if (statement->empty() || statement->size() > kStatementMax) {
    fail("statement", "its size is outside what four fragments carry");
    return Fail{RejectReason::kWrongState};
  }
  std::copy(statement->begin(), statement->end(), round.statement.begin());
  round.statement_size = statement->size();
  for (const auto& entry : claims.transcripts) {
    sessions_.find_anchor(round, entry.anchor_index)->state = AgentSession::State::kClosed;
  }
  ++stats_.statements_signed;
  parts_.observer.on_statement(order.round, *counter, claims.transcripts.size());
  return Done{};
}

void Responder::send_statement(AgentSession& session, const AgentRound& round, AgentOutbox& out) {
  // To the address in the ticket, not to where the order came from: it is larger than the order, and whoever
  // repeats a recorded CLOSE from a forged address would aim it at a stranger.
  const Bytes statement = Bytes{round.statement}.first(round.statement_size);
  constexpr std::size_t kMax = StatementFragment::kPayloadMax;
  const std::size_t count = (statement.size() + kMax - 1) / kMax;
  for (std::size_t i = 0; i < count; ++i) {
    StatementFragment fragment;
    fragment.session = session.id;
    fragment.index = static_cast<std::uint8_t>(i);
    fragment.count = static_cast<std::uint8_t>(count);
    fragment.payload = statement.subspan(i * kMax, std::min(kMax, statement.size() - i * kMax));
    ByteArray<kDatagramMax> buffer{};
    const MutableBytes datagram = MutableBytes{buffer}.first(encode(fragment, buffer).size());
    session.to_anchor->seal(datagram);
    out.send(session.anchor_endpoint, datagram);
  }
  ++stats_.statements_sent;
}

}  // namespace chiploc
