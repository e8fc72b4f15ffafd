#include "server/oidc/token.hpp"

#include "tests/server/notices/properties.hpp"
#include "tests/server/oidc/token_maker.hpp"

namespace token_test {
using namespace chiploc;
using test::json;
using test::key_for;
using namespace std::chrono_literals;

constexpr std::uint64_t kNow = 1'796'200'000;
const WallTime kTime = wall_from_unix_seconds(kNow);

TokenRules rules() {
  TokenRules out;
  out.issuer = "https://issuer.example";
  out.audience = "https://chiploc.example/api";
  out.groups = {{"chiploc-analysts", Role::kAuditor},
                {"more-analysts", Role::kAuditor},
                {"chiploc-desk", Role::kRegistrar}};
  out.entity_claim = "chiploc.entity";
  return out;
}
json claims() {
  return {{"iss", "https://issuer.example"},
          {"aud", "https://chiploc.example/api"},
          {"sub", "u-1"},
          {"iat", kNow - 10},
          {"exp", kNow + 300},
          {"preferred_username", "ann"},
          {"groups", json::array({"staff", "chiploc-analysts"})}};
}
json with(const json& more) {
  json out = claims();
  out.update(more);
  return out;
}
json without(const char* name) {
  json out = claims();
  out.erase(name);
  return out;
}
std::optional<TokenFault> fault_of(const json& said, const TokenRules& by = rules(), WallTime now = kTime) {
  const auto person = judge_claims(said.dump(), TokenUse::kBearer, by, now);
  return person ? std::nullopt : std::optional{person.error()};
}
JwkSet keys() {
  auto set = JwkSet::parse(
      test::key_set({key_for(JwsAlgorithm::kRs256).jwk(), key_for(JwsAlgorithm::kPs256).jwk(),
                     key_for(JwsAlgorithm::kEs256).jwk(), key_for(JwsAlgorithm::kEdDsa).jwk()}));
  REQUIRE(set);
  return *std::move(set);
}

TEST_CASE("token: every algorithm, from the text to who it is", "[oidc]") {
  const JwkSet set = keys();
  for (const JwsAlgorithm algorithm : test::kAllAlgorithms) {
    INFO(name_of(algorithm));
    const auto person =
        judge_token(key_for(algorithm).token(claims()), TokenUse::kBearer, set, rules(), kTime);
    REQUIRE(person);
    CHECK(person->identity.common_name == "ann");
    CHECK(person->identity.unit == "auditor");
    CHECK(person->identity.organizations.empty());
    CHECK(!person->identity.certificate);
    CHECK(person->identity.account == TokenAccount{"https://issuer.example", "u-1"});
    CHECK(person->expires == wall_from_unix_seconds(kNow + 300));
  }
}

TEST_CASE("token: what is signed by nobody, another, or over something else is refused", "[oidc]") {
  const JwkSet set = keys();
  const auto fault = [&](const std::string& token) {
    const auto person = judge_token(token, TokenUse::kBearer, set, rules(), kTime);
    return person ? std::nullopt : std::optional{person.error()};
  };
  const test::IssuerKey& ed = key_for(JwsAlgorithm::kEdDsa);
  const std::string good = ed.token(claims());
  CHECK(!fault(good));
  CHECK(fault("") == TokenFault::kMalformed);
  CHECK(fault(good + "=") == TokenFault::kMalformed);
  CHECK(fault(good.substr(0, good.rfind('.') + 1)) == TokenFault::kSignature);
  const std::string other = ed.token(with({{"groups", "chiploc-desk"}}));
  CHECK(fault(other.substr(0, other.rfind('.')) + good.substr(good.rfind('.'))) == TokenFault::kSignature);
  const test::IssuerKey stranger{JwsAlgorithm::kEdDsa, "ed"};
  CHECK(fault(stranger.token(claims())) == TokenFault::kSignature);
  CHECK(fault(test::IssuerKey{JwsAlgorithm::kEdDsa, "new"}.token(claims())) == TokenFault::kUnknownKey);
  const auto with_header = [&](const json& more) {
    json header = ed.header();
    header.update(more);
    return ed.token(header, claims().dump());
  };
  CHECK(fault(with_header({{"alg", "none"}})) == TokenFault::kHeader);
  CHECK(fault(with_header({{"alg", "HS256"}})) == TokenFault::kHeader);
  CHECK(fault(with_header({{"alg", "RS256"}})) ==
        TokenFault::kUnknownKey);  // of that name there is none for it
  CHECK(fault(with_header({{"jwk", stranger.jwk()}})) == TokenFault::kHeader);
  CHECK(fault(with_header({{"crit", json::array({"exp"})}})) == TokenFault::kHeader);
  CHECK(!fault(with_header({{"typ", "at+jwt"}})));
  CHECK(fault(with_header({{"typ", "JWE"}})) == TokenFault::kType);
}

TEST_CASE("token: access tokens and ID tokens are not taken for one another", "[oidc]") {
  const JwkSet set = keys();
  const test::IssuerKey& ed = key_for(JwsAlgorithm::kEdDsa);
  const auto fault = [&](const json& header_more, TokenUse use, const json& said, std::string_view nonce) {
    json header = ed.header();
    header.update(header_more);
    if (header["typ"].is_null()) header.erase("typ");
    const auto person = judge_token(ed.token(header, said.dump()), use, set, rules(), kTime, nonce);
    return person ? std::nullopt : std::optional{person.error()};
  };
  const json with_nonce = with({{"nonce", "n-1"}});
  CHECK(!fault({{"typ", nullptr}}, TokenUse::kLogin, with_nonce, "n-1"));
  CHECK(!fault({{"typ", "JWT"}}, TokenUse::kLogin, with_nonce, "n-1"));
  CHECK(fault({{"typ", "at+jwt"}}, TokenUse::kLogin, with_nonce, "n-1") == TokenFault::kType);
  CHECK(fault({{"typ", nullptr}}, TokenUse::kBearer, with_nonce, "") == TokenFault::kType);
  for (const char* nonce : {"", "n-2", "n-1 ", "n-"})
    CHECK(fault({{"typ", "JWT"}}, TokenUse::kLogin, with_nonce, nonce) == TokenFault::kNonce);
  CHECK(fault({{"typ", "JWT"}}, TokenUse::kLogin, claims(), "n-1") == TokenFault::kNonce);
  CHECK(fault({{"typ", "JWT"}}, TokenUse::kLogin, with({{"nonce", ""}}), "") == TokenFault::kNonce);
}

TEST_CASE("claims: issuer and audience to the letter", "[oidc]") {
  CHECK(!fault_of(claims()));
  for (const char* issuer :
       {"https://issuer.example/", "HTTPS://issuer.example", "https://issuer.example.evil", ""})
    CHECK(fault_of(with({{"iss", issuer}})) == TokenFault::kIssuer);
  CHECK(fault_of(without("iss")) == TokenFault::kClaims);
  CHECK(fault_of(with({{"iss", json::array({"https://issuer.example"})}})) == TokenFault::kClaims);
  CHECK(fault_of(with({{"aud", "https://chiploc.example/"}})) == TokenFault::kAudience);
  CHECK(fault_of(with({{"aud", json::array()}})) == TokenFault::kAudience);
  CHECK(fault_of(without("aud")) == TokenFault::kClaims);
  CHECK(fault_of(with({{"aud", json::array({"https://chiploc.example/api", 1})}})) == TokenFault::kClaims);
  CHECK(!fault_of(with({{"aud", json::array({"https://chiploc.example/api"})}})));
}

TEST_CASE("claims: of several audiences, who asked has to be known", "[oidc]") {
  const json both = json::array({"https://chiploc.example/api", "https://other.example"});
  TokenRules known = rules();
  known.parties = {"cli", "page"};
  CHECK(fault_of(with({{"aud", both}})) == TokenFault::kParty);
  CHECK(fault_of(with({{"aud", both}, {"azp", "cli"}})) == TokenFault::kParty);  // nobody said whom to expect
  CHECK(fault_of(with({{"aud", both}}), known) == TokenFault::kParty);
  CHECK(!fault_of(with({{"aud", both}, {"azp", "cli"}}), known));
  CHECK(!fault_of(with({{"aud", both}, {"client_id", "page"}}), known));
  CHECK(fault_of(with({{"aud", both}, {"azp", "evil"}, {"client_id", "page"}}), known) == TokenFault::kParty);
  CHECK(fault_of(claims(), known) == TokenFault::kParty);
  CHECK(!fault_of(with({{"azp", "page"}}), known));
  CHECK(!fault_of(with({{"azp", "whoever"}})));  // for us alone, and any client will do
  // An ID token is for its client; who that is may be said, and then it is so.
  TokenRules page = rules();
  page.audience = "page";
  page.parties = {"page"};
  CHECK(!fault_of(with({{"aud", "page"}}), page));
  CHECK(fault_of(with({{"aud", "page"}, {"azp", "cli"}}), page) == TokenFault::kParty);
}

TEST_CASE("claims: times, to the second, within the skew", "[oidc]") {
  const auto at = [](std::uint64_t seconds) { return wall_from_unix_seconds(seconds); };
  const json said = with({{"iat", kNow}, {"nbf", kNow + 30}, {"exp", kNow + 100}});
  CHECK(!fault_of(said, rules(), at(kNow + 159)));
  CHECK(fault_of(said, rules(), at(kNow + 160)) == TokenFault::kExpired);
  CHECK(fault_of(said, rules(), at(kNow - 31)) == TokenFault::kNotYet);  // nbf
  CHECK(!fault_of(said, rules(), at(kNow - 30)));
  const json no_nbf = with({{"iat", kNow}, {"exp", kNow + 100}});
  CHECK(!fault_of(no_nbf, rules(), at(kNow - 60)));
  CHECK(fault_of(no_nbf, rules(), at(kNow - 61)) == TokenFault::kNotYet);
  TokenRules exact = rules();
  exact.skew = 0s;
  CHECK(!fault_of(no_nbf, exact, at(kNow + 99)));
  CHECK(fault_of(no_nbf, exact, at(kNow + 100)) == TokenFault::kExpired);
  CHECK(fault_of(no_nbf, exact, at(kNow) - 1ns) == TokenFault::kNotYet);
  for (const char* name : {"exp", "iat"}) {
    CHECK(fault_of(without(name)) == TokenFault::kClaims);
    for (const json& bad : {json("1796200000"), json(-1), json(1e10), json(nullptr), json(true)})
      CHECK(fault_of(with({{name, bad}})) == TokenFault::kClaims);
  }
  CHECK(fault_of(with({{"nbf", "now"}})) == TokenFault::kClaims);
  CHECK(!fault_of(with({{"exp", static_cast<double>(kNow) + 0.5}})));
}

TEST_CASE("claims: what lives too long is refused", "[oidc]") {
  CHECK(!fault_of(with({{"iat", kNow}, {"exp", kNow + 86'400}})));
  CHECK(fault_of(with({{"iat", kNow}, {"exp", kNow + 86'401}})) == TokenFault::kLifetime);
  CHECK(fault_of(with({{"exp", 8'999'999'999}})) == TokenFault::kLifetime);
}

TEST_CASE("claims: groups give one role, or none", "[oidc]") {
  const auto role = [](const json& said, const TokenRules& by = rules()) {
    const auto person = judge_claims(said.dump(), TokenUse::kBearer, by, kTime);
    return person ? person->identity.unit : std::string{name_of(person.error())};
  };
  CHECK(role(claims()) == "auditor");
  CHECK(role(with({{"groups", json::array({"chiploc-analysts", "more-analysts"})}})) == "auditor");
  CHECK(role(with({{"groups", "chiploc-desk"}})) == "registrar");
  CHECK(role(with({{"groups", json::array({"chiploc-desk", "chiploc-analysts"})}})) == "several-roles");
  CHECK(role(with({{"groups", json::array({"staff", "Chiploc-analysts", "chiploc-analysts "})}})) ==
        "no-role");
  CHECK(role(with({{"groups", json::array()}})) == "no-role");
  CHECK(role(without("groups")) == "no-role");
  CHECK(role(with({{"groups", json::array({"chiploc-analysts", 1})}})) == "claims");
  CHECK(role(with({{"groups", {{"chiploc-analysts", true}}}})) == "claims");
  json many = json::array();
  for (std::size_t i = 0; i < kGroupsMax; ++i) many.push_back("g" + std::to_string(i));
  many.back() = "chiploc-analysts";
  CHECK(role(with({{"groups", many}})) == "auditor");
  many.push_back("one-more");
  CHECK(role(with({{"groups", many}})) == "claims");
}

TEST_CASE("claims: a claim is found by its whole name, then by a path", "[oidc]") {
  TokenRules by = rules();
  by.groups_claim = "realm_access.roles";
  json said = without("groups");
  CHECK(fault_of(said, by) == TokenFault::kNoRole);
  said["realm_access"] = {{"roles", json::array({"chiploc-desk"})}};
  CHECK(!fault_of(said, by));
  said["realm_access.roles"] = "nothing of ours";
  CHECK(fault_of(said, by) == TokenFault::kNoRole);
  by.groups_claim = "https://chiploc.example/groups";
  said["https://chiploc.example/groups"] = json::array({"chiploc-desk"});
  CHECK(!fault_of(said, by));
  by.groups_claim = "sub.x";
  CHECK(fault_of(said, by) == TokenFault::kNoRole);
  for (const char* path : {".", "a.", ".groups", "realm_access.", "realm_access..roles"}) {
    by.groups_claim = path;
    CHECK(fault_of(said, by) == TokenFault::kNoRole);
  }
}

TEST_CASE("claims: an entity limits, and one that cannot be followed does not widen", "[oidc]") {
  const auto organizations = [](const json& said) {
    const auto person = judge_claims(said.dump(), TokenUse::kBearer, rules(), kTime);
    REQUIRE(person);
    return person->identity.organizations;
  };
  CHECK(organizations(claims()).empty());
  CHECK(organizations(with({{"chiploc", {{"entity", "Nuvem: Paulista"}}}})) ==
        std::vector<std::string>{"holder:Nuvem: Paulista"});
  CHECK(organizations(with({{"chiploc.entity", json::array({"Nuvem"})}})) ==
        std::vector<std::string>{"holder:Nuvem"});
  for (const json& bad : {json(""), json(1), json(nullptr), json::array(), json::array({"a", "b"}),
                          json(json::object()), json("a\nb"), json(std::string(129, 'x'))}) {
    INFO(bad.dump());
    CHECK(fault_of(with({{"chiploc.entity", bad}})) == TokenFault::kEntity);
  }
}

TEST_CASE("claims: a name that can stand in records", "[oidc]") {
  for (const json& bad : {json(""), json(7), json(nullptr), json(std::string(129, 'x')), json("a\nb"),
                          json("ann\u202e"), json("\x1b[2J")})
    CHECK(fault_of(with({{"preferred_username", bad}})) == TokenFault::kName);
  CHECK(fault_of(without("preferred_username")) == TokenFault::kName);
  CHECK(!fault_of(with({{"preferred_username", "Zo\u00eb Sm\u00edth"}})));
  TokenRules by_mail = rules();
  by_mail.name_claim = "email";
  json said = with({{"email", "ann@example.org"}});
  CHECK(fault_of(said, by_mail) == TokenFault::kName);
  said["email_verified"] = false;
  CHECK(fault_of(said, by_mail) == TokenFault::kName);
  said["email_verified"] = "true";
  CHECK(fault_of(said, by_mail) == TokenFault::kName);
  said["email_verified"] = true;
  CHECK(!fault_of(said, by_mail));
  for (const json& bad : {json(""), json(1), json("a\n"), json(std::string(256, 's'))})
    CHECK(fault_of(with({{"sub", bad}})) == TokenFault::kClaims);
  CHECK(fault_of(without("sub")) == TokenFault::kClaims);
}

TEST_CASE("claims: a token that is bound to a key is no bearer token", "[oidc]") {
  CHECK(fault_of(with({{"cnf", {{"jkt", "abc"}}}})) == TokenFault::kBound);
}

TEST_CASE("claims: anything but one object of them is refused", "[oidc]") {
  for (const std::string bad : {"", "[]", "{}", "null", R"({"iss":"a","iss":"https://issuer.example"})"})
    CHECK(!judge_claims(bad, TokenUse::kBearer, rules(), kTime));
}

TEST_CASE("token faults: sentences hold nothing of a token, and callers get a coarse one", "[oidc]") {
  std::set<std::string_view> names, sentences;
  for (std::size_t i = 0; i < kTokenFaults; ++i) {
    const auto fault = static_cast<TokenFault>(i);
    CHECK(names.insert(name_of(fault)).second);
    CHECK(sentences.insert(sentence_of(fault)).second);
    CHECK(!api_fault_of(fault).text.empty());
  }
  CHECK(api_fault_of(TokenFault::kSignature).text == api_fault_of(TokenFault::kAudience).text);
  CHECK(api_fault_of(TokenFault::kExpired).code == ApiFaultCode::kNoCertificate);
  CHECK(api_fault_of(TokenFault::kNoRole).code == ApiFaultCode::kWrongRole);
  CHECK(api_fault_of(TokenFault::kNoKeys).code == ApiFaultCode::kUnavailable);
}

TEST_CASE("claims: any change of a group's letter gives no role that was not given", "[oidc][property]") {
  test::holds("only what stands in the rules counts", [](const std::vector<std::string>& groups) {
    const TokenRules judged = rules();
    json listed = json::array();
    std::set<Role> expected;
    for (const std::string& group : groups) {
      std::string clean;
      for (const char c : group) clean += static_cast<char>(' ' + (static_cast<unsigned char>(c) % 90));
      listed.push_back(clean);
      if (const auto found = judged.groups.find(clean); found != judged.groups.end())
        expected.insert(found->second);
    }
    const auto person = judge_claims(with({{"groups", listed}}).dump(), TokenUse::kBearer, judged, kTime);
    RC_ASSERT(person.has_value() == (expected.size() == 1));
  });
}

}  // namespace token_test
