#include "server/net/certificate_check.hpp"

#include "proto/base/time_text.hpp"
#include "proto/crypto/issue.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::certificate_check_test {
namespace {

constexpr WallTime kNow = wall_from_unix_seconds(1'795'000'000);
constexpr std::chrono::hours kDay{24};

CertificateAuthority authority(const char* name = "root") {
  return CertificateAuthority::create(name, SignatureAlgorithm::kEs256, kNow - kDay, 3650).value();
}

struct Holder {
  std::string role = "anchor";
  std::string name = "fra1";
  CertificatePurpose purpose = CertificatePurpose::kClient;
  WallTime from = kNow - kDay;
  int days = 365;
  std::vector<std::string> hosts{};
};

TlsMaterial material_of(const CertificateAuthority& ca, const Holder& holder) {
  const auto key = generate_key(SignatureAlgorithm::kEs256);
  IssueRequest request;
  request.common_name = holder.name;
  request.organizational_unit = holder.role;
  request.dns_names = holder.hosts;
  request.purpose = holder.purpose;
  request.from = holder.from;
  request.days = holder.days;
  const auto certificate = ca.issue(request, key->public_key());
  REQUIRE(certificate);
  return {ca.certificate().pem(), certificate->pem(), key->private_pem()};
}

const TlsFiles kFiles{"ca.pem", "tls.pem", "tls.key"};

std::string fault(const TlsMaterial& material, CertificateHolder holder, const std::string& name = "",
                  WallTime now = kNow) {
  const auto checked = check_certificate(kFiles, material, holder, name, now);
  return checked ? "none" : checked.error();
}

TEST_CASE("check_certificate: a good one tells who holds it, and until when", "[net][tls]") {
  const auto ca = authority();
  const Holder server{.role = "coordinator",
                      .name = "chiplocd",
                      .purpose = CertificatePurpose::kServer,
                      .hosts = {"chiplocd", "loc.example"}};
  const auto own =
      check_certificate(kFiles, material_of(ca, server), CertificateHolder::kCoordinator, "", kNow);
  REQUIRE(own);
  CHECK(own->name == "chiplocd");
  CHECK(own->role == "coordinator");
  CHECK(own->hosts == server.hosts);
  CHECK(own->life.until == kNow + 364 * kDay);
  CHECK(fault(material_of(ca, {}), CertificateHolder::kAnchor, "fra1") == "none");
  for (const char* role : {"reader", "verifier", "registrar", "auditor", "admin"})
    CHECK(fault(material_of(ca, {.role = role}), CertificateHolder::kPerson) == "none");
}

TEST_CASE("check_certificate: another role's is named, and how to get the right one", "[net][tls]") {
  const auto ca = authority();
  CHECK(
      fault(material_of(ca, {}), CertificateHolder::kCoordinator) ==
      "tls.pem: is a certificate of the role 'anchor', here belongs one of a coordinator (OU: coordinator); "
      "have it issued: chiploc pki issue coordinator NAME");
  CHECK(fault(material_of(ca, {.role = "admin"}), CertificateHolder::kAnchor, "fra1")
            .find("chiploc pki issue anchor fra1") != std::string::npos);
  CHECK(fault(material_of(ca, {}), CertificateHolder::kPerson)
            .find("reader, verifier, registrar, auditor, admin, regulator, analyst, operator, researcher") !=
        std::string::npos);
  CHECK(fault(material_of(ca, {.role = ""}), CertificateHolder::kPerson).find("the role ''") !=
        std::string::npos);
}

TEST_CASE("check_certificate: an anchor's name is that of its configuration", "[net][tls]") {
  const auto ca = authority();
  CHECK(
      fault(material_of(ca, {.name = "par1"}), CertificateHolder::kAnchor, "fra1") ==
      "tls.pem: is the certificate of 'par1', the configuration's name is 'fra1'; correct the name, or have one "
      "issued: chiploc pki issue anchor fra1");
}

TEST_CASE("check_certificate: before and after its days it says so, with this machine's clock",
          "[net][tls]") {
  const auto ca = authority();
  const TlsMaterial material = material_of(ca, {.days = 10});
  const auto at = [&](WallTime now) { return fault(material, CertificateHolder::kAnchor, "fra1", now); };
  const WallTime end = kNow + 9 * kDay;
  CHECK(at(end - std::chrono::seconds{1}) == "none");
  CHECK(at(end) == "tls.pem: the certificate ended on " + utc_text(end) + ", this machine's clock says " +
                       utc_text(end) + "; have it renewed (chiploc pki renew fra1), or set the clock right");
  CHECK(at(kNow - 2 * kDay) == "tls.pem: the certificate is valid only from " + utc_text(kNow - kDay) +
                                   ", this machine's clock says " + utc_text(kNow - 2 * kDay) +
                                   "; set the clock right");
}

TEST_CASE("check_certificate: an authority whose days are over is named too", "[net][tls]") {
  const auto ca =
      CertificateAuthority::create("old root", SignatureAlgorithm::kEs256, kNow - 20 * kDay, 10).value();
  const std::string text = fault(material_of(ca, {}), CertificateHolder::kAnchor, "fra1");
  CHECK(text.find("CN=old root") != std::string::npos);
  CHECK(text.find("this machine's clock says " + utc_text(kNow)) != std::string::npos);
}

TEST_CASE("check_certificate: what another authority issued is of no use", "[net][tls]") {
  const auto ours = authority();
  TlsMaterial material = material_of(authority("other"), {});
  material.ca = ours.certificate().pem();
  const std::string text = fault(material, CertificateHolder::kAnchor, "fra1");
  CHECK(text.find("tls.pem: was not issued by ca.pem") == 0);
  material = material_of(authority(), {});  // the same name, another key
  material.ca = ours.certificate().pem();
  CHECK(fault(material, CertificateHolder::kAnchor, "fra1").find("tls.pem: was not issued by ca.pem") == 0);
}

TEST_CASE("check_certificate: an extended key usage for the other end is a fault", "[net][tls]") {
  const auto ca = authority();
  CHECK(fault(material_of(ca, {.purpose = CertificatePurpose::kServer}), CertificateHolder::kAnchor, "fra1")
            .find("extended key usage") != std::string::npos);
  CHECK(fault(material_of(ca, {.role = "coordinator"}), CertificateHolder::kCoordinator)
            .find("extended key usage") != std::string::npos);
  CHECK(fault(material_of(ca, {.role = "coordinator", .purpose = CertificatePurpose::kServerAndClient}),
              CertificateHolder::kCoordinator) == "none");
}

TEST_CASE("near_end_text: the last 30 days of a year, the last third of a short life", "[net][tls]") {
  const auto ca = authority();
  const auto text = [&](int days, WallTime now) {
    return near_end_text(
        *check_certificate(kFiles, material_of(ca, {.days = days}), CertificateHolder::kAnchor, "fra1", kNow),
        now);
  };
  CHECK(text(365, kNow + 333 * kDay).empty());
  const std::string soon = text(365, kNow + 335 * kDay);
  CHECK(soon.find("(29 days left); have it renewed: chiploc pki renew fra1") != std::string::npos);
  CHECK(text(9, kNow + 4 * kDay).empty());
  CHECK_FALSE(text(9, kNow + 6 * kDay).empty());
}

}  // namespace
}  // namespace chiploc::certificate_check_test
