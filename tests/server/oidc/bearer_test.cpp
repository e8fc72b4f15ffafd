#include "server/oidc/bearer.hpp"

#include "tests/server/oidc/made_issuer.hpp"

namespace bearer_test {
using namespace chiploc;
using namespace std::chrono_literals;
using test::json;
using test::key_for;

struct Gate {
  test::MadeIssuer made;
  test::SetClocks clocks;
  test::KeptLog log;
  OidcCounters counters;
  Issuer issuer;
  BearerGate gate;
  CurlFetch fetch{{}, true, {}};  // goes first
  Gate()
      : issuer{options(), fetch, clocks.hands().steady, log.log()},
        gate{rules(), issuer, clocks.hands().wall, log.log(), counters} {}
  [[nodiscard]] IssuerOptions options() const {
    IssuerOptions out;
    out.issuer = made.name();
    out.plain_loopback = true;
    out.wait_most = 20s;
    return out;
  }
  [[nodiscard]] TokenRules rules() const {
    TokenRules out;
    out.issuer = made.name();
    out.audience = "api";
    out.groups = {{"desk", Role::kRegistrar}};
    return out;
  }
  [[nodiscard]] json claims() const {
    return {{"iss", made.name()},
            {"aud", "api"},
            {"sub", "u-1"},
            {"iat", test::kMadeNow},
            {"exp", test::kMadeNow + 300},
            {"preferred_username", "ann"},
            {"groups", json::array({"desk"})}};
  }
  Answer<Identity> with(const std::string& field) {
    return gate.identity(test::request_of("GET", "/v1/chips", {{"authorization", field}}));
  }
};

TEST_CASE("bearer: a good token says who is calling", "[oidc]") {
  Gate world;
  const std::string token = key_for(JwsAlgorithm::kEdDsa).token(world.claims());
  for (const char* scheme : {"Bearer ", "bearer ", "BEARER "}) {
    const auto identity = world.with(scheme + token);
    REQUIRE(identity);
    CHECK(identity->common_name == "ann");
    CHECK(identity->unit == "registrar");
    CHECK(identity->account == TokenAccount{world.made.name(), "u-1"});
  }
  CHECK(world.counters.tokens_good == 3);
}

TEST_CASE("bearer: what is no bearer token, or several", "[oidc]") {
  Gate world;
  const std::string token = key_for(JwsAlgorithm::kEdDsa).token(world.claims());
  for (const std::string& field : {std::string{}, std::string{"Bearer"}, std::string{"Bearer "},
                                   "Basic " + token, "Bearer  " + token, "Bearer\t" + token, token})
    CHECK(!world.with(field));
  CHECK(!world.gate.identity(test::request_of(
      "GET", "/", {{"authorization", "Bearer " + token}, {"authorization", "Bearer " + token}})));
  CHECK(!world.gate.identity(test::request_of("GET", "/?access_token=" + token)));
  CHECK(world.made.asked("/jwks") == 0);  // nothing is fetched for what cannot be good
  CHECK(BearerGate::is_bearer(test::request_of("GET", "/", {{"authorization", "x"}})));
  CHECK(!BearerGate::is_bearer(test::request_of("GET", "/")));
}

TEST_CASE("bearer: refusals are coarse for the caller, and the log holds no part of a token", "[oidc]") {
  Gate world;
  const test::IssuerKey& ed = key_for(JwsAlgorithm::kEdDsa);
  json expired = world.claims(), stranger = world.claims(), nobody = world.claims();
  expired["exp"] = test::kMadeNow - 100;
  stranger["aud"] = "other-api";
  nobody["groups"] = json::array({"secret-group"});
  std::string all;
  const auto fault = [&](const json& claims) {
    const std::string token = ed.token(claims);
    all += token;
    const auto identity = world.with("Bearer " + token);
    REQUIRE(!identity);
    return identity.error();
  };
  CHECK(fault(expired).text == "the token has expired; sign in again");
  CHECK(fault(stranger).text == "the token is not accepted; sign in again");
  CHECK(fault(nobody).code == ApiFaultCode::kWrongRole);
  CHECK(world.counters.tokens_refused == 3);
  const std::string lines = world.log.lines();
  CHECK(lines.find("oidc.token_refused reason=expired") != std::string::npos);
  CHECK(lines.find("oidc.token_refused reason=audience") != std::string::npos);
  for (const char* part : {"other-api", "secret-group", "ann", "u-1"})
    CHECK(lines.find(part) == std::string::npos);
  for (std::size_t i = 0; i + 12 <= all.size(); i += 12)
    REQUIRE(lines.find(all.substr(i, 12)) == std::string::npos);
}

TEST_CASE("bearer: a key that has come since is found, one that has gone is not", "[oidc]") {
  Gate world;
  REQUIRE(world.with("Bearer " + key_for(JwsAlgorithm::kEdDsa).token(world.claims())));
  world.made.publish({key_for(JwsAlgorithm::kEs256).jwk()});
  CHECK(world.with("Bearer " + key_for(JwsAlgorithm::kEs256).token(world.claims())));
  const auto old = world.with("Bearer " + key_for(JwsAlgorithm::kEdDsa).token(world.claims()));
  REQUIRE(!old);
  CHECK(old.error().code == ApiFaultCode::kNoCertificate);
}

TEST_CASE("bearer: without any keys nobody is let in, and told to come again", "[oidc]") {
  Gate world;
  world.made.set("/jwks", {500, ""});
  const auto identity = world.with("Bearer " + key_for(JwsAlgorithm::kEdDsa).token(world.claims()));
  REQUIRE(!identity);
  CHECK(identity.error().code == ApiFaultCode::kUnavailable);
}

}  // namespace bearer_test
