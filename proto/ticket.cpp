#include "proto/ticket.hpp"

namespace chiploc {
namespace {

constexpr std::string_view kTicketPrefix{"chiploc ticket v1\0", 18};
constexpr std::uint8_t kTicketVersion = 1;
constexpr std::uint8_t kAlgorithmEd25519 = 1;

void write_signed_part(ByteWriter& w, const Ticket& t) {
  w.u8(kTicketVersion);
  w.u8(kAlgorithmEd25519);
  w.u16(0);
  w.bytes(t.coordinator.bytes);
  w.bytes(t.round.bytes);
  w.bytes(t.chip.bytes);
  w.bytes(t.anchor.bytes);
  w.u8(t.anchor_index);
  w.u8(t.anchor_count);
  w.u8(t.ping_count);
  w.u8(t.anchor_endpoint.family);
  w.bytes(t.anchor_endpoint.address);
  w.u16(t.anchor_endpoint.port);
  w.u16(0);
  w.bytes(t.anchor_public.bytes);
  w.bytes(t.nonce.bytes);
  w.u64(t.not_before);
  w.u64(t.not_after);
}

bool plausible(const Endpoint& endpoint) {
  if (endpoint.port == 0) return false;
  if (endpoint.family == 6) return true;
  if (endpoint.family != 4) return false;
  for (std::size_t i = 4; i < endpoint.address.size(); ++i) {
    if (endpoint.address[i] != 0) return false;
  }
  return true;
}

}  // namespace

ByteArray<Ticket::kSize> bytes_of(const Ticket& ticket) {
  ByteArray<Ticket::kSize> out{};
  ByteWriter w{out};
  write_signed_part(w, ticket);
  w.bytes(ticket.signature.bytes);
  return out;
}

ByteArray<18 + Ticket::kSignedSize> signed_input(const Ticket& ticket) {
  ByteArray<18 + Ticket::kSignedSize> out{};
  ByteWriter w{out};
  w.bytes(bytes_of(kTicketPrefix));
  write_signed_part(w, ticket);
  return out;
}

Parsed<Ticket> parse_ticket(Bytes raw) {
  const Fail malformed{RejectReason::kMalformed};
  if (raw.size() != Ticket::kSize) return malformed;
  ByteReader r{raw};
  if (r.u8() != kTicketVersion) return malformed;
  if (r.u8() != kAlgorithmEd25519) return malformed;
  if (r.u16() != 0) return malformed;
  Ticket t;
  t.coordinator.bytes = r.array<16>();
  t.round.bytes = r.array<16>();
  t.chip.bytes = r.array<16>();
  t.anchor.bytes = r.array<16>();
  t.anchor_index = r.u8();
  t.anchor_count = r.u8();
  t.ping_count = r.u8();
  t.anchor_endpoint.family = r.u8();
  t.anchor_endpoint.address = r.array<16>();
  t.anchor_endpoint.port = r.u16();
  if (r.u16() != 0) return malformed;
  t.anchor_public.bytes = r.array<32>();
  t.nonce.bytes = r.array<16>();
  t.not_before = r.u64();
  t.not_after = r.u64();
  t.signature.bytes = r.array<64>();
  if (t.anchor_count == 0 || t.anchor_count > kAnchorsMax || t.anchor_index >= t.anchor_count)
    return malformed;
  if (t.ping_count == 0 || t.ping_count > kPingsMax) return malformed;
  if (!plausible(t.anchor_endpoint) || t.not_after <= t.not_before) return malformed;
  return t;
}

Bytes encode_ticket_datagram(Bytes ticket, MutableBytes out) {
  ByteWriter w{out};
  w.bytes(kMagic);
  w.u8(kProtocolVersion);
  w.u8(static_cast<std::uint8_t>(DatagramType::kTicket));
  w.bytes(ticket);
  w.zeros(Ticket::kDatagramSize - kHeaderSize - Ticket::kSize);
  return w.written();
}

Parsed<Bytes> parse_ticket_datagram(Bytes datagram) {
  const auto header = read_header(datagram);
  if (!header || *header != DatagramType::kTicket || datagram.size() != Ticket::kDatagramSize) {
    return Fail{RejectReason::kMalformed};
  }
  for (const std::uint8_t padding : datagram.subspan(kHeaderSize + Ticket::kSize)) {
    if (padding != 0) return Fail{RejectReason::kMalformed};
  }
  return datagram.subspan(kHeaderSize, Ticket::kSize);
}

}  // namespace chiploc
