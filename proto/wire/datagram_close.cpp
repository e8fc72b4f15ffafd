// The end of a session: finish, close order, statement.
#include "proto/wire/datagram.hpp"
#include "proto/wire/wire_layout.hpp"

namespace chiploc {

using namespace wire_layout;

namespace {

constexpr std::string_view kClosePrefix{"chiploc close v1\0", 17};

void write_order(ByteWriter& w, const CloseOrder& order) {
  begin_sealed(w);
  w.bytes(order.coordinator.bytes);
  w.bytes(order.round.bytes);
  w.bytes(order.chip.bytes);
  w.bytes(order.nonce.bytes);
  w.u64(order.mask);
}

}  // namespace

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
  if (!read_sealed(r)) return malformed();
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

}  // namespace chiploc
