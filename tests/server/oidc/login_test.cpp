#include "server/oidc/login.hpp"

#include "proto/crypto/digest.hpp"
#include "tests/server/oidc/made_issuer.hpp"

namespace login_test {
using namespace chiploc;
using namespace std::chrono_literals;
using test::CookieJar;
using test::field_of;
using test::json;
using test::key_for;
using test::MadeExchange;
using test::request_of;

const HttpFields kOurs{{"origin", "https://chiploc.example"}, {"sec-fetch-site", "same-origin"}};

struct Page {
  test::MadeIssuer made;
  test::SetClocks clocks;
  test::KeptLog log;
  OidcCounters counters;
  std::unique_ptr<CurlFetch> fetch =
      std::make_unique<CurlFetch>(std::filesystem::path{}, true, FetchLimits{});
  Issuer issuer;
  PageSessions sessions;
  Login login;
  CookieJar jar;

  explicit Page(const std::string& secret = "s3cret:/ä", const SessionRules& rules = {})
      : issuer{issuer_options(), *fetch, clocks.hands().steady, log.log()},
        sessions{
            {.origin = "https://chiploc.example", .rules = rules, .issuer = true}, clocks.hands(), counters},
        login{login_options(secret), issuer, *fetch, sessions, clocks.hands(), log.log(), counters} {}
  ~Page() { fetch.reset(); }  // goes first
  Page(const Page&) = delete;
  Page& operator=(const Page&) = delete;

  [[nodiscard]] IssuerOptions issuer_options() const {
    IssuerOptions out;
    out.issuer = made.name();
    out.plain_loopback = true;
    out.wait_most = 20s;
    return out;
  }
  [[nodiscard]] LoginOptions login_options(const std::string& secret) const {
    LoginOptions out;
    out.client_id = "page";
    out.client_secret = SecretText{secret};
    out.rules.issuer = made.name();
    out.rules.audience = "page";
    out.rules.parties = {"page"};
    out.rules.groups = {{"desk", Role::kRegistrar}};
    out.rules.entity_claim = "entity";
    return out;
  }

