// Identity as makers issue it: the inputs that lie beside the tree (../shared/data/cases), read where they
// are, and more of their kinds made here.
#include "server/registry/standing.hpp"
#include "tests/server/registry/case_files.hpp"
#include "tests/support/certificate_maker.hpp"

namespace chiploc::test::identity_cases_test {
namespace {

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '\n' ? std::string{"\\n"} : std::string{c};
  return out;
}
ImportFile makers_of(const std::string& pem) {
  return World::json(ImportKind::kMakers, "makers.json",
                     R"([{"name":"Solo","ca_pem":")" + escaped(pem) + R"("}])");
}
ImportFile licences() {
  return World::csv(ImportKind::kLicences, "licences.csv",
                    kLicenceHeader + "L-AU,Southern,AU,2020-01-01,2099-12-31\n");
}
std::string chip_json(const std::string& id, const std::string& pem, const std::string& serial = "B1") {
  return R"({"id":")" + id + R"(","serial":")" + serial +
         R"(","maker":"Solo","model":"H-1","licence":"L-AU","reach":"knock","certificate_pem":")" +
         escaped(pem) + R"("})";
}
ImportFile chips_of(const std::string& rows) {
  return World::json(ImportKind::kChips, "chips.json", "[" + rows + "]");
}
ImportFile lists_of(const std::string& pem) {
  return World::json(ImportKind::kRevocations, "revocations.json",
                     R"([{"maker":"Solo","crl_pem":")" + escaped(pem) + R"("}])");
}

const std::string kId = "000102030405060708090a0b0c0d0e0f";
std::string id_of(int number) {
  return kId.substr(0, 30) + (number < 10 ? "0" : "") + std::to_string(number);
}

MadeCertificate device_of(const MadeCertificate& issuer, const std::string& id, const Extensions& more = {}) {
  CertificateOrder order;
  order.common_name = "chip";
  order.serial_number = id;
  static const SharedKey key = ec_key("P-256");
  order.key = key;
  order.extensions.insert(order.extensions.end(), more.begin(), more.end());
  return make_certificate(order, &issuer);
}
MadeCertificate device_ca_of(const MadeCertificate& issuer, const std::string& id, const std::string& name) {
  CertificateOrder order;
  order.common_name = name;
  order.serial_number = id;
  order.extensions = kCaExtensions;
  return make_certificate(order, &issuer);
}

}  // namespace

TEST_CASE("cases: certificates as makers issue them are accepted and recorded", "[registry]") {
  const auto folder = cases("certificates");
  if (!folder) return;
  for (const char* makers : {"makers.json", "makers-with-comments.json"}) {
    for (const char* chips :
         {"chips-plain.json", "chips-dice-critical.json", "chips-alias-and-device-ca.json",
          "chips-40-digits.json", "chips-one-board.json"}) {
      const auto plan = planned({file_at(ImportKind::kMakers, *folder / makers),
                                 file_at(ImportKind::kLicences, *folder / "licences.csv"),
                                 file_at(ImportKind::kChips, *folder / chips)});
      INFO(makers << " " << chips << "\n" << shown_faults(plan));
      REQUIRE(plan.ok());
      for (const auto& [id, chip] : plan.registry->chips())
        CHECK(vouched_for(*plan.registry, *chip, kCaseTime));
      const std::string name = chips;
      if (name == "chips-alias-and-device-ca.json") CHECK(plan.chips.front()->issuers.size() == 1);
      if (name == "chips-one-board.json") CHECK(plan.registry->chips_fitting("1323018123456", 8).total == 2);
      if (name == "chips-40-digits.json") {
        REQUIRE(plan.registry->find_chip("00112233445566778899aabbccddeeff00112233"));
        CHECK(device_id_of(*plan.chips.front()) == "00112233445566778899aabbccddeeff00112233");
      }
    }
  }
}

TEST_CASE("cases: a list with a distribution point that limits nothing covers the maker's chips",
          "[registry]") {
  const auto folder = cases("crl-idp");
  if (!folder) return;
  for (const char* lists : {"revocations-critical.json", "revocations-not-critical.json"}) {
    const auto base = planned({file_at(ImportKind::kMakers, *folder / "makers.json"),
                               file_at(ImportKind::kLicences, *folder / "licences.csv"),
                               file_at(ImportKind::kChips, *folder / "chips.json")});
    REQUIRE(base.ok());
    const auto plan = planned({file_at(ImportKind::kRevocations, *folder / lists)}, base.registry);
    INFO(lists << "\n" << shown_faults(plan));
    REQUIRE(plan.ok());
    CHECK(vouched_for(*plan.registry, *plan.registry->chips().begin()->second, kCaseTime));
  }
}

