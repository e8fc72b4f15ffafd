// Each wrong cause planted in a simulated world of production code, and looked for among the first two that
// the SILENT verdict names. The same with real programs: tests/faults/silence_test.cpp.
#include <spdlog/spdlog.h>

#include "server/sim/sim_fleet.hpp"
#include "server/storage/sqlite/store.hpp"
#include "server/verifier/verdict_view.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/replayed.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::sim {
namespace {

using namespace std::chrono_literals;

/// A fleet of one chip with something wrong.
class SilentWorld {
 public:
  explicit SilentWorld(FleetOptions options) {
    spdlog::set_level(spdlog::level::err);
    options.chips = 1;
    options.anchors = 4;
    options.diverted_every = 0;
    options.knock_mean = 20s;
    options.knock_wait = 90s;
    store = open_sqlite_store({.path = (folder.path() / "sim.db").string(), .durable = false}).value();
    fleet.emplace(options, *store, Borders::world());
    fleet->run_for(3min);
  }
  v1::Verdict verdict() {
    fleet->coordinator().start(fleet->chip(0), "tester");
    fleet->run_for(4min);
    const auto stored = store->verdicts().newest_verdict(fleet->chip(0)).value().value();
    v1::Verdict out;
    REQUIRE(read_verdict(string_of(stored.bytes), stored.format, out));
    test::check_replay(store->rounds(), stored.round);
    return out;
  }

