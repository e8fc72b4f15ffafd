// Policies with sections, put in force by the real command: what follows at once, after a start, and after a kill.
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/faults/fault_lab.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/command.hpp"
#include "tests/support/paths.hpp"

namespace chiploc::faults {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using Clock = std::chrono::steady_clock;
using Lines = std::vector<std::string>;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// What chiplocd.toml has beside its [policy]: another number than the default in each, so that it can be told from it.
constexpr const char* kConfigured =
    "[status]\noverdue_after_hours = 100\n[orders]\nhold_least = 7\n[scheduler]\ncadence_s = 86400\n";

constexpr const char* kAllSections = R"([policy]  # to the byte, comments too
faults = 1
[status]
overdue_after_hours = 1
[orders]
hold_least = 5
[cases]
attempt_confirmations = 4
[scheduler]
cadence_s = 1
again_s = 1
transshipment = ["@hubs"]
[retention]
mesh_hours = 48
[groups]
hubs = ["AE", "SG"]
)";
constexpr const char* kWithoutThree =
    "[policy]\nfaults = 1\n[cases]\nattempt_confirmations = 4\n[orders]\nhold_least = 6\n";

/// A coordinator with its anchors and chips, and the command in an admin's hands.
struct Office {
  FaultLab lab{{.chips = 2}};

  Office() {
    std::ofstream{lab.plan().state / "chiplocd/chiplocd.toml", std::ios::app} << kConfigured;
    REQUIRE(lab.up() == "");
  }
  [[nodiscard]] Ran chiploc(const std::string& words) const {
    return run(program_path("chiploc") + " " + words + " --config " +
               (lab.plan().state / "cli.toml").string() + " 2>&1");
  }
  [[nodiscard]] json asked(const std::string& words) const {
    const Ran ran = chiploc(words + " -o json");
    INFO(words << "\n" << ran.output);
    REQUIRE(ran.exit_code == 0);
    return json::parse(ran.output);
  }
  [[nodiscard]] Ran activate(const std::string& name, const std::string& text,
                             const std::string& reason) const {
    const auto file = lab.plan().state / name;
    std::ofstream{file} << text;
    return chiploc("policy activate " + file.string() + " --reason '" + reason + "'");
  }
  /// Serves again, with all anchors, since its log's `from`.
  void start(std::size_t from) {
    lab.launch("chiplocd");
    REQUIRE(lab.serves("chiplocd", from, 30s));
    REQUIRE(lab.attached(lab.anchors().size()));
  }
  [[nodiscard]] json latest() const { return asked("chip show C-1")["last_verdict"]; }
  enum class Rounds { kAsked, kByThemselves };
  /// The first chip's verdict behind this one. Where a round of it runs already none can be asked for.
  [[nodiscard]] json verdict_behind(const json& before, Rounds rounds) {
    for (const auto limit = Clock::now() + 60s; Clock::now() < limit;) {
      if (rounds == Rounds::kAsked) (void)lab.verify(0);
      if (json now = latest();
          !now.is_null() && (before.is_null() || now["verdict_id"] != before["verdict_id"]))
        return now;
      std::this_thread::sleep_for(50ms);
    }
    FAIL("no round of C-1 has ended");
    return {};
  }
  /// To what the first chip comes when nothing happens any more.
  [[nodiscard]] std::string next() const { return asked("chip status C-1")["next"]; }
};

