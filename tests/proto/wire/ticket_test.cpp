#include "proto/wire/ticket.hpp"

#include <functional>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"

namespace chiploc::ticket_test {
namespace {

Ticket sample() {
  Ticket t;
  t.coordinator.bytes.fill(1);
  t.round.bytes.fill(2);
  t.chip.bytes.fill(3);
  t.anchor.bytes.fill(4);
  t.anchor_index = 2;
  t.anchor_count = 16;
  t.ping_count = 12;
  t.anchor_endpoint.address = {192, 0, 2, 1};
  t.anchor_endpoint.port = 7411;
  t.anchor_public.bytes.fill(5);
  t.nonce.bytes.fill(6);
  t.not_before = 1'700'000'000;
  t.not_after = 1'700'000'060;
  t.signature.bytes.fill(7);
  return t;
}

TEST_CASE("ticket: bytes and fields are inverse") {
  const auto raw = bytes_of(sample());
  const auto back = parse_ticket(raw);
  REQUIRE(back);
  CHECK(bytes_of(*back) == raw);
  CHECK(back->anchor_endpoint == sample().anchor_endpoint);
  CHECK(back->not_after == 1'700'000'060);
  CHECK(back->ping_count == 12);
}

TEST_CASE("ticket: the signed input is the prefix and the first 156 bytes") {
  const auto raw = bytes_of(sample());
  const auto input = signed_input(sample());
  CHECK(string_of(Bytes{input}.first(18)) == std::string("chiploc ticket v1\0", 18));
  CHECK(same_bytes(Bytes{input}.subspan(18), Bytes{raw}.first(156)));
}

TEST_CASE("ticket: each field out of range is malformed") {
  const std::vector<std::pair<std::string, std::function<void(Ticket&)>>> faults{
      {"no anchors", [](Ticket& t) { t.anchor_count = 0; }},
      {"too many anchors", [](Ticket& t) { t.anchor_count = 65; }},
      {"index not below count", [](Ticket& t) { t.anchor_index = 16; }},
      {"no pings", [](Ticket& t) { t.ping_count = 0; }},
      {"too many pings", [](Ticket& t) { t.ping_count = 65; }},
      {"port 0", [](Ticket& t) { t.anchor_endpoint.port = 0; }},
      {"unknown family", [](Ticket& t) { t.anchor_endpoint.family = 5; }},
      {"IPv4 with a tail", [](Ticket& t) { t.anchor_endpoint.address[4] = 1; }},
      {"ends before it begins", [](Ticket& t) { t.not_after = t.not_before; }}};
  for (const auto& [what, spoil] : faults) {
    INFO(what);
    Ticket t = sample();
    spoil(t);
    CHECK_FALSE(parse_ticket(bytes_of(t)));
  }
  for (const std::size_t at : {0U, 1U, 2U, 3U, 90U, 91U}) {  // version, algorithm, reserved
    auto raw = bytes_of(sample());
    raw[at] = static_cast<std::uint8_t>(raw[at] + 1);
    INFO("offset " << at);
    CHECK_FALSE(parse_ticket(raw));
  }
  const auto raw = bytes_of(sample());
  CHECK_FALSE(parse_ticket(Bytes{raw}.first(219)));
}

TEST_CASE("ticket datagram: carries the bytes unchanged and wants zero padding") {
  ByteArray<kDatagramMax> buffer{};
  const auto raw = bytes_of(sample());
  const Bytes datagram = encode_ticket_datagram(raw, buffer);
  REQUIRE(datagram.size() == 600);
  CHECK(same_bytes(parse_ticket_datagram(datagram)->ticket, raw));
  CHECK(parse_ticket_datagram(datagram)->cookie == Mac{});
  Mac cookie;
  cookie.bytes.fill(7);
  encode_ticket_datagram(raw, buffer, cookie);
  CHECK(same_bytes(parse_ticket_datagram(datagram)->ticket, raw));
  CHECK(parse_ticket_datagram(datagram)->cookie == cookie);
  CHECK_FALSE(parse_ticket_datagram(datagram.first(599)));
  buffer[599] = 1;
  CHECK_FALSE(parse_ticket_datagram(datagram));
}

TEST_CASE("ticket datagram: the three OPENs it may cause are not more than it") {
  CHECK(3 * Open::kSize <= Ticket::kDatagramSize);
}

}  // namespace
}  // namespace chiploc::ticket_test
