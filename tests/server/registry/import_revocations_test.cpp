#include <openssl/x509v3.h>

#include "tests/server/registry/world.hpp"

namespace chiploc::test::import_revocations_test {
namespace {

constexpr auto kDay = std::chrono::hours{24};

/// The plan must have exactly this one fault, in the cell of the lists.
void check_fault(const ImportPlan& plan, const std::string& field, const std::string& part) {
  INFO(shown_faults(plan));
  REQUIRE(plan.faults_total == 1);
  CHECK(plan.registry == nullptr);
  CHECK(plan.faults[0].file == "revocations.csv");
  CHECK(plan.faults[0].line == 2);
  CHECK(plan.faults[0].field == field);
  CHECK_THAT(plan.faults[0].problem, Catch::Contains(part));
}

/// A registry with the maker of `world` and these chips.
Registry::Snapshot base_of(const World& world, const std::string& chip_rows = "") {
  const auto plan = world.plan({world.makers(), world.licences(), World::chips(chip_rows)});
  REQUIRE(plan.ok());
  return plan.registry;
}

/// A list that CertificateAuthority would never make: without a next update, or with a delta's mark.
std::string strange_list(const World& world, bool delta) {
  const auto free_crl = [](X509_CRL* crl) { X509_CRL_free(crl); };
  const std::unique_ptr<X509_CRL, decltype(free_crl)> crl{X509_CRL_new(), free_crl};
  const RevocationList model = world.list();
  REQUIRE(X509_CRL_set_version(crl.get(), 1) == 1);
  REQUIRE(X509_CRL_set_issuer_name(crl.get(), X509_CRL_get_issuer(model.native())) == 1);
  REQUIRE(X509_CRL_set1_lastUpdate(crl.get(), X509_CRL_get0_lastUpdate(model.native())) == 1);
  if (delta) {
    REQUIRE(X509_CRL_set1_nextUpdate(crl.get(), X509_CRL_get0_nextUpdate(model.native())) == 1);
    ASN1_INTEGER* base = ASN1_INTEGER_new();
    REQUIRE(ASN1_INTEGER_set(base, 1) == 1);
    REQUIRE(X509_CRL_add1_ext_i2d(crl.get(), NID_delta_crl, base, /*crit=*/1, 0) == 1);
    ASN1_INTEGER_free(base);
  }
  EVP_MD_CTX* const signing = world.authority.key().start_signing();
  REQUIRE(X509_CRL_sign_ctx(crl.get(), signing) > 0);
  EVP_MD_CTX_free(signing);
  std::uint8_t* data = nullptr;
  const int size = i2d_X509_CRL(crl.get(), &data);
  REQUIRE(size > 0);
  const auto list = RevocationList::from_der(Bytes{data, static_cast<std::size_t>(size)});
  OPENSSL_free(data);
  REQUIRE(list);
  return list->pem();
}

ImportFile two_authorities(const CertificateAuthority& one, const CertificateAuthority& two) {
  return World::csv(
      ImportKind::kMakers, "makers.csv",
      "name,ca_pem\nAcme," + csv_quoted(one.certificate().pem() + two.certificate().pem()) + "\n");
}

}  // namespace

TEST_CASE("import: a maker's revocation lists come in, from CSV and from JSON alike", "[registry]") {
  const World world;
  const auto list = world.list();
  const auto csv = world.plan({World::revocations(list.pem()), world.makers()});
  INFO(shown_faults(csv));
  REQUIRE(csv.ok());
  CHECK(csv.added == 2);
  REQUIRE(csv.registry->revocations("Acme") != nullptr);
  REQUIRE(csv.registry->revocations("Acme")->lists.size() == 1);
  CHECK(csv.registry->revocations("Acme")->lists[0] == list);
  CHECK(csv.registry->revocations("Nobody") == nullptr);

  std::string escaped;
  for (const char c : list.pem()) escaped += c == '\n' ? std::string{"\\n"} : std::string{c};
  const auto json =
      world.plan({world.makers(), World::json(ImportKind::kRevocations, "r.json",
                                              R"([{"maker":"Acme","crl_pem":[")" + escaped + R"("]}])")});
  INFO(shown_faults(json));
  REQUIRE(json.ok());
  CHECK(*json.registry->revocations("Acme") == *csv.registry->revocations("Acme"));

  const auto again = world.plan({World::revocations(list.pem())}, csv.registry);
  REQUIRE(again.ok());
  CHECK(again.unchanged == 1);
  CHECK(again.revocations.empty());
}

TEST_CASE("import: each list is checked, and the sentence says what would be right", "[registry]") {
  const World world;
  const auto base = base_of(world);
  const auto with = [&](const std::string& pem, const std::string& maker = "Acme") {
    return world.plan({World::revocations(pem, maker)}, base);
  };
  const std::string good = world.list().pem();
  REQUIRE(with(good).ok());
  check_fault(with(good, "Nobody"), "maker", "no maker \"Nobody\" is registered or in this import");
  check_fault(with(""), "crl_pem", "is empty; give a revocation list in PEM");
  check_fault(with(world.authority.certificate().pem()), "crl_pem", "where a revocation list should stand");
  check_fault(with(good.substr(0, good.size() - 30)), "crl_pem", "is the file cut?");
  check_fault(with("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"), "crl_pem",
              "list 1 cannot be used");
  check_fault(with(good + world.list({}, kNow - 2 * kDay).pem()), "crl_pem", "list 2 is a second one");
  check_fault(with(world.list({}, kNow + kDay).pem()), "crl_pem", "from the future, 2026-09-22");
  check_fault(with(world.list({}, kNow - 9 * kDay).pem()), "crl_pem", "out of date since 2026-09-19");
  const auto namesake = make_authority("Acme CA");
  check_fault(with(std::move(namesake.revoke({}, kNow - kDay, 7)).value().pem()), "crl_pem",
              "signed by none of the maker's authorities");
  check_fault(with(strange_list(world, /*delta=*/true)), "crl_pem", "is a delta");
  check_fault(with(strange_list(world, /*delta=*/false)), "crl_pem", "names no next update");
  const auto twice = world.plan(
      {World::csv(ImportKind::kRevocations, "revocations.csv",
                  "maker,crl_pem\nAcme," + csv_quoted(good) + "\nAcme," + csv_quoted(good) + "\n")},
      base);
  REQUIRE(twice.faults_total == 1);
  CHECK(twice.faults[0].field == "maker");
}

TEST_CASE("import: a list that is older than the registered one is refused", "[registry]") {
  const World world;
  const std::string chip = device_pem(world.authority, chip_id(1));
  const auto base = world.plan({World::revocations(world.list({chip}, kNow - kDay).pem())}, base_of(world));
  REQUIRE(base.ok());
  check_fault(world.plan({World::revocations(world.list({}, kNow - 2 * kDay).pem())}, base.registry),
              "crl_pem", "older than the registered one of 2026-09-20");
  const auto younger = world.plan({World::revocations(world.list({}, kNow).pem())}, base.registry);
  INFO(shown_faults(younger));
  CHECK(younger.ok());  // what the authority itself takes off its list is its own affair
  CHECK(younger.changed == 1);
}

TEST_CASE("import: an authority that gave a list is not left without one", "[registry]") {
  const World world;
  const auto plant = make_authority("Acme Plant CA");
  const std::string of_plant = std::move(plant.revoke({}, kNow - kDay, 7)).value().pem();
  const auto first = world.plan(
      {two_authorities(world.authority, plant), World::revocations(world.list().pem() + of_plant)});
  INFO(shown_faults(first));
  REQUIRE(first.ok());
  check_fault(world.plan({World::revocations(world.list({}, kNow).pem())}, first.registry), "crl_pem",
              "has no list of \"CN=Acme Plant CA\", which gave one before");
  // Unless it is the maker's authority no longer.
  CHECK(world.plan({world.makers(), World::revocations(world.list({}, kNow).pem())}, first.registry).ok());
}

TEST_CASE("import: a new chip is held against its maker's lists, a registered one keeps its place",
          "[registry]") {
  const World world;
  const std::string row = world.chip_row(1, "S-1");
  const std::string pem = device_pem(world.authority, chip_id(2));
  const std::string revoked_row = chip_id(2).hex() + ",S-2,Acme,LAB-100,L-1,knock," + csv_quoted(pem) + "\n";
  const auto base = base_of(world, row + revoked_row);
  const auto listed = world.plan({World::revocations(world.list({pem}).pem())}, base);
  INFO(shown_faults(listed));
  REQUIRE(listed.ok());
  CHECK(listed.registry->chip(chip_id(2)) != nullptr);
  // The same files again, the maker's among them, are still the same files.
  const auto again =
      world.plan({world.makers(), world.licences(), World::chips(row + revoked_row)}, listed.registry);
  INFO(shown_faults(again));
  CHECK(again.ok());

  const auto fresh = world.plan({world.makers(), world.licences(), World::chips(row + revoked_row),
                                 World::revocations(world.list({pem}).pem())});
  REQUIRE(fresh.faults_total == 1);
  CHECK(fresh.faults[0].field == "certificate_pem");
  CHECK_THAT(fresh.faults[0].problem, Catch::Contains("its issuer has revoked it"));
  // No list of its issuer, while the maker gives lists: nobody can say, so it does not come in.
  const auto plant = make_authority("Acme Plant CA");
  const auto unlisted = world.plan({two_authorities(world.authority, plant),
                                    World::chips(chip_id(3).hex() + ",S-3,Acme,LAB-100,L-1,knock," +
                                                 csv_quoted(device_pem(plant, chip_id(3))) + "\n")},
                                   listed.registry);
  REQUIRE(unlisted.faults_total == 1);
  CHECK_THAT(unlisted.faults[0].problem, Catch::Contains("there is no list of its issuer"));
}

TEST_CASE("import: lists may be larger than other fields, up to a limit of their own", "[registry]") {
  World world;
  const auto base = base_of(world);
  std::vector<Certificate> revoked;
  const auto device = Certificate::from_pem(device_pem(world.authority, chip_id(1))).value();
  for (int i = 0; i < 600; ++i) revoked.push_back(device);
  const std::string large = std::move(world.authority.revoke(revoked, kNow - kDay, 7)).value().pem();
  REQUIRE(large.size() > world.options.limits.field_bytes);
  CHECK(world.plan({World::revocations(large)}, base).ok());
  world.options.limits.crl_bytes = large.size() - 1;
  check_fault(world.plan({World::revocations(large)}, base), "crl_pem", "bytes; at most");
}

}  // namespace chiploc::test::import_revocations_test
