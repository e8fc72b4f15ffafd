#include "proto/crypto/certificate.hpp"

#include "proto/crypto/digest.hpp"
#include "proto/crypto/issue.hpp"
#include "tests/proto/crypto/hex.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::certificate_test {
using Code = CertificateFault::Code;

namespace {

constexpr WallTime kNow = wall_from_unix_seconds(1'795'000'000);
constexpr auto kDay = std::chrono::hours{24};

CertificateAuthority a_ca(SignatureAlgorithm algorithm = SignatureAlgorithm::kEs256, int days = 3650) {
  return std::move(CertificateAuthority::create("Maker CA", algorithm, kNow - kDay, days)).value();
}
IssueRequest device_request() {
  IssueRequest request;
  request.common_name = "chip";
  request.serial_number = "000102030405060708090a0b0c0d0e0f";
  request.from = kNow - kDay;
  request.days = 30;
  return request;
}
PublicKey a_key(SignatureAlgorithm algorithm = SignatureAlgorithm::kEs256) {
  return generate_key(algorithm)->public_key();
}

Certificate issued(const CertificateAuthority& ca, const IssueRequest& request) {
  return std::move(ca.issue(request, a_key())).value();
}
/// An intermediate CA of this one.
CertificateAuthority under(const CertificateAuthority& ca, const char* name,
                           CertificatePurpose purpose = CertificatePurpose::kIntermediateCa) {
  auto key = generate_key(SignatureAlgorithm::kEs256);
  IssueRequest request;
  request.common_name = name;
  request.purpose = purpose;
  request.from = kNow - kDay;
  auto certificate = std::move(ca.issue(request, key->public_key())).value();
  return std::move(CertificateAuthority::from(std::move(certificate), std::move(key))).value();
}

Code fault_of(const Result<Done, CertificateFault>& result) {
  REQUIRE_FALSE(result);
  INFO(result.error().text);
  CHECK_FALSE(result.error().text.empty());
  return result.error().code;
}

}  // namespace

TEST_CASE("Certificate: an issued device certificate says what was asked for", "[crypto]") {
  const auto algorithm =
      GENERATE(SignatureAlgorithm::kEd25519, SignatureAlgorithm::kEs256, SignatureAlgorithm::kEs384);
  const auto ca = a_ca(algorithm);
  const auto key = a_key(algorithm);
  IssueRequest request = device_request();
  request.organizational_unit = "chips";
  const auto certificate = std::move(ca.issue(request, key)).value();
  CHECK(certificate.chip_id()->hex() == request.serial_number);
  CHECK(certificate.common_name() == "chip");
  CHECK(certificate.organizational_unit() == "chips");
  CHECK(certificate.organizations().empty());
  request.organization = "holder:M\xC3\xBCller, Sons";
  CHECK(std::move(ca.issue(request, key)).value().organizations() == std::vector{request.organization});
  request.organization = std::string(65, 'x');
  CHECK(ca.issue(request, key).error().code == CertificateFault::Code::kNotIssued);
  CHECK(*certificate.public_key() == key);
  CHECK(certificate.not_before() == kNow - kDay);
  CHECK(certificate.not_after() == kNow + 29 * kDay);
  CHECK(certificate.fingerprint() == sha256(certificate.der()));
  const Certificate trusted[] = {ca.certificate()};
  CHECK(verify_device(certificate, {}, trusted, kNow));

  const auto pem = Certificate::from_pem(certificate.pem());
  REQUIRE(pem);
  CHECK(same_bytes(pem->der(), certificate.der()));
  const auto chain =
      Certificate::chain_from_pem("device\n" + certificate.pem() + "its CA\n" + ca.certificate().pem());
  REQUIRE(chain);
  REQUIRE(chain->size() == 2);
  CHECK(chain->at(1).fingerprint() == ca.certificate().fingerprint());
}

TEST_CASE("Certificate: cuts, additions and noise are malformed", "[crypto]") {
  const auto certificate = a_ca().certificate();
  for (std::size_t size = 0; size < certificate.der().size(); ++size) {
    const auto cut = Certificate::from_der(certificate.der().first(size));
    REQUIRE_FALSE(cut);
    REQUIRE(cut.error().code == Code::kMalformed);
  }
  ByteVector longer(certificate.der().begin(), certificate.der().end());
  longer.push_back(0);
  CHECK_FALSE(Certificate::from_der(longer));
  CHECK_FALSE(Certificate::from_der(ByteVector(Certificate::kSizeMax + 1)));
  CHECK_FALSE(Certificate::from_pem(""));
  CHECK_FALSE(Certificate::from_pem(certificate.pem() + certificate.pem()));
  CHECK_FALSE(Certificate::from_pem(generate_key(SignatureAlgorithm::kEs256)->private_pem()));
  CHECK_FALSE(Certificate::chain_from_pem("no certificate here"));
  CHECK_FALSE(Certificate::chain_from_pem(certificate.pem() + certificate.pem().substr(0, 100)));
}

TEST_CASE("Certificate: no flipped bit leaves a certificate that verifies", "[crypto]") {
  const auto ca = a_ca();
  const auto device = issued(ca, device_request());
  const Certificate trusted[] = {ca.certificate()};
  for (std::size_t bit = 0; bit < device.der().size() * 8; bit += 3) {
    const auto changed = Certificate::from_der(with_flipped_bit(device.der(), bit));
    INFO("bit " << bit);
    if (changed) REQUIRE_FALSE(verify_device(*changed, {}, trusted, kNow));
  }
}

TEST_CASE("verify_device: before and after its days a certificate is not valid", "[crypto]") {
  const auto ca = a_ca();
  const auto device = issued(ca, device_request());
  const Certificate trusted[] = {ca.certificate()};
  CHECK(verify_device(device, {}, trusted, device.not_before()));
  CHECK(verify_device(device, {}, trusted, device.not_after() - std::chrono::seconds{1}));
  CHECK(fault_of(verify_device(device, {}, trusted, kNow - 2 * kDay)) == Code::kNotYetValid);
  CHECK(fault_of(verify_device(device, {}, trusted, kNow + 31 * kDay)) == Code::kExpired);
}

TEST_CASE("verify_device: an expired CA vouches for nobody", "[crypto]") {
  const auto ca = a_ca(SignatureAlgorithm::kEs256, 5);
  const auto device = issued(ca, device_request());
  const Certificate trusted[] = {ca.certificate()};
  CHECK(fault_of(verify_device(device, {}, trusted, kNow + 6 * kDay)) == Code::kExpired);
}

TEST_CASE("verify_device: another CA, or one of the same name, is not trusted", "[crypto]") {
  const auto ca = a_ca();
  const auto device = issued(ca, device_request());
  CHECK(fault_of(verify_device(device, {}, {}, kNow)) == Code::kUntrusted);
  const Certificate namesake[] = {a_ca().certificate()};
  const Code code = fault_of(verify_device(device, {}, namesake, kNow));
  CHECK((code == Code::kUntrusted || code == Code::kBadSignature));
  // Handing the right CA in as an intermediate does not make it trusted.
  const Certificate untrusted[] = {ca.certificate()};
  CHECK(fault_of(verify_device(device, untrusted, namesake, kNow)) == Code::kUntrusted);
}

TEST_CASE("verify_device: a changed signature is told apart", "[crypto]") {
  const auto ca = a_ca(SignatureAlgorithm::kEd25519);
  const auto device = issued(ca, device_request());
  const auto changed = Certificate::from_der(with_flipped_bit(device.der(), (device.der().size() - 40) * 8));
  REQUIRE(changed);
  const Certificate trusted[] = {ca.certificate()};
  CHECK(fault_of(verify_device(*changed, {}, trusted, kNow)) == Code::kBadSignature);
}

TEST_CASE("verify_device: an intermediate helps; without it the path is missing", "[crypto]") {
  const auto root = a_ca();
  const auto middle = under(root, "Plant CA");
  const auto device = issued(middle, device_request());
  const Certificate trusted[] = {root.certificate()};
  const Certificate intermediates[] = {middle.certificate()};
  CHECK(verify_device(device, intermediates, trusted, kNow));
  CHECK(fault_of(verify_device(device, {}, trusted, kNow)) == Code::kUntrusted);
  // A trusted CA need not be a root.
  CHECK(verify_device(device, {}, intermediates, kNow));
}

TEST_CASE("verify_device: nobody issues who may not", "[crypto]") {
  const auto root = a_ca();
  const Certificate trusted[] = {root.certificate()};
  const auto pretender = under(root, "a server", CertificatePurpose::kServer);
  const Certificate by_server[] = {pretender.certificate()};
  CHECK(fault_of(verify_device(issued(pretender, device_request()), by_server, trusted, kNow)) ==
        Code::kNotACa);
  // An intermediate's path length is 0: it makes no further CA.
  const auto middle = under(root, "Plant CA");
  const auto lower = under(middle, "Line CA");
  const Certificate both[] = {middle.certificate(), lower.certificate()};
  CHECK(fault_of(verify_device(issued(lower, device_request()), both, trusted, kNow)) == Code::kNotACa);
  const Certificate trusted_device[] = {pretender.certificate()};
  CHECK_FALSE(verify_device(issued(pretender, device_request()), {}, trusted_device, kNow));
}

TEST_CASE("verify_device: CAs, servers and certificates without a chip id are no devices", "[crypto]") {
  const auto ca = a_ca();
  const Certificate trusted[] = {ca.certificate()};
  IssueRequest request = device_request();
  request.purpose = CertificatePurpose::kServer;
  CHECK(fault_of(verify_device(issued(ca, request), {}, trusted, kNow)) == Code::kWrongPurpose);
  request.purpose = CertificatePurpose::kIntermediateCa;
  CHECK(fault_of(verify_device(issued(ca, request), {}, trusted, kNow)) == Code::kWrongPurpose);
  request = device_request();
  request.purpose = CertificatePurpose::kClient;
  CHECK(verify_device(issued(ca, request), {}, trusted, kNow));
  request = device_request();
  request.serial_number = "0001";
  CHECK(fault_of(verify_device(issued(ca, request), {}, trusted, kNow)) == Code::kNoChipId);
  request.serial_number = "";
  CHECK(fault_of(verify_device(issued(ca, request), {}, trusted, kNow)) == Code::kNoChipId);
}

TEST_CASE("verify_device: a CA without any key usage is no device either", "[crypto]") {
  // openssl req -x509 -newkey ec (P-256) -subj "/CN=ca/serialNumber=000102030405060708090a0b0c0d0e0f" -days
  // 36500
  const auto ca = Certificate::from_pem(
      "-----BEGIN CERTIFICATE-----\n"
      "MIIBxjCCAW2gAwIBAgIUdrIQdJy1yiMZWTIizwA/PbntyE8wCgYIKoZIzj0EAwIw\n"
      "ODELMAkGA1UEAwwCY2ExKTAnBgNVBAUTIDAwMDEwMjAzMDQwNTA2MDcwODA5MGEw\n"
      "YjBjMGQwZTBmMCAXDTI2MTEyMTIwNDgwMloYDzIxMjYxMDI4MjA0ODAyWjA4MQsw\n"
      "CQYDVQQDDAJjYTEpMCcGA1UEBRMgMDAwMTAyMDMwNDA1MDYwNzA4MDkwYTBiMGMw\n"
      "ZDBlMGYwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAS0JlKtYF9nfAyQr4aOnCno\n"
      "WysoQYp+4fkKmtSbkSzqrR7nvuA7naf8WG8Sc3Yvs7Vm8+Jw4H+EIC7BwqWkhQNp\n"
      "o1MwUTAdBgNVHQ4EFgQUFk/muCiJ8kJhZEx2ap5qOpjQaOowHwYDVR0jBBgwFoAU\n"
      "Fk/muCiJ8kJhZEx2ap5qOpjQaOowDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQD\n"
      "AgNHADBEAiBfb6x9IScGa03gU7JBJN6IO0cFBS+uBBiqiC+y8EuV4wIgBa4cxvvx\n"
      "WcX7Vjh3gbrr9DWSm/NIdrSLxHmsXamL/Ic=\n"
      "-----END CERTIFICATE-----\n");
  REQUIRE(ca);
  const Certificate trusted[] = {*ca};
  CHECK(fault_of(verify_device(*ca, {}, trusted, ca->not_before() + kDay)) == Code::kWrongPurpose);
}

TEST_CASE("verify_device: an RSA key is refused", "[crypto]") {
  // openssl req -x509 -newkey rsa:2048 -subj "/CN=rsa/serialNumber=000102030405060708090a0b0c0d0e0f" -days
  // 36500
  const auto rsa = Certificate::from_pem(
      "-----BEGIN CERTIFICATE-----\n"
      "MIIDVTCCAj2gAwIBAgIUWA3dRwUcFzzKzLDa4YE7vt8j81MwDQYJKoZIhvcNAQEL\n"
      "BQAwOTEMMAoGA1UEAwwDcnNhMSkwJwYDVQQFEyAwMDAxMDIwMzA0MDUwNjA3MDgw\n"
      "OTBhMGIwYzBkMGUwZjAgFw0yNjExMjEyMDIyMjBaGA8yMTI2MTAyODIwMjIyMFow\n"
      "OTEMMAoGA1UEAwwDcnNhMSkwJwYDVQQFEyAwMDAxMDIwMzA0MDUwNjA3MDgwOTBh\n"
      "MGIwYzBkMGUwZjCCASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBAMQctzdn\n"
      "PiroUn8gGJc+6pVP/E9q4ktuKAiUWo+XQ0/occbECP7CXMenRnpU14hPXjmglwW8\n"
      "aFQT+cUthjksCJtjDPtxmMKFfpb0nQRqK5qF5eWqDpSzNNjjxivcSzqZhOq0zWf9\n"
      "obY/FCJUTEbtFwtJybGmWjQdOG3CVHOMmfqaay1HnlBEpQelnMH4QRKpj6QkAdW7\n"
      "ztlXhBMpZGB0DgrBzbOcTbh602hOtYjuU+4FwCCwj9DAzSuuihAN+LB4YnqAudt7\n"
      "sKCr5D1+vWzGg30F8pmD5Za4UChpeOvY9Um2Bi/ffRusc8JFNO+5PcBrK4TuJ35B\n"
      "pKKN4B/SqzbTou0CAwEAAaNTMFEwHQYDVR0OBBYEFJuLUjPEHCmJZI01lOv251u6\n"
      "82SdMB8GA1UdIwQYMBaAFJuLUjPEHCmJZI01lOv251u682SdMA8GA1UdEwEB/wQF\n"
      "MAMBAf8wDQYJKoZIhvcNAQELBQADggEBAIua9dvtfMLbFuXzTFvBC57Lphq9+dVG\n"
      "NvXGAm2BcTcYSHcZ4PRsYmRZLwDK2BnQUQFT2YiFIJXwJWPU8l64fkhhTtec9yFV\n"
      "aY8e6jJ638Wk9hNanaXlf61mTPzW+p/g96xvPNVQK7Cp6dmvtSK3rkjnyZN2HnnN\n"
      "gSM47qkmqFaaNb81k7vYr+t6FDWq/ZbnFfhP6OBaDhhezVgjl/AYF9jHbH35PJqG\n"
      "+sPURPmB/66G023pZE8kV+icfe+nmKm60FVusELqEEMefMb0ZZPMsp1zIjh2QLt1\n"
      "u7ZxToI1RCoh2FtZ9yuylvX5+GBoi+3pdfRl0ntcvq57N2zeVLevmcA=\n"
      "-----END CERTIFICATE-----\n");
  REQUIRE(rsa);
  CHECK(rsa->chip_id().has_value());
  CHECK_FALSE(rsa->public_key());
  const Certificate trusted[] = {*rsa};
  CHECK(fault_of(verify_device(*rsa, {}, trusted, kNow + 3650 * kDay)) == Code::kUnsupportedKey);
}

TEST_CASE("verify_device: a revoked device, a revoked CA and a missing or stale list are refused",
          "[crypto]") {
  const auto root = a_ca();
  const auto middle = under(root, "Plant CA");
  const auto device = issued(middle, device_request());
  const auto other = issued(middle, device_request());
  const Certificate trusted[] = {root.certificate()};
  const Certificate intermediates[] = {middle.certificate()};
  const Certificate devices[] = {device};
  const auto none_by_root = std::move(root.revoke({}, kNow - kDay, 7)).value();
  const auto none_by_middle = std::move(middle.revoke({}, kNow - kDay, 7)).value();
  const auto device_by_middle = std::move(middle.revoke(devices, kNow - kDay, 7)).value();
  const auto middle_by_root = std::move(root.revoke(intermediates, kNow - kDay, 7)).value();

  const auto verified = [&](const Certificate& certificate, std::vector<RevocationList> lists, WallTime now) {
    return verify_device(certificate, intermediates, trusted, now, lists);
  };
  CHECK(verified(device, {none_by_root, none_by_middle}, kNow));
  CHECK(fault_of(verified(device, {none_by_root, device_by_middle}, kNow)) == Code::kRevoked);
  CHECK(verified(other, {none_by_root, device_by_middle}, kNow));
  CHECK(fault_of(verified(device, {middle_by_root, none_by_middle}, kNow)) == Code::kRevoked);
  CHECK(fault_of(verified(device, {none_by_root}, kNow)) == Code::kCrlUnusable);
  CHECK(fault_of(verified(device, {none_by_root, none_by_middle}, kNow + 8 * kDay)) == Code::kCrlStale);
  // A list that is out of date no longer says who is good, and says who was revoked for ever.
  CHECK(fault_of(verified(device, {none_by_root, device_by_middle}, kNow + 8 * kDay)) == Code::kRevoked);
  CHECK(fault_of(verified(other, {none_by_root, device_by_middle}, kNow + 8 * kDay)) == Code::kCrlStale);

  const auto der = device_by_middle.der();
  const auto again = RevocationList::from_der(der);
  REQUIRE(again);
  CHECK(fault_of(verified(device, {none_by_root, *again}, kNow)) == Code::kRevoked);
  CHECK_FALSE(RevocationList::from_der(Bytes{der}.first(der.size() - 1)));
  const auto forged = RevocationList::from_der(with_flipped_bit(der, (der.size() - 10) * 8));
  if (forged) CHECK(fault_of(verified(other, {none_by_root, *forged}, kNow)) == Code::kCrlUnusable);
}

TEST_CASE("verify_device: a trusted CA that another issued needs no list about itself", "[crypto]") {
  const auto root = a_ca();
  const auto middle = under(root, "Plant CA");
  const auto device = issued(middle, device_request());
  const Certificate devices[] = {device};
  const Certificate trusted[] = {middle.certificate()};
  const auto verified = [&](RevocationList list) {
    const RevocationList lists[] = {std::move(list)};
    return verify_device(device, {}, trusted, kNow, lists);
  };
  CHECK(verified(std::move(middle.revoke({}, kNow - kDay, 7)).value()));
  CHECK(fault_of(verified(std::move(middle.revoke(devices, kNow - kDay, 7)).value())) == Code::kRevoked);
  CHECK(fault_of(verified(std::move(root.revoke({}, kNow - kDay, 7)).value())) == Code::kCrlUnusable);
}

TEST_CASE("revocation list: who signed it, which of two is older, and what it says of itself", "[crypto]") {
  const auto ca = a_ca();
  const auto namesake = a_ca();
  const auto old = std::move(ca.revoke({}, kNow - kDay, 7)).value();
  const auto young = std::move(ca.revoke({}, kNow, 7)).value();
  CHECK(old.signed_by(ca.certificate()));
  CHECK_FALSE(old.signed_by(namesake.certificate()));
  CHECK_FALSE(old.signed_by(under(ca, "Plant CA").certificate()));
  auto der = old.der();
  der.back() ^= 1U;
  if (const auto forged = RevocationList::from_der(der)) CHECK_FALSE(forged->signed_by(ca.certificate()));
  CHECK(old.older_than(young));
  CHECK_FALSE(young.older_than(old));
  CHECK_FALSE(old.older_than(old));
  CHECK(old == RevocationList::from_der(old.der()).value());
  CHECK_FALSE(old == young);
  CHECK(old.this_update() == kNow - kDay);
  CHECK(old.next_update() == kNow + 6 * kDay);
  CHECK(old.issuer().find("CN=") != std::string::npos);
  CHECK(old.unusable().empty());
}

TEST_CASE("certificate faults: each has a name that leads back to it", "[crypto]") {
  for (const auto code : {Code::kMalformed, Code::kRevoked, Code::kCrlStale, Code::kNotIssued}) {
    CHECK(certificate_fault_of(name_of(code)) == code);
  }
  CHECK_FALSE(certificate_fault_of("good"));
  CHECK_FALSE(certificate_fault_of("unknown"));
}

TEST_CASE("issue: a server's certificate carries its names, and names that fit nowhere are refused",
          "[crypto]") {
  const auto ca = a_ca();
  IssueRequest request;
  request.common_name = "chiplocd";
  request.organizational_unit = "coordinator";
  request.purpose = CertificatePurpose::kServerAndClient;
  request.dns_names = {"chiplocd", "localhost"};
  request.ip_addresses = {"127.0.0.1", "::1"};
  request.from = kNow;
  const auto certificate = issued(ca, request);
  CHECK(certificate.common_name() == "chiplocd");
  CHECK(certificate.organizational_unit() == "coordinator");
  const auto der = to_hex(certificate.der());
  CHECK(der.find(to_hex(bytes_of("localhost"))) != std::string::npos);
  CHECK(der.find("87047f000001") != std::string::npos);

  const auto refused = [&ca](IssueRequest bad) {
    const auto result = ca.issue(bad, a_key());
    REQUIRE_FALSE(result);
    return result.error().code;
  };
  IssueRequest bad = request;
  bad.dns_names = {"a,IP:10.0.0.1"};
  CHECK(refused(bad) == Code::kNotIssued);
  bad = request;
  bad.ip_addresses = {"300.0.0.1"};
  CHECK(refused(bad) == Code::kNotIssued);
  bad = request;
  bad.common_name.assign(65, 'x');
  CHECK(refused(bad) == Code::kNotIssued);
  bad.common_name.clear();
  CHECK(refused(bad) == Code::kNotIssued);
  bad = request;
  bad.days = 0;
  CHECK(refused(bad) == Code::kNotIssued);
}

TEST_CASE("CertificateAuthority: a key that is not the certificate's is refused", "[crypto]") {
  const auto ca = a_ca();
  const auto wrong = CertificateAuthority::from(ca.certificate(), generate_key(SignatureAlgorithm::kEs256));
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code == Code::kUntrusted);
}

}  // namespace chiploc::certificate_test
