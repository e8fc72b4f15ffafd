#include <algorithm>

#include "tests/agent/agent_world.hpp"
#include "tests/support/catch.hpp"

using namespace chiploc;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// A responder with one rendezvous anchor, which has a cookie and a few tickets.
struct Doorstep {
  explicit Doorstep(std::uint64_t seed = 1) : world{{}, {{anchor_id, door}}, seed} {}

  /// Moves time to the next deadline and gives what was sent then.
  std::vector<SentDatagram> next() {
    REQUIRE(world.responder.next_deadline());
    world.pass(std::max(Nanoseconds{0}, *world.responder.next_deadline() - world.now));
    auto sent = world.tick();
    for (const SentDatagram& datagram : sent) {
      if (const auto knock = parse_knock(datagram.bytes)) nonce = knock->nonce;
    }
    return sent;
  }
  /// Moves time on until something is sent.
  std::vector<SentDatagram> next_sent() {
    for (int i = 0; i < 100; ++i) {
      if (auto sent = next(); !sent.empty()) return sent;
    }
    return {};
  }
  ByteVector reply(KnockStatus status, const Mac& cookie) const {
    ByteArray<KnockReply::kSize> buffer{};
    return vector_of(encode(KnockReply{world.chip, status, cookie, nonce}, buffer));
  }
  std::vector<SentDatagram> prove(const Mac& cookie) {
    return world.tell(reply(KnockStatus::kProve, cookie), door);
  }

  Endpoint door = *parse_endpoint("10.1.1.1:7411");
  AnchorId anchor_id = random_id<AnchorId>();
  AgentWorld world;
  Nonce nonce;  ///< of the last knock
};

}  // namespace

TEST_CASE("Knocker: knocks name chip and anchor, and come at random times within the bounds", "[agent]") {
  const auto seed = GENERATE(range<std::uint64_t>(1, 30));
  CAPTURE(seed);
  Doorstep d{seed};
  REQUIRE(d.world.responder.next_deadline());
  CHECK(*d.world.responder.next_deadline() - d.world.now <= seconds{15});
  SteadyTime last{};
  std::vector<Nanoseconds> waits;
  for (int i = 0; i < 20; ++i) {
    const auto sent = d.next();
    REQUIRE(sent.size() == 1);
    const auto knock = parse_knock(sent[0].bytes);
    REQUIRE(knock);
    CHECK(knock->chip == d.world.chip);
    CHECK(knock->anchor == d.anchor_id);
    CHECK(sent[0].to == d.door);
    if (i > 0) waits.push_back(d.world.now - last);
    last = d.world.now;
    CHECK(d.world.tell(d.reply(KnockStatus::kNothing, {}), d.door).empty());
  }
  for (const auto wait : waits) {
    CHECK(wait >= seconds{15});
    CHECK(wait <= seconds{60});
  }
  CHECK(*std::max_element(waits.begin(), waits.end()) != *std::min_element(waits.begin(), waits.end()));
}

TEST_CASE("Knocker: without rendezvous anchors nothing is ever sent", "[agent]") {
  AgentWorld world;
  CHECK_FALSE(world.responder.next_deadline());
  world.pass(seconds{3600});
  CHECK(world.tick().empty());
}

TEST_CASE("Knocker: a knock without a reply is repeated, three in all", "[agent]") {
  Doorstep d;
  for (int i = 0; i < 3; ++i) CHECK(d.next_sent().at(0).type() == DatagramType::kKnock);
  const SteadyTime third = d.world.now;
  CHECK(d.next_sent().at(0).type() == DatagramType::kKnock);
  CHECK(d.world.now - third >= seconds{15});
  CHECK(d.world.responder.stats().knock.unanswered == 1);
}

TEST_CASE("Knocker: tells of knocks in a row that nobody answered, and when somebody does", "[agent]") {
  Doorstep d;
  const auto& told = d.world.observer.unanswered;
  REQUIRE(d.next_sent().size() == 1);
  const SteadyTime first = d.world.now;
  while (told.size() < 3) (void)d.next();
  CHECK(told[0].rendezvous == "10.1.1.1:7411");
  CHECK(told[0].number == 1);
  CHECK(told[0].time == seconds{3});
  CHECK(told[2].number == 3);
  CHECK(told[2].time == d.world.now - first);
  CHECK(d.world.observer.answered.empty());
  REQUIRE(d.next_sent().size() == 1);
  const Nonce good = d.nonce;
  d.nonce = random_id<Nonce>();
  CHECK(d.world.tell(d.reply(KnockStatus::kNothing, {}), d.door).empty());
  CHECK(d.world.observer.answered.empty());  // not by who does not see the knock
  d.nonce = good;
  CHECK(d.world.tell(d.reply(KnockStatus::kNothing, {}), d.door).empty());
  CHECK(d.world.observer.answered == std::vector<std::string>{"10.1.1.1:7411"});
  while (told.size() < 4) (void)d.next();
  CHECK(told[3].number == 1);  // counted anew
  CHECK(told[3].time == seconds{3});
}

