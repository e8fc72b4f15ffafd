#include "server/net/endpoint.hpp"

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

TEST_CASE("Endpoint: what is written reads back as the same address", "[net]") {
  for (const char* text : {"192.0.2.1:7411", "0.0.0.0:0", "255.255.255.255:65535", "[2001:db8::1]:7411",
                           "[::]:1", "[::1]:65535", "[fe80::1:2:3:4]:9"}) {
    CAPTURE(text);
    const auto endpoint = endpoint_from_text(text);
    REQUIRE(endpoint);
    CHECK(endpoint_text(*endpoint) == text);
    sockaddr_storage raw{};
    const socklen_t size = to_sockaddr(*endpoint, raw);
    CHECK(from_sockaddr(raw, size) == endpoint);
    CHECK(from_asio(to_asio(*endpoint)) == *endpoint);
  }
}

TEST_CASE("Endpoint: text that is not exactly an address and a port is refused", "[net]") {
  for (const char* text : {"",
                           ":",
                           "1.2.3.4",
                           "1.2.3.4:",
                           "1.2.3.4:65536",
                           "1.2.3.4:-1",
                           "1.2.3.4:+1",
                           "1.2.3.4: 1",
                           " 1.2.3.4:1",
                           "1.2.3.4:1 ",
                           "1.2.3:1",
                           "localhost:1",
                           "::1:1",
                           "[::1]",
                           "[::1]:",
                           "[::1:1",
                           "[]:1",
                           "[1.2.3.4]:1",
                           "[fe80::1%eth0]:1",
                           "1.2.3.4:1x",
                           "01.2.3.4.5:1"}) {
    CAPTURE(text);
    CHECK_FALSE(endpoint_from_text(text));
  }
  CHECK_FALSE(endpoint_from_text(std::string_view{"1.2.3.4\0x:1", 11}));
}

TEST_CASE("Endpoint: an IPv4-mapped address is the IPv4 address", "[net]") {
  const auto mapped = endpoint_from_text("[::ffff:192.0.2.7]:5");
  REQUIRE(mapped);
  CHECK(endpoint_text(*mapped) == "192.0.2.7:5");
}

TEST_CASE("Endpoint: a socket address of another family or cut short is refused", "[net]") {
  sockaddr_storage raw{};
  const socklen_t size = to_sockaddr(*endpoint_from_text("[::1]:5"), raw);
  CHECK_FALSE(from_sockaddr(raw, size - 1));
  raw.ss_family = AF_UNIX;
  CHECK_FALSE(from_sockaddr(raw, sizeof raw));
}

}  // namespace
}  // namespace chiploc
