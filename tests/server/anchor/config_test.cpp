#include "server/anchor/config.hpp"

#include <fstream>

#include "server/net/endpoint.hpp"
#include "tests/support/temp_folder.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

struct ConfigFile {
  TempFolder folder;
  std::filesystem::path file = folder / "anchor.toml";
  auto load(const std::string& text) {
    std::ofstream{file} << text;
    return load_anchor_config(file);
  }
};

const std::string kWhole = R"([anchor]
name = "fra1"
listen = ["127.4.0.1:7411", "[::1]:7411"]
key = "anchor.key"
state_dir = "state"
[coordinator]
address = "127.0.0.1:7443"
server_name = "chiplocd"
ca = "ca.pem"
certificate = "tls.pem"
tls_key = "tls.key"
[mesh]
interval_ms = 500
report_interval_ms = 20000
[timing]
stamps = "kernel-receive"
[runtime]
realtime_priority = 50
cpu = 1
[limits]
rounds = 8192
spool_messages = 5000
)";

TEST_CASE("Anchor config: every key arrives, paths count from the file's folder", "[anchor][config]") {
  ConfigFile config;
  const auto loaded = config.load(kWhole);
  if (!loaded) FAIL(loaded.error().front());
  CHECK(loaded->name == "fra1");
  REQUIRE(loaded->listen.size() == 2);
  CHECK(endpoint_text(loaded->listen[1]) == "[::1]:7411");
  CHECK(loaded->key.uri == "anchor.key");
  CHECK(loaded->key.base_folder == config.folder.path());
  CHECK(loaded->state_dir == config.folder / "state");
  CHECK(loaded->coordinator_address == "127.0.0.1:7443");
  CHECK(loaded->server_name == "chiplocd");
  CHECK(loaded->tls.ca == config.folder / "ca.pem");
  CHECK(loaded->tls.certificate == config.folder / "tls.pem");
  CHECK(loaded->tls.key == config.folder / "tls.key");
  CHECK(loaded->mesh_interval == 500ms);
  CHECK(loaded->mesh_report_interval == 20s);
  CHECK(loaded->stamps == StampMode::kKernelReceive);
  CHECK(loaded->realtime.priority == 50);
  CHECK(loaded->realtime.cpu == 1);
  CHECK(loaded->rounds == 8192);
  CHECK(loaded->spool_messages == 5000);
}

TEST_CASE("Anchor config: what may be left out has its default", "[anchor][config]") {
  ConfigFile config;
  const auto loaded = config.load(
      "[anchor]\nname = \"a\"\nlisten = [\"0.0.0.0:1\"]\nkey = \"k\"\n"
      "[coordinator]\naddress = \"chiplocd.example:7443\"\nca = "
      "\"a\"\ncertificate = \"b\"\ntls_key = \"c\"\n");
  if (!loaded) FAIL(loaded.error().front());
  CHECK(loaded->mesh_interval == 1s);
  CHECK(loaded->mesh_report_interval == 10s);
  CHECK(loaded->stamps == StampMode::kKernel);
  CHECK(loaded->realtime.priority == 0);
  CHECK(loaded->realtime.cpu == -1);
  CHECK(loaded->rounds == 4096);
  CHECK(loaded->spool_messages == 100'000);
  CHECK(loaded->server_name == "chiplocd");
  CHECK(loaded->state_dir == config.folder / "state");
}

TEST_CASE("Anchor config: all faults are told at once, with file, line, key and remedy", "[anchor][config]") {
  ConfigFile config;
  const auto loaded = config.load(R"([anchor]
name = "fra1"
listen = ["127.4.0.1", "127.0.0.1:1"]
kye = "anchor.key"
[coordinator]
address = "127.0.0.1:0"
ca = "ca.pem"
certificate = "tls.pem"
[mesh]
interval_ms = 1
[timing]
stamps = "sundial"
[limits]
rounds = 0
)");
  REQUIRE_FALSE(loaded);
  const auto has = [&](const std::string& text) {
    const auto& faults = loaded.error();
    return std::count_if(faults.begin(), faults.end(), [&](const std::string& f) {
             return f.find(config.file.string() + ":" + text) == 0;
           }) == 1;
  };
  CHECK(has("1: anchor.key: missing"));
  CHECK(has("3: anchor.listen: \"127.4.0.1\" is no address and port; write"));
  CHECK(has("4: anchor.kye: unknown key"));
  CHECK(has("5: coordinator.tls_key: missing"));
  CHECK(has("6: coordinator.address: \"127.0.0.1:0\" is no host and port"));
  CHECK(has("10: mesh.interval_ms: 1 is out of range"));
  CHECK(has("12: timing.stamps: \"sundial\" is none of the choices"));
  CHECK(has("14: limits.rounds: 0 is out of range"));
  CHECK(loaded.error().size() == 8);
}

}  // namespace
}  // namespace chiploc
