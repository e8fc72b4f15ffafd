#include "tests/agent/agent_world.hpp"
#include "tests/support/catch.hpp"

using namespace chiploc;

namespace {
/// Three anchors of one round, all finished.
struct FinishedRound {
  FinishedRound() {
    for (std::uint8_t i = 0; i < 3; ++i) {
      anchors.push_back(world.anchor_of(round, i, 3));
      REQUIRE(world.open(anchors.back()));
      REQUIRE(world.ping_and_finish(anchors.back()));
    }
  }
  std::optional<ByteVector> close(std::size_t through, const CloseOrder& order) {
    std::optional<ByteVector> statement;
    for (const auto& sent : world.tell(anchors[through].close(order), anchors[through].endpoint())) {
      CHECK(sent.to == anchors[through].endpoint());
      statement = anchors[through].on_statement(sent.bytes);
    }
    return statement;
  }
  AgentWorld world;
  RoundId round = random_id<RoundId>();
  std::vector<FakeAnchor> anchors;
};
}  // namespace

TEST_CASE("Responder: CLOSE brings one statement over all transcripts of the order", "[agent]") {
  FinishedRound r;
  const CloseOrder order = r.world.coordinator.order(r.world.chip, r.round, 0b111);
  const auto cose = r.close(1, order);
  REQUIRE(cose);
  const auto statement = check_statement(*cose, r.world.device_key->public_key(), kTestCertificate);
  INFO((statement ? std::string_view{"fine"} : name_of(statement.error())));
  REQUIRE(statement);
  CHECK(statement->nonce == order.nonce);
  CHECK(statement->chip == r.world.chip);
  CHECK(statement->round == r.round);
  CHECK(statement->coordinator == r.world.coordinator.id());
  CHECK(statement->hardware_model == "LAB-100");
  CHECK(statement->firmware_version == "1.2.3");
  CHECK(statement->debug_state == DebugState::kDisabledPermanently);
  CHECK(statement->boot_count == 7);
  CHECK(statement->round_counter == 42);
  CHECK(statement->issued_at == kTestNow);
  REQUIRE(statement->transcripts.size() == 3);
  for (std::uint8_t i = 0; i < 3; ++i) {
    CHECK(statement->transcripts[i].anchor_index == i);
    CHECK(statement->transcripts[i].transcript == r.anchors[i].digest());
  }
}

TEST_CASE("Responder: the order's mask chooses the anchors of the statement", "[agent]") {
  FinishedRound r;
  const auto cose = r.close(0, r.world.coordinator.order(r.world.chip, r.round, 0b101));
  REQUIRE(cose);
  const auto statement = check_statement(*cose, r.world.device_key->public_key(), kTestCertificate);
  INFO((statement ? std::string_view{"fine"} : name_of(statement.error())));
  REQUIRE(statement);
  REQUIRE(statement->transcripts.size() == 2);
  CHECK(statement->transcripts[1].anchor_index == 2);
}

TEST_CASE("Responder: a statement of 64 anchors travels in several fragments", "[agent]") {
  AgentWorld world;
  const auto round = random_id<RoundId>();
  std::vector<FakeAnchor> anchors;
  for (std::uint8_t i = 0; i < 64; ++i) {
    anchors.push_back(world.anchor_of(round, i, 64));
    REQUIRE(world.open(anchors.back()));
    REQUIRE(world.ping_and_finish(anchors.back(), 1));
  }
  const auto order = world.coordinator.order(world.chip, round, ~std::uint64_t{0});
  const auto sent = world.tell(anchors[9].close(order), anchors[9].endpoint());
  CHECK(sent.size() >= 2);
  std::optional<ByteVector> cose;
  for (const auto& fragment : sent) {
    CHECK(fragment.bytes.size() <= kDatagramMax);
    cose = anchors[9].on_statement(fragment.bytes);
  }
  REQUIRE(cose);
  const auto statement = check_statement(*cose, world.device_key->public_key(), kTestCertificate);
  INFO((statement ? std::string_view{"fine"} : name_of(statement.error())));
  REQUIRE(statement);
  CHECK(statement->transcripts.size() == 64);
}

