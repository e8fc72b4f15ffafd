#pragma once
#include <string>
#include <string_view>

namespace chiploc {

/// Why notices may not be sent to this address, in a sentence; empty if they may:
///
///     https://HOST[:PORT][/PATH][?QUERY]
///
/// http too where `plain_too`. HOST is a name, an IPv4 address or an IPv6 address in brackets. No user and
/// password (they would stand in logs), no fragment, nothing but visible ASCII, at most kReceiverUrlMax bytes.
/// Whether the host's address may be sent to is asked at each connection (receiver_address.hpp).
[[nodiscard]] std::string refusal_of_url(std::string_view url, bool plain_too);

inline constexpr std::size_t kReceiverUrlMax = 1'000;

}  // namespace chiploc
