// The lab with the real programs: coordinator, anchors, agents and relay as processes, over real sockets.

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "geo/units.hpp"
#include "server/lab/lab_client.hpp"
#include "server/lab/lab_lock.hpp"
#include "server/lab/lab_world.hpp"
#include "server/lab/relay_control.hpp"
#include "tests/server/lab/lab_support.hpp"
#include "tests/server/lab/simulated_bytes.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/command.hpp"
#include "tests/support/paths.hpp"

namespace chiploc {
namespace {

namespace fs = std::filesystem;

const std::string kLabs = (source_dir() / "deploy/lab/").string();

struct TemporaryFolder {
  fs::path path;
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "chiploc-e2e-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
};

TEST_CASE("lab up --once --json: every chip of the small lab gets a verdict that may be", "[e2e]") {
  const Ran lab = run(program_path("chiploc") + " lab up " + kLabs + "small.toml --once --json");
  CAPTURE(lab.output);
  CHECK(lab.exit_code == 0);
  const auto json = nlohmann::json::parse(lab.output);
  REQUIRE(json.at("chips").size() == 4);
  const char* const states[] = {"VERIFIED", "OUTSIDE", "INVALID", "SILENT"};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto& chip = json.at("chips").at(i);
    CAPTURE(chip.dump());
    CHECK(chip.at("state") == states[i]);
    CHECK(chip.at("ok") == true);
    CHECK(chip.at("rounds") == 2);
    CHECK_FALSE(chip.at("reasons").empty());
  }
  CHECK(json.at("chips").at(0).at("anchors") == 5);
  CHECK(json.at("relay_error_us").at("p50").get<double>() > 0.0);
  CHECK(json.at("seconds").get<double>() < 60.0);
}

TEST_CASE("lab up: a faulty file is refused with file, line and key, before anything starts", "[e2e]") {
  const TemporaryFolder folder;
  const fs::path file = folder.path / "bad.toml";
  std::ofstream{file} << "[lab]\nname = \"bad\"\nprohibited = [\"ZZ\"]\n";
  const Ran lab = run(program_path("chiploc") + " lab up " + file.string() + " --once --json 2>&1");
  CHECK(lab.exit_code == 78);
  CHECK(lab.output.find("bad.toml:3: lab.prohibited: ") != std::string::npos);
}

TEST_CASE("lab up: events of the file come to pass between programs", "[e2e]") {
  const Ran lab = run(program_path("chiploc") + " lab up " + kLabs + "relays.toml --once --json");
  CAPTURE(lab.output);
  CHECK(lab.exit_code == 0);
  const auto json = nlohmann::json::parse(lab.output);
  REQUIRE(json.at("chips").size() == 5);
  const auto turn = [&](std::size_t chip, std::size_t round, const char* key) {
    return json.at("chips").at(chip).at("turns").at(round).at(key);
  };
  CHECK(turn(1, 0, "behaviour") == "honest");
  CHECK(turn(1, 0, "state") == "VERIFIED");
  CHECK(turn(1, 1, "behaviour") == "relayed");
  CHECK(turn(1, 1, "state") != "VERIFIED");
  CHECK(turn(1, 2, "behaviour") == "stalled");
  CHECK(turn(3, 0, "state") != "OUTSIDE");
  CHECK(turn(3, 1, "state") == "OUTSIDE");  // carried away with the order's second part
  CHECK(turn(4, 2, "state") == "OUTSIDE");
  CHECK(turn(4, 1, "at_s").get<double>() >= 8.0);
  CHECK(json.at("chips").at(4).at("order") == "SHIP-7");
  CHECK(json.at("chips").at(0).at("anchors") == 5);  // the fifth is up again
}

TEST_CASE("lab check --simulated: counts every behaviour, and says so in JSON", "[e2e]") {
  const std::string check =
      program_path("chiploc") + " lab check " + kLabs + "small.toml --simulated --seeds ";
  const Ran ran = run(check + "4..6 -o json 2>/dev/null");
  CAPTURE(ran.output);
  CHECK(ran.exit_code == 0);
  const auto json = nlohmann::json::parse(ran.output);
  CHECK(json.at("runs") == 3);
  CHECK(json.at("wrong_total") == 0);
  CHECK(json.at("behaviours").at("honest").at("flagged").at("hits") == 0);
  CHECK(json.at("behaviours").at("moved").at("flagged").at("hits") == 3);
  CHECK(json.at("behaviours").at("forged").at("flagged").at("trials") == 3);
  CHECK(json.at("behaviours").at("silent").at("states").at("SILENT") == 6);
  CHECK(json.at("rounds") == test::kSmallLabRounds);
  CHECK(json.at("evidence_sha256") == test::kSmallLabEvidence);
  CHECK(run(check + "x 2>/dev/null").exit_code == 64);
  const Ran table = run(program_path("chiploc") + " lab check " + kLabs + "small.toml --forecast --seeds 2");
  CHECK(table.exit_code == 0);
  CHECK(table.output.find("moved") != std::string::npos);
  CHECK(table.output.find("verdicts that may not be: 0") != std::string::npos);
  const Ran rounds = run(program_path("chiploc") + " lab check " + kLabs +
                         "relays.toml --rounds 2 --forecast --seeds 1 2>&1");
  CHECK(rounds.exit_code == 64);
  CHECK(rounds.output.find("has [[round]] sections") != std::string::npos);
}

TEST_CASE("lab check: a way to run it, and no seed, is the seed of the file", "[e2e]") {
  const TemporaryFolder tmp;
  const fs::path file = tmp.path / "other.toml";
  const Ran made = run("sed 's/^seed = 1$/seed = 5/' " + kLabs + "small.toml > " + file.string());
  REQUIRE(made.exit_code == 0);
  const std::string check = program_path("chiploc") + " lab check " + file.string() + " ";
  for (const std::string way : {"--simulated", "--forecast"}) {
    const Ran own = run(check + way + " -o json 2>/dev/null");
    INFO(own.output);
    CHECK(own.exit_code == 0);
    CHECK(nlohmann::json::parse(own.output).at("runs") == 1);
    CHECK(own.output == run(check + way + " --seeds 5..5 -o json 2>/dev/null").output);
  }
  const Ran alone = run(check);
  CHECK(alone.exit_code == 0);
  CHECK(alone.output.find(" anchors, ") != std::string::npos);
}

TEST_CASE("lab clean: the keys of a lab that was killed are found and removed", "[e2e]") {
  const TemporaryFolder tmp;
  const std::string chiploc = "TMPDIR=" + tmp.path.string() + " " + program_path("chiploc");
  const auto count = [&] {
    return std::distance(fs::directory_iterator{tmp.path}, fs::directory_iterator{});
  };
  // The lab's first line comes when its folder is there; it is killed at once then.
  FILE* const lab = ::popen(("TMPDIR=" + tmp.path.string() + " sh -c 'echo $$; exec " +
                             program_path("chiploc") + " lab up " + kLabs + "small.toml 2>&1'")
                                .c_str(),
                            "r");
  REQUIRE(lab != nullptr);
  std::array<char, 1024> line{};
  REQUIRE(std::fgets(line.data(), line.size(), lab) != nullptr);
  const auto pid = static_cast<pid_t>(std::stol(line.data()));
  REQUIRE(std::fgets(line.data(), line.size(), lab) != nullptr);
  CHECK(std::string{line.data()}.find("state in " + tmp.path.string()) != std::string::npos);
  REQUIRE(::kill(pid, SIGKILL) == 0);
  ::pclose(lab);
  REQUIRE(count() == 1);
  const Ran dry = run(chiploc + " lab clean --dry-run");
  CHECK(dry.exit_code == 0);
  CHECK(dry.output.find("would remove " + tmp.path.string() + "/chiploc-lab-") != std::string::npos);
  CHECK(count() == 1);
  const Ran next = run(chiploc + " lab check " + kLabs + "small.toml --forecast --seeds 1 2>&1");
  CHECK(next.output.find("removed the keys of 1 lab that had been killed, from " + tmp.path.string()) !=
        std::string::npos);
  CHECK(count() == 0);
  CHECK(run(chiploc + " lab clean").output == "labs that were killed, in " + tmp.path.string() + ": 0\n");
}

/// Whether any program's command line speaks of this folder.
bool anything_runs_with(const fs::path& folder) {
  std::error_code ignored;
  for (const auto& process : fs::directory_iterator{"/proc", ignored}) {
    std::ifstream in{process.path() / "cmdline", std::ios::binary};
    const std::string line{std::istreambuf_iterator<char>{in}, {}};
    if (line.find(folder.string()) != std::string::npos) return true;
  }
  return false;
}

struct Interrupted {
  int exit_code = -1;
  std::vector<std::string> after;  ///< lines that came once SIGINT was sent
  std::size_t left = 0;            ///< entries of the folder for temporary files
  bool runs = true;                ///< some program of the lab does
};
/// `chiploc lab ARGUMENTS`, interrupted as soon as it says `when`.
Interrupted interrupt(const std::string& arguments, const std::string& when) {
  const TemporaryFolder tmp;
  FILE* const lab = ::popen(("TMPDIR=" + tmp.path.string() + " sh -c 'echo $$; exec " +
                             program_path("chiploc") + " lab " + arguments + " 2>&1'")
                                .c_str(),
                            "r");
  REQUIRE(lab != nullptr);
  std::array<char, 4096> line{};
  REQUIRE(std::fgets(line.data(), line.size(), lab) != nullptr);
  const auto pid = static_cast<pid_t>(std::stol(line.data()));
  Interrupted out;
  bool sent = false;
  while (std::fgets(line.data(), line.size(), lab) != nullptr) {
    if (sent) out.after.emplace_back(line.data());
    if (!sent && std::string{line.data()}.find(when) != std::string::npos) sent = ::kill(pid, SIGINT) == 0;
  }
  const int status = ::pclose(lab);
  out.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  CHECK(sent);
  out.left =
      static_cast<std::size_t>(std::distance(fs::directory_iterator{tmp.path}, fs::directory_iterator{}));
  out.runs = anything_runs_with(tmp.path);
  return out;
}

TEST_CASE("lab: Ctrl-C is one line, and nothing of the lab is left", "[e2e]") {
  const bool check = GENERATE(false, true);
  const std::string when = GENERATE(as<std::string>{}, "all 5 anchors are attached", "round 1");
  CAPTURE(check, when);
  const Interrupted lab =
      interrupt((check ? "check " : "up ") + kLabs + "small.toml" + (check ? " --seeds 2" : ""), when);
  CHECK(lab.exit_code == 130);
  REQUIRE_FALSE(lab.after.empty());
  CAPTURE(lab.after);
  const auto told = std::count_if(lab.after.begin(), lab.after.end(), [](const std::string& line) {
    return line.find("chiploc lab: interrupted by signal 2 from process " + std::to_string(::getpid()) +
                     "; stopping its programs, removing ") == 0;
  });
  CHECK(told == 1);
  // What was being said just then may come before; nothing comes behind, and nobody speaks of a cancelled call.
  CHECK(lab.after.back().find("chiploc lab: interrupted") == 0);
  CHECK(lab.after.size() <= 2);
  for (const std::string& line : lab.after) CHECK(line.find("ANCELLED") == std::string::npos);
  CHECK(lab.left == 0);
  CHECK_FALSE(lab.runs);
}

TEST_CASE("lab check: Ctrl-C ends a simulated run, too, with the table of the seeds that are done", "[e2e]") {
  const Interrupted lab = interrupt("check " + kLabs + "small.toml --simulated --seeds 1000", "seed 3 of");
  CHECK(lab.exit_code == 130);
  REQUIRE(lab.after.size() > 2);
  const auto told = [](const std::string& line) {
    return line.find("chiploc lab: interrupted by signal 2") == 0;
  };
  CHECK(std::count_if(lab.after.begin(), lab.after.end(), told) == 1);
  const auto ended = [](const std::string& line) {
    return line.find("chiploc lab check: ended at seed ") == 0;
  };
  CHECK(std::count_if(lab.after.begin(), lab.after.end(), ended) == 1);
  CHECK(lab.left == 0);
}

TEST_CASE("lab up: Ctrl-C behind the table ends with the table's exit code, in one line", "[e2e]") {
  const Interrupted lab = interrupt("up " + kLabs + "small.toml", "To make a path slower");
  CHECK(lab.exit_code == 0);
  REQUIRE(lab.after.size() == 1);
  CHECK(lab.after[0].find("chiploc lab: interrupted by signal 2") == 0);
  CHECK(lab.left == 0);
  CHECK_FALSE(lab.runs);
}

/// A lab that this test runs itself, with a quiet network so that only what is changed changes.
class QuietLab {
 public:
  QuietLab() : lock_{LabLock::take({})} {
    REQUIRE(lock_.has_value());
    LabFile file = lab_from_tree("small.toml");
    file.network.loss = file.network.reorder = file.network.burst = 0.0;
    file.network.queue_mean = Nanoseconds{0};
    file.policy.pings = 40;
    file.policy.ping_interval_ms = 20;
    const auto programs = LabPrograms::in(program_path(""), file);
    if (!programs) FAIL(programs.error());
    world_ = std::make_unique<LabWorldRunner>(plan_lab(std::move(file), lock_->number(), folder_.path),
                                              programs.value(),
                                              [](const std::string& line) { std::cerr << line << "\n"; });
    const auto up = world_->start();
    if (!up) FAIL(up.error());
    auto client =
        LabClient::open(world_->plan().coordinator_address, {.ca = folder_.path / "ca.pem",
                                                             .certificate = folder_.path / "operator/tls.pem",
                                                             .key = folder_.path / "operator/tls.key"});
    if (!client) FAIL(client.error());
    client_ = std::move(client).value();
  }

