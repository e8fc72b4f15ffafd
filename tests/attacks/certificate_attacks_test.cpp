// Device certificates that must not make a chip: at enrolment through the import, and where they are
// verified.
#include <fstream>
#include <iterator>

#include "tests/server/registry/world.hpp"
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

}  // namespace
}  // namespace chiploc::attacks
