#include "tests/agent/agent_world.hpp"
#include "tests/support/catch.hpp"

using namespace chiploc;

TEST_CASE("Responder: a ping is answered to where it came from, with its nonce and the claimed residence",
          "[agent]") {
  AgentWorld world;
  FakeAnchor anchor = world.anchor_of(random_id<RoundId>());
  REQUIRE(world.open(anchor));
  const Endpoint elsewhere = *parse_endpoint("[2001:db8::5]:7411");
  const ByteVector ping = anchor.ping(0);
  const auto sent = world.tell(ping, elsewhere);
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].to == elsewhere);
  CHECK(sent[0].bytes.size() == ping.size());
  const auto pong = anchor.on_pong(sent[0].bytes);
  REQUIRE(pong);
  CHECK(pong->sequence == 0);
  CHECK(pong->residence_ns == 1234);
}

TEST_CASE("Responder: each sequence is answered once, in any order", "[agent]") {
  AgentWorld world;
  FakeAnchor anchor = world.anchor_of(random_id<RoundId>());
  REQUIRE(world.open(anchor));
  for (const std::uint32_t sequence : {5U, 0U, 11U, 3U}) {
    const ByteVector ping = anchor.ping(sequence);
    const auto sent = world.tell(ping, anchor.endpoint());
    REQUIRE(sent.size() == 1);
    CHECK(anchor.on_pong(sent[0].bytes));
    CHECK(world.tell(ping, anchor.endpoint()).empty());                   // the same datagram
    CHECK(world.tell(anchor.ping(sequence), anchor.endpoint()).empty());  // another nonce
  }
  CHECK(world.rejected(RejectReason::kAlreadyAnswered) == 8);
  CHECK(world.responder.stats().pings_answered == 4);
}

