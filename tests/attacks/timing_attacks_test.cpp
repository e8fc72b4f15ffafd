// Attacks on the measured time: whoever wants to look nearer than he is.
#include "tests/attacks/attack_world.hpp"
#include "tests/server/anchor/prober_bench.hpp"

namespace chiploc::attacks {
namespace {

constexpr Nanoseconds kFar = 90ms;

TEST_CASE("attack: a relay without the key answers from nearby", "[attacks]") {
  AttackWorld world{kFar};
  world.start_chip();
  std::size_t forged = 0;
  world.tap = [&](Bytes datagram, const Endpoint& from, const Endpoint&) {
    const auto ping = parse_ping(datagram);
    if (!ping) return;
    Pong pong{ping->session, ping->sequence, ping->nonce, 0, {}};
    world.rounds.world.fill(pong.mac.bytes);
    world.inject(from, datagram_of(pong));
    ++forged;
  };
  const auto round = world.run_round();
  CHECK(forged == 48);
  CHECK(world.rejected_by_all(RejectReason::kBadMac) == forged);
  world.check_undisturbed(round);
}

/// A round trip of 10 ms of true time as an anchor sees it whose system clocks run at `rate` meanwhile.
std::pair<TransmitStamps, ReceiveStamps> ten_ms(double rate) {
  const Nanoseconds slewed{static_cast<std::int64_t>(10e6 * rate)};
  TransmitStamps transmit;
  transmit.kernel = WallTime{0ns};
  ReceiveStamps receive;
  receive.kernel = WallTime{slewed};
  receive.after = {SteadyTime{slewed}, WallTime{slewed}, RawTime{10ms}};
  return {transmit, receive};
}

TEST_CASE("attack: who serves an anchor the time has its clock slewed while a chip is measured",
          "[attacks]") {
  for (const double rate : {0.9, 0.916667, 0.951, 0.9995, 1.0, 1.0005, 1.1}) {
    CAPTURE(rate);
    const auto [transmit, receive] = ten_ms(rate);
    const auto sample = measure(transmit, receive);
    CHECK((!sample || sample->rtt >= 10ms));
  }
}

TEST_CASE("attack: whoever steers an anchor's cards makes their stamps lie close together", "[attacks]") {
  auto [transmit, receive] = ten_ms(1.0);
  for (const std::uint32_t sender : {2U, 3U}) {
    for (Nanoseconds pair = 0ns; pair <= 10ms; pair += 5us) {
      CAPTURE(sender, pair.count());
      transmit.card = CardStamp{HardwareTime{1s}, sender};
      receive.card = CardStamp{HardwareTime{1s + pair}, 2};
      const auto sample = measure(transmit, receive);
      REQUIRE(sample);
      CHECK(sample->rtt >= (sender == 2 ? 10ms - kCardWindow : Nanoseconds{10ms}));
    }
  }
  // Near by, where a card's pair does count: not if it is two cards'.
  receive.kernel = WallTime{100us};
  receive.after = {SteadyTime{100us}, WallTime{100us}, RawTime{100us}};
  transmit.card = CardStamp{HardwareTime{1s}, 3};
  receive.card = CardStamp{HardwareTime{1s + 85us}, 2};
  CHECK(measure(transmit, receive)->rtt >= 100us);
  receive.card->interface = 3;
  CHECK(measure(transmit, receive)->source == StampSource::kHardware);
}

TEST_CASE("attack: early answers, before the challenge was sent", "[attacks]") {
  ProberBench bench;
  const Ticket ticket = bench.assign_round();
  const auto cheat = bench.open(ticket);
  bench.advance(30ms);
  REQUIRE(bench.count(DatagramType::kPing) == 1);
  Ping ahead = bench.last_ping();
  ahead.sequence = 1;
  bench.receive(bench.pong_of(ahead, cheat));
  ahead.nonce = {};  // what an empty table would hold
  bench.receive(bench.pong_of(ahead, cheat));
  CHECK(bench.rejected(RejectReason::kSequenceOutOfRange) == 2);
  CHECK(bench.prober.counters().pongs_accepted == 0);
}

TEST_CASE("attack: an answer to a guessed nonce arrives before the challenge could", "[attacks]") {
  ProberBench bench;
  const Ticket ticket = bench.assign_round();
  const auto cheat = bench.open(ticket);
  std::size_t guesses = 0;
  for (int i = 0; i < 1000 && bench.count(DatagramType::kFinish) == 0; ++i) {
    const std::size_t before = bench.count(DatagramType::kPing);
    bench.advance(1ms);
    if (bench.count(DatagramType::kPing) == before) continue;
    // The holder of the session's key is 7 ms away; a guess that left 7 ms ago is here at once.
    Ping guess = bench.last_ping();
    guess.nonce = bench.draw<Nonce>();
    bench.receive(bench.pong_of(guess, cheat));
    ++guesses;
    bench.advance(7ms);
    bench.receive(bench.pong_of(bench.last_ping(), cheat));
  }
  bench.acknowledge_finish(cheat, ticket);
  CHECK(bench.rejected(RejectReason::kTranscriptMismatch) == guesses);
  REQUIRE(bench.reports.size() == 1);
  REQUIRE(bench.reports[0].sessions.at(0).samples.size() == 4);
  for (const auto& sample : bench.reports[0].sessions[0].samples) CHECK(sample.sample.rtt >= 7ms);
}

TEST_CASE("attack: processing time overstated gains nothing in the proof", "[attacks]") {
  AttackWorld world{kFar};
  world.start_chip();
  const auto round = world.run_round();
  RoundEvidenceBytes evidence = world.evidence(round);
  // The chip claims that it held every answer for 179 ms of the 180; the anchors report it as claimed.
  for (std::size_t i = 0; i < evidence.reports.size(); ++i) {
    v1::SignedReport envelope;
    v1::ReportBody body;
    const ByteVector& raw = evidence.reports[i].second;
    REQUIRE(envelope.ParseFromArray(raw.data(), static_cast<int>(raw.size())));
    REQUIRE(body.ParseFromString(envelope.body()));
    for (auto& sample : *body.mutable_sessions(0)->mutable_samples()) sample.set_residence_ns(179'000'000);
    envelope.set_body(body.SerializeAsString());
    envelope.set_signature(
        string_of(sign_report(bytes_of(envelope.body()), *world.report_keys[i]).value().bytes));
    evidence.reports[i].second = vector_of(bytes_of(envelope.SerializeAsString()));
  }
  const CheckedEvidence checked = check_evidence(evidence);
  REQUIRE(checked.outcome == EvidenceOutcome::kMeasured);
  for (const AnchorFinding& anchor : checked.anchors) CHECK(anchor.rtt_min == 2 * kFar);
}

TEST_CASE("attack: whoever runs an anchor's machine pauses it while answers are on their way", "[attacks]") {
  std::size_t cut_short = 0;
  for (int offset_ms = 0; offset_ms < 1400; offset_ms += 50) {
    for (const Nanoseconds pause : {60ms, 170ms, 900ms}) {
      AttackWorld world{kFar};
      world.start_chip();
      const auto round = world.rounds.start_round(world.chip->endpoint());
      for (auto& anchor : world.rounds.anchors) {
        world.rounds.world.after(offset_ms * 1ms, [&anchor, pause] { anchor->pause(pause); });
      }
      world.finish_round(round);
      const CheckedEvidence checked = world.judge(round);
      CAPTURE(offset_ms, pause.count());
      REQUIRE(checked.outcome == EvidenceOutcome::kMeasured);
      for (const AnchorFinding& anchor : checked.anchors) {
        CHECK(anchor.used);  // no honest anchor is lost by it
        CHECK(anchor.rtt_min >= 2 * kFar);
        if (anchor.rtt_least < 2 * kFar) ++cut_short;
      }
    }
  }
  CHECK(cut_short > 100);  // the pauses did hit pings in flight
}

}  // namespace
}  // namespace chiploc::attacks
