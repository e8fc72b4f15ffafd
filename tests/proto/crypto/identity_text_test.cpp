#include "proto/crypto/identity_text.hpp"

#include <nlohmann/json.hpp>

#include "proto/crypto/issue.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::identity_text_test {
namespace {

TEST_CASE("IdentityText: names, values, the certificate, and lines for others", "[crypto]") {
  constexpr WallTime kFrom{std::chrono::seconds{1'790'000'000}};  // 2026-09-21
  const auto authority = CertificateAuthority::create("Test CA", SignatureAlgorithm::kEs256, kFrom, 30);
  REQUIRE(authority);
  const Certificate& certificate = authority->certificate();
  IdentityText identity;
  identity.add("role", "anchor");
  identity.add("name", "a \"quoted\" \\ name\x1b[31m\n");
  identity.add("left_out", "");
  identity.add_certificate("tls_", certificate);
  identity.add_lines("for others:", "[[rendezvous]]\n");

  const std::string text = identity.text();
  CAPTURE(text);
  CHECK(text.find("role                    anchor\n") == 0);
  CHECK(text.find("left_out") == std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find("tls_subject             CN=Test CA\n") != std::string::npos);
  CHECK(text.find("tls_certificate_sha256  " + certificate.fingerprint().hex() + "\n") != std::string::npos);
  CHECK(text.find("tls_valid_from          2026-09-21T") != std::string::npos);
  CHECK(text.find("\n\nfor others:\n[[rendezvous]]\n") != std::string::npos);

  const auto json = nlohmann::json::parse(identity.json());
  CHECK(json.size() == 7);
  CHECK(json.at("role") == "anchor");
  CHECK(json.at("name") == "a \"quoted\" \\ name\\x1b[31m\\n");
  CHECK(json.at("tls_valid_until").get<std::string>().substr(0, 8) == "2026-10-");
}

}  // namespace
}  // namespace chiploc::identity_text_test
