#include "agent/endpoint.hpp"

#include "tests/support/catch.hpp"

using namespace chiploc;

TEST_CASE("parse_endpoint: addresses with ports, and their text again", "[agent]") {
  for (const std::string text :
       {"127.0.0.1:7400", "0.0.0.0:0", "255.255.255.255:65535", "[::1]:7400", "[::]:0", "[2001:db8::1]:1"}) {
    CAPTURE(text);
    const auto endpoint = parse_endpoint(text);
    REQUIRE(endpoint);
    CHECK(text_of(*endpoint) == text);
    const auto address = to_socket_address(*endpoint);
    CHECK(from_socket_address(address.storage) == endpoint);
  }
}

TEST_CASE("parse_endpoint: everything else is refused", "[agent]") {
  for (const std::string text : {"",
                                 ":",
                                 "127.0.0.1",
                                 "127.0.0.1:",
                                 "127.0.0.1:65536",
                                 "127.0.0.1:-1",
                                 "127.0.0.1:+1",
                                 "127.0.0.1: 1",
                                 "127.0.0.1:1 ",
                                 "localhost:7400",
                                 "::1:7400",
                                 "[::1]",
                                 "[::1]7400",
                                 "[::1:7400",
                                 "[127.0.0.1]:7400",
                                 "1.2.3:4",
                                 "1.2.3.4.5:6",
                                 "[]:1",
                                 "[fe80::1%eth0]:7400",
                                 "127.0.0.1:0x10"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_endpoint(text));
  }
  Endpoint unknown;
  unknown.family = 9;
  CHECK(to_socket_address(unknown).size == 0);
  CHECK_FALSE(from_socket_address(sockaddr_storage{}));
}
