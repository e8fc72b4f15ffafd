#include "tests/agent/agent_world.hpp"
#include "tests/agent/reject_check.hpp"
#include "tests/support/catch.hpp"

using namespace chiploc;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("Responder: a good ticket is answered with OPEN to the signed address", "[agent]") {
  AgentWorld world;
  FakeAnchor anchor = world.anchor_of(random_id<RoundId>());
  const Endpoint stranger = *parse_endpoint("192.0.2.9:999");
  const auto sent = world.tell(anchor.ticket_datagram(), stranger);
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].type() == DatagramType::kOpen);
  CHECK(sent[0].to == anchor.endpoint());
  CHECK(anchor.on_open(sent[0].bytes));
  CHECK(world.responder.stats().tickets_accepted == 1);
}

TEST_CASE("Responder: OPEN is sent at most three times, never more bytes than the ticket had", "[agent]") {
  AgentWorld world;
  FakeAnchor anchor = world.anchor_of(random_id<RoundId>());
  std::size_t bytes = 0;
  std::size_t opens = 0;
  const auto count = [&](const std::vector<SentDatagram>& sent) {
    for (const auto& datagram : sent) {
      CHECK(datagram.type() == DatagramType::kOpen);
      bytes += datagram.bytes.size();
      ++opens;
    }
  };
  count(world.tell(anchor.ticket_datagram(), anchor.endpoint()));
  SECTION("by its own timer") {
    world.pass(milliseconds{249});
    count(world.tick());
    CHECK(opens == 1);
    for (int i = 0; i < 40; ++i) {
      world.pass(milliseconds{250});
      count(world.tick());
    }
  }
  SECTION("by the ticket coming again") {
    const auto again = [&] {
      for (int i = 0; i < 10; ++i) count(world.tell(anchor.ticket_datagram(), anchor.endpoint()));
      return opens;
    };
    CHECK(again() == 1);  // copies hasten nothing
    world.pass(milliseconds{250});
    CHECK(again() == 2);
    world.pass(milliseconds{750});
    CHECK(again() == 3);
    world.pass(seconds{5});
    again();
    CHECK(world.responder.stats().tickets_repeated == 40);
    CHECK(world.responder.stats().tickets_accepted == 1);
  }
  CHECK(opens == 3);
  CHECK(bytes <= Ticket::kDatagramSize);
}

TEST_CASE("Responder: OPEN is not sent again once more pings came than it pays for", "[agent]") {
  AgentWorld world;
  FakeAnchor anchor = world.anchor_of(random_id<RoundId>());
  REQUIRE(world.open(anchor));
  for (std::uint32_t i = 0; i < 3; ++i) REQUIRE(world.tell(anchor.ping(i), anchor.endpoint()).size() == 1);
  world.pass(seconds{5});
  CHECK(world.tick().empty());
  CHECK(world.tell(anchor.ticket_datagram(), anchor.endpoint()).empty());
  CHECK(world.tell(anchor.open_ack(), anchor.endpoint()).empty());  // a repeated OPEN_ACK changes nothing
  CHECK(world.responder.stats().sessions_opened == 1);
}

TEST_CASE("Responder: OPEN is repeated while the pings that one pays for may have been lost", "[agent]") {
  AgentWorld world;
  FakeAnchor anchor = world.anchor_of(random_id<RoundId>());
  REQUIRE(world.open(anchor));
  for (std::uint32_t i = 0; i < 2; ++i) REQUIRE(world.tell(anchor.ping(i), anchor.endpoint()).size() == 1);
  REQUIRE(world.responder.next_deadline());
  CHECK(*world.responder.next_deadline() - world.now == milliseconds{250});
  world.pass(milliseconds{250});
  REQUIRE(world.tick().size() == 1);
  world.pass(milliseconds{750});
  REQUIRE(world.tick().size() == 1);
  world.pass(seconds{5});
  CHECK(world.tick().empty());  // three in all
}

TEST_CASE("Responder: OPEN is not repeated once every ping of the ticket came", "[agent]") {
  AgentWorld world;
  FakeAnchor anchor{AgentWorld::endpoint_of(1)};
  Ticket ticket = world.ticket_for(anchor, random_id<RoundId>());
  ticket.ping_count = 1;
  world.give(anchor, ticket);
  REQUIRE(world.open(anchor));
  REQUIRE(world.tell(anchor.ping(0), anchor.endpoint()).size() == 1);
  world.pass(seconds{5});
  CHECK(world.tick().empty());
}

