#pragma once
#include <cstdint>

#include "proto/base/bytes.hpp"
#include "proto/base/endpoint.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"
#include "proto/wire/datagram.hpp"

namespace chiploc {

/// A coordinator's leave to measure one chip from one anchor in one round.
struct Ticket {
  static constexpr std::size_t kSignedSize = 156;
  static constexpr std::size_t kSize = kSignedSize + 64;
  /// A TICKET datagram: header, ticket, cookie, zeros. Padded so that the three OPENs it may cause are not
  /// more.
  static constexpr std::size_t kDatagramSize = 600;

  CoordinatorId coordinator;
  RoundId round;
  ChipId chip;
  AnchorId anchor;
  std::uint8_t anchor_index = 0;  ///< this anchor's bit in close orders
  std::uint8_t anchor_count = 0;  ///< 1 to kAnchorsMax
  std::uint8_t ping_count = 0;    ///< 1 to kPingsMax; sequence numbers are 0 to ping_count - 1
  Endpoint anchor_endpoint;       ///< where the agent opens to; signed, so nobody can aim agents at strangers
  X25519Public anchor_public;     ///< ephemeral, used once
  Nonce nonce;
  std::uint64_t not_before = 0;  ///< Unix seconds
  std::uint64_t not_after = 0;   ///< Unix seconds
  Ed25519Signature signature;
};

/// The ticket as it travels and is stored; its SHA-256 is the ticket digest.
[[nodiscard]] ByteArray<Ticket::kSize> bytes_of(const Ticket& ticket);
/// "chiploc ticket v1" 0x00 | the first kSignedSize bytes: what the coordinator signs.
[[nodiscard]] ByteArray<18 + Ticket::kSignedSize> signed_input(const Ticket& ticket);
/// Fields of exactly kSize bytes. Fails with kMalformed: version or algorithm other than 1, reserved bits
/// set, counts out of range, index not below count, unknown family, port 0, not_after not later than
/// not_before.
[[nodiscard]] Parsed<Ticket> parse_ticket(Bytes raw);

/// What a TICKET datagram carries.
struct TicketDatagram {
  Bytes ticket;  ///< kSize bytes, borrowed
  Mac cookie;    ///< of the KNOCK_PROOF that it answers; zero: it answers none
};
Bytes encode_ticket_datagram(Bytes ticket, MutableBytes out, const Mac& cookie = {});
[[nodiscard]] Parsed<TicketDatagram> parse_ticket_datagram(Bytes datagram);

}  // namespace chiploc