TEST_CASE("cases: what a spreadsheet made of a serial number is refused by line, and replaces nothing",
          "[registry]") {
  const auto folder = cases("excel-serials");
  if (!folder) return;
  const auto base = planned({file_at(ImportKind::kMakers, *folder / "makers.json"),
                             file_at(ImportKind::kLicences, *folder / "licences.csv"),
                             file_at(ImportKind::kChips, *folder / "chips-good.csv")});
  INFO(shown_faults(base));
  REQUIRE(base.ok());
  CHECK(base.chips.front()->serial == "1650222014738");
  const auto plan =
      planned({file_at(ImportKind::kChips, *folder / "chips-after-a-spreadsheet.csv")}, base.registry);
  REQUIRE(plan.faults_total == 1);
  CHECK(plan.faults[0].file == "chips-after-a-spreadsheet.csv");
  CHECK(plan.faults[0].line == 2);
  CHECK(plan.faults[0].field == "serial");
  CHECK_THAT(plan.faults[0].problem,
             Catch::Contains("\"1.65022E+12\" is what a spreadsheet makes of a long number"));
}

TEST_CASE("import: a serial number that lost its leading zeros is refused where the registered one has them",
          "[registry]") {
  const World world;
  const auto base = world.plan({world.makers(), world.licences(), World::chips(world.chip_row(1, "000123"))});
  REQUIRE(base.ok());
  const auto plan = world.plan({World::chips(world.chip_row(1, "123"))}, base.registry);
  REQUIRE(plan.faults_total == 1);
  CHECK_THAT(plan.faults[0].problem, Catch::Contains("\"000123\" without its leading zeros"));
  const auto meant = world.plan({World::chips(world.chip_row(1, "'123"))}, base.registry);
  REQUIRE(meant.ok());
  CHECK(meant.chips.front()->serial == "123");
  CHECK(world.plan({World::chips(world.chip_row(1, "124"))}, base.registry).ok());
}

TEST_CASE("import: a rounded serial number does not replace the registered one", "[registry]") {
  const World world;
  const auto base = world.plan(
      {world.makers(), world.licences("12,H,DE,2026-01-01,2026-12-31\n'012,H,FR,2026-01-01,2026-12-31\n"),
       World::chips(world.chip_row(1, "1650222014738123", "012") + world.chip_row(2, "'12E3", "12") +
                    world.chip_row(3, "MAR1", "12"))});
  INFO(shown_faults(base));
  REQUIRE(base.ok());
  const auto plan =
      world.plan({World::chips(world.chip_row(1, "1650222014738000", "12") +
                               world.chip_row(2, "12000", "12") + world.chip_row(3, "44256", "12"))},
                 base.registry);
  INFO(shown_faults(plan));
  REQUIRE(plan.faults_total == 4);
  CHECK(plan.faults[0].line == 2);
  CHECK(plan.faults[0].field == "serial");
  CHECK_THAT(plan.faults[0].problem,
             Catch::Contains("\"1650222014738000\" is the registered \"1650222014738123\""));
  CHECK(plan.faults[1].field == "licence");
  CHECK_THAT(plan.faults[1].problem, Catch::Contains("\"012\" without its leading zeros"));
  const auto meant = world.plan(
      {World::chips(world.chip_row(1, "'1650222014738000", "'12") + world.chip_row(3, "MAR2", "12"))},
      base.registry);
  INFO(shown_faults(meant));
  REQUIRE(meant.ok());
  CHECK(meant.chips.front()->serial == "1650222014738000");
}

TEST_CASE("import: a licence's id that lost something makes no second licence", "[registry]") {
  const World world;
  const std::string rest = ",H,DE,2026-01-01,2026-12-31\n";
  const auto base = world.plan({world.licences("000123" + rest + "1650222014738123" + rest)});
  REQUIRE(base.ok());
  const auto plan =
      world.plan({world.licences("123" + rest + "1650222014738120" + rest + "124" + rest)}, base.registry);
  INFO(shown_faults(plan));
  REQUIRE(plan.faults_total == 2);
  CHECK(plan.faults[0].field == "id");
  CHECK_THAT(plan.faults[0].problem,
             Catch::Contains("is the registered \"000123\" without its leading zeros"));
  CHECK_THAT(plan.faults[1].problem, Catch::Contains("\"1650222014738123\" with its last digits lost"));
  const auto meant = world.plan({world.licences("'123" + rest)}, base.registry);
  REQUIRE(meant.ok());
  CHECK(world.plan({world.licences("123" + rest + "000123" + rest)}, meant.registry).ok());
}

