// Ends that go away: on request, half of them at once, or behind a cut line.
#include <thread>

#include "tests/faults/fault_lab.hpp"
#include "tests/faults/tcp_cut.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::faults {
namespace {

using namespace std::chrono_literals;

/// Everything that the anchors' logs say was sent is acknowledged and in the store, once; no round is open.
void check_nothing_lost(FaultLab& lab) {
  StoreView store;
  std::size_t waiting = 1;
  for (int look = 0; look < 300 && (waiting != 0 || store.rounds[1] != 0); ++look) {
    std::this_thread::sleep_for(100ms);
    store = read_store(lab.database());
    waiting = 0;
    for (const std::string& name : lab.anchors()) {
      for (const auto& [key, kind] : deliveries_in(lab.log(name)).sent) {
        const bool there = kind == 6   ? store.reports.count(key) != 0
                           : kind == 8 ? store.knocks.count(key) != 0
                           : kind == 9 ? store.mesh.count(key) != 0
                                       : true;
        waiting += there ? 0U : 1U;
      }
    }
  }
  CHECK(waiting == 0);
  CHECK(store.doubled == 0);
  CHECK(store.rounds[1] == 0);
  CHECK(store.integrity == "ok");
}

TEST_CASE(
    "SIGTERM: chiplocd ends within 10 s, an anchor within 5, an agent within 2, in the middle "
    "of rounds, and nothing is lost",
    "[faults]") {
  FaultLab lab{{.chips = 4, .pings = 40, .ping_interval_ms = 50, .log_level = "debug"}};
  REQUIRE(lab.up() == "");
  const std::pair<const char*, std::int64_t> stated[] = {{"C-2", 2'000}, {"a1", 5'000}, {"chiplocd", 10'000}};
  for (const auto& [who, limit_ms] : stated) {
    std::vector<std::thread> rounds;
    std::atomic<int> ended{0};
    for (int chip = 0; chip < 4; ++chip) {
      rounds.emplace_back([&lab, &ended, chip] {
        (void)lab.verify(chip);
        ++ended;
      });
    }
    std::this_thread::sleep_for(800ms);  // they are pinging
    const std::size_t from = lab.log_size(who);
    const auto end = lab.stop(who);
    std::printf("%s: %s after %lld ms\n", who, end.how.c_str(), static_cast<long long>(end.ms));
    CHECK(end.how == "exited with 0");
    CHECK(end.ms <= limit_ms);
    for (std::thread& round : rounds) round.join();
    CHECK(ended == 4);
    lab.launch(who);
    CHECK(lab.serves(who, from, 30s));
    CHECK(lab.attached(4));
  }
  check_nothing_lost(lab);
  for (int chip = 0; chip < 4; ++chip) CHECK(lab.verify_until(chip, "VERIFIED") == "VERIFIED");
}

TEST_CASE("half the anchors gone in the middle of rounds: each round ends, by those that are left",
          "[faults]") {
  FaultLab lab{{.anchors = 6, .chips = 2, .pings = 20, .ping_interval_ms = 50}};
  REQUIRE(lab.up() == "");
  std::vector<std::string> said(2);
  std::vector<std::thread> rounds;
  for (int chip = 0; chip < 2; ++chip)
    rounds.emplace_back([&, chip] { said[static_cast<std::size_t>(chip)] = text_of(lab.verify(chip)); });
  std::this_thread::sleep_for(500ms);
  // One of the three that the knocking chip knows is left at least: without any nobody can tell it of a
  // round.
  lab.kill("a1");
  lab.kill("a4");
  lab.signal("a5", SIGSTOP);  // hangs, and says nothing of it
  for (std::thread& round : rounds) round.join();
  CAPTURE(said[0], said[1]);
  for (const std::string& state : said) CHECK((state == "VERIFIED" || state == "SILENT"));
  for (int chip = 0; chip < 2; ++chip) CHECK(lab.verify_until(chip, "VERIFIED") == "VERIFIED");
  lab.signal("a5", SIGCONT);
  lab.launch("a1");
  lab.launch("a4");
  CHECK(lab.attached(6));
  CHECK(lab.verify_until(0, "VERIFIED") == "VERIFIED");
}

void cut_line(TcpCut::Line kind) {
  TcpCut line;
  FaultLab lab{{.anchors = 3, .chips = 2, .coordinator_of_anchors = line.address(), .log_level = "debug"}};
  line.forward_to(lab.plan().coordinator_address);
  REQUIRE(lab.up() == "");
  REQUIRE(lab.verify_until(1, "VERIFIED") == "VERIFIED");
  const std::size_t before = read_store(lab.database()).mesh.size();
  std::string in_flight;
  std::thread round{[&] { in_flight = text_of(lab.verify(1)); }};
  std::this_thread::sleep_for(150ms);
  line.set(kind);
  std::this_thread::sleep_for(5s);  // how long the line is dead: two windows of the mesh
  line.set(TcpCut::Line::kUp);
  round.join();
  CAPTURE(in_flight);
  CHECK(in_flight.find("Deadline") == std::string::npos);  // the round ended by itself
  CHECK(lab.attached(3));
  for (int chip = 0; chip < 2; ++chip) CHECK(lab.verify_until(chip, "VERIFIED") == "VERIFIED");
  check_nothing_lost(lab);
  CHECK(read_store(lab.database()).mesh.size() >= before + 6);  // what was measured meanwhile came after all
  const auto anchors = lab.client().anchors(5s);
  REQUIRE(anchors);
  for (const auto& anchor : anchors.value().anchors()) CHECK(anchor.spool_dropped() == 0);
}

TEST_CASE(
    "the line between anchors and coordinator is severed: rounds end, reports wait on disk and come later",
    "[faults]") {
  cut_line(TcpCut::Line::kSevered);
}

TEST_CASE("the line between anchors and coordinator freezes: rounds end, and everything flows again",
          "[faults]") {
  cut_line(TcpCut::Line::kFrozen);
}

}  // namespace
}  // namespace chiploc::faults
