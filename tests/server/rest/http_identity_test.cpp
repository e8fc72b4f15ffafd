#include "server/rest/http_identity.hpp"

#include "tests/server/rest/rest_world.hpp"

namespace chiploc::test {
namespace http_identity_test {

TEST_CASE("http identity: name, role, organisations and digest are the certificate's", "[rest]") {
  const OperatorWorld world;
  HttpRequest request;
  request.certificate = der_of(world.example_auditor);
  const auto identity = identity_of_certificate(request);
  REQUIRE(identity);
  CHECK(identity->common_name == "axel");
  CHECK(identity->unit == "auditor");
  CHECK(identity->organizations == std::vector<std::string>{"holder:Example SA"});
  CHECK(identity->certificate == Certificate::from_pem(world.example_auditor.certificate)->fingerprint());
}

TEST_CASE("http identity: nobody is told from somebody", "[rest]") {
  HttpRequest request;
  const auto none = identity_of_certificate(request);
  REQUIRE_FALSE(none);
  CHECK(none.error().code == ApiFaultCode::kNoCertificate);
  request.certificate = "no DER";
  CHECK(identity_of_certificate(request).error().text.find("cannot be read") != std::string::npos);
  auto authority = CertificateAuthority::create("chip maker", SignatureAlgorithm::kEs256, kCertificatesFrom,
                                                kCertificateDays);
  REQUIRE(authority);
  request.certificate = string_of(authority->certificate().der());  // it has no OU
  CHECK(identity_of_certificate(request).error().text.find("exactly one CN and one OU") != std::string::npos);
}

}  // namespace http_identity_test
}  // namespace chiploc::test