  HttpReply call(const std::string& method, const std::string& target, const HttpFields& more = {}) {
    const auto exchange = std::make_shared<MadeExchange>(request_of(method, target, jar.fields(more)));
    login.handle(exchange);
    HttpReply reply = exchange->answer();
    jar.take(reply);
    return reply;
  }
  /// Goes to the issuer and comes back with what it would say: its answer's parts to the code, and an ID token.
  std::map<std::string, std::string> begin(const std::string& target = "/auth/login") {
    const HttpReply reply = call("GET", target);
    REQUIRE(reply.status == 303);
    const std::string location = field_of(reply, "location");
    REQUIRE(location.starts_with(made.name() + "/auth?"));
    std::map<std::string, std::string> asked;
    for (const auto& [name, value] : request_of("GET", location.substr(made.name().size())).query)
      asked[name] = value;
    return asked;
  }
  [[nodiscard]] json claims(const std::string& nonce) const {
    return {{"iss", made.name()},
            {"aud", "page"},
            {"sub", "u-1"},
            {"iat", test::kMadeNow},
            {"exp", test::kMadeNow + 300},
            {"nonce", nonce},
            {"preferred_username", "ann"},
            {"groups", json::array({"desk"})}};
  }
  void give(const json& id_claims, const json& header = key_for(JwsAlgorithm::kEdDsa).header()) {
    made.set("/token", {200, json{{"access_token", "opaque-access"},
                                  {"token_type", "Bearer"},
                                  {"refresh_token", "opaque-refresh"},
                                  {"id_token", key_for(JwsAlgorithm::kEdDsa).token(header, id_claims.dump())}}
                                 .dump()});
  }
  HttpReply come_back(const std::string& state, const std::string& more = "&code=c0de-1") {
    return call("GET", "/auth/callback?state=" + state + more);
  }
  /// A whole login that succeeds.
  HttpReply sign_in(const std::string& target = "/auth/login") {
    auto asked = begin(target);
    give(claims(asked["nonce"]));
    HttpReply reply = come_back(asked["state"]);
    REQUIRE(reply.status == 303);
    return reply;
  }
  Answer<Identity> identity(const std::string& method, const HttpFields& more = {}) {
    return sessions.identity(request_of(method, "/v1/chips", jar.fields(more)));
  }
  std::string csrf() { return json::parse(call("GET", "/auth/me").body)["csrf_token"]; }
};

TEST_CASE("login: what the issuer is asked", "[oidc]") {
  Page page;
  auto asked = page.begin("/auth/login?return=%2Fcases");
  CHECK(asked["response_type"] == "code");
  CHECK(asked["client_id"] == "page");
  CHECK(asked["redirect_uri"] == "https://chiploc.example/auth/callback");
  CHECK(asked["scope"] == "openid profile");
  CHECK(asked["code_challenge_method"] == "S256");
  for (const char* name : {"state", "nonce", "code_challenge"}) CHECK(asked[name].size() == 43);
  CHECK(page.jar.has("__Host-chiploc-login"));
  CHECK(!page.jar.has("__Host-chiploc"));
  auto again = page.begin();
  for (const char* name : {"state", "nonce", "code_challenge"}) CHECK(asked[name] != again[name]);
}

TEST_CASE("login: the code is exchanged with the verifier and the client's secret, and no token leaves",
          "[oidc]") {
  Page page;
  auto asked = page.begin("/auth/login?return=%2Fcases%3Fstate%3Dopen");
  page.give(page.claims(asked["nonce"]));
  const HttpReply reply = page.come_back(asked["state"]);
  CHECK(reply.status == 303);
  CHECK(field_of(reply, "location") == "/cases?state=open");
  CHECK(field_of(reply, "cache-control") == "no-store");
  CHECK(page.jar.has("__Host-chiploc"));
  CHECK(!page.jar.has("__Host-chiploc-login"));
  bool strict = false;
  for (const auto& [name, value] : reply.fields)
    strict = strict || (value.starts_with("__Host-chiploc=") &&
                        value.ends_with("; Path=/; Secure; HttpOnly; SameSite=Strict"));
  CHECK(strict);
  const std::string request = page.made.last_request("/token");
  const std::string form = request.substr(request.find("\r\n\r\n") + 4);
  CHECK(
      form.find(
          "grant_type=authorization_code&code=c0de-1&redirect_uri=https%3A%2F%2Fchiploc.example%2Fauth%2Fcallback&code_verifier=") ==
      0);
  const std::string verifier = form.substr(form.rfind('=') + 1);
  CHECK(base64url_text(sha256(bytes_of(verifier)).bytes) == asked["code_challenge"]);
  CHECK(request.find("Authorization: Basic cGFnZTpzM2NyZXQlM0ElMkYlQzMlQTQ=\r\n") !=
        std::string::npos);  // page:s3cret%3A%2F%C3%A4
  CHECK(form.find("client_id") == std::string::npos);
  std::string told = reply.body + page.log.lines();
  for (const auto& [name, value] : reply.fields) told += value;
  for (const char* secret : {"opaque-access", "opaque-refresh", "c0de-1", "s3cret", "eyJ"})
    CHECK(told.find(secret) == std::string::npos);
  CHECK(told.find(verifier) == std::string::npos);
  CHECK(page.counters.logins_good == 1);
}

TEST_CASE("login: a public client has its name in the form", "[oidc]") {
  Page page{""};
  page.sign_in();
  const std::string request = page.made.last_request("/token");
  CHECK(request.ends_with("&client_id=page"));
  CHECK(request.find("Authorization:") == std::string::npos);
}

TEST_CASE("login: who came back without having gone is not signed in", "[oidc]") {
  Page page;
  const auto refused = [&](const HttpReply& reply) {
    CHECK(reply.status == 400);
    CHECK(!page.jar.has("__Host-chiploc"));
    CHECK(page.made.asked("/token") == 0);
  };
  auto asked = page.begin();
  page.give(page.claims(asked["nonce"]));
  const auto kept = page.jar.all();
  SECTION("another state") { refused(page.come_back(asked["nonce"])); }
  SECTION("no state") { refused(page.call("GET", "/auth/callback?code=c")); }
  SECTION("state twice") { refused(page.come_back(asked["state"], "&state=" + asked["state"] + "&code=c")); }
  SECTION("no cookie: somebody else's browser") {
    page.jar.all().clear();
    refused(page.come_back(asked["state"]));
  }
  SECTION("the cookie of another login") {
    (void)page.begin();
    refused(page.come_back(asked["state"]));
  }
  SECTION("too late") {
    page.clocks.pass(10min);
    refused(page.come_back(asked["state"]));
  }
  SECTION("no code") { refused(page.come_back(asked["state"], "")); }
  SECTION("code twice") { refused(page.come_back(asked["state"], "&code=a&code=b")); }
  SECTION("a code that is none") { refused(page.come_back(asked["state"], "&code=a%0Ab")); }
  SECTION("another issuer's answer") {
    refused(page.come_back(asked["state"], "&code=c&iss=https%3A%2F%2Fevil.example"));
  }
  SECTION("the issuer said no") {
    const HttpReply reply = page.come_back(asked["state"], "&error=access_denied&error_description=<b>x</b>");
    CHECK(reply.status == 403);
    CHECK(reply.body.find("<b>") == std::string::npos);
  }
  CHECK(page.counters.logins_refused == 1);
  CHECK(page.sessions.size() == 0);
}

TEST_CASE("login: an issuer that names itself has to in every answer", "[oidc]") {
  Page page;
  json document = page.made.document();
  document["authorization_response_iss_parameter_supported"] = true;
  page.made.set("/.well-known/openid-configuration", {200, document.dump()});
  auto asked = page.begin();
  page.give(page.claims(asked["nonce"]));
  CHECK(page.come_back(asked["state"]).status == 400);
  asked = page.begin();
  page.give(page.claims(asked["nonce"]));
  std::string iss;
  for (const char c : page.made.name()) iss += c == ':' ? "%3A" : c == '/' ? "%2F" : std::string(1, c);
  CHECK(page.come_back(asked["state"], "&code=c&iss=" + iss).status == 303);
}

TEST_CASE("login: an ID token that is not of this login, or of nobody with a role, opens no session",
          "[oidc]") {
  Page page;
  const auto comes_to = [&](const std::function<void(json&)>& change,
                            const json& header = key_for(JwsAlgorithm::kEdDsa).header()) {
    auto asked = page.begin();
    json claims = page.claims(asked["nonce"]);
    change(claims);
    page.give(claims, header);
    const HttpReply reply = page.come_back(asked["state"]);
    CHECK(!page.jar.has("__Host-chiploc"));
    return std::to_string(reply.status) + " " + reply.body;
  };
  const std::string not_signed_in = "403 The issuer did not sign you in.\n";
  CHECK(comes_to([](json& claims) { claims["nonce"] = std::string(43, 'n'); }) == not_signed_in);
  CHECK(comes_to([](json& claims) { claims.erase("nonce"); }) == not_signed_in);
  CHECK(comes_to([](json& claims) { claims["aud"] = "other"; }) == not_signed_in);
  CHECK(comes_to([](json& claims) { claims["azp"] = "other"; }) == not_signed_in);
  CHECK(comes_to([](json& claims) { claims["iss"] = "https://evil.example"; }) == not_signed_in);
  CHECK(comes_to([](json& claims) { claims["exp"] = test::kMadeNow - 61; }).starts_with("403 "));
  CHECK(comes_to([](json& claims) { claims["groups"] = json::array(); }).find("give you no role here") !=
        std::string::npos);
  json header = key_for(JwsAlgorithm::kEdDsa).header();
  header["typ"] = "at+jwt";
  CHECK(comes_to([](json&) {}, header) == not_signed_in);
  header = {{"alg", "none"}};
  CHECK(comes_to([](json&) {}, header) == not_signed_in);
  CHECK(page.sessions.size() == 0);
  CHECK(page.log.lines().find("reason=nonce: the ID token is of another login") != std::string::npos);
}

TEST_CASE("login: a token endpoint that says no, nothing or something else", "[oidc]") {
  Page page;
  const auto comes_to = [&](const test::MadeIssuer::Page& answer) {
    const auto asked = page.begin();
    page.made.set("/token", answer);
    const HttpReply reply = page.come_back(asked.at("state"));
    CHECK(page.sessions.size() == 0);
    return reply.status;
  };
  CHECK(comes_to({400, R"({"error":"invalid_grant"})"}) == 403);
  CHECK(comes_to({500, ""}) == 503);
  CHECK(comes_to({200, "{}"}) == 403);
  CHECK(comes_to({200, "[]"}) == 403);
  CHECK(comes_to({200, R"({"id_token":"a.b.c"})"}) == 403);
  CHECK(comes_to({200, R"({"id_token":1})"}) == 403);
  CHECK(comes_to({200, std::string(200'000, 'x')}) == 503);
}

TEST_CASE("login: with the issuer away nobody is sent there", "[oidc]") {
  Page page;
  page.made.set("/jwks", {500, ""});
  CHECK(page.call("GET", "/auth/login").status == 503);
  CHECK(!page.jar.has("__Host-chiploc-login"));
}

TEST_CASE("login: who waits for the issuer when we end is answered", "[oidc]") {
  Page page;
  auto asked = page.begin();
  page.give(page.claims(asked["nonce"]));
  page.made.hold();
  const auto exchange = std::make_shared<MadeExchange>(
      request_of("GET", "/auth/callback?code=c&state=" + asked["state"], page.jar.fields()));
  page.login.handle(exchange);
  page.made.wait_for("/token", 1);
  page.fetch.reset();
  CHECK(exchange->answer().status == 503);
  page.made.let_go();
}

TEST_CASE("sessions: say who is calling, until they end", "[oidc]") {
  Page page;
  CHECK(!page.identity("GET"));
  page.sign_in();
  const auto identity = page.identity("GET");
  REQUIRE(identity);
  CHECK(identity->common_name == "ann");
  CHECK(identity->unit == "registrar");
  CHECK(identity->account == TokenAccount{page.made.name(), "u-1"});
  const json me = json::parse(page.call("GET", "/auth/me").body);
  CHECK(me["name"] == "ann");
  CHECK(me["role"] == "registrar");
  CHECK(me["entity"].is_null());
  CHECK(me["ends_in_s"] == 1'800);
  page.clocks.pass(30min);
  const auto late = page.identity("GET");
  REQUIRE(!late);
  CHECK(late.error().code == ApiFaultCode::kNoCertificate);
  CHECK(page.call("GET", "/auth/me").status == 401);
}

TEST_CASE("sessions: whatever changes something needs the page's token and origin", "[oidc]") {
  Page page;
  page.sign_in();
  const std::string csrf = page.csrf();
  const auto with = [&](const std::string& token, HttpFields fields) {
    fields.emplace_back("x-csrf-token", token);
    return fields;
  };
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH"}) {
    CHECK(page.identity(method, with(csrf, kOurs)));
    CHECK(!page.identity(method, kOurs));
    CHECK(!page.identity(method, with("", kOurs)));
    CHECK(!page.identity(method, with(csrf.substr(1), kOurs)));
    CHECK(!page.identity(method, with(csrf + "x", kOurs)));
    CHECK(!page.identity(method, with(csrf, with(csrf, kOurs))));
    CHECK(!page.identity(method, with(csrf, {})));
    CHECK(!page.identity(method, with(csrf, {{"origin", "https://evil.example"}})));
    CHECK(!page.identity(method, with(csrf, {{"sec-fetch-site", "same-site"}})));
  }
  CHECK(page.identity("GET"));
  CHECK(!page.identity("GET", {{"sec-fetch-site", "cross-site"}}));
  const auto fault = page.identity("POST", kOurs);
  REQUIRE(!fault);
  CHECK(fault.error().code == ApiFaultCode::kWrongRole);
  // Another session's token is none.
  const auto first = page.jar.all();
  page.jar.all().clear();
  page.sign_in();
  CHECK(!page.identity("POST", with(csrf, kOurs)));
  page.jar.all() = first;
  CHECK(page.identity("POST", with(csrf, kOurs)));
}

TEST_CASE("sessions: a login in the same browser ends the one before", "[oidc]") {
  Page page;
  page.sign_in();
  const auto first = page.jar.all();
  page.sign_in();
  CHECK(page.sessions.size() == 1);
  page.jar.all() = first;
  CHECK(!page.identity("GET"));
}

TEST_CASE("logout: ends the session here, and says where to end the issuer's", "[oidc]") {
  Page page;
  page.sign_in();
  const auto before = page.jar.all();
  CHECK(page.call("POST", "/auth/logout").status == 403);
  CHECK(page.call("GET", "/auth/logout", kOurs).status == 405);
  REQUIRE(page.sessions.size() == 1);
  HttpFields fields = kOurs;
  fields.emplace_back("x-csrf-token", page.csrf());
  const HttpReply reply = page.call("POST", "/auth/logout", fields);
  CHECK(reply.status == 200);
  CHECK(json::parse(reply.body)["end_session"] ==
        page.made.name() + "/end?client_id=page&post_logout_redirect_uri=https%3A%2F%2Fchiploc.example%2F");
  CHECK(page.sessions.size() == 0);
  CHECK(!page.jar.has("__Host-chiploc"));
  page.jar.all() = before;
  CHECK(!page.identity("GET"));
  CHECK(page.call("POST", "/auth/logout", fields).status == 401);
}

TEST_CASE("login: when the table is full the next is told so, and those in it stay", "[oidc]") {
  Page page{"", {.most = 1}};
  page.sign_in();
  const auto first = page.jar.all();
  page.jar.all().clear();
  auto asked = page.begin();
  json claims = page.claims(asked["nonce"]);
  claims["sub"] = "u-2";
  page.give(claims);
  CHECK(page.come_back(asked["state"]).status == 503);
  CHECK(page.counters.sessions_full == 1);
  page.jar.all() = first;
  CHECK(page.identity("GET"));
}

TEST_CASE("login: an entity goes with the session", "[oidc]") {
  Page page;
  auto asked = page.begin();
  json claims = page.claims(asked["nonce"]);
  claims["entity"] = "Nuvem Paulista";
  page.give(claims);
  REQUIRE(page.come_back(asked["state"]).status == 303);
  CHECK(page.identity("GET")->organizations == std::vector<std::string>{"holder:Nuvem Paulista"});
  CHECK(json::parse(page.call("GET", "/auth/me").body)["entity"] == "Nuvem Paulista");
}

TEST_CASE("login: paths and methods that there are not", "[oidc]") {
  Page page;
  CHECK(page.call("GET", "/auth/other").status == 404);
  CHECK(page.call("GET", "/auth").status == 404);
  const HttpReply reply = page.call("POST", "/auth/login");
  CHECK(reply.status == 405);
  CHECK(field_of(reply, "allow") == "GET");
  CHECK(PageSessions::is_for(request_of("GET", "/auth/me")));
  CHECK(!PageSessions::is_for(request_of("GET", "/authors")));
}

}  // namespace login_test