  /// Smallest disk that each anchor proved for a chip over some rounds: what the machine's own delays leave.
  std::map<std::string, double> disks(const std::string& serial, int rounds) {
    std::map<std::string, double> smallest;
    for (int i = 0; i < rounds; ++i) {
      const auto verdict = client_->verify(serial, std::chrono::seconds{30});
      if (!verdict) FAIL(verdict.error().text);
      for (const v1::AnchorEvidence& anchor : verdict.value().anchors()) {
        if (!anchor.used()) continue;
        const auto at = smallest.emplace(anchor.anchor(), anchor.bound_km()).first;
        at->second = std::min(at->second, anchor.bound_km());
      }
    }
    return smallest;
  }

  [[nodiscard]] const fs::path& state() const { return folder_.path; }

 private:
  std::optional<LabLock> lock_;
  TemporaryFolder folder_;
  std::unique_ptr<LabWorldRunner> world_;
  std::unique_ptr<LabClient> client_;
};

TEST_CASE("a running lab: 5 ms more between a chip and one anchor widen that anchor's disk by 749 km",
          "[e2e]") {
  QuietLab lab;
  const auto before = lab.disks("SMALL-1", 3);
  REQUIRE(before.size() == 5);
  const Ran set =
      run(program_path("chiploc") + " lab set wol1 SMALL-1 --add-rtt-ms 5 --state " + lab.state().string());
  CHECK(set.exit_code == 0);
  const auto after = lab.disks("SMALL-1", 3);
  REQUIRE(after.size() == 5);
  for (const auto& [anchor, km] : before) {
    const double grown = after.at(anchor) - km;
    CAPTURE(anchor, km, grown);
    const double expected = anchor == "wol1" ? kLightInVacuum.km_s() * 0.005 / 2.0 : 0.0;
    CHECK(expected == Approx(anchor == "wol1" ? 749.48 : 0.0).margin(0.01));
    // Scheduling on two busy cores moves the smallest of 120 round trips by less than half a millisecond.
    CHECK(grown == Approx(expected).margin(75.0));
  }

  // The command line works against it.
  const Ran list = run("CHIPLOC_CONFIG=" + (lab.state() / "cli.toml").string() + " " +
                       program_path("chiploc") + " chip list -o json");
  CHECK(list.exit_code == 0);
  CHECK(list.output.find("SMALL-1") != std::string::npos);
}

}  // namespace
}  // namespace chiploc
