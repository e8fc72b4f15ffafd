// chiploc-rogue-agent: each behaviour is what it says, and nothing else differs from the honest program.
#include "agent/rogue/behaviours.hpp"
#include "proto/crypto/cose.hpp"
#include "tests/agent/agent_world.hpp"
#include "tests/agent/program_fixture.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/paths.hpp"

using namespace chiploc;
using std::chrono::milliseconds;

namespace {

std::uint64_t unix_now() { return unix_seconds(agent_wall_now()); }

/// One round with the rogue program; the statement as it came.
struct RoguePlay {
  RoguePlay(const ProgramFolder& files, const StartedProgram& started)
      : round{socket, started.endpoint, files.coordinator, files.chip, unix_now()}, cose{round.play()} {}
  TestSocket socket{"127.0.0.1"};
  SocketRound round;
  std::optional<ByteVector> cose;
};

std::vector<std::string> rogue(const ProgramFolder& files, std::vector<std::string> more) {
  more.insert(more.begin(), {program_path("chiploc-rogue-agent"), "--config", files.config()});
  return more;
}

}  // namespace

TEST_CASE("chiploc-rogue-agent: forged statements fail their signature and nothing else", "[agent][rogue]") {
  const ProgramFolder files;
  const auto other = generate_key(SignatureAlgorithm::kEs256);
  const auto key_file = files.folder.write("forged.key", other->private_pem());
  StartedProgram started{rogue(files, {"--behaviour", "forged", "--forged-key", key_file}), files};
  INFO(started.output());
  REQUIRE(started.ready);
  const RoguePlay play{files, started};
  INFO(play.round.failed);
  REQUIRE(play.cose);
  const auto with_chip = check_statement(*play.cose, files.key->public_key(), files.certificate);
  REQUIRE_FALSE(with_chip);
  CHECK(with_chip.error() == StatementFault::kBadSignature);
  CHECK(check_statement(*play.cose, other->public_key(), files.certificate));
}

TEST_CASE("chiploc-rogue-agent: replaying sends good statements of other rounds", "[agent][rogue]") {
  const ProgramFolder files;
  StartedProgram started{rogue(files, {"--behaviour=replaying"}), files};
  REQUIRE(started.ready);
  const RoguePlay first{files, started};
  const RoguePlay second{files, started};
  REQUIRE(first.cose);
  REQUIRE(second.cose);
  const auto older = check_statement(*first.cose, files.key->public_key(), files.certificate);
  const auto replayed = check_statement(*second.cose, files.key->public_key(), files.certificate);
  REQUIRE(older);
  REQUIRE(replayed);
  CHECK(older->round != first.round.round);
  CHECK(replayed->round == first.round.round);
  CHECK(replayed->nonce == first.round.order.nonce);
  CHECK(replayed->nonce != second.round.order.nonce);
}

TEST_CASE("chiploc-rogue-agent: lying claims 50 ms whatever it took, and signs it", "[agent][rogue]") {
  const ProgramFolder files;
  StartedProgram started{rogue(files, {"--behaviour", "lying"}), files};
  REQUIRE(started.ready);
  const RoguePlay play{files, started};
  REQUIRE(play.cose);
  CHECK(play.round.last.residence_ns == 50'000'000);
  const auto statement = check_statement(*play.cose, files.key->public_key(), files.certificate);
  REQUIRE(statement);
  CHECK(statement->transcripts.at(0).transcript == play.round.anchor.digest());
}

TEST_CASE("chiploc-rogue-agent: stalled holds pongs back and stays otherwise honest", "[agent][rogue]") {
  const ProgramFolder files;
  StartedProgram started{rogue(files, {"--behaviour", "stalled", "--stall-ms", "30"}), files};
  REQUIRE(started.ready);
  const SteadyTime before = agent_steady_now();
  const RoguePlay play{files, started};
  INFO(play.round.failed);
  REQUIRE(play.cose);
  CHECK(agent_steady_now() - before >= milliseconds{12 * 30});  // twelve pings, one after another
  CHECK(play.round.last.residence_ns < 30'000'000);
}