TEST_CASE("Responder: the same order again gives the same statement, through any anchor", "[agent]") {
  FinishedRound r;
  const auto order = r.world.coordinator.order(r.world.chip, r.round, 0b111);
  const auto first = r.close(0, order);
  REQUIRE(first);
  CHECK(r.close(0, order) == first);
  CHECK(r.close(2, order) == first);
  CHECK(r.world.state.counter == 42);
  CHECK(r.world.responder.stats().statements_signed == 1);
}

TEST_CASE("Responder: another order for a closed round is refused", "[agent]") {
  FinishedRound r;
  REQUIRE(r.close(0, r.world.coordinator.order(r.world.chip, r.round, 0b111)));
  CHECK_FALSE(r.close(0, r.world.coordinator.order(r.world.chip, r.round, 0b111)));  // another nonce
  CHECK_FALSE(r.close(1, r.world.coordinator.order(r.world.chip, r.round, 0b011)));
  CHECK(r.world.rejected(RejectReason::kAlreadyClosed) == 2);
  CHECK(r.world.responder.stats().statements_signed == 1);
}

TEST_CASE("Responder: the counter is stored before anything is signed", "[agent]") {
  FinishedRound r;
  const auto order = r.world.coordinator.order(r.world.chip, r.round, 0b111);
  SECTION("in that order") {
    REQUIRE(r.close(0, order));
    CHECK(r.world.state.log == std::vector<std::string>{"stored", "signed"});
  }
  SECTION("a store that fails means no signature and no answer") {
    r.world.state.broken = true;
    CHECK_FALSE(r.close(0, order));
    CHECK(r.world.state.log.empty());
    CHECK(r.world.responder.stats().statement_failures == 1);
    r.world.state.broken = false;  // room again: the anchor repeats its CLOSE
    CHECK(r.close(0, order));
  }
  SECTION("a key that fails uses up the counter's value and nothing else") {
    r.world.issuer.broken = true;
    CHECK_FALSE(r.close(0, order));
    r.world.issuer.broken = false;
    const auto cose = r.close(0, order);
    REQUIRE(cose);
    CHECK(check_statement(*cose, r.world.device_key->public_key(), kTestCertificate)->round_counter == 43);
  }
}

TEST_CASE("Responder: CLOSE before any anchor of its mask has finished is refused", "[agent]") {
  AgentWorld world;
  const auto round = random_id<RoundId>();
  FakeAnchor first = world.anchor_of(round, 0, 3);
  FakeAnchor second = world.anchor_of(round, 1, 3);
  REQUIRE(world.open(first));
  REQUIRE(world.open(second));
  REQUIRE(world.ping_and_finish(first));
  for (const std::uint64_t mask : {0b10U, 0b100U, 0b110U}) {
    CHECK(
        world.tell(first.close(world.coordinator.order(world.chip, round, mask)), first.endpoint()).empty());
  }
  CHECK(world.rejected(RejectReason::kWrongState) == 3);
  CHECK(world.state.log.empty());
}

TEST_CASE("Responder: an anchor that never finished is left out of the statement and blocks nothing",
          "[agent]") {
  AgentWorld world;
  const auto round = random_id<RoundId>();
  FakeAnchor first = world.anchor_of(round, 0, 3);
  FakeAnchor second = world.anchor_of(round, 1, 3);
  REQUIRE(world.open(first));
  REQUIRE(world.open(second));
  REQUIRE(world.ping_and_finish(first));
  const auto sent =
      world.tell(first.close(world.coordinator.order(world.chip, round, 0b111)), first.endpoint());
  REQUIRE(sent.size() == 1);
  const auto cose = first.on_statement(sent[0].bytes);
  REQUIRE(cose);
  const auto statement = check_statement(*cose, world.device_key->public_key(), kTestCertificate);
  REQUIRE(statement);
  REQUIRE(statement->transcripts.size() == 1);
  CHECK(statement->transcripts[0].anchor_index == 0);
}

