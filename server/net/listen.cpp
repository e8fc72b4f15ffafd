#include "server/net/listen.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include "proto/base/listen_problem.hpp"
#include "server/net/endpoint.hpp"

namespace chiploc {

namespace {

/// Binds a socket there and lets go of it; faults are told of `endpoint`.
std::optional<std::string> bind_fault(const Endpoint& there, const Endpoint& endpoint, bool listening) {
  const std::string name = endpoint_text(endpoint);
  const auto fault = [&] { return listen_problem(errno, name, endpoint.port, "tcp"); };
  const int fd = ::socket(there.family == 6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return fault();
  const int on = 1;  // as gRPC: connections of before that are not forgotten yet are no other program
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_storage address{};
  const socklen_t size = to_sockaddr(there, address);
  const bool bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                     (!listening || ::listen(fd, 1) == 0);
  const auto problem = bound ? std::nullopt : std::optional{fault()};
  ::close(fd);
  return problem;
}

}  // namespace

std::optional<std::string> tcp_listen_fault(const Endpoint& endpoint) {
  return bind_fault(endpoint, endpoint, true);
}

std::optional<std::string> local_address_fault(const Endpoint& endpoint) {
  Endpoint any_port = endpoint;
  any_port.port = 0;
  return bind_fault(any_port, endpoint, false);
}

}  // namespace chiploc
