#include "server/notices/receiver_address.hpp"

#include <arpa/inet.h>

#include <string>

#include "tests/server/notices/properties.hpp"

namespace chiploc::test {
namespace {

AddressKind kind_of(const std::string& text) {
  ByteArray<16> bytes{};
  if (text.find(':') == std::string::npos) {
    REQUIRE(::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1);
    return address_kind_of(Bytes{bytes}.first(4));
  }
  REQUIRE(::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1);
  return address_kind_of(bytes);
}
/// The first and last of a block are of the kind; the one before and the one after are public.
void check_block(AddressKind kind, const char* before, const char* first, const char* last,
                 const char* after) {
  INFO(first << " to " << last);
  CHECK(kind_of(before) == AddressKind::kPublic);
  CHECK(kind_of(first) == kind);
  CHECK(kind_of(last) == kind);
  CHECK(kind_of(after) == AddressKind::kPublic);
}

}  // namespace

TEST_CASE("receiver address: the special blocks of IPv4, to the address", "[notices]") {
  using enum AddressKind;
  CHECK(kind_of("0.0.0.0") == kReserved);
  CHECK(kind_of("0.255.255.255") == kReserved);
  CHECK(kind_of("1.0.0.0") == kPublic);
  check_block(kPrivate, "9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0");
  check_block(kPrivate, "100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0");
  check_block(kLoopback, "126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0");
  check_block(kLinkLocal, "169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0");
  CHECK(kind_of("169.254.169.254") == kLinkLocal);
  check_block(kPrivate, "172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0");
  check_block(kReserved, "191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0");
  check_block(kDocumentation, "192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0");
  check_block(kReserved, "192.31.195.255", "192.31.196.0", "192.31.196.255", "192.31.197.0");
  check_block(kReserved, "192.52.192.255", "192.52.193.0", "192.52.193.255", "192.52.194.0");
  check_block(kReserved, "192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0");
  check_block(kPrivate, "192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0");
  check_block(kReserved, "192.175.47.255", "192.175.48.0", "192.175.48.255", "192.175.49.0");
  check_block(kReserved, "198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0");
  check_block(kDocumentation, "198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0");
  check_block(kDocumentation, "203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0");
  CHECK(kind_of("223.255.255.255") == kPublic);
  CHECK(kind_of("224.0.0.0") == kMulticast);
  CHECK(kind_of("239.255.255.255") == kMulticast);
  CHECK(kind_of("240.0.0.0") == kReserved);
  CHECK(kind_of("255.255.255.255") == kReserved);
}

TEST_CASE("receiver address: the special blocks of IPv6", "[notices]") {
  using enum AddressKind;
  CHECK(kind_of("::") == kReserved);
  CHECK(kind_of("::1") == kLoopback);
  CHECK(kind_of("::2") == kReserved);
  CHECK(kind_of("::127.0.0.1") == kReserved);  // IPv4-compatible, long given up
  CHECK(kind_of("1fff:ffff::") == kReserved);
  CHECK(kind_of("2000::") == kPublic);
  CHECK(kind_of("2001:1ff::1") == kReserved);
  CHECK(kind_of("2001::1") == kReserved);
  CHECK(kind_of("2001:200::") == kPublic);
  check_block(kDocumentation, "2001:db7:ffff::", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
              "2001:db9::");
  check_block(kReserved, "2001:ffff::", "2002::", "2002:7f00:1::1", "2003::");
  check_block(kReserved, "2620:4f:7fff::", "2620:4f:8000::", "2620:4f:8000:ffff::", "2620:4f:8001::");
  check_block(kDocumentation, "3ffe:ffff::", "3fff::", "3fff:fff:ffff::", "3fff:1000::");
  CHECK(kind_of("2606:4700:4700::1111") == kPublic);
  CHECK(kind_of("4000::") == kReserved);
  CHECK(kind_of("100::1") == kReserved);
  CHECK(kind_of("5f00::1") == kReserved);
  CHECK(kind_of("fbff::") == kReserved);
  CHECK(kind_of("fc00::1") == kPrivate);
  CHECK(kind_of("fdff:ffff::") == kPrivate);
  CHECK(kind_of("fe00::") == kReserved);
  CHECK(kind_of("fe80::1") == kLinkLocal);
  CHECK(kind_of("febf:ffff::") == kLinkLocal);
  CHECK(kind_of("fec0::1") == kReserved);
  CHECK(kind_of("ff02::1") == kMulticast);
}

TEST_CASE("receiver address: an IPv4 address within an IPv6 one is what counts", "[notices]") {
  using enum AddressKind;
  for (const std::string prefix : {"::ffff:", "64:ff9b::"}) {
    CHECK(kind_of(prefix + "127.0.0.1") == kLoopback);
    CHECK(kind_of(prefix + "10.1.2.3") == kPrivate);
    CHECK(kind_of(prefix + "169.254.169.254") == kLinkLocal);
    CHECK(kind_of(prefix + "8.8.8.8") == kPublic);
    CHECK(kind_of(prefix + "0.0.0.0") == kReserved);
  }
  CHECK(kind_of("64:ff9b:1::8.8.8.8") == kReserved);  // the translator's own choice, RFC 8215
  CHECK(kind_of("64:ff9b:0:0:0:1:808:808") == kReserved);
}

TEST_CASE("receiver address: what is allowed opens private addresses and loopback alone", "[notices]") {
  using enum AddressKind;
  for (const auto kind : {kPublic, kLoopback, kPrivate, kLinkLocal, kMulticast, kDocumentation, kReserved}) {
    INFO(name_of(kind));
    CHECK(may_send_to(kind, false) == (kind == kPublic));
    CHECK(may_send_to(kind, true) == (kind == kPublic || kind == kLoopback || kind == kPrivate));
  }
  CHECK(name_of(kLinkLocal) == "link-local");
  CHECK(address_kind_of({}) == kReserved);
  CHECK(address_kind_of(ByteVector(5, 8)) == kReserved);
}

}  // namespace chiploc::test
