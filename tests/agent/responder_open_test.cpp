// How the agent opens: one key a round, signed once by the device, and cookies for anchors under a flood.
#include "tests/agent/agent_world.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Open open_of(const SentDatagram& sent) {
  const auto open = parse_open(sent.bytes);
  REQUIRE(open);
  return *open;
}

Open told(AgentWorld& world, FakeAnchor& anchor) {
  const auto sent = world.tell(anchor.ticket_datagram(), anchor.endpoint());
  REQUIRE(sent.size() == 1);
  REQUIRE(anchor.on_open(sent[0].bytes));
  return open_of(sent[0]);
}

ByteVector cookie_for(const Open& open, const Mac& cookie) {
  ByteVector out(OpenCookie::kSize);
  encode(OpenCookie{open.mac, cookie}, out);
  return out;
}

TEST_CASE("Responder: the device signs one key a round, for all anchors, and another one for another round",
          "[agent]") {
  AgentWorld world;
  const auto round = random_id<RoundId>();
  FakeAnchor first = world.anchor_of(round, 0, 3);
  FakeAnchor second = world.anchor_of(round, 1, 3);
  const Open a = told(world, first);
  const Open b = told(world, second);
  CHECK(a.agent_public == b.agent_public);
  CHECK(same_bytes(a.signature_bytes(), b.signature_bytes()));
  CHECK(first.session() != second.session());
  for (FakeAnchor* const anchor : {&first, &second}) {
    CHECK(verify(OpeningClaim::of(anchor->ticket(), a.agent_public), a.signature_bytes(),
                 world.device_key->public_key()));
  }
  FakeAnchor other = world.anchor_of(random_id<RoundId>());
  const Open c = told(world, other);
  CHECK(c.agent_public != a.agent_public);
  CHECK_FALSE(verify(OpeningClaim::of(other.ticket(), c.agent_public), a.signature_bytes(),
                     world.device_key->public_key()));
  CHECK(verify(OpeningClaim::of(other.ticket(), c.agent_public), c.signature_bytes(),
               world.device_key->public_key()));
}

TEST_CASE("Responder: an OPEN carries the session's MAC, so it is of use at its own anchor alone",
          "[agent]") {
  AgentWorld world;
  const auto round = random_id<RoundId>();
  FakeAnchor first = world.anchor_of(round, 0, 2);
  FakeAnchor second = world.anchor_of(round, 1, 2);
  const auto sent = world.tell(first.ticket_datagram(), first.endpoint());
  REQUIRE(first.on_open(sent.at(0).bytes));
  CHECK(first.made_by_the_agent(sent[0].bytes));
  REQUIRE(second.on_open(world.tell(second.ticket_datagram(), second.endpoint()).at(0).bytes));
  CHECK_FALSE(second.made_by_the_agent(sent[0].bytes));
}

TEST_CASE("Responder: with a key that will not sign nothing is opened, and it is told", "[agent]") {
  class Broken final : public Signer {
   public:
    explicit Broken(const Signer& real) : real_{real} {}
    const PublicKey& public_key() const override { return real_.public_key(); }
    Result<ByteVector, KeyFault> sign(Bytes message) const override {
      if (broken) return Fail{KeyFault{KeyFault::Code::kSigningFailed, "the token is gone"}};
      return real_.sign(message);
    }
    bool broken = true;

   private:
    const Signer& real_;
  };
  class Noting final : public ResponderObserver {
   public:
    void on_failure(std::string_view what, std::string_view why) override {
      told = std::string{what} + ": " + std::string{why};
    }
    std::string told;
  };
  AgentWorld world;
  Broken key{*world.device_key};
  Noting noting;
  Responder responder{{},
                      AgentWorld::identity(world.chip),
                      {{world.coordinator.id(), world.coordinator.key().public_key()}},
                      {},
                      {key, world.issuer, world.state, world.residence, world.random, noting},
                      world.now};
  const FakeAnchor anchor = world.anchor_of(random_id<RoundId>());
  CollectingOutbox out;
  responder.on_datagram(anchor.ticket_datagram(), anchor.endpoint(), world.now, world.wall, out);
  CHECK(out.sent.empty());
  CHECK(noting.told == "opening key: the token is gone");
  CHECK(responder.stats().opening_failures == 1);
  CHECK(responder.stats().sessions_used == 0);
  key.broken = false;  // the ticket comes again, and the token is back
  responder.on_datagram(anchor.ticket_datagram(), anchor.endpoint(), world.now, world.wall, out);
  CHECK(out.sent.size() == 1);
}

