// What strangers, floods and noise get out of the agent.

#include "tests/agent/agent_world.hpp"
#include "tests/agent/reject_check.hpp"
#include "tests/support/catch.hpp"

using namespace chiploc;
using std::chrono::seconds;

TEST_CASE("Responder: another version gets REJECT 2 whatever follows the header", "[agent]") {
  AgentWorld world;
  const Endpoint from = AgentWorld::endpoint_of(3);
  for (const std::size_t size : {16U, 64U, 700U, 1200U}) {
    ByteVector datagram(size, 0xAB);
    datagram[0] = kMagic[0];
    datagram[1] = kMagic[1];
    datagram[2] = size == 64 ? kProtocolVersion - 1 : kProtocolVersion + 1;
    const auto sent = world.tell(datagram, from);
    check_reject(sent, RejectReason::kUnsupportedVersion, datagram);
    const auto reject = parse_reject(sent[0].bytes);
    CHECK(reject->echo == ByteArray<8>{0xAB, 0xAB, 0xAB, 0xAB, 0xAB, 0xAB, 0xAB, 0xAB});
  }
  // Smaller than the answer would be: none.
  CHECK(world.tell(ByteVector{kMagic[0], kMagic[1], 9, 7, 0, 0}, from).empty());
}

TEST_CASE("Responder: a REJECT is counted, ends nothing and is never answered", "[agent]") {
  AgentWorld world;
  FakeAnchor anchor = world.anchor_of(random_id<RoundId>());
  REQUIRE(world.open(anchor));
  ByteArray<Reject::kSize> buffer{};
  Reject reject;
  reject.reason = RejectReason::kExpired;
  reject.rejected_type = static_cast<std::uint8_t>(DatagramType::kOpen);
  encode(reject, buffer);
  CHECK(world.tell(buffer, anchor.endpoint()).empty());
  CHECK(world.responder.stats().rejects_received[static_cast<std::size_t>(RejectReason::kExpired)] == 1);
  buffer[2] = 9;  // a REJECT of another version
  CHECK(world.tell(buffer, anchor.endpoint()).empty());
  CHECK(world.ping_and_finish(anchor));
}

TEST_CASE("Responder: at most 16 REJECTs a second", "[agent]") {
  AgentWorld world;
  ByteVector datagram(64, 0);
  datagram[0] = kMagic[0];
  datagram[1] = kMagic[1];
  datagram[2] = 7;
  std::size_t answered = 0;
  const auto flood = [&](int count) {
    for (int i = 0; i < count; ++i) answered += world.tell(datagram, AgentWorld::endpoint_of(i)).size();
  };
  flood(1000);
  CHECK(answered == 16);
  CHECK(world.responder.stats().rejects_suppressed == 984);
  for (int i = 0; i < 10; ++i) {
    world.pass(seconds{1});
    flood(1000);
  }
  CHECK(answered == 16 * 11);
}

TEST_CASE(
    "Responder: a flood of forged tickets costs 64 signature checks a second for one address, 256 for all",
    "[agent]") {
  AgentWorld world;
  FakeAnchor anchor = world.anchor_of(random_id<RoundId>());
  const auto flood = [&](int address) {
    for (int i = 0; i < 100; ++i) {
      anchor.take(world.ticket_for(anchor, random_id<RoundId>()));
      CHECK(world.tell(anchor.ticket_datagram(), AgentWorld::endpoint_of(address)).empty());
    }
  };
  flood(100);
  CHECK(world.rejected(RejectReason::kBadSignature) == 64);
  CHECK(world.rejected(RejectReason::kRateLimited) == 36);
  for (int address = 101; address < 110; ++address) flood(address);
  CHECK(world.rejected(RejectReason::kBadSignature) == 256);
}

namespace {
/// Uses up whatever strangers can use up of the agent's signature checks.
void flood_with_forgeries(AgentWorld& world) {
  FakeAnchor stranger = world.anchor_of(random_id<RoundId>());
  for (int address = 100; address < 120; ++address) {
    for (int i = 0; i < 64; ++i) {
      stranger.take(world.ticket_for(stranger, random_id<RoundId>()));
      (void)world.tell(stranger.ticket_datagram(), AgentWorld::endpoint_of(address));
    }
  }
  REQUIRE(world.rejected(RejectReason::kRateLimited) > 0);
}
}  // namespace

