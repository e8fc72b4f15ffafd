// One test per reason that an anchor can refuse a datagram for. Each first shows the datagram's accepted
// twin, where there is one, so that the refusal is of the one thing that was changed.
#include "tests/server/anchor/prober_bench.hpp"

namespace chiploc {
namespace {

ByteVector knock_datagram(const ChipId& chip, const AnchorId& anchor) {
  ByteArray<Knock::kSize> buffer{};
  const Bytes bytes = encode(Knock{chip, anchor}, buffer);
  return {bytes.begin(), bytes.end()};
}

/// A chip with one ticket pending, and a valid proof for the bench's agent.
struct Knocking {
  ProberBench& bench;
  Ticket ticket;
  explicit Knocking(ProberBench& of) : bench{of}, ticket{of.make_ticket(of.draw<RoundId>())} {
    const auto raw = bytes_of(ticket);
    const Bytes view = raw;
    REQUIRE(
        bench.prober.pend(ticket.round, bench.chip, bench.chip_key->public_key(), {view}, bench.now + 300s));
  }
  [[nodiscard]] KnockReply knock() const {
    bench.receive(knock_datagram(bench.chip, bench.self));
    return *parse_knock_reply(bench.last(DatagramType::kKnockReply).bytes);
  }
  [[nodiscard]] ByteVector proof(const Mac& cookie, std::uint64_t boot = 1) const {
    KnockProof proof{bench.chip, bench.self, cookie, boot, 0, 0, {}};
    REQUIRE(sign(proof, *bench.chip_key));
    ByteArray<KnockProof::kSize> buffer{};
    const Bytes bytes = encode(proof, buffer);
    return {bytes.begin(), bytes.end()};
  }
};

TEST_CASE("Anchor rejects malformed: any size, magic or reserved byte but the right one",
          "[anchor][reject]") {
  ProberBench bench;
  ByteVector knock = knock_datagram(bench.chip, bench.self);
  bench.receive(knock);
  CHECK(bench.rejected(RejectReason::kMalformed) == 0);
  bench.receive(Bytes{knock}.first(95));
  bench.receive(Bytes{});
  knock[0] = 0;
  bench.receive(knock);
  knock = knock_datagram(bench.chip, bench.self);
  knock[95] = 1;
  bench.receive(knock);
  CHECK(bench.rejected(RejectReason::kMalformed) == 4);
  CHECK(bench.count(DatagramType::kReject) == 0);
}

TEST_CASE("Anchor rejects unsupported_version and answers with the version it has", "[anchor][reject]") {
  ProberBench bench;
  ByteVector knock = knock_datagram(bench.chip, bench.self);
  knock[2] = 9;
  bench.receive(knock);
  CHECK(bench.rejected(RejectReason::kUnsupportedVersion) == 1);
  const auto reject = parse_reject(bench.last(DatagramType::kReject).bytes);
  REQUIRE(reject);
  CHECK(reject->reason == RejectReason::kUnsupportedVersion);
  CHECK(reject->version_supported == kProtocolVersion);
}

TEST_CASE("Anchor rejects unexpected_type: datagrams that only agents receive", "[anchor][reject]") {
  ProberBench bench;
  const Ticket ticket = bench.assign_round();
  (void)bench.open(ticket);
  const ByteVector own = bench.last(DatagramType::kOpenAck).bytes;
  bench.receive(own);
  CHECK(bench.rejected(RejectReason::kUnexpectedType) == 1);
}

TEST_CASE("Anchor rejects bad_signature: a proof by another key than the registered one",
          "[anchor][reject]") {
  ProberBench bench;
  const Knocking knocking{bench};
  const KnockReply reply = knocking.knock();
  CHECK(reply.status == KnockStatus::kProve);
  ByteVector proof = knocking.proof(reply.cookie);
  bench.receive(proof);
  CHECK(bench.count(DatagramType::kTicket) == 1);
  proof[80] ^= 1U;  // inside the signature
  bench.receive(proof);
  CHECK(bench.rejected(RejectReason::kBadSignature) == 1);
  CHECK(bench.count(DatagramType::kTicket) == 1);
}

TEST_CASE("Anchor: a report tells how far the chip came, and notes tell who knocked", "[anchor][reject]") {
  ProberBench bench;
  const Knocking knocking{bench};  // pends the chip's tickets
  bench.assign(knocking.ticket, 3s);
  const auto none = bench.draw<ChipId>();
  bench.receive(knock_datagram(none, bench.self));                    // of a chip that nobody waits for
  bench.receive(knock_datagram(bench.chip, bench.draw<AnchorId>()));  // by another anchor's key
  ByteVector proof = knocking.proof(knocking.knock().cookie);
  bench.receive(proof);
  proof[80] ^= 1U;
  bench.receive(proof);
  ByteArray<Reject::kSize> buffer{};
  const auto reject = reject_for(bench.last(DatagramType::kTicket).bytes, RejectReason::kUnknownCoordinator);
  REQUIRE(reject);
  bench.receive(encode(*reject, buffer));
  bench.receive(ProberBench::unsigned_open(knocking.ticket, bench.fresh_pair().public_key()));
  bench.advance(1s);

  const KnockTally::Taken taken = bench.prober.take_knocks(bench.now);
  REQUIRE(taken.notes.size() == 2);
  for (const KnockNote& note : taken.notes) {
    CHECK(note.age == 1s);
    CHECK(note.knocks == 1);
    CHECK(note.elsewhere == (note.chip == bench.chip ? 1U : 0U));
    CHECK(note.proofs_refused == (note.chip == bench.chip ? 1U : 0U));
  }
  CHECK(bench.prober.take_knocks(bench.now).notes.empty());

  bench.advance(3s);
  REQUIRE(bench.reports.size() == 1);
  const RoundTrail& trail = bench.reports[0].trail;
  CHECK(trail.knocks == 1);
  CHECK(trail.proofs == 1);
  CHECK(trail.proofs_refused == 1);
  CHECK(trail.tickets_sent == 1);
  CHECK(trail.opens == 1);
  const auto of = [](const RejectCounts& counts, RejectReason reason) {
    return counts[static_cast<std::size_t>(reason)];
  };
  CHECK(of(trail.rejects_received, RejectReason::kUnknownCoordinator) == 1);
  CHECK(of(bench.reports[0].rejects, RejectReason::kUnknownCoordinator) == 1);
  CHECK(of(bench.reports[0].rejects, RejectReason::kBadSignature) == 2);  // of a proof, of an OPEN
  CHECK(of(trail.rejects_received, RejectReason::kBadSignature) == 0);
  CHECK(of(bench.reports[0].rejects, RejectReason::kNotForMe) == 1);  // the knock by another anchor's key
  CHECK(of(trail.rejects_received, RejectReason::kNotForMe) == 0);
  // Whoever watches hears of the first refusal at once.
  REQUIRE(bench.progress.size() == 1);
  CHECK(bench.progress[0].round == knocking.ticket.round);
  CHECK(bench.progress[0].refusals == 1);
  CHECK(bench.progress[0].refusal == static_cast<std::uint8_t>(RejectReason::kUnknownCoordinator));
}

TEST_CASE("Anchor rejects not_for_me: a knock at another anchor", "[anchor][reject]") {
  ProberBench bench;
  bench.receive(knock_datagram(bench.chip, bench.draw<AnchorId>()));
  CHECK(bench.rejected(RejectReason::kNotForMe) == 1);
  CHECK(parse_reject(bench.last(DatagramType::kReject).bytes)->reason == RejectReason::kNotForMe);
}

TEST_CASE("Anchor rejects not_yet_valid and expired: OPEN for a ticket out of its time", "[anchor][reject]") {
  ProberBench bench;
  Ticket early = bench.make_ticket(bench.draw<RoundId>());
  early.not_before = unix_seconds(bench.clock().wall) + 301;
  early.not_after = early.not_before + 60;
  bench.assign(early);
  (void)bench.open(early);
  CHECK(bench.rejected(RejectReason::kNotYetValid) == 1);
  bench.advance(2s);
  (void)bench.open(early);  // within the skew now
  CHECK(bench.rejected(RejectReason::kNotYetValid) == 1);
  CHECK(bench.prober.counters().sessions_opened == 1);

  Ticket old = bench.make_ticket(bench.draw<RoundId>());
  old.not_after = unix_seconds(bench.clock().wall) - 299;
  old.not_before = old.not_after - 60;
  bench.assign(old);
  (void)bench.open(old);
  CHECK(bench.prober.counters().sessions_opened == 2);
  bench.advance(3s);
  (void)bench.open(old);
  CHECK(bench.rejected(RejectReason::kExpired) == 1);
}

TEST_CASE("Anchor rejects table_full: a fifth key under one ticket", "[anchor][reject]") {
  ProberBench bench;
  const Ticket ticket = bench.assign_round();
  for (int i = 0; i < 4; ++i) (void)bench.open(ticket);
  CHECK(bench.prober.counters().sessions_opened == 4);
  (void)bench.open(ticket);
  CHECK(bench.rejected(RejectReason::kTableFull) == 1);
  CHECK(bench.prober.counters().sessions_opened == 4);
}

TEST_CASE("Anchor rejects unknown_session: a ticket or session that is not here", "[anchor][reject]") {
  ProberBench bench;
  Ticket ticket = bench.assign_round();
  const auto agent = bench.open(ticket);
  bench.advance(100ms);
  const ByteVector pong = bench.pong_of(bench.last_ping(), agent);
  const ByteVector open = test::open_by(ticket, agent.pair, *bench.chip_key);
  bench.prober.release(ticket.round);
  bench.receive(pong);
  bench.receive(open);
  CHECK(bench.rejected(RejectReason::kUnknownSession) == 2);
}

TEST_CASE("Anchor rejects bad_mac: one flipped bit anywhere in a PONG, FINISH_ACK or STATEMENT",
          "[anchor][reject]") {
  ProberBench bench;
  const Ticket ticket = bench.assign_round();
  const auto agent = bench.open(ticket);
  bench.advance(100ms);
  const ByteVector pong = bench.pong_of(bench.last_ping(), agent);
  std::uint64_t expected = 0;
  for (const std::size_t at :
       {12U, 16U, 32U, 63U}) {  // sequence, nonce, residence, MAC; the session is a name
    ByteVector bad = pong;
    bad[at] ^= 0x80U;
    bench.receive(bad);
    CHECK(bench.rejected(RejectReason::kBadMac) == ++expected);
  }
  bench.receive(bench.sealed(FinishAck{agent.session, {}, {}}, agent.to_agent));  // the other direction's key
  CHECK(bench.rejected(RejectReason::kBadMac) == ++expected);
  const ByteVector piece{1, 2, 3};
  ByteVector statement(StatementFragment::kFixedSize + 3);
  encode(StatementFragment{agent.session, 0, 1, piece, {}}, statement);
  agent.to_agent.seal(statement);
  bench.receive(statement);
  CHECK(bench.rejected(RejectReason::kBadMac) == ++expected);
  bench.receive(pong);
  CHECK(bench.prober.counters().pongs_accepted == 1);
}

TEST_CASE("Anchor rejects already_answered: the same PONG twice makes one sample", "[anchor][reject]") {
  ProberBench bench;
  const Ticket ticket = bench.assign_round();
  const auto agent = bench.open(ticket);
  bench.advance(30ms);
  const ByteVector pong = bench.pong_of(bench.last_ping(), agent);
  bench.receive(pong);
  bench.receive(pong);
  CHECK(bench.rejected(RejectReason::kAlreadyAnswered) == 1);
  CHECK(bench.prober.counters().pongs_accepted == 1);
}

TEST_CASE("Anchor rejects sequence_out_of_range: an answer to a ping that was never sent",
          "[anchor][reject]") {
  ProberBench bench;
  const Ticket ticket = bench.assign_round();
  const auto agent = bench.open(ticket);
  bench.advance(30ms);
  Ping ping = bench.last_ping();
  for (const std::uint32_t sequence : {ping.sequence + 1, 63U, 64U, 0xffffffffU}) {
    ping.sequence = sequence;
    bench.receive(bench.pong_of(ping, agent));
  }
  CHECK(bench.rejected(RejectReason::kSequenceOutOfRange) == 4);
}

TEST_CASE("Anchor rejects bad_signature: an OPEN by any key but the chip's, or over anything else",
          "[anchor][reject]") {
  ProberBench bench;
  const Ticket ticket = bench.assign_round();
  const X25519Pair pair = bench.fresh_pair();
  const auto other_key = generate_key(SignatureAlgorithm::kEs256);
  bench.receive(test::open_by(ticket, pair, *other_key));
  Ticket other_round = ticket;
  other_round.round = bench.draw<RoundId>();
  bench.receive(test::open_with(ticket, pair,
                                *sign(OpeningClaim::of(other_round, pair.public_key()), *bench.chip_key)));
  bench.receive(test::open_with(
      ticket, pair, *sign(OpeningClaim::of(ticket, bench.fresh_pair().public_key()), *bench.chip_key)));
  bench.receive(bench.unsigned_open(ticket, pair.public_key()));
  CHECK(bench.rejected(RejectReason::kBadSignature) == 4);
  CHECK(bench.sent.empty());
  CHECK(bench.prober.counters().sessions_opened == 0);
  bench.receive(test::open_by(ticket, pair, *bench.chip_key));
  CHECK(bench.prober.counters().sessions_opened == 1);
  bench.advance(20s);
  REQUIRE(bench.reports.size() == 1);
  CHECK(bench.reports[0].rejects[static_cast<std::size_t>(RejectReason::kBadSignature)] == 4);
}

TEST_CASE("Anchor rejects bad_mac: an OPEN whose sender does not have the key in it", "[anchor][reject]") {
  ProberBench bench;
  const Ticket ticket = bench.assign_round();
  const X25519Pair pair = bench.fresh_pair();
  const ByteVector good = test::open_by(ticket, pair, *bench.chip_key);
  ByteVector forged = good;
  forged.back() ^= 1U;
  bench.receive(forged);
  CHECK(bench.rejected(RejectReason::kBadMac) == 1);
  CHECK(bench.prober.counters().sessions_opened == 0);
  bench.receive(good);
  CHECK(bench.prober.counters().sessions_opened == 1);
  // And for a session that is there it pays for nothing.
  const std::size_t before = bench.sent.size();
  bench.receive(forged);
  CHECK(bench.rejected(RejectReason::kBadMac) == 2);
  CHECK(bench.sent.size() == before);
}

TEST_CASE("Anchor: a report carries the signature that opened each session", "[anchor]") {
  ProberBench bench;
  const Ticket ticket = bench.assign_round();
  const auto agent = bench.open(ticket);
  bench.answer_all(agent, ticket);
  bench.advance(10s);
  REQUIRE(bench.reports.size() == 1);
  CHECK(verify(OpeningClaim::of(ticket, agent.pair.public_key()), bench.reports[0].sessions[0].opening,
               bench.chip_key->public_key()));
}

TEST_CASE("Anchor rejects rate_limited: wrong OPENs beyond a ticket's, and asks who comes then for a cookie",
          "[anchor][reject]") {
  ProberOptions options;
  options.open.wrong_per_ticket = 4;
  options.open.wrong_per_source = 2;
  ProberBench bench{options};
  const Ticket ticket = bench.assign_round();
  const auto stranger = generate_key(SignatureAlgorithm::kEs256);
  for (int i = 0; i < 10; ++i) bench.receive(test::open_by(ticket, bench.fresh_pair(), *stranger));
  CHECK(bench.rejected(RejectReason::kBadSignature) == 4);
  CHECK(bench.rejected(RejectReason::kRateLimited) == 6);
  CHECK(bench.count(DatagramType::kOpenCookie) == 6);
  CHECK(bench.prober.counters().open_cookies == 6);
  CHECK(bench.sent.size() == 6);

  const X25519Pair pair = bench.fresh_pair();
  const ByteVector open = test::open_by(ticket, pair, *bench.chip_key);
  bench.receive(open);
  const auto asked = parse_open_cookie(bench.last(DatagramType::kOpenCookie).bytes);
  REQUIRE(asked);
  CHECK(asked->open == parse_open(open)->mac);
  Endpoint elsewhere = bench.agent_endpoint;
  ++elsewhere.port;
  const ByteVector with = test::open_by(ticket, pair, *bench.chip_key, asked->cookie);
  SECTION("which is of no use from another address or port") {
    bench.receive(with, elsewhere);
    CHECK(bench.prober.counters().sessions_opened == 0);
    CHECK(bench.count(DatagramType::kOpenCookie) == 8);
  }
  SECTION("or under another ticket, or after its time") {
    const Ticket second = bench.assign_round();
    for (int i = 0; i < 4; ++i) bench.receive(test::open_by(second, bench.fresh_pair(), *stranger));
    bench.receive(test::open_by(second, pair, *bench.chip_key, asked->cookie));
    CHECK(bench.prober.counters().sessions_opened == 0);
  }
  SECTION("with which it is looked at") {
    bench.receive(with);
    CHECK(bench.prober.counters().sessions_opened == 1);
  }
  SECTION("with which an address is looked at within its share, whatever its ports") {
    for (std::uint16_t port = 1; port <= 8; ++port) {
      Endpoint from = bench.agent_endpoint;
      from.address[3] ^= 1U;
      from.port = port;
      bench.receive(test::open_by(ticket, bench.fresh_pair(), *stranger), from);
      const auto cookie = parse_open_cookie(bench.last(DatagramType::kOpenCookie).bytes)->cookie;
      bench.receive(test::open_by(ticket, bench.fresh_pair(), *stranger, cookie), from);
    }
    CHECK(bench.rejected(RejectReason::kBadSignature) == 4 + 2);
    bench.receive(with);
    CHECK(bench.prober.counters().sessions_opened == 1);
  }
  SECTION("and without which it is looked at again a second later") {
    bench.advance(1s);
    bench.receive(open);
    CHECK(bench.prober.counters().sessions_opened == 1);
  }
}

TEST_CASE("Anchor: a cookie for an OPEN is accepted in the slot it was made in and the next",
          "[anchor][reject]") {
  ProberOptions options;
  options.open.wrong_per_ticket = 1;
  options.open.cookie_slot = 10s;
  ProberBench bench{options};
  const auto stranger = generate_key(SignatureAlgorithm::kEs256);
  const auto cookie_after = [&](Nanoseconds later) {
    Ticket ticket = bench.make_ticket(bench.draw<RoundId>());
    ticket.not_after = ticket.not_before + 10'000;
    REQUIRE(sign(ticket, *bench.coordinator));
    bench.assign(ticket, 50s);
    bench.receive(test::open_by(ticket, bench.fresh_pair(), *stranger));
    const X25519Pair pair = bench.fresh_pair();
    bench.receive(test::open_by(ticket, pair, *bench.chip_key));
    const auto cookie = parse_open_cookie(bench.last(DatagramType::kOpenCookie).bytes)->cookie;
    bench.advance(later);
    bench.receive(test::open_by(ticket, bench.fresh_pair(), *stranger));  // keeps the ticket's account empty
    const auto before = bench.prober.counters().sessions_opened;
    bench.receive(test::open_by(ticket, pair, *bench.chip_key, cookie));
    return bench.prober.counters().sessions_opened > before;
  };
  CHECK(cookie_after(1s));
  CHECK(cookie_after(9s));  // in the next slot at the latest
  CHECK_FALSE(cookie_after(21s));
}

TEST_CASE("Anchor: chips of one address, however many, cost it none of its wrong OPENs", "[anchor]") {
  ProberOptions options;
  options.open.wrong_per_ticket = 1;
  options.open.wrong_per_second = 1;
  ProberBench bench{options};
  for (int i = 0; i < 50; ++i) (void)bench.open(bench.assign_round());
  CHECK(bench.prober.counters().sessions_opened == 50);
  CHECK(bench.count(DatagramType::kOpenCookie) == 0);
}

TEST_CASE("Anchor: wrong OPENs under one ticket leave the other tickets theirs, within what all have",
          "[anchor][reject]") {
  ProberOptions options;
  options.open.wrong_per_ticket = 4;
  options.open.wrong_per_second = 10;
  ProberBench bench{options};
  const auto stranger = generate_key(SignatureAlgorithm::kEs256);
  for (int round = 0; round < 3; ++round) {
    const Ticket ticket = bench.assign_round();
    for (int i = 0; i < 6; ++i) bench.receive(test::open_by(ticket, bench.fresh_pair(), *stranger));
  }
  CHECK(bench.rejected(RejectReason::kBadSignature) == 10);
  CHECK(bench.rejected(RejectReason::kRateLimited) == 8);
}

TEST_CASE("Anchor: a chip that speaks another version is silent with a reason", "[anchor][reject]") {
  ProberBench bench;
  const Ticket ticket = bench.assign_round();
  const auto version = static_cast<std::size_t>(RejectReason::kUnsupportedVersion);
  SECTION("when it knocks") {
    const auto raw = bytes_of(ticket);
    REQUIRE(bench.prober.pend(ticket.round, bench.chip, bench.chip_key->public_key(), {Bytes{raw}},
                              bench.now + 60s));
    ByteVector knock = knock_datagram(bench.chip, bench.self);
    knock[2] = 1;
    bench.receive(knock);
    ByteVector of_another = knock_datagram(bench.draw<ChipId>(), bench.self);
    of_another[2] = 1;
    bench.receive(of_another);
    bench.receive(Bytes{knock}.first(20));
    CHECK(bench.count(DatagramType::kReject) == 3);
  }
  SECTION("when it refuses the ticket that was brought to it") {
    const Ticket inbound = bench.make_ticket(bench.draw<RoundId>());
    REQUIRE(bench.prober.assign(
        {bytes_of(inbound), bench.agent_endpoint, 40ms, 10s, 0s, bench.chip_key->public_key()}, bench.now));
    bench.advance(1ms);
    ByteArray<Reject::kSize> buffer{};
    encode(*reject_for(bench.last(DatagramType::kTicket).bytes, RejectReason::kUnsupportedVersion), buffer);
    buffer[2] = 1;  // as its own version writes it
    bench.receive(buffer);
  }
  bench.advance(30s);
  REQUIRE_FALSE(bench.reports.empty());
  std::uint32_t told = 0;
  for (const RoundReport& report : bench.reports) told += report.rejects[version];
  CHECK(told == 1);
}

TEST_CASE("Anchor rejects bad_key: OPEN with a key of small order", "[anchor][reject]") {
  ProberBench bench;
  const Ticket ticket = bench.assign_round();
  bench.receive(bench.unsigned_open(ticket, X25519Public{}));
  X25519Public one;
  one.bytes[0] = 1;
  bench.receive(bench.unsigned_open(ticket, one));
  CHECK(bench.rejected(RejectReason::kBadKey) == 2);
  CHECK(bench.prober.counters().sessions_opened == 0);
}

TEST_CASE("Anchor rejects bad_cookie: of another address, too old, or made up", "[anchor][reject]") {
  ProberBench bench;
  const Knocking knocking{bench};
  const ByteVector proof = knocking.proof(knocking.knock().cookie);
  Endpoint elsewhere = bench.agent_endpoint;
  elsewhere.port += 1;
  bench.receive(proof, elsewhere);
  CHECK(bench.rejected(RejectReason::kBadCookie) == 1);
  bench.advance(64s);
  bench.receive(proof);  // of the previous slot: still good
  CHECK(bench.count(DatagramType::kTicket) == 1);
  bench.advance(64s);
  bench.receive(proof);
  bench.receive(knocking.proof(bench.draw<Mac>()));
  CHECK(bench.rejected(RejectReason::kBadCookie) == 3);
  CHECK(bench.count(DatagramType::kTicket) == 1);
}

TEST_CASE("Anchor rejects late: a PONG after FINISH does not change the transcript", "[anchor][reject]") {
  ProberBench bench;
  const Ticket ticket = bench.assign_round();
  const auto agent = bench.open(ticket);
  ByteVector kept;
  for (int i = 0; i < 1000 && bench.count(DatagramType::kFinish) == 0; ++i) {
    const std::size_t before = bench.count(DatagramType::kPing);
    bench.advance(5ms);
    if (bench.count(DatagramType::kPing) == before) continue;
    const ByteVector pong = bench.pong_of(bench.last_ping(), agent);
    if (bench.last_ping().sequence == 1) {
      kept = pong;
    } else {
      bench.receive(pong);
    }
  }
  REQUIRE_FALSE(kept.empty());
  bench.receive(kept);
  CHECK(bench.rejected(RejectReason::kLate) == 1);
  bench.acknowledge_finish(agent, ticket);
  REQUIRE(bench.reports.size() == 1);
  CHECK(bench.reports[0].sessions[0].finished);
  CHECK(bench.reports[0].sessions[0].samples.size() == 3);
  // A new key after the report is late too.
  (void)bench.open(ticket);
  CHECK(bench.rejected(RejectReason::kLate) == 2);
}

TEST_CASE("Anchor rejects wrong_state: FINISH_ACK before FINISH, STATEMENT before CLOSE",
          "[anchor][reject]") {
  ProberBench bench;
  const Ticket ticket = bench.assign_round();
  const auto agent = bench.open(ticket);
  bench.receive(bench.sealed(FinishAck{agent.session, {}, {}}, agent.to_anchor));
  const ByteVector piece{1, 2, 3};
  ByteVector statement(StatementFragment::kFixedSize + 3);
  encode(StatementFragment{agent.session, 0, 1, piece, {}}, statement);
  agent.to_anchor.seal(statement);
  bench.receive(statement);
  CHECK(bench.rejected(RejectReason::kWrongState) == 2);
}

TEST_CASE("Anchor rejects transcript_mismatch: another digest, or another nonce than the ping's",
          "[anchor][reject]") {
  ProberBench bench;
  const Ticket ticket = bench.assign_round();
  const auto agent = bench.open(ticket);
  bench.advance(30ms);
  Ping ping = bench.last_ping();
  ping.nonce.bytes[0] ^= 1U;
  bench.receive(bench.pong_of(ping, agent));
  CHECK(bench.rejected(RejectReason::kTranscriptMismatch) == 1);
  bench.receive(bench.pong_of(bench.last_ping(), agent));
  for (int i = 0; i < 1000 && bench.count(DatagramType::kFinish) == 0; ++i) bench.advance(10ms);
  bench.receive(bench.sealed(FinishAck{agent.session, bench.draw<Digest>(), {}}, agent.to_anchor));
  CHECK(bench.rejected(RejectReason::kTranscriptMismatch) == 2);
  bench.advance(10s);
  REQUIRE(bench.reports.size() == 1);
  CHECK_FALSE(bench.reports[0].sessions[0].finished);
  CHECK(bench.reports[0].rejects[static_cast<std::size_t>(RejectReason::kTranscriptMismatch)] == 2);
}

TEST_CASE("Anchor rejects rate_limited: a fourth proof for one cookie", "[anchor][reject]") {
  ProberBench bench;
  const Knocking knocking{bench};
  const ByteVector proof = knocking.proof(knocking.knock().cookie);
  for (int i = 0; i < 3; ++i) bench.receive(proof);
  CHECK(bench.count(DatagramType::kTicket) == 3);
  CHECK(bench.knocks.size() == 1);  // one record for one cookie and boot
  bench.receive(proof);
  CHECK(bench.rejected(RejectReason::kRateLimited) == 1);
  CHECK(bench.count(DatagramType::kTicket) == 3);
}

TEST_CASE("Anchor: nothing that strangers prove brings back a cookie's count that is used up",
          "[anchor][reject]") {
  ProberBench bench;
  const Knocking knocking{bench};
  const ByteVector proof = knocking.proof(knocking.knock().cookie);
  for (int i = 0; i < 3; ++i) bench.receive(proof);
  Endpoint stranger = bench.agent_endpoint;
  stranger.address[3] ^= 1U;
  for (std::uint16_t port = 1; port <= 100; ++port) {
    stranger.port = port;
    bench.receive(knock_datagram(bench.chip, bench.self), stranger);
    ByteVector forged =
        knocking.proof(parse_knock_reply(bench.last(DatagramType::kKnockReply).bytes)->cookie);
    forged[KnockProof::kSize - 40] ^= 1U;  // in the signature
    bench.receive(forged, stranger);
    bench.receive(proof);
  }
  CHECK(bench.rejected(RejectReason::kBadSignature) == 100);
  CHECK(bench.count(DatagramType::kTicket) == 3);
  CHECK(bench.knocks.size() == 1);
}

TEST_CASE("Anchor: wrong signatures over a chip's own cookie leave its proofs uncounted",
          "[anchor][reject]") {
  ProberBench bench;
  const Knocking knocking{bench};
  const ByteVector proof = knocking.proof(knocking.knock().cookie);
  ByteVector forged = proof;
  forged[KnockProof::kSize - 40] ^= 1U;
  for (int i = 0; i < 10; ++i) bench.receive(forged);
  for (int i = 0; i < 3; ++i) bench.receive(proof);
  CHECK(bench.count(DatagramType::kTicket) == 3);
}

TEST_CASE("Anchor: genuine proofs cost their address none of its wrong signatures", "[anchor][reject]") {
  ProberOptions options;
  options.knock.proofs_per_source = 1;
  ProberBench bench{options};
  const Knocking knocking{bench};
  for (std::uint16_t port = 1; port <= 8; ++port) {  // eight chips behind one address look the same
    Endpoint from = bench.agent_endpoint;
    from.port = port;
    bench.receive(knock_datagram(bench.chip, bench.self), from);
    bench.receive(knocking.proof(parse_knock_reply(bench.last(DatagramType::kKnockReply).bytes)->cookie),
                  from);
  }
  CHECK(bench.count(DatagramType::kTicket) == 8);
}

TEST_CASE("Anchor: a chip's ninth live cookie waits until one of the eight is past", "[anchor][reject]") {
  ProberBench bench;
  const Knocking knocking{bench};
  const auto prove_from = [&](std::uint16_t port) {
    Endpoint from = bench.agent_endpoint;
    from.port = port;
    bench.receive(knock_datagram(bench.chip, bench.self), from);
    bench.receive(knocking.proof(parse_knock_reply(bench.last(DatagramType::kKnockReply).bytes)->cookie),
                  from);
  };
  for (std::uint16_t port = 1; port <= 9; ++port) prove_from(port);
  CHECK(bench.count(DatagramType::kTicket) == 8);
  CHECK(bench.rejected(RejectReason::kRateLimited) == 1);
  bench.advance(KnockDeskOptions{}.cookie_slot);  // they are still accepted
  prove_from(9);
  CHECK(bench.rejected(RejectReason::kRateLimited) == 2);
  bench.advance(KnockDeskOptions{}.cookie_slot);
  prove_from(9);
  CHECK(bench.count(DatagramType::kTicket) == 9);
}

TEST_CASE("Anchor: the same round pended again starts no count anew", "[anchor][reject]") {
  ProberBench bench;
  const Knocking knocking{bench};
  const ByteVector proof = knocking.proof(knocking.knock().cookie);
  for (int i = 0; i < 3; ++i) bench.receive(proof);
  const auto raw = bytes_of(knocking.ticket);
  REQUIRE(bench.prober.pend(knocking.ticket.round, bench.chip, bench.chip_key->public_key(), {Bytes{raw}},
                            bench.now + 300s));
  bench.receive(proof);
  CHECK(bench.count(DatagramType::kTicket) == 3);
}

TEST_CASE("Anchor: a round that was never released uses up none of the next one's proofs",
          "[anchor][reject]") {
  ProberBench bench;
  const Knocking knocking{bench};
  const ByteVector proof = knocking.proof(knocking.knock().cookie);
  for (int i = 0; i < 4; ++i) bench.receive(proof);
  CHECK(bench.count(DatagramType::kTicket) == 3);
  Ticket next = knocking.ticket;  // of a coordinator that died and came back
  next.round = random_id<RoundId>();
  const auto raw = bytes_of(next);
  REQUIRE(bench.prober.pend(next.round, bench.chip, bench.chip_key->public_key(), {Bytes{raw}},
                            bench.now + 300s));
  const std::size_t before = bench.count(DatagramType::kTicket);
  bench.receive(knocking.proof(knocking.knock().cookie));
  CHECK(bench.count(DatagramType::kTicket) > before);
  CHECK(same_bytes(parse_ticket_datagram(bench.last(DatagramType::kTicket).bytes)->ticket, raw));
  for (int i = 0; i < 9; ++i) bench.receive(proof);
  CHECK(bench.rejected(RejectReason::kRateLimited) >= 7);  // bounded again
}

TEST_CASE("Anchor: forged proofs from every port of one address leave room for the chip's own",
          "[anchor][reject]") {
  ProberBench bench;
  const Knocking knocking{bench};
  Endpoint stranger = bench.agent_endpoint;
  stranger.address[3] ^= 1U;
  for (std::uint16_t port = 1; port <= 2000; ++port) {
    stranger.port = port;
    bench.receive(knock_datagram(bench.chip, bench.self), stranger);
    ByteVector forged =
        knocking.proof(parse_knock_reply(bench.last(DatagramType::kKnockReply).bytes)->cookie);
    forged[KnockProof::kSize - 40] ^= 1U;  // in the signature
    bench.receive(forged, stranger);
  }
  CHECK(bench.rejected(RejectReason::kBadSignature) == KnockDeskOptions{}.proofs_per_source);
  CHECK(bench.count(DatagramType::kTicket) == 0);
  bench.receive(knocking.proof(knocking.knock().cookie));
  CHECK(bench.count(DatagramType::kTicket) == 1);
}

TEST_CASE("Anchor: REJECTs are at most sixteen a second, and all refusals are counted", "[anchor][reject]") {
  ProberBench bench;
  ByteVector knock = knock_datagram(bench.chip, bench.self);
  knock[2] = 9;
  for (int i = 0; i < 100; ++i) bench.receive(knock);
  CHECK(bench.count(DatagramType::kReject) == 16);
  CHECK(bench.rejected(RejectReason::kUnsupportedVersion) == 100);
}

TEST_CASE("Anchor: a knock of an unknown chip learns nothing and leaves nothing", "[anchor]") {
  ProberBench bench;
  const Knocking knocking{bench};
  bench.receive(knock_datagram(bench.draw<ChipId>(), bench.self));
  const auto reply = parse_knock_reply(bench.last(DatagramType::kKnockReply).bytes);
  REQUIRE(reply);
  CHECK(reply->status == KnockStatus::kNothing);
  CHECK(reply->cookie == Mac{});
  CHECK(bench.last(DatagramType::kKnockReply).bytes.size() < Knock::kSize);
}

TEST_CASE("Anchor: what was pended is forgotten after its lifetime and after Unpend", "[anchor]") {
  ProberBench bench;
  const Knocking knocking{bench};
  CHECK(knocking.knock().status == KnockStatus::kProve);
  bench.prober.unpend(knocking.ticket.round);
  CHECK(knocking.knock().status == KnockStatus::kNothing);
  const Knocking again{bench};
  bench.advance(299s);
  CHECK(again.knock().status == KnockStatus::kProve);
  bench.advance(2s);
  CHECK(again.knock().status == KnockStatus::kNothing);
}

TEST_CASE("Anchor: proofs with two boot ids are both recorded: they betray a cloned key", "[anchor]") {
  ProberBench bench;
  const Knocking knocking{bench};
  const Mac cookie = knocking.knock().cookie;
  bench.receive(knocking.proof(cookie, 1));
  bench.receive(knocking.proof(cookie, 2));
  REQUIRE(bench.knocks.size() == 2);
  CHECK(parse_knock_proof(bench.knocks[0].proof)->boot_id == 1);
  CHECK(parse_knock_proof(bench.knocks[1].proof)->boot_id == 2);
  CHECK(bench.knocks[0].peer == bench.agent_endpoint);
}

}  // namespace
}  // namespace chiploc