TEST_CASE("Knocker: \"prove\" is answered with the device key's signature over the cookie", "[agent]") {
  Doorstep d;
  REQUIRE(d.next_sent().size() == 1);
  const Mac cookie = random_id<Mac>();
  const auto sent = d.prove(cookie);
  REQUIRE(sent.size() == 1);
  CHECK(sent[0].to == d.door);
  const auto proof = parse_knock_proof(sent[0].bytes);
  REQUIRE(proof);
  CHECK(proof->chip == d.world.chip);
  CHECK(proof->anchor == d.anchor_id);
  CHECK(proof->cookie == cookie);
  CHECK(proof->round_counter == 41);
  CHECK(verify(*proof, d.world.device_key->public_key()));
}

TEST_CASE("Knocker: at most three proofs for one knock, whoever asks", "[agent]") {
  Doorstep d;
  REQUIRE(d.next_sent().size() == 1);
  std::size_t proofs = 0;
  for (int i = 0; i < 50; ++i) proofs += d.prove(random_id<Mac>()).size();
  CHECK(proofs == 3);
  CHECK(d.world.rejected(RejectReason::kRateLimited) == 47);
}

TEST_CASE("Knocker: replies that nobody asked for do nothing", "[agent]") {
  Doorstep d;
  SECTION("before any knock") {
    CHECK(d.prove(random_id<Mac>()).empty());
    CHECK(d.world.rejected(RejectReason::kWrongState) == 1);
  }
  SECTION("from another address") {
    REQUIRE(d.next_sent().size() == 1);
    CHECK(d.world.tell(d.reply(KnockStatus::kProve, {}), *parse_endpoint("10.1.1.1:7412")).empty());
    CHECK(d.world.rejected(RejectReason::kUnknownSession) == 1);
  }
  SECTION("without the knock's nonce, as one who cannot see the knock would forge them") {
    REQUIRE(d.next_sent().size() == 1);
    const Nonce good = d.nonce;
    d.nonce = random_id<Nonce>();
    CHECK(d.prove(random_id<Mac>()).empty());
    CHECK(d.world.tell(d.reply(KnockStatus::kNothing, {}), d.door).empty());
    CHECK(d.world.rejected(RejectReason::kBadCookie) == 2);
    CHECK(d.world.responder.stats().knock.proofs == 0);
    d.nonce = good;
    CHECK(d.prove(random_id<Mac>()).size() == 1);  // neither put the knock off nor used up its proofs
    return;
  }
  SECTION("with the nonce of an earlier knock") {
    REQUIRE(d.next_sent().size() == 1);
    const Nonce old = d.nonce;
    REQUIRE(d.world.tell(d.reply(KnockStatus::kNothing, {}), d.door).empty());
    REQUIRE(d.next_sent().size() == 1);
    d.nonce = old;
    CHECK(d.prove(random_id<Mac>()).empty());
    CHECK(d.world.rejected(RejectReason::kBadCookie) == 1);
  }
  SECTION("for another chip") {
    REQUIRE(d.next_sent().size() == 1);
    ByteArray<KnockReply::kSize> buffer{};
    encode(KnockReply{random_id<ChipId>(), KnockStatus::kProve, {}, d.nonce}, buffer);
    const auto sent = d.world.tell(buffer, d.door);
    REQUIRE(sent.size() == 1);
    CHECK(parse_reject(sent[0].bytes)->reason == RejectReason::kNotForMe);
  }
  CHECK(d.world.responder.stats().knock.proofs == 0);
}

TEST_CASE("Knocker: a whole round comes in through a knock", "[agent]") {
  Doorstep d;
  const auto round = random_id<RoundId>();
  std::vector<FakeAnchor> anchors;
  for (std::uint8_t i = 0; i < 3; ++i) anchors.push_back(d.world.anchor_of(round, i, 3));
  REQUIRE(d.next_sent().size() == 1);
  REQUIRE(d.prove(random_id<Mac>()).size() == 1);
  for (auto& anchor : anchors) {  // all tickets come from the rendezvous anchor
    const auto sent = d.world.tell(anchor.ticket_datagram(), d.door);
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].to == anchor.endpoint());
    REQUIRE(anchor.on_open(sent[0].bytes));
    REQUIRE(d.world.tell(anchor.open_ack(), anchor.endpoint()).empty());
  }
  for (auto& anchor : anchors) CHECK(d.world.ping_and_finish(anchor));
  // Everything is there, so it rests for the ordinary interval.
  const SteadyTime before = d.world.now;
  CHECK(d.next_sent().at(0).type() == DatagramType::kKnock);
  CHECK(d.world.now - before >= seconds{15});
  CHECK(d.world.responder.stats().knock.proofs == 1);
  CHECK(d.world.responder.stats().knock.incomplete == 0);
}

