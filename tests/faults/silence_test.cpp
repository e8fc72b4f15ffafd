// What SILENT says with real programs: each mistake made in a running lab, named by the verdict, and told by
// the agent's log where it knows.
#include <fstream>
#include <functional>

#include "tests/faults/fault_lab.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::faults {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::int64_t kHour = 3600LL * 1'000'000'000;
constexpr int kKnocking = 0;  // chip C-1
constexpr int kInbound = 1;   // chip C-2

std::string name_of_chip(int chip) { return "C-" + std::to_string(chip + 1); }

/// Another value for a key in each section of that name of an agent's file, by the section's number; the old
/// text comes back at the end.
class EditedAgent {
 public:
  EditedAgent(FaultLab& lab, int chip, const std::string& section, const std::string& key,
              const std::function<std::string(int)>& value)
      : lab_{lab},
        name_{name_of_chip(chip)},
        file_{lab.plan().agents.at(static_cast<std::size_t>(chip)).endpoint.folder / "agent.toml"} {
    std::ifstream in{file_};
    old_.assign(std::istreambuf_iterator<char>{in}, {});
    std::string text = old_;
    const std::string title = "[[" + section + "]]";
    int number = 0;
    for (std::size_t at = text.find(title); at != std::string::npos; at = text.find(title, at + 1)) {
      const std::size_t from = text.find(key + " = ", at);
      REQUIRE(from != std::string::npos);
      text.replace(from, text.find('\n', from) - from, key + " = \"" + value(number++) + "\"");
    }
    REQUIRE(number > 0);
    std::ofstream{file_, std::ios::trunc} << text;
    restart();
  }
  ~EditedAgent() {
    std::ofstream{file_, std::ios::trunc} << old_;
    restart();
  }
  EditedAgent(const EditedAgent&) = delete;
  EditedAgent& operator=(const EditedAgent&) = delete;

 private:
  void restart() {
    lab_.stop(name_);
    const std::size_t from = lab_.log_size(name_);
    lab_.launch(name_);
    CHECK(lab_.says(name_, "agent.started", from));
  }
  FaultLab& lab_;
  std::string name_;
  fs::path file_;
  std::string old_;
};

v1::Silence silence_of(FaultLab& lab, int chip) {
  const auto verdict = lab.verify(chip);
  CHECK(text_of(verdict) == "SILENT");
  if (!verdict) return {};
  CAPTURE(verdict.value().silence().ShortDebugString());
  CHECK(verdict.value().silence().causes_size() == 3);
  return verdict.value().silence();
}

void check_named(const v1::Silence& silence, const std::string& cause) {
  CAPTURE(cause, silence.ShortDebugString());
  REQUIRE(silence.causes_size() == 3);
  CHECK((silence.causes(0).code() == cause || silence.causes(1).code() == cause));
}

TEST_CASE(
    "silence: another coordinator's key in the agent's file is named by the verdict and by the agent's log",
    "[faults]") {
  FaultLab lab{{.anchors = 4, .chips = 2}};
  REQUIRE(lab.up() == "");
  for (const int chip : {kKnocking, kInbound}) {
    CAPTURE(chip);
    const std::string agent = name_of_chip(chip);
    REQUIRE(lab.verify_until(chip, "VERIFIED") == "VERIFIED");
    {
      const std::string stranger = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
      const EditedAgent edited{lab, chip, "coordinator", "public_key", [&](int) { return stranger; }};
      const std::size_t from = lab.log_size(agent);
      const v1::Silence silence = silence_of(lab, chip);
      check_named(silence, "coordinator_unknown");
      CHECK(silence.rejects_by_chip().count("unknown_coordinator") == 1);
      CHECK(lab.says(agent, "ticket.refused reason=unknown_coordinator times=1", from));
      CHECK(lab.says(agent, "trusted=21fe31dfa154a261626bf854046fd227", from));  // SHA-256 of that key
      CHECK(lab.log(agent).find("public_key = \"") == std::string::npos);
    }
    CHECK(lab.verify_until(chip, "VERIFIED") == "VERIFIED");
  }
}

TEST_CASE("silence: a wrong port of the rendezvous anchors, an agent that has stopped", "[faults]") {
  FaultLab lab{{.anchors = 4, .chips = 2}};
  REQUIRE(lab.up() == "");
  {
    REQUIRE(lab.verify_until(kKnocking, "VERIFIED") == "VERIFIED");
    const EditedAgent edited{lab, kKnocking, "rendezvous", "address",
                             [](int i) { return "127.0.0.1:" + std::to_string(2 + i); }};
    const v1::Silence silence = silence_of(lab, kKnocking);
    check_named(silence, "agent_stopped");
    CHECK(silence.causes(0).text().find("names another address or port") != std::string::npos);
    CHECK(silence.reached() == "tickets");
  }
  REQUIRE(lab.verify_until(kKnocking, "VERIFIED") == "VERIFIED");
  REQUIRE(lab.verify_until(kInbound, "VERIFIED") == "VERIFIED");
  for (const int chip : {kKnocking, kInbound}) {
    lab.stop(name_of_chip(chip));
    const v1::Silence silence = silence_of(lab, chip);
    check_named(silence, "agent_stopped");
    if (chip == kKnocking) {
      CHECK(silence.last_proof_unix_ns() > 0);
      CHECK(silence.waited_ns() >= Nanoseconds{1'400ms}.count());  // twice the lab's 200 ms, and a second
    }
    lab.launch(name_of_chip(chip));
    CHECK(lab.verify_until(chip, "VERIFIED") == "VERIFIED");
  }
}

TEST_CASE("silence: a clock that is off by an hour", "[faults]") {
  FaultLab lab{{.anchors = 4, .chips = 2, .shim = true}};
  REQUIRE(lab.up() == "");
  for (const int chip : {kKnocking, kInbound}) {
    for (const std::int64_t by : {kHour, -kHour}) {
      const std::string agent = name_of_chip(chip);
      CAPTURE(agent, by);
      const std::size_t from = lab.log_size(agent);
      lab.plan_of(agent).clock_offset_ns = by;
      const v1::Silence silence = silence_of(lab, chip);
      check_named(silence, "clock");
      CHECK(silence.causes(0).text().find(by > 0 ? "ahead of" : "behind") != std::string::npos);
      CHECK(lab.says(agent, by > 0 ? "s ahead of the coordinator's" : "s behind the coordinator's", from));
      lab.plan_of(agent).clock_offset_ns = 0;
      CHECK(lab.verify_until(chip, "VERIFIED") == "VERIFIED");
    }
  }
}

}  // namespace
}  // namespace chiploc::faults
