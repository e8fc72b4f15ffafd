// Whole rounds of the production prober against the production responder. Each scenario runs under several
// seeds; a failure prints the one that repeats it.
#include "server/anchor/borne_out.hpp"
#include "server/rounds/round.hpp"
#include "tests/server/sim/round_world.hpp"

namespace chiploc::sim {
namespace {

constexpr std::uint64_t kAll = (1U << RoundWorld::kAnchors) - 1;

std::uint64_t finished_mask(const std::map<std::size_t, RoundReport>& reports) {
  std::uint64_t mask = 0;
  for (const auto& [index, report] : reports) {
    for (const auto& session : report.sessions) {
      if (session.finished) mask |= std::uint64_t{1} << index;
    }
  }
  return mask;
}

TEST_CASE("01 clean: an inbound round gives four full reports and one statement over them", "[sim]") {
  const auto seed = GENERATE(range(1, 6));
  CAPTURE(seed);
  RoundWorld rounds{static_cast<std::uint64_t>(seed)};
  const auto agent = rounds.make_agent(1, false);
  rounds.network.set_path(agent->endpoint(), rounds.anchors[2]->endpoint(), {.delay = 90ms});
  const auto round = rounds.start_round(agent->endpoint());
  rounds.world.run_for(5s);
  const auto reports = rounds.reports(round);
  REQUIRE(reports.size() == RoundWorld::kAnchors);
  for (const auto& [index, report] : reports) {
    REQUIRE(report.sessions.size() == 1);
    CHECK(report.sessions[0].finished);
    CHECK(report.sessions[0].samples.size() == 12);
    CHECK(report.sessions[0].samples_discarded == 0);
    CHECK(same_bytes(report.ticket, bytes_of(round.tickets[index])));
  }
  rounds.check_samples(reports);
  const CloseOrder order = rounds.close(round, kAll);
  rounds.world.run_for(2s);
  REQUIRE(rounds.anchors[0]->statements.size() == 1);
  rounds.check_statement(rounds.anchors[0]->statements[0], order, reports);
  CHECK(rounds.answers_max() == 1);
}

TEST_CASE("02 clean: a chip that may only send outward knocks, proves its key and is measured", "[sim]") {
  const auto seed = GENERATE(range(1, 6));
  CAPTURE(seed);
  RoundWorld rounds{static_cast<std::uint64_t>(seed)};
  const auto agent = rounds.make_agent(1, true);
  const auto round = rounds.start_round(std::nullopt);
  rounds.world.run_for(12s);
  const auto reports = rounds.reports(round);
  REQUIRE(finished_mask(reports) == kAll);
  rounds.check_samples(reports);
  REQUIRE(rounds.anchors[0]->knocks.size() >= 1);
  const CloseOrder order = rounds.close(round, kAll, 3);
  rounds.world.run_for(2s);
  REQUIRE(rounds.anchors[3]->statements.size() == 1);
  rounds.check_statement(rounds.anchors[3]->statements[0], order, reports);
}

TEST_CASE("03 loss: with one datagram in ten lost, every anchor reports and nearly all sessions finish",
          "[sim]") {
  const auto seed = GENERATE(range(1, 21));
  CAPTURE(seed);
  RoundWorld rounds{static_cast<std::uint64_t>(seed),
                    {.delay = 20ms, .jitter = 1ms, .loss = 0.1, .duplication = 0}};
  const auto agent = rounds.make_agent(1, false);
  const auto round = rounds.start_round(agent->endpoint());
  rounds.world.run_for(16s);
  const auto reports = rounds.reports(round);
  REQUIRE(reports.size() == RoundWorld::kAnchors);
  rounds.check_samples(reports);
  const std::uint64_t mask = finished_mask(reports);
  CHECK(mask == kAll);
  for (const auto& [index, report] : reports) CHECK(report.sessions.at(0).samples.size() >= 5);
  const CloseOrder order = rounds.close(round, mask);
  rounds.world.run_for(10s);
  REQUIRE(rounds.anchors[0]->statements.size() == 1);
  rounds.check_statement(rounds.anchors[0]->statements[0], order, reports);
  CHECK(rounds.answers_max() == 1);
}

TEST_CASE("04 reordering: jitter of twice the ping interval changes no transcript", "[sim]") {
  const auto seed = GENERATE(range(1, 11));
  CAPTURE(seed);
  RoundWorld rounds{static_cast<std::uint64_t>(seed),
                    {.delay = 20ms, .jitter = 80ms, .loss = 0, .duplication = 0}};
  const auto agent = rounds.make_agent(1, false);
  const auto round = rounds.start_round(agent->endpoint());
  rounds.world.run_for(16s);
  const auto reports = rounds.reports(round);
  REQUIRE(finished_mask(reports) == kAll);
  rounds.check_samples(reports);
  const CloseOrder order = rounds.close(round, kAll);
  rounds.world.run_for(5s);
  REQUIRE(rounds.anchors[0]->statements.size() == 1);
  rounds.check_statement(rounds.anchors[0]->statements[0], order, reports);
  CHECK(rounds.answers_max() == 1);
}

TEST_CASE("05 duplication: every second datagram twice makes no second answer and no second sample",
          "[sim]") {
  const auto seed = GENERATE(range(1, 11));
  CAPTURE(seed);
  RoundWorld rounds{static_cast<std::uint64_t>(seed),
                    {.delay = 20ms, .jitter = 5ms, .loss = 0, .duplication = 0.5}};
  const auto agent = rounds.make_agent(1, false);
  const auto round = rounds.start_round(agent->endpoint());
  rounds.world.run_for(16s);
  const auto reports = rounds.reports(round);
  REQUIRE(finished_mask(reports) == kAll);
  rounds.check_samples(reports);
  for (const auto& [index, report] : reports) {
    CHECK(report.sessions.size() == 1);
    CHECK(report.sessions[0].samples.size() == 12);
  }
  (void)rounds.close(round, kAll);
  rounds.world.run_for(5s);
  CHECK(rounds.anchors[0]->statements.size() == 1);
  CHECK(rounds.answers_max() == 1);
}

TEST_CASE("06 clone: two holders of one device key under one ticket both show, and both sign", "[sim]") {
  const auto seed = GENERATE(range(1, 6));
  CAPTURE(seed);
  RoundWorld rounds{static_cast<std::uint64_t>(seed)};
  const auto first = rounds.make_agent(1, true);
  const auto second = rounds.make_agent(2, true);
  rounds.network.set_path(second->endpoint(), rounds.anchors[1]->endpoint(), {.delay = 50ms});
  const auto round = rounds.start_round(std::nullopt, 12, 15s, 8s);
  rounds.world.run_for(16s);
  const auto reports = rounds.reports(round);
  REQUIRE(reports.size() == RoundWorld::kAnchors);
  rounds.check_samples(reports);
  for (const auto& [index, report] : reports) {
    REQUIRE(report.sessions.size() == 2);
    CHECK(report.sessions[0].agent_public != report.sessions[1].agent_public);
    CHECK(report.sessions[0].finished);
    CHECK(report.sessions[1].finished);
  }
  std::set<std::uint64_t> boots;
  for (const auto& knock : rounds.anchors[0]->knocks) boots.insert(parse_knock_proof(knock.proof)->boot_id);
  CHECK(boots.size() == 2);
  (void)rounds.close(round, kAll, 1);
  rounds.world.run_for(5s);
  REQUIRE(rounds.anchors[1]->statements.size() == 2);
  CHECK(rounds.anchors[1]->statements[0] != rounds.anchors[1]->statements[1]);
  for (const auto& statement : rounds.anchors[1]->statements)
    CHECK(rounds.check_statement_signature(statement));
}

TEST_CASE("07 forged key: an agent without the device key gets no tickets by knocking", "[sim]") {
  RoundWorld rounds{7};
  const auto other_key = generate_key(SignatureAlgorithm::kEd25519);
  const auto forger = rounds.make_agent(1, true, *other_key);
  const auto round = rounds.start_round(std::nullopt);
  rounds.world.run_for(16s);
  const auto reports = rounds.reports(round);
  REQUIRE(reports.size() == RoundWorld::kAnchors);
  for (const auto& [index, report] : reports) CHECK(report.sessions.empty());
  CHECK(rounds.anchors[0]->knocks.empty());
  const auto bad = static_cast<std::size_t>(RejectReason::kBadSignature);
  CHECK(rounds.anchors[0]->prober().counters().rejected[bad] > 0);
}

TEST_CASE("08 forged key: one who intercepts the tickets can open no session under them", "[sim]") {
  RoundWorld rounds{8};
  const auto other_key = generate_key(SignatureAlgorithm::kEd25519);
  const auto forger = rounds.make_agent(1, false, *other_key);
  const auto round = rounds.start_round(forger->endpoint());
  rounds.world.run_for(10s);
  rounds.world.run_for(6s);
  const auto reports = rounds.reports(round);
  REQUIRE(reports.size() == RoundWorld::kAnchors);
  for (const auto& [index, report] : reports) {
    CHECK(report.sessions.empty());
    CHECK(report.rejects[static_cast<std::size_t>(RejectReason::kBadSignature)] > 0);
  }
}

TEST_CASE("09 death: an agent that dies mid-round leaves unfinished sessions, and every anchor still reports",
          "[sim]") {
  const auto seed = GENERATE(range(1, 6));
  CAPTURE(seed);
  RoundWorld rounds{static_cast<std::uint64_t>(seed)};
  auto agent = rounds.make_agent(1, false);
  const auto round = rounds.start_round(agent->endpoint());
  rounds.world.run_for(200ms);
  agent.reset();
  rounds.world.run_for(16s);
  const auto reports = rounds.reports(round);
  REQUIRE(reports.size() == RoundWorld::kAnchors);
  CHECK(finished_mask(reports) == 0);
  rounds.check_samples(reports);
  for (const auto& [index, report] : reports) {
    REQUIRE(report.sessions.size() == 1);
    CHECK_FALSE(report.sessions[0].samples.empty());
    CHECK(report.sessions[0].samples.size() < 12);
  }
}

TEST_CASE("10 anchor restart: the round goes on with the others; the restarted one knows nothing of it",
          "[sim]") {
  RoundWorld rounds{10};
  const auto agent = rounds.make_agent(1, false);
  const auto round = rounds.start_round(agent->endpoint());
  rounds.world.run_for(200ms);
  rounds.start_anchor(2);
  rounds.world.run_for(16s);
  auto reports = rounds.reports(round);
  CHECK(reports.size() == RoundWorld::kAnchors - 1);
  CHECK(finished_mask(reports) == (kAll & ~std::uint64_t{4}));
  const auto again = rounds.anchors[2]->prober().assign(
      {bytes_of(round.tickets[2]), std::nullopt, 40ms, 5s, 1s, rounds.chip_key->public_key()},
      rounds.world.now());
  REQUIRE_FALSE(again);
  CHECK(again.error() == CommandFault::kUnknownRound);
  const CloseOrder order = rounds.close(round, finished_mask(reports));
  rounds.world.run_for(5s);
  REQUIRE(rounds.anchors[0]->statements.size() == 1);
  rounds.check_statement(rounds.anchors[0]->statements[0], order, reports);
  // And a new round uses it again.
  const auto next = rounds.start_round(agent->endpoint());
  rounds.world.run_for(16s);
  CHECK(finished_mask(rounds.reports(next)) == kAll);
}

TEST_CASE(
    "11 clock steps: no sample across a step is reported, forward or backward, and the others are right",
    "[sim]") {
  const auto step = GENERATE(as<Nanoseconds>{}, -4ms, 4ms, -3600s, 3600s);
  CAPTURE(step.count());
  RoundWorld rounds{11, {.delay = 10ms, .jitter = 0ns, .loss = 0, .duplication = 0}};
  const auto agent = rounds.make_agent(1, false);
  const auto round = rounds.start_round(agent->endpoint(), 40);
  for (int i = 1; i <= 8; ++i) {
    rounds.world.after(i * 150ms,
                       [&rounds, step, i] { rounds.world.step_wall_clock(i % 2 == 1 ? step : -step); });
  }
  rounds.world.run_for(10s);
  const auto reports = rounds.reports(round);
  REQUIRE(finished_mask(reports) == kAll);
  std::uint32_t discarded = 0;
  for (const auto& [index, report] : reports) {
    const auto& session = report.sessions.at(0);
    discarded += session.samples_discarded;
    CHECK(session.samples.size() + session.samples_discarded == 40);
    CHECK(session.samples.size() >= 20);
    for (const auto& sample : session.samples) CHECK(sample.sample.rtt == 20ms);
  }
  CHECK(discarded > 0);
}

TEST_CASE("12 lost stamps: without a transmit stamp a round trip is never shorter", "[sim]") {
  RoundWorld rounds{12};
  for (auto& anchor : rounds.anchors) anchor->stamp_loss = 0.5;
  const auto agent = rounds.make_agent(1, false);
  const auto round = rounds.start_round(agent->endpoint());
  rounds.world.run_for(10s);
  const auto reports = rounds.reports(round);
  REQUIRE(finished_mask(reports) == kAll);
  rounds.check_samples(reports);
  for (const auto& [index, report] : reports) CHECK(report.sessions.at(0).samples.size() == 12);
}

TEST_CASE("13 everything at once: loss, reordering and duplication; no report lost, no answer twice",
          "[sim]") {
  const auto seed = GENERATE(range(1, 21));
  CAPTURE(seed);
  RoundWorld rounds{static_cast<std::uint64_t>(seed),
                    {.delay = 30ms, .jitter = 100ms, .loss = 0.2, .duplication = 0.3}};
  const auto agent = rounds.make_agent(1, false);
  std::vector<RoundWorld::Round> made;
  for (int i = 0; i < 5; ++i) {
    made.push_back(rounds.start_round(agent->endpoint()));
    rounds.world.run_for(1s);
  }
  rounds.world.run_for(16s);
  for (const auto& round : made) {
    const auto reports = rounds.reports(round);
    CHECK(reports.size() == RoundWorld::kAnchors);
    rounds.check_samples(reports);
  }
  CHECK(rounds.answers_max() == 1);
}

TEST_CASE("14 determinism: one seed is one run, another seed is another", "[sim]") {
  const auto run = [](std::uint64_t seed) {
    RoundWorld rounds{seed, {.delay = 20ms, .jitter = 30ms, .loss = 0.1, .duplication = 0.1}};
    const auto agent = rounds.make_agent(1, false);
    const auto round = rounds.start_round(agent->endpoint());
    rounds.world.run_for(16s);
    return rounds.trace();
  };
  CHECK(run(5) == run(5));
  CHECK(run(5) != run(6));
}

/// Whether some sample of each finished session is borne out by another; how many of them there were.
std::size_t sessions_borne_out(const std::map<std::size_t, RoundReport>& reports) {
  std::size_t finished = 0;
  for (const auto& [index, report] : reports) {
    for (const SessionAccount& session : report.sessions) {
      if (!session.finished) continue;
      ++finished;
      std::vector<TimedSample> samples;
      for (const ReportedSample& s : session.samples) samples.push_back({s.sample.rtt, s.sent, s.received});
      CAPTURE(index, session.pings_sent, samples.size());
      CHECK(borne_out(samples));
    }
  }
  return finished;
}

TEST_CASE("15 pause: every finished session has two samples that were not in flight together", "[sim]") {
  struct Case {
    std::uint8_t pings;
    Nanoseconds delay;  ///< one way: up to a geostationary satellite's
    double loss;
  };
  const auto seed = GENERATE(range(1, 4));
  for (const Nanoseconds delay : {0ms, 5ms, 150ms, 350ms}) {
    for (const Case& c : {Case{2, delay, 0}, Case{3, delay, 0}, Case{4, delay, 0}, Case{12, delay, 0},
                          Case{12, delay, 0.1}, Case{12, delay, 0.2}, Case{64, delay, 0.3}}) {
      CAPTURE(seed, c.pings, c.delay.count(), c.loss);
      RoundWorld rounds{static_cast<std::uint64_t>(seed),
                        {.delay = c.delay + 10us, .jitter = 100us, .loss = c.loss, .duplication = 0}};
      const auto agent = rounds.make_agent(1, false);
      const auto round = rounds.start_round(agent->endpoint(), c.pings);
      rounds.world.run_for(16s);
      const auto reports = rounds.reports(round);
      rounds.check_samples(reports);
      CHECK(sessions_borne_out(reports) >= (c.loss > 0 ? 1U : RoundWorld::kAnchors));
    }
  }
}

TEST_CASE(
    "deadline: in the shortest round that is begun an honest chip answers, and in a shorter one it may not",
    "[sim]") {
  const bool knocks = GENERATE(false, true);
  CAPTURE(knocks);
  RoundOptions options;
  options.knock_interval = 2s;  // of the simulated agents
  options.prepare_deadline = 1s;
  const auto all_finish = [&](std::uint64_t seed, Nanoseconds deadline) {
    const RoundOptions fitted = fit_to_deadline(options, deadline);
    RoundWorld rounds{seed};
    const auto agent = rounds.make_agent(1, knocks);
    rounds.world.run_for(
        Nanoseconds{static_cast<std::int64_t>(seed) * 170'000'000});  // anywhere between two knocks
    const auto round =
        rounds.start_round(knocks ? std::nullopt : std::optional{agent->endpoint()}, options.pings,
                           deadline - fitted.prepare_deadline - fitted.closing_share, options.linger);
    rounds.world.run_for(deadline);
    return finished_mask(rounds.reports(round)) == kAll;
  };
  const Nanoseconds least = least_deadline(options, knocks ? ChipReach::kKnocks : ChipReach::kInbound);
  bool shorter = true;
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    CAPTURE(seed);
    CHECK(all_finish(seed, least));
    shorter = shorter && all_finish(seed, knocks ? Nanoseconds{4s} : Nanoseconds{5ms});
  }
  CHECK_FALSE(shorter);
}

}  // namespace
}  // namespace chiploc::sim
