#include "server/http/listen_address.hpp"

#include "server/net/endpoint.hpp"
#include "server/net/listen.hpp"

namespace chiploc {

Result<ListenAddress, std::string> listen_address(const std::string& text) {
  const auto endpoint = endpoint_from_text(text);
  if (!endpoint)
    return Fail{text + ": is no numeric address with a port; write 192.0.2.1:8443 or [2001:db8::1]:8443"};
  if (auto fault = tcp_listen_fault(*endpoint)) return Fail{*std::move(fault)};
  const std::string plain = endpoint_text(*endpoint);
  std::string host = plain.substr(0, plain.rfind(':'));
  if (host.front() == '[') host = host.substr(1, host.size() - 2);
  return ListenAddress{std::move(host), endpoint->port};
}

}  // namespace chiploc