TEST_CASE("import: a list that leaves registered chips uncovered is refused, and names them", "[registry]") {
  const auto ca = make_ca("Solo CA");
  std::string rows;
  for (int i = 1; i <= 7; ++i)
    rows += (i == 1 ? "" : ",") +
            chip_json(id_of(i), device_of(ca, id_of(i)).certificate.pem(), "B" + std::to_string(i));
  const auto base = planned({makers_of(ca.certificate.pem()), licences(), chips_of(rows)});
  INFO(shown_faults(base));
  REQUIRE(base.ok());
  const auto plan = planned({lists_of(make_list(ca, {.point = "onlyCA=TRUE"}).pem())}, base.registry);
  REQUIRE(plan.faults_total == 1);
  CHECK(plan.faults[0].field == "crl_pem");
  CHECK_THAT(plan.faults[0].problem,
             Catch::Contains("leaves 7 registered chips without a list that covers them: " + id_of(1) +
                             " (B1), " + id_of(2)));
  CHECK_THAT(plan.faults[0].problem, Catch::Contains(" and 2 more"));
  // One for devices and one for authorities are two lists, and cover all.
  const auto both = planned({lists_of(make_list(ca, {.point = "onlyCA=TRUE"}).pem() +
                                      make_list(ca, {.point = "onlyuser=TRUE"}).pem())},
                            base.registry);
  INFO(shown_faults(both));
  CHECK(both.ok());
  // What a list revokes is not left uncovered.
  CHECK(planned({lists_of(make_list(ca, {.revoked = {device_of(ca, id_of(1)).certificate}}).pem())},
                base.registry)
            .ok());
}

TEST_CASE("import: a list of another authority than the chips' leaves them uncovered", "[registry]") {
  const auto ca = make_ca("Solo CA");
  const auto twin = make_ca("Solo CA");  // of the same name, with another key
  const auto base = planned({makers_of(ca.certificate.pem() + twin.certificate.pem()), licences(),
                             chips_of(chip_json(id_of(1), device_of(ca, id_of(1)).certificate.pem()))});
  INFO(shown_faults(base));
  REQUIRE(base.ok());
  const auto plan = planned({lists_of(make_list(twin, {}).pem())}, base.registry);
  REQUIRE(plan.faults_total == 1);
  CHECK_THAT(plan.faults[0].problem, Catch::Contains("without a list that covers them: " + id_of(1)));
  CHECK(planned({lists_of(make_list(twin, {}).pem() + make_list(ca, {}).pem())}, base.registry).ok());
}

TEST_CASE("import: the list of a shared device CA comes in with its certificate, and the faults say so",
          "[registry]") {
  const auto root = make_ca("Solo CA");
  const auto shared = make_ca("Solo Device CA", {}, &root);
  const auto base = planned({makers_of(root.certificate.pem()), licences(),
                             chips_of(chip_json(id_of(1), device_of(shared, id_of(1)).certificate.pem() +
                                                              shared.certificate.pem()))});
  INFO(shown_faults(base));
  REQUIRE(base.ok());
  const std::string of_root = make_list(root, {}).pem();
  const std::string of_shared = make_list(shared, {}).pem();
  const auto alone = planned({lists_of(of_root)}, base.registry);
  REQUIRE(alone.faults_total == 1);
  CHECK_THAT(alone.faults[0].problem, Catch::Contains("device CA") && Catch::Contains("ca_pem") &&
                                          Catch::Contains("in the same import"));
  const auto both = planned({lists_of(of_root + of_shared)}, base.registry);
  REQUIRE(both.faults_total > 0);
  CHECK_THAT(both.faults[0].problem, Catch::Contains("list 2 is signed by none") &&
                                         Catch::Contains("Solo Device CA") &&
                                         Catch::Contains("maker's ca_pem, in the same import"));
  // What they say works.
  const auto mended =
      planned({makers_of(root.certificate.pem() + shared.certificate.pem()), lists_of(of_root + of_shared)},
              base.registry);
  INFO(shown_faults(mended));
  REQUIRE(mended.ok());
  CHECK(vouched_for(*mended.registry, *mended.registry->chips().begin()->second, kCaseTime));
}

