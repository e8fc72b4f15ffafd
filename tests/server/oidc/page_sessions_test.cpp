#include "server/oidc/page_sessions.hpp"

#include <nlohmann/json.hpp>

#include "proto/crypto/certificate.hpp"
#include "server/service/sign_in_codes.hpp"
#include "tests/server/oidc/made_issuer.hpp"
#include "tests/support/certificate_maker.hpp"

namespace page_sessions_test {
using namespace chiploc;
using namespace std::chrono_literals;
using test::CookieJar;
using test::json;
using test::request_of;

const std::string kOrigin = "https://127.0.0.1:7480";
const HttpFields kOurs{{"origin", kOrigin}, {"sec-fetch-site", "same-origin"}};

Caller holder() {
  static const Caller kHolder = [] {
    Caller out;
    out.name = "ann";
    out.role = Role::kRegistrar;
    out.holder = "Acme";
    test::CertificateOrder order;
    order.common_name = "ann";
    out.whole_certificate = std::make_shared<const Certificate>(test::make_certificate(order).certificate);
    out.certificate = out.whole_certificate->fingerprint();
    return out;
  }();
  return kHolder;
}

struct World {
  test::SetClocks clocks;
  OidcCounters counters;
  SignInCodes codes{kOrigin + "/", {}, clocks.hands().dice};
  std::optional<std::string> ended;
  PageSessions sessions{
      {.origin = kOrigin, .codes = &codes, .ended = [this](const Certificate&, WallTime) { return ended; }},
      clocks.hands(),
      counters};
  CookieJar jar;

  std::string code() { return codes.issue(holder(), clocks.hands().wall())->text; }
  HttpReply call(const std::string& method, const std::string& path, const std::string& body = {},
                 const HttpFields& more = kOurs) {
    HttpRequest request = request_of(method, path, jar.fields(more));
    request.body = body;
    HttpReply reply = sessions.answer(request);
    jar.take(reply);
    return reply;
  }
  HttpReply enter(const std::string& code, const HttpFields& more = kOurs) {
    return call("POST", "/auth/code", json{{"code", code}}.dump(), more);
  }
  json me() { return json::parse(call("GET", "/auth/me").body); }
  Answer<Identity> identity(const std::string& method = "GET", const HttpFields& more = kOurs) {
    return sessions.identity(request_of(method, "/v1/chips", jar.fields(more)));
  }
};

TEST_CASE("page sessions: a code signs its certificate's holder in, with a cookie", "[oidc][sign-in]") {
  World world;
  CHECK(world.call("GET", "/auth/me").status == 401);
  CHECK(world.me()["ways"] == json{"code"});
  const HttpReply reply = world.enter(world.code());
  CHECK(reply.status == 200);
  const std::string cookie = test::field_of(reply, "set-cookie");
  CHECK(cookie.starts_with("__Host-chiploc="));
  CHECK(cookie.ends_with("; Path=/; Secure; HttpOnly; SameSite=Strict"));
  CHECK(test::field_of(reply, "cache-control") == "no-store");
  const json me = world.me();
  CHECK(me["name"] == "ann");
  CHECK(me["role"] == "registrar");
  CHECK(me["entity"] == "Acme");
  const auto who = world.identity();
  REQUIRE(who);
  CHECK(who->organizations == std::vector<std::string>{"holder:Acme"});
  CHECK(who->certificate == holder().certificate);
  CHECK_FALSE(who->whole_certificate);  // no code can be had for a session
  CHECK_FALSE(world.identity("POST"));
  HttpFields with_token = kOurs;
  with_token.emplace_back("x-csrf-token", me["csrf_token"]);
  CHECK(world.identity("POST", with_token));
  CHECK(world.counters.codes_good == 1);
}

TEST_CASE("page sessions: codes that are none, and from elsewhere", "[oidc][sign-in]") {
  World world;
  const std::string code = world.code();
  CHECK(world.enter(code, {{"origin", "https://evil.example"}, {"sec-fetch-site", "cross-site"}}).status ==
        403);
  CHECK(world.enter(code, {{"sec-fetch-site", "same-site"}}).status == 403);
  CHECK(world.enter(code, {}).status == 403);
  CHECK(world.enter("7777-7777-7777").status == 403);
  for (const char* body : {"", "{}", "[]", "{\"code\": 7}", "{\"code\": \"a\", \"code\": \"b\"}"})
    CHECK(world.call("POST", "/auth/code", body).status == 400);
  CHECK(world.call("POST", "/auth/code", "{\"code\": \"" + std::string(2'000, '7') + "\"}").status == 400);
  CHECK(world.call("GET", "/auth/code").status == 405);
  CHECK(world.call("GET", "/auth/login").status == 404);
  CHECK_FALSE(world.jar.has("__Host-chiploc"));
  CHECK(world.enter(code).status == 200);
  CHECK(world.enter(code).status == 403);
  CHECK(world.counters.codes_refused == 11);
  CHECK(world.sessions.size() == 1);
}

TEST_CASE("page sessions: end with the certificate that they began with", "[oidc][sign-in]") {
  World world;
  const std::string other = world.code();
  REQUIRE(world.enter(world.code()).status == 200);
  REQUIRE(world.identity());
  world.ended = "the certificate 17 of ann was revoked";
  const auto refused = world.identity();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ApiFaultCode::kNoCertificate);
  CHECK(refused.error().text.find("was revoked") != std::string::npos);
  CHECK(world.sessions.size() == 0);
  CHECK(world.enter(other).status == 403);
  world.ended.reset();
  CHECK_FALSE(world.identity());  // over is over
}

TEST_CASE("page sessions: a new one takes the old one's place; logging out ends it", "[oidc][sign-in]") {
  World world;
  REQUIRE(world.enter(world.code()).status == 200);
  REQUIRE(world.enter(world.code()).status == 200);
  CHECK(world.sessions.size() == 1);
  CHECK(world.call("POST", "/auth/logout", "{}").status == 403);
  HttpFields with_token = kOurs;
  with_token.emplace_back("x-csrf-token", world.me()["csrf_token"]);
  const HttpReply out = world.call("POST", "/auth/logout", "{}", with_token);
  CHECK(out.status == 200);
  CHECK(json::parse(out.body)["end_session"].is_null());
  CHECK_FALSE(world.jar.has("__Host-chiploc"));
  CHECK(world.sessions.size() == 0);
}

TEST_CASE("page sessions: one certificate has so many, and takes nobody else's room", "[oidc][sign-in]") {
  World world;
  for (int i = 0; i < 12; ++i) {
    world.jar = {};
    REQUIRE(world.enter(world.code()).status == 200);
  }
  CHECK(world.sessions.size() == SessionRules{}.per_person);
  Identity token;
  token.common_name = "bob";
  token.unit = "reader";
  token.account = TokenAccount{"https://issuer.example", "u-2"};
  REQUIRE(world.sessions.open(token, ""));
  CHECK(world.sessions.size() == SessionRules{}.per_person + 1);
}

}  // namespace page_sessions_test