TEST_CASE("Responder: a lost OPEN is repeated with the same key, so both ends keep one session", "[agent]") {
  AgentWorld world;
  FakeAnchor anchor = world.anchor_of(random_id<RoundId>());
  const auto first = world.tell(anchor.ticket_datagram(), anchor.endpoint());
  world.pass(milliseconds{250});
  const auto second = world.tick();
  REQUIRE(second.size() == 1);
  CHECK(first[0].bytes == second[0].bytes);
}

TEST_CASE("Responder: tickets that are not for it or not for now are refused", "[agent]") {
  AgentWorld world;
  FakeAnchor anchor = world.anchor_of(random_id<RoundId>());
  Ticket ticket = world.ticket_for(anchor, random_id<RoundId>());
  const auto told = [&](const Ticket& changed) {
    world.give(anchor, changed);
    return world.tell(anchor.ticket_datagram(), anchor.endpoint());
  };
  SECTION("another chip") {
    ticket.chip = random_id<ChipId>();
    const auto sent = told(ticket);
    check_reject(sent, RejectReason::kNotForMe, anchor.ticket_datagram());
    REQUIRE(world.observer.refused.size() == 1);
    CHECK(world.observer.refused[0].chip == ticket.chip);
  }
  SECTION("an unknown coordinator") {
    ticket.coordinator = random_id<CoordinatorId>();
    const auto sent = told(ticket);
    check_reject(sent, RejectReason::kUnknownCoordinator, anchor.ticket_datagram());
    REQUIRE(world.observer.refused.size() == 1);
    CHECK(world.observer.refused[0].reason == RejectReason::kUnknownCoordinator);
    CHECK(world.observer.refused[0].coordinator == ticket.coordinator);
  }
  SECTION("from the future, beyond the skew") {
    ticket.not_before = kTestNow + 301;
    ticket.not_after = kTestNow + 400;
    const auto sent = told(ticket);
    check_reject(sent, RejectReason::kNotYetValid, anchor.ticket_datagram());
  }
  SECTION("past its end, beyond the skew") {
    ticket.not_before = kTestNow - 400;
    ticket.not_after = kTestNow - 301;
    const auto sent = told(ticket);
    check_reject(sent, RejectReason::kExpired, anchor.ticket_datagram());
  }
  SECTION("at the very ends of the skew it is accepted") {
    ticket.not_before = kTestNow + 300;
    ticket.not_after = kTestNow + 400;
    CHECK(told(ticket)[0].type() == DatagramType::kOpen);
    ticket.round = random_id<RoundId>();
    ticket.not_before = kTestNow - 400;
    ticket.not_after = kTestNow - 300;
    CHECK(told(ticket)[0].type() == DatagramType::kOpen);
  }
  SECTION("times at the end of the number range do not overflow") {
    ticket.not_before = 1;
    ticket.not_after = ~std::uint64_t{0};
    CHECK(told(ticket)[0].type() == DatagramType::kOpen);
    REQUIRE(world.responder.next_deadline());
  }
  SECTION("a wrong signature is not answered") {
    world.give(anchor, ticket);
    Ticket forged = anchor.ticket();
    forged.signature.bytes[0] ^= 1U;
    anchor.take(forged);
    CHECK(world.tell(anchor.ticket_datagram(), anchor.endpoint()).empty());
    CHECK(world.rejected(RejectReason::kBadSignature) == 1);
  }
  SECTION("a small-order key is not answered") {
    ticket.anchor_public = X25519Public{};
    CHECK(told(ticket).empty());
    CHECK(world.rejected(RejectReason::kBadKey) == 1);
    CHECK(world.responder.stats().sessions_used == 0);
  }
  SECTION("reserved bits are malformed") {
    world.give(anchor, ticket);
    ByteVector datagram = anchor.ticket_datagram();
    datagram.back() = 1;
    CHECK(world.tell(datagram, anchor.endpoint()).empty());
    CHECK(world.rejected(RejectReason::kMalformed) == 1);
  }
  SECTION("a second ticket for an anchor index of a round") {
    CHECK(told(ticket).size() == 1);
    ticket.nonce = random_id<Nonce>();
    CHECK(told(ticket).empty());
    CHECK(world.rejected(RejectReason::kWrongState) == 1);
  }
}

