// witness.toml: the sample is right, and each fault is named by file, line and key.
#include "server/witness/witness_config.hpp"

#include <fstream>

#include "tests/server/witness/witness_world.hpp"
#include "tests/support/paths.hpp"

namespace chiploc::test {
namespace witness_config_test {

struct ConfigFile {
  TempDir folder;
  Result<WitnessConfig, std::vector<std::string>> load(const std::string& text) {
    return load_witness_config(folder.write("witness.toml", text));
  }
  std::string fault(const std::string& text) {
    const auto loaded = load(text);
    REQUIRE_FALSE(loaded);
    INFO(loaded.error().front());
    CHECK(loaded.error().size() == 1);
    CHECK(loaded.error().front().starts_with((folder / "witness.toml").string() + ":"));
    return loaded.error().front().substr((folder / "witness.toml").string().size() + 1);
  }
};

const std::string kWhole = R"([witness]
name = "witness.example/w1"
key = "witness.key"
state_dir = "kept"
address = "[::1]:7445"
certificate = "tls.pem"
tls_key = "tls.key"
)";

TEST_CASE("witness config: the sample is right, and its limits are the defaults", "[witness]") {
  ConfigFile file;
  const auto sample = file.load(read_file(source_dir() / "deploy/witness.toml"));
  if (!sample) FAIL(sample.error().front());
  const WitnessLimits usual;
  CHECK(sample->limits.connections == usual.connections);
  CHECK(sample->limits.connections_per_address == usual.connections_per_address);
  CHECK(sample->limits.requests_per_second == usual.requests_per_second);
  CHECK(sample->limits.requests_per_second_and_address == usual.requests_per_second_and_address);
  CHECK(sample->limits.waiting == usual.waiting);
  CHECK(sample->logs.empty());
  CHECK(sample->state_dir == file.folder / "state");
}

TEST_CASE("witness config: every key arrives", "[witness]") {
  ConfigFile file;
  const WitnessedLog one, replaced{"log.example"}, other{"other.example"};
  const auto loaded =
      file.load(kWhole + "[[log]]\nkey = \"" + vkey_text(one.key()) + "\"\n[[log]]\nkey = \"" +
                vkey_text(replaced.key()) + "\"\n[[log]]\nkey = \"" + vkey_text(other.key()) +
                "\"\n[limits]\nconnections = 10\nconnections_per_address = 2\nrequests_per_second = 7\n"
                "requests_per_second_and_address = 3\nwaiting = 5\n");
  if (!loaded) FAIL(loaded.error().front());
  CHECK(loaded->name == "witness.example/w1");
  CHECK(loaded->key.uri == "witness.key");
  CHECK(loaded->state_dir == file.folder / "kept");
  CHECK(loaded->address == "[::1]:7445");
  CHECK(loaded->certificate == file.folder / "tls.pem");
  CHECK(loaded->tls_key == file.folder / "tls.key");
  CHECK(loaded->logs == std::vector{one.key(), replaced.key(), other.key()});
  CHECK(loaded->limits.connections == 10);
  CHECK(loaded->limits.connections_per_address == 2);
  CHECK(loaded->limits.requests_per_second == 7);
  CHECK(loaded->limits.requests_per_second_and_address == 3);
  CHECK(loaded->limits.waiting == 5);
}

TEST_CASE("witness config: each fault is named by file, line and key", "[witness]") {
  ConfigFile file;
  const WitnessedLog log;
  const WitnessKey witness;
  const auto with = [](const std::string& find, const std::string& replace) {
    std::string out = kWhole;
    return out.replace(out.find(find), find.size(), replace);
  };
  const std::string entry = "[[log]]\nkey = \"" + vkey_text(log.key()) + "\"\n";
  CHECK(file.fault(with("witness.example/w1", "two words"))
            .starts_with("2: witness.name: \"two words\" is no name"));
  CHECK(file.fault(with("[::1]:7445", "w.example:7445")).starts_with("5: witness.address: "));
  CHECK(file.fault(with("tls_key = \"tls.key\"\n", "")).find("witness.tls_key: ") != std::string::npos);
  CHECK(file.fault(kWhole + "colour = 1\n").find("colour") != std::string::npos);
  CHECK(file.fault(kWhole + "[[log]]\nkey = \"nonsense\"\n").find("is no verifier key: ") !=
        std::string::npos);
  CHECK(file.fault(kWhole + "[[log]]\nkey = \"" + vkey_text(witness.signer.key()) + "\"\n")
            .find("is of a type that no log signs with") != std::string::npos);
  CHECK(file.fault(kWhole + entry + entry).find("stands here twice") != std::string::npos);
  CHECK(file.fault(kWhole + "[limits]\nrequests_per_second = 5\n").find("is more than requests_per_second") !=
        std::string::npos);
  CHECK(file.fault(kWhole + "[limits]\nwaiting = 0\n").find("limits.waiting: ") != std::string::npos);
}

}  // namespace witness_config_test
}  // namespace chiploc::test