TEST_CASE(
    "policy: sections are in force at once and after a start, and those that a text lacks are chiplocd.toml's",
    "[faults][policy]") {
  Office office;
  FaultLab& lab = office.lab;
  CHECK_FALSE(has(lab.log("chiplocd"), "chiplocd.policy_differs"));
  REQUIRE(lab.verify_until(0, "VERIFIED") == "VERIFIED");
  CHECK(office.next() == "pending");  // its proof ends in a day, and only after 100 hours is it overdue
  CHECK(office.asked("policy list").empty());

  const Ran first = office.activate("first.toml", kAllSections, "after the audit");
  INFO(first.output);
  REQUIRE(first.exit_code == 0);
  for (const char* told :
       {"status.overdue_after_hours 100 -> 1", "orders.hold_least 7 -> 5",
        "cases.attempt_confirmations 2 -> 4", "scheduler.cadence_s 86400 -> 1", "scheduler.transshipment",
        "retention.mesh_hours 6 -> 48", "[retention] of the policy now"})
    CHECK(has(first.output, told));
  CHECK(office.next() == "overdue");
  // Nobody asks for rounds of the second chip, and one a day would be no more than one.
  const auto rounds = [&] { return office.asked("chip show C-2")["rounds"].get<int>(); };
  for (const auto limit = Clock::now() + 60s; rounds() < 3 && Clock::now() < limit;)
    std::this_thread::sleep_for(50ms);
  CHECK(rounds() >= 3);
  const json shown = office.asked("policy show");
  CHECK(shown["policy"] == kAllSections);
  CHECK(shown["number"] == 1);
  for (const char* section : {"status", "orders", "cases", "scheduler", "retention"})
    CHECK(shown["sections"][section]["of"] == "policy");
  CHECK(office.asked("status")["policy_version"] == shown["version"]);
  const json listed = office.asked("policy list");
  REQUIRE(listed.size() == 1);
  CHECK(listed[0]["policy"] == kAllSections);
  CHECK(listed[0]["reason"] == "after the audit");
  CHECK(listed[0]["sha256"] == shown["sha256"]);

  // A start finds it, and says by which keys chiplocd.toml would decide otherwise.
  const std::size_t from = lab.log_size("chiplocd");
  CHECK(lab.stop("chiplocd").how == "exited with 0");
  office.start(from);
  CHECK(office.asked("policy show") == shown);
  CHECK(office.next() == "overdue");
  const std::string said = lab.log("chiplocd").substr(from);
  INFO(said);
  CHECK(has(said, "chiplocd.policy_differs in_force=1 "));
  for (const char* key : {"status.overdue_after_hours 100 -> 1", "orders.hold_least 7 -> 5",
                          "scheduler.cadence_s 86400 -> 1", "retention.mesh_hours 6 -> 48"})
    CHECK(has(said, key));
  CHECK(office.verdict_behind(office.latest(), Office::Rounds::kByThemselves)["policy_version"] ==
        shown["version"]);

  const Ran second = office.activate("second.toml", kWithoutThree, "less");
  INFO(second.output);
  REQUIRE(second.exit_code == 0);
  for (const char* told : {"orders.hold_least 5 -> 6", "status.overdue_after_hours 1 -> 100",
                           "scheduler.cadence_s 1 -> 86400", "[status] of chiplocd.toml again",
                           "[scheduler] of chiplocd.toml again", "[retention] of chiplocd.toml again"})
    CHECK(has(second.output, told));
  CHECK_FALSE(has(second.output, "cases"));  // as before
  CHECK(office.next() == "pending");
  const json now = office.asked("policy show");
  for (const char* section : {"status", "scheduler", "retention"})
    CHECK(now["sections"][section]["of"] == "chiplocd.toml");
  CHECK(has(now["sections"]["status"]["configured"], "overdue_after_hours = 100\n"));
  CHECK(office.asked("policy list")[0]["differences"] ==
        Lines{"orders.hold_least 5 -> 6", "[scheduler] of chiplocd.toml again",
              "[status] of chiplocd.toml again", "[retention] of chiplocd.toml again"});
}

TEST_CASE("policy: a text with faults changes nothing, and each is told by line and key",
          "[faults][policy]") {
  Office office;
  REQUIRE(office.activate("good.toml", kWithoutThree, "good").exit_code == 0);
  const json shown = office.asked("policy show");
  const json listed = office.asked("policy list");
  const struct {
    const char* text;
    Lines faults;
  } wrong[] = {
      {"[policy]\nfaults = 1\n[orders]\nhold_leest = 3\n", {"wrong.toml:4: orders.hold_leest: unknown key"}},
      {"[policy]\nfaults = 99\n[status]\nconfirmations = 0\n",
       {"wrong.toml:2: policy.faults: ", "wrong.toml:4: status.confirmations: "}},
      {"[policy]\n[scheduler]\ntransshipment = [\"@hubs\"]\n[groups]\nport = [\"AE\"]\n",
       {"wrong.toml:3: scheduler.transshipment: '@hubs' names no group",
        "wrong.toml:5: groups.port: is named by nothing"}},
      {"[policy]\npings = 4\n", {"wrong.toml:2: policy.pings: is about measuring"}},
      {"[orders]\nhold_least = 4\n", {"wrong.toml:1: policy: missing"}},
      {"[policy]\nfaults = \n", {"wrong.toml:2"}},
  };
  for (const auto& one : wrong) {
    const Ran ran = office.activate("wrong.toml", one.text, "x");
    INFO(one.text << ran.output);
    CHECK(ran.exit_code == 78);
    for (const std::string& fault : one.faults) CHECK(has(ran.output, fault));
  }
  CHECK(office.asked("policy show") == shown);
  CHECK(office.asked("policy list") == listed);
}

TEST_CASE("policy: chiplocd is killed after each of several activations, and none is lost",
          "[faults][policy]") {
  Office office;
  FaultLab& lab = office.lab;
  json expected = json::array();
  for (int i = 1; i <= 4; ++i) {
    const std::string text = "[policy]\nfaults = 1\n[orders]\nhold_least = " + std::to_string(10 + i) + "\n";
    const std::size_t from = lab.log_size("chiplocd");
    const Ran ran = office.activate("next.toml", text, "step " + std::to_string(i));
    lab.kill("chiplocd");
    INFO(ran.output);
    REQUIRE(ran.exit_code == 0);
    office.start(from);
    expected.insert(expected.begin(), text);
    const json shown = office.asked("policy show");
    CHECK(shown["policy"] == text);
    CHECK(shown["number"] == i);
    json kept = json::array();
    for (const json& one : office.asked("policy list")) kept.push_back(one["policy"]);
    CHECK(kept == expected);
    CHECK(office.verdict_behind(office.latest(), Office::Rounds::kAsked)["policy_version"] ==
          shown["version"]);
  }
  CHECK(read_store(lab.database()).integrity == "ok");
}

}  // namespace
}  // namespace chiploc::faults
