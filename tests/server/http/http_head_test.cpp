#include "server/http/http_head.hpp"

#include "tests/support/catch.hpp"

namespace chiploc::http_head_test {
namespace {

const HttpHeadLimits kLimits;

std::string head_of(const std::string& line, const std::string& fields) {
  return line + "\r\n" + fields + "\r\n";
}
Result<HttpHead, HttpFault> judged(const std::string& head, const HttpHeadLimits& limits = kLimits) {
  auto lines = read_head_lines(head, limits);
  if (!lines) return Fail{lines.error()};
  return judge_head(*std::move(lines), limits);
}
/// "400 http.host", or "accepted".
std::string told(const Result<HttpHead, HttpFault>& head) {
  return head ? "accepted" : std::to_string(head.error().status) + " " + head.error().code;
}
std::string with_fields(const std::string& fields) {
  return told(judged(head_of("POST /a HTTP/1.1", "Host: a\r\n" + fields)));
}
std::string with_line(const std::string& line) { return told(judged(head_of(line, "Host: a\r\n"))); }
std::string scanned(std::string_view bytes, const HttpHeadLimits& limits = kLimits) {
  HttpHeadScan scan;
  const auto end = scan.scan(bytes, limits);
  if (!end) return std::to_string(end.error().status) + " " + end.error().code;
  return *end ? std::to_string(**end) : "more";
}

TEST_CASE("http head: its end is found, however it comes", "[http]") {
  const std::string head = head_of("GET / HTTP/1.1", "Host: a\r\n");
  HttpHeadScan scan;
  for (std::size_t size = 0; size < head.size(); ++size) {
    const auto end = scan.scan(std::string_view{head}.substr(0, size), kLimits);
    REQUIRE(end);
    CHECK_FALSE(*end);
  }
  const auto end = scan.scan(head + "more", kLimits);
  REQUIRE(end);
  CHECK(*end == head.size());
  CHECK(scanned(head + head) == std::to_string(head.size()));
}

TEST_CASE("http head: what no line may have is refused before the end comes", "[http]") {
  CHECK(scanned("GET / HTTP/1.1\n") == "400 http.bare_line_feed");
  CHECK(scanned("\n") == "400 http.bare_line_feed");
  CHECK(scanned("GET / HTTP/1.1\r\nHost: a\n\n") == "400 http.bare_line_feed");
  CHECK(scanned("GET / HTTP/1.1\rHost") == "400 http.bare_carriage_return");
  CHECK(scanned("GET / HTTP/1.1\r\r\n") == "400 http.bare_carriage_return");
  CHECK(scanned("GET / HTTP/1.1\r") == "more");
  CHECK(scanned("\r\nGET / HTTP/1.1\r\n") == "400 http.empty_line");
  CHECK(scanned(std::string_view{"GET /\0", 6}) == "400 http.nul");
}

TEST_CASE("http head: too long is told apart by what is long", "[http]") {
  const HttpHeadLimits limits{.bytes = 200, .fields = 3, .target = {.bytes = 50}};
  const std::string head = head_of("GET / HTTP/1.1", "Host: a\r\nX: " + std::string(168, 'x') + "\r\n");
  REQUIRE(head.size() == 200);
  CHECK(scanned(head, limits) == "200");
  const std::string longer = head_of("GET / HTTP/1.1", "Host: a\r\nX: " + std::string(169, 'x') + "\r\n");
  CHECK(scanned(longer, limits) == "431 http.long_head");
  CHECK(scanned(longer.substr(0, 200), limits) == "more");
  CHECK(scanned(head.substr(0, 198) + "yyy", limits) == "431 http.long_head");
  CHECK(scanned("GET /" + std::string(100, 'a'), limits) == "414 http.long_target");
  CHECK(told(judged(head_of("GET /" + std::string(49, 'a') + " HTTP/1.1", "Host: a\r\n"), limits)) ==
        "accepted");
  CHECK(told(judged(head_of("GET /" + std::string(50, 'a') + " HTTP/1.1", "Host: a\r\n"), limits)) ==
        "414 http.long_target");
  CHECK(told(judged(head_of("GET / HTTP/1.1", "Host: a\r\nb: \r\nc: \r\n"), limits)) == "accepted");
  CHECK(told(judged(head_of("GET / HTTP/1.1", "Host: a\r\nb: \r\nc: \r\nd: \r\n"), limits)) ==
        "431 http.many_fields");
}

TEST_CASE("http head: the request line in its one form", "[http]") {
  CHECK(with_line("GET / HTTP/1.1") == "accepted");
  for (const char* line : {"GET /", "GET", "", "GET  / HTTP/1.1", " GET / HTTP/1.1", "GET / HTTP/1.1 ",
                           "GET / http/1.1", "GET / HTTP/1.1x", "GET / HTTP/11", "G(T / HTTP/1.1",
                           "ABCDEFGHIJKLMNOPQ / HTTP/1.1", "GET\t/\tHTTP/1.1"}) {
    INFO(line);
    const std::string what = with_line(line);
    CHECK(what.substr(0, 4) == "400 ");
  }
  CHECK(with_line("GET /a b HTTP/1.1") == "400 http.bad_target");
  CHECK(with_line("GET /\x01 HTTP/1.1") == "400 http.bad_target");
  CHECK(with_line("GET /\xC3\xA9 HTTP/1.1") == "400 http.bad_target");
  for (const char* line : {"GET / HTTP/1.0", "GET / HTTP/2.0", "PRI * HTTP/2.0", "GET / HTTP/0.9"})
    CHECK(with_line(line) == "505 http.bad_version");
}

TEST_CASE("http head: methods", "[http]") {
  for (const char* method : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
    CHECK(with_line(std::string{method} + " / HTTP/1.1") == "accepted");
  for (const char* method : {"CONNECT", "TRACE"})
    CHECK(with_line(std::string{method} + " / HTTP/1.1") == "405 http.method");
  CHECK(with_line("CONNECT a:443 HTTP/1.1") == "405 http.method");
  for (const char* method : {"BREW", "get", "GE", "ET", "G", "OPTION", "PROPFIND"})
    CHECK(with_line(std::string{method} + " / HTTP/1.1") == "501 http.method");
}

TEST_CASE("http head: fields in their one form", "[http]") {
  CHECK(with_fields("X:y\r\n") == "accepted");
  const auto head =
      judged(head_of("GET / HTTP/1.1", "Host: a\r\nX-Y:  \t b c\t \r\nEmpty:\r\nBytes: \xff\r\n"));
  REQUIRE(head);
  CHECK(head->fields == HttpFields{{"host", "a"}, {"x-y", "b c"}, {"empty", ""}, {"bytes", "\xff"}});
  CHECK(with_fields("X: y\r\n z\r\n") == "400 http.folded_field");
  CHECK(with_fields("X: y\r\n\tz\r\n") == "400 http.folded_field");
  CHECK(told(judged("GET / HTTP/1.1\r\n Host: a\r\n\r\n")) == "400 http.folded_field");
  for (const std::string line :
       {"X : y", "X\t: y", ": y", "X", "X y: z", "X(y): z", "X\x01: y", "X\xC3\xA9: y"}) {
    INFO(line);
    CHECK(with_fields(line + "\r\n") == "400 http.bad_field");
  }
  for (const char value : {'\x01', '\x0b', '\x1f', '\x7f'})
    CHECK(with_fields(std::string{"X: a"} + value + "\r\n") == "400 http.bad_field");
}

TEST_CASE("http head: one Host that can be one", "[http]") {
  const auto host = [](const std::string& text) {
    return told(judged(head_of("GET / HTTP/1.1", "Host: " + text + "\r\n")));
  };
  for (const char* text :
       {"a", "a:1", "example.org:65535", "192.0.2.1", "[2001:db8::1]", "[::1]:8443", "a_b"}) {
    INFO(text);
    CHECK(host(text) == "accepted");
  }
  for (const char* text : {"", ":1", "a:", "a:x", "a:123456", "a/b", "a b", "a@b", "[::1", "[]", "[::1]x",
                           "a,b", "a:1:2", "[::1]:"}) {
    INFO(text);
    CHECK(host(text) == "400 http.host");
  }
  CHECK(host(std::string(256, 'a')) == "400 http.host");
  CHECK(told(judged("GET / HTTP/1.1\r\n\r\n")) == "400 http.host");
  CHECK(with_fields("Host: a\r\n") == "400 http.host");
}

TEST_CASE("http head: forms of the target", "[http]") {
  const auto at = [](const std::string& line) { return judged(head_of(line, "Host: Example.org:8443\r\n")); };
  const auto absolute = at("GET https://example.ORG:8443/v1?x=1 HTTP/1.1");
  REQUIRE(absolute);
  CHECK(absolute->target.path == "/v1");
  CHECK(absolute->target.query.size() == 1);
  CHECK(at("GET HTTPS://example.org:8443 HTTP/1.1")->target.path == "/");
  for (const char* target : {"https://other.org/", "https://example.org/", "http://example.org:8443/",
                             "https://example.org:8443?x", "https://u@example.org:8443/", "example.org:8443",
                             "*", "https://", "//example.org:8443/", "https://example.org:8443/../a"}) {
    INFO(target);
    CHECK(told(at("GET " + std::string{target} + " HTTP/1.1")) == "400 http.bad_target");
  }
  const auto all = at("OPTIONS * HTTP/1.1");
  REQUIRE(all);
  CHECK(all->whole_server);
  CHECK_FALSE(at("OPTIONS / HTTP/1.1")->whole_server);
}

TEST_CASE("http head: a body ends in one place, or the request is refused", "[http]") {
  CHECK(with_fields("Content-Length: 0\r\n") == "accepted");
  CHECK(with_fields("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") == "400 http.two_framings");
  CHECK(with_fields("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n") == "400 http.two_framings");
  CHECK(with_fields("Content-Length: 5\r\nContent-Length: 5\r\n") == "400 http.two_lengths");
  CHECK(with_fields("Content-Length: 5\r\nContent-Length: 6\r\n") == "400 http.two_lengths");
  CHECK(with_fields("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n") ==
        "400 http.two_codings");
  for (const char* length :
       {"5, 5", "+5", "-1", "0x5", "5 5", "", "5.0", "1234567890123456789", "\xd9\xa5"}) {
    INFO(length);
    CHECK(with_fields(std::string{"Content-Length: "} + length + "\r\n") == "400 http.bad_length");
  }
  for (const char* coding : {"gzip, chunked", "chunked, gzip", "gzip", "identity", "", "xchunked",
                             "chunked;q=1", "\"chunked\"", "chunked,"}) {
    INFO(coding);
    CHECK(with_fields(std::string{"Transfer-Encoding: "} + coding + "\r\n") == "501 http.unknown_coding");
  }
  const auto head = judged(head_of("POST / HTTP/1.1", "Host: a\r\nTransfer-encoding: Chunked\r\n"));
  REQUIRE(head);
  CHECK(head->chunked);
  CHECK_FALSE(head->content_length);
  CHECK(judged(head_of("POST / HTTP/1.1", "Host: a\r\nContent-Length: 007\r\n"))->content_length == 7U);
}

TEST_CASE("http head: expectations and the connection's end", "[http]") {
  const auto with = [](const std::string& fields) {
    return judged(head_of("POST / HTTP/1.1", "Host: a\r\n" + fields));
  };
  CHECK(with("Expect: 100-Continue\r\n")->expects_continue);
  CHECK_FALSE(with("")->expects_continue);
  CHECK(told(with("Expect: 200-ok\r\n")) == "417 http.expectation");
  CHECK(with("")->keep_alive);
  CHECK(with("Connection: keep-alive\r\n")->keep_alive);
  CHECK(with("Connection: closed\r\n")->keep_alive);
  CHECK_FALSE(with("Connection: Close\r\n")->keep_alive);
  CHECK_FALSE(with("Connection: keep-alive, close\r\n")->keep_alive);
  CHECK_FALSE(with("Connection: upgrade\r\nConnection: close\r\n")->keep_alive);
}

TEST_CASE("http head: an entity tag in a list", "[http]") {
  CHECK(in_entity_tags("\"a\"", "\"a\""));
  CHECK(in_entity_tags("W/\"a\"", "\"a\""));
  CHECK(in_entity_tags("\"a\"", "W/\"a\""));
  CHECK(in_entity_tags("\"b\" , W/\"c\",\"a\"", "\"a\""));
  CHECK(in_entity_tags(" * ", "\"a\""));
  CHECK(in_entity_tags("\"a,b\"", "\"a,b\""));
  for (const char* list : {"", "a", "\"b\"", "\"a", "\"a\",", "\"a\" \"a\"", "*,\"a\"", "\"a\",*", "w/\"a\"",
                           ",\"a\"", "\"a,b\""}) {
    INFO(list);
    CHECK_FALSE(in_entity_tags(list, "\"a\""));
  }
}

}  // namespace
}  // namespace chiploc::http_head_test
