#include "server/coordinator/config.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include "server/status/status_keeper.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/paths.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

std::string sample() {
  std::ifstream in{source_dir() / "deploy/chiplocd.toml"};
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string with(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::vector<std::string> faults_of(const std::string& text) {
  return parse_daemon_config(text, "/etc/c/d.toml").faults;
}

TEST_CASE("chiplocd.toml: the sample is right, and its values are the defaults") {
  const auto read = parse_daemon_config(sample(), "/etc/chiploc/chiplocd.toml");
  CHECK(read.faults.empty());
  CHECK(read.config.database == "/etc/chiploc/chiploc.db");
  CHECK(read.config.coordinator.policy.speed == kLightInVacuum);
  const RoundOptions defaults;
  CHECK(read.config.coordinator.round.deadline == defaults.deadline);
  CHECK(read.config.coordinator.round.knock_interval == defaults.knock_interval);
  CHECK(read.config.coordinator.round.knock_wait == defaults.knock_wait);
  const Retention keep;
  CHECK(read.config.coordinator.retention.mesh == keep.mesh);
  CHECK(read.config.coordinator.retention.mesh_windows == keep.mesh_windows);
  CHECK(read.config.coordinator.retention.knocks == keep.knocks);
  CHECK(read.config.coordinator.retention.knocks_max == keep.knocks_max);
  CHECK(read.config.coordinator.mesh_peers == kMeshPeersMax);
  CHECK(read.config.coordinator.round.linger == defaults.linger);
  CHECK(read.config.coordinator.round.pings == defaults.pings);
  CHECK(read.config.coordinator.policy.version.find("vacuum faults=1") != std::string::npos);
}

TEST_CASE("chiplocd.toml: each fault is named by file, line and key") {
  const std::vector<std::pair<std::pair<std::string, std::string>, std::string>> cases{
      {{"grpc = \"127.0.0.1:7443\"", "grpc = \"localhost\""}, "coordinator.grpc"},
      {{"speed = \"vacuum\"", "speed = \"warp\""}, "policy.speed"},
      {{"faults = 1", "faults = -1"}, "policy.faults"},
      {{"pings = 12", "pings = 65"}, "policy.pings"},
      {{"round_deadline_ms = 15000", "round_deadline_ms = 4000"}, "policy.round_deadline_ms"},
      {{"knock_wait_ms = 180000", "knock_wait_ms = 60000"}, "policy.knock_wait_ms"},
      {{"cadence_s = 0 ", "cadence = 0 "}, "scheduler.cadence"},
      {{"transshipment = []", "transshipment = [\"Emirates\"]"}, "scheduler.transshipment"},
      {{"again_s = 60", "again_s = 0"}, "scheduler.again_s"},
      {{"rounds = 1024", "rounds = \"many\""}, "limits.rounds"},
      {{"key = \"tls.key\"", "kye = \"tls.key\""}, "tls.k"},
  };
  for (const auto& [change, key] : cases) {
    INFO(change.second);
    const auto faults = faults_of(with(sample(), change.first, change.second));
    REQUIRE_FALSE(faults.empty());
    CHECK(faults.front().rfind("/etc/c/d.toml:", 0) == 0);
    CHECK(faults.front().find(key) != std::string::npos);
  }
}

TEST_CASE("chiplocd.toml: whom newcomers get their certificates from") {
  const auto none = parse_daemon_config(sample(), "/etc/c/d.toml").config.enrol;
  CHECK(none.authority.empty());
  CHECK(none.passphrase_file.empty());
  CHECK(none.days == 365);
  const auto text = [](const std::string& address, const std::string& enrol) {
    const std::string http =
        with(sample(), "[http]\naddress = \"\"", "[http]\naddress = \"" + address + "\"");
    return http.substr(0, http.find("[enrol]")) + "[enrol]\n" + enrol;
  };
  const auto read = parse_daemon_config(
      text("127.0.0.1:7480", "authority = \"../ca\"\npassphrase_file = \"ca.pass\"\ndays = 30\n"),
      "/etc/c/d.toml");
  CHECK(read.faults.empty());
  CHECK(read.config.enrol.authority.lexically_normal() == "/etc/ca");
  CHECK(read.config.enrol.passphrase_file == "/etc/c/ca.pass");
  CHECK(read.config.enrol.days == 30);
  for (const auto& [address, enrol, said] : std::vector<std::array<std::string, 3>>{
           {"", "authority = \"../ca\"", "enrol.authority: newcomers come by HTTP"},
           {"127.0.0.1:7480", "days = 0", "enrol.days"},
           {"127.0.0.1:7480", "days = 3651", "enrol.days"},
           {"127.0.0.1:7480", "authority = 7", "enrol.authority"},
           {"127.0.0.1:7480", "passphrase = \"x\"", "enrol.passphrase"}}) {
    INFO(enrol);
    const auto faults = faults_of(text(address, enrol + "\n"));
    REQUIRE(faults.size() == 1);
    CHECK(faults.front().find(said) != std::string::npos);
  }
}

TEST_CASE("chiplocd.toml: who is measured more often, and a cadence that would bring nothing") {
  CHECK(parse_daemon_config(sample(), "d.toml").config.coordinator.schedule.cadence ==
        std::array<Nanoseconds, kRiskTiers>{});
  const auto cadences = [](const std::string& standard, const std::string& raised, const std::string& high) {
    std::string text = with(sample(), "\ncadence_s = 0 ", "\ncadence_s = " + standard + " ");
    text = with(text, "raised_cadence_s = 0 ", "raised_cadence_s = " + raised + " ");
    text = with(text, "high_cadence_s = 0 ", "high_cadence_s = " + high + " ");
    return with(text, "transshipment = []", "transshipment = [\"my\", \"AE\"]");
  };
  const auto read = parse_daemon_config(cadences("86400", "21600", "3600"), "d.toml");
  REQUIRE(read.faults.empty());
  const ScheduleRules& rules = read.config.coordinator.schedule;
  CHECK(rules.cadence == std::array<Nanoseconds, kRiskTiers>{24h, 6h, 1h});
  REQUIRE(rules.tiers.transshipment.size() == 2);
  CHECK(rules.tiers.transshipment.front().text() == "AE");  // sorted
  CHECK(read.config.rules.scheduler.tiers.transshipment == rules.tiers.transshipment);
  CHECK(rules.tiers.new_site == 30 * 24h);
  CHECK(parse_daemon_config(cadences("0", "21600", "0"), "d.toml").faults.empty());
  for (const auto& [text, key] :
       std::vector<std::pair<std::string, std::string>>{{cadences("60", "60", "0"), "raised_cadence_s"},
                                                        {cadences("60", "0", "61"), "high_cadence_s"},
                                                        {cadences("0", "60", "60"), "high_cadence_s"}}) {
    const auto faults = faults_of(text);
    REQUIRE(faults.size() == 1);
    CHECK(faults.front().find(key) != std::string::npos);
  }
}

TEST_CASE("chiplocd.toml: how long mesh and knocks are kept is set by age and by number") {
  std::string text = with(sample(), "mesh_hours = 6 ", "mesh_hours = 48 ");
  text = with(text, "mesh_windows = 1000000 ", "mesh_windows = 2000 ");
  text = with(text, "knocks_days = 90 ", "knocks_days = 7 ");
  text = with(text, "knocks = 10000000 ", "knocks = 3000 ");
  const auto read = parse_daemon_config(text, "d.toml");
  REQUIRE(read.faults.empty());
  const Retention& keep = read.config.coordinator.retention;
  CHECK(keep.mesh == std::chrono::hours{48});
  CHECK(keep.mesh_windows == 2'000);
  CHECK(keep.knocks == std::chrono::hours{7 * 24});
  CHECK(keep.knocks_max == 3'000);
  CHECK_FALSE(faults_of(with(sample(), "mesh_hours = 6 ", "mesh_hours = 0 ")).empty());
  CHECK_FALSE(faults_of(with(sample(), "knocks_days = 90 ", "knocks_days = 0 ")).empty());
}

TEST_CASE("chiplocd.toml: the rules of the status are all there, each within its bounds") {
  using std::chrono::hours;
  const auto usual = parse_daemon_config(sample(), "d.toml").config.rules.status;
  CHECK(text_of(usual) == text_of(StatusKeeping{}));  // the sample's values are the defaults
  std::string text = sample();
  int value = 11;
  for (const char* key :
       {"confirm_within_hours", "unproven_after_hours", "silent_after_hours", "overdue_after_hours",
        "lost_proof_after_hours", "dispute_most_hours", "absence_most_hours", "absences_a_year_hours"}) {
    const auto at = text.find(key) + std::string{key}.size() + 3;
    text.replace(at, text.find(' ', at) - at, std::to_string(value++));
  }
  text = with(text, "confirmations = 2 ", "confirmations = 3 ");
  text = with(text, "restorations = 2 ", "restorations = 8 ");
  text = with(text, "cleared_is_enough = false", "cleared_is_enough = true");
  const auto read = parse_daemon_config(text, "d.toml");
  REQUIRE(read.faults.empty());
  const StatusRules& rules = read.config.rules.status.rules;
  CHECK(read.config.rules.status.cleared_is_enough);
  CHECK(rules.confirmations == 3);
  CHECK(rules.restorations == 8);
  CHECK(rules.confirm_within == hours{11});
  CHECK(rules.unproven_after == hours{12});
  CHECK(rules.silent_after == hours{13});
  CHECK(rules.overdue_after == hours{14});
  CHECK(rules.lost_proof_after == hours{15});
  CHECK(rules.dispute_most == hours{16});
  CHECK(rules.absence_most == hours{17});
  CHECK(rules.absences_a_year == hours{18});
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"confirmations = 2 ", "confirmations = 0 "},
           {"confirmations = 2 ", "confirmations = 9 "},
           {"restorations = 2 ", "restorations = 9 "},
           {"silent_after_hours = 48 ", "silent_after_hours = 0 "},
           {"silent_after_hours = 48 ", "silent_after_hours = 8761 "},
           {"silent_after_hours = 48 ", "silent_after_hours = \"two days\" "},
           {"silent_after_hours = 48 ", "silent_after = 48 "},
           {"cleared_is_enough = false", "cleared_is_enough = 0"},
           {"absences_a_year_hours = 2880 ", "absences_a_year_hours = 1439 "}}) {
    const auto faults = faults_of(with(sample(), from, to));
    INFO(to);
    REQUIRE_FALSE(faults.empty());
    const std::string key = to.substr(0, to.find(' '));
    const std::string before = sample().substr(0, sample().find(from));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    CHECK(faults.front().rfind("/etc/c/d.toml:" + std::to_string(line) + ": status." + key, 0) == 0);
  }
}

TEST_CASE("chiplocd.toml: what comes in by HTTP at once is set by its keys") {
  const HttpConfig usual = parse_daemon_config(sample(), "d.toml").config.http;
  const auto numbers = [](const HttpConfig& http) {
    return std::vector<double>{static_cast<double>(http.limits.connections),
                               static_cast<double>(http.limits.connections_address),
                               static_cast<double>(http.limits.streams),
                               static_cast<double>(http.watching.by_caller),
                               http.rates.by_caller.per_second,
                               http.rates.by_caller.burst,
                               http.rates.by_address.per_second,
                               http.rates.by_address.burst};
  };
  CHECK(numbers(usual) == numbers(HttpConfig{}));  // the sample's values are the defaults
  CHECK(usual.watching.watchers == WatchLimits{}.watchers);
  const std::vector<std::string> keys{"connections",          "connections_per_address", "streams",
                                      "watchers_per_caller",  "requests_per_caller",     "burst_per_caller",
                                      "requests_per_address", "burst_per_address"};
  const auto set = [](std::string text, const std::string& key, const std::string& value) {
    const auto at = text.find("\n" + key + " = ") + key.size() + 4;
    return text.replace(at, text.find_first_of(" \n", at) - at, value);
  };
  std::string text = sample();
  std::vector<double> wanted;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    wanted.push_back(30'000.0 - static_cast<double>(i));
    text = set(text, keys[i], std::to_string(30'000 - i));
  }
  const auto read = parse_daemon_config(text, "d.toml");
  REQUIRE(read.faults.empty());
  CHECK(numbers(read.config.http) == wanted);
  CHECK(read.config.http.watching.watchers == 29'998);  // no stream that could not be watched
  for (const std::string& key : keys) {
    for (const char* value : {"0", "1000001", "2.5", "\"many\""}) {
      INFO(key << " = " << value);
      const auto faults = faults_of(set(sample(), key, value));
      REQUIRE(faults.size() == 1);
      const std::string before = sample().substr(0, sample().find("\n" + key + " = ") + 1);
      const auto line = 1 + std::count(before.begin(), before.end(), '\n');
      CHECK(faults.front().rfind("/etc/c/d.toml:" + std::to_string(line) + ": http." + key + ": ", 0) == 0);
    }
  }
}

TEST_CASE("chiplocd.toml: no limit of HTTP lets in what another leaves no room for") {
  const auto http = [](const std::string& keys) {
    std::string text = sample();
    const auto from = text.find("[http]\n") + 7;
    return text.replace(from, text.find("[enrol]") - from, "address = \"127.0.0.1:7480\"\n" + keys + "\n");
  };
  const auto fault = [&](const std::string& keys) {
    const auto faults = faults_of(http(keys));
    REQUIRE(faults.size() == 1);
    return faults.front();
  };
  CHECK(fault("streams = 12001")
            .find("http.streams: 12001 is more than http.connections has room for (12000)") !=
        std::string::npos);
  CHECK(fault("connections = 500\nstreams = 501").find("http.streams: 501") != std::string::npos);
  CHECK(fault("watchers_per_caller = 10001")
            .find("http.watchers_per_caller: 10001 is more than http.streams") != std::string::npos);
  CHECK(faults_of(http("connections = 50000\nstreams = 50000\nwatchers_per_caller = 50000")).empty());
  const auto small = parse_daemon_config(http("connections = 50"), "d.toml");
  REQUIRE(small.faults.empty());  // what was not said follows
  CHECK(small.config.http.limits.streams == 50);
  CHECK(small.config.http.watching.watchers == 50);
  CHECK(small.config.http.watching.by_caller == 50);
}

TEST_CASE("chiplocd.toml: without [status] its rules are the usual ones") {
  std::string text = sample();
  const auto from = text.find("[status]");
  text.erase(from, text.find("[limits]") - from);
  const auto read = parse_daemon_config(text, "d.toml");
  REQUIRE(read.faults.empty());
  CHECK(text_of(read.config.rules.status) == text_of(StatusKeeping{}));
}

TEST_CASE("chiplocd.toml: a longer knock interval takes the wait with it, unless that is given") {
  using namespace std::chrono_literals;
  const std::string longer = with(sample(), "knock_interval_ms = 30000", "knock_interval_ms = 120000");
  const auto faults = faults_of(longer);
  REQUIRE(faults.size() == 1);  // the sample's three minutes are less than twice that
  CHECK(faults[0].find("make it 241000 or more") != std::string::npos);
  const auto read = parse_daemon_config(with(longer, "knock_wait_ms = 180000", ""), "c.toml");
  CHECK(read.faults.empty());
  CHECK(read.config.coordinator.round.knock_wait == 241s);
}

TEST_CASE("samples: the agent's knocks come within what the coordinator waits for at least") {
  using namespace std::chrono_literals;
  std::ifstream file{source_dir() / "deploy/agent.toml"};
  const std::string agent{std::istreambuf_iterator<char>{file}, {}};
  const std::string key = "mean_interval_ms = ";
  const Nanoseconds mean = std::chrono::milliseconds{std::stoll(agent.substr(agent.find(key) + key.size()))};
  const auto daemon = parse_daemon_config(sample(), "c.toml");
  CHECK(usual_knock_wait(daemon.config.coordinator.round) >= 2 * mean + 1s);  // one KNOCK may be lost
  CHECK(daemon.config.coordinator.round.knock_wait >= usual_knock_wait(daemon.config.coordinator.round));
}

TEST_CASE("chiplocd.toml: fibre is taken as 2/3 c and lands in the policy's version") {
  const auto read = parse_daemon_config(with(sample(), "speed = \"vacuum\"", "speed = \"fibre\""), "d.toml");
  REQUIRE(read.faults.empty());
  CHECK(read.config.coordinator.policy.speed == kLightInFibre);
  CHECK(read.config.coordinator.policy.version.find("fibre") != std::string::npos);
}

}  // namespace
}  // namespace chiploc
