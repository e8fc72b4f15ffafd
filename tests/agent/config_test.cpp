#include "agent/config.hpp"

#include <algorithm>

#include "agent/endpoint.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

using namespace chiploc;

namespace {

/// A folder with a key and a certificate file (what is in them is looked at later), and a configuration that
/// is right.
struct Sample {
  Sample() {
    folder.write("chip.key", "k");
    folder.write("chip.pem", "c");
    folder.write("pin", "p");
  }
  [[nodiscard]] auto parse(const std::string& text) const {
    return parse_agent_config(text, "agent.toml", folder.path());
  }
  [[nodiscard]] std::vector<std::string> faults(const std::string& text) const {
    const auto config = parse(text);
    std::vector<std::string> out;
    if (!config) {
      for (const auto& fault : config.error()) out.push_back(fault.text());
    }
    return out;
  }
  TempDir folder;
  std::string public_key = to_hex(*generate_key(SignatureAlgorithm::kEd25519)->public_key().raw_ed25519());
  std::string second_key = to_hex(*generate_key(SignatureAlgorithm::kEd25519)->public_key().raw_ed25519());
  std::string good = R"([agent]
listen = ["127.0.0.1:7400", "[::1]:0"]
state_dir = "state"
[chip]
model = "LAB-100"
firmware_version = "1.2.3"
firmware_measurement = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"
debug_state = "disabled-permanently"
[key]
uri = "file:chip.key"
providers = ["default"]
properties = ""
certificate = "chip.pem"
[[coordinator]]
name = "lab"
public_key = ")" + public_key +
                     R"("
[[rendezvous]]
address = "127.2.0.1:7411"
public_key = ")" + second_key +
                     R"("
[knock]
mean_interval_ms = 5000
[limits]
sessions = 32
clock_skew_s = 60
[runtime]
realtime_priority = 50
cpu = 1
)";
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST_CASE("agent.toml: another program's file is said to be one before its single faults",
          "[agent][config]") {
  const Sample sample;
  const auto faults = sample.faults("[anchor]\nname = \"fra1\"\n[coordinator]\naddress = \"127.0.0.1:1\"\n");
  REQUIRE(faults.size() > 1);
  CHECK(faults[0].find("agent.toml: this seems to be an anchor.toml (it has [anchor]), the file of "
                       "chiploc-anchor; name an agent.toml") != std::string::npos);
}

}  // namespace

TEST_CASE("agent.toml: a good file says all there is", "[agent][config]") {
  const Sample sample;
  const auto config = sample.parse(sample.good);
  if (!config) FAIL(config.error().front().text());
  REQUIRE(config->listen.size() == 2);
  CHECK(text_of(config->listen[0]) == "127.0.0.1:7400");
  CHECK(text_of(config->listen[1]) == "[::1]:0");
  CHECK(config->state_dir == sample.folder / "state");
  CHECK(config->certificate == sample.folder / "chip.pem");
  CHECK(config->key.uri == "file:chip.key");
  CHECK(config->key.providers == std::vector<std::string>{"default"});
  CHECK(config->key.base_folder == sample.folder.path());
  CHECK(config->key.pin_file.empty());
  CHECK(config->identity.model == "LAB-100");
  CHECK(config->identity.debug_state == DebugState::kDisabledPermanently);
  CHECK(config->identity.firmware_measurement.bytes[15] == 0xFF);
  REQUIRE(config->coordinators.size() == 1);
  CHECK(to_hex(*config->coordinators[0].key.raw_ed25519()) == sample.public_key);
  REQUIRE(config->rendezvous.size() == 1);
  CHECK(text_of(config->rendezvous[0].endpoint) == "127.2.0.1:7411");
  CHECK(config->options.knock.mean_interval == std::chrono::seconds{5});
  CHECK(config->options.sessions == 32);
  CHECK(config->options.clock_skew == std::chrono::seconds{60});
  CHECK(config->realtime.priority == 50);
  CHECK(config->realtime.cpu == 1);
}

TEST_CASE("agent.toml: knock, limits and rendezvous may be left out", "[agent][config]") {
  const Sample sample;
  const auto at = sample.good.find("[[rendezvous]]");
  const auto config = sample.parse(sample.good.substr(0, at));
  REQUIRE(config);
  CHECK(config->rendezvous.empty());
  CHECK(config->options.sessions == 64);
  CHECK(config->realtime.priority == 0);
  CHECK(config->realtime.cpu == -1);
  CHECK(config->options.clock_skew == std::chrono::seconds{300});
  CHECK(config->options.knock.mean_interval == std::chrono::seconds{30});
}

