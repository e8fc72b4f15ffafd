// Before a session: knock and open.
#include "proto/wire/datagram.hpp"
#include "proto/wire/wire_layout.hpp"

namespace chiploc {
namespace {
constexpr std::string_view kKnockPrefix{"chiploc knock v1\0", 17};
}  // namespace

using namespace wire_layout;

// ------------------------------------------------------------------------------------------------ knock
Bytes encode(const Knock& d, MutableBytes out) {
  ByteWriter w = begin(DatagramType::kKnock, out);
  w.bytes(d.chip.bytes);
  w.bytes(d.anchor.bytes);
  w.bytes(d.nonce.bytes);
  w.zeros(Knock::kSize - w.size());
  return w.written();
}

Parsed<Knock> parse_knock(Bytes datagram) {
  auto r = open_fixed(datagram, DatagramType::kKnock, Knock::kSize);
  if (!r) return malformed();
  Knock d;
  read(*r, d.chip);
  read(*r, d.anchor);
  read(*r, d.nonce);
  if (!is_zero(r->bytes(r->left()))) return malformed();
  return d;
}

Bytes encode(const KnockReply& d, MutableBytes out) {
  ByteWriter w = begin(DatagramType::kKnockReply, out);
  w.bytes(d.chip.bytes);
  w.u8(static_cast<std::uint8_t>(d.status));
  w.zeros(3);
  w.bytes(d.cookie.bytes);
  w.bytes(d.nonce.bytes);
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
  read(*r, d.nonce);
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
  w.bytes(d.cookie.bytes);
  w.u16(d.signature_size);
  w.u16(0);
  w.bytes(d.signature_bytes());
  w.zeros(Open::kSignatureMax - d.signature_size);
  w.bytes(d.mac.bytes);
  return w.written();
}

Parsed<Open> parse_open(Bytes datagram) {
  auto r = open_fixed(datagram, DatagramType::kOpen, Open::kSize);
  if (!r) return malformed();
  Open d;
  read(*r, d.ticket);
  read(*r, d.agent_public);
  read(*r, d.cookie);
  d.signature_size = r->u16();
  const std::uint16_t reserved = r->u16();
  d.signature = r->array<Open::kSignatureMax>();
  read(*r, d.mac);
  if (reserved != 0 || (d.signature_size != 64 && d.signature_size != 96)) return malformed();
  if (!is_zero(Bytes{d.signature}.subspan(d.signature_size))) return malformed();
  return d;
}

Bytes encode(const OpenCookie& d, MutableBytes out) {
  ByteWriter w = begin(DatagramType::kOpenCookie, out);
  w.bytes(d.open.bytes);
  w.bytes(d.cookie.bytes);
  return w.written();
}

Parsed<OpenCookie> parse_open_cookie(Bytes datagram) {
  auto r = open_fixed(datagram, DatagramType::kOpenCookie, OpenCookie::kSize);
  if (!r) return malformed();
  OpenCookie d;
  read(*r, d.open);
  read(*r, d.cookie);
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

}  // namespace chiploc