TEST_CASE("Responder: pings that are not right are not answered", "[agent]") {
  AgentWorld world;
  FakeAnchor anchor = world.anchor_of(random_id<RoundId>());
  const auto sent = world.tell(anchor.ticket_datagram(), anchor.endpoint());
  REQUIRE(anchor.on_open(sent[0].bytes));
  RejectReason reason{};
  SECTION("before OPEN_ACK") {
    CHECK(world.tell(anchor.ping(0), anchor.endpoint()).empty());
    reason = RejectReason::kWrongState;
  }
  SECTION("once open") {
    REQUIRE(world.tell(anchor.open_ack(), anchor.endpoint()).empty());
    SECTION("any bit of it flipped") {
      for (std::size_t bit = kHeaderSize * 8; bit < Ping::kSize * 8; ++bit) {
        ByteVector ping = anchor.ping(0);
        ping[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        REQUIRE(world.tell(ping, anchor.endpoint()).empty());
      }
      CHECK(world.rejected(RejectReason::kUnknownSession) == 64);
      CHECK(world.rejected(RejectReason::kMalformed) == 128);  // reserved bytes
      reason = RejectReason::kBadMac;
    }
    SECTION("a sequence beyond the ticket's count") {
      CHECK(world.tell(anchor.ping(12), anchor.endpoint()).empty());
      Ping far;
      far.session = anchor.session();
      far.sequence = 0xFFFF'FFFF;
      CHECK(world.tell(anchor.sealed(far), anchor.endpoint()).empty());
      reason = RejectReason::kSequenceOutOfRange;
    }
    SECTION("after FINISH") {
      REQUIRE(world.ping_and_finish(anchor));
      CHECK(world.tell(anchor.ping(5), anchor.endpoint()).empty());
      reason = RejectReason::kWrongState;
    }
    SECTION("an answer of the agent's own played back") {
      const auto pong = world.tell(anchor.ping(0), anchor.endpoint());
      ByteVector mirrored = pong.at(0).bytes;
      mirrored[3] = static_cast<std::uint8_t>(DatagramType::kPing);
      for (std::size_t i = 32; i < 48; ++i) mirrored[i] = 0;
      CHECK(world.tell(mirrored, anchor.endpoint()).empty());
      reason = RejectReason::kBadMac;
    }
    SECTION("another session's key") {
      FakeAnchor other = world.anchor_of(random_id<RoundId>());
      REQUIRE(world.open(other));
      Ping ping;
      ping.session = anchor.session();
      CHECK(world.tell(other.sealed(ping), other.endpoint()).empty());
      reason = RejectReason::kBadMac;
    }
  }
  CHECK(world.rejected(reason) > 0);
  CHECK(world.responder.stats().rejects_sent == 0);
}

TEST_CASE("Responder: sixty-four sessions are held apart", "[agent]") {
  AgentWorld world;
  const auto round = random_id<RoundId>();
  std::vector<FakeAnchor> anchors;
  for (std::uint8_t i = 0; i < 64; ++i) {
    anchors.push_back(world.anchor_of(round, i, 64));
    REQUIRE(world.open(anchors.back()));
  }
  for (std::uint32_t sequence = 0; sequence < 12; ++sequence) {
    for (auto& anchor : anchors) {
      const auto sent = world.tell(anchor.ping(sequence), anchor.endpoint());
      REQUIRE(sent.size() == 1);
      REQUIRE(anchor.on_pong(sent[0].bytes));
    }
  }
  for (auto& anchor : anchors) {
    const auto sent = world.tell(anchor.finish(), anchor.endpoint());
    REQUIRE(sent.size() == 1);
    CHECK(anchor.agrees(sent[0].bytes));
  }
}

TEST_CASE("Responder: FINISH fixes the transcript of what the anchor received", "[agent]") {
  AgentWorld world;
  FakeAnchor anchor = world.anchor_of(random_id<RoundId>());
  REQUIRE(world.open(anchor));
  for (std::uint32_t i = 0; i < 6; ++i) {
    const auto sent = world.tell(anchor.ping(i), anchor.endpoint());
    REQUIRE(sent.size() == 1);
    if (i % 2 == 0) REQUIRE(anchor.on_pong(sent[0].bytes));  // the odd ones are lost on the way
  }
  const auto first = world.tell(anchor.finish(), anchor.endpoint());
  REQUIRE(first.size() == 1);
  CHECK(first[0].bytes.size() < Finish::kSize);
  CHECK(anchor.agrees(first[0].bytes));
  SECTION("a repetition gets the same answer") {
    const auto second = world.tell(anchor.finish(), anchor.endpoint());
    REQUIRE(second.size() == 1);
    CHECK(second[0].bytes == first[0].bytes);
  }
  SECTION("a later, different map changes nothing: the first counts") {
    const auto second = world.tell(anchor.finish(0b111111), anchor.endpoint());
    REQUIRE(second.size() == 1);
    CHECK(second[0].bytes == first[0].bytes);
  }
  CHECK(world.responder.stats().sessions_finished == 1);
}

TEST_CASE("Responder: FINISH is refused when it names what was not answered", "[agent]") {
  AgentWorld world;
  FakeAnchor anchor = world.anchor_of(random_id<RoundId>());
  REQUIRE(world.open(anchor));
  REQUIRE(anchor.on_pong(world.tell(anchor.ping(0), anchor.endpoint()).at(0).bytes));
  CHECK(world.tell(anchor.finish(0b11), anchor.endpoint()).empty());
  CHECK(world.tell(anchor.finish(std::uint64_t{1} << 63U), anchor.endpoint()).empty());
  CHECK(world.rejected(RejectReason::kTranscriptMismatch) == 2);
  // The session goes on.
  REQUIRE(anchor.on_pong(world.tell(anchor.ping(1), anchor.endpoint()).at(0).bytes));
  CHECK(anchor.agrees(world.tell(anchor.finish(), anchor.endpoint()).at(0).bytes));
}

TEST_CASE("Responder: FINISH without a single answer is an empty transcript, not an error", "[agent]") {
  AgentWorld world;
  FakeAnchor anchor = world.anchor_of(random_id<RoundId>());
  REQUIRE(world.open(anchor));
  CHECK(anchor.agrees(world.tell(anchor.finish(0), anchor.endpoint()).at(0).bytes));
}

TEST_CASE("Responder: FINISH before OPEN_ACK or with a wrong MAC is not answered", "[agent]") {
  AgentWorld world;
  FakeAnchor anchor = world.anchor_of(random_id<RoundId>());
  REQUIRE(anchor.on_open(world.tell(anchor.ticket_datagram(), anchor.endpoint()).at(0).bytes));
  CHECK(world.tell(anchor.finish(0), anchor.endpoint()).empty());
  CHECK(world.rejected(RejectReason::kWrongState) == 1);
  REQUIRE(world.tell(anchor.open_ack(), anchor.endpoint()).empty());
  ByteVector finish = anchor.finish(0);
  finish[20] ^= 0x80U;  // a reserved byte
  CHECK(world.tell(finish, anchor.endpoint()).empty());
  finish = anchor.finish(0);
  finish.back() ^= 1U;
  CHECK(world.tell(finish, anchor.endpoint()).empty());
  CHECK(world.rejected(RejectReason::kBadMac) == 1);
}