TEST_CASE("Responder: in a full table the oldest signed round gives its place, whatever its ticket's end",
          "[agent]") {
  ResponderOptions options;
  options.sessions = 4;
  AgentWorld world{options};
  FakeAnchor running = world.anchor_of(random_id<RoundId>());
  REQUIRE(world.open(running));
  for (int i = 0; i < 12; ++i) {  // four times the table, within seconds
    const auto round = random_id<RoundId>();
    FakeAnchor anchor = world.anchor_of(round);
    REQUIRE(world.open(anchor));
    REQUIRE(world.ping_and_finish(anchor));
    const CloseOrder order = world.coordinator.order(world.chip, round, 1);
    REQUIRE_FALSE(world.tell(anchor.close(order), anchor.endpoint()).empty());
    world.pass(seconds{1});
  }
  CHECK(world.rejected(RejectReason::kTableFull) == 0);
  CHECK(world.ping_and_finish(running));  // the one that was not over is still there
}

TEST_CASE("Responder: rounds that never ended give their places after their tickets' length", "[agent]") {
  ResponderOptions options;
  options.sessions = 4;
  AgentWorld world{options};
  for (int i = 0; i < 4; ++i) {
    FakeAnchor anchor = world.anchor_of(random_id<RoundId>());
    REQUIRE(world.open(anchor));
  }
  world.pass(seconds{100});  // longer than the tickets' span, within the skew
  FakeAnchor next = world.anchor_of(random_id<RoundId>());
  Ticket ticket = world.ticket_for(next, random_id<RoundId>());
  ticket.not_before = kTestNow + 90;
  ticket.not_after = kTestNow + 150;
  world.give(next, ticket);
  REQUIRE(world.open(next));
  CHECK(world.ping_and_finish(next));
}

TEST_CASE("Responder: a full table refuses, and an expired session gives its place", "[agent]") {
  ResponderOptions options;
  options.sessions = 4;
  AgentWorld world{options};
  std::vector<FakeAnchor> anchors;
  for (int i = 0; i < 4; ++i) {
    anchors.push_back(world.anchor_of(random_id<RoundId>()));
    REQUIRE(world.open(anchors.back()));
  }
  FakeAnchor fifth = world.anchor_of(random_id<RoundId>());
  check_reject(world.tell(fifth.ticket_datagram(), fifth.endpoint()), RejectReason::kTableFull,
               fifth.ticket_datagram());
  CHECK(world.responder.stats().sessions_used == 4);

  world.pass(seconds{60 + 300});  // not_after plus the skew
  Ticket later = world.ticket_for(fifth, random_id<RoundId>());
  later.not_before = kTestNow + 350;
  later.not_after = kTestNow + 500;
  world.give(fifth, later);
  REQUIRE(world.open(fifth));
  CHECK(world.responder.stats().sessions_used == 1);
  CHECK(world.responder.stats().sessions_expired == 4);
  CHECK(world.ping_and_finish(fifth));
  // The forgotten ones are gone for good.
  CHECK(world.tell(anchors[0].ping(0), anchors[0].endpoint()).empty());
  CHECK(world.rejected(RejectReason::kUnknownSession) == 1);
}

TEST_CASE("Responder: the timer forgets sessions too, and next_deadline says when", "[agent]") {
  AgentWorld world;
  FakeAnchor anchor = world.anchor_of(random_id<RoundId>());
  REQUIRE(world.open(anchor));
  REQUIRE(world.ping_and_finish(anchor));
  REQUIRE(world.responder.next_deadline());
  world.tick();  // the OPEN that the deadline was for is not due any more
  CHECK(*world.responder.next_deadline() - world.now == seconds{360});
  world.pass(seconds{360} - Nanoseconds{1});
  world.tick();
  CHECK(world.responder.stats().sessions_used == 1);
  world.pass(Nanoseconds{1});
  world.tick();
  CHECK(world.responder.stats().sessions_used == 0);
  CHECK_FALSE(world.responder.next_deadline());
}

TEST_CASE("Responder: an OPEN_ACK with a wrong MAC or an unknown session opens nothing", "[agent]") {
  AgentWorld world;
  FakeAnchor anchor = world.anchor_of(random_id<RoundId>());
  const auto sent = world.tell(anchor.ticket_datagram(), anchor.endpoint());
  REQUIRE(anchor.on_open(sent[0].bytes));
  ByteVector ack = anchor.open_ack();
  ack.back() ^= 1U;
  CHECK(world.tell(ack, anchor.endpoint()).empty());
  CHECK(world.rejected(RejectReason::kBadMac) == 1);
  ack = anchor.open_ack();
  ack[4] ^= 1U;
  CHECK(world.tell(ack, anchor.endpoint()).empty());
  CHECK(world.rejected(RejectReason::kUnknownSession) == 1);
  CHECK(world.responder.stats().sessions_opened == 0);
}
