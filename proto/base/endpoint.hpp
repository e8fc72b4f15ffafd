#pragma once
#include <cstdint>

#include "proto/base/bytes.hpp"

namespace chiploc {

/// An IP address and a UDP port as they stand in tickets; no socket type, so that what is pure stays so.
struct Endpoint {
  std::uint8_t family = 4;  ///< 4 or 6
  ByteArray<16> address{};  ///< IPv4 in the first four bytes, the rest zero
  std::uint16_t port = 0;   ///< never 0 in a ticket
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

}  // namespace chiploc
