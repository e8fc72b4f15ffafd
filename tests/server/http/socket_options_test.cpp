#include "server/http/socket_options.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/catch.hpp"

namespace chiploc::socket_options_test {
namespace {

TEST_CASE("socket options: a client that does not read fills no more than its share", "[http][sockets]") {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  REQUIRE(fd >= 0);
  prepare_socket(fd, std::chrono::seconds{20});
  const auto value = [&](int name) {
    int out = -1;
    socklen_t size = sizeof out;
    REQUIRE(::getsockopt(fd, IPPROTO_TCP, name, &out, &size) == 0);
    return out;
  };
  CHECK(value(TCP_NODELAY) != 0);
  CHECK(value(TCP_NOTSENT_LOWAT) == 65'536);
  CHECK(value(TCP_USER_TIMEOUT) == 20'000);
  ::close(fd);
}

}  // namespace
}  // namespace chiploc::socket_options_test
