#include "proto/crypto/tls_certificate.hpp"

#include "proto/crypto/issue.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::tls_certificate_test {
using Code = CertificateFault::Code;

namespace {

constexpr WallTime kNow = wall_from_unix_seconds(1'795'000'000);
constexpr std::chrono::hours kDay{24};

CertificateAuthority a_ca() {
  return CertificateAuthority::create("CA", SignatureAlgorithm::kEs256, kNow - kDay, 3650).value();
}
IssueRequest request_for(CertificatePurpose purpose) {
  IssueRequest request;
  request.common_name = "loc";
  request.purpose = purpose;
  request.from = kNow - kDay;
  request.days = 30;
  return request;
}
PublicKey a_key() { return generate_key(SignatureAlgorithm::kEs256)->public_key(); }

Code code_of(const Result<Done, CertificateFault>& result) {
  REQUIRE_FALSE(result);
  return result.error().code;
}

}  // namespace

TEST_CASE("verify_tls: each end takes its own extended key usage, and none takes both from one", "[crypto]") {
  const auto ca = a_ca();
  const Certificate trusted[] = {ca.certificate()};
  const auto verdict = [&](CertificatePurpose purpose, TlsEnd end) {
    const Certificate chain[] = {ca.issue(request_for(purpose), a_key()).value()};
    return verify_tls(chain, trusted, end, kNow);
  };
  CHECK(verdict(CertificatePurpose::kServer, TlsEnd::kServer));
  CHECK(verdict(CertificatePurpose::kClient, TlsEnd::kClient));
  CHECK(verdict(CertificatePurpose::kServerAndClient, TlsEnd::kServer));
  CHECK(verdict(CertificatePurpose::kServerAndClient, TlsEnd::kClient));
  CHECK(code_of(verdict(CertificatePurpose::kServer, TlsEnd::kClient)) == Code::kWrongPurpose);
  CHECK(code_of(verdict(CertificatePurpose::kClient, TlsEnd::kServer)) == Code::kWrongPurpose);
}

TEST_CASE("verify_tls: time, path and signature are asked for", "[crypto]") {
  const auto ca = a_ca();
  const Certificate trusted[] = {ca.certificate()};
  const Certificate chain[] = {ca.issue(request_for(CertificatePurpose::kServer), a_key()).value()};
  const auto at = [&](WallTime now) { return verify_tls(chain, trusted, TlsEnd::kServer, now); };
  CHECK(at(kNow));
  CHECK(code_of(at(kNow - 2 * kDay)) == Code::kNotYetValid);
  CHECK(code_of(at(kNow + 40 * kDay)) == Code::kExpired);
  CHECK(code_of(verify_tls(chain, {}, TlsEnd::kServer, kNow)) == Code::kUntrusted);
  const Certificate others[] = {a_ca().certificate()};  // the same name, another key
  CHECK_FALSE(verify_tls(chain, others, TlsEnd::kServer, kNow));
  CHECK_FALSE(verify_tls({}, trusted, TlsEnd::kServer, kNow));
}

TEST_CASE("verify_tls: an intermediate comes with the chain", "[crypto]") {
  const auto root = a_ca();
  auto key = generate_key(SignatureAlgorithm::kEs256);
  IssueRequest request = request_for(CertificatePurpose::kIntermediateCa);
  request.common_name = "intermediate";
  auto certificate = root.issue(request, key->public_key()).value();
  const auto middle = CertificateAuthority::from(certificate, std::move(key)).value();
  const Certificate leaf = middle.issue(request_for(CertificatePurpose::kClient), a_key()).value();
  const Certificate trusted[] = {root.certificate()};
  const Certificate whole[] = {leaf, certificate};
  const Certificate alone[] = {leaf};
  CHECK(verify_tls(whole, trusted, TlsEnd::kClient, kNow));
  CHECK(code_of(verify_tls(alone, trusted, TlsEnd::kClient, kNow)) == Code::kUntrusted);
}

TEST_CASE("names_host: alternative names count, and the CN only where there are none", "[crypto]") {
  const auto ca = a_ca();
  IssueRequest request = request_for(CertificatePurpose::kServer);
  CHECK(names_host(ca.issue(request, a_key()).value(), "loc"));
  request.dns_names = {"a.example", "*.b.example"};
  request.ip_addresses = {"192.0.2.1", "2001:db8::1"};
  const Certificate certificate = ca.issue(request, a_key()).value();
  CHECK(certificate.hosts() ==
        std::vector<std::string>{"a.example", "*.b.example", "192.0.2.1", "2001:db8::1"});
  CHECK(names_host(certificate, "a.example"));
  CHECK(names_host(certificate, "x.b.example"));
  CHECK(names_host(certificate, "2001:db8:0::1"));
  CHECK_FALSE(names_host(certificate, "loc"));
  CHECK_FALSE(names_host(certificate, "192.0.2.2"));
}

}  // namespace chiploc::tls_certificate_test
