#include "server/oidc/jws.hpp"

#include "tests/server/notices/properties.hpp"
#include "tests/server/oidc/token_maker.hpp"

namespace jws_test {
using namespace chiploc;
using test::json;

std::string made(const std::string& header, const std::string& payload = "{}",
                 const std::string& signature = "sig") {
  return base64url_text(bytes_of(header)) + "." + base64url_text(bytes_of(payload)) + "." +
         base64url_text(bytes_of(signature));
}
std::optional<JwsFault> fault_of(const std::string& token) {
  const auto jws = parse_jws(token);
  return jws ? std::nullopt : std::optional{jws.error()};
}
std::optional<JwsFault> fault_with(const json& more) {
  json header{{"alg", "ES256"}, {"kid", "k"}, {"typ", "JWT"}};
  header.update(more);
  return fault_of(made(header.dump()));
}

TEST_CASE("JWS: taken apart", "[oidc]") {
  const std::string token =
      made(R"({"alg":"PS256","kid":"k-1","typ":"at+jwt","x5t":"abc","new":[1]})", "payload", "s");
  const auto jws = parse_jws(token);
  REQUIRE(jws);
  CHECK(jws->algorithm == JwsAlgorithm::kPs256);
  CHECK(jws->type == JwsType::kAccessToken);
  CHECK(jws->kid == "k-1");
  CHECK(jws->payload == "payload");
  CHECK(jws->signature == ByteVector{'s'});
  CHECK(jws->signed_part == token.substr(0, token.rfind('.')));
}

TEST_CASE("JWS: exactly three parts of base64url", "[oidc]") {
  const std::string header = base64url_text(bytes_of(R"({"alg":"ES256"})"));
  for (const std::string& bad :
       {std::string{}, std::string{"a"}, header + ".e30", header + ".e30.c2ln.e30", std::string{"..."}})
    CHECK(fault_of(bad) == JwsFault::kNotThreeParts);
  for (const std::string& bad :
       {header + ".e30.c2l=", header + ".e30.c2 n", header + ".e3*.c2ln", header + "=.e30.c2ln",
        header + ".e31.c2ln", " " + header + ".e30.c2ln", header + ".e30.c2ln\n"})
    CHECK(fault_of(bad) == JwsFault::kNotBase64url);
  CHECK(!fault_of(header + ".e30.c2ln"));
  CHECK(!fault_of(header + ".."));  // the claims and the signature refuse that, not the form
}

TEST_CASE("JWS: no algorithm but the four, to the letter", "[oidc]") {
  for (const char* alg : {"none", "None", "", "HS256", "HS384", "HS512", "RS384", "RS512", "RS1", "ES384",
                          "ES512", "ES256K", "PS384", "rs256", "EdDSA ", "Ed448", "dir", "RSA-OAEP"}) {
    INFO(alg);
    CHECK(fault_with({{"alg", alg}}) == JwsFault::kAlgorithm);
  }
  for (const json& alg : {json(nullptr), json(256), json::array({"ES256"})})
    CHECK(fault_with({{"alg", alg}}) == JwsFault::kAlgorithm);
  CHECK(fault_of(made("{}")) == JwsFault::kAlgorithm);
  for (const JwsAlgorithm algorithm : test::kAllAlgorithms) {
    CHECK(!fault_with({{"alg", std::string{name_of(algorithm)}}}));
    CHECK(jws_algorithm_of(name_of(algorithm)) == algorithm);
  }
}

TEST_CASE("JWS: no key, no address of a key and nothing critical from who sends it", "[oidc]") {
  for (const json& crit : {json::array({"exp"}), json::array(), json(nullptr), json("b64")})
    CHECK(fault_with({{"crit", crit}}) == JwsFault::kCritical);
  CHECK(fault_with({{"jwk", test::key_for(JwsAlgorithm::kEs256).jwk()}}) == JwsFault::kKeyFromHeader);
  CHECK(fault_with({{"jwk", nullptr}}) == JwsFault::kKeyFromHeader);
  CHECK(fault_with({{"jku", "https://evil.example/keys"}}) == JwsFault::kKeyFromHeader);
  CHECK(fault_with({{"x5u", "https://evil.example/cert"}}) == JwsFault::kKeyFromHeader);
  CHECK(fault_with({{"x5c", json::array({"MII"})}}) == JwsFault::kKeyFromHeader);
}

TEST_CASE("JWS: types are JWT and at+jwt, in either case and form", "[oidc]") {
  const auto type_of = [](const std::string& typ) {
    const auto jws = parse_jws(made(json{{"alg", "ES256"}, {"typ", typ}}.dump()));
    return jws ? std::optional{jws->type} : std::nullopt;
  };
  CHECK(type_of("JWT") == JwsType::kJwt);
  CHECK(type_of("jwt") == JwsType::kJwt);
  CHECK(type_of("application/at+JWT") == JwsType::kAccessToken);
  CHECK(type_of("at+jwt") == JwsType::kAccessToken);
  for (const char* typ : {"", "JWE", "JOSE", "dpop+jwt", "logout+jwt", "secevent+jwt", "jwt ", "x/jwt"}) {
    INFO(typ);
    CHECK(fault_with({{"typ", typ}}) == JwsFault::kType);
  }
  CHECK(fault_with({{"typ", 1}}) == JwsFault::kType);
  const auto unsaid = parse_jws(made(R"({"alg":"ES256"})"));
  REQUIRE(unsaid);
  CHECK(unsaid->type == JwsType::kUnsaid);
}

TEST_CASE("JWS: names of keys are short and visible", "[oidc]") {
  CHECK(!fault_with({{"kid", std::string(kKeyIdMax, 'k')}}));
  for (const json& kid : {json(""), json(std::string(kKeyIdMax + 1, 'k')), json("a b"), json("a\n"),
                          json("\xc3\xa9"), json(1), json(nullptr)})
    CHECK(fault_with({{"kid", kid}}) == JwsFault::kKeyId);
}

TEST_CASE("JWS: limits, and a header with one meaning", "[oidc]") {
  CHECK(fault_of(std::string(kTokenMax + 1, 'a')) == JwsFault::kTooLarge);
  CHECK(fault_of(std::string(kTokenMax, 'a')) == JwsFault::kNotThreeParts);
  CHECK(fault_with({{"pad", std::string(kTokenHeaderMax, 'x')}}) == JwsFault::kHeaderNoJson);
  CHECK(fault_of(made(R"({"alg":"ES256","alg":"none"})")) == JwsFault::kHeaderNoJson);
  CHECK(fault_of(made(R"(["ES256"])")) == JwsFault::kHeaderNoJson);
  CHECK(fault_of(made("")) == JwsFault::kHeaderNoJson);
}

TEST_CASE("JWS: what is read is what was written, and no other text reads as it", "[oidc][property]") {
  test::holds("payload and signature come back",
              [](const std::string& payload, const std::string& signature) {
                const auto jws = parse_jws(made(R"({"alg":"EdDSA"})", payload, signature));
                RC_ASSERT(jws && jws->payload == payload && string_of(jws->signature) == signature);
              });
}

}  // namespace jws_test
