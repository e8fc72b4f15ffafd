#include "server/http/request_reader.hpp"

#include "tests/support/catch.hpp"

namespace chiploc::request_reader_test {
namespace {

/// What a connection would see: each request on a line, then the refusal or what is left. In pieces of `piece` bytes.
std::string seen(
    std::string_view bytes, std::size_t piece, const HttpHeadLimits& limits = {},
    const BodyBound& bound = [](const HttpRequest&) { return 100; }) {
  RequestReader reader{limits, bound};
  std::string out;
  std::string waiting;
  const auto take = [&] {
    for (;;) {
      switch (reader.read(waiting)) {
        case RequestReader::State::kWhole:
          out += reader.request().method + " " + reader.request().path + " [" + reader.request().body + "]" +
                 (reader.head_only() ? " head" : "") + (reader.keep_alive() ? "" : " close") + "\n";
          reader.next();
          if (waiting.empty()) return true;
          continue;
        case RequestReader::State::kRefused:
          out += std::to_string(reader.fault().status) + " " + reader.fault().code;
          return false;
        default:
          return true;
      }
    }
  };
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    waiting += bytes.substr(at, piece);
    if (!take()) return out;
  }
  return out + (reader.state() == RequestReader::State::kBody ? "body..." : waiting.empty() ? "" : "head...");
}
std::string seen_each_way(std::string_view bytes) {
  const std::string whole = seen(bytes, bytes.size());
  for (std::size_t piece = 1; piece < bytes.size(); ++piece) {
    INFO(bytes << " in pieces of " << piece);
    CHECK(seen(bytes, piece) == whole);
  }
  return whole;
}

TEST_CASE("request reader: one request after the other, however they are cut", "[http]") {
  CHECK(seen_each_way("GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n") == "GET /a []\n");
  CHECK(
      seen_each_way(
          "HEAD / HTTP/1.1\r\nHost: x\r\n\r\nPOST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhelloPUT /c HTTP/1.1\r\nHost: "
          "x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nDELETE /d HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") ==
      "GET / [] head\nPOST /b [hello]\nPUT /c [abc]\nDELETE /d [] close\n");
  CHECK(seen_each_way("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhel") == "body...");
  CHECK(seen_each_way("GET / HTTP/1.1\r\nHost: x\r\n") == "head...");
  CHECK(seen_each_way(
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\nGET /n HTTP/1.1\r\nHost: x\r\n\r\n") ==
        "POST / []\nGET /n []\n");
}

TEST_CASE("request reader: nothing can be smuggled behind a body", "[http]") {
  const std::string inner = "GET /admin HTTP/1.1\r\nHost: x\r\n\r\n";
  const auto post = [&](const std::string& fields, const std::string& body) {
    return seen_each_way("POST / HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n" + body + inner);
  };
  CHECK(post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n") == "400 http.two_framings");
  CHECK(post("Content-Length: 0\r\nContent-Length: 5\r\n", "hello") == "400 http.two_lengths");
  CHECK(post("Content-Length: 5, 5\r\n", "hello") == "400 http.bad_length");
  CHECK(post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n") ==
        "400 http.two_codings");
  CHECK(post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n") == "501 http.unknown_coding");
  CHECK(post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n") == "400 http.folded_field");
  CHECK(post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n") == "400 http.bad_field");
  CHECK(post("X: y\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n") == "400 http.bare_line_feed");
  CHECK(post("X: y\rTransfer-Encoding: chunked\r\n", "0\r\n\r\n") == "400 http.bare_carriage_return");
  CHECK(post("Transfer-Encoding: chunked\r\n", "0;x\r\n\r\n") == "400 http.bad_chunk");
  CHECK(post("Transfer-Encoding: chunked\r\n", "0\r\nContent-Length: 9\r\n\r\n") == "400 http.trailer");
  CHECK(post("Transfer-Encoding: chunked\r\n", "5\nhello\r\n0\r\n\r\n") == "400 http.bad_chunk");
  CHECK(post("Content-Length: 5\r\n", "hello\r\n") == "POST / [hello]\n400 http.empty_line");
}

TEST_CASE("request reader: a head that Beast reads otherwise is refused", "[http]") {
  // Our rules have nothing against a list in Connection that is none; Beast has.
  CHECK(seen_each_way("GET / HTTP/1.1\r\nHost: x\r\nConnection: a b\r\n\r\n") == "400 http.bad_head");
}

TEST_CASE("request reader: bounds of bodies, by request", "[http]") {
  const BodyBound bound = [](const HttpRequest& request) { return request.path == "/import" ? 10U : 3U; };
  const auto post = [&](const std::string& path, const std::string& framing, const std::string& body) {
    return seen("POST " + path + " HTTP/1.1\r\nHost: x\r\n" + framing + "\r\n" + body, 7, {}, bound);
  };
  CHECK(post("/a", "Content-Length: 3\r\n", "abc") == "POST /a [abc]\n");
  CHECK(post("/a", "Content-Length: 4\r\n", "") == "413 http.long_body");
  CHECK(post("/import", "Content-Length: 10\r\n", "0123456789") == "POST /import [0123456789]\n");
  CHECK(post("/import", "Content-Length: 11\r\n", "") == "413 http.long_body");
  CHECK(post("/a", "Content-Length: 999999999999999999\r\n", "") == "413 http.long_body");
  CHECK(post("/a", "Transfer-Encoding: chunked\r\n", "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n") == "POST /a [abc]\n");
  CHECK(post("/a", "Transfer-Encoding: chunked\r\n", "2\r\nab\r\n2\r\n") == "413 http.long_body");
}

TEST_CASE("request reader: who waits for the word to go on is told of once", "[http]") {
  const HttpHeadLimits limits;
  const BodyBound bound = [](const HttpRequest&) { return 100; };
  RequestReader reader{limits, bound};
  std::string bytes = "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
  const std::string head = bytes;
  CHECK(reader.read(bytes) == RequestReader::State::kBody);
  CHECK(reader.take_expectation());
  CHECK_FALSE(reader.take_expectation());
  bytes = "ab";
  CHECK(reader.read(bytes) == RequestReader::State::kWhole);
  reader.next();
  bytes = head + "a";  // did not wait
  CHECK(reader.read(bytes) == RequestReader::State::kBody);
  CHECK_FALSE(reader.take_expectation());
}

TEST_CASE("request reader: heads at their bounds", "[http]") {
  const HttpHeadLimits limits{.bytes = 100, .fields = 3, .target = {.bytes = 40}};
  const auto get = [&](const std::string& target, const std::string& fields) {
    return seen("GET " + target + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n", 9, limits);
  };
  CHECK(get("/", "a: b\r\nc: d\r\n") == "GET / []\n");
  CHECK(get("/", "a: b\r\nc: d\r\ne: f\r\n") == "431 http.many_fields");
  CHECK(get("/", "a: " + std::string(100, 'b') + "\r\n") == "431 http.long_head");
  CHECK(get("/" + std::string(40, 'a'), "") == "414 http.long_target");
  CHECK(get("/" + std::string(4'000, 'a'), "") == "414 http.long_target");
}

}  // namespace
}  // namespace chiploc::request_reader_test
