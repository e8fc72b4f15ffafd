#include "proto/datagram.hpp"

namespace chiploc {
namespace {

constexpr std::string_view kKnockPrefix{"chiploc knock v1\0", 17};
constexpr std::string_view kClosePrefix{"chiploc close v1\0", 17};
constexpr std::uint8_t kOrderVersion = 1;
constexpr std::uint8_t kAlgorithmEd25519 = 1;

ByteWriter begin(DatagramType type, MutableBytes out) {
  ByteWriter w{out};
  w.bytes(kMagic);
  w.u8(kProtocolVersion);
  w.u8(static_cast<std::uint8_t>(type));
  return w;
}

/// A reader placed after the header, or nullopt if the datagram is not exactly one of `type`.
std::optional<ByteReader> open_fixed(Bytes datagram, DatagramType type, std::size_t size) {
  const auto header = read_header(datagram);
  if (!header || *header != type || datagram.size() != size) return std::nullopt;
  return ByteReader{datagram.subspan(kHeaderSize)};
}

template <class AnyId>
void read(ByteReader& r, AnyId& id) {
  id.bytes = r.array<AnyId::kSize>();
}

bool is_zero(Bytes bytes) {
  std::uint8_t seen = 0;
  for (const std::uint8_t b : bytes) seen = seen | b;
  return seen == 0;
}

Fail<RejectReason> malformed() { return Fail{RejectReason::kMalformed}; }

void write_order(ByteWriter& w, const CloseOrder& order) {
  w.u8(kOrderVersion);
  w.u8(kAlgorithmEd25519);
  w.u16(0);
  w.bytes(order.coordinator.bytes);
  w.bytes(order.round.bytes);
  w.bytes(order.chip.bytes);
  w.bytes(order.nonce.bytes);
  w.u64(order.mask);
}

}  // namespace

std::string_view name_of(DatagramType type) {
  switch (type) {
    case DatagramType::kKnock:
      return "knock";
    case DatagramType::kKnockReply:
      return "knock_reply";
    case DatagramType::kKnockProof:
      return "knock_proof";
    case DatagramType::kTicket:
      return "ticket";
    case DatagramType::kOpen:
      return "open";
    case DatagramType::kOpenAck:
      return "open_ack";
    case DatagramType::kPing:
      return "ping";
    case DatagramType::kPong:
      return "pong";
    case DatagramType::kFinish:
      return "finish";
    case DatagramType::kFinishAck:
      return "finish_ack";
    case DatagramType::kClose:
      return "close";
    case DatagramType::kStatement:
      return "statement";
    case DatagramType::kReject:
      return "reject";
  }
  return "unknown";
}

std::string_view name_of(RejectReason reason) {
  switch (reason) {
    case RejectReason::kMalformed:
      return "malformed";
    case RejectReason::kUnsupportedVersion:
      return "unsupported_version";
    case RejectReason::kUnexpectedType:
      return "unexpected_type";
    case RejectReason::kUnknownCoordinator:
      return "unknown_coordinator";
    case RejectReason::kBadSignature:
      return "bad_signature";
    case RejectReason::kNotForMe:
      return "not_for_me";
    case RejectReason::kNotYetValid:
      return "not_yet_valid";
    case RejectReason::kExpired:
      return "expired";
    case RejectReason::kTableFull:
      return "table_full";
    case RejectReason::kUnknownSession:
      return "unknown_session";
    case RejectReason::kBadMac:
      return "bad_mac";
    case RejectReason::kAlreadyAnswered:
      return "already_answered";
    case RejectReason::kSequenceOutOfRange:
      return "sequence_out_of_range";
    case RejectReason::kBadKey:
      return "bad_key";
    case RejectReason::kBadCookie:
      return "bad_cookie";
    case RejectReason::kLate:
      return "late";
    case RejectReason::kWrongState:
      return "wrong_state";
    case RejectReason::kAlreadyClosed:
      return "already_closed";
    case RejectReason::kTranscriptMismatch:
      return "transcript_mismatch";
    case RejectReason::kRateLimited:
      return "rate_limited";
  }
  return "unknown";
}

bool is_answered(RejectReason reason) {
  switch (reason) {
    case RejectReason::kUnsupportedVersion:
    case RejectReason::kUnknownCoordinator:
    case RejectReason::kNotForMe:
    case RejectReason::kNotYetValid:
    case RejectReason::kExpired:
    case RejectReason::kTableFull:
      return true;
    case RejectReason::kMalformed:
    case RejectReason::kUnexpectedType:
    case RejectReason::kBadSignature:
    case RejectReason::kUnknownSession:
    case RejectReason::kBadMac:
    case RejectReason::kAlreadyAnswered:
    case RejectReason::kSequenceOutOfRange:
    case RejectReason::kBadKey:
    case RejectReason::kBadCookie:
    case RejectReason::kLate:
    case RejectReason::kWrongState:
    case RejectReason::kAlreadyClosed:
    case RejectReason::kTranscriptMismatch:
    case RejectReason::kRateLimited:
      return false;
  }
  return false;
}

Result<DatagramType, RejectReason> read_header(Bytes datagram) {
  if (datagram.size() < kHeaderSize || datagram[0] != kMagic[0] || datagram[1] != kMagic[1]) {
    return malformed();
  }
  if (datagram[2] != kProtocolVersion) return Fail{RejectReason::kUnsupportedVersion};
  const std::uint8_t type = datagram[3];
  if (type == 0 || type > kDatagramTypeLast) return malformed();
  return static_cast<DatagramType>(type);
}

// ------------------------------------------------------------------------------------------------ knock
Bytes encode(const Knock& d, MutableBytes out) {
  ByteWriter w = begin(DatagramType::kKnock, out);
  w.bytes(d.chip.bytes);
  w.bytes(d.anchor.bytes);
  w.zeros(Knock::kSize - w.size());
  return w.written();
}

Parsed<Knock> parse_knock(Bytes datagram) {
  auto r = open_fixed(datagram, DatagramType::kKnock, Knock::kSize);
  if (!r) return malformed();
  Knock d;
  read(*r, d.chip);
  read(*r, d.anchor);
  if (!is_zero(r->bytes(r->left()))) return malformed();
  return d;
}

Bytes encode(const KnockReply& d, MutableBytes out) {
  ByteWriter w = begin(DatagramType::kKnockReply, out);
  w.bytes(d.chip.bytes);
  w.u8(static_cast<std::uint8_t>(d.status));
  w.zeros(3);
  w.bytes(d.cookie.bytes);
  return w.written();
}

Parsed<KnockReply> parse_knock_reply(Bytes datagram) {
  auto r = open_fixed(datagram, DatagramType::kKnockReply, KnockReply::kSize);
  if (!r) return malformed();
  KnockReply d;
  read(*r, d.chip);
  const std::uint8_t status = r->u8();
  const bool reserved = is_zero(r->bytes(3));
  read(*r, d.cookie);
  if (status > 1 || !reserved) return malformed();
  d.status = static_cast<KnockStatus>(status);
  return d;
}

ByteArray<KnockProof::kInputSize> KnockProof::proof_input() const {
  ByteArray<kInputSize> out{};
  ByteWriter w{out};
  w.bytes(bytes_of(kKnockPrefix));
  w.bytes(chip.bytes);
  w.bytes(anchor.bytes);
  w.bytes(cookie.bytes);
  w.u64(boot_id);
  w.u64(round_counter);
  return out;
}

Bytes encode(const KnockProof& d, MutableBytes out) {
  ByteWriter w = begin(DatagramType::kKnockProof, out);
  w.bytes(d.chip.bytes);
  w.bytes(d.anchor.bytes);
  w.bytes(d.cookie.bytes);
  w.u64(d.boot_id);
  w.u64(d.round_counter);
  w.u16(d.signature_size);
  w.u16(0);
  w.bytes(d.signature_bytes());
  w.zeros(KnockProof::kSize - w.size());
  return w.written();
}

Parsed<KnockProof> parse_knock_proof(Bytes datagram) {
  auto r = open_fixed(datagram, DatagramType::kKnockProof, KnockProof::kSize);
  if (!r) return malformed();
  KnockProof d;
  read(*r, d.chip);
  read(*r, d.anchor);
  read(*r, d.cookie);
  d.boot_id = r->u64();
  d.round_counter = r->u64();
  d.signature_size = r->u16();
  const std::uint16_t reserved = r->u16();
  d.signature = r->array<KnockProof::kSignatureMax>();
  if (reserved != 0 || (d.signature_size != 64 && d.signature_size != 96)) return malformed();
  if (!is_zero(Bytes{d.signature}.subspan(d.signature_size))) return malformed();
  return d;
}

// --------------------------------------------------------------------------------------------- open
Bytes encode(const Open& d, MutableBytes out) {
  ByteWriter w = begin(DatagramType::kOpen, out);
  w.bytes(d.ticket.bytes);
  w.bytes(d.agent_public.bytes);
  return w.written();
}

Parsed<Open> parse_open(Bytes datagram) {
  auto r = open_fixed(datagram, DatagramType::kOpen, Open::kSize);
  if (!r) return malformed();
  Open d;
  read(*r, d.ticket);
  read(*r, d.agent_public);
  return d;
}

Bytes encode(const OpenAck& d, MutableBytes out) {
  ByteWriter w = begin(DatagramType::kOpenAck, out);
  w.bytes(d.session.bytes);
  w.bytes(d.mac.bytes);
  return w.written();
}

Parsed<OpenAck> parse_open_ack(Bytes datagram) {
  auto r = open_fixed(datagram, DatagramType::kOpenAck, OpenAck::kSize);
  if (!r) return malformed();
  OpenAck d;
  read(*r, d.session);
  read(*r, d.mac);
  return d;
}

// ---------------------------------------------------------------------------------------------- ping
Bytes encode(const Ping& d, MutableBytes out) {
  ByteWriter w = begin(DatagramType::kPing, out);
  w.bytes(d.session.bytes);
  w.u32(d.sequence);
  w.bytes(d.nonce.bytes);
  w.zeros(16);
  w.bytes(d.mac.bytes);
  return w.written();
}

Parsed<Ping> parse_ping(Bytes datagram) {
  auto r = open_fixed(datagram, DatagramType::kPing, Ping::kSize);
  if (!r) return malformed();
  Ping d;
  read(*r, d.session);
  d.sequence = r->u32();
  read(*r, d.nonce);
  if (!is_zero(r->bytes(16))) return malformed();
  read(*r, d.mac);
  return d;
}

Bytes encode(const Pong& d, MutableBytes out) {
  ByteWriter w = begin(DatagramType::kPong, out);
  w.bytes(d.session.bytes);
  w.u32(d.sequence);
  w.bytes(d.nonce.bytes);
  w.u32(d.residence_ns);
  w.zeros(12);
  w.bytes(d.mac.bytes);
  return w.written();
}

Parsed<Pong> parse_pong(Bytes datagram) {
  auto r = open_fixed(datagram, DatagramType::kPong, Pong::kSize);
  if (!r) return malformed();
  Pong d;
  read(*r, d.session);
  d.sequence = r->u32();
  read(*r, d.nonce);
  d.residence_ns = r->u32();
  if (!is_zero(r->bytes(12))) return malformed();
  read(*r, d.mac);
  return d;
}

// --------------------------------------------------------------------------------------------- close
Bytes encode(const Finish& d, MutableBytes out) {
  ByteWriter w = begin(DatagramType::kFinish, out);
  w.bytes(d.session.bytes);
  w.u64(d.received);
  w.zeros(28);
  w.bytes(d.mac.bytes);
  return w.written();
}

Parsed<Finish> parse_finish(Bytes datagram) {
  auto r = open_fixed(datagram, DatagramType::kFinish, Finish::kSize);
  if (!r) return malformed();
  Finish d;
  read(*r, d.session);
  d.received = r->u64();
  if (!is_zero(r->bytes(28))) return malformed();
  read(*r, d.mac);
  return d;
}

Bytes encode(const FinishAck& d, MutableBytes out) {
  ByteWriter w = begin(DatagramType::kFinishAck, out);
  w.bytes(d.session.bytes);
  w.bytes(d.transcript.bytes);
  w.bytes(d.mac.bytes);
  return w.written();
}

Parsed<FinishAck> parse_finish_ack(Bytes datagram) {
  auto r = open_fixed(datagram, DatagramType::kFinishAck, FinishAck::kSize);
  if (!r) return malformed();
  FinishAck d;
  read(*r, d.session);
  read(*r, d.transcript);
  read(*r, d.mac);
  return d;
}

ByteArray<17 + CloseOrder::kSignedSize> signed_input(const CloseOrder& order) {
  ByteArray<17 + CloseOrder::kSignedSize> out{};
  ByteWriter w{out};
  w.bytes(bytes_of(kClosePrefix));
  write_order(w, order);
  return out;
}

ByteArray<CloseOrder::kSize> bytes_of(const CloseOrder& order) {
  ByteArray<CloseOrder::kSize> out{};
  ByteWriter w{out};
  write_order(w, order);
  w.bytes(order.signature.bytes);
  return out;
}

Parsed<CloseOrder> parse_close_order(Bytes raw) {
  if (raw.size() != CloseOrder::kSize) return malformed();
  ByteReader r{raw};
  const bool known = r.u8() == kOrderVersion && r.u8() == kAlgorithmEd25519 && r.u16() == 0;
  if (!known) return malformed();
  CloseOrder order;
  read(r, order.coordinator);
  read(r, order.round);
  read(r, order.chip);
  read(r, order.nonce);
  order.mask = r.u64();
  read(r, order.signature);
  if (order.mask == 0) return malformed();
  return order;
}

Bytes encode(const Close& d, MutableBytes out) {
  ByteWriter w = begin(DatagramType::kClose, out);
  w.bytes(d.session.bytes);
  w.bytes(bytes_of(d.order));
  w.bytes(d.mac.bytes);
  return w.written();
}

Parsed<Close> parse_close(Bytes datagram) {
  auto r = open_fixed(datagram, DatagramType::kClose, Close::kSize);
  if (!r) return malformed();
  Close d;
  read(*r, d.session);
  const auto order = parse_close_order(r->bytes(CloseOrder::kSize));
  if (!order) return malformed();
  d.order = *order;
  read(*r, d.mac);
  return d;
}

Bytes encode(const StatementFragment& d, MutableBytes out) {
  ByteWriter w = begin(DatagramType::kStatement, out);
  w.bytes(d.session.bytes);
  w.u8(d.index);
  w.u8(d.count);
  w.u16(static_cast<std::uint16_t>(d.payload.size()));
  w.bytes(d.payload);
  w.bytes(d.mac.bytes);
  return w.written();
}

Parsed<StatementFragment> parse_statement(Bytes datagram) {
  const std::size_t size = datagram.size();
  if (size <= StatementFragment::kFixedSize ||
      size > StatementFragment::kFixedSize + StatementFragment::kPayloadMax) {
    return malformed();
  }
  auto r = open_fixed(datagram, DatagramType::kStatement, size);
  if (!r) return malformed();
  StatementFragment d;
  read(*r, d.session);
  d.index = r->u8();
  d.count = r->u8();
  const std::size_t length = r->u16();
  if (length != size - StatementFragment::kFixedSize) return malformed();
  d.payload = r->bytes(length);
  read(*r, d.mac);
  const bool last = d.index + 1 == d.count;
  if (d.count == 0 || d.count > StatementFragment::kFragmentsMax || d.index >= d.count ||
      (!last && length != StatementFragment::kPayloadMax)) {
    return malformed();
  }
  return d;
}

// -------------------------------------------------------------------------------------------- reject
Bytes encode(const Reject& d, MutableBytes out) {
  ByteWriter w = begin(DatagramType::kReject, out);
  w.u8(static_cast<std::uint8_t>(d.reason));
  w.u8(d.rejected_type);
  w.u8(d.version_supported);
  w.u8(0);
  w.bytes(d.echo);
  return w.written();
}

Parsed<Reject> parse_reject(Bytes datagram) {
  auto r = open_fixed(datagram, DatagramType::kReject, Reject::kSize);
  if (!r) return malformed();
  Reject d;
  const std::uint8_t reason = r->u8();
  d.rejected_type = r->u8();
  d.version_supported = r->u8();
  const std::uint8_t reserved = r->u8();
  d.echo = r->array<8>();
  if (reason == 0 || reason > kRejectReasonLast || reserved != 0) return malformed();
  d.reason = static_cast<RejectReason>(reason);
  return d;
}

std::optional<Reject> reject_for(Bytes datagram, RejectReason reason) {
  if (!is_answered(reason) || datagram.size() < Reject::kSize) return std::nullopt;
  const std::uint8_t type = datagram[3];
  if (type == static_cast<std::uint8_t>(DatagramType::kReject)) return std::nullopt;
  Reject reject;
  reject.reason = reason;
  reject.rejected_type = type;
  std::memcpy(reject.echo.data(), datagram.data() + kHeaderSize, reject.echo.size());
  return reject;
}

}  // namespace chiploc
