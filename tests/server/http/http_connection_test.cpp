// What one client may do to the server, byte by byte, and what it gets for it.
#include "server/http/http_server.hpp"

#include <sys/socket.h>

#include <netinet/in.h>

#include <future>

#include "tests/server/http/http_world.hpp"

namespace chiploc::http_connection_test {
namespace {

using namespace http_world;  // NOLINT(google-build-using-namespace)
using std::chrono::seconds;

const std::string kGet = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

TEST_CASE("http: a request is answered, and the next on the same connection", "[http][sockets]") {
  Served served{echo()};
  Client client{served.port()};
  const Answer first = client.ask("GET /a%20b?x=1");
  CHECK(first.status == 200);
  CHECK(first.body == "GET /a b x=1");
  CHECK(first.field("x-content-type-options") == "nosniff");
  CHECK(first.field("content-security-policy") == "default-src 'none'; frame-ancestors 'none'");
  CHECK(first.field("cache-control") == "no-store");
  CHECK_FALSE(first.field("date").empty());
  CHECK(first.field("server").empty());
  CHECK(first.field("connection").empty());
  CHECK(client.ask("POST /b", "Content-Length: 5\r\n", "hello").body == "POST /b [hello]");
  CHECK(client.ask("PUT /c", "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n").body ==
        "PUT /c [hello]");
  const Answer last = client.ask("GET /d", "Connection: close\r\n");
  CHECK(last.body == "GET /d");
  CHECK(last.field("connection") == "close");
  CHECK(client.read_all().empty());
  CHECK(client.ended_in_order());
  const auto counts = served.counters();
  CHECK(counts.requests == 4);
  CHECK(counts.replies[0] == 4);
  CHECK(counts.bytes_in > 200);
  CHECK(counts.bytes_out > 2'000);
  client.close();
  served.until_empty();
}

TEST_CASE("http: HEAD is GET without the body, OPTIONS * the server's own", "[http][sockets]") {
  const Served served{echo()};
  Client client{served.port()};
  const Answer head = client.ask("HEAD /abc");
  CHECK(head.status == 200);
  CHECK(head.field("content-length") == "8");  // "GET /abc"
  const Answer options = client.ask("OPTIONS *");
  CHECK(options.status == 204);
  CHECK(options.field("allow") == "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  CHECK(client.ask("GET /next").body == "GET /next");
}

TEST_CASE("http: what is sent ahead is answered in its order", "[http][sockets]") {
  std::atomic<int> count = 0;
  const Served served{[&](std::shared_ptr<HttpExchange> exchange) {
    ++count;
    exchange->reply(text(exchange->request().path));
  }};
  Client client{served.port()};
  std::string many;
  for (int i = 0; i < 100; ++i) {
    many += "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc";
  }
  REQUIRE(client.send(many));
  for (int i = 0; i < 100; ++i) CHECK(client.answer().body == "/" + std::to_string(i));
  CHECK(count == 100);
}

TEST_CASE("http: one request at a time is in the handler's hands, and later ones wait", "[http][sockets]") {
  std::promise<std::shared_ptr<HttpExchange>> first;
  std::atomic<int> count = 0;
  const Served served{[&](std::shared_ptr<HttpExchange> exchange) {
    if (++count == 1)
      first.set_value(std::move(exchange));
    else
      exchange->reply(text("second"));
  }};
  Client client{served.port()};
  REQUIRE(client.send(kGet + kGet));
  const auto exchange = first.get_future().get();
  served.server->tick();
  CHECK(count == 1);
  exchange->reply(text("first"));  // from this thread
  CHECK(client.answer().body == "first");
  CHECK(client.answer().body == "second");
}

TEST_CASE("http: hostile bytes are told why, and the connection ends", "[http][sockets]") {
  Served served{echo()};
  const auto refusal = [&](const std::string& bytes) {
    Client client{served.port()};
    client.send(bytes);
    const Answer answer = client.answer();
    CHECK(answer.field("connection") == "close");
    CHECK(answer.field("content-type") == "application/problem+json");
    CHECK(answer.field("x-content-type-options") == "nosniff");
    CHECK(client.read_all().empty());
    CHECK(client.ended_in_order());
    const auto at = answer.body.find("\"code\":\"") + 8;
    return std::to_string(answer.status) + " " + answer.body.substr(at, answer.body.find('"', at) - at);
  };
  const std::string host = " HTTP/1.1\r\nHost: localhost\r\n";
  CHECK(refusal("GET / HTTP/1.1\nHost: x\n\n") == "400 http.bare_line_feed");
  CHECK(refusal("GET /../etc/passwd" + host + "\r\n") == "400 http.bad_target");
  CHECK(refusal("GET /%2e%2e/" + host + "\r\n") == "400 http.bad_target");
  CHECK(refusal("GET / HTTP/1.0\r\n\r\n") == "505 http.bad_version");
  CHECK(refusal("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") == "505 http.bad_version");
  CHECK(refusal("CONNECT a:443" + host + "\r\n") == "405 http.method");
  CHECK(refusal("POST /" + host + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" +
                kGet) == "400 http.two_framings");
  CHECK(refusal("POST /" + host + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello" + kGet) ==
        "400 http.two_lengths");
  CHECK(refusal("POST /" + host + "Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\n\r\n" + kGet) ==
        "400 http.bad_chunk");
  CHECK(refusal("GET /" + std::string(9'000, 'a') + host + "\r\n") == "414 http.long_target");
  CHECK(refusal("GET /" + host + "X: " + std::string(20'000, 'a') + "\r\n\r\n") == "431 http.long_head");
  std::string fields;
  for (int i = 0; i < 101; ++i) fields += "x" + std::to_string(i) + ": 1\r\n";
  CHECK(refusal("GET /" + host + fields + "\r\n") == "431 http.many_fields");
  CHECK(served.counters().requests == 0);
  CHECK(served.counters().requests_refused == 12);
  CHECK(served.counters().replies[2] == 10);
  CHECK(served.counters().replies[3] == 2);
}

TEST_CASE("http: a body that is too long is refused before it is sent, and after", "[http][sockets]") {
  Served served{echo(), [](HttpServerOptions& options) {
                  options.body_bound = [](const HttpRequest& request) {
                    return request.path == "/import" ? 4'000'000U : 1'000U;
                  };
                }};
  {
    Client client{served.port()};
    const Answer answer = client.ask("POST /", "Content-Length: 1001\r\nExpect: 100-continue\r\n");
    CHECK(answer.status == 413);
  }
  {
    // All of it is on its way when the answer comes: the answer is not lost for that.
    Client client{served.port()};
    CHECK(client.ask("POST /", "Content-Length: 600000\r\n", std::string(600'000, 'x')).status == 413);
  }
  Client client{served.port()};
  CHECK(client.ask("POST /import", "Content-Length: 4000000\r\n", std::string(4'000'000, 'x')).body.size() ==
        4'000'000 + 15);
  CHECK(client.ask("POST /", "Content-Length: 1000\r\n", std::string(1'000, 'x')).status == 200);
}

TEST_CASE("http: who asks whether to go on is told to", "[http][sockets]") {
  const Served served{echo()};
  Client client{served.port()};
  REQUIRE(client.send("POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"));
  CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  REQUIRE(client.send("hello"));
  CHECK(client.answer().body == "POST /a [hello]");
  CHECK(client.ask("POST /b", "Expect: 200-ok\r\n").status == 417);
}

TEST_CASE("http: all bodies together have a bound", "[http][sockets]") {
  std::promise<std::shared_ptr<HttpExchange>> first;
  std::atomic<int> count = 0;
  Served served{[&](std::shared_ptr<HttpExchange> exchange) {
                  if (++count == 1)
                    first.set_value(std::move(exchange));
                  else
                    exchange->reply(text("ok"));
                },
                [](HttpServerOptions& options) { options.limits.bodies_bytes = 100'000; }};
  Client holder{served.port()};
  REQUIRE(
      holder.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\n" + std::string(90'000, 'x')));
  const auto exchange = first.get_future().get();
  {
    Client more{served.port()};
    const Answer answer = more.ask("POST /", "Content-Length: 50000\r\n", std::string(50'000, 'x'));
    CHECK(answer.status == 503);
    CHECK(answer.field("retry-after") == "30");
  }
  CHECK(served.counters().bodies_refused == 1);
  exchange->reply(text("ok"));
  CHECK(holder.answer().status == 200);
  served.server->tick();
  Client again{served.port()};
  CHECK(again.ask("POST /", "Content-Length: 50000\r\n", std::string(50'000, 'x')).status == 200);
}

TEST_CASE("http: who is late is told so or dropped, each with its counter", "[http][sockets]") {
  Served served{echo()};
  SECTION("with a handshake") {
    const int port = served.port();
    Client whole{port};
    REQUIRE(whole.ask("GET /").status == 200);
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    REQUIRE(::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
    served.until([&] { return served.counters().connections_open == 2; });
    served.pass(seconds{9});
    CHECK(served.counters().connections_open == 2);
    served.pass(seconds{2});
    char byte = 0;
    CHECK(::recv(fd, &byte, 1, 0) == 0);
    ::close(fd);
    CHECK(served.counters().handshakes_late == 1);
    CHECK(whole.ask("GET /").status == 200);
  }
  SECTION("with a head, however steadily its bytes come") {
    Client client{served.port()};
    const std::string head = kGet.substr(0, kGet.size() - 2);
    REQUIRE(client.send(head.substr(0, 1)));
    served.until([&] { return served.counters().bytes_in == 1; });
    for (std::size_t i = 1; i <= 9; ++i) {
      REQUIRE(client.send(head.substr(i, 1)));
      served.until([&] { return served.counters().bytes_in == i + 1; });
      served.pass(seconds{1});
    }
    CHECK(served.counters().heads_late == 0);
    served.pass(seconds{1});
    CHECK(client.answer().status == 408);
    CHECK(client.read_all().empty());
    CHECK(client.ended_in_order());
    CHECK(served.counters().heads_late == 1);
  }
  SECTION("with a body, which has more time the more of it there is") {
    Client client{served.port()};
    const std::size_t size = std::size_t{16'384} * 10;
    REQUIRE(client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" +
                        std::string(size, 'x')));
    served.until([&] { return served.counters().bytes_in > size; });
    served.pass(seconds{29});
    CHECK(served.counters().bodies_late == 0);
    served.pass(seconds{1});
    CHECK(client.answer().status == 408);
    CHECK(served.counters().bodies_late == 1);
  }
  SECTION("with its next request") {
    Client client{served.port()};
    REQUIRE(client.ask("GET /").status == 200);
    served.pass(seconds{74});
    REQUIRE(client.ask("GET /").status == 200);
    served.pass(seconds{74});
    CHECK(served.counters().idle_closed == 0);
    served.until([&] {  // the server may not have gone back to waiting yet when the answer is here
      served.pass(seconds{75});
      return served.counters().idle_closed == 1;
    });
    CHECK(client.read_all().empty());
    CHECK(client.ended_in_order());
  }
  SECTION("with reading its answer") {
    std::atomic<bool> asked = false;
    Served large{[&](const std::shared_ptr<HttpExchange>& exchange) {
      exchange->reply(text(std::string(40'000'000, 'x')));
      asked = true;
    }};
    Client client{large.port(), {.receive_bytes = 4'096}};
    REQUIRE(client.send(kGet));
    large.until([&] { return asked.load(); });
    large.until([&] { return large.counters().replies[0] == 1; });
    large.pass(seconds{20 + 40'000'000 / 16'384 - 1});
    CHECK(large.counters().writes_late == 0);
    large.pass(seconds{3});
    CHECK(large.counters().writes_late == 1);
    CHECK(large.counters().connections_open == 0);
  }
  SECTION("with closing its end") {
    Client client{served.port()};
    CHECK(client.ask("GET /", "Connection: close\r\n").status == 200);
    CHECK(client.read_all().empty());
    CHECK(served.counters().connections_open == 1);
    served.pass(seconds{3});
    CHECK(served.counters().connections_open == 0);
  }
}

TEST_CASE("http: a handler that fails is a 500, and the connection goes on", "[http][sockets]") {
  const Served served{[](const std::shared_ptr<HttpExchange>& exchange) {
    const std::string path = exchange->request().path;
    if (path == "/throws") throw std::runtime_error{"a handler's fault"};
    if (path == "/drops") return;
    if (path == "/frames") return exchange->reply(text("x", {{"content-length", "5"}}));
    if (path == "/injects") return exchange->reply(text("x", {{"x", "a\r\nset-cookie: b"}}));
    exchange->reply(text("fine"));
  }};
  Client client{served.port()};
  for (const char* path : {"/throws", "/drops", "/frames", "/injects"}) {
    INFO(path);
    CHECK(client.ask(std::string{"GET "} + path).status == 500);
  }
  CHECK(client.ask("GET /").body == "fine");
  CHECK(served.counters().handler_failed == 4);
}

TEST_CASE("http: what the client has is answered with 304", "[http][sockets]") {
  const Served served{[](const std::shared_ptr<HttpExchange>& exchange) {
    exchange->reply(text("body", {{"etag", "\"v1\""}, {"cache-control", "no-cache"}}));
  }};
  Client client{served.port()};
  const Answer same = client.ask("GET /", "If-None-Match: \"v0\", \"v1\"\r\n");
  CHECK(same.status == 304);
  CHECK(same.field("etag") == "\"v1\"");
  CHECK(same.field("cache-control") == "no-cache");
  CHECK(same.field("content-length").empty());
  CHECK(client.ask("GET /", "If-None-Match: \"v2\"\r\n").body == "body");
  CHECK(client.ask("HEAD /", "If-None-Match: \"v1\"\r\n").status == 304);
  CHECK(client.ask("POST /", "If-None-Match: \"v1\"\r\n").status == 200);
}

TEST_CASE("http: a certificate that counts no longer is refused at the next request", "[http][sockets]") {
  std::atomic<bool> revoked = false;
  Served served{echo(), [&](HttpServerOptions& options) {
                  options.gate = [&](const std::string& der) -> std::optional<std::string> {
                    if (der != authority().person.der) return "another certificate";
                    if (!revoked) return std::nullopt;
                    return "the certificate of ada was revoked; ask for a new one";
                  };
                }};
  Client person{served.port(), {.own = &authority().person}};
  Client nobody{served.port()};
  CHECK(person.ask("GET /").status == 200);
  revoked = true;
  const Answer refused = person.ask("GET /");
  CHECK(refused.status == 403);
  CHECK_THAT(refused.body,
             Catch::Contains("was revoked; ask for a new one") && Catch::Contains("http.revoked"));
  CHECK(person.read_all().empty());
  CHECK(nobody.ask("GET /").status == 200);
  CHECK(served.counters().gate_refused == 1);
  CHECK(served.counters().requests == 2);
}

TEST_CASE("http: a client that is gone takes nothing with it", "[http][sockets]") {
  std::promise<std::shared_ptr<HttpExchange>> first;
  Served served{[&](std::shared_ptr<HttpExchange> exchange) {
    if (exchange->request().path == "/late")
      first.set_value(std::move(exchange));
    else
      exchange->reply(text("ok"));
  }};
  std::shared_ptr<HttpExchange> exchange;
  {
    Client client{served.port()};
    REQUIRE(client.send("GET /late HTTP/1.1\r\nHost: x\r\n\r\n"));
    exchange = first.get_future().get();
    const linger at_once{1, 0};
    ::setsockopt(client.socket(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);  // a reset
  }
  exchange->reply(text(std::string(1'000'000, 'x')));
  served.until_empty();
  Client cut{served.port()};
  REQUIRE(cut.send("GET / HT"));
  cut.close();
  served.until_empty();
  Client next{served.port()};
  CHECK(next.ask("GET /").body == "ok");
}

}  // namespace
}  // namespace chiploc::http_connection_test
