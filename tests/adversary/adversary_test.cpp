// The adversary against a running lab of real programs: whatever it sends, every chip's verdict stays what it
// was.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <string>

#include "server/lab/lab_client.hpp"
#include "server/lab/lab_lock.hpp"
#include "server/lab/lab_world.hpp"
#include "tests/server/lab/lab_support.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/command.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc {
namespace {

namespace fs = std::filesystem;

using States = std::map<std::string, std::string>;

class Lab {
 public:
  Lab() : lock_{LabLock::take({})} {
    REQUIRE(lock_.has_value());
    fs::create_directory(state());
    LabFile file = lab_from_tree("small.toml");
    for (const LabChip& chip : file.chips) serials_.push_back(chip.serial);
    const auto programs = LabPrograms::in(program_path(""), file);
    if (!programs) FAIL(programs.error());
    world_ = std::make_unique<LabWorldRunner>(plan_lab(std::move(file), lock_->number(), state()),
                                              programs.value(),
                                              [](const std::string& line) { std::cerr << line << "\n"; });
    const auto up = world_->start();
    if (!up) FAIL(up.error());
    auto client =
        LabClient::open(world_->plan().coordinator_address, {.ca = state() / "ca.pem",
                                                             .certificate = state() / "operator/tls.pem",
                                                             .key = state() / "operator/tls.key"});
    if (!client) FAIL(client.error());
    client_ = std::move(client).value();
  }
  /// One round of every chip, all at once.
  States measure() {
    std::map<std::string, std::future<std::string>> rounds;
    for (const std::string& serial : serials_) {
      rounds[serial] = std::async(std::launch::async, [this, serial] {
        const auto verdict = client_->verify(serial, std::chrono::seconds{60});
        return verdict ? v1::VerdictState_Name(verdict->state()) : verdict.error().text;
      });
    }
    States states;
    for (auto& [serial, round] : rounds) states[serial] = round.get();
    return states;
  }
  [[nodiscard]] std::string casualty() { return world_->casualty(); }
  void stop() { world_.reset(); }
  [[nodiscard]] fs::path state() const { return folder_.path() / "lab"; }
  /// The lines of all logs that hold `text`.
  [[nodiscard]] std::vector<std::string> logged(const std::string& text) const {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator{state() / "logs"}) {
      std::ifstream in{entry.path()};
      for (std::string line; std::getline(in, line);) {
        if (line.find(text) != std::string::npos) out.push_back(line);
      }
    }
    return out;
  }

 private:
  std::optional<LabLock> lock_;
  TempDir folder_;
  std::vector<std::string> serials_;
  std::unique_ptr<LabWorldRunner> world_;
  std::unique_ptr<LabClient> client_;
};

/// How many of a kind the adversary's table says it sent.
long sent_of(const std::string& output, const std::string& kind) {
  const auto at = output.find("\n" + kind + " ");
  return at == std::string::npos ? 0 : std::strtol(output.c_str() + at + kind.size() + 1, nullptr, 10);
}

TEST_CASE("adversary: no datagram and no connection of a stranger or an insider changes a verdict", "[e2e]") {
  Lab lab;
  const States before = lab.measure();
  CHECK(
      before ==
      States{{"SMALL-1", "VERIFIED"}, {"SMALL-2", "OUTSIDE"}, {"SMALL-3", "INVALID"}, {"SMALL-4", "SILENT"}});

  // What an insider has stolen: a ticket of a round that is over.
  const Ran evidence =
      run("CHIPLOC_CONFIG=" + (lab.state() / "cli.toml").string() + " " + program_path("chiploc") +
          " verdict show SMALL-1 --evidence " + (lab.state() / "stolen").string() + " 2>&1");
  INFO(evidence.output);
  REQUIRE(evidence.exit_code == 0);

  const std::string command = program_path("adversary") + " --lab " + lab.state().string() +
                              " --insider --ticket " + (lab.state() / "stolen/ticket-00.bin").string() +
                              " --seconds 10 --rate 800 --seed 7 2>&1";
  auto attack = std::async(std::launch::async, [&] { return run(command); });
  const States during = lab.measure();
  const Ran adversary = attack.get();
  INFO(adversary.output);
  CHECK(adversary.exit_code == 0);
  CHECK(during == before);
  // It opened under every ticket of these rounds as soon as it was issued.
  CHECK(sent_of(adversary.output, "open_live") >= 40 * 5);
  CHECK(lab.measure() == before);
  CHECK(lab.casualty().empty());
  // Every attempt on the coordinator's port was made and ended in a refusal that the client sees.
  for (const char* kind :
       {"garbage", "no_certificate", "plaintext", "foreign_ca_anchor", "foreign_ca_admin",
        "other_anchors_name", "anchor_as_operator", "report_without_hello", "oversize_message"})
    CHECK(adversary.output.find(std::string{"\n"} + kind + " ") != std::string::npos);

  lab.stop();
  for (const char* counter :
       {"rejected_malformed=", "rejected_bad_signature=", "rejected_unknown_session="}) {
    INFO(counter);
    const auto lines = lab.logged(counter);
    const auto of = [&](const char* event) {
      return std::count_if(lines.begin(), lines.end(),
                           [&](const std::string& l) { return l.find(event) != std::string::npos; });
    };
    CHECK(of("agent.counters") == 3);  // each agent
    if (std::string{counter} != "rejected_bad_signature=") CHECK(of("anchor.counters") >= 5);
  }
}

TEST_CASE("adversary: what it cannot attack, it says, with an exit code", "[e2e]") {
  const auto told = [](const std::string& arguments) {
    return run(program_path("adversary") + arguments + " 2>&1");
  };
  CHECK(told("").exit_code == 64);
  CHECK(told(" --target anchor=nowhere").exit_code == 64);
  CHECK(told(" --insider --target anchor=127.0.0.1:1").exit_code == 64);
  const Ran none = told(" --lab /nonexistent");
  CHECK(none.exit_code == 66);
  CHECK(none.output.find("/nonexistent/relay.toml") != std::string::npos);
}

}  // namespace
}  // namespace chiploc
