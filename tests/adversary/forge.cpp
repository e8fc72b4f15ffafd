#include "tests/adversary/forge.hpp"

#include <algorithm>

#include "proto/crypto/digest.hpp"
#include "proto/crypto/ticket_seal.hpp"
#include "tests/support/opening.hpp"

namespace chiploc::adversary {
namespace {

template <class Datagram>
ByteVector encoded(const Datagram& datagram) {
  ByteVector buffer(kDatagramMax);
  buffer.resize(encode(datagram, buffer).size());
  return buffer;
}

constexpr std::uint8_t byte_of(std::size_t value) { return static_cast<std::uint8_t>(value & 0xFFU); }

}  // namespace

std::string_view name_of(Kind kind) {
  constexpr std::array<std::string_view, kKinds> kNames{"random_bytes",
                                                        "oversize",
                                                        "truncated",
                                                        "bit_flipped",
                                                        "replayed",
                                                        "other_version",
                                                        "unknown_type",
                                                        "reserved_bits",
                                                        "knock",
                                                        "knock_of_nobody",
                                                        "knock_for_other",
                                                        "proof_bad_cookie",
                                                        "proof_foreign_key",
                                                        "open_wrong_digest",
                                                        "open_small_order",
                                                        "pong_bad_mac",
                                                        "finish_ack_bad_mac",
                                                        "statement_bad_mac",
                                                        "mesh_ping_bad_mac",
                                                        "ticket_unknown_coordinator",
                                                        "ticket_forged",
                                                        "ticket_expired",
                                                        "ticket_not_yet_valid",
                                                        "ticket_other_chip",
                                                        "ticket_other_algorithm",
                                                        "knock_reply_unasked",
                                                        "open_ack_bad_mac",
                                                        "ping_bad_mac",
                                                        "finish_bad_mac",
                                                        "close_wrong_order",
                                                        "reject",
                                                        "reject_relayed",
                                                        "ticket_stolen",
                                                        "ticket_redirected",
                                                        "open_stolen",
                                                        "open_stolen_small_order",
                                                        "open_live"};
  return kNames[static_cast<std::size_t>(kind)];
}

bool fits(Kind kind, TargetKind target, const Outsider& known) {
  switch (kind) {
    case Kind::kOpenLive:
      return !known.database.empty() && target == TargetKind::kAnchor;
    case Kind::kTicketStolen:
    case Kind::kTicketRedirected:
      return known.ticket.has_value() && target == TargetKind::kAgent;
    case Kind::kOpenStolen:
    case Kind::kOpenStolenSmallOrder:
      return known.ticket.has_value() && target == TargetKind::kAnchor;
    default:
      break;
  }
  if (kind >= Kind::kKnock && kind <= Kind::kMeshPingBadMac) return target == TargetKind::kAnchor;
  if (kind >= Kind::kTicketUnknownCoordinator && kind <= Kind::kCloseWrongOrder)
    return target == TargetKind::kAgent;
  return true;
}

Forge::Forge(const Outsider& known, std::uint64_t seed) : known_{known}, random_{seed} {
  ByteArray<32> secret{};
  fill(secret);
  key_ = std::move(key_from_ed25519_seed(secret)).value();
}

std::size_t Forge::below(std::size_t bound) { return bound < 2 ? 0 : random_() % bound; }

void Forge::fill(MutableBytes out) {
  for (std::uint8_t& byte : out) byte = byte_of(random_());
}

Kind Forge::choose(TargetKind target) {
  while (true) {
    const auto kind = static_cast<Kind>(below(kKinds));
    if (fits(kind, target, known_)) return kind;
  }
}

ChipId Forge::some_chip() { return known_.chips.empty() ? random_id_of<ChipId>() : any_of(known_.chips); }

X25519Public Forge::small_order() {
  // Zero, one, a point of order eight, and the prime itself, which is zero once more.
  X25519Public key;
  switch (below(4)) {
    case 0:
      break;
    case 1:
      key.bytes[0] = 1;
      break;
    case 2: {
      const auto raw = from_hex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800");
      std::copy(raw->begin(), raw->end(), key.bytes.begin());
      break;
    }
    default:
      key.bytes.fill(0xFF);
      key.bytes[0] = 0xED;
      key.bytes[31] = 0x7F;
  }
  return key;
}

Ticket Forge::ticket_for(const Target& target, std::uint64_t now) {
  Ticket t;
  t.coordinator = known_.coordinator;
  t.round = random_id_of<RoundId>();
  t.chip = target.chip;
  t.anchor = known_.anchors.empty() ? random_id_of<AnchorId>() : any_of(known_.anchors);
  t.anchor_count = 1;
  t.ping_count = 64;
  t.anchor_endpoint = target.address;  // were it believed, the chip would talk to itself
  t.anchor_public = random_id_of<X25519Public>();
  t.anchor_public.bytes[31] &= 0x3F;
  t.nonce = random_id_of<Nonce>();
  t.not_before = now - 5;
  t.not_after = now + 60;
  return t;
}

ByteVector Forge::ticket_datagram(Ticket ticket) {
  if (!sign(ticket, *key_)) std::abort();
  ByteVector buffer(kDatagramMax);
  buffer.resize(encode_ticket_datagram(bytes_of(ticket), buffer).size());
  return buffer;
}

ByteVector Forge::right_one(std::size_t target, std::uint64_t now) {
  constexpr std::array kOnes{Kind::kKnock,        Kind::kProofBadCookie,    Kind::kOpenWrongDigest,
                             Kind::kPongBadMac,   Kind::kFinishAckBadMac,   Kind::kStatementBadMac,
                             Kind::kTicketForged, Kind::kKnockReplyUnasked, Kind::kOpenAckBadMac,
                             Kind::kPingBadMac,   Kind::kFinishBadMac,      Kind::kCloseWrongOrder,
                             Kind::kReject};
  while (true) {
    const Kind kind = kOnes[below(kOnes.size())];
    if (fits(kind, known_.targets[target].kind, known_)) return make(kind, target, now);
  }
}

ByteVector Forge::make(Kind kind, std::size_t index, std::uint64_t now) {
  const Target& target = known_.targets[index];
  const auto padded = [&](std::size_t size) {
    ByteVector out(size);
    fill(out);
    return out;
  };
  switch (kind) {
    case Kind::kRandomBytes:
      return padded(1 + below(1500));
    case Kind::kOversize: {
      ByteVector out = right_one(index, now);
      const ByteVector more = padded(1 + below(8 << 10));
      out.insert(out.end(), more.begin(), more.end());
      return out;
    }
    case Kind::kTruncated: {
      ByteVector out = right_one(index, now);
      out.resize(below(out.size()));
      return out;
    }
    case Kind::kBitFlipped: {
      ByteVector out = right_one(index, now);
      for (std::size_t flips = 1 + below(8); flips > 0; --flips)
        out[below(out.size())] ^= byte_of(std::size_t{1} << below(8));
      return out;
    }
    case Kind::kReplayed:
      if (known_.recorded.empty()) return right_one(index, now);
      return known_.recorded[below(known_.recorded.size())];
    case Kind::kOtherVersion: {
      ByteVector out = right_one(index, now);
      out[2] = std::array<std::uint8_t, 3>{0, 2, 255}[below(3)];
      return out;
    }
    case Kind::kUnknownType: {
      ByteVector out = right_one(index, now);
      out[3] = byte_of(below(2) == 0 ? 0 : kDatagramTypeLast + 1U + below(200));
      return out;
    }
    case Kind::kReservedBits: {
      // The last byte before a MAC, or of the padding: reserved in knocks and tickets, covered by a MAC
      // elsewhere.
      ByteVector out = right_one(index, now);
      out[out.size() - 1 - below(std::min<std::size_t>(out.size(), 40))] ^= 0x80U;
      return out;
    }
    case Kind::kKnock:
      return encoded(Knock{some_chip(), target.anchor});
    case Kind::kKnockOfNobody:
      return encoded(Knock{random_id_of<ChipId>(), target.anchor});
    case Kind::kKnockForOther:
      return encoded(Knock{some_chip(), random_id_of<AnchorId>()});
    case Kind::kProofBadCookie:
    case Kind::kProofForeignKey: {
      KnockProof proof;
      proof.chip = some_chip();
      proof.anchor = target.anchor;
      proof.cookie = random_id_of<Mac>();
      if (kind == Kind::kProofForeignKey) {
        for (const Outsider::Cookie& cookie : known_.cookies) {
          if (cookie.target != index) continue;
          proof.chip = cookie.chip;
          proof.cookie = cookie.cookie;
        }
      }
      proof.boot_id = random_();
      proof.round_counter = below(1000);
      if (!sign(proof, *key_)) std::abort();
      return encoded(proof);
    }
    case Kind::kOpenWrongDigest:
    case Kind::kOpenSmallOrder:
    case Kind::kOpenStolen:
    case Kind::kOpenStolenSmallOrder: {
      Open open;
      const bool stolen = kind == Kind::kOpenStolen || kind == Kind::kOpenStolenSmallOrder;
      open.ticket = stolen ? ticket_digest(Bytes{*known_.ticket}) : random_id_of<Digest>();
      open.agent_public = random_id_of<X25519Public>();
      open.agent_public.bytes[31] &= 0x3F;
      if (kind == Kind::kOpenSmallOrder || kind == Kind::kOpenStolenSmallOrder)
        open.agent_public = small_order();
      open.signature_size = 64;
      fill(MutableBytes{open.signature}.first(open.signature_size));
      open.mac = random_id_of<Mac>();
      return encoded(open);
    }
    case Kind::kPongBadMac: {
      Pong pong;
      pong.session = random_id_of<SessionId>();
      pong.sequence = static_cast<std::uint32_t>(below(64));
      pong.nonce = random_id_of<Nonce>();
      pong.mac = random_id_of<Mac>();
      return encoded(pong);
    }
    case Kind::kFinishAckBadMac:
      return encoded(FinishAck{random_id_of<SessionId>(), random_id_of<Digest>(), random_id_of<Mac>()});
    case Kind::kStatementBadMac: {
      const ByteVector payload = padded(1 + below(StatementFragment::kPayloadMax));
      StatementFragment fragment;
      fragment.session = random_id_of<SessionId>();
      fragment.count = 1;
      fragment.payload = payload;
      fragment.mac = random_id_of<Mac>();
      return encoded(fragment);
    }
    case Kind::kMeshPingBadMac:
    case Kind::kPingBadMac: {
      Ping ping;
      ping.session = random_id_of<SessionId>();
      ping.sequence = static_cast<std::uint32_t>(below(64));
      ping.nonce = random_id_of<Nonce>();
      ping.mac = random_id_of<Mac>();
      return encoded(ping);
    }
    case Kind::kTicketUnknownCoordinator: {
      Ticket ticket = ticket_for(target, now);
      ticket.coordinator = *coordinator_id_of(key_->public_key());
      return ticket_datagram(ticket);
    }
    case Kind::kTicketForged:
      return ticket_datagram(ticket_for(target, now));
    case Kind::kTicketExpired: {
      Ticket ticket = ticket_for(target, now);
      ticket.not_before = now - 90'000;
      ticket.not_after = now - 86'400;
      return ticket_datagram(ticket);
    }
    case Kind::kTicketNotYetValid: {
      Ticket ticket = ticket_for(target, now);
      ticket.not_before = now + 86'400;
      ticket.not_after = now + 90'000;
      return ticket_datagram(ticket);
    }
    case Kind::kTicketOtherChip: {
      Ticket ticket = ticket_for(target, now);
      ticket.chip = random_id_of<ChipId>();
      return ticket_datagram(ticket);
    }
    case Kind::kTicketOtherAlgorithm: {
      ByteVector out = ticket_datagram(ticket_for(target, now));
      out[kHeaderSize + 1] = byte_of(below(256));  // version | algorithm | ...
      return out;
    }
    case Kind::kKnockReplyUnasked:
      return encoded(
          KnockReply{target.chip, KnockStatus::kProve, random_id_of<Mac>(), random_id_of<Nonce>()});
    case Kind::kOpenAckBadMac:
      return encoded(OpenAck{random_id_of<SessionId>(), random_id_of<Mac>()});
    case Kind::kFinishBadMac:
      return encoded(Finish{random_id_of<SessionId>(), random_(), random_id_of<Mac>()});
    case Kind::kCloseWrongOrder: {
      Close close;
      close.session = random_id_of<SessionId>();
      close.order.coordinator = known_.coordinator;
      close.order.round = random_id_of<RoundId>();
      close.order.chip = target.chip;
      close.order.nonce = random_id_of<Nonce>();
      close.order.mask = 1;
      if (!sign(close.order, *key_)) std::abort();
      close.mac = random_id_of<Mac>();
      return encoded(close);
    }
    case Kind::kReject: {
      Reject reject;
      reject.reason = static_cast<RejectReason>(1 + below(kRejectReasonLast));
      reject.rejected_type = byte_of(1 + below(kDatagramTypeLast));
      fill(reject.echo);
      return encoded(reject);
    }
    case Kind::kRejectRelayed: {
      for (const ByteVector& answer : known_.recorded) {
        if (parse_reject(answer)) return answer;
      }
      return make(Kind::kReject, index, now);
    }
    case Kind::kTicketStolen: {
      ByteVector buffer(kDatagramMax);
      buffer.resize(encode_ticket_datagram(*known_.ticket, buffer).size());
      return buffer;
    }
    case Kind::kTicketRedirected: {
      auto ticket = parse_ticket(*known_.ticket);
      if (!ticket) return padded(Ticket::kDatagramSize);
      ticket->anchor_endpoint = target.address;
      ByteVector buffer(kDatagramMax);
      buffer.resize(encode_ticket_datagram(bytes_of(*ticket), buffer).size());
      return buffer;
    }
    case Kind::kOpenLive: {
      const auto live = known_.live.find(index);
      return live == known_.live.end() ? make(Kind::kOpenWrongDigest, index, now) : live_open(live->second);
    }
  }
  std::abort();
}

ByteVector Forge::live_open(const Outsider::Live& live) {
  const auto ticket = parse_ticket(live.ticket);
  if (!ticket) std::abort();
  ByteArray<32> secret{};
  fill(secret);
  return test::open_by(*ticket, X25519Pair::from_private(secret), *key_, live.cookie);
}

}  // namespace chiploc::adversary
