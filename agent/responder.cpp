#include "agent/responder.hpp"

#include <algorithm>
#include <bit>

#include "proto/crypto/digest.hpp"
#include "proto/crypto/session_key.hpp"
#include "proto/crypto/ticket_seal.hpp"
#include "proto/crypto/x25519.hpp"
#include "proto/wire/transcript.hpp"

namespace chiploc {
namespace {

constexpr std::uint8_t kOpensMax = 3;
/// OPENs beside those, each for an OPEN_COOKIE: whoever sent it has seen the OPEN at the signed address.
constexpr std::uint8_t kCookiesMax = 3;
static_assert(kOpensMax * Open::kSize <= Ticket::kDatagramSize, "never more out than in before OPEN_ACK");

/// What an anchor may send for one OPEN: after OPEN_ACK two pings. A third shows that an answer arrived
/// there.
constexpr int kPingsPaid = (Open::kSize - OpenAck::kSize) / Ping::kSize;

/// An anchor whose first pings, or the answers to them, were lost may send no more until another OPEN pays
/// for them.
bool wants_open(const AgentSession& session) {
  if (session.opens_sent >= kOpensMax) return false;
  if (session.state == AgentSession::State::kOffered) return true;
  const int answered = std::popcount(session.transcript.present());
  return session.state == AgentSession::State::kOpen && answered <= kPingsPaid &&
         answered < session.ping_count;
}

std::uint64_t random_number(AgentRandom& random) {
  ByteArray<8> raw{};
  random.fill(raw);
  return ByteReader{raw}.u64();
}

}  // namespace

Responder::Responder(const ResponderOptions& options, ChipIdentity identity,
                     std::vector<TrustedCoordinator> coordinators, std::vector<RendezvousAnchor> rendezvous,
                     const Parts& parts, SteadyTime start)
    : options_{options},
      identity_{std::move(identity)},
      coordinators_{std::move(coordinators)},
      parts_{parts},
      sessions_{options.sessions},
      reject_limit_{options.rejects_per_second},
      ticket_gate_{options.tickets},
      knocker_{options.knock,
               {identity_.chip, random_number(parts.random)},
               std::move(rendezvous),
               parts.device_key,
               parts.random,
               parts.observer,
               start} {
  update_deadline();
}

void Responder::on_datagram(Bytes datagram, const Endpoint& from, SteadyTime received, WallTime now,
                            AgentOutbox& out) {
  ++stats_.datagrams;
  const Arrival in{datagram, from, received, now, out};
  const auto type = read_header(datagram);
  if (!type) {
    refuse(in, type.error());
    return;
  }
  // The timed path first, and free of anything that the other paths need.
  if (*type == DatagramType::kPing) {
    if (const auto done = on_ping(in); !done) refuse(in, done.error());
    return;
  }
  if (const auto done = dispatch(*type, in); !done) refuse(in, done.error());
  update_deadline();
}

Responder::Outcome Responder::dispatch(DatagramType type, const Arrival& in) {
  switch (type) {
    case DatagramType::kPing:
      return on_ping(in);
    case DatagramType::kTicket:
      return on_ticket(in);
    case DatagramType::kOpenAck:
      return on_open_ack(in);
    case DatagramType::kOpenCookie:
      return on_open_cookie(in);
    case DatagramType::kFinish:
      return on_finish(in);
    case DatagramType::kClose:
      return on_close(in);
    case DatagramType::kKnockReply:
      return on_knock_reply(in);
    case DatagramType::kReject:
      return on_reject(in);
    case DatagramType::kKnock:
    case DatagramType::kKnockProof:
    case DatagramType::kOpen:
    case DatagramType::kPong:
    case DatagramType::kFinishAck:
    case DatagramType::kStatement:
      break;
  }
  return Fail{RejectReason::kUnexpectedType};
}

// ---------------------------------------------------------------------------------------------- ping
Responder::Outcome Responder::on_ping(const Arrival& in) {
  const auto ping = parse_ping(in.bytes);
  if (!ping) return Fail{ping.error()};
  AgentSession* const session = sessions_.find(ping->session);
  if (session == nullptr || !session->to_agent || !session->to_anchor)
    return Fail{RejectReason::kUnknownSession};
  if (!session->to_agent->accepts(in.bytes)) return Fail{RejectReason::kBadMac};
  if (session->state != AgentSession::State::kOpen) return Fail{RejectReason::kWrongState};
  if (ping->sequence >= session->ping_count) return Fail{RejectReason::kSequenceOutOfRange};
  if ((session->transcript.present() >> ping->sequence & 1U) != 0)
    return Fail{RejectReason::kAlreadyAnswered};

  Pong pong;
  pong.session = ping->session;
  pong.sequence = ping->sequence;
  pong.nonce = ping->nonce;
  pong.residence_ns = parts_.residence.residence_ns(in.received);
  ByteArray<Pong::kSize> buffer{};
  encode(pong, buffer);
  session->to_anchor->seal(buffer);
  in.out.send(in.from, buffer);

  // Noting it can wait until the answer is on its way.
  Transcript::Entry entry{ping->nonce, pong.residence_ns, {}};
  std::copy(buffer.end() - kMacSize, buffer.end(), entry.mac.bytes.begin());
  session->transcript.add(ping->sequence, entry);
  ++stats_.pings_answered;
  return Done{};
}

// --------------------------------------------------------------------------------------------- ticket
Responder::Outcome Responder::on_ticket(const Arrival& in) {
  const auto carried = parse_ticket_datagram(in.bytes);
  if (!carried) return Fail{carried.error()};
  const auto ticket = parse_ticket(carried->ticket);
  if (!ticket) return Fail{ticket.error()};

  const Digest digest = ticket_digest(carried->ticket);
  if (AgentSession* const known = sessions_.find_ticket(digest); known != nullptr) {
    // The digest covers the signature, so this very ticket was judged before.
    ++stats_.tickets_repeated;
    knocker_.on_ticket();
    // Not before its time: whoever has seen the ticket could otherwise have all three spent in one moment.
    if (known->state == AgentSession::State::kOffered && known->opens_sent < kOpensMax &&
        known->next_open <= in.received) {
      send_due_open(*known, in.received, in.out);
    }
    return Done{};
  }
  if (const auto good = judge(*ticket, carried->cookie, in); !good) {
    note_refused(*ticket, good.error(), in);
    return good;
  }
  return open_session(*ticket, digest, in);
}

Responder::Outcome Responder::judge(const Ticket& ticket, const Mac& cookie, const Arrival& in) {
  const TrustedCoordinator* const issuer = coordinator(ticket.coordinator);
  if (issuer == nullptr) return Fail{RejectReason::kUnknownCoordinator};
  // What we asked for ourselves first: it takes no share of anybody's.
  if (!knocker_.admits(cookie) && !ticket_gate_.allow(in.from, in.received)) {
    return Fail{RejectReason::kRateLimited};
  }
  if (!verify(ticket, issuer->key)) return Fail{RejectReason::kBadSignature};
  if (ticket.chip != identity_.chip) return Fail{RejectReason::kNotForMe};
  if (in.now + options_.clock_skew < wall_from_unix_seconds(ticket.not_before)) {
    return Fail{RejectReason::kNotYetValid};
  }
  if (in.now > wall_from_unix_seconds(ticket.not_after) + options_.clock_skew)
    return Fail{RejectReason::kExpired};
  return Done{};
}

/// Of these somebody may want to hear; the others are strangers' doing, or ours.
void Responder::note_refused(const Ticket& ticket, RejectReason reason, const Arrival& in) {
  switch (reason) {
    case RejectReason::kUnknownCoordinator:
    case RejectReason::kNotForMe:
    case RejectReason::kNotYetValid:
    case RejectReason::kExpired:
      parts_.observer.on_ticket_refused({reason, ticket.coordinator, ticket.chip,
                                         wall_from_unix_seconds(ticket.not_before), in.now, in.received,
                                         in.from});
      break;
    default:
      break;
  }
}

Responder::Outcome Responder::open_session(const Ticket& ticket, const Digest& digest, const Arrival& in) {
  // A round has one ticket for each anchor index. Two would make the statement ambiguous, so the first
  // counts.
  if (const AgentRound* const round = sessions_.find_round(ticket.coordinator, ticket.round);
      round != nullptr && (round->tickets >> ticket.anchor_index & 1U) != 0) {
    return Fail{RejectReason::kWrongState};
  }
  stats_.sessions_expired += sessions_.expire(in.received);
  if (sessions_.full() && !sessions_.make_room(in.received)) return Fail{RejectReason::kTableFull};

  if (!is_proper_x25519(ticket.anchor_public)) return Fail{RejectReason::kBadKey};
  AgentRound* round = sessions_.find_round(ticket.coordinator, ticket.round);
  const bool first = round == nullptr;
  AgentOpening made;
  if (first) {
    auto opening = new_opening(ticket);
    if (!opening) return Fail{opening.error()};
    made = std::move(*opening);
  }
  const AgentOpening& opening = first ? made : round->opening;
  if (!opening.private_key) return Fail{RejectReason::kWrongState};
  ByteArray<32> private_key{};
  std::copy_n(opening.private_key->bytes().begin(), private_key.size(), private_key.begin());
  const X25519Pair pair = X25519Pair::from_private(private_key);
  wipe(private_key);
  const auto secret = pair.agree(ticket.anchor_public);
  if (!secret) return Fail{secret.error()};
  const SessionKeys keys = derive_session(
      *secret, {digest, identity_.chip, ticket.anchor, pair.public_key(), ticket.anchor_public});

  AgentSession* const session = sessions_.insert(ticket, keys.session);
  if (session == nullptr) return Fail{RejectReason::kTableFull};
  round = &sessions_.round_of(*session);
  if (first) round->opening = std::move(made);
  if (std::popcount(round->tickets) == round->anchor_count) round->opening.private_key.reset();
  session->ticket = digest;
  session->to_agent.emplace(keys.to_agent.bytes());
  session->to_anchor.emplace(keys.to_anchor.bytes());
  session->transcript = Transcript{digest, round->opening.public_key, session->id};
  session->span_ends =
      in.received + (wall_from_unix_seconds(ticket.not_after) - wall_from_unix_seconds(ticket.not_before));
  session->expires_at =
      in.received + (wall_from_unix_seconds(ticket.not_after) + options_.clock_skew - in.now);
  ++stats_.tickets_accepted;
  knocker_.on_ticket();
  send_due_open(*session, in.received, in.out);
  return Done{};
}

Result<AgentOpening, RejectReason> Responder::new_opening(const Ticket& ticket) {
  AgentOpening opening;
  ByteArray<32> private_key{};
  parts_.random.fill(private_key);
  opening.public_key = X25519Pair::from_private(private_key).public_key();
  std::copy(private_key.begin(), private_key.end(), opening.private_key.emplace().writable().begin());
  wipe(private_key);
  const auto signature = sign(OpeningClaim::of(ticket, opening.public_key), parts_.device_key);
  if (!signature) {
    ++stats_.opening_failures;
    parts_.observer.on_failure("opening key", signature.error().text);
    return Fail{RejectReason::kWrongState};
  }
  opening.signature = *signature;
  return opening;
}

void Responder::send_open(AgentSession& session, AgentOutbox& out) {
  if (!session.to_anchor) return;
  const AgentOpening& opening = sessions_.round_of(session).opening;
  ByteArray<Open::kSize> buffer{};
  encode(Open{session.ticket,
              opening.public_key,
              session.cookie,
              opening.signature.size,
              opening.signature.bytes,
              {}},
         buffer);
  session.to_anchor->seal(buffer);
  std::copy(buffer.end() - kMacSize, buffer.end(), session.open_mac.bytes.begin());
  out.send(session.anchor_endpoint, buffer);
  ++stats_.opens_sent;
}

void Responder::send_due_open(AgentSession& session, SteadyTime now, AgentOutbox& out) {
  session.next_open = now + options_.open_retry * (session.opens_sent == 0 ? 1 : 3);
  ++session.opens_sent;
  send_open(session, out);
}

Responder::Outcome Responder::on_open_cookie(const Arrival& in) {
  const auto asked = parse_open_cookie(in.bytes);
  if (!asked) return Fail{asked.error()};
  AgentSession* const session = sessions_.find_open(asked->open);
  if (session == nullptr) return Fail{RejectReason::kUnknownSession};
  if (session->state != AgentSession::State::kOffered) return Fail{RejectReason::kWrongState};
  if (session->cookies >= kCookiesMax) return Fail{RejectReason::kRateLimited};
  ++session->cookies;
  session->cookie = asked->cookie;
  send_open(*session, in.out);
  return Done{};
}

Responder::Outcome Responder::on_open_ack(const Arrival& in) {
  const auto ack = parse_open_ack(in.bytes);
  if (!ack) return Fail{ack.error()};
  AgentSession* const session = sessions_.find(ack->session);
  if (session == nullptr || !session->to_agent) return Fail{RejectReason::kUnknownSession};
  if (!session->to_agent->accepts(in.bytes)) return Fail{RejectReason::kBadMac};
  // A second one answers a repeated OPEN and changes nothing.
  if (session->state != AgentSession::State::kOffered) return Done{};
  session->state = AgentSession::State::kOpen;
  ++stats_.sessions_opened;
  parts_.observer.on_session_open(sessions_.round_of(*session).round, session->anchor_index);
  return Done{};
}

// ------------------------------------------------------------------------------------- knock and reject
Responder::Outcome Responder::on_knock_reply(const Arrival& in) {
  const auto reply = parse_knock_reply(in.bytes);
  if (!reply) return Fail{reply.error()};
  return knocker_.on_reply(*reply, in.from, parts_.state.round_counter(), in.received, in.out);
}

Responder::Outcome Responder::on_reject(const Arrival& in) {
  const auto reject = parse_reject(in.bytes);
  if (!reject) return Fail{reject.error()};
  const auto reason = static_cast<std::size_t>(reject->reason);
  if (reason < stats_.rejects_received.size()) ++stats_.rejects_received[reason];
  return Done{};
}

void Responder::refuse(const Arrival& in, RejectReason reason) {
  ++stats_.rejected[static_cast<std::size_t>(reason)];
  parts_.observer.on_reject(reason, in.bytes.size() >= kHeaderSize ? in.bytes[3] : std::uint8_t{0}, in.from);
  const auto reject = reject_for(in.bytes, reason);
  if (!reject) return;
  if (!reject_limit_.allow(in.received)) {
    ++stats_.rejects_suppressed;
    return;
  }
  ByteArray<Reject::kSize> buffer{};
  in.out.send(in.from, encode(*reject, buffer));
  ++stats_.rejects_sent;
}

// --------------------------------------------------------------------------------------------- timers
void Responder::on_timer(SteadyTime now, WallTime /*wall*/, AgentOutbox& out) {
  stats_.sessions_expired += sessions_.expire(now);
  for (AgentSession& session : sessions_.all()) {
    if (wants_open(session) && session.next_open <= now) send_due_open(session, now, out);
  }
  knocker_.on_timer(now, sessions_.tickets_missing(), out);
  update_deadline();
}

void Responder::update_deadline() {
  deadline_ = knocker_.next_deadline();
  const auto sooner = [&](SteadyTime t) {
    if (!deadline_ || t < *deadline_) deadline_ = t;
  };
  for (const AgentSession& session : sessions_.all()) {
    if (session.state == AgentSession::State::kFree) continue;
    sooner(session.expires_at);
    if (wants_open(session)) sooner(session.next_open);
  }
}

const TrustedCoordinator* Responder::coordinator(const CoordinatorId& id) const {
  const auto found = std::find_if(coordinators_.begin(), coordinators_.end(),
                                  [&](const TrustedCoordinator& c) { return c.id == id; });
  return found == coordinators_.end() ? nullptr : &*found;
}

ResponderStats Responder::stats() const {
  ResponderStats out = stats_;
  out.knock = knocker_.counts();
  out.sessions_used = sessions_.used();
  out.sessions_capacity = sessions_.capacity();
  return out;
}

}  // namespace chiploc
