#include "server/lab/lab_files.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "proto/crypto/certificate.hpp"
#include "server/lab/lab_daemon.hpp"
#include "server/net/tls.hpp"
#include "server/registry/import.hpp"
#include "tests/server/lab/lab_support.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

namespace fs = std::filesystem;

struct Folder {
  fs::path path = fs::temp_directory_path() / ("lab_files_test." + std::to_string(::getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
};

std::string read(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

constexpr WallTime kNow{std::chrono::hours{24 * 365 * 56}};

/// The registry's files of these names that lie in a lab's folder, by the production import; none has a fault.
ImportPlan imported(const fs::path& lab, const std::vector<std::pair<ImportKind, const char*>>& names) {
  std::vector<ImportFile> files;
  for (const auto& [kind, name] : names) {
    files.push_back({.kind = kind,
                     .name = name,
                     .format = ImportFormat::kJson,
                     .content = read(lab / "registry" / name)});
  }
  ImportPlan import = plan_import(std::make_shared<const Registry>(), files,
                                  {.now = kNow, .known_country = {}, .limits = {}});
  for (const ImportFault& fault : import.faults)
    FAIL(fault.file << ":" << fault.line << ": " << fault.field << ": " << fault.problem);
  REQUIRE(import.ok());
  return import;
}

TEST_CASE("write_lab: the registry files pass the production import, certificates and all", "[sim][lab]") {
  const Folder folder;
  const LabPlan plan = plan_lab(lab_from_tree("small.toml"), 3, folder.path);
  const auto written = write_lab(plan, kNow);
  if (!written) FAIL(written.error());
  const std::vector<std::pair<ImportKind, const char*>> names{
      {ImportKind::kMakers, "makers.json"},
      {ImportKind::kLicences, "licences.json"},
      {ImportKind::kAnchors, "anchors.json"},
      {ImportKind::kChips, "chips.json"},
      {ImportKind::kProhibitedTerritories, "prohibited.json"}};
  const ImportPlan import = imported(folder.path, names);
  CHECK(import.registry->anchors().size() == 5);
  CHECK(import.registry->chips().size() == 4);
  const ChipRecord* forged = import.registry->chip(plan.chip_ids[2]);
  REQUIRE(forged != nullptr);
  CHECK(to_text(forged->reach) == "inbound " + plan.agent_of(2)->endpoint.front.text());
  const AnchorRecord* anchor = import.registry->anchor("syd1");
  REQUIRE(anchor != nullptr);
  CHECK(to_text(anchor->endpoint) == plan.anchors[0].front.text());
}

TEST_CASE("write_lab: territories, and what names them, pass the production import", "[sim][lab]") {
  const Folder folder;
  const LabPlan plan = plan_lab(lab_from_tree("relays.toml"), 3, folder.path);
  const auto written = write_lab(plan, kNow);
  if (!written) FAIL(written.error());
  const ImportPlan import = imported(folder.path, {{ImportKind::kTerritories, "territories.json"},
                                                   {ImportKind::kLicences, "licences.json"},
                                                   {ImportKind::kProhibitedTerritories, "prohibited.json"}});
  CHECK(import.registry->territory("south-east")->area != nullptr);
  CHECK(import.registry->territory("listed")->countries.size() == 3);
  CHECK(import.registry->licence("L-SITE")->places.territories == std::vector<std::string>{"south-east"});
  CHECK(import.registry->prohibited().territories == std::vector<std::string>{"listed"});
}

TEST_CASE("write_lab: orders with their parties pass the production import, and chiplocd reads its sections",
          "[sim][lab]") {
  const Folder folder;
  const LabPlan plan = plan_lab(lab_from_tree("../../tests/e2e/story.toml"), 3, folder.path);
  const auto written = write_lab(plan, kNow);
  if (!written) FAIL(written.error());
  const std::vector<std::pair<ImportKind, const char*>> names{
      {ImportKind::kMakers, "makers.json"},
      {ImportKind::kModels, "models.json"},
      {ImportKind::kTerritories, "territories.json"},
      {ImportKind::kEntities, "entities.json"},
      {ImportKind::kLicences, "licences.json"},
      {ImportKind::kSites, "sites.json"},
      {ImportKind::kOrders, "orders.json"},
      {ImportKind::kDeliveries, "deliveries.json"},
      {ImportKind::kAnchors, "anchors.json"},
      {ImportKind::kChips, "chips.json"},
      {ImportKind::kProhibitedTerritories, "prohibited.json"}};
  const ImportPlan import = imported(folder.path, names);
  CHECK(import.registry->chips().size() == 200);
  const ChipRecord* last = import.registry->chip(plan.chip_ids[39]);
  REQUIRE(last != nullptr);
  CHECK(last->model == "AC-100");
  CHECK(last->delivery == "O-1-D1");
  const LabDaemonRead daemon =
      read_daemon_sections(plan.file.chiplocd, folder.path / "chiplocd/chiplocd.toml");
  CHECK(daemon.faults.empty());
  CHECK(daemon.measures);
  CHECK(read(folder.path / "chiplocd/chiplocd.toml").find("\n[scheduler]\ncadence_s = 30\n") !=
        std::string::npos);
  const auto holder = load_tls({.ca = folder.path / "ca.pem",
                                .certificate = folder.path / "holders/L-RHEIN/tls.pem",
                                .key = folder.path / "holders/L-RHEIN/tls.key"});
  if (!holder) FAIL(holder.error());
}

TEST_CASE(
    "write_lab: the coordinator gets what the policy asks of each kind, and nothing where it asks nothing",
    "[sim][lab]") {
  const auto written = [](int more_to_clear, int more_to_accuse) {
    const Folder folder;
    LabPlan plan = plan_lab(lab_from_tree("small.toml"), 3, folder.path);
    plan.file.policy.faults = 1;
    plan.file.policy.more_to_clear = more_to_clear;
    plan.file.policy.more_to_accuse = more_to_accuse;
    REQUIRE(write_lab(plan, kNow).has_value());
    return read(folder.path / "chiplocd/chiplocd.toml");
  };
  CHECK(written(0, 0).find("faults_to") == std::string::npos);
  CHECK(written(1, 2).find("\nfaults = 1\nfaults_to_clear = 2\nfaults_to_accuse = 4\npings = ") !=
        std::string::npos);
  CHECK(written(0, 1).find("\nfaults = 1\nfaults_to_accuse = 2\npings = ") != std::string::npos);
}

TEST_CASE("write_lab: every private key is its owner's alone, and TLS files belong together", "[sim][lab]") {
  const Folder folder;
  const LabPlan plan = plan_lab(lab_from_tree("small.toml"), 3, folder.path);
  REQUIRE(write_lab(plan, kNow).has_value());
  int keys = 0;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator{folder.path}) {
    if (entry.path().extension() != ".key") continue;
    ++keys;
    struct stat about {};
    REQUIRE(::stat(entry.path().c_str(), &about) == 0);
    CHECK((about.st_mode & 0777U) == 0600U);
  }
  // Coordinator 2, operator 1, five anchors 2 each, three agents 1 each, and the forger's.
  CHECK(keys == 2 + 1 + 10 + 3 + 1);
  for (const char* owner : {"chiplocd", "operator", "anchors/syd1"}) {
    const auto material = load_tls({.ca = folder.path / "ca.pem",
                                    .certificate = folder.path / owner / "tls.pem",
                                    .key = folder.path / owner / "tls.key"});
    if (!material) FAIL(material.error());
  }
  const auto certificate = Certificate::from_pem(read(folder.path / "anchors/syd1/tls.pem"));
  REQUIRE(certificate.has_value());
  CHECK(certificate.value().common_name() == "syd1");
  CHECK(certificate.value().organizational_unit() == "anchor");
  CHECK(read(folder.path / "agents/SMALL-3/forged.key") != read(folder.path / "agents/SMALL-3/chip.key"));
  CHECK(read(folder.path / "agents/SMALL-1/agent.toml").find("[[rendezvous]]") != std::string::npos);
  CHECK(read(folder.path / "agents/SMALL-3/agent.toml").find("[[rendezvous]]") == std::string::npos);
}

TEST_CASE("write_lab: a folder that cannot be written is named", "[sim][lab]") {
  const LabPlan plan = plan_lab(lab_from_tree("small.toml"), 0, "/proc/nowhere");
  const auto written = write_lab(plan, kNow);
  REQUIRE_FALSE(written.has_value());
  CHECK(written.error().find("/proc/nowhere") != std::string::npos);
}

}  // namespace
}  // namespace chiploc
