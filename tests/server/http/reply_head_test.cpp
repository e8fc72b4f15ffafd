#include "server/http/reply_head.hpp"

#include "server/http/http_fault.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::reply_head_test {
namespace {

const ReplySetting kSetting{wall_from_unix_seconds(784'111'777), "default-src 'none'", false, false};

std::string head_of(const HttpReply& reply, const ReplySetting& setting = kSetting) {
  const auto head = reply_head(reply, setting);
  return head ? *head : "refused: " + head.error();
}
HttpReply reply_with(HttpFields fields, std::string body = "hello") {
  HttpReply reply;
  reply.fields = std::move(fields);
  reply.body = std::move(body);
  return reply;
}

TEST_CASE("reply head: dates are those of RFC 9110", "[http]") {
  CHECK(http_date(wall_from_unix_seconds(784'111'777)) == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(http_date(wall_from_unix_seconds(951'782'400)) == "Tue, 29 Feb 2000 00:00:00 GMT");
  CHECK(http_date(wall_from_unix_seconds(1'798'761'599)) == "Thu, 31 Dec 2026 23:59:59 GMT");
}

TEST_CASE("reply head: every answer has the same fields, in one place", "[http]") {
  CHECK(
      head_of(reply_with({{"content-type", "text/plain"}})) ==
      "HTTP/1.1 200 OK\r\n"
      "date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
      "strict-transport-security: max-age=63072000\r\n"
      "x-content-type-options: nosniff\r\n"
      "referrer-policy: no-referrer\r\n"
      "cross-origin-opener-policy: same-origin\r\n"
      "cross-origin-resource-policy: same-origin\r\n"
      "permissions-policy: accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()\r\n"
      "content-type: text/plain\r\n"
      "cache-control: no-store\r\n"
      "content-security-policy: default-src 'none'\r\n"
      "accept-ranges: none\r\n"
      "content-length: 5\r\n\r\n");
}

TEST_CASE("reply head: what a handler may say itself, and what is the server's", "[http]") {
  const std::string own =
      head_of(reply_with({{"cache-control", "no-cache"}, {"content-security-policy", "default-src 'self'"}}));
  CHECK_THAT(own, Catch::Contains("\r\ncache-control: no-cache\r\n"));
  CHECK_THAT(own, !Catch::Contains("no-store"));
  CHECK_THAT(own, Catch::Contains("\r\ncontent-security-policy: default-src 'self'\r\n"));
  CHECK_THAT(own, !Catch::Contains("'none'"));
  const std::string ours = head_of(reply_with({{"server", "x"},
                                               {"x-content-type-options", "sniff"},
                                               {"strict-transport-security", "max-age=0"},
                                               {"date", "now"}}));
  CHECK_THAT(ours, !Catch::Contains("server:") && !Catch::Contains("sniff\r\nx") &&
                       !Catch::Contains("max-age=0") && !Catch::Contains("now"));
  for (const char* name :
       {"content-length", "transfer-encoding", "connection", "keep-alive", "trailer", "upgrade"})
    CHECK(head_of(reply_with({{name, "1"}})) ==
          std::string{"refused: a handler answered with "} + name + ", which is the server's to say");
  for (const auto& [name, value] : HttpFields{{"X-Big", "1"},
                                              {"a b", "1"},
                                              {"", "1"},
                                              {"a:", "1"},
                                              {"x", "a\r\nset-cookie: b"},
                                              {"x", std::string(1, '\0')},
                                              {"x", "\x7f"}})
    CHECK_THAT(head_of(reply_with({{name, value}})), Catch::StartsWith("refused: "));
  for (const int status : {0, 100, 199, 600, -1}) {
    HttpReply reply;
    reply.status = status;
    CHECK_THAT(head_of(reply), Catch::StartsWith("refused: "));
  }
}

TEST_CASE("reply head: lengths, ends and streams", "[http]") {
  HttpReply shared = reply_with({}, "unused");
  shared.shared = std::make_shared<const std::string>(1'000, 'x');
  CHECK_THAT(head_of(shared), Catch::Contains("\r\ncontent-length: 1000\r\n"));
  CHECK(body_of(shared).size() == 1'000);
  for (const int status : {204, 304}) {
    HttpReply reply;
    reply.status = status;
    CHECK_THAT(head_of(reply), !Catch::Contains("content-length"));
  }
  CHECK_THAT(head_of(reply_with({})), !Catch::Contains("connection:"));
  CHECK_THAT(head_of(reply_with({}), {{}, "", true, false}), Catch::Contains("\r\nconnection: close\r\n"));
  const std::string stream = head_of(reply_with({}, ""), {{}, "", true, true});
  CHECK_THAT(stream, Catch::Contains("\r\nconnection: close\r\n") && !Catch::Contains("content-length") &&
                         !Catch::Contains("security-policy: \r\n"));
}

TEST_CASE("reply head: what the client has is not sent again", "[http]") {
  HttpRequest request{
      .method = "GET", .path = "/", .segments = {}, .fields = {{"if-none-match", "\"x\", W/\"1\""}}};
  const HttpReply reply = reply_with({{"etag", "\"1\""},
                                      {"content-type", "text/plain"},
                                      {"vary", "accept"},
                                      {"cache-control", "no-cache"},
                                      {"content-encoding", "gzip"}});
  const auto same = not_modified(request, reply);
  REQUIRE(same);
  CHECK(same->status == 304);
  CHECK(same->fields == HttpFields{{"etag", "\"1\""}, {"vary", "accept"}, {"cache-control", "no-cache"}});
  CHECK(body_of(*same).empty());
  CHECK_FALSE(not_modified(request, reply_with({{"etag", "\"2\""}})));
  CHECK_FALSE(not_modified(request, reply_with({})));
  HttpReply gone = reply;
  gone.status = 404;
  CHECK_FALSE(not_modified(request, gone));
  request.method = "PUT";
  CHECK_FALSE(not_modified(request, reply));
}

TEST_CASE("http fault: a problem says what, for programs and for people", "[http]") {
  const HttpReply reply = problem_reply({400, "http.host", "a \"quoted\" \\ line\n\x01 \xff \xC3\xA9"});
  CHECK(reply.status == 400);
  CHECK(reply.fields == HttpFields{{"content-type", "application/problem+json"}});
  CHECK(
      reply.body ==
      "{\"type\":\"about:blank\",\"title\":\"Bad Request\",\"status\":400,\"detail\":\"a \\\"quoted\\\" \\\\ line\\u000a\\u0001 \\ufffd \xC3\xA9\","
      "\"code\":\"http.host\"}\n");
  CHECK(reason_phrase(431) == "Request Header Fields Too Large");
  CHECK(reason_phrase(599) == "Unknown");
}

}  // namespace
}  // namespace chiploc::reply_head_test