  TempDir folder;
  std::unique_ptr<Store> store;
  std::optional<SimFleet> fleet;
};

FleetOptions with(FleetMistakes mistakes, bool inbound) {
  FleetOptions options;
  options.inbound_every = inbound ? 1 : 0;
  options.mistakes = std::move(mistakes);
  return options;
}

void check_named(const v1::Verdict& verdict, const std::string& cause) {
  CAPTURE(cause, verdict.silence().ShortDebugString());
  REQUIRE(verdict.state() == v1::SILENT);
  REQUIRE(verdict.silence().causes_size() == 3);
  CHECK((verdict.silence().causes(0).code() == cause || verdict.silence().causes(1).code() == cause));
}

TEST_CASE("silence: an honest chip that knocks, and one that is reached inbound, are not silent", "[sim]") {
  for (const bool inbound : {false, true}) {
    const v1::Verdict verdict = SilentWorld{with({}, inbound)}.verdict();
    CAPTURE(inbound);
    CHECK(verdict.state() != v1::SILENT);
    CHECK_FALSE(verdict.has_silence());
  }
}

TEST_CASE("silence: planted, the agent was given another coordinator's key", "[sim]") {
  const auto stranger = key_from_ed25519_seed(ByteVector(32, 99)).value();
  for (const bool inbound : {false, true}) {
    const auto verdict =
        SilentWorld{with({.agent = [&](std::size_t,
                                       AgentSetUp& agent) { agent.coordinator = stranger->public_key(); }},
                         inbound)}
            .verdict();
    check_named(verdict, "coordinator_unknown");
    CHECK(verdict.silence().causes(0).code() == "coordinator_unknown");
    CHECK(verdict.silence().reached() == "delivered");
    CHECK(verdict.silence().rejects_by_chip().at("unknown_coordinator") > 0);
  }
}

TEST_CASE("silence: planted, a wrong port", "[sim]") {
  SECTION("of the rendezvous anchors in the agent's configuration") {
    const auto verdict = SilentWorld{with({.agent =
                                               [](std::size_t, AgentSetUp& agent) {
                                                 for (auto& one : agent.rendezvous) ++one.endpoint.port;
                                               }},
                                          false)}
                             .verdict();
    check_named(verdict, "agent_not_knocking");
    CHECK(verdict.silence().reached() == "tickets");
    CHECK(verdict.silence().knocks_seen() == 0);
  }
  SECTION("of the agent in the registry") {
    const auto verdict =
        SilentWorld{with({.chip = [](std::size_t, ChipRecord& chip) { ++chip.reach.inbound->port; }}, true)}
            .verdict();
    check_named(verdict, "inbound_address");
  }
  SECTION("of the anchors in the registry") {
    const auto verdict =
        SilentWorld{
            with({.anchor = [](std::size_t, AnchorRecord& anchor) { ++anchor.endpoint.port; }}, false)}
            .verdict();
    check_named(verdict, "anchor_address");
    CHECK(verdict.silence().reached() == "delivered");
    CHECK(verdict.silence().proofs_seen() > 0);
  }
}

TEST_CASE("silence: planted, the agent has stopped", "[sim]") {
  for (const bool inbound : {false, true}) {
    SilentWorld world{with({}, inbound)};
    REQUIRE(world.verdict().state() != v1::SILENT);
    world.fleet->stop_agent(0);
    world.fleet->run_for(1min);
    const auto verdict = world.verdict();
    check_named(verdict, "agent_stopped");
    if (!inbound) {
      CHECK(verdict.silence().last_knock_unix_ns() > 0);
      CHECK(verdict.silence().last_proof_unix_ns() > 0);
      CHECK(verdict.silence().knocks_every_ns() > 0);
      CHECK(verdict.silence().waited_ns() < Nanoseconds{60s}.count());  // learnt, not the policy's most
    }
  }
}

TEST_CASE("silence: planted, the chip's clock is off by an hour", "[sim]") {
  for (const bool inbound : {false, true}) {
    for (const Nanoseconds off : {Nanoseconds{1h}, Nanoseconds{-1h}}) {
      const auto verdict =
          SilentWorld{
              with({.agent = [&](std::size_t, AgentSetUp& agent) { agent.clock_off = off; }}, inbound)}
              .verdict();
      check_named(verdict, "clock");
      const std::string& text = verdict.silence().causes(0).text();
      CHECK(text.find(off > 0ns ? "is ahead of" : "is behind") != std::string::npos);
    }
  }
}

TEST_CASE("silence: planted, the chip's certificate has expired, and its agent does not start", "[sim]") {
  for (const bool inbound : {false, true}) {
    const FleetMistakes mistakes{.certificate =
                                     [](std::size_t, IssueRequest& request) {
                                       request.from = request.from - 240h;
                                       request.days = 2;
                                     },
                                 .agent = [](std::size_t, AgentSetUp& agent) { agent.runs = false; }};
    check_named(SilentWorld{with(mistakes, inbound)}.verdict(), "certificate_expired");
  }
}

TEST_CASE("silence: planted, UDP is blocked", "[sim]") {
  SECTION("from the beginning") {
    for (const bool inbound : {false, true}) {
      SilentWorld world{with({}, inbound)};
      world.fleet->cut(0);
      world.fleet->run_for(1min);
      check_named(world.verdict(), inbound ? "inbound_blocked" : "udp_blocked");
    }
  }
  SECTION("since it was measured") {
    for (const bool inbound : {false, true}) {
      SilentWorld world{with({}, inbound)};
      REQUIRE(world.verdict().state() != v1::SILENT);
      world.fleet->cut(0);
      check_named(world.verdict(), inbound ? "inbound_blocked" : "udp_blocked");
    }
  }
}

TEST_CASE("silence: planted, a NAT before a chip that does not knock", "[sim]") {
  SECTION("it is registered inbound, and the NAT lets nothing in") {
    SilentWorld world{with({}, true)};
    world.fleet->cut(0);  // towards the registered address; the agent sends nothing by itself
    check_named(world.verdict(), "inbound_blocked");
  }
  SECTION("it is registered as one that knocks, and its agent was given nobody to knock at") {
    check_named(
        SilentWorld{with({.agent = [](std::size_t, AgentSetUp& agent) { agent.rendezvous.clear(); }}, false)}
            .verdict(),
        "agent_not_knocking");
  }
}

TEST_CASE("silence: a chip that knocks rarer than rounds may wait is told so", "[sim]") {
  SilentWorld world{with(
      {.agent = [](std::size_t, AgentSetUp& agent) { agent.options.knock.mean_interval = 10min; }}, false)};
  world.fleet->run_for(90min);
  bool told = false;
  for (int i = 0; i < 8 && !told; ++i) {  // by chance it comes in time
    const auto verdict = world.verdict();
    if (verdict.state() != v1::SILENT) continue;
    check_named(verdict, "knocks_rarely");
    told = true;
  }
  CHECK(told);
}

TEST_CASE("silence: samples agree: whatever its interval, a chip is measured as soon as its knock comes",
          "[sim]") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    FleetOptions options = with({}, false);
    options.seed = seed;
    SilentWorld world{options};
    const auto verdict = world.verdict();
    CAPTURE(seed);
    CHECK(verdict.state() != v1::SILENT);
  }
}

}  // namespace
}  // namespace chiploc::sim
