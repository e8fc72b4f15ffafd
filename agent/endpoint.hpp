#pragma once
#include <netinet/in.h>
#include <sys/socket.h>

#include <optional>
#include <string>
#include <string_view>

#include "proto/base/endpoint.hpp"

namespace chiploc {

/// A socket address of either family together with its size, ready for bind, recvmsg and sendmsg.
struct AgentSocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  [[nodiscard]] sockaddr* raw() { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

/// The socket address of an endpoint. An endpoint of an unknown family gives size 0.
[[nodiscard]] AgentSocketAddress to_socket_address(const Endpoint& endpoint);

/// The endpoint of a socket address; nullopt unless its family is AF_INET or AF_INET6. An IPv4 address mapped
/// into IPv6 stays IPv6: the sockets here are opened V6ONLY and never see one.
[[nodiscard]] std::optional<Endpoint> from_socket_address(const sockaddr_storage& storage);

/// "127.0.0.1:7400" or "[::1]:7400". nullopt for host names, missing ports and ports above 65535. Port 0 is
/// accepted: whether it makes sense is the caller's to say.
[[nodiscard]] std::optional<Endpoint> parse_endpoint(std::string_view text);

/// The inverse of parse_endpoint.
[[nodiscard]] std::string text_of(const Endpoint& endpoint);

}  // namespace chiploc