TEST_CASE("import: an authority that may not sign lists is named with the reason", "[registry]") {
  CertificateOrder order;
  order.common_name = "Solo CA";
  order.extensions = {{"basicConstraints", "critical,CA:TRUE"}, {"keyUsage", "critical,keyCertSign"}};
  const auto ca = make_certificate(order);
  const auto base = planned({makers_of(ca.certificate.pem())});
  REQUIRE(base.ok());
  const auto plan = planned({lists_of(make_list(ca, {}).pem())}, base.registry);
  REQUIRE(plan.faults_total == 1);
  CHECK_THAT(plan.faults[0].problem,
             Catch::Contains("is signed by \"CN=Solo CA\", whose key usage does not let it sign lists") &&
                 !Catch::Contains("signed by none"));
}

TEST_CASE("import: of two lists of one day the older is named by its number", "[registry]") {
  const auto ca = make_ca("Solo CA");
  const auto base = planned({makers_of(ca.certificate.pem()), lists_of(make_list(ca, {.number = 7}).pem())});
  REQUIRE(base.ok());
  const auto plan = planned({lists_of(make_list(ca, {.number = 5}).pem())}, base.registry);
  REQUIRE(plan.faults_total == 1);
  CHECK_THAT(plan.faults[0].problem, Catch::Contains("(number 5) that is older than the registered one of") &&
                                         Catch::Contains("(number 7)"));
}

TEST_CASE("import: a chip that stands twice is named by the id that the file has", "[registry]") {
  const auto ca = make_ca("Solo CA");
  const std::string longer = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
  const std::string row = chip_json(longer, device_of(ca, longer).certificate.pem());
  const auto plan = planned({makers_of(ca.certificate.pem()), licences(), chips_of(row + "," + row)});
  REQUIRE(plan.faults_total == 1);
  CHECK_THAT(plan.faults[0].problem, Catch::StartsWith("\"" + longer + "\" stands in chips.json"));
}

TEST_CASE("import: limited lists are refused, each with its limit", "[registry]") {
  const auto ca = make_ca("Solo CA");
  const auto base = planned({makers_of(ca.certificate.pem()), licences(),
                             chips_of(chip_json(id_of(1), device_of(ca, id_of(1)).certificate.pem()))});
  REQUIRE(base.ok());
  for (const auto& [point, word] : {std::pair{"onlyAA=TRUE", "attribute certificates"},
                                    {"indirectCRL=TRUE", "indirectCRL"},
                                    {"onlysomereasons=keyCompromise", "onlySomeReasons"}}) {
    const auto plan = planned({lists_of(make_list(ca, {.point = point}).pem())}, base.registry);
    REQUIRE(plan.faults_total == 1);
    CHECK_THAT(plan.faults[0].problem, Catch::Contains(word));
  }
}

TEST_CASE("import: dropping one of two authorities of a name is held against its own chips", "[registry]") {
  const auto first = make_ca("Solo CA");
  const auto second = make_ca("Solo CA");
  const auto base =
      planned({makers_of(first.certificate.pem() + second.certificate.pem()), licences(),
               chips_of(chip_json(id_of(1), device_of(first, id_of(1)).certificate.pem()) + "," +
                        chip_json(id_of(2), device_of(second, id_of(2)).certificate.pem()))});
  INFO(shown_faults(base));
  REQUIRE(base.ok());
  const auto plan = planned({makers_of(second.certificate.pem())}, base.registry);
  REQUIRE(plan.faults_total == 1);
  CHECK_THAT(plan.faults[0].problem,
             Catch::Contains("leaves 1 registered chips without an issuer: " + id_of(1) + " (B1)"));
}

