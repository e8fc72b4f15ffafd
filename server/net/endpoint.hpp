#pragma once
#include <sys/socket.h>

#include <asio/ip/udp.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "proto/base/endpoint.hpp"

// The agent has conversions of its own (agent/endpoint.hpp): the two sides share no code above proto, and the
// names differ so that a test may link both.
namespace chiploc {

/// Reads "192.0.2.1:7411" or "[2001:db8::1]:7411": a numeric address and a port from 0 to 65535 (0 means
/// "any", which only a listener may use). nullopt for anything else: names, scopes ("%eth0"), missing
/// brackets, signs, spaces. An IPv4-mapped IPv6 address becomes the IPv4 address it means.
[[nodiscard]] std::optional<Endpoint> endpoint_from_text(std::string_view text);
/// The inverse: endpoint_from_text(endpoint_text(e)) == e.
[[nodiscard]] std::string endpoint_text(const Endpoint& endpoint);

/// A socket address as the kernel wants it. Returns its length.
socklen_t to_sockaddr(const Endpoint& endpoint, sockaddr_storage& out);
/// nullopt if the family is neither AF_INET nor AF_INET6 or the length is too short for it.
/// IPv4-mapped addresses become IPv4, so that one peer has one name whatever socket it came through.
[[nodiscard]] std::optional<Endpoint> from_sockaddr(const sockaddr_storage& address, socklen_t size);

[[nodiscard]] asio::ip::udp::endpoint to_asio(const Endpoint& endpoint);
[[nodiscard]] Endpoint from_asio(const asio::ip::udp::endpoint& endpoint);

}  // namespace chiploc
