#include "proto/wire/ticket.hpp"

#include "proto/wire/wire_layout.hpp"

namespace chiploc {

using namespace wire_layout;

namespace {

constexpr std::string_view kTicketPrefix{"chiploc ticket v1\0", 18};

void write_signed_part(ByteWriter& w, const Ticket& t) {
  begin_sealed(w);
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
  return is_zero(Bytes{endpoint.address}.subspan(4));
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
  if (raw.size() != Ticket::kSize) return malformed();
  ByteReader r{raw};
  if (!read_sealed(r)) return malformed();
  Ticket t;
  read(r, t.coordinator);
  read(r, t.round);
  read(r, t.chip);
  read(r, t.anchor);
  t.anchor_index = r.u8();
  t.anchor_count = r.u8();
  t.ping_count = r.u8();
  t.anchor_endpoint.family = r.u8();
  t.anchor_endpoint.address = r.array<16>();
  t.anchor_endpoint.port = r.u16();
  if (r.u16() != 0) return malformed();
  read(r, t.anchor_public);
  read(r, t.nonce);
  t.not_before = r.u64();
  t.not_after = r.u64();
  read(r, t.signature);
  if (t.anchor_count == 0 || t.anchor_count > kAnchorsMax || t.anchor_index >= t.anchor_count)
    return malformed();
  if (t.ping_count == 0 || t.ping_count > kPingsMax) return malformed();
  if (!plausible(t.anchor_endpoint) || t.not_after <= t.not_before) return malformed();
  return t;
}

Bytes encode_ticket_datagram(Bytes ticket, MutableBytes out, const Mac& cookie) {
  ByteWriter w = begin(DatagramType::kTicket, out);
  w.bytes(ticket);
  w.bytes(cookie.bytes);
  w.zeros(Ticket::kDatagramSize - w.size());
  return w.written();
}

Parsed<TicketDatagram> parse_ticket_datagram(Bytes datagram) {
  auto r = open_fixed(datagram, DatagramType::kTicket, Ticket::kDatagramSize);
  if (!r) return malformed();
  TicketDatagram out;
  out.ticket = r->bytes(Ticket::kSize);
  read(*r, out.cookie);
  if (!is_zero(r->bytes(r->left()))) return malformed();
  return out;
}

}  // namespace chiploc
