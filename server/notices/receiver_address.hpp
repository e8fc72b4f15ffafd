#pragma once
#include <string_view>

#include "proto/base/bytes.hpp"

namespace chiploc {

/// What an IP address is for. IANA's special-purpose registries for IPv4 and IPv6, of 2026.
enum class AddressKind : std::uint8_t {
  kPublic,
  kLoopback,       ///< 127.0.0.0/8, ::1
  kPrivate,        ///< RFC 1918, shared (100.64.0.0/10), unique local (fc00::/7)
  kLinkLocal,      ///< 169.254.0.0/16 (where clouds keep their metadata), fe80::/10
  kMulticast,      ///< 224.0.0.0/4, ff00::/8
  kDocumentation,  ///< RFC 5737, 2001:db8::/32, 3fff::/20
  kReserved,       ///< "this host", benchmarks, protocol assignments, tunnels, and what nobody has been given
};
[[nodiscard]] std::string_view name_of(AddressKind kind);

/// Takes 4 or 16 bytes, in network order; any other number is kReserved. An IPv4 address within an IPv6 one is
/// what counts: mapped (::ffff:0:0/96), and behind the well-known prefix of NAT64 (64:ff9b::/96). Of IPv6
/// only 2000::/3 is public, without what is set apart in it.
[[nodiscard]] AddressKind address_kind_of(Bytes address);

/// Whether notices may be sent there. `private_too` allows private addresses and loopback; never link-local ones, so
/// that no configuration reaches a cloud's metadata, and never the rest.
[[nodiscard]] bool may_send_to(AddressKind kind, bool private_too);

}  // namespace chiploc
