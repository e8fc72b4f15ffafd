// Device certificates that must not make a chip: at enrolment through the import, and where they are
// verified.
#include <fstream>
#include <iterator>

#include "tests/server/registry/world.hpp"
#include "tests/support/certificate_maker.hpp"
#include "tests/support/coordinator_bench.hpp"
#include "tests/support/paths.hpp"

namespace chiploc::attacks {
namespace {

using Code = CertificateFault::Code;
constexpr auto kDay = std::chrono::hours{24};

IssueRequest chip_request(CertificatePurpose purpose = CertificatePurpose::kDevice) {
  IssueRequest request;
  request.common_name = "chip";
  request.serial_number = test::chip_id(1).hex();
  request.purpose = purpose;
  request.from = test::kNow - kDay;
  request.days = 30;
  return request;
}
Certificate issue(const CertificateAuthority& authority, const IssueRequest& request) {
  auto made = authority.issue(request, generate_key(SignatureAlgorithm::kEs256)->public_key());
  REQUIRE(made);
  return std::move(*made);
}
Code fault_of(const Result<Done, CertificateFault>& verified) {
  REQUIRE_FALSE(verified);
  CHECK_FALSE(verified.error().text.empty());
  return verified.error().code;
}
/// What the import says to a chip of maker Acme with this certificate: "" if it would be enrolled.
std::string enrolment_fault(const test::World& world, const Certificate& certificate) {
  return test::shown_faults(
      world.plan({world.makers(), world.licences(),
                  test::World::chips(test::chip_id(1).hex() + ",S-1,Acme,LAB-100,L-1,knock," +
                                     test::csv_quoted(certificate.pem()) + "\n")}));
}

TEST_CASE("attack: a revoked certificate", "[attacks]") {
  const auto authority = test::make_authority("Acme CA");
  const Certificate device = issue(authority, chip_request());
  const Certificate trusted[] = {authority.certificate()};
  const Certificate devices[] = {device};
  std::vector<RevocationList> lists;
  lists.push_back(std::move(authority.revoke({}, test::kNow - kDay, 7)).value());
  REQUIRE(verify_device(device, {}, trusted, test::kNow, lists));
  lists.clear();
  lists.push_back(std::move(authority.revoke(devices, test::kNow - kDay, 7)).value());
  CHECK(fault_of(verify_device(device, {}, trusted, test::kNow, lists)) == Code::kRevoked);
}

TEST_CASE("attack: an expired certificate", "[attacks]") {
  const test::World world;
  REQUIRE(enrolment_fault(world, issue(world.authority, chip_request())).empty());
  IssueRequest old = chip_request();
  old.from = test::kNow - 40 * kDay;
  const Certificate device = issue(world.authority, old);
  CHECK_FALSE(enrolment_fault(world, device).empty());
  const Certificate trusted[] = {world.authority.certificate()};
  CHECK(fault_of(verify_device(device, {}, trusted, test::kNow)) == Code::kExpired);
}

TEST_CASE("attack: a certificate of a wrong issuer", "[attacks]") {
  const test::World world;
  const auto other = test::make_authority("Another CA");
  CHECK_FALSE(enrolment_fault(world, issue(other, chip_request())).empty());
  const auto namesake = test::make_authority("Acme CA");  // the same name, another key
  CHECK_FALSE(enrolment_fault(world, issue(namesake, chip_request())).empty());
  const Certificate trusted[] = {world.authority.certificate()};
  const Certificate handed_in[] = {other.certificate()};
  CHECK(fault_of(verify_device(issue(other, chip_request()), handed_in, trusted, test::kNow)) ==
        Code::kUntrusted);
}

TEST_CASE("attack: a certificate of a wrong purpose", "[attacks]") {
  const test::World world;
  const Certificate trusted[] = {world.authority.certificate()};
  for (const auto purpose : {CertificatePurpose::kServer, CertificatePurpose::kIntermediateCa}) {
    const Certificate device = issue(world.authority, chip_request(purpose));
    CHECK_FALSE(enrolment_fault(world, device).empty());
    CHECK(fault_of(verify_device(device, {}, trusted, test::kNow)) == Code::kWrongPurpose);
  }
  // And one that may not issue does not.
  auto key = generate_key(SignatureAlgorithm::kEs256);
  auto server = world.authority.issue(chip_request(CertificatePurpose::kServer), key->public_key());
  REQUIRE(server);
  const Certificate pretender[] = {*server};
  const auto authority = CertificateAuthority::from(std::move(*server), std::move(key));
  REQUIRE(authority);
  CHECK(fault_of(verify_device(issue(*authority, chip_request()), pretender, trusted, test::kNow)) ==
        Code::kNotACa);
}

TEST_CASE("attack: a certificate chain that is too long", "[attacks]") {
  std::ifstream in{source_dir() / "tests/attacks/data/long_chain.pem"};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  const auto chain = Certificate::chain_from_pem(text);
  REQUIRE(chain);
  REQUIRE(chain->size() == 6);
  const std::vector<Certificate> intermediates{chain->begin() + 2, chain->begin() + 5};
  const Certificate trusted[] = {chain->at(5)};
  const WallTime now = chain->at(0).not_before() + kDay;
  CHECK(verify_device(chain->at(0), intermediates, trusted, now));  // two intermediates
  CHECK(fault_of(verify_device(chain->at(1), intermediates, trusted, now)) == Code::kNotACa);  // three
}

/// A chip's device CA, and what it issues for this id.
std::pair<test::MadeCertificate, Certificate> issued_by_device_ca(const test::MadeCertificate& maker,
                                                                  const std::string& owner,
                                                                  const std::string& id) {
  test::CertificateOrder order;
  order.common_name = "device identity";
  order.serial_number = owner;
  order.extensions = test::kCaExtensions;
  const auto identity = test::make_certificate(order, &maker);
  order.common_name = "alias";
  order.serial_number = id;
  order.extensions = test::kDeviceExtensions;
  order.key = {};
  return {identity, test::make_certificate(order, &identity).certificate};
}

TEST_CASE("attack: the device CA of another chip", "[attacks]") {
  const auto maker = test::make_ca("Acme CA");
  const Certificate trusted[] = {maker.certificate};
  const std::string victim = test::chip_id(1).hex();
  const auto [own, alias] = issued_by_device_ca(maker, victim, victim);
  REQUIRE(verify_device(alias, {&own.certificate, 1}, trusted, test::kNow));
  const auto [stolen, forged] = issued_by_device_ca(maker, test::chip_id(2).hex(), victim);
  CHECK(fault_of(verify_device(forged, {&stolen.certificate, 1}, trusted, test::kNow)) == Code::kUntrusted);
}

TEST_CASE("attack: the device CA of a chip is revoked", "[attacks]") {
  const auto maker = test::make_ca("Acme CA");
  const Certificate trusted[] = {maker.certificate};
  const auto [identity, alias] = issued_by_device_ca(maker, test::chip_id(1).hex(), test::chip_id(1).hex());
  const RevocationList none = test::make_list(maker, {});
  REQUIRE(verify_device(alias, {&identity.certificate, 1}, trusted, test::kNow, {&none, 1}));
  const RevocationList list = test::make_list(maker, {.revoked = {identity.certificate}});
  CHECK(fault_of(verify_device(alias, {&identity.certificate, 1}, trusted, test::kNow, {&list, 1})) ==
        Code::kRevoked);
}

// From here on: what an import lets in or keeps out, and what a whole round of the coordinator makes of it.
// Lists are current from a day of 1970 on, so that rounds need no clock but the machine's.
constexpr WallTime kDayTwo{2 * kDay};

TEST_CASE("attack: a chip whose certificate was revoked after its import", "[attacks]") {
  test::Bench bench;
  const Certificate revoked[] = {bench.device};
  const auto registry = bench.imported_list(bench.list_of(revoked, 1), kDayTwo);
  REQUIRE(registry);
  bench.registry = *registry;
  bench.run();
  bench.attach_all();
  const auto verdict = bench.verdict_of_round();
  CHECK(verdict.state() == v1::INVALID);
  REQUIRE(verdict.reasons_size() > 0);
  CHECK(verdict.reasons(0).code() == "certificate_revoked");
}

TEST_CASE("attack: a certificate that has expired since its import", "[attacks]") {
  test::Bench bench{{}, /*days=*/3};
  bench.run();
  bench.attach_all();
  const auto verdict = bench.verdict_of_round();
  CHECK(verdict.state() == v1::INVALID);
  REQUIRE(verdict.reasons_size() > 0);
  CHECK(verdict.reasons(0).code() == "certificate_expired");
}

TEST_CASE("attack: a revocation list withheld until it is out of date", "[attacks]") {
  test::Bench bench;
  const auto registry = bench.imported_list(bench.list_of({}, 1, 7), kDayTwo);
  REQUIRE(registry);
  bench.registry = *registry;
  bench.run();
  bench.attach_all();
  const auto verdict = bench.verdict_of_round();
  CHECK(verdict.state() == v1::UNRESOLVED);
  CHECK(verdict.reasons(0).code() == "revocation_list_stale");
}

TEST_CASE("attack: a revocation list rolled back to one before the revocation", "[attacks]") {
  test::Bench bench;
  const Certificate revoked[] = {bench.device};
  const RevocationList before = bench.list_of({}, 1);
  const auto registry = bench.imported_list(bench.list_of(revoked, 2), kDayTwo);
  REQUIRE(registry);
  bench.registry = *registry;
  const auto refused = bench.imported_list(before, kDayTwo);
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error(), Catch::Contains("older than the registered one"));
}

TEST_CASE("attack: a revocation list left out, and one that somebody else signed", "[attacks]") {
  const test::World world;
  const auto plant = test::make_authority("Acme Plant CA");
  const auto by_plant = std::move(plant.revoke({}, test::kNow - kDay, 7)).value();
  const auto both = test::World::csv(
      ImportKind::kMakers, "makers.csv",
      "name,ca_pem\nAcme," +
          test::csv_quoted(world.authority.certificate().pem() + plant.certificate().pem()) + "\n");
  const auto first = world.plan({both, test::World::revocations(world.list().pem() + by_plant.pem())});
  REQUIRE(first.ok());
  CHECK_FALSE(world.plan({test::World::revocations(by_plant.pem())}, first.registry).ok());
  const auto namesake = test::make_authority("Acme CA");
  const auto forged = std::move(namesake.revoke({}, test::kNow, 7)).value();
  const auto plan = world.plan({world.makers(), test::World::revocations(forged.pem())});
  REQUIRE(plan.faults_total == 1);
  CHECK_THAT(plan.faults[0].problem, Catch::Contains("signed by none of the maker's authorities"));
}

TEST_CASE("attack: a revoked certificate at enrolment", "[attacks]") {
  const test::World world;
  const Certificate device = issue(world.authority, chip_request());
  const auto with = [&](const std::vector<std::string>& revoked) {
    return test::shown_faults(
        world.plan({world.makers(), world.licences(), test::World::revocations(world.list(revoked).pem()),
                    test::World::chips(test::chip_id(1).hex() + ",S-1,Acme,LAB-100,L-1,knock," +
                                       test::csv_quoted(device.pem()) + "\n")}));
  };
  CHECK(with({}).empty());
  CHECK_THAT(with({device.pem()}), Catch::Contains("its issuer has revoked it"));
}

}  // namespace
}  // namespace chiploc::attacks
