#include "agent/endpoint.hpp"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>

namespace chiploc {

AgentSocketAddress to_socket_address(const Endpoint& endpoint) {
  AgentSocketAddress out;
  if (endpoint.family == 4) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    std::memcpy(&v4.sin_addr, endpoint.address.data(), 4);
    std::memcpy(&out.storage, &v4, sizeof v4);
    out.size = sizeof v4;
  } else if (endpoint.family == 6) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(endpoint.port);
    std::memcpy(&v6.sin6_addr, endpoint.address.data(), 16);
    std::memcpy(&out.storage, &v6, sizeof v6);
    out.size = sizeof v6;
  }
  return out;
}

std::optional<Endpoint> from_socket_address(const sockaddr_storage& storage) {
  Endpoint out;
  if (storage.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &storage, sizeof v4);
    out.family = 4;
    std::memcpy(out.address.data(), &v4.sin_addr, 4);
    out.port = ntohs(v4.sin_port);
    return out;
  }
  if (storage.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &storage, sizeof v6);
    out.family = 6;
    std::memcpy(out.address.data(), &v6.sin6_addr, 16);
    out.port = ntohs(v6.sin6_port);
    return out;
  }
  return std::nullopt;
}

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  Endpoint out;
  std::string host;
  std::string_view port;
  if (!text.empty() && text.front() == '[') {
    const auto close = text.find("]:");
    if (close == std::string_view::npos) return std::nullopt;
    host = text.substr(1, close - 1);
    port = text.substr(close + 2);
    out.family = 6;
  } else {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
    out.family = 4;
  }
  if (inet_pton(out.family == 4 ? AF_INET : AF_INET6, host.c_str(), out.address.data()) != 1)
    return std::nullopt;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (error != std::errc{} || end != port.data() + port.size()) return std::nullopt;
  return out;
}

std::string text_of(const Endpoint& endpoint) {
  char text[INET6_ADDRSTRLEN] = "?";
  inet_ntop(endpoint.family == 4 ? AF_INET : AF_INET6, endpoint.address.data(), text, sizeof text);
  const std::string host = endpoint.family == 4 ? std::string{text} : "[" + std::string{text} + "]";
  return host + ":" + std::to_string(endpoint.port);
}

}  // namespace chiploc
