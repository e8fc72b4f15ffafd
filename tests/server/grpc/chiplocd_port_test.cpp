// chiplocd as a program, where its port is taken.
#include <filesystem>

#include "tests/server/grpc/operator_world.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/command.hpp"
#include "tests/support/paths.hpp"

namespace chiploc::test {
namespace {

TEST_CASE("chiplocd: a port that is taken is one sentence with the remedy, and no database is left behind",
          "[programs]") {
  const OperatorWorld world;  // serves on the port
  const TempDir folder;
  folder.write("ca.pem", world.ca);
  folder.write("tls.pem", world.coordinator.certificate);
  folder.write("tls.key", world.coordinator.key);
  folder.write("coordinator.key", generate_key(SignatureAlgorithm::kEd25519)->private_pem());
  const std::string config =
      folder
          .write("chiplocd.toml",
                 "[coordinator]\ngrpc = \"" + world.address() +
                     "\"\nkey = \"coordinator.key\"\ndatabase = \"chiploc.db\"\n"
                     "[tls]\nca = \"ca.pem\"\ncertificate = \"tls.pem\"\nkey = \"tls.key\"\n")
          .string();
  const Ran ran = run("'" + program_path("chiplocd") + "' --config " + config + " 2>&1");
  CHECK(ran.exit_code == 69);
  const std::string port = world.address().substr(world.address().rfind(':') + 1);
  CHECK(ran.output ==
        "chiplocd: coordinator.grpc: " + world.address() +
            ": cannot listen: Address already in use: another program has this port, perhaps a second "
            "copy of this one; \"ss -ltnp sport = :" +
            port + "\" (as root) names it: stop that one, or name another port\n");
  for (const auto& entry : std::filesystem::directory_iterator{folder / "."}) {
    CHECK(entry.path().filename().string().find("chiploc.db") == std::string::npos);
  }
}

}  // namespace
}  // namespace chiploc::test
