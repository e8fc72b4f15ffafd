// What an authority signs for a token, and for a certificate that is to be renewed.
#include "server/enrol/signing.hpp"

#include "proto/crypto/digest.hpp"
#include "tests/server/pki/pki_world.hpp"

namespace chiploc::pki_test {
namespace {

struct SigningWorld : AuthorityWorld {
  EnrolAuthority authority{folder};

  static Enrolment token(const std::string& kind, const std::string& name, const std::string& holder = "") {
    Enrolment out;
    out.kind = kind;
    out.name = name;
    out.holder = holder;
    return out;
  }
  static CertificateRequest request(const std::string& name, const Signer& key) {
    return request_of({.common_name = name, .organizational_unit = ""}, key);
  }
};
std::unique_ptr<SoftwareKey> new_key() { return generate_key(SignatureAlgorithm::kEs256); }

}  // namespace

TEST_CASE("enrol: role, name and holder are the token's", "[enrol][pki]") {
  SigningWorld world;
  const auto anchor = new_key(), site = new_key();
  const auto first = sign_newcomer(world.authority, SigningWorld::token("anchor", "fra1"),
                                   SigningWorld::request("fra1", *anchor), kNow);
  REQUIRE(first);
  CHECK(first->certificate.organizational_unit() == "anchor");
  CHECK(first->certificate.common_name() == "fra1");
  CHECK(first->certificate.public_key().value() == anchor->public_key());
  CHECK(first->certificate.hosts().empty());
  const auto second = sign_newcomer(world.authority, SigningWorld::token("site", "olga", "Example SA"),
                                    SigningWorld::request("olga", *site), kNow);
  REQUIRE(second);
  CHECK(second->certificate.organizational_unit() == "operator");
  CHECK(second->certificate.organizations() == std::vector<std::string>{"holder:Example SA"});
  CHECK(world.index().certificates.back().holder == "Example SA");

  const auto other = sign_newcomer(world.authority, SigningWorld::token("anchor", "ams1"),
                                   SigningWorld::request("fra1", *new_key()), kNow);
  CHECK(refusal(other).find("asks for the name 'fra1'") != std::string::npos);
  const auto role =
      sign_newcomer(world.authority, SigningWorld::token("anchor", "ams1"),
                    request_of({.common_name = "ams1", .organizational_unit = "admin"}, *new_key()), kNow);
  CHECK(refusal(role).find("asks for the role 'admin'") != std::string::npos);
  CHECK_FALSE(sign_newcomer(world.authority, SigningWorld::token("admin", "eve"),
                            SigningWorld::request("eve", *new_key()), kNow));
  CHECK(world.index().certificates.size() == 2);
}

TEST_CASE("enrol: one key gets one certificate, a name one key, and what was revoked stays so",
          "[enrol][pki]") {
  SigningWorld world;
  const auto key = new_key();
  const auto sign = [&](const Signer& with) {
    return sign_newcomer(world.authority, SigningWorld::token("anchor", "fra1"),
                         SigningWorld::request("fra1", with), kNow);
  };
  const auto first = sign(*key);
  const auto again = sign(*key);
  REQUIRE((first && again));
  CHECK_FALSE(first->again);
  CHECK(again->again);
  CHECK(again->certificate.serial() == first->certificate.serial());
  const std::string taken = refusal(sign(*new_key()));
  CHECK(taken.find("another key") != std::string::npos);
  CHECK(taken.find(world.folder.string()) == std::string::npos);
  REQUIRE(world.open().revoke({"fra1"}, RevocationReason::kKeyCompromise, kNow, 365));
  CHECK(refusal(sign(*key)).find("revoked") != std::string::npos);
  CHECK(world.index().certificates.size() == 1);
  CHECK(sign(*new_key()));
}

TEST_CASE("renewal: for a certificate of ours that is in force, an hour apart", "[enrol][pki]") {
  SigningWorld world;
  const auto key = new_key(), next = new_key();
  const auto old = sign_newcomer(world.authority, SigningWorld::token("site", "olga", "Example SA"),
                                 SigningWorld::request("olga", *key), kNow);
  REQUIRE(old);
  const auto renew = [&](const Signer& with, WallTime at, const std::string& name = "olga") {
    return sign_renewal(world.authority, old->certificate, SigningWorld::request(name, with), at);
  };
  const auto soon = renew(*key, kNow + std::chrono::minutes{59});
  REQUIRE(soon);
  CHECK(soon->again);
  CHECK(soon->certificate.serial() == old->certificate.serial());
  CHECK_FALSE(renew(*next, kNow + std::chrono::minutes{59}));
  const auto fresh = renew(*next, kNow + 30 * kDay);
  REQUIRE(fresh);
  CHECK_FALSE(fresh->again);
  CHECK(fresh->certificate.serial() != old->certificate.serial());
  CHECK(fresh->certificate.public_key().value() == next->public_key());
  CHECK(fresh->certificate.organizations() == std::vector<std::string>{"holder:Example SA"});
  CHECK(fresh->certificate.organizational_unit() == "operator");
  CHECK(renew(*next, kNow + 30 * kDay)->certificate.serial() == fresh->certificate.serial());
  CHECK(refusal(renew(*key, kNow + 60 * kDay, "otto")).find("asks for the name") != std::string::npos);
  CHECK(world.index().certificates.size() == 2);

  const auto over = renew(*key, old->certificate.not_after());
  REQUIRE_FALSE(over);
  CHECK(over.error().code == PkiFaultCode::kNotFound);
  REQUIRE(world.open().revoke({old->certificate.serial()}, RevocationReason::kSuperseded, kNow, 365));
  const auto revoked = renew(*key, kNow + 60 * kDay);
  REQUIRE_FALSE(revoked);
  CHECK(revoked.error().code == PkiFaultCode::kNotFound);
  SigningWorld others;
  const auto foreign =
      sign_renewal(others.authority, fresh->certificate, SigningWorld::request("olga", *next), kNow);
  REQUIRE_FALSE(foreign);
  CHECK(foreign.error().code == PkiFaultCode::kNotFound);
}

TEST_CASE("enrol: an authority that nobody believes is found at the start", "[enrol][pki]") {
  SigningWorld world;
  const AuthorityWorld others;
  CHECK(enrol_fault(world.authority, world.ca().pem()).empty());
  CHECK(enrol_fault(world.authority, others.ca().pem() + world.ca().pem()).empty());
  CHECK(enrol_fault(world.authority, others.ca().pem()).find("none of tls.ca") != std::string::npos);
  CHECK_FALSE(enrol_fault({world.top / "nothing"}, world.ca().pem()).empty());
  std::filesystem::remove(world.folder / "ca.key");
  CHECK_FALSE(enrol_fault(world.authority, world.ca().pem()).empty());
}

}  // namespace chiploc::pki_test