TEST_CASE("agent.toml: each fault is named by file, line and key", "[agent][config]") {
  const Sample sample;
  struct Row {
    std::string from, to, fault;
  };
  const std::vector<Row> rows{
      {"[\"127.0.0.1:7400\", \"[::1]:0\"]", "[]", "agent.toml:2: agent.listen: names 0 addresses; "},
      {"[\"127.0.0.1:7400\", \"[::1]:0\"]", "[\"127.0.0.1:1\", \"127.0.0.2:1\", \"127.0.0.3:1\"]",
       "agent.toml:2: agent.listen: names 3 addresses; "},
      {"[\"127.0.0.1:7400\", \"[::1]:0\"]", "\"127.0.0.1:7400\"",
       "agent.toml:2: agent.listen: is not a list of strings; "},
      {"[\"127.0.0.1:7400\", \"[::1]:0\"]", "[7400]",
       "agent.toml:2: agent.listen: is not a list of strings; "},
      {"127.0.0.1:7400", "localhost:7400",
       "agent.toml:2: agent.listen: \"localhost:7400\" is no numeric address with a port; "},
      {"state_dir = \"state\"\n", "", "agent.toml:1: agent.state_dir: is missing; "},
      {"state_dir = \"state\"", "state_dir = \"\"", "agent.toml:3: agent.state_dir: is empty; "},
      {"state_dir = \"state\"", "state_dir = 5", "agent.toml:3: agent.state_dir: is not a string; "},
      {"state_dir", "stat_dir", "agent.toml:3: agent.stat_dir: unknown key; "},
      {"model = \"LAB-100\"", "model = \"" + std::string(65, 'x') + "\"",
       "agent.toml:5: chip.model: is longer than 64 bytes; "},
      {"model = \"LAB-100\"", "model = \"a\\tb\"", "agent.toml:5: chip.model: has control characters; "},
      {"\"0011", "\"zz11", "agent.toml:7: chip.firmware_measurement: is not 64 hexadecimal digits; "},
      {"\"0011", "\"11", "agent.toml:7: chip.firmware_measurement: is not 64 hexadecimal digits; "},
      {"disabled-permanently", "off", "agent.toml:8: chip.debug_state: \"off\" is no debug state; "},
      {"file:chip.key", "file:none.key", "agent.toml:10: key.uri: "},
      {"file:chip.key", "file:.", "agent.toml:10: key.uri: "},
      {"[\"default\"]", "\"default\"", "agent.toml:11: key.providers: is not a list of strings; "},
      {"properties = \"\"", "pin_file = \"no-pin\"", "agent.toml:12: key.pin_file: "},
      {"certificate = \"chip.pem\"", "certificate = \"none.pem\"", "agent.toml:13: key.certificate: "},
      {"name = \"lab\"\n", "", "agent.toml:14: coordinator[0].name: is missing; "},
      {"public_key = \"" + sample.public_key, "public_key = \"00",
       "agent.toml:16: coordinator[0].public_key: is not 64 hexadecimal digits; "},
      {sample.public_key, std::string(64, '0'),
       "agent.toml:16: coordinator[0].public_key: is no Ed25519 key ("},
      {"127.2.0.1:7411", "127.2.0.1:0", "agent.toml:18: rendezvous[0].address: port 0 cannot be reached; "},
      {"127.2.0.1:7411", "127.2.0.1", "agent.toml:18: rendezvous[0].address: \"127.2.0.1\" is no numeric"},
      {"mean_interval_ms = 5000", "mean_interval_ms = 99",
       "agent.toml:21: knock.mean_interval_ms: 99 is out of range; "},
      {"mean_interval_ms = 5000", "mean_interval_ms = 2.5",
       "agent.toml:21: knock.mean_interval_ms: is not a whole number; "},
      {"sessions = 32", "sessions = 0", "agent.toml:23: limits.sessions: 0 is out of range; "},
      {"sessions = 32", "sessions = 4097", "agent.toml:23: limits.sessions: 4097 is out of range; "},
      {"clock_skew_s = 60", "clock_skew_s = -1", "agent.toml:24: limits.clock_skew_s: -1 is out of range; "},
      {"clock_skew_s = 60", "clock_skew = 60", "agent.toml:24: limits.clock_skew: unknown key; "},
      {"realtime_priority = 50", "realtime_priority = 100",
       "agent.toml:26: runtime.realtime_priority: 100 is out of range; "},
      {"cpu = 1", "cpu = -2", "agent.toml:27: runtime.cpu: -2 is out of range; "},
      {"[limits]", "[limit]", "agent.toml:22: limit: unknown table or key; "},
      {"[[coordinator]]", "[coordinator]", "agent.toml:14: coordinator: is not a list of tables; "},
      {"[agent]", "colour = 1\n[agent]", "agent.toml:1: colour: unknown table or key; "},
  };
  for (const Row& row : rows) {
    const auto faults = sample.faults(replaced(sample.good, row.from, row.to));
    CAPTURE(row.from, row.to, row.fault, faults);
    const bool named = std::any_of(faults.begin(), faults.end(),
                                   [&](const std::string& fault) { return fault.find(row.fault) == 0; });
    CHECK(named);
    // The problem, and after it what to do.
    for (const auto& fault : faults) CHECK(fault.find("; ") != std::string::npos);
  }
}

