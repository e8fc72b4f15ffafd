// Tickets that are not for this chip, not from its coordinator, or not for now.
#include <functional>

#include "tests/agent/agent_world.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::attacks {
namespace {

/// Tells the chip about a ticket that was changed and signed again, and expects this refusal and nothing
/// else.
void check_refused(const std::function<void(AgentWorld&, Ticket&)>& change, RejectReason reason) {
  AgentWorld world;
  FakeAnchor anchor{AgentWorld::endpoint_of(1)};
  Ticket ticket = world.ticket_for(anchor, random_id<RoundId>());
  REQUIRE(sign(ticket, world.coordinator.key()));
  change(world, ticket);
  anchor.take(ticket);
  const auto sent = world.tell(anchor.ticket_datagram(), anchor.endpoint());
  CHECK(world.rejected(reason) == 1);
  CHECK(world.responder.stats().sessions_used == 0);
  CHECK(world.responder.stats().opens_sent == 0);
  REQUIRE(sent.size() == 1);  // the hint, and no OPEN
  const auto reject = parse_reject(sent[0].bytes);
  REQUIRE(reject);
  CHECK(reject->reason == reason);
}

TEST_CASE("attack: a ticket of an unknown coordinator", "[attacks]") {
  check_refused(
      [](AgentWorld&, Ticket& ticket) {
        const TestCoordinator stranger;
        ticket.coordinator = stranger.id();
        REQUIRE(sign(ticket, stranger.key()));
      },
      RejectReason::kUnknownCoordinator);
}

TEST_CASE("attack: an expired ticket", "[attacks]") {
  check_refused(
      [](AgentWorld& world, Ticket& ticket) {
        ticket.not_before = kTestNow - 400;
        ticket.not_after = kTestNow - 301;
        REQUIRE(sign(ticket, world.coordinator.key()));
      },
      RejectReason::kExpired);
}

TEST_CASE("attack: a ticket that is not yet valid", "[attacks]") {
  check_refused(
      [](AgentWorld& world, Ticket& ticket) {
        ticket.not_before = kTestNow + 301;
        ticket.not_after = kTestNow + 400;
        REQUIRE(sign(ticket, world.coordinator.key()));
      },
      RejectReason::kNotYetValid);
}

TEST_CASE("attack: a ticket for another chip", "[attacks]") {
  check_refused(
      [](AgentWorld& world, Ticket& ticket) {
        ticket.chip = random_id<ChipId>();
        REQUIRE(sign(ticket, world.coordinator.key()));
      },
      RejectReason::kNotForMe);
}

TEST_CASE("attack: downgrade of the ticket's version or algorithm", "[attacks]") {
  AgentWorld world;
  const FakeAnchor anchor = world.anchor_of(random_id<RoundId>());
  for (const std::size_t at : {std::size_t{4}, std::size_t{5}}) {  // version, algorithm
    for (const std::uint8_t other : ByteArray<3>{0, 2, 255}) {
      ByteVector datagram = anchor.ticket_datagram();
      datagram[at] = other;
      CHECK(world.tell(datagram, anchor.endpoint()).empty());
    }
  }
  CHECK(world.rejected(RejectReason::kMalformed) == 6);
  CHECK(world.responder.stats().opens_sent == 0);
}

TEST_CASE("attack: downgrade of the protocol version", "[attacks]") {
  AgentWorld world;
  FakeAnchor anchor = world.anchor_of(random_id<RoundId>());
  REQUIRE(world.open(anchor));
  // Even an anchor with the session's keys gets no answer under another version.
  for (const std::uint8_t version : ByteArray<3>{0, kProtocolVersion - 1, 255}) {
    ByteVector ping = anchor.ping(0);
    ping[2] = version;
    anchor.seal(ping);
    const auto sent = world.tell(ping, anchor.endpoint());
    REQUIRE(sent.size() == 1);
    const auto reject = parse_reject(sent[0].bytes);
    REQUIRE(reject);
    CHECK(reject->reason == RejectReason::kUnsupportedVersion);
    CHECK(reject->version_supported == kProtocolVersion);
  }
  // And a REJECT that claims an older version is all there is moves nobody.
  Reject hint;
  hint.reason = RejectReason::kUnsupportedVersion;
  hint.rejected_type = static_cast<std::uint8_t>(DatagramType::kOpen);
  hint.version_supported = 0;
  ByteArray<Reject::kSize> buffer{};
  CHECK(world.tell(encode(hint, buffer), anchor.endpoint()).empty());
  CHECK(world.responder.stats().pings_answered == 0);
  CHECK(world.ping_and_finish(anchor));
}

}  // namespace
}  // namespace chiploc::attacks
