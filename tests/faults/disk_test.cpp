// A disk that fails under running programs: what the operator reads, what survives, and that it goes on by
// itself when the disk is mended.
#include <cerrno>
#include <cstring>
#include <functional>
#include <thread>

#include "tests/faults/fault_lab.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/command.hpp"
#include "tests/support/paths.hpp"

namespace chiploc::faults {
namespace {

using namespace std::chrono_literals;

void watch(FaultPlan& plan, const char* files) { std::strncpy(plan.match, files, sizeof plan.match - 1); }

bool used(const FaultLab::Verdict& verdict, const std::string& anchor) {
  if (!verdict) return false;
  for (const v1::AnchorEvidence& one : verdict.value().anchors()) {
    if (one.anchor() == anchor) return one.used();
  }
  return false;
}

/// Rounds are asked for while the coordinator's disk fails in this way; then it is mended.
void coordinator_disk(const std::function<void(FaultPlan&)>& strike, const std::string& says) {
  FaultLab lab{{.anchors = 3, .chips = 2, .shim = true, .log_level = "debug"}};
  FaultPlan& plan = lab.plan_of("chiplocd");
  watch(plan, "chiploc.db");
  REQUIRE(lab.up() == "");
  REQUIRE(lab.verify_until(0, "VERIFIED") == "VERIFIED");
  std::string in_flight;
  std::thread asking{[&] { in_flight = text_of(lab.verify(1)); }};
  std::this_thread::sleep_for(150ms);  // the fault strikes somewhere in that round
  strike(plan);
  const std::string refused = text_of(lab.verify(0));
  asking.join();
  CAPTURE(refused, in_flight);
  CHECK(refused.find("VERIFIED") == std::string::npos);
  CHECK(lab.says("chiplocd", "store.failing problem=\"" + (lab.database().string() + ": cannot "), 0, 5s));
  CHECK(lab.says("chiplocd", says, 0, 5s));
  CHECK(plan.write_faults + plan.sync_faults > 0);
  CHECK(lab.runs("chiplocd"));

  plan.write_error = 0;
  plan.sync_error = 0;
  CHECK(lab.verify_until(0, "VERIFIED") == "VERIFIED");  // no restart
  CHECK(lab.verify_until(1, "VERIFIED") == "VERIFIED");
  CHECK(lab.says("chiplocd", "store.recovered"));
  // What the anchors had sent meanwhile was not acknowledged, and comes again on the same stream.
  std::size_t undelivered = 1;
  StoreView store;
  for (int look = 0; look < 400 && (undelivered != 0 || store.rounds[1] != 0); ++look) {
    std::this_thread::sleep_for(100ms);
    // Logs first: what an anchor was told must be in the store when the store is read later.
    std::vector<Deliveries> told;
    for (const std::string& name : lab.anchors()) told.push_back(deliveries_in(lab.log(name)));
    store = read_store(lab.database());
    undelivered = 0;
    for (const Deliveries& one : told) {
      for (const auto& [key, kind] : one.sent) {
        if (one.acknowledged.count(key) == 0) ++undelivered;
        const bool there = kind == 6   ? store.reports.count(key) != 0
                           : kind == 9 ? store.mesh.count(key) != 0
                                       : true;
        if (one.acknowledged.count(key) != 0) CHECK(there);
      }
    }
  }
  CHECK(undelivered == 0);
  CHECK(store.rounds[1] == 0);  // no round is left open
  CHECK(store.tickets_missing == 0);
  CHECK(store.doubled == 0);
  CHECK(store.integrity == "ok");
  for (const std::string& name : lab.anchors()) {
    const std::string log = lab.log(name);
    CHECK(log.find("uplink.lost") == std::string::npos);  // the stream lasted
  }
}

TEST_CASE("chiplocd: a full disk refuses rounds by name, loses nothing, and goes on when there is room",
          "[faults]") {
  coordinator_disk([](FaultPlan& plan) { plan.write_error = ENOSPC; },
                   "database or disk is full; make room on the disk");
}

TEST_CASE("chiplocd: a disk that does not sync refuses rounds by name, loses nothing, and goes on",
          "[faults]") {
  coordinator_disk([](FaultPlan& plan) { plan.sync_error = EIO; }, "disk I/O error; check the disk");
}

TEST_CASE(
    "chiploc-anchor: a full disk costs its reports, counted and told to the coordinator; then it goes on",
    "[faults]") {
  FaultLab lab{{.anchors = 4, .chips = 1, .shim = true}};
  FaultPlan& plan = lab.plan_of("a1");
  watch(plan, "/spool/");
  REQUIRE(lab.up() == "");
  REQUIRE(lab.verify_until(0, "VERIFIED") == "VERIFIED");
  plan.write_error = ENOSPC;
  plan.create_error = ENOSPC;
  CHECK(lab.verify_until(0, "VERIFIED") == "VERIFIED");  // by the other three
  CHECK_FALSE(used(lab.verify(0), "a1"));
  CHECK(lab.says("a1", "spool.lost messages="));
  CHECK(lab.says("a1", "cannot be written: No space left on device"));
  // Not silent: the coordinator knows how many.
  bool told = false;
  for (int look = 0; look < 100 && !told; ++look) {
    std::this_thread::sleep_for(100ms);
    const auto anchors = lab.client().anchors(5s);
    REQUIRE(anchors);
    for (const auto& anchor : anchors.value().anchors()) told = told || anchor.spool_dropped() > 0;
  }
  CHECK(told);
  plan.write_error = 0;
  plan.create_error = 0;
  bool again = false;
  for (int i = 0; i < 4 && !again; ++i) again = used(lab.verify(0), "a1");
  CHECK(again);
}

/// The anchor's own start with this done to its folder before, in mounts of its own.
Ran start_anchor(const FaultLab& lab, const std::string& before) {
  const LabEndpoint& anchor = lab.plan().anchors.front();
  const std::string script = "cd " + anchor.folder.string() + " && " + before + " && exec timeout 20 " +
                             program_path("chiploc-anchor") + " --config anchor.toml";
  return run("unshare --mount sh -c '" + script + "' 2>&1");
}

TEST_CASE("chiploc-anchor: a spool folder that takes no writes is named at the start, and it does not start",
          "[faults]") {
  const FaultLab lab{{.anchors = 1, .chips = 1}};
  const std::string spool = (lab.plan().anchors.front().folder / "state/spool").string();
  const auto refused = [&](const Ran& ran, const std::string& what) {
    INFO(ran.output);
    CHECK(ran.exit_code == 69);
    CHECK(ran.output.find("state/spool" + what) != std::string::npos);
    CHECK(ran.output.find("anchor.started") == std::string::npos);
  };
  if (run("unshare --mount true 2>&1").exit_code != 0) {
    WARN("skipped: mount namespaces cannot be made here");
    return;
  }
  const Ran read_only = start_anchor(lab,
                                     "mkdir -p state/spool && mount --bind state/spool state/spool && "
                                     "mount -o remount,bind,ro state/spool");
  refused(read_only, "/lock: cannot be opened: Read-only file system");
  const Ran state =
      start_anchor(lab, "rmdir state/spool && mount --bind state state && mount -o remount,bind,ro state");
  refused(state, ": cannot be made: Read-only file system");
  const Ran file = start_anchor(lab, "touch state/spool");
  refused(file, ": cannot be made: ");
  std::filesystem::remove(spool);
}

TEST_CASE(
    "chiploc-anchor: a spool folder that turns read-only costs its reports, told as a full disk is; then it goes on",
    "[faults]") {
  FaultLab lab{{.anchors = 4, .chips = 1, .shim = true}};
  FaultPlan& plan = lab.plan_of("a1");
  watch(plan, "/spool/");
  REQUIRE(lab.up() == "");
  plan.write_error = EROFS;
  plan.create_error = EROFS;
  CHECK(lab.verify_until(0, "VERIFIED") == "VERIFIED");  // by the other three
  CHECK_FALSE(used(lab.verify(0), "a1"));
  CHECK(lab.says("a1", "spool.lost messages="));
  CHECK(lab.says("a1", ": Read-only file system"));
  CHECK(lab.runs("a1"));
  plan.write_error = 0;
  plan.create_error = 0;
  bool again = false;
  for (int i = 0; i < 4 && !again; ++i) again = used(lab.verify(0), "a1");
  CHECK(again);
}

TEST_CASE(
    "chiploc-agent: without room for its counter it signs nothing, says why, and signs again when there is",
    "[faults]") {
  FaultLab lab{{.anchors = 3, .chips = 2, .shim = true}};
  FaultPlan& plan = lab.plan_of("C-2");
  watch(plan, "agent.state");
  REQUIRE(lab.up() == "");
  REQUIRE(lab.verify_until(1, "VERIFIED") == "VERIFIED");
  plan.write_error = ENOSPC;
  const auto silent = lab.verify(1);
  CHECK(text_of(silent) == "SILENT");
  CHECK(lab.says("C-2", "agent.failed what=\"round counter\" why=\""));
  CHECK(lab.says("C-2", "agent.state.new: cannot write: No space left on device; make room on the disk"));
  plan.write_error = 0;
  CHECK(lab.verify_until(1, "VERIFIED") == "VERIFIED");
  CHECK(lab.runs("C-2"));
}

}  // namespace
}  // namespace chiploc::faults
