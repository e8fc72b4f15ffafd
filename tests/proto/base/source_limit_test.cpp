#include "proto/base/source_limit.hpp"

#include "tests/support/catch.hpp"

namespace chiploc::source_limit_test {
namespace {

using namespace std::chrono_literals;
constexpr SteadyTime kStart{1000s};

Endpoint address(std::uint8_t last, std::uint16_t port = 7000) {
  Endpoint out;
  out.address = {192, 0, 2, last};
  out.port = port;
  return out;
}
/// How many of `events` are let through at one moment.
int allowed(SourceLimit& limit, const Endpoint& from, SteadyTime now, int events) {
  int count = 0;
  for (int i = 0; i < events; ++i) count += limit.allow(from, now) ? 1 : 0;
  return count;
}

TEST_CASE("SourceLimit: one address gets its share and no more, and leaves the rest to others") {
  SourceLimit limit{100, 10};
  CHECK(allowed(limit, address(1), kStart, 1000) == 10);
  CHECK(allowed(limit, address(2), kStart, 1000) == 10);
  CHECK(limit.allow(address(3), kStart));
}

TEST_CASE("SourceLimit: looking for room takes none, and what is taken counts for later looks") {
  SourceLimit limit{100, 10};
  for (int i = 0; i < 1000; ++i) CHECK(limit.has_room(address(1), kStart));
  for (int i = 0; i < 10; ++i) limit.take(address(1), kStart);
  CHECK_FALSE(limit.has_room(address(1), kStart));
  CHECK(limit.has_room(address(2), kStart));
  for (std::uint8_t i = 2; i < 12; ++i) {
    for (int n = 0; n < 9; ++n) limit.take(address(i), kStart);
  }
  CHECK_FALSE(limit.has_room(address(12), kStart));  // all of them together are over the whole
  CHECK(limit.has_room(address(12), kStart + 1s));
}

TEST_CASE("SourceLimit: another port is the same address, as is another host of an IPv6 network of 64 bits") {
  SourceLimit limit{100, 10};
  CHECK(allowed(limit, address(1, 1), kStart, 5) + allowed(limit, address(1, 2), kStart, 100) == 10);
  Endpoint six;
  six.family = 6;
  six.address = {0x20, 0x01, 0x0D, 0xB8};
  CHECK(allowed(limit, six, kStart, 100) == 10);
  six.address[15] = 1;
  CHECK_FALSE(limit.allow(six, kStart));
  six.address[7] = 1;
  CHECK(limit.allow(six, kStart));
}

TEST_CASE("SourceLimit: many addresses together get no more than the whole") {
  SourceLimit limit{100, 10};
  int count = 0;
  for (std::uint8_t i = 0; i < 200; ++i) count += allowed(limit, address(i), kStart, 10);
  CHECK(count == 100);
}

TEST_CASE("SourceLimit: what was used comes back evenly with time, and never more than a second's worth") {
  SourceLimit limit{100, 10};
  CHECK(allowed(limit, address(1), kStart, 100) == 10);
  CHECK(allowed(limit, address(1), kStart + 50ms, 100) == 0);
  CHECK(allowed(limit, address(1), kStart + 250ms, 100) == 2);
  CHECK(allowed(limit, address(1), kStart + 1h, 100) == 10);
}

}  // namespace
}  // namespace chiploc::source_limit_test
