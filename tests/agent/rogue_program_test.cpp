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
  StallingHandler stalling{world.responder, milliseconds{40}};
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

TEST_CASE("chiploc-rogue-agent: usage faults end with 64", "[agent][rogue]") {
  const ProgramFolder files;
  for (const auto& more :
       std::vector<std::vector<std::string>>{{},
                                             {"--behaviour", "honest"},
                                             {"--behaviour", "forged"},
                                             {"--behaviour", "stalled", "--stall-ms", "0"},
                                             {"--behaviour", "stalled", "--stall-ms", "4x"},
                                             {"--behaviour", "lying", "--claim-ms", "5000"}}) {
    const Ended ended = run_to_end(rogue(files, more), files.folder);
    CAPTURE(ended.output);
    CHECK(ended.exit_code == 64);
  }
  const Ended no_key =
      run_to_end(rogue(files, {"--behaviour", "forged", "--forged-key", "/nonexistent"}), files.folder);
  CHECK(no_key.exit_code == 69);
}