TEST_CASE("Responder: forged tickets leave room for a close order and for anchors that it knows", "[agent]") {
  AgentWorld world;
  FakeAnchor first = world.anchor_of(random_id<RoundId>(), 0);
  REQUIRE(world.open(first));
  REQUIRE(world.ping_and_finish(first));
  flood_with_forgeries(world);
  const auto order = world.coordinator.order(world.chip, first.ticket().round, 1);
  CHECK_FALSE(world.tell(first.close(order), first.endpoint()).empty());

  FakeAnchor again = world.anchor_of(random_id<RoundId>(), 0);  // the same address
  CHECK(world.open(again));
  FakeAnchor stranger = world.anchor_of(random_id<RoundId>(), 1);
  CHECK_FALSE(world.open(stranger));  // or the flood was none
}

TEST_CASE("Responder: who forges the address of one anchor uses up the share of that one alone", "[agent]") {
  AgentWorld world;
  std::vector<FakeAnchor> anchors;
  for (std::uint8_t i = 0; i < 3; ++i) {
    anchors.push_back(world.anchor_of(random_id<RoundId>(), i, 3));
    REQUIRE(world.open(anchors.back()));
    REQUIRE(world.ping_and_finish(anchors.back()));
  }
  flood_with_forgeries(world);
  FakeAnchor forger = world.anchor_of(random_id<RoundId>());
  for (int i = 0; i < 100; ++i) {
    forger.take(world.ticket_for(forger, random_id<RoundId>()));
    (void)world.tell(forger.ticket_datagram(), anchors[1].endpoint());
  }
  const auto round = random_id<RoundId>();
  for (std::uint8_t i = 0; i < 3; ++i) {
    FakeAnchor anchor = world.anchor_of(round, i, 3);
    CHECK(world.open(anchor) == (i != 1));
  }
}

TEST_CASE("Responder: one session's CLOSEs are no other's, and end", "[agent]") {
  AgentWorld world;
  const auto round = random_id<RoundId>();
  FakeAnchor liar = world.anchor_of(round, 0, 2);
  FakeAnchor honest = world.anchor_of(round, 1, 2);
  for (FakeAnchor* anchor : {&liar, &honest}) {
    REQUIRE(world.open(*anchor));
    REQUIRE(world.ping_and_finish(*anchor));
  }
  for (int i = 0; i < 1000; ++i) {
    CloseOrder order = world.coordinator.order(world.chip, round, 3);
    order.nonce = random_id<Nonce>();  // not what was signed
    CHECK(world.tell(liar.close(order), liar.endpoint()).empty());
  }
  CHECK(world.rejected(RejectReason::kBadSignature) == 32);
  CHECK(world.rejected(RejectReason::kRateLimited) == 968);
  const auto order = world.coordinator.order(world.chip, round, 3);
  CHECK_FALSE(world.tell(honest.close(order), honest.endpoint()).empty());
}

TEST_CASE("Responder: types that it never receives are counted and dropped", "[agent]") {
  AgentWorld world;
  for (const auto type : ByteArray<6>{1, 3, 5, 8, 10, 12}) {
    ByteVector datagram(200, 0);
    datagram[0] = kMagic[0];
    datagram[1] = kMagic[1];
    datagram[2] = kProtocolVersion;
    datagram[3] = type;
    CHECK(world.tell(datagram, AgentWorld::endpoint_of(1)).empty());
  }
  CHECK(world.rejected(RejectReason::kUnexpectedType) == 6);
}

TEST_CASE("Responder: noise of every size is malformed and unanswered", "[agent]") {
  AgentWorld world;
  SeededRandom noise{99};
  for (std::size_t size = 0; size <= kDatagramMax; ++size) {
    ByteVector datagram(size);
    noise.fill(datagram);
    if (size >= 1) datagram[0] = 0;  // not our magic
    CHECK(world.tell(datagram, AgentWorld::endpoint_of(1)).empty());
  }
  CHECK(world.rejected(RejectReason::kMalformed) == kDatagramMax + 1);
}

TEST_CASE("Responder: each of its types in any wrong size is malformed and unanswered", "[agent]") {
  AgentWorld world;
  std::uint64_t told = 0;
  for (const auto type : ByteArray<7>{2, 4, 6, 7, 9, 11, 13}) {
    for (const std::size_t size : {4U, 15U, 17U, 27U, 39U, 63U, 65U, 167U, 169U, 599U, 601U, 1200U}) {
      ByteVector datagram(size, 0);
      datagram[0] = kMagic[0];
      datagram[1] = kMagic[1];
      datagram[2] = kProtocolVersion;
      datagram[3] = type;
      CHECK(world.tell(datagram, AgentWorld::endpoint_of(1)).empty());
      ++told;
    }
  }
  CHECK(world.rejected(RejectReason::kMalformed) == told);
}