TEST_CASE("Responder: orders that are not right are refused and nothing is signed", "[agent]") {
  FinishedRound r;
  CloseOrder order = r.world.coordinator.order(r.world.chip, r.round, 0b111);
  const auto resign = [&] { REQUIRE(sign(order, r.world.coordinator.key())); };
  RejectReason reason{};
  bool answered = false;
  SECTION("another chip") {
    order.chip = random_id<ChipId>();
    resign();
    reason = RejectReason::kNotForMe;
    answered = true;
  }
  SECTION("another round") {
    order.round = random_id<RoundId>();
    resign();
    reason = RejectReason::kNotForMe;
    answered = true;
  }
  SECTION("an unknown coordinator") {
    order.coordinator = random_id<CoordinatorId>();
    reason = RejectReason::kUnknownCoordinator;
    answered = true;
  }
  SECTION("a wrong signature") {
    order.signature.bytes[5] ^= 1U;
    reason = RejectReason::kBadSignature;
  }
  SECTION("no anchors") {
    order.mask = 0;
    resign();
    reason = RejectReason::kMalformed;
  }
  const auto sent = r.world.tell(r.anchors[0].close(order), r.anchors[0].endpoint());
  CHECK(r.world.rejected(reason) == 1);
  CHECK(sent.size() == (answered ? 1 : 0));
  for (const auto& datagram : sent) CHECK(datagram.type() == DatagramType::kReject);
  CHECK(r.world.state.log.empty());
}

TEST_CASE("Responder: CLOSE with a wrong MAC, or an order of an anchor without a session, is dropped",
          "[agent]") {
  FinishedRound r;
  const auto order = r.world.coordinator.order(r.world.chip, r.round, 0b111);
  ByteVector close = r.anchors[0].close(order);
  close.back() ^= 1U;
  CHECK(r.world.tell(close, r.anchors[0].endpoint()).empty());
  CHECK(r.world.rejected(RejectReason::kBadMac) == 1);
  close = r.anchors[0].close(order);
  close[4] ^= 1U;
  CHECK(r.world.tell(close, r.anchors[0].endpoint()).empty());
  CHECK(r.world.rejected(RejectReason::kUnknownSession) == 1);
}

TEST_CASE("Responder: a recorded CLOSE cannot aim statements at a stranger, nor without end", "[agent]") {
  FinishedRound r;
  const ByteVector close = r.anchors[0].close(r.world.coordinator.order(r.world.chip, r.round, 0b111));
  std::size_t sent = 0;
  for (int i = 0; i < 200; ++i) {
    for (const auto& datagram : r.world.tell(close, *parse_endpoint("192.0.2.66:53"))) {
      CHECK(datagram.to == r.anchors[0].endpoint());
      ++sent;
    }
  }
  CHECK(sent == 32);
  CHECK(r.world.rejected(RejectReason::kRateLimited) == 168);
}

TEST_CASE("Responder: rounds of two coordinators with one round id stay apart", "[agent]") {
  // Built by hand: AgentWorld trusts one coordinator.
  AgentWorld world;
  TestCoordinator second;
  Responder responder{
      {},
      AgentWorld::identity(world.chip),
      {{world.coordinator.id(), world.coordinator.key().public_key()},
       {second.id(), second.key().public_key()}},
      {},
      {*world.device_key, world.issuer, world.state, world.residence, world.random, world.observer},
      world.now};
  const auto round = random_id<RoundId>();
  const auto tell = [&](const ByteVector& datagram, const Endpoint& from) {
    CollectingOutbox out;
    responder.on_datagram(datagram, from, world.now, world.wall, out);
    return out.sent;
  };
  FakeAnchor ours = world.anchor_of(round);
  FakeAnchor theirs{AgentWorld::endpoint_of(9)};
  Ticket ticket =
      second.unsigned_ticket(world.chip, round, theirs.id(), theirs.public_key(), theirs.endpoint());
  REQUIRE(sign(ticket, second.key()));
  theirs.take(ticket);
  for (FakeAnchor* anchor : {&ours, &theirs}) {
    REQUIRE(anchor->on_open(tell(anchor->ticket_datagram(), anchor->endpoint()).at(0).bytes));
    REQUIRE(tell(anchor->open_ack(), anchor->endpoint()).empty());
    REQUIRE(tell(anchor->finish(0), anchor->endpoint()).size() == 1);
  }
  // The second coordinator's order through the first one's session closes nothing.
  const auto crossed = tell(ours.close(second.order(world.chip, round, 1)), ours.endpoint());
  REQUIRE(crossed.size() == 1);
  CHECK(crossed[0].type() == DatagramType::kReject);
  CHECK(tell(theirs.close(second.order(world.chip, round, 1)), theirs.endpoint()).at(0).type() ==
        DatagramType::kStatement);
}
