#include "server/http/http_target.hpp"

#include "tests/support/catch.hpp"

namespace chiploc::http_target_test {
namespace {

using Words = std::vector<std::string>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

HttpTarget target(std::string_view text) {
  INFO(text);
  const auto parsed = parse_http_target(text);
  REQUIRE(parsed);
  return *parsed;
}
/// Its status and sentence, or "accepted".
std::string refusal(std::string_view text, const HttpTargetLimits& limits = {}) {
  const auto parsed = parse_http_target(text, limits);
  return parsed ? "accepted" : std::to_string(parsed.error().status) + " " + parsed.error().detail;
}

TEST_CASE("http target: path, segments and query, each decoded once", "[http]") {
  const HttpTarget whole =
      target("/v1/chips/SN%201?limit=5&after=a%26b&maker=x+y&maker=%2B&flag&empty=&e=a=b");
  CHECK(whole.path == "/v1/chips/SN 1");
  CHECK(whole.segments == Words{"v1", "chips", "SN 1"});
  CHECK(whole.query == Pairs{{"limit", "5"},
                             {"after", "a&b"},
                             {"maker", "x y"},
                             {"maker", "+"},
                             {"flag", ""},
                             {"empty", ""},
                             {"e", "a=b"}});
  CHECK(target("/").segments.empty());
  CHECK(target("/").path == "/");
  CHECK(target("/?").query.empty());
  CHECK(target("/a/").segments == Words{"a", ""});
  CHECK(target("/a/").path == "/a/");
  CHECK(target("/a+b").segments == Words{"a+b"});
  CHECK(target("/%C3%A9?q=%E2%82%AC").segments == Words{"\xC3\xA9"});
  CHECK(target("/.hidden/..x/...").segments == Words{".hidden", "..x", "..."});
  // Decoded once: what is left is data.
  CHECK(target("/%252e%252e/x").segments == Words{"%2e%2e", "x"});
  CHECK(target("/%252e%252e/x").path == "/%252e%252e/x");
}

TEST_CASE("http target: a slash inside a segment is data, and tells in the path", "[http]") {
  CHECK(target("/a%2Fb").segments == Words{"a/b"});
  CHECK(target("/a%2Fb").path == "/a%2Fb");
  CHECK(target("/a/b").path == "/a/b");
  CHECK(target("/a%252Fb").path == "/a%252Fb");
  CHECK(target("/a%2fb?x=c%2fd").query == Pairs{{"x", "c/d"}});
}

TEST_CASE("http target: what climbs is refused however it is written", "[http]") {
  for (const char* text : {"/..", "/.", "/../etc/passwd", "/a/../b", "/a/./b", "/%2e%2e/b", "/%2E/b",
                           "/a/.%2e", "/a%2f..%2fb", "/a%2F..", "/..%2Fa", "/%2e%2e%2fa", "/a%2f.%2fb"}) {
    INFO(text);
    CHECK(refusal(text) == "400 the path has a \".\" or \"..\" segment; send it resolved");
  }
  for (const char* text : {"/a%5cb", "/..%5C..%5Cetc", "/%5c"})
    CHECK(refusal(text) == "400 the path has a backslash; none is known here");
  for (const char* text : {"//", "//etc", "/a//b", "///"})
    CHECK(refusal(text) == "400 the path has two slashes in a row; send one");
}

TEST_CASE("http target: what is no text is refused", "[http]") {
  const std::string raw = "400 the target has a character that a URI has not; send it percent-encoded";
  for (const std::string text :
       {"/a b", "/a\tb", "/a\x7f", "/a\"", "/<", "/>", "/a#b", "/a\\b", "/\xC3\xA9", "/?a\\b", "/?\x01"})
    CHECK(refusal(text) == raw);
  CHECK(refusal(std::string_view{"/a\0b", 4}) == raw);
  const std::string percent =
      "400 the target has a \"%\" without two hexadecimal digits; send %25 for a percent sign";
  for (const char* text : {"/%", "/%4", "/%zz", "/%4g", "/?a=%", "/?%f", "/%+1", "/% 1"}) {
    INFO(text);
    CHECK(refusal(text) == (std::string_view{text}.find(' ') == std::string_view::npos ? percent : raw));
  }
  const std::string text_fault = "400 the target has control characters or is not UTF-8; send text as UTF-8";
  // NUL, newline, DEL, C1; overlong "/" and "."; a surrogate; beyond U+10FFFF; a lone continuation; a cut sequence
  for (const char* text :
       {"/%00", "/a%0Ab", "/%7f", "/%C2%85", "/%C0%AF", "/%C0%AE%C0%AE/", "/%E0%80%AF", "/%ED%A0%80",
        "/%F4%90%80%80", "/%80", "/%C3", "/?x=%00", "/?x=a%0d%0ab", "/?%FF=1"}) {
    INFO(text);
    CHECK(refusal(text) == text_fault);
  }
}

TEST_CASE("http target: forms that are not a path, names that are none, and limits", "[http]") {
  for (const char* text : {"", "*", "v1", "https://a/b", "a:443"})
    CHECK(refusal(text) == "400 the target does not begin with \"/\"");
  for (const char* text : {"/?=1", "/?&", "/?a&", "/?a&&b", "/?&a"})
    CHECK(refusal(text) == "400 the query has a parameter without a name");
  const HttpTargetLimits limits{.bytes = 10, .segments = 2, .parameters = 2};
  CHECK(refusal("/123456789", limits) == "accepted");
  CHECK(refusal("/1234567890", limits) == "414 the target is longer than 10 bytes; send less of it");
  CHECK(refusal("/a/b", limits) == "accepted");
  CHECK(refusal("/a/b/", limits) == "400 the path has more than 2 segments");
  CHECK(refusal("/?a&b", limits) == "accepted");
  CHECK(refusal("/?a&b&c", limits) == "400 the query has more than 2 parameters");
}

}  // namespace
}  // namespace chiploc::http_target_test