TEST_CASE("agent.toml: a coordinator or an anchor named twice is a fault", "[agent][config]") {
  const Sample sample;
  const auto twice = sample.faults(sample.good + "[[coordinator]]\nname = \"again\"\npublic_key = \"" +
                                   sample.public_key + "\"\n");
  REQUIRE(twice.size() == 1);
  CHECK(twice[0].find("agent.toml:30: coordinator[1].public_key: is that of an earlier coordinator; ") == 0);
  const auto anchor =
      sample.faults(sample.good + "[[rendezvous]]\naddress = \"127.2.0.1:7411\"\npublic_key = \"" +
                    sample.public_key + "\"\n");
  REQUIRE(anchor.size() == 1);
  CHECK(anchor[0].find("agent.toml:29: rendezvous[1].address: is that of an earlier anchor; ") == 0);
}

TEST_CASE("agent.toml: no coordinator at all is a fault", "[agent][config]") {
  const Sample sample;
  const auto begin = sample.good.find("[[coordinator]]");
  const auto end = sample.good.find("[[rendezvous]]");
  const auto faults = sample.faults(sample.good.substr(0, begin) + sample.good.substr(end));
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].find("no coordinator may measure this chip") != std::string::npos);
}

TEST_CASE("agent.toml: a rendezvous anchor needs a socket of its family", "[agent][config]") {
  const Sample sample;
  const auto faults = sample.faults(
      replaced(replaced(sample.good, ", \"[::1]:0\"", ""), "127.2.0.1:7411", "[2001:db8::1]:7411"));
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].find("agent.toml:18: rendezvous[0].address: has another address family") == 0);
}

TEST_CASE("agent.toml: all faults come at once, in the order of their lines", "[agent][config]") {
  const Sample sample;
  std::string text = replaced(sample.good, "sessions = 32", "sessions = 0");
  text = replaced(text, "model = \"LAB-100\"", "model = 7");
  text = replaced(text, "state_dir", "stat_dir");
  text = replaced(text, "127.2.0.1:7411", "anchor.example:7411");
  const auto config = sample.parse(text);
  REQUIRE_FALSE(config);
  std::vector<std::uint32_t> lines;
  for (const auto& fault : config.error()) lines.push_back(fault.line);
  CHECK(lines == std::vector<std::uint32_t>{1, 3, 5, 18, 23});
}

TEST_CASE("agent.toml: a key that begins as none does is a fault, not the end of the program",
          "[agent][config]") {
  Sample sample;
  for (const char* text : {"[.'a='", "\xCE\x89", "\xCE\x89 = 1\n"}) {
    const auto faults = sample.faults(text);
    REQUIRE(faults.size() == 1);
    CHECK_THAT(faults[0], Catch::StartsWith("agent.toml:1: "));
  }
}

TEST_CASE("agent.toml: what is no TOML is one fault with its line", "[agent][config]") {
  const Sample sample;
  const auto faults = sample.faults("[agent]\nlisten = [\n= 3\n");
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].find("agent.toml:3: ") == 0);
  CHECK_FALSE(load_agent_config(sample.folder / "none.toml"));
  CHECK(load_agent_config(sample.folder / "none.toml").error()[0].text() ==
        (sample.folder / "none.toml").string() +
            ": no such file; correct the path, or make one: chiploc-agent init");
  CHECK(load_agent_config(sample.folder.path()).error()[0].text().find("is a folder") != std::string::npos);
  CHECK_FALSE(sample.parse(""));
}
