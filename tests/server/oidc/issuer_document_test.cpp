#include "server/oidc/issuer_document.hpp"

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"

namespace issuer_document_test {
using namespace chiploc;
using nlohmann::json;

json document() {
  return {{"issuer", "https://issuer.example/realms/a"},
          {"jwks_uri", "https://keys.example/jwks"},
          {"authorization_endpoint", "https://issuer.example/auth"},
          {"token_endpoint", "https://issuer.example/token"},
          {"end_session_endpoint", "https://issuer.example/end"},
          {"code_challenge_methods_supported", json::array({"plain", "S256"})},
          {"authorization_response_iss_parameter_supported", true}};
}
std::string fault_of(const json& more, const std::string& issuer = "https://issuer.example/realms/a",
                     bool plain = false) {
  json text = document();
  text.update(more);
  const auto read = parse_issuer_document(text.dump(), issuer, plain);
  return read ? "" : read.error();
}

TEST_CASE("issuer document: what is needed of it", "[oidc]") {
  const auto read = parse_issuer_document(document().dump(), "https://issuer.example/realms/a", false);
  REQUIRE(read);
  CHECK(read->jwks_uri == "https://keys.example/jwks");
  CHECK(read->authorization_endpoint == "https://issuer.example/auth");
  CHECK(read->token_endpoint == "https://issuer.example/token");
  CHECK(read->end_session_endpoint == "https://issuer.example/end");
  CHECK(read->names_itself);
  json small{{"issuer", "https://i.example"},
             {"jwks_uri", "https://i.example/k"},
             {"token_endpoint", "https://i.example/t"}};
  const auto keys_alone = parse_issuer_document(small.dump(), "https://i.example", false);
  REQUIRE(keys_alone);
  CHECK(keys_alone->token_endpoint.empty());  // of no use without the other
  CHECK(!keys_alone->names_itself);
}

TEST_CASE("issuer document: the issuer is the one that was asked, to the letter", "[oidc]") {
  for (const char* other : {"https://issuer.example/realms/a/", "https://issuer.example/realms/b",
                            "https://ISSUER.example/realms/a", ""})
    CHECK(fault_of({{"issuer", other}}).find("another than oidc.issuer") != std::string::npos);
  CHECK(!fault_of({{"issuer", nullptr}}).empty());
}

TEST_CASE("issuer document: no address that may not be asked, no PKCE that proves nothing", "[oidc]") {
  for (const char* member :
       {"jwks_uri", "authorization_endpoint", "token_endpoint", "end_session_endpoint"}) {
    INFO(member);
    for (const json& bad :
         {json("http://issuer.example/x"), json("file:///etc/passwd"), json(""), json(1), json(nullptr)})
      CHECK(fault_of({{member, bad}}).find(member) != std::string::npos);
  }
  CHECK(fault_of({{"code_challenge_methods_supported", json::array({"plain"})}}).find("S256") !=
        std::string::npos);
  CHECK(!fault_of({{"code_challenge_methods_supported", "S256"}}).empty());
  for (const std::string& bad :
       {std::string{}, std::string{"[]"}, std::string{"{"}, "{\"a\":\"" + std::string(70'000, 'x') + "\"}"})
    CHECK(!parse_issuer_document(bad, "https://i.example", false));
}

TEST_CASE("endpoints: https, or http to ourselves where that is wanted", "[oidc]") {
  for (const char* good :
       {"https://a.example", "https://a.example:8443/x?y=z", "https://[::1]/x", "https://127.0.0.1"})
    CHECK(refusal_of_endpoint(good, false).empty());
  for (const char* plain :
       {"http://127.0.0.1", "http://127.0.0.1:80/x", "http://[::1]:80", "http://127.0.0.1?x"}) {
    CHECK(!refusal_of_endpoint(plain, false).empty());
    CHECK(refusal_of_endpoint(plain, true).empty());
  }
  for (const char* bad :
       {"http://127.0.0.1.evil.example/", "http://127.0.0.1@evil.example/", "http://localhost/",
        "http://127.0.0.2/", "http://a.example", "https://", "https:///x", "https://:80/",
        "https://u:p@a.example/", "https://a.example/#x", "https://a.example/ x", "https://a.example/\n",
        "https://a.example\\x", "https://a.example/\"", "ftp://a.example", "HTTPS://a.example", "//a.example",
        "", "https://\xc3\xa9.example"}) {
    INFO(bad);
    CHECK(!refusal_of_endpoint(bad, true).empty());
  }
  CHECK(!refusal_of_endpoint("https://a.example/" + std::string(kEndpointMax, 'x'), false).empty());
}

TEST_CASE("discovery: one slash, whether the issuer ends with one or not", "[oidc]") {
  CHECK(discovery_url("https://a.example") == "https://a.example/.well-known/openid-configuration");
  CHECK(discovery_url("https://a.example/r/") == "https://a.example/r/.well-known/openid-configuration");
}

}  // namespace issuer_document_test