TEST_CASE("Knocker: tickets with the cookie of its proof need no share, 64 for each proof", "[agent]") {
  Doorstep d;
  const Mac cookie = random_id<Mac>();
  FakeAnchor forger = d.world.anchor_of(random_id<RoundId>());
  const auto forge = [&](const Mac& with, int address) {
    forger.take(d.world.ticket_for(forger, random_id<RoundId>()));
    (void)d.world.tell(forger.ticket_datagram(with), AgentWorld::endpoint_of(address));
    return d.world.rejected(RejectReason::kBadSignature);
  };
  const auto flood = [&] {
    for (int i = 0; i < 1000; ++i) (void)forge({}, i);
    for (int i = 0; i < 100; ++i) (void)forge(random_id<Mac>(), i);
    (void)forge({}, 0);
    return forge(cookie, 0);
  };
  const std::uint64_t spent = flood();
  CHECK(spent == 256);  // the cookie opens nothing before it was proved
  REQUIRE(d.next_sent().size() == 1);
  d.world.pass(Nanoseconds{0});
  REQUIRE(d.prove(cookie).size() == 1);
  (void)flood();
  const auto round = random_id<RoundId>();
  for (std::uint8_t i = 0; i < 62; ++i) {
    FakeAnchor anchor = d.world.anchor_of(round, i, 64);
    const auto sent = d.world.tell(anchor.ticket_datagram(cookie), d.door);
    REQUIRE(sent.size() == 1);
    CHECK(anchor.on_open(sent[0].bytes));
  }
  const std::uint64_t before = forge(cookie, 0);  // the 64th: flood() had one
  CHECK(forge(cookie, 0) == before);
  CHECK(d.world.responder.stats().tickets_accepted == 62);
}

TEST_CASE("Knocker: while tickets of a round are missing it proves again, then knocks again soon",
          "[agent]") {
  Doorstep d;
  const auto round = random_id<RoundId>();
  FakeAnchor first = d.world.anchor_of(round, 0, 2);
  FakeAnchor second = d.world.anchor_of(round, 1, 2);
  REQUIRE(d.next_sent().size() == 1);
  const auto proof = d.prove(random_id<Mac>());
  REQUIRE(proof.size() == 1);
  REQUIRE(d.world.open(first));  // the other ticket is lost
  REQUIRE(d.world.ping_and_finish(first));

  for (int i = 0; i < 2; ++i) {  // the same proof twice more, unsigned anew
    const auto again = d.next_sent();
    REQUIRE(again.size() == 1);
    CHECK(again[0].bytes == proof[0].bytes);
  }
  const SteadyTime gave_up = d.world.now;
  CHECK(d.next_sent().at(0).type() == DatagramType::kKnock);
  CHECK(d.world.now - gave_up <= seconds{4});
  CHECK(d.world.responder.stats().knock.incomplete == 1);

  REQUIRE(d.prove(random_id<Mac>()).size() == 1);
  CHECK(d.world.tell(first.ticket_datagram(), d.door).empty());  // known already
  REQUIRE(d.world.open(second));
  REQUIRE(d.world.ping_and_finish(second));
  const SteadyTime complete = d.world.now;
  CHECK(d.next_sent().at(0).type() == DatagramType::kKnock);
  CHECK(d.world.now - complete >= seconds{15});
}

TEST_CASE("Knocker: an anchor that never sends tickets is knocked at three more times, then rarely",
          "[agent]") {
  Doorstep d;
  std::size_t proofs = 0;
  const SteadyTime start = d.world.now;
  REQUIRE(d.next_sent().size() == 1);
  const SteadyTime first = d.world.now;
  SteadyTime last_quick = first;
  for (int i = 0; i < 200 && d.world.now - start < seconds{600}; ++i) {
    const auto sent = d.next();
    for (const auto& datagram : sent) {
      if (datagram.type() == DatagramType::kKnock) {
        if (d.world.now - first < seconds{20}) last_quick = d.world.now;
      } else {
        ++proofs;
      }
    }
    if (!sent.empty() && sent[0].type() == DatagramType::kKnock) proofs += d.prove(random_id<Mac>()).size();
    if (i == 30) break;
  }
  // 1 + 3 knocks in quick succession with three proofs each.
  CHECK(last_quick - first < seconds{20});
  CHECK(d.world.responder.stats().knock.incomplete >= 4);
  CHECK(proofs >= 12);
  CHECK(d.world.responder.stats().knock.proofs == proofs);
}

TEST_CASE("Knocker: each rendezvous anchor is knocked at by itself", "[agent]") {
  std::vector<RendezvousAnchor> doors;
  for (int i = 0; i < 3; ++i) doors.push_back({random_id<AnchorId>(), AgentWorld::endpoint_of(i)});
  AgentWorld world{{}, doors};
  std::vector<std::size_t> knocks(3);
  for (int step = 0; step < 3600; ++step) {
    world.pass(seconds{1});
    for (const auto& sent : world.tick()) {
      for (std::size_t i = 0; i < 3; ++i) {
        if (sent.to == doors[i].endpoint) {
          CHECK(parse_knock(sent.bytes)->anchor == doors[i].id);
          ++knocks[i];
        }
      }
    }
  }
  for (const auto count :
       knocks) {  // an hour at a mean of 30 s, three tries each: between bounds of the interval
    CHECK(count >= 3 * 3600 / 66);
    CHECK(count <= 3 * 3600 / 15);
  }
}
