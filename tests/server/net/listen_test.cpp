#include "server/net/listen.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/base/listen_problem.hpp"
#include "server/net/endpoint.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

TEST_CASE("listen: a port that is taken is named, with who to look for; one that is free is left free",
          "[net]") {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_storage address{};
  socklen_t size = to_sockaddr(endpoint_from_text("127.0.0.1:0").value(), address);
  REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(::listen(fd, 1) == 0);
  size = sizeof address;
  REQUIRE(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  const Endpoint taken = from_sockaddr(address, size).value();
  const auto fault = tcp_listen_fault(taken);
  REQUIRE(fault);
  CHECK(
      *fault ==
      endpoint_text(taken) +
          ": cannot listen: Address already in use: another program has this port, perhaps a second copy of "
          "this one; \"ss -ltnp sport = :" +
          std::to_string(taken.port) + "\" (as root) names it: stop that one, or name another port");
  ::close(fd);
  CHECK_FALSE(tcp_listen_fault(taken));
  CHECK_FALSE(tcp_listen_fault(taken));  // it let go of it
}

TEST_CASE("listen: an address of another machine, and a port that takes a privilege, have their own words",
          "[net]") {
  const auto fault = tcp_listen_fault(endpoint_from_text("192.0.2.1:7443").value());
  REQUIRE(fault);
  CHECK_THAT(*fault, Catch::StartsWith("192.0.2.1:7443: cannot listen: ") &&
                         Catch::Contains("no card of this machine has the address; \"ip address\" shows"));
  CHECK_THAT(listen_problem(EACCES, "0.0.0.0:80", 80, "tcp"), Catch::Contains("CAP_NET_BIND_SERVICE"));
  CHECK_THAT(listen_problem(EADDRINUSE, "0.0.0.0:7411", 7411, "udp"),
             Catch::Contains("\"ss -lunp sport = :7411\""));
}

TEST_CASE("listen: whether an address is local is asked without its port", "[net]") {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_storage address{};
  socklen_t size = to_sockaddr(endpoint_from_text("127.0.0.1:0").value(), address);
  REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(::listen(fd, 1) == 0);
  size = sizeof address;
  REQUIRE(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  CHECK_FALSE(local_address_fault(from_sockaddr(address, size).value()));
  ::close(fd);
  CHECK_FALSE(local_address_fault(endpoint_from_text("0.0.0.0:7443").value()));
  const auto fault = local_address_fault(endpoint_from_text("192.0.2.1:7443").value());
  REQUIRE(fault);
  CHECK_THAT(*fault, Catch::StartsWith("192.0.2.1:7443: cannot listen: ") &&
                         Catch::Contains("no card of this machine has the address"));
}

}  // namespace
}  // namespace chiploc
