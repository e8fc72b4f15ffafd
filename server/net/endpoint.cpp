#include "server/net/endpoint.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace chiploc {
namespace {

constexpr ByteArray<12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

Endpoint from_v6(const std::uint8_t* address, std::uint16_t port) {
  Endpoint out;
  out.port = port;
  if (std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), address)) {
    out.family = 4;
    std::memcpy(out.address.data(), address + 12, 4);
  } else {
    out.family = 6;
    std::memcpy(out.address.data(), address, 16);
  }
  return out;
}

}  // namespace

std::optional<Endpoint> endpoint_from_text(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view port_text = text.substr(colon + 1);
  std::string_view host = text.substr(0, colon);
  std::uint16_t port = 0;
  const auto [end, failed] = std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  if (failed != std::errc{} || end != port_text.data() + port_text.size() || port_text.empty())
    return std::nullopt;

  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    const std::string inner{host.substr(1, host.size() - 2)};
    in6_addr v6{};
    if (inet_pton(AF_INET6, inner.c_str(), &v6) != 1 || inner.size() != std::strlen(inner.c_str())) {
      return std::nullopt;
    }
    return from_v6(v6.s6_addr, port);
  }
  const std::string plain{host};
  in_addr v4{};
  if (inet_pton(AF_INET, plain.c_str(), &v4) != 1 || plain.size() != std::strlen(plain.c_str())) {
    return std::nullopt;
  }
  Endpoint out;
  out.port = port;
  std::memcpy(out.address.data(), &v4, 4);
  return out;
}

std::string endpoint_text(const Endpoint& endpoint) {
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(endpoint.family == 6 ? AF_INET6 : AF_INET, endpoint.address.data(), text, sizeof text);
  const std::string port = std::to_string(endpoint.port);
  return endpoint.family == 6 ? "[" + std::string{text} + "]:" + port : std::string{text} + ":" + port;
}

socklen_t to_sockaddr(const Endpoint& endpoint, sockaddr_storage& out) {
  std::memset(&out, 0, sizeof out);
  if (endpoint.family == 6) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(endpoint.port);
    std::memcpy(&v6.sin6_addr, endpoint.address.data(), 16);
    std::memcpy(&out, &v6, sizeof v6);
    return sizeof v6;
  }
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(endpoint.port);
  std::memcpy(&v4.sin_addr, endpoint.address.data(), 4);
  std::memcpy(&out, &v4, sizeof v4);
  return sizeof v4;
}

std::optional<Endpoint> from_sockaddr(const sockaddr_storage& address, socklen_t size) {
  if (address.ss_family == AF_INET && size >= sizeof(sockaddr_in)) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    Endpoint out;
    out.port = ntohs(v4.sin_port);
    std::memcpy(out.address.data(), &v4.sin_addr, 4);
    return out;
  }
  if (address.ss_family == AF_INET6 && size >= sizeof(sockaddr_in6)) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    return from_v6(v6.sin6_addr.s6_addr, ntohs(v6.sin6_port));
  }
  return std::nullopt;
}

asio::ip::udp::endpoint to_asio(const Endpoint& endpoint) {
  if (endpoint.family == 6) {
    asio::ip::address_v6::bytes_type raw{};
    std::copy(endpoint.address.begin(), endpoint.address.end(), raw.begin());
    return {asio::ip::address_v6{raw}, endpoint.port};
  }
  asio::ip::address_v4::bytes_type raw{};
  std::copy_n(endpoint.address.begin(), 4, raw.begin());
  return {asio::ip::address_v4{raw}, endpoint.port};
}

Endpoint from_asio(const asio::ip::udp::endpoint& endpoint) {
  if (endpoint.address().is_v6()) {
    const auto raw = endpoint.address().to_v6().to_bytes();
    return from_v6(raw.data(), endpoint.port());
  }
  Endpoint out;
  out.port = endpoint.port();
  const auto raw = endpoint.address().to_v4().to_bytes();
  std::copy(raw.begin(), raw.end(), out.address.begin());
  return out;
}

}  // namespace chiploc
