// The datagram half of the prober: judge each one by the table of PROTOCOL.md section 6, count what is
// refused.
#include <algorithm>

#include "proto/crypto/ticket_seal.hpp"
#include "server/anchor/prober.hpp"
#include "server/anchor/prober_round.hpp"

namespace chiploc {

void Prober::on_datagram(Bytes datagram, const Path& path, const ReceiveStamps& stamps) {
  ++counters_.datagrams;
  Round* concerned = nullptr;
  const Judged judged = judge(datagram, path, stamps, concerned);
  if (!judged) {
    if (concerned != nullptr) ++concerned->rejects[static_cast<std::size_t>(judged.error())];
    count_reject(datagram, path, judged.error(), stamps.after.steady);
  }
  // What a datagram changes may be due at once: FINISH after the last pong, the report after the last
  // FINISH_ACK. run_round() may forget the round; it comes last.
  if (concerned != nullptr) run_round(*concerned, stamps.after);
}

void Prober::count_reject(Bytes datagram, const Path& path, RejectReason reason, SteadyTime now) {
  ++counters_.rejected[static_cast<std::size_t>(reason)];
  if (!is_answered(reason)) return;
  const auto reject = reject_for(datagram, reason);
  if (!reject || !rejects_.take(now)) return;
  ++counters_.rejects_sent;
  ByteArray<Reject::kSize> buffer{};
  outbox_.send(path, encode(*reject, buffer), nullptr);
}

Prober::Judged Prober::judge(Bytes datagram, const Path& path, const ReceiveStamps& stamps,
                             Round*& concerned) {
  const auto type = read_header(datagram);
  if (!type) {
    if (type.error() == RejectReason::kUnsupportedVersion) concerned = waiting_for(datagram);
    return Fail{type.error()};
  }
  switch (*type) {
    case DatagramType::kKnock:
      return on_knock(datagram, path, stamps.after.steady);
    case DatagramType::kKnockProof:
      return on_knock_proof(datagram, path, stamps.after);
    case DatagramType::kOpen:
      return on_open(datagram, path, stamps.after, concerned);
    case DatagramType::kPong:
      return on_pong(datagram, path, stamps, concerned);
    case DatagramType::kFinishAck:
      return on_finish_ack(datagram, concerned);
    case DatagramType::kStatement:
      return on_statement(datagram, concerned);
    case DatagramType::kReject:
      return on_reject(datagram, path, stamps.after.steady);
    case DatagramType::kKnockReply:
    case DatagramType::kTicket:
    case DatagramType::kOpenAck:
    case DatagramType::kOpenCookie:
    case DatagramType::kPing:
    case DatagramType::kFinish:
    case DatagramType::kClose:
      break;
  }
  return Fail{RejectReason::kUnexpectedType};
}

/// A knock begins alike in every version. Anybody can forge it: it is counted where it seems to belong, so
/// that a round which no chip answers says why.
Prober::Round* Prober::waiting_for(Bytes datagram) const {
  if (datagram.size() != Knock::kSize || datagram[3] != static_cast<std::uint8_t>(DatagramType::kKnock))
    return nullptr;
  return waiting_for(*ChipId::from_bytes(datagram.subspan(kHeaderSize, ChipId::kSize)));
}

Prober::Round* Prober::waiting_for(const ChipId& chip) const {
  const auto round = knocks_.waiting_for(chip);
  if (!round) return nullptr;
  const auto found = rounds_.find(*round);
  return found == rounds_.end() ? nullptr : found->second.get();
}

void Prober::note_knock(const ChipId& chip, KnockTally::Kind kind, SteadyTime now) {
  tally_.note(chip, kind, knocks_.waiting_for(chip).has_value(), now);
}

/// For another anchor: whoever configured the chip has this anchor's address and another's key.
void Prober::note_refused_knock(Bytes datagram, RejectReason reason, SteadyTime now) {
  const auto knock = parse_knock(datagram);
  if (!knock || reason != RejectReason::kNotForMe) return;
  note_knock(knock->chip, KnockTally::Kind::kElsewhere, now);
  if (Round* const round = waiting_for(knock->chip)) ++round->rejects[static_cast<std::size_t>(reason)];
}

void Prober::note_refused_proof(Bytes datagram, RejectReason reason, SteadyTime now) {
  const auto proof = parse_knock_proof(datagram);
  if (!proof || (reason != RejectReason::kBadSignature && reason != RejectReason::kBadCookie)) return;
  if (reason == RejectReason::kBadSignature) note_knock(proof->chip, KnockTally::Kind::kProofRefused, now);
  Round* const round = waiting_for(proof->chip);
  if (round == nullptr) return;
  ++round->trail.proofs_refused;
  ++round->rejects[static_cast<std::size_t>(reason)];
}

Prober::Judged Prober::on_knock(Bytes datagram, const Path& path, SteadyTime now) {
  knocks_.expire(now);
  const auto reply = knocks_.on_knock(datagram, path.peer, now);
  if (!reply) {
    note_refused_knock(datagram, reply.error(), now);
    return Fail{reply.error()};
  }
  ++counters_.knocks;
  note_knock(reply->chip, KnockTally::Kind::kKnock, now);
  if (Round* const round = waiting_for(reply->chip)) ++round->trail.knocks;
  ByteArray<KnockReply::kSize> buffer{};
  outbox_.send(path, encode(*reply, buffer), nullptr);
  return Done{};
}

Prober::Judged Prober::on_knock_proof(Bytes datagram, const Path& path, const ClockReading& now) {
  knocks_.expire(now.steady);
  const auto proven = knocks_.on_proof(datagram, path.peer, now.steady);
  if (!proven) {
    note_refused_proof(datagram, proven.error(), now.steady);
    return Fail{proven.error()};
  }
  ++counters_.knock_proofs;
  for (const auto* bytes : proven->tickets) {
    send_ticket(*bytes, path, proven->cookie);
    const auto ticket = parse_ticket(*bytes);
    if (ticket && ticket->anchor == self_) note_handed(ticket->round, path.peer);
  }
  if (Round* const round = waiting_for(proven->chip)) {
    ++round->trail.proofs;
    round->trail.tickets_sent += static_cast<std::uint32_t>(proven->tickets.size());
  }
  if (proven->new_boot) {
    results_.on_knock({proven->chip, ByteVector{datagram.begin(), datagram.end()}, now.wall, path.peer});
  }
  return Done{};
}

/// A REJECT of this ticket will come from that address: the round's report then says why the chip stayed
/// away.
void Prober::note_handed(const RoundId& id, const Endpoint& to) {
  const auto found = rounds_.find(id);
  if (found == rounds_.end()) return;
  Round& round = *found->second;
  if (round.handed_to && *round.handed_to != to) forget_address(*round.handed_to, round.id);
  round.handed_to = to;
  inbound_[to] = round.id;
}

Prober::Judged Prober::on_open(Bytes datagram, const Path& path, const ClockReading& now, Round*& concerned) {
  const auto open = parse_open(datagram);
  if (!open) return Fail{open.error()};
  const auto found = tickets_.find(open->ticket);
  if (found == tickets_.end()) return Fail{RejectReason::kUnknownSession};
  Round& round = *found->second;
  concerned = &round;
  ++round.trail.opens;

  for (const auto& session : round.sessions) {
    if (session->agent_public() != open->agent_public) continue;
    return session->on_open(datagram, path, path_probe_, now.steady, outbox_);
  }
  if (round.state == Round::State::kReported) return Fail{RejectReason::kLate};
  const auto skew = static_cast<std::uint64_t>(options_.clock_skew.count());
  const std::uint64_t wall = unix_seconds(now.wall);
  if (wall + skew < round.ticket.not_before) return Fail{RejectReason::kNotYetValid};
  // not_after is the coordinator's and sane; the sum could only wrap for one beyond any calendar.
  if (wall > skew && wall - skew > round.ticket.not_after) return Fail{RejectReason::kExpired};
  if (round.sessions.size() >= options_.sessions_per_ticket) return Fail{RejectReason::kTableFull};
  if (!is_proper_x25519(open->agent_public)) return Fail{RejectReason::kBadKey};
  return on_new_key(datagram, *open, path, now, round);
}

Prober::Judged Prober::on_new_key(Bytes datagram, const Open& open, const Path& path, const ClockReading& now,
                                  Round& round) {
  // A ticket is no secret: rendezvous anchors have it, and whoever is on the way. The key is.
  const auto leave = open_desk_.leave(open, path.peer, round.wrong_opens, now.steady);
  if (leave == OpenDesk::Leave::kNone) return Fail{RejectReason::kRateLimited};
  if (leave == OpenDesk::Leave::kShowAddress) {
    static_assert(OpenCookie::kSize <= Open::kSize, "never more out than in, and nothing remembered");
    ByteArray<OpenCookie::kSize> buffer{};
    outbox_.send(path, encode(open_desk_.ask(open, path.peer, now.steady), buffer), nullptr);
    ++counters_.open_cookies;
    return Fail{RejectReason::kRateLimited};
  }
  const auto wrong = [&](RejectReason reason) {
    open_desk_.note_wrong(leave, path.peer, round.wrong_opens, now.steady);
    return Fail{reason};
  };
  if (!verify(OpeningClaim::of(round.ticket, open.agent_public), open.signature_bytes(), *round.chip_key))
    return wrong(RejectReason::kBadSignature);
  if (!opens_.take(now.steady)) return Fail{RejectReason::kRateLimited};
  const auto secret = round.key.agree(open.agent_public);
  if (!secret) return wrong(secret.error());
  SessionKeys keys = derive_session(*secret, {.ticket = round.digest,
                                              .chip = round.chip,
                                              .anchor = self_,
                                              .agent_public = open.agent_public,
                                              .anchor_public = round.key.public_key()});
  // The signature may have been seen at another anchor of the round; the MAC shows the private key.
  if (!MacKey{keys.to_anchor.bytes()}.accepts(datagram)) return wrong(RejectReason::kBadMac);
  // 64 bits that an agent could grind, at the price of its own session: the one that was there stays.
  if (sessions_.count(keys.session) != 0) return Fail{RejectReason::kTableFull};

  round.sessions.push_back(std::make_unique<AnchorSession>(std::move(keys), open, path,
                                                           round.ticket.ping_count, round.ping_interval,
                                                           options_.session, now.steady));
  AnchorSession& session = *round.sessions.back();
  sessions_.emplace(session.id(), Held{&round, &session});
  if (round.sessions.size() == 1) round.first_open = now.steady;
  ++counters_.sessions_opened;
  note_progress(round, now.steady, true);
  return session.on_open(datagram, path, path_probe_, now.steady, outbox_);
}

Prober::Judged Prober::on_pong(Bytes datagram, const Path& path, const ReceiveStamps& stamps,
                               Round*& concerned) {
  const auto pong = parse_pong(datagram);
  if (!pong) return Fail{pong.error()};
  const Held held = find(pong->session);
  if (held.session == nullptr) return Fail{RejectReason::kUnknownSession};
  concerned = held.round;
  const Judged judged = held.session->on_pong(datagram, *pong, path, path_probe_, stamps);
  if (judged) {
    ++counters_.pongs_accepted;
    note_progress(*held.round, stamps.after.steady, held.session->phase() != AnchorSession::Phase::kPinging);
  }
  return judged;
}

Prober::Judged Prober::on_finish_ack(Bytes datagram, Round*& concerned) {
  const auto ack = parse_finish_ack(datagram);
  if (!ack) return Fail{ack.error()};
  const Held held = find(ack->session);
  if (held.session == nullptr) return Fail{RejectReason::kUnknownSession};
  concerned = held.round;
  return held.session->on_finish_ack(datagram, *ack);
}

Prober::Judged Prober::on_statement(Bytes datagram, Round*& concerned) {
  const auto fragment = parse_statement(datagram);
  if (!fragment) return Fail{fragment.error()};
  const Held held = find(fragment->session);
  if (held.session == nullptr) return Fail{RejectReason::kUnknownSession};
  concerned = held.round;
  auto statement = held.session->on_statement(datagram, *fragment);
  if (!statement) return Fail{statement.error()};
  if (!statement->empty()) {
    ++counters_.statements;
    results_.on_statement(held.round->id, std::move(*statement));
  }
  return Done{};
}

Prober::Judged Prober::on_reject(Bytes datagram, const Path& path, SteadyTime now) {
  const auto reject = parse_reject(datagram);
  if (!reject) return Fail{reject.error()};
  // Anybody can forge it: it is counted where it seems to belong, and changes nothing.
  ++counters_.rejects_received[static_cast<std::size_t>(reject->reason)];
  Round* about = nullptr;
  SessionId session;
  std::copy(reject->echo.begin(), reject->echo.end(), session.bytes.begin());
  if (reject->rejected_type == static_cast<std::uint8_t>(DatagramType::kTicket)) {
    if (const auto inbound = inbound_.find(path.peer); inbound != inbound_.end()) {
      if (const auto found = rounds_.find(inbound->second); found != rounds_.end())
        about = found->second.get();
    }
  } else if (const Held held = find(session); held.session != nullptr) {
    about = held.round;
  }
  if (about == nullptr) return Done{};
  ++about->rejects[static_cast<std::size_t>(reject->reason)];
  ++about->trail.rejects_received[static_cast<std::size_t>(reject->reason)];
  about->refusal = static_cast<std::uint8_t>(reject->reason);
  note_progress(*about, now, ++about->refusals == 1);
  return Done{};
}

}  // namespace chiploc
