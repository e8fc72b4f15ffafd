// What `chiploc-agent init` and `row` make: who certifies the chip, and that import takes the rows as they are.
#include <nlohmann/json.hpp>

#include "tests/e2e/init_workplace.hpp"

namespace chiploc {
namespace {

TEST_CASE("chiploc-agent init --trial: import takes its files, and its configuration works as written",
          "[e2e][init]") {
  const Workplace here;
  for (const std::string more : {"", " --algorithm ed25519 --chip-id 12345678901234567890123456789012",
                                 " --algorithm es384 --listen 192.0.2.3:7401"}) {
    fs::remove_all(here.dir / "agent");
    const Ran made = here("chiploc-agent", kChip + " --trial --licence L-1" + more);
    CAPTURE(more, made.output);
    REQUIRE(made.exit_code == 0);
    const Ran checked = here("chiploc-agent", "--config agent/agent.toml --check-config");
    CAPTURE(checked.output);
    CHECK(checked.exit_code == 0);
    const auto plan = imported({csv(ImportKind::kMakers, "makers.csv", here.text("agent/makers.csv")),
                                csv(ImportKind::kLicences, "licences.csv", kLicence),
                                csv(ImportKind::kChips, "chips.csv", here.text("agent/chips.csv"))});
    CAPTURE(faults_of(plan));
    REQUIRE(plan.ok());
    REQUIRE(plan.chips.size() == 1);
    const Ran shown = here("chiploc-agent", "--config agent/agent.toml --show-identity --json");
    const auto object = nlohmann::json::parse(shown.output);
    CHECK(object.at("role") == "chip");
    CHECK(made.output.find(object.at("device_id").get<std::string>()) != std::string::npos);
    CHECK(object.at("coordinator_keys") == kKey);
    CHECK(object.at("knocks_at") == "192.0.2.2:7411");
    CHECK(object.at("issuer") == "CN=chiploc trial maker");
    // The maker's key is nowhere: the chip's own is the only one.
    std::size_t keys = 0;
    for (const auto& entry : fs::recursive_directory_iterator{here.dir / "agent"})
      keys += entry.is_regular_file() && read_file(entry.path()).find("PRIVATE KEY") != std::string::npos
                  ? 1U
                  : 0U;
    CHECK(keys == 1);
  }
}

TEST_CASE("chiploc-agent init and row: a maker certifies the request, and import takes the row",
          "[e2e][init]") {
  const Workplace here;
  const std::string id = "00112233445566778899aabbccddeeff0011223344556677";
  const Ran made = here("chiploc-agent", kChip + " --chip-id " + id);
  CAPTURE(made.output);
  REQUIRE(made.exit_code == 0);
  CHECK_FALSE(fs::exists(here.dir / "agent/chip.pem"));
  const auto maker = authority();
  here.dir.write("agent/chip.pem", certified(maker, here.text("agent/chip.csr"), "", id));
  CHECK(here("chiploc-agent", "--config agent/agent.toml --check-config").exit_code == 0);
  const Ran row =
      here("chiploc-agent", "row --config agent/agent.toml --serial SN-0001 --maker Acme --licence L-1");
  CAPTURE(row.output);
  REQUIRE(row.exit_code == 0);
  const auto plan = imported(
      {csv(ImportKind::kMakers, "makers.csv", "name,ca_pem\nAcme,\"" + maker.certificate().pem() + "\"\n"),
       csv(ImportKind::kLicences, "licences.csv", kLicence),
       csv(ImportKind::kChips, "chips.csv", row.output)});
  CAPTURE(faults_of(plan));
  CHECK(plan.ok());
  const Ran inbound =
      here("chiploc-agent",
           "row --config agent/agent.toml --serial S --maker M --licence L --inbound 192.0.2.3:7400");
  CHECK(inbound.exit_code == 64);
}

TEST_CASE("chiploc-agent init: a maker whose key is at hand certifies at once", "[e2e][init]") {
  const Workplace here;
  auto key = generate_key(SignatureAlgorithm::kEs384);
  here.dir.write("maker.key", key->private_pem());
  IssueRequest own;
  own.common_name = "Acme";
  own.from = wall_now() - std::chrono::hours{48};
  own.days = 3650;
  const auto maker = CertificateAuthority::create(own, std::move(key));
  REQUIRE(maker);
  here.dir.write("maker.pem", maker->certificate().pem());
  const Ran made =
      here("chiploc-agent",
           kChip + " --maker Acme --maker-certificate maker.pem --maker-key maker.key --licence L-1");
  CAPTURE(made.output);
  REQUIRE(made.exit_code == 0);
  CHECK_FALSE(fs::exists(here.dir / "agent/makers.csv"));
  const auto plan = imported(
      {csv(ImportKind::kMakers, "makers.csv", "name,ca_pem\nAcme,\"" + maker->certificate().pem() + "\"\n"),
       csv(ImportKind::kLicences, "licences.csv", kLicence),
       csv(ImportKind::kChips, "chips.csv", here.text("agent/chips.csv"))});
  CAPTURE(faults_of(plan));
  CHECK(plan.ok());
  // A maker that is no authority, or of another key, leaves nothing.
  const Workplace other;
  other.dir.write("maker.key", generate_key(SignatureAlgorithm::kEs256)->private_pem());
  other.dir.write("maker.pem", maker->certificate().pem());
  const Ran refused =
      other("chiploc-agent",
            kChip + " --maker Acme --maker-certificate maker.pem --maker-key maker.key --licence L-1");
  CAPTURE(refused.output);
  CHECK(refused.exit_code == 69);
  CHECK(refused.output.find("do not belong together") != std::string::npos);
  CHECK_FALSE(fs::exists(other.dir / "agent"));
}

}  // namespace
}  // namespace chiploc