TEST_CASE("Responder: an OPEN_COOKIE brings the same OPEN with the cookie, once for each OPEN", "[agent]") {
  AgentWorld world;
  FakeAnchor anchor = world.anchor_of(random_id<RoundId>());
  const Open open = told(world, anchor);
  CHECK(open.cookie == Mac{});
  const auto cookie = random_id<Mac>();
  const auto again = world.tell(cookie_for(open, cookie), anchor.endpoint());
  REQUIRE(again.size() == 1);
  const Open with = open_of(again[0]);
  CHECK(again[0].to == anchor.endpoint());
  CHECK(with.cookie == cookie);
  CHECK(with.agent_public == open.agent_public);
  CHECK(anchor.made_by_the_agent(again[0].bytes));
  // A copy answers an OPEN that is no longer the last.
  CHECK(world.tell(cookie_for(open, cookie), anchor.endpoint()).empty());
  CHECK(world.rejected(RejectReason::kUnknownSession) == 1);
  // The timer's own OPENs keep it, and come when they would have.
  world.pass(milliseconds{250});
  const auto timed = world.tick();
  REQUIRE(timed.size() == 1);
  CHECK(timed[0].bytes == again[0].bytes);
}

TEST_CASE("Responder: OPEN_COOKIEs bring three OPENs at most, to the address in the ticket", "[agent]") {
  AgentWorld world;
  FakeAnchor anchor = world.anchor_of(random_id<RoundId>());
  Open open = told(world, anchor);
  std::size_t brought = 0;
  for (int i = 0; i < 10; ++i) {
    const auto sent = world.tell(cookie_for(open, random_id<Mac>()), AgentWorld::endpoint_of(77));
    if (sent.empty()) continue;
    CHECK(sent[0].to == anchor.endpoint());
    open = open_of(sent[0]);
    ++brought;
  }
  CHECK(brought == 3);
  CHECK(world.rejected(RejectReason::kRateLimited) == 7);
  world.pass(seconds{10});
  std::size_t timed = 0;
  for (int i = 0; i < 10; ++i) {
    timed += world.tick().size();
    world.pass(seconds{1});
  }
  CHECK(timed == 2);  // three by the timer, as ever
}

TEST_CASE("Responder: an OPEN_COOKIE for another OPEN, or after OPEN_ACK, brings nothing", "[agent]") {
  AgentWorld world;
  FakeAnchor anchor = world.anchor_of(random_id<RoundId>());
  const Open open = told(world, anchor);
  Open other = open;
  other.mac.bytes[0] ^= 1;
  CHECK(world.tell(cookie_for(other, random_id<Mac>()), anchor.endpoint()).empty());
  CHECK(world.tell(cookie_for({}, random_id<Mac>()), anchor.endpoint()).empty());
  CHECK(world.rejected(RejectReason::kUnknownSession) == 2);
  CHECK(world.tell(anchor.open_ack(), anchor.endpoint()).empty());
  CHECK(world.tell(cookie_for(open, random_id<Mac>()), anchor.endpoint()).empty());
  CHECK(world.rejected(RejectReason::kWrongState) == 1);
}

TEST_CASE("Responder: once a round is closed or complete its key opens no session any more", "[agent]") {
  AgentWorld world;
  const auto round = random_id<RoundId>();
  FakeAnchor first = world.anchor_of(round, 0, 2);
  REQUIRE(world.open(first));
  REQUIRE(world.ping_and_finish(first));
  REQUIRE_FALSE(
      world.tell(first.close(world.coordinator.order(world.chip, round, 1)), first.endpoint()).empty());
  FakeAnchor late = world.anchor_of(round, 1, 2);
  CHECK(world.tell(late.ticket_datagram(), late.endpoint()).empty());
  CHECK(world.rejected(RejectReason::kWrongState) == 1);

  // A coordinator that contradicts itself: a third ticket for a round of two.
  const auto whole = random_id<RoundId>();
  FakeAnchor a = world.anchor_of(whole, 0, 2);
  FakeAnchor b = world.anchor_of(whole, 1, 2);
  FakeAnchor c = world.anchor_of(whole, 2, 3);
  REQUIRE(world.open(a));
  REQUIRE(world.open(b));
  CHECK(world.tell(c.ticket_datagram(), c.endpoint()).empty());
  CHECK(world.rejected(RejectReason::kWrongState) == 2);
}

}  // namespace
}  // namespace chiploc
