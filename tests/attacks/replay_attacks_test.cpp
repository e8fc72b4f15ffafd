// What was genuine once, sent again: within a round, to another round, anchor or chip; and a man in the
// middle with a key of his own.
#include "tests/attacks/attack_world.hpp"
#include "tests/support/round_maker.hpp"

namespace chiploc::attacks {
namespace {

struct Recorded {
  ByteVector bytes;
  Endpoint from;
  Endpoint to;
};

TEST_CASE("attack: replay within a round makes no second answer and no second sample", "[attacks]") {
  AttackWorld world;
  world.start_chip();
  std::size_t replayed = 0;
  world.tap = [&](Bytes datagram, const Endpoint&, const Endpoint& to) {
    if (!parse_ping(datagram) && !parse_pong(datagram)) return;
    ++replayed;
    // After the genuine one has arrived and before the round is over.
    world.rounds.world.after(30ms, [&world, to, bytes = vector_of(datagram)] { world.inject(to, bytes); });
  };
  const auto round = world.run_round();
  CHECK(replayed >= 96);
  CHECK(world.rejected_by_chip(RejectReason::kAlreadyAnswered) +
            world.rejected_by_chip(RejectReason::kWrongState) ==
        48);
  CHECK(world.chip->stats().pings_answered == 48);
  std::uint64_t refused = 0;
  for (std::size_t i = 0; i < RoundWorld::kAnchors; ++i) {
    refused += world.rejected_by_anchor(i, RejectReason::kAlreadyAnswered);
    CHECK(world.rounds.anchors[i]->prober().counters().pongs_accepted == 12);
  }
  CHECK(refused == 48);
  world.check_undisturbed(round);
}

TEST_CASE("attack: replay between rounds, datagrams and statement", "[attacks]") {
  AttackWorld world;
  world.start_chip();
  std::vector<Recorded> old;
  world.tap = [&](Bytes datagram, const Endpoint& from, const Endpoint& to) {
    old.push_back({vector_of(datagram), from, to});
  };
  const auto first = world.run_round();
  const std::vector<ByteVector> old_statements = world.rounds.anchors[0]->statements;
  REQUIRE(old_statements.size() == 1);
  world.tap = nullptr;
  const std::uint64_t opened = world.chip->stats().sessions_opened;
  const auto second = world.rounds.start_round(world.chip->endpoint());
  for (std::size_t i = 0; i < old.size(); ++i) {
    world.rounds.world.after(static_cast<std::int64_t>(i) * 2ms,
                             [&world, &one = old[i]] { world.inject(one.to, one.bytes, one.from); });
  }
  world.finish_round(second);
  CHECK(world.chip->stats().sessions_opened == opened + 4);
  RoundEvidenceBytes evidence = world.evidence(second);
  // The anchors saw the old statement again as well; it is not the answer to this order.
  evidence.statements = old_statements;
  const CheckedEvidence replayed = check_evidence(evidence);
  CHECK(replayed.outcome == EvidenceOutcome::kInvalid);
  REQUIRE_FALSE(replayed.reasons.empty());
  CHECK(replayed.reasons.front().code == "statement_replay");
  // With the chip's own statement beside it nothing is lost.
  for (const ByteVector& statement : world.rounds.anchors[0]->statements) {
    evidence.statements.push_back(statement);
  }
  const CheckedEvidence both = check_evidence(evidence);
  CHECK(both.outcome == EvidenceOutcome::kMeasured);
  for (const AnchorFinding& anchor : both.anchors) CHECK(anchor.samples == 12);
}

TEST_CASE("attack: replay between anchors, a challenge of one put to the chip in another's name",
          "[attacks]") {
  AttackWorld world{5ms};
  world.start_chip();
  world.rounds.network.set_path(world.chip_at, world.anchor_at(1), {.delay = 90ms});
  std::optional<SessionId> near;  // the session with anchor 0, at 5 ms
  std::size_t redirected = 0;
  world.tap = [&](Bytes datagram, const Endpoint& from, const Endpoint& to) {
    const auto ping = parse_ping(datagram);
    if (ping && from == world.anchor_at(0)) near = ping->session;
    if (ping && near && from == world.anchor_at(1)) {
      ByteVector changed = vector_of(datagram);
      std::copy(near->bytes.begin(), near->bytes.end(), changed.begin() + kHeaderSize);
      world.inject(to, changed);
      ++redirected;
    }
    const auto pong = parse_pong(datagram);
    if (pong && to != world.anchor_at(1)) world.inject(world.anchor_at(1), datagram);
  };
  const auto round = world.run_round();
  REQUIRE(redirected > 0);
  CHECK(world.rejected_by_chip(RejectReason::kBadMac) == redirected);
  CHECK(world.rejected_by_anchor(1, RejectReason::kUnknownSession) == 36);
  world.check_undisturbed(round);
}

TEST_CASE("attack: replay between chips, another chip signs in this one's place", "[attacks]") {
  test::RoundMaker maker;
  for (int i = 0; i < 4; ++i) {
    maker.add_anchor("a" + std::to_string(i), {.lat = 48.0 + i, .lon = 9.0});
  }
  RoundEvidenceBytes evidence = maker.make({.lat = 50.0, .lon = 8.0});
  REQUIRE(check_evidence(evidence).outcome == EvidenceOutcome::kMeasured);
  const Statement claims =
      check_statement(evidence.statements[0], evidence.device_key, evidence.device_certificate).value();
  // The other chip stands where this one should be; its statement says all that this one's would.
  const auto other_chip = generate_key(SignatureAlgorithm::kEd25519);
  evidence.statements[0] = sign_statement(claims, evidence.device_certificate, *other_chip).value();
  CHECK(check_evidence(evidence).outcome == EvidenceOutcome::kInvalid);
  CHECK(check_evidence(evidence).reasons.front().code == "statement_signature");
  // Or its own statement is sent as it is.
  maker.spoil_statement = [](Statement& s) { s.chip = random_id<ChipId>(); };
  const CheckedEvidence honest_other = check_evidence(maker.make({.lat = 50.0, .lon = 8.0}));
  CHECK(honest_other.outcome == EvidenceOutcome::kInvalid);
  CHECK(honest_other.reasons.front().code == "statement_identity");
}

TEST_CASE("attack: a ticket redirected to another anchor", "[attacks]") {
  AttackWorld world;
  world.start_chip();
  const auto round = world.rounds.start_round(std::nullopt);
  std::size_t to_attacker = 0;
  world.account = [&](std::size_t, const Endpoint&, const Endpoint& to) {
    to_attacker += to == world.attacker ? 1U : 0U;
  };
  // On the way: the address, or the anchor, is exchanged for the attacker's.
  Ticket ticket = round.tickets[0];
  ticket.anchor_endpoint = world.attacker;
  ByteArray<Ticket::kDatagramSize> buffer{};
  world.inject(world.chip_at, encode_ticket_datagram(bytes_of(ticket), buffer), world.anchor_at(0));
  ticket = round.tickets[0];
  ticket.anchor = world.rounds.anchor_ids[1];
  world.inject(world.chip_at, encode_ticket_datagram(bytes_of(ticket), buffer), world.anchor_at(0));
  world.rounds.world.run_for(3s);
  CHECK(to_attacker == 0);
  CHECK(world.rejected_by_chip(RejectReason::kBadSignature) == 2);
  CHECK(world.chip->stats().sessions_used == 0);
  // Another anchor that gets hold of the genuine ticket can neither serve it nor take its OPEN.
  const auto taken = world.rounds.anchors[1]->prober().assign(
      {bytes_of(round.tickets[0]), std::nullopt, 40ms, 9s, 1s, world.rounds.chip_key->public_key()},
      world.rounds.world.now());
  REQUIRE_FALSE(taken);
  CHECK(taken.error() == CommandFault::kNotForMe);
  world.inject(world.anchor_at(1),
               test::open_by(round.tickets[0], X25519Pair::generate(), *world.rounds.chip_key));
  world.rounds.world.run_for(1s);
  CHECK(world.rejected_by_anchor(1, RejectReason::kUnknownSession) == 1);
}

TEST_CASE("attack: a man in the middle with an ephemeral key of his own", "[attacks]") {
  AttackWorld world{90ms};
  world.start_chip();
  const auto round = world.rounds.start_round(world.chip->endpoint());
  std::vector<std::unique_ptr<Impostor>> impostors;
  for (const Ticket& ticket : round.tickets) {
    // The device has signed his key: the OPEN alone does not tell him from a second holder of the chip's.
    impostors.push_back(std::make_unique<Impostor>(world, ticket, *world.rounds.chip_key));
    impostors.back()->open();  // 1 ms from each anchor: his OPEN is there long before the chip's
  }
  SECTION("beside the chip's own sessions") {
    world.finish_round(round);
    for (const auto& impostor : impostors) CHECK(impostor->answered() == 12);
    for (const auto& [index, report] : world.rounds.reports(round)) {
      REQUIRE(report.sessions.size() == 2);
      CHECK(report.sessions[0].agent_public == impostors[index]->public_key());
      CHECK(report.sessions[0].finished);
    }
    world.check_undisturbed(round);  // 180 ms, not 2
  }
  SECTION("in place of the chip's session with one anchor") {
    world.rounds.network.set_path(world.chip_at, world.anchor_at(2), {.delay = 90ms, .loss = 1.0});
    world.finish_round(round);
    const CheckedEvidence checked = world.judge(round);
    CHECK(checked.outcome == EvidenceOutcome::kMeasured);
    CHECK(checked.anchors[2].answered);
    CHECK_FALSE(checked.anchors[2].used);
    CHECK(checked.anchors[0].rtt_min == 180ms);
  }
}

}  // namespace
}  // namespace chiploc::attacks
