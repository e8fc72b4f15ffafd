#include "server/oidc/browser_request.hpp"

#include "tests/support/catch.hpp"

namespace browser_request_test {
using namespace chiploc;

HttpRequest request(const std::string& method, const HttpFields& fields) {
  HttpRequest out;
  out.method = method;
  out.fields = fields;
  return out;
}

TEST_CASE("cookies: the only one of a name", "[oidc]") {
  const auto cookie = [](const HttpFields& fields) {
    const HttpRequest asked = request("GET", fields);
    const auto found = cookie_of(asked, "__Host-chiploc");
    return found ? std::string{*found} : std::string{"none"};
  };
  CHECK(cookie({{"cookie", "__Host-chiploc=abc"}}) == "abc");
  CHECK(cookie({{"cookie", "a=1; __Host-chiploc=abc=; b=2"}}) == "abc=");
  CHECK(cookie({{"cookie", "a=1;__Host-chiploc="}}).empty());
  CHECK(cookie({}) == "none");
  CHECK(cookie({{"cookie", "__Host-chiploc-login=x; x__Host-chiploc=y; __host-chiploc=z"}}) == "none");
  CHECK(cookie({{"cookie", "__Host-chiploc=a; __Host-chiploc=b"}}) == "none");
  CHECK(cookie({{"cookie", "__Host-chiploc=a"}, {"cookie", "__Host-chiploc=a"}}) == "none");
  CHECK(cookie({{"cookie", "__Host-chiploc"}}) == "none");
  CHECK(cookie({{"cookie", ";;; ;"}}) == "none");
}

TEST_CASE("our page: by what the browser says of where a call comes from", "[oidc]") {
  constexpr std::string_view kOrigin = "https://chiploc.example";
  const auto ours = [&](const std::string& method, const HttpFields& fields) {
    return is_of_our_page(request(method, fields), kOrigin);
  };
  const std::pair<std::string, std::string> good{"origin", "https://chiploc.example"},
      evil{"origin", "https://evil.example"};
  for (const char* method : {"GET", "HEAD"}) {
    CHECK(ours(method, {}));
    CHECK(ours(method, {{"sec-fetch-site", "same-origin"}}));
    CHECK(ours(method, {{"sec-fetch-site", "none"}}));
    CHECK(!ours(method, {{"sec-fetch-site", "same-site"}}));
    CHECK(!ours(method, {{"sec-fetch-site", "cross-site"}}));
    CHECK(!ours(method, {evil}));
    CHECK(!ours(method, {{"sec-fetch-site", "same-origin"}, evil}));
  }
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "get"}) {
    INFO(method);
    CHECK(!ours(method, {}));
    CHECK(ours(method, {good}));
    CHECK(ours(method, {{"sec-fetch-site", "same-origin"}}));
    CHECK(ours(method, {{"sec-fetch-site", "same-origin"}, good}));
    CHECK(!ours(method, {{"sec-fetch-site", "none"}}));
    CHECK(!ours(method, {{"sec-fetch-site", "same-site"}, good}));
    CHECK(!ours(method, {{"sec-fetch-site", "same-origin"}, evil}));
    CHECK(!ours(method, {good, good}));
    CHECK(!ours(method, {{"sec-fetch-site", "same-origin"}, {"sec-fetch-site", "same-origin"}}));
    for (const char* near : {"null", "http://chiploc.example", "https://chiploc.example:444",
                             "https://chiploc.example.evil.example", "https://CHIPLOC.example"})
      CHECK(!ours(method, {{"origin", near}}));
  }
}

TEST_CASE("cookies that are set: out of reach of scripts and of other sites", "[oidc]") {
  CHECK(set_cookie("__Host-a", "v", "Strict", {}) == "__Host-a=v; Path=/; Secure; HttpOnly; SameSite=Strict");
  CHECK(set_cookie("__Host-a", "", "Lax", 0) ==
        "__Host-a=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
}

TEST_CASE("query: once, and encoded for URLs", "[oidc]") {
  HttpRequest asked;
  asked.query = {{"code", "a"}, {"state", "s"}, {"state", "t"}};
  CHECK(query_of(asked, "code") == "a");
  CHECK(!query_of(asked, "state"));
  CHECK(!query_of(asked, "iss"));
  CHECK(percent_encoded("a-Z_0.~") == "a-Z_0.~");
  CHECK(percent_encoded("a b&c=d/\xff+\n") == "a%20b%26c%3Dd%2F%FF%2B%0A");
}

}  // namespace browser_request_test
