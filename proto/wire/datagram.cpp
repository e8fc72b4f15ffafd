#include "proto/wire/datagram.hpp"

#include "proto/wire/wire_layout.hpp"

namespace chiploc {

using namespace wire_layout;

Result<DatagramType, RejectReason> read_header(Bytes datagram) {
  if (datagram.size() < kHeaderSize || datagram[0] != kMagic[0] || datagram[1] != kMagic[1]) {
    return malformed();
  }
  const std::uint8_t type = datagram[3];
  if (datagram[2] != kProtocolVersion && type != static_cast<std::uint8_t>(DatagramType::kReject)) {
    return Fail{RejectReason::kUnsupportedVersion};
  }
  if (type == 0 || type > kDatagramTypeLast) return malformed();
  return static_cast<DatagramType>(type);
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

// -------------------------------------------------------------------------------------------- reject
Bytes encode(const Reject& d, MutableBytes out) {
  ByteWriter w = begin(DatagramType::kReject, out);
  out[2] = d.version;
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
  d.version = datagram[2];
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