TEST_CASE("import: the chain above a chip is kept, and every step of it is asked for each time",
          "[registry]") {
  const auto ca = make_ca("Solo CA");
  const auto identity = device_ca_of(ca, kId, "device identity");
  const auto layer = device_ca_of(identity, kId, "layer 1");
  const auto alias = device_of(layer, kId, {{"2.23.133.5.4.1", "critical,DER:30:03:83:01:01"}});
  const std::string chain = alias.certificate.pem() + layer.certificate.pem() + identity.certificate.pem();
  const auto plan = planned({makers_of(ca.certificate.pem()), licences(), chips_of(chip_json(kId, chain))});
  INFO(shown_faults(plan));
  REQUIRE(plan.ok());
  CHECK(plan.chips.front()->issuers.size() == 2);
  CHECK(vouched_for(*plan.registry, *plan.chips.front(), kCaseTime));
  // The whole chain, up to the maker's own authority, is the same record.
  const auto whole = planned({chips_of(chip_json(kId, chain + ca.certificate.pem()))}, plan.registry);
  CHECK(whole.unchanged == 1);
  const auto revoked =
      planned({lists_of(make_list(ca, {.revoked = {identity.certificate}}).pem())}, plan.registry);
  INFO(shown_faults(revoked));
  REQUIRE(revoked.ok());
  const auto standing = vouched_for(*revoked.registry, *plan.chips.front(), kCaseTime);
  REQUIRE_FALSE(standing);
  CHECK(standing.error().code == CertificateFault::Code::kRevoked);

  const auto refused = [&](const std::string& pem, const std::string& part) {
    const auto bad = planned({makers_of(ca.certificate.pem()), licences(), chips_of(chip_json(kId, pem))});
    REQUIRE(bad.faults_total == 1);
    CHECK(bad.faults[0].field == "certificate_pem");
    CHECK_THAT(bad.faults[0].problem, Catch::Contains(part));
  };
  refused(alias.certificate.pem() + identity.certificate.pem() + layer.certificate.pem(),
          "did not issue the one before it");
  refused(alias.certificate.pem(), "not accepted");
  const auto deeper = device_ca_of(layer, kId, "layer 2");
  refused(device_of(deeper, kId).certificate.pem() + deeper.certificate.pem() + layer.certificate.pem() +
              identity.certificate.pem(),
          "has 4 certificates below the maker's authorities");
}

TEST_CASE("import: a bundle of thousands of authorities with comments comes in once each", "[registry]") {
  const auto ca = make_ca("Solo CA");
  const auto key = ec_key("P-256");
  std::string bundle = "\xEF\xBB\xBF# all authorities\r\n";
  constexpr int kMany = 2'000;
  for (int i = 0; i < kMany; ++i)
    bundle += "# authority " + std::to_string(i) + "\r\n" +
              make_ca("CA " + std::to_string(i), key).certificate.pem() + "\r\n\t\r\n";
  bundle += ca.certificate.pem() + ca.certificate.pem();
  std::string json;
  for (const char c : bundle)
    json += c == '\n'   ? std::string{"\\n"}
            : c == '\r' ? std::string{"\\r"}
            : c == '\t' ? std::string{"\\t"}
                        : std::string{c};
  const auto plan =
      planned({makers_of(json), licences(), chips_of(chip_json(kId, device_of(ca, kId).certificate.pem()))});
  INFO(shown_faults(plan));
  REQUIRE(plan.ok());
  CHECK(plan.makers.front()->ca_certificates.size() == kMany + 1);
}

TEST_CASE("import: two ids with one name on the wire are refused", "[registry]") {
  const auto ca = make_ca("Solo CA");
  const std::string longer = "00112233445566778899aabbccddeeff00112233";
  const std::string wire = DeviceId::from_text(longer)->chip_id().hex();
  const std::string rows = chip_json(longer, device_of(ca, longer).certificate.pem()) + "," +
                           chip_json(wire, device_of(ca, wire).certificate.pem(), "B2");
  const auto plan = planned({makers_of(ca.certificate.pem()), licences(), chips_of(rows)});
  REQUIRE(plan.faults_total == 1);
  CHECK_THAT(plan.faults[0].problem,
             Catch::Contains("the same name on the wire, " + wire + ", as chip " + longer));
}

TEST_CASE("import: an id of 16 to 32 bytes and its certificate agree whatever their case and colons",
          "[registry]") {
  const auto ca = make_ca("Solo CA");
  const std::string id = "00112233445566778899AABBCCDDEEFF0011223344556677889900AABBCCDDEE";
  const auto device = device_of(ca, "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:00:11:22:33");
  const auto files = [&](const std::string& row) {
    return std::vector<ImportFile>{makers_of(ca.certificate.pem()), licences(), chips_of(row)};
  };
  CHECK(planned(files(chip_json(id, device_of(ca, id).certificate.pem()))).ok());
  CHECK(planned(files(chip_json("00112233445566778899aabbccddeeff00112233", device.certificate.pem()))).ok());
  CHECK(planned(files(chip_json("00112233445566778899aabbccddeeff001122", device.certificate.pem())))
            .faults_total == 1);
}

}  // namespace chiploc::test::identity_cases_test
