#pragma once
#include <optional>

#include "proto/wire/datagram.hpp"

/// What every layout of PROTOCOL.md shares: the header, the fields, the zeros. For the sources of wire alone.
namespace chiploc::wire_layout {

/// A writer that has written the header.
[[nodiscard]] inline ByteWriter begin(DatagramType type, MutableBytes out) {
  ByteWriter w{out};
  w.bytes(kMagic);
  w.u8(kProtocolVersion);
  w.u8(static_cast<std::uint8_t>(type));
  return w;
}

/// A reader placed after the header, or nullopt if the datagram is not exactly one of `type`.
[[nodiscard]] inline std::optional<ByteReader> open_fixed(Bytes datagram, DatagramType type,
                                                          std::size_t size) {
  const auto header = read_header(datagram);
  if (!header || *header != type || datagram.size() != size) return std::nullopt;
  return ByteReader{datagram.subspan(kHeaderSize)};
}

template <class AnyId>
void read(ByteReader& r, AnyId& id) {
  id.bytes = r.array<AnyId::kSize>();
}

[[nodiscard]] inline bool is_zero(Bytes bytes) {
  std::uint8_t seen = 0;
  for (const std::uint8_t b : bytes) seen = seen | b;
  return seen == 0;
}

[[nodiscard]] inline Fail<RejectReason> malformed() { return Fail{RejectReason::kMalformed}; }

/// Tickets and close orders begin with these and two zero bytes.
inline constexpr std::uint8_t kSealVersion = 1;
inline constexpr std::uint8_t kSealEd25519 = 1;
inline void begin_sealed(ByteWriter& w) {
  w.u8(kSealVersion);
  w.u8(kSealEd25519);
  w.u16(0);
}
/// False for another version or algorithm: there is nothing to negotiate, so nothing to downgrade.
[[nodiscard]] inline bool read_sealed(ByteReader& r) {
  const bool version = r.u8() == kSealVersion;
  const bool algorithm = r.u8() == kSealEd25519;
  const bool reserved = r.u16() == 0;
  return version && algorithm && reserved;
}

}  // namespace chiploc::wire_layout