TEST_CASE("StallingHandler: a PONG leaves after the delay to the nanosecond, all else at once",
          "[agent][rogue]") {
  AgentWorld world;
  FakeAnchor anchor = world.anchor_of(random_id<RoundId>());
  REQUIRE(world.open(anchor));
  AgentSystemRandom random;
  StallingHandler stalling{world.responder, {.least = milliseconds{40}}, random};
  CollectingOutbox out;
  stalling.on_datagram(anchor.ping(0), anchor.endpoint(), world.now, world.wall, out);
  CHECK(out.sent.empty());
  REQUIRE(stalling.next_deadline());
  CHECK(*stalling.next_deadline() == world.now + milliseconds{40});
  stalling.on_timer(world.now + milliseconds{40} - Nanoseconds{1}, world.wall, out);
  CHECK(out.sent.empty());
  stalling.on_timer(world.now + milliseconds{40}, world.wall, out);
  REQUIRE(out.sent.size() == 1);
  CHECK(anchor.on_pong(out.sent[0].bytes));
  stalling.on_datagram(anchor.finish(), anchor.endpoint(), world.now, world.wall, out);
  REQUIRE(out.sent.size() == 2);
  CHECK(anchor.agrees(out.sent[1].bytes));
}

TEST_CASE("EarlyHandler: the true answer, and made up ones for the pings to come", "[agent][rogue]") {
  AgentWorld world;
  FakeAnchor anchor = world.anchor_of(random_id<RoundId>());
  REQUIRE(world.open(anchor));
  AgentSystemRandom random;
  EarlyHandler early{world.responder, 2, random};
  CollectingOutbox out;
  early.on_datagram(anchor.ping(0), anchor.endpoint(), world.now, world.wall, out);
  REQUIRE(out.sent.size() == 3);
  const auto truth = parse_pong(out.sent[0].bytes);
  REQUIRE(truth);
  for (std::uint32_t n = 1; n <= 2; ++n) {
    CAPTURE(n);
    const auto guess = parse_pong(out.sent[n].bytes);
    REQUIRE(guess);
    CHECK(guess->session == truth->session);
    CHECK(guess->sequence == n);
    CHECK(guess->nonce != truth->nonce);
    CHECK_FALSE(anchor.on_pong(out.sent[n].bytes));
  }
  CHECK(anchor.on_pong(out.sent[0].bytes));
  early.on_datagram(anchor.finish(), anchor.endpoint(), world.now, world.wall, out);
  REQUIRE(out.sent.size() == 4);  // beside a FinishAck there is nothing to guess
  CHECK(anchor.agrees(out.sent[3].bytes));
  CHECK(early.next_deadline() == world.responder.next_deadline());
}

TEST_CASE("stall_of: never below the least, spread as its law says", "[agent][rogue]") {
  AgentSystemRandom random;
  constexpr int kDraws = 4000;
  const auto drawn = [&](StallLaw law) {
    std::vector<double> out;
    for (int i = 0; i < kDraws; ++i) {
      const Nanoseconds t =
          stall_of({.least = milliseconds{20}, .spread = milliseconds{10}, .law = law}, random);
      out.push_back(static_cast<double>(t.count()) / 1e6);
    }
    std::sort(out.begin(), out.end());
    return out;
  };
  CHECK(drawn(StallLaw::kFixed).front() == 20.0);
  CHECK(drawn(StallLaw::kFixed).back() == 20.0);
  const auto uniform = drawn(StallLaw::kUniform);
  CHECK(uniform.front() >= 20.0);
  CHECK(uniform.back() <= 30.0);
  // Medians in ms; the median of 4000 draws strays by less than 0.16 ms (uniform, exponential: one sigma).
  CHECK(uniform[kDraws / 2] == Approx(25.0).margin(1.0));
  const auto exponential = drawn(StallLaw::kExponential);
  CHECK(exponential.front() >= 20.0);
  CHECK(exponential.back() > 30.0);
  CHECK(exponential[kDraws / 2] == Approx(20.0 + 10.0 * 0.693).margin(1.0));
}

TEST_CASE("chiploc-rogue-agent: usage faults end with 64", "[agent][rogue]") {
  const ProgramFolder files;
  for (const auto& more :
       std::vector<std::vector<std::string>>{{},
                                             {"--behaviour", "honest"},
                                             {"--behaviour", "forged"},
                                             {"--behaviour", "stalled", "--stall-ms", "0"},
                                             {"--behaviour", "stalled", "--stall-ms", "4x"},
                                             {"--behaviour", "early", "--early-answers", "0"},
                                             {"--behaviour", "stalled", "--stall-law", "pareto"},
                                             {"--behaviour", "lying", "--claim-ms", "5000"}}) {
    const Ended ended = run_to_end(rogue(files, more), files.folder);
    CAPTURE(ended.output);
    CHECK(ended.exit_code == 64);
  }
  const Ended no_key =
      run_to_end(rogue(files, {"--behaviour", "forged", "--forged-key", "/nonexistent"}), files.folder);
  CHECK(no_key.exit_code == 69);
}
