// Which address a session, or a REJECT, belongs to when several claim it.
#include "tests/server/anchor/prober_bench.hpp"

namespace chiploc {
namespace {

/// A session whose first OPEN came from bench.agent_endpoint, in truth a copy; the agent is at `home`.
struct Copied {
  explicit Copied(std::uint8_t pings = 12)
      : ticket{bench.make_ticket(bench.draw<RoundId>(), pings)}, agent{start()} {}
  ProberBench::Agent start() {
    bench.assign(ticket);
    return bench.open(ticket);
  }
  void open_from(const Endpoint& from) {
    bench.receive(test::open_by(ticket, agent.pair, *bench.chip_key), from);
  }
  [[nodiscard]] std::size_t bytes_to(const Endpoint& at) const {
    std::size_t n = 0;
    for (const auto& one : bench.sent) n += one.path.peer == at ? one.bytes.size() : 0;
    return n;
  }

  ProberBench bench;
  Ticket ticket;
  ProberBench::Agent agent;
  Endpoint home = sim::sim_endpoint(3, 3, 7400);
};

TEST_CASE("Prober: an OPEN that was copied to other addresses brings each less than it sent", "[anchor]") {
  Copied c;
  for (std::uint8_t i = 0; i < 100; ++i) {
    const Endpoint at = sim::sim_endpoint(4, i, 7400);
    for (std::size_t opens = 1; opens <= 3; ++opens) {
      c.open_from(at);
      CHECK(c.bytes_to(at) == opens * (OpenAck::kSize + Ping::kSize));
    }
  }
  c.bench.advance(5s);
  CHECK(c.bench.count(DatagramType::kPing) == 2 + 300);  // and not one more by a timer
  CHECK(c.bytes_to(c.bench.agent_endpoint) <= Open::kSize);
}

TEST_CASE("Prober: a session moves to the address that its agent answers from", "[anchor]") {
  Copied c;
  c.bench.advance(10ms);
  c.open_from(c.home);
  CHECK(c.bench.last(DatagramType::kOpenAck).path.peer == c.home);
  const auto& probe = c.bench.last(DatagramType::kPing);
  CHECK(probe.path.peer == c.home);
  CHECK_FALSE(probe.ping);  // not timed
  c.bench.advance(20ms);
  const std::size_t to_copy = c.bytes_to(c.bench.agent_endpoint);
  c.bench.receive(c.bench.pong_of(*parse_ping(probe.bytes), c.agent), c.home);
  for (int i = 0; i < 1000 && c.bench.count(DatagramType::kFinish) == 0; ++i) {
    const std::size_t before = c.bench.count(DatagramType::kPing);
    c.bench.advance(5ms);
    if (c.bench.count(DatagramType::kPing) > before)
      c.bench.receive(c.bench.pong_of(c.bench.last_ping(), c.agent), c.home);
  }
  CHECK(c.bench.last(DatagramType::kFinish).path.peer == c.home);
  CHECK(c.bytes_to(c.bench.agent_endpoint) == to_copy);
  c.bench.acknowledge_finish(c.agent, c.ticket);
  REQUIRE(c.bench.reports.size() == 1);
  const SessionAccount& session = c.bench.reports[0].sessions.at(0);
  CHECK(session.finished);
  CHECK(session.peer == c.home);
  CHECK(session.samples.size() >= 8);
  for (const ReportedSample& sample : session.samples)
    CHECK(sample.sequence != parse_ping(probe.bytes)->sequence);
}

TEST_CASE("Prober: a probe is answered from where it went to, or not at all", "[anchor]") {
  Copied c;
  c.bench.advance(10ms);
  c.open_from(c.home);
  const Ping probe = *parse_ping(c.bench.last(DatagramType::kPing).bytes);
  SECTION("from another address") {
    c.bench.receive(c.bench.pong_of(probe, c.agent), sim::sim_endpoint(4, 4, 7400));
    c.bench.receive(c.bench.pong_of(probe, c.agent), c.bench.agent_endpoint);
    CHECK(c.bench.rejected(RejectReason::kSequenceOutOfRange) == 2);
  }
  SECTION("without the session's key") {
    ByteVector pong = c.bench.pong_of(probe, c.agent);
    pong.back() ^= 1U;
    c.bench.receive(pong, c.home);
    CHECK(c.bench.rejected(RejectReason::kBadMac) == 1);
  }
  SECTION("for another sequence") {
    Ping other = probe;
    --other.sequence;
    c.bench.receive(c.bench.pong_of(other, c.agent), c.home);
    CHECK(c.bench.rejected(RejectReason::kSequenceOutOfRange) == 1);
  }
  SECTION("after the first address has answered") {
    for (int i = 0; i < 100 && c.bench.sent.size() < 4; ++i) c.bench.advance(1ms);
    REQUIRE(c.bench.sent.back().ping);
    c.bench.receive(c.bench.pong_of(c.bench.last_ping(), c.agent));
    c.bench.receive(c.bench.pong_of(probe, c.agent), c.home);
    CHECK(c.bench.rejected(RejectReason::kSequenceOutOfRange) == 1);
    c.open_from(c.home);
    CHECK(c.bench.rejected(RejectReason::kWrongState) == 1);
    c.bench.advance(4s);  // and all pings of the ticket are sent, the probed sequence among them
    CHECK(c.bench.last_ping().sequence == 11);
  }
  c.bench.advance(4s);
  CHECK(c.bytes_to(c.home) == OpenAck::kSize + Ping::kSize);
}

TEST_CASE("Prober: with one ping there is none to spare for another address", "[anchor]") {
  Copied c{1};
  c.open_from(c.home);
  CHECK(c.bench.rejected(RejectReason::kWrongState) == 1);
  CHECK(c.bytes_to(c.home) == 0);
}

TEST_CASE("Prober: tickets that move on to another address leave the next round's REJECTs alone",
          "[anchor]") {
  ProberBench bench;
  const auto pend = [&](const Ticket& ticket) {
    const auto raw = bytes_of(ticket);
    const Bytes view = raw;
    REQUIRE(
        bench.prober.pend(ticket.round, bench.chip, bench.chip_key->public_key(), {view}, bench.now + 60s));
  };
  const auto fetch = [&](const Endpoint& from) {
    ByteArray<Knock::kSize> knock{};
    bench.receive(encode(Knock{bench.chip, bench.self}, knock), from);
    KnockProof proof{bench.chip, bench.self, {}, 1, 0, 0, {}};
    proof.cookie = parse_knock_reply(bench.last(DatagramType::kKnockReply).bytes)->cookie;
    REQUIRE(sign(proof, *bench.chip_key));
    ByteArray<KnockProof::kSize> buffer{};
    bench.receive(encode(proof, buffer), from);
    CHECK(parse_ticket_datagram(bench.last(DatagramType::kTicket).bytes)->cookie == proof.cookie);
  };
  const Ticket first = bench.assign_round(3s);
  const Ticket second = bench.assign_round(3s);
  pend(first);
  pend(second);
  fetch(bench.agent_endpoint);  // both: a REJECT from there is the second's
  const auto reject = reject_for(bench.last(DatagramType::kTicket).bytes, RejectReason::kNotYetValid);
  REQUIRE(reject);
  bench.prober.unpend(second.round);
  fetch(sim::sim_endpoint(3, 3, 7400));  // the first alone moves on
  ByteArray<Reject::kSize> buffer{};
  bench.receive(encode(*reject, buffer));
  bench.advance(4s);
  REQUIRE(bench.reports.size() == 2);
  for (const RoundReport& report : bench.reports) {
    CHECK(report.rejects[static_cast<std::size_t>(RejectReason::kNotYetValid)] ==
          (report.round == second.round ? 1 : 0));
  }
}

}  // namespace
}  // namespace chiploc
