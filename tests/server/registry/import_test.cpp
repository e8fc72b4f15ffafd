#include "server/registry/import.hpp"

#include "tests/server/registry/world.hpp"

namespace chiploc::test::import_test {
namespace {

/// The plan must have exactly this one fault.
void check_only(const ImportPlan& plan, const std::string& file, std::uint32_t line, const std::string& field,
                const std::string& part) {
  INFO(shown_faults(plan));
  REQUIRE(plan.faults_total == 1);
  CHECK(plan.registry == nullptr);
  CHECK(plan.chips.empty());
  CHECK(plan.faults[0].file == file);
  CHECK(plan.faults[0].line == line);
  CHECK(plan.faults[0].field == field);
  CHECK_THAT(plan.faults[0].problem, Catch::Contains(part));
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("import: a whole registry comes in, in whatever order its files stand", "[registry]") {
  const World world;
  const auto files = world.everything();
  const auto plan = world.plan(files);
  INFO(shown_faults(plan));
  REQUIRE(plan.ok());
  CHECK(plan.added == 8);
  CHECK(plan.changed == 0);
  CHECK(plan.registry->version() == 1);
  CHECK(plan.chips.size() == 2);
  CHECK(plan.files.size() == 5);
  CHECK(plan.files[0].rows == 2);
  CHECK(plan.files[0].sha256 == sha256(bytes_of(files[0].content)));
  const AnchorRecord* anchor = plan.registry->anchor("fra1");
  REQUIRE(anchor != nullptr);
  CHECK(anchor->place.lat == 50.1);
  CHECK(anchor->id == anchor_id_of(anchor->public_key));
  CHECK(anchor->rendezvous);
  const ChipRecord* chip = plan.registry->chip(chip_id(1));
  REQUIRE(chip != nullptr);
  CHECK(Certificate::from_der(chip->certificate)->chip_id() == chip_id(1));
  CHECK(to_text(plan.registry->prohibited()) == "IR KP");
  CHECK(plan.registry->chips_of_licence("L-1") == 2);
}

TEST_CASE("import: the same files again change nothing", "[registry]") {
  const World world;
  const auto files = world.everything();
  const auto first = world.plan(files);
  REQUIRE(first.ok());
  const auto second = world.plan(files, first.registry);
  REQUIRE(second.ok());
  CHECK(second.added == 0);
  CHECK(second.changed == 0);
  CHECK(second.unchanged == 8);
  CHECK(second.chips.empty());
  CHECK(second.base_version == 1);
  CHECK(second.registry->version() == 2);
}

TEST_CASE("import: one fault keeps everything out", "[registry]") {
  const World world;
  auto files = world.everything();
  files[2] =
      world.licences("L-1,Holder GmbH,DE FR,2026-01-01,2026-12-31\nL-2,Holder,QQ,2026-01-01,2026-12-31\n");
  const auto plan = world.plan(files);
  check_only(plan, "licences.csv", 3, "countries", "not a territory that the borders know");
  CHECK(plan.added == 0);
}

TEST_CASE("import: JSON and CSV give the same records", "[registry]") {
  const World world;
  const auto csv = world.plan({world.licences("L-1,Holder GmbH,DE FR,2026-01-01,2026-12-31\n")});
  const auto json = world.plan({World::json(
      ImportKind::kLicences, "l.json",
      R"([{"id":"L-1","holder":"Holder GmbH","countries":["FR","DE"],"valid_from":"2026-01-01","valid_to":"2026-12-31"}])")});
  REQUIRE(csv.ok());
  REQUIRE(json.ok());
  CHECK(*csv.registry->licence("L-1") == *json.registry->licence("L-1"));
}

TEST_CASE("import: JSON numbers and booleans do for an anchor", "[registry]") {
  const World world;
  const auto plan = world.plan({World::json(
      ImportKind::kAnchors, "a.json",
      R"([{"name":"fra1","public_key":")" + anchor_key_hex(1) +
          R"(","lat":50.1,"lon":-8,"uncertainty_km":1,"operator":"Net","network":"AS1","address":"192.0.2.1:7411","rendezvous":false}])")});
  INFO(shown_faults(plan));
  REQUIRE(plan.ok());
  CHECK(plan.registry->anchor("fra1")->place.lon == -8.0);
  CHECK_FALSE(plan.registry->anchor("fra1")->rendezvous);
}

TEST_CASE("import: every field of a licence is checked", "[registry]") {
  const World world;
  const auto with = [&](const std::string& row) {
    return world.plan({world.licences("OK,H,DE,2026-01-01,2026-12-31\n" + row)});
  };
  check_only(with("L 1,H,DE,2026-01-01,2026-12-31\n"), "licences.csv", 3, "id",
             "character that names may not have");
  check_only(with("L1,,DE,2026-01-01,2026-12-31\n"), "licences.csv", 3, "holder", "empty");
  check_only(with("L1,H,de,2026-01-01,2026-12-31\n"), "licences.csv", 3, "countries", "two capitals");
  check_only(with("L1,H,DE,2026-02-30,2026-12-31\n"), "licences.csv", 3, "valid_from", "does not exist");
  check_only(with("L1,H,DE,2026-01-01,soon\n"), "licences.csv", 3, "valid_to", "YYYY-MM-DD");
  check_only(with("L1,H,DE,2026-12-31,2026-01-01\n"), "licences.csv", 3, "valid_to", "before valid_from");
  check_only(with("OK,H,DE,2026-01-01,2026-12-31\n"), "licences.csv", 3, "id",
             "stands in licences.csv line 2 already");
}

TEST_CASE("import: every field of an anchor is checked", "[registry]") {
  const World world;
  const std::string good = World::anchor_row("fra1", 1, 7001);
  const auto with = [&](const std::string& from, const std::string& to) {
    return world.plan({World::anchors(replaced(good, from, to))});
  };
  REQUIRE(world.plan({World::anchors(good)}).ok());
  check_only(with("fra1", ""), "anchors.csv", 2, "name", "empty");
  check_only(with(anchor_key_hex(1), "abc"), "anchors.csv", 2, "public_key", "64 hexadecimal digits");
  check_only(with(anchor_key_hex(1), std::string(64, '0')), "anchors.csv", 2, "public_key", "no Ed25519 key");
  check_only(with("50.1", "90.5"), "anchors.csv", 2, "lat", "from -90 to 90");
  check_only(with("8.7", "east"), "anchors.csv", 2, "lon", "from -180 to 180");
  check_only(with(",0.5,", ",1000.5,"), "anchors.csv", 2, "uncertainty_km", "from 0 to 1000");
  check_only(with("Example Net", ""), "anchors.csv", 2, "operator", "empty");
  check_only(with("AS64496", ""), "anchors.csv", 2, "network", "empty");
  check_only(with("192.0.2.1:7001", "fra1.example:7001"), "anchors.csv", 2, "address", "no host names");
  check_only(with("yes", "maybe"), "anchors.csv", 2, "rendezvous", "yes");
}

TEST_CASE("import: a longitude in the place of a latitude is named", "[registry]") {
  const World world;
  std::string row = World::anchor_row("den1", 1, 7001);
  row.replace(row.find("50.1,8.7"), 8, "-104.99,39.74");
  const auto plan = world.plan({World::anchors(row)});
  REQUIRE(plan.faults_total == 1);
  CHECK(plan.faults[0].field == "lat");
  CHECK_THAT(plan.faults[0].problem, Catch::Contains("does longitude stand where latitude should?"));
}

TEST_CASE("import: anchors share neither key nor address", "[registry]") {
  const World world;
  const auto twins =
      world.plan({World::anchors(World::anchor_row("a", 1, 7001) + World::anchor_row("b", 1, 7002))});
  CHECK(twins.faults_total == 2);
  CHECK(twins.faults[0].field == "public_key");
  const auto neighbours =
      world.plan({World::anchors(World::anchor_row("a", 1, 7001) + World::anchor_row("b", 2, 7001))});
  REQUIRE(neighbours.faults_total == 2);
  CHECK(neighbours.faults[1].field == "address");
  CHECK(neighbours.faults[1].line == 3);
  // Against one that is registered already, only the new row is at fault; and two may swap within one import.
  const auto base =
      world.plan({World::anchors(World::anchor_row("a", 1, 7001) + World::anchor_row("b", 2, 7002))});
  REQUIRE(base.ok());
  check_only(world.plan({World::anchors(World::anchor_row("c", 3, 7001))}, base.registry), "anchors.csv", 2,
             "address", "\"a\"");
  CHECK(world
            .plan({World::anchors(World::anchor_row("a", 2, 7002) + World::anchor_row("b", 1, 7001))},
                  base.registry)
            .ok());
}

TEST_CASE("import: every field of a chip is checked", "[registry]") {
  const World world;
  const std::string good = world.chip_row(1, "S-1");
  const auto with = [&](const std::string& from, const std::string& to) {
    return world.plan({world.makers(), world.licences(), World::chips(replaced(good, from, to))});
  };
  check_only(with(chip_id(1).hex(), "01"), "chips.csv", 2, "id", "32 to 64 digits");
  check_only(with("S-1", ""), "chips.csv", 2, "serial", "empty");
  check_only(with("Acme", "Nobody"), "chips.csv", 2, "maker", "no maker \"Nobody\"");
  check_only(with("LAB-100", ""), "chips.csv", 2, "model", "empty");
  check_only(with("L-1", "L-9"), "chips.csv", 2, "licence", "no licence \"L-9\"");
  check_only(with("knock", "call"), "chips.csv", 2, "reach", "\"knock\" or \"inbound IP:PORT\"");
  check_only(with(chip_id(1).hex(), chip_id(3).hex()), "chips.csv", 2, "certificate_pem",
             "is for chip " + chip_id(1).hex());
  check_only(with("-----BEGIN CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----\nAAAA"), "chips.csv", 2,
             "certificate_pem", "cannot be used");
}

TEST_CASE("import: a certificate must come from the maker, now", "[registry]") {
  const World world;
  const auto with = [&](const std::string& pem) {
    return world.plan({world.makers(), world.licences(),
                       World::chips(chip_id(1).hex() + ",S-1,Acme,M,L-1,knock," + csv_quoted(pem) + "\n")});
  };
  const auto stranger = make_authority("Stranger CA");
  check_only(with(device_pem(stranger, chip_id(1))), "chips.csv", 2, "certificate_pem", "not accepted");
  check_only(with(device_pem(world.authority, chip_id(1), kNow - std::chrono::hours{72}, 1)), "chips.csv", 2,
             "certificate_pem", "not accepted");
  check_only(with(device_pem(world.authority, chip_id(1), kNow + std::chrono::hours{1})), "chips.csv", 2,
             "certificate_pem", "not accepted");
  check_only(with(device_pem(world.authority, chip_id(1)) + stranger.certificate().pem()), "chips.csv", 2,
             "certificate_pem", "did not issue the one before it");
  check_only(with(world.authority.certificate().pem()), "chips.csv", 2, "certificate_pem", "comes first");
  const auto whole = with(device_pem(world.authority, chip_id(1)) + world.authority.certificate().pem());
  REQUIRE(whole.ok());  // a whole chain ends with the maker's authority, which is the maker's to keep
  CHECK(whole.registry->chip(chip_id(1))->issuers.empty());
}

TEST_CASE("import: several chips may have the serial number of one board", "[registry]") {
  const World world;
  const auto base = world.plan(world.everything());
  REQUIRE(base.ok());
  const auto board =
      world.plan({World::chips(world.chip_row(3, "S-1") + world.chip_row(4, "S-1"))}, base.registry);
  INFO(shown_faults(board));
  REQUIRE(board.ok());
  CHECK(board.registry->find_chip("S-1").error() == ChipLookupFault::kAmbiguous);
  CHECK(board.registry->chips_fitting("S-1", 8).total == 3);
  const auto twice =
      world.plan({World::chips(world.chip_row(3, "S-7") + world.chip_row(3, "S-8"))}, base.registry);
  REQUIRE(twice.faults_total == 1);
  CHECK(twice.faults[0].field == "id");
  CHECK_THAT(twice.faults[0].problem, Catch::Contains("already"));
}

TEST_CASE("import: an expired certificate does not spoil a row that is registered already", "[registry]") {
  World world;
  const auto files = world.everything();
  const auto base = world.plan(files);
  REQUIRE(base.ok());
  world.options.now = kNow + std::chrono::hours{24 * 400};
  CHECK(world.plan({files[0]}, base.registry).ok());
}

TEST_CASE("import: a maker's authority stays while chips depend on it", "[registry]") {
  const World world;
  const auto base = world.plan(world.everything());
  REQUIRE(base.ok());
  const auto next = make_authority("Acme CA 2");
  const auto makers = [](const std::string& pem) {
    return World::csv(ImportKind::kMakers, "makers.csv", "name,ca_pem\nAcme," + csv_quoted(pem) + "\n");
  };
  check_only(world.plan({makers(next.certificate().pem())}, base.registry), "makers.csv", 2, "ca_pem",
             "2 registered chips");
  CHECK(world.plan({makers(world.authority.certificate().pem() + next.certificate().pem())}, base.registry)
            .ok());
  check_only(world.plan({makers("junk")}, base.registry), "makers.csv", 2, "ca_pem",
             "has no certificate in PEM");
}

TEST_CASE("import: the prohibited list is replaced as a whole", "[registry]") {
  const World world;
  const auto base = world.plan(world.everything());
  REQUIRE(base.ok());
  const auto list = [](const std::string& rows) {
    return World::csv(ImportKind::kProhibitedTerritories, "p.csv", "country\n" + rows);
  };
  const auto plan = world.plan({list("KP\nSY\n")}, base.registry);
  REQUIRE(plan.ok());
  CHECK(plan.prohibited_differs);
  CHECK(plan.added == 1);
  CHECK(plan.changed == 1);
  CHECK(plan.unchanged == 1);
  CHECK(to_text(plan.registry->prohibited()) == "KP SY");
  CHECK(world.plan({list("")}, base.registry).registry->prohibited().empty());
  check_only(world.plan({list("KP\nKP\n")}, base.registry), "p.csv", 3, "country", "already");
}

TEST_CASE("import: all faults are counted, the first hundred kept, in the order of files and lines",
          "[registry]") {
  const World world;
  std::string rows;
  for (int i = 0; i < 150; ++i) rows += "L" + std::to_string(i) + ",H,QQ,2026-01-01,2026-12-31\n";
  const auto plan = world.plan({World::chips("x\n"), world.licences(rows)});
  CHECK(plan.faults_total == 151);
  REQUIRE(plan.faults.size() == 100);
  CHECK(plan.faults[0].file == "chips.csv");
  CHECK(plan.faults[1].line == 2);
  CHECK(plan.faults[99].line == 100);
}

TEST_CASE("import: certificates verified in any order give the same plan, and the same faults",
          "[registry]") {
  World world;
  const auto other = make_authority("Other CA");
  const auto foreign = [&](std::uint8_t number) {
    return chip_id(number).hex() + ",S-9,Acme,LAB-100,L-1,knock," +
           csv_quoted(device_pem(other, chip_id(number))) + "\n";
  };
  const std::vector<ImportFile> good = world.everything();
  const std::vector<ImportFile> bad{
      World::chips(world.chip_row(1, "S-1") + foreign(2) + world.chip_row(3, "S-3")),
      World::chips(foreign(4)), world.makers(), world.licences()};
  const auto alone = world.plan(bad);
  std::size_t verified = 0;
  world.options.for_each = [&](std::size_t count, const std::function<void(std::size_t)>& each) {
    for (std::size_t i = count; i-- > 0;) each(i);
    verified += count;
  };
  REQUIRE(world.plan(good).ok());
  CHECK(verified == 4);  // read, and verified
  const auto plan = world.plan(bad);
  CHECK(plan.registry == nullptr);
  REQUIRE(plan.faults_total == 2);
  CHECK(plan.faults == alone.faults);
  CHECK(plan.faults[0].field == "certificate_pem");
  CHECK_THAT(plan.faults[0].problem, Catch::Contains("is not accepted: "));
}

TEST_CASE("import: limits hold for files, rows and the registry", "[registry]") {
  World world;
  world.options.limits.rows = 2;
  check_only(
      world.plan({world.licences(
          "A,H,DE,2026-01-01,2026-12-31\nB,H,DE,2026-01-01,2026-12-31\nC,H,DE,2026-01-01,2026-12-31\n")}),
      "licences.csv", 4, "", "more than 2 rows");
  world.options.limits = {};
  world.options.limits.file_bytes = 50;
  check_only(world.plan({world.licences()}), "licences.csv", 0, "", "at most 50");
  world.options.limits = {};
  world.options.limits.registry.anchors = 1;
  check_only(world.plan({World::anchors(World::anchor_row("a", 1, 7001) + World::anchor_row("b", 2, 7002))}),
             "anchors.csv", 0, "", "at most 1");
  world.options.limits = {};
  check_only(world.plan({{static_cast<ImportKind>(99), "f", ImportFormat::kCsv, "x"}}), "f", 0, "",
             "not known");
}

TEST_CASE("import: a reference to a row that is itself at fault is one fault, not two", "[registry]") {
  const World world;
  const auto plan = world.plan({world.makers(), world.licences("L-1,H,QQ,2026-01-01,2026-12-31\n"),
                                World::chips(world.chip_row(1, "S-1"))});
  check_only(plan, "licences.csv", 2, "countries", "QQ");
}

}  // namespace chiploc::test::import_test
