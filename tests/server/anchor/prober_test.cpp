#include "server/anchor/prober.hpp"

#include "tests/server/anchor/prober_bench.hpp"

namespace chiploc {
namespace {

TEST_CASE("Prober: a whole session ends in a report with its samples and its transcript", "[anchor]") {
  ProberBench bench;
  const Ticket ticket = bench.assign_round();
  const auto agent = bench.open(ticket);
  CHECK(agent.to_agent.accepts(bench.last(DatagramType::kOpenAck).bytes));
  CHECK(parse_open_ack(bench.last(DatagramType::kOpenAck).bytes)->session == agent.session);
  bench.answer_all(agent, ticket);

  REQUIRE(bench.reports.size() == 1);
  const RoundReport& report = bench.reports[0];
  CHECK(report.round == ticket.round);
  CHECK(same_bytes(report.ticket, bytes_of(ticket)));
  REQUIRE(report.sessions.size() == 1);
  CHECK(report.sessions[0].finished);
  CHECK(report.sessions[0].pings_sent == 4);
  CHECK(report.sessions[0].samples.size() == 4);
  CHECK(report.sessions[0].samples_discarded == 0);
  CHECK(report.sessions[0].agent_public == agent.pair.public_key());
  CHECK(report.sessions[0].peer == bench.agent_endpoint);
  CHECK(sha256(report.sessions[0].transcript) == bench.transcript_digest(agent, ticket, 15));
  const auto head = parse_transcript(report.sessions[0].transcript);
  REQUIRE(head);
  CHECK(head->received == 15);
  CHECK(bench.count(DatagramType::kPing) == 4);
  CHECK(bench.prober.counters().pongs_accepted == 4);
  CHECK_FALSE(bench.progress.empty());
}

TEST_CASE("Prober: every ping has its own nonce, a valid MAC, and a time that jitters", "[anchor]") {
  ProberBench bench;
  const Ticket ticket = bench.assign_round();
  const auto agent = bench.open(ticket);
  std::vector<SteadyTime> times;
  std::vector<Nonce> nonces;
  for (int i = 0; i < 2000 && times.size() < 4; ++i) {
    const std::size_t before = bench.count(DatagramType::kPing);
    bench.advance(1ms);
    if (bench.count(DatagramType::kPing) == before) continue;
    CHECK(agent.to_agent.accepts(bench.last(DatagramType::kPing).bytes));
    times.push_back(bench.now);
    nonces.push_back(bench.last_ping().nonce);
    bench.receive(bench.pong_of(bench.last_ping(), agent));
  }
  REQUIRE(times.size() == 4);
  std::sort(nonces.begin(), nonces.end());
  CHECK(std::unique(nonces.begin(), nonces.end()) == nonces.end());
  for (std::size_t i = 2; i < 4; ++i) {
    CHECK(times[i] - times[i - 1] >= 19ms);
    CHECK(times[i] - times[i - 1] <= 61ms);
  }
}

TEST_CASE("Prober: an address that never answers gets two pings for one OPEN and no FINISH", "[anchor]") {
  ProberBench bench;
  const Ticket ticket = bench.assign_round(5s);
  (void)bench.open(ticket);
  bench.advance(6s);
  CHECK(bench.count(DatagramType::kPing) == 2);
  CHECK(bench.bytes_sent() <= Open::kSize);
  CHECK(bench.count(DatagramType::kFinish) == 0);
  REQUIRE(bench.reports.size() == 1);
  CHECK_FALSE(bench.reports[0].sessions[0].finished);
  CHECK(bench.reports[0].sessions[0].samples.empty());
}

TEST_CASE("Prober: each repeated OPEN pays for an OPEN_ACK and more pings, eight in all", "[anchor]") {
  ProberBench bench;
  const Ticket ticket = bench.make_ticket(bench.draw<RoundId>(), 12);
  bench.assign(ticket);
  const auto agent = bench.open(ticket);
  bench.advance(900ms);
  CHECK(bench.count(DatagramType::kPing) == 2);
  bench.receive(test::open_by(ticket, agent.pair, *bench.chip_key));
  bench.advance(900ms);
  CHECK(bench.count(DatagramType::kPing) == 5);
  CHECK(bench.bytes_sent() <= 2 * Open::kSize);
  bench.receive(test::open_by(ticket, agent.pair, *bench.chip_key));
  bench.advance(2s);
  CHECK(bench.count(DatagramType::kPing) == 8);
  CHECK(bench.bytes_sent() <= 3 * Open::kSize);
  for (int i = 0; i < 5; ++i) bench.receive(test::open_by(ticket, agent.pair, *bench.chip_key));
  bench.advance(2s);
  CHECK(bench.count(DatagramType::kPing) == 8);
  CHECK(bench.count(DatagramType::kOpenAck) == 8);
}

TEST_CASE("Prober: after the first answer the assigned pings go out, whatever OPEN paid for", "[anchor]") {
  ProberBench bench;
  const Ticket ticket = bench.make_ticket(bench.draw<RoundId>(), 12);
  bench.assign(ticket);
  const auto agent = bench.open(ticket);
  while (bench.count(DatagramType::kPing) == 0) bench.advance(1ms);
  bench.receive(bench.pong_of(bench.last_ping(), agent));
  bench.advance(3s);
  CHECK(bench.count(DatagramType::kPing) == 12);
  CHECK(bench.count(DatagramType::kFinish) > 0);
}

TEST_CASE("Prober: FINISH is repeated with doubling gaps until acknowledged", "[anchor]") {
  ProberBench bench;
  const Ticket ticket = bench.assign_round();
  const auto agent = bench.open(ticket);
  for (int i = 0; i < 1000 && bench.count(DatagramType::kFinish) == 0; ++i) {
    const std::size_t before = bench.count(DatagramType::kPing);
    bench.advance(5ms);
    if (bench.count(DatagramType::kPing) > before) bench.receive(bench.pong_of(bench.last_ping(), agent));
  }
  CHECK(bench.count(DatagramType::kFinish) == 1);
  bench.advance(100ms);
  CHECK(bench.count(DatagramType::kFinish) == 2);
  bench.advance(199ms);
  CHECK(bench.count(DatagramType::kFinish) == 2);
  bench.advance(1ms);
  CHECK(bench.count(DatagramType::kFinish) == 3);
  bench.acknowledge_finish(agent, ticket);
  CHECK(bench.reports.size() == 1);
  bench.advance(5s);
  CHECK(bench.count(DatagramType::kFinish) == 3);
}

TEST_CASE("Prober: at the deadline a round is reported with what there is, also without any session",
          "[anchor]") {
  ProberBench bench;
  (void)bench.assign_round(3s);
  bench.advance(2999ms);
  CHECK(bench.reports.empty());
  bench.advance(1ms);
  REQUIRE(bench.reports.size() == 1);
  CHECK(bench.reports[0].sessions.empty());
  bench.advance(100s);
  CHECK(bench.reports.size() == 1);
  CHECK(bench.prober.rounds_in_flight() == 0);  // its expiry is over as well
}

TEST_CASE("Prober: a session that cannot send all its pings in time finishes with those that were answered",
          "[anchor]") {
  ProberBench bench;
  const Ticket ticket = bench.make_ticket(bench.draw<RoundId>(), 12);
  bench.assign(ticket, 400ms);  // twelve pings, 40 ms apart, take longer
  const auto agent = bench.open(ticket);
  bench.answer_all(agent, ticket);
  const auto finish = parse_finish(bench.last(DatagramType::kFinish).bytes);
  REQUIRE(finish);
  REQUIRE(bench.reports.size() == 1);
  const SessionAccount& session = bench.reports[0].sessions.at(0);
  CHECK(session.finished);
  CHECK(session.samples.size() >= 4);
  CHECK(session.samples.size() < 12);
  CHECK(parse_transcript(session.transcript)->received == finish->received);
  const std::size_t pings = bench.count(DatagramType::kPing);
  bench.advance(1s);
  CHECK(bench.count(DatagramType::kPing) == pings);
}

TEST_CASE("Prober: without any answer a session is pinged until the deadline", "[anchor]") {
  ProberBench bench;
  const Ticket ticket = bench.assign_round(400ms);
  (void)bench.open(ticket);
  bench.advance(399ms);
  CHECK(bench.count(DatagramType::kFinish) == 0);
  CHECK(bench.reports.empty());
  bench.advance(1ms);
  REQUIRE(bench.reports.size() == 1);
  CHECK_FALSE(bench.reports[0].sessions.at(0).finished);
}

TEST_CASE("Prober: a round stays open for a second holder of the key until the linger time is over",
          "[anchor]") {
  ProberBench bench;
  const Ticket ticket = bench.assign_round(10s, 2s);
  const auto agent = bench.open(ticket);
  bench.answer_all(agent, ticket);
  CHECK(bench.reports.empty());
  bench.advance(1s);
  const auto second = bench.open(ticket);
  CHECK(second.session != agent.session);
  bench.advance(3s);
  REQUIRE(bench.reports.size() == 1);
  REQUIRE(bench.reports[0].sessions.size() == 2);
  CHECK(bench.reports[0].sessions[0].finished);
  CHECK_FALSE(bench.reports[0].sessions[1].finished);
}

TEST_CASE("Prober: a forged session that is done first does not cut a genuine one short", "[anchor]") {
  ProberBench bench;
  const Ticket ticket = bench.assign_round(10s, 1s);
  const auto forged = bench.open(ticket);
  bench.answer_all(forged, ticket);
  bench.advance(SteadyTime{1000s + 950ms} - bench.now);
  const auto agent = bench.open(ticket);
  // The linger time ends while the genuine session still pings.
  for (int i = 0; i < 400 && bench.count(DatagramType::kFinish) == 1; ++i) {
    CHECK(bench.reports.empty());
    const std::size_t before = bench.count(DatagramType::kPing);
    bench.advance(5ms);
    if (bench.count(DatagramType::kPing) > before) bench.receive(bench.pong_of(bench.last_ping(), agent));
  }
  CHECK(bench.now > SteadyTime{1001s});
  bench.acknowledge_finish(agent, ticket);
  REQUIRE(bench.reports.size() == 1);
  REQUIRE(bench.reports[0].sessions.size() == 2);
  for (const auto& session : bench.reports[0].sessions) CHECK(session.finished);
}

TEST_CASE("Prober: an order goes out over the session and its statement is put together in any order",
          "[anchor]") {
  ProberBench bench;
  const Ticket ticket = bench.assign_round();
  const auto agent = bench.open(ticket);
  const CloseOrder order = bench.order_for(ticket);
  const auto raw_order = bytes_of(order);
  CHECK(bench.prober.close(ticket.round, raw_order, bench.now + 5s, bench.now).error() ==
        CommandFault::kNoSession);
  bench.answer_all(agent, ticket);
  REQUIRE(bench.prober.close(ticket.round, raw_order, bench.now + 5s, bench.now));
  bench.advance(0ms);
  const auto close = parse_close(bench.last(DatagramType::kClose).bytes);
  REQUIRE(close);
  CHECK(same_bytes(bytes_of(close->order), raw_order));
  CHECK(agent.to_agent.accepts(bench.last(DatagramType::kClose).bytes));
  bench.advance(100ms);
  CHECK(bench.count(DatagramType::kClose) == 2);

  ByteVector statement(2100);
  bench.fill(statement);
  const auto fragment = [&](std::uint8_t index) {
    const Bytes payload = Bytes{statement}.subspan(
        index * 1024U, std::min<std::size_t>(1024, statement.size() - index * 1024U));
    ByteVector buffer(StatementFragment::kFixedSize + payload.size());
    encode(StatementFragment{agent.session, index, 3, payload, {}}, buffer);
    agent.to_anchor.seal(buffer);
    return buffer;
  };
  bench.receive(fragment(2));
  bench.receive(fragment(0));
  CHECK(bench.statements.empty());
  bench.receive(fragment(1));
  REQUIRE(bench.statements.size() == 1);
  CHECK(bench.statements[0] == statement);
  bench.receive(fragment(1));
  CHECK(bench.rejected(RejectReason::kAlreadyAnswered) == 1);
  bench.advance(10s);
  CHECK(bench.count(DatagramType::kClose) == 2);
}

TEST_CASE("Prober: CLOSE is repeated until its deadline and then no more", "[anchor]") {
  ProberBench bench;
  const Ticket ticket = bench.assign_round();
  const auto agent = bench.open(ticket);
  bench.answer_all(agent, ticket);
  REQUIRE(bench.prober.close(ticket.round, bytes_of(bench.order_for(ticket)), bench.now + 1s, bench.now));
  bench.advance(20s);
  CHECK(bench.count(DatagramType::kClose) == 4);  // 0, 100, 300, 700 ms
}

TEST_CASE("Prober: commands that cannot be followed name the reason", "[anchor]") {
  ProberOptions options;
  options.rounds = 2;
  options.knock.rounds = 1;
  ProberBench bench{options};
  const Ticket ticket = bench.make_ticket(bench.draw<RoundId>());
  const auto raw = bytes_of(ticket);
  const auto fault = [&](Ticket changed) {
    const auto bytes = bytes_of(changed);
    const auto done =
        bench.prober.assign({bytes, std::nullopt, 40ms, 9s, 0s, bench.chip_key->public_key()}, bench.now);
    return done ? std::string{"done"} : std::string{name_of(done.error())};
  };
  CHECK(bench.prober
            .assign({Bytes{raw}.first(219), std::nullopt, 40ms, 9s, 0s, bench.chip_key->public_key()},
                    bench.now)
            .error() == CommandFault::kMalformed);
  CHECK(bench.prober.assign({raw, std::nullopt, 40ms, 9s, 0s}, bench.now).error() ==
        CommandFault::kMalformed);  // without a key anybody could open
  Ticket other = ticket;
  other.round = bench.draw<RoundId>();
  CHECK(fault(other) == "unknown_round");
  other = ticket;
  other.anchor = bench.draw<AnchorId>();
  CHECK(fault(other) == "not_for_me");
  other = ticket;
  other.chip = bench.draw<ChipId>();
  CHECK(fault(other) == "not_for_me");
  other = ticket;
  other.anchor_public = bench.draw<X25519Public>();
  CHECK(fault(other) == "not_for_me");
  CHECK(fault(ticket) == "done");
  CHECK(fault(ticket) == "done");  // again: no effect
  other = ticket;
  other.nonce = bench.draw<Nonce>();
  CHECK(fault(other) == "other_ticket");

  CHECK(bench.prober.prepare(ticket.round, bench.chip, bench.now + 1s).value() == ticket.anchor_public);
  CHECK(bench.prober.prepare(ticket.round, bench.draw<ChipId>(), bench.now + 1s).error() ==
        CommandFault::kNotForMe);
  (void)bench.make_ticket(bench.draw<RoundId>());
  CHECK(bench.prober.prepare(bench.draw<RoundId>(), bench.chip, bench.now + 1s).error() ==
        CommandFault::kTooManyRounds);
  bench.prober.release(ticket.round);
  CHECK(bench.prober.rounds_in_flight() == 1);
  CHECK(bench.prober.close(ticket.round, bytes_of(bench.order_for(ticket)), bench.now, bench.now).error() ==
        CommandFault::kUnknownRound);

  const Bytes tickets = raw;
  CHECK(bench.prober.pend(ticket.round, bench.chip, bench.chip_key->public_key(), {tickets}, bench.now + 1s));
  CHECK(bench.prober
            .pend(bench.draw<RoundId>(), bench.chip, bench.chip_key->public_key(), {tickets}, bench.now + 1s)
            .error() == CommandFault::kMalformed);
  CHECK(bench.prober.pend(bench.draw<RoundId>(), bench.chip, bench.chip_key->public_key(), {}, bench.now + 1s)
            .error() == CommandFault::kTooManyPending);
}

TEST_CASE("Prober: an inbound ticket is delivered, repeated while nobody opens, and then not", "[anchor]") {
  ProberBench bench;
  const Ticket ticket = bench.make_ticket(bench.draw<RoundId>());
  const auto raw = bytes_of(ticket);
  REQUIRE(bench.prober.assign({raw, bench.agent_endpoint, 40ms, 9s, 0s, bench.chip_key->public_key()},
                              bench.now));
  bench.advance(0ms);
  REQUIRE(bench.count(DatagramType::kTicket) == 1);
  CHECK(same_bytes(parse_ticket_datagram(bench.last(DatagramType::kTicket).bytes)->ticket, raw));
  CHECK(bench.last(DatagramType::kTicket).path.peer == bench.agent_endpoint);
  bench.advance(200ms);
  CHECK(bench.count(DatagramType::kTicket) == 2);
  (void)bench.open(ticket);
  bench.advance(8s);
  CHECK(bench.count(DatagramType::kTicket) == 2);
}

TEST_CASE("Prober: a REJECT is noted where it belongs and changes nothing", "[anchor]") {
  ProberBench bench;
  const Ticket ticket = bench.make_ticket(bench.draw<RoundId>());
  REQUIRE(bench.prober.assign(
      {bytes_of(ticket), bench.agent_endpoint, 40ms, 3s, 0s, bench.chip_key->public_key()}, bench.now));
  bench.advance(0ms);
  ByteArray<Reject::kSize> buffer{};
  const auto reject = reject_for(bench.last(DatagramType::kTicket).bytes, RejectReason::kExpired);
  REQUIRE(reject);
  bench.receive(encode(*reject, buffer));
  CHECK(bench.count(DatagramType::kReject) == 0);
  bench.advance(200ms);
  CHECK(bench.count(DatagramType::kTicket) == 2);
  bench.advance(3s);
  REQUIRE(bench.reports.size() == 1);
  CHECK(bench.reports[0].rejects[static_cast<std::size_t>(RejectReason::kExpired)] == 1);
  CHECK(bench.reports[0].trail.rejects_received[static_cast<std::size_t>(RejectReason::kExpired)] == 1);
  CHECK(bench.reports[0].trail.tickets_sent == 5);  // at once, and after 0.2, 0.6, 1.4 and 3 s
  CHECK(bench.reports[0].trail.opens == 0);
}

TEST_CASE("Prober: the same ticket again brings the deadline forward, never back", "[anchor]") {
  ProberBench bench;
  const Ticket ticket = bench.assign_round(10s);
  bench.assign(ticket, 60s);
  bench.advance(1s);
  bench.assign(ticket, 4s);
  bench.assign(ticket, 5s);
  bench.advance(3999ms);
  CHECK(bench.reports.empty());
  bench.advance(1ms);
  CHECK(bench.reports.size() == 1);
  bench.assign(ticket, 1s);  // reported is reported
  bench.advance(20s);
  CHECK(bench.reports.size() == 1);
}

TEST_CASE("Prober: a session under way when the deadline comes forward finishes with what was answered",
          "[anchor]") {
  ProberBench bench;
  const Ticket ticket = bench.assign_round(60s);
  const ProberBench::Agent agent = bench.open(ticket);
  bench.advance(100ms);
  bench.receive(bench.pong_of(bench.last_ping(), agent));
  bench.assign(ticket, 2s);
  bench.advance(1501ms);
  REQUIRE(bench.count(DatagramType::kFinish) >= 1);
  bench.acknowledge_finish(agent, ticket);
  bench.advance(1s);
  REQUIRE(bench.reports.size() == 1);
  CHECK(bench.reports[0].sessions.at(0).finished);
}

TEST_CASE("Prober: ten thousand rounds at once each end in one report", "[anchor]") {
  ProberOptions options;
  options.rounds = 10'000;
  ProberBench bench{options};
  std::vector<Ticket> tickets;
  for (int i = 0; i < 10'000; ++i) {
    const RoundId round = bench.draw<RoundId>();
    const auto anchor_public = bench.prober.prepare(round, bench.chip, bench.now + 60s);
    REQUIRE(anchor_public);
    Ticket ticket;
    ticket.round = round;
    ticket.chip = bench.chip;
    ticket.anchor = bench.self;
    ticket.anchor_count = 1;
    ticket.ping_count = 1;
    ticket.anchor_endpoint = bench.agent_endpoint;
    ticket.anchor_public = *anchor_public;
    ticket.not_after = 1;
    REQUIRE(bench.prober.assign(
        {bytes_of(ticket), std::nullopt, 40ms, 1s + i * 100us, 0s, bench.chip_key->public_key()}, bench.now));
  }
  bench.advance(1500ms);
  CHECK(bench.reports.size() == 5001);
  bench.advance(10s);
  CHECK(bench.reports.size() == 10'000);
  bench.advance(60s);
  CHECK(bench.prober.rounds_in_flight() == 0);
  CHECK_FALSE(bench.prober.next_deadline());
}

}  // namespace
}  // namespace chiploc
