// Real sockets on loopback, and at their other end whatever a receiver may do to us.
#include "server/notices/http_sender.hpp"

#include <future>

#include "tests/server/notices/hostile_server.hpp"
#include "tests/server/notices/notice_maker.hpp"

namespace chiploc::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kThanks = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nthanks";

HttpReceiver local(const std::string& url) {
  HttpReceiver to;
  to.url = url;
  to.allow_http = to.allow_private = true;
  return to;
}
SendRequest some_request(std::string body = "{}") {
  return {{{"Content-Type", "application/json"}, {"webhook-id", "abc"}}, std::move(body), noon(0)};
}
/// Sends one and waits for its end. What never ends fails the test.
Attempt attempt_at(const HttpReceiver& to, const SendLimits& limits = {},
                   SendRequest request = some_request()) {
  std::promise<Attempt> ended;  // before the sender: it may be told until that is gone
  auto future = ended.get_future();
  HttpSender sender{to, limits};
  REQUIRE(sender.send(std::move(request), [&](Attempt attempt) { ended.set_value(std::move(attempt)); }));
  REQUIRE(future.wait_for(seconds{60}) == std::future_status::ready);
  return future.get();
}
std::string at_port(const HostileServer& server, const std::string& host = "127.0.0.1") {
  return "http://" + host + ":" + server.port() + "/hook?x=1";
}
/// An attempt at a server that reads the request and says this.
Attempt attempt_told(const std::string& answer, const SendLimits& limits = {}) {
  HostileServer server{[&](ServedConnection& connection) {
    connection.request();
    connection.write(answer);
  }};
  REQUIRE(server.works());
  return attempt_at(local(at_port(server)), limits);
}

}  // namespace

TEST_CASE("http sender: the request arrives as it was given, without a proxy of the environment",
          "[notices][sockets]") {
  for (const char* name : {"http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"})
    ::setenv(name, "http://127.0.0.1:9", 1);
  std::string got;  // the server's threads', until they have ended
  const std::string body(100'000, 'b');
  Attempt attempt;
  {
    HostileServer server{[&](ServedConnection& connection) {
      got = connection.request();
      connection.write(kThanks);
    }};
    attempt = attempt_at(local(at_port(server)), {}, some_request(body));
  }
  CHECK(attempt.end == AttemptEnd::kAnswered);
  CHECK(attempt.status == 200);
  CHECK(attempt.said == "thanks");
  CHECK(attempt.took > Nanoseconds{0});
  CHECK_FALSE(attempt.retry_after);
  CHECK(got.substr(0, 25) == "POST /hook?x=1 HTTP/1.1\r\n");
  CHECK_THAT(got, Catch::Contains("\r\nContent-Type: application/json\r\nwebhook-id: abc\r\n"));
  CHECK_THAT(got, Catch::Contains("\r\nUser-Agent: chiploc/"));
  CHECK_THAT(got, !Catch::Contains("Expect:"));
  CHECK_THAT(got, Catch::EndsWith("\r\n\r\n" + body));
  for (const char* name : {"http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"}) ::unsetenv(name);
}

TEST_CASE("http sender: each request has a connection of its own", "[notices][sockets]") {
  HostileServer server{[](ServedConnection& connection) {
    while (!connection.request().empty()) connection.write(kThanks);
  }};
  HttpSender sender{local(at_port(server)), {}};
  for (int i = 1; i <= 3; ++i) {
    std::promise<Attempt> ended;
    REQUIRE(sender.send(some_request(), [&](Attempt attempt) { ended.set_value(std::move(attempt)); }));
    CHECK(ended.get_future().get().status == 200);
    CHECK(server.connections() == i);
  }
}

TEST_CASE("http sender: statuses, and what is asked for with them", "[notices][sockets]") {
  CHECK(attempt_told("HTTP/1.1 204 No Content\r\n\r\n").status == 204);
  CHECK(attempt_told("HTTP/1.0 410 Gone\r\n\r\n").status == 410);
  Attempt busy = attempt_told("HTTP/1.1 503 No\r\nRetry-After: 120\r\nContent-Length: 4\r\n\r\nlate");
  CHECK(busy.status == 503);
  CHECK(busy.retry_after == seconds{120});
  CHECK(busy.said == "late");
  busy = attempt_told(
      "HTTP/1.1 429 No\r\nRETRY-after:  Tue, 01 Dec 2026 12:01:00 GMT \r\nContent-Length: 0\r\n\r\n");
  CHECK(busy.retry_after == seconds{60});
  busy = attempt_told("HTTP/1.1 429 No\r\nRetry-After: 7\r\nRetry-After: 9\r\nContent-Length: 0\r\n\r\n");
  CHECK(busy.retry_after == seconds{7});
  CHECK_FALSE(attempt_told("HTTP/1.1 429 No\r\nRetry-After: soon\r\nX-Retry-After: 5\r\nRetry-After\r\n\r\n")
                  .retry_after);
  const Attempt interim = attempt_told(
      "HTTP/1.1 100 Continue\r\nRetry-After: 5\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 202 Accepted\r\nContent-Length: "
      "0\r\n\r\n");
  CHECK(interim.status == 202);
  CHECK_FALSE(interim.retry_after);
  const Attempt trailers = attempt_told(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Retry-After\r\n\r\n2\r\nok\r\n0\r\nRetry-After: 3\r\n\r\n");
  CHECK(trailers.status == 200);
  CHECK(trailers.said == "ok");
  CHECK_FALSE(trailers.retry_after);
}

TEST_CASE("http sender: an answer is made safe to show", "[notices][sockets]") {
  const Attempt attempt =
      attempt_told("HTTP/1.1 500 No\r\nContent-Length: 12\r\n\r\na\x1b[2Jb\n\"\xff\xc2\x9b ");
  CHECK(attempt.said == R"(a\x1b[2Jb\n\"\xff\x9b )");
}

TEST_CASE("http sender: a redirect is not followed", "[notices][sockets]") {
  HostileServer elsewhere{[](ServedConnection& connection) {
    connection.request();
    connection.write(kThanks);
  }};
  for (const char* status : {"301", "302", "303", "307", "308"}) {
    const Attempt attempt =
        attempt_told("HTTP/1.1 " + std::string{status} + " Moved\r\nLocation: " + at_port(elsewhere) +
                     "\r\nContent-Length: 0\r\n\r\n");
    CHECK(attempt.end == AttemptEnd::kAnswered);
    CHECK(attempt.status == std::stoi(status));
  }
  CHECK(elsewhere.connections() == 0);
}

TEST_CASE("http sender: a receiver that says nothing, or a byte now and then, is given up",
          "[notices][sockets]") {
  SendLimits limits;
  limits.whole = milliseconds{400};
  HostileServer mute{[](ServedConnection& connection) {
    connection.request();
    connection.gone_within(60'000);
  }};
  CHECK(attempt_at(local(at_port(mute)), limits).end == AttemptEnd::kTimeout);
  HostileServer slow{[](ServedConnection& connection) {
    connection.request();
    connection.write("HTTP/1.1 200 OK\r\nX: ");
    while (!connection.gone_within(20) && connection.write("x")) {
    }
  }};
  CHECK(attempt_at(local(at_port(slow)), limits).end == AttemptEnd::kTimeout);
  // The status is known: what the body does is of no interest.
  HostileServer slow_body{[](ServedConnection& connection) {
    connection.request();
    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nsome");
    while (!connection.gone_within(20) && connection.write("x")) {
    }
  }};
  const Attempt attempt = attempt_at(local(at_port(slow_body)), limits);
  CHECK(attempt.end == AttemptEnd::kAnswered);
  CHECK(attempt.status == 200);
  CHECK_THAT(attempt.said, Catch::StartsWith("somex"));
}

TEST_CASE("http sender: an endless body is cut, and the status counts", "[notices][sockets]") {
  std::atomic<std::size_t> sent{0};
  HostileServer endless{[&](ServedConnection& connection) {
    connection.request();
    connection.write("HTTP/1.1 201 Created\r\n\r\n");
    const std::string part(8'192, 'y');
    while (connection.write(part)) sent += part.size();
  }};
  const Attempt attempt = attempt_at(local(at_port(endless)));
  CHECK(attempt.end == AttemptEnd::kAnswered);
  CHECK(attempt.status == 201);
  CHECK(attempt.said == std::string(1'024, 'y'));
  CHECK(sent < 50'000'000);
}

TEST_CASE("http sender: a flood of headers is cut, and is no answer", "[notices][sockets]") {
  HostileServer flood{[](ServedConnection& connection) {
    connection.request();
    connection.write("HTTP/1.1 200 OK\r\n");
    while (connection.write("X-Flood: " + std::string(1'000, 'z') + "\r\n")) {
    }
  }};
  const Attempt many = attempt_at(local(at_port(flood)));
  CHECK(many.end == AttemptEnd::kBroken);
  CHECK(many.said == "headers of more than 16384 bytes");
  HostileServer line{[](ServedConnection& connection) {
    connection.request();
    connection.write("HTTP/1.1 200 OK\r\nX-Long: ");
    const std::string part(8'192, 'z');
    while (connection.write(part)) {
    }
  }};
  const Attempt one = attempt_at(local(at_port(line)));
  CHECK(one.end != AttemptEnd::kAnswered);
  CHECK_FALSE(one.said.empty());
  HostileServer interim{[](ServedConnection& connection) {
    connection.request();
    while (connection.write("HTTP/1.1 103 Early\r\n\r\n")) {
    }
  }};
  CHECK(attempt_at(local(at_port(interim))).said == "headers of more than 16384 bytes");
  const Attempt fits =
      attempt_told("HTTP/1.1 200 OK\r\nX: " + std::string(16'000, 'z') + "\r\nContent-Length: 0\r\n\r\n");
  CHECK(fits.status == 200);
}

TEST_CASE("http sender: what is no HTTP, or ends too soon, is no answer", "[notices][sockets]") {
  for (const char* answer :
       {"", "HTTP/1.1 200 OK\r\nContent-", "HTTP/1.1 200", "SSH-2.0-OpenSSH_9.2\r\n", "<html>200 OK</html>",
        "HTTP/1.1 abc OK\r\n\r\n", "\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n"}) {
    const Attempt attempt = attempt_told(answer);
    INFO(answer << " | " << attempt.said);
    CHECK(attempt.end == AttemptEnd::kBroken);
    CHECK_FALSE(attempt.said.empty());
  }
}

TEST_CASE("http sender: nobody there", "[notices][sockets]") {
  std::string closed;
  {
    HostileServer server{[](ServedConnection&) {}};
    closed = at_port(server);
  }
  CHECK(attempt_at(local(closed)).end == AttemptEnd::kUnreachable);
  const Attempt unknown = attempt_at(local("http://receiver.invalid/"));
  CHECK(unknown.end == AttemptEnd::kUnresolved);
  CHECK_THAT(unknown.said, Catch::Contains("receiver.invalid"));
}

TEST_CASE("http sender: no spelling of a forbidden address reaches it", "[notices][sockets]") {
  HostileServer server{[](ServedConnection& connection) {
    connection.request();
    connection.write(kThanks);
  }};
  for (const char* host : {"127.0.0.1",
                           "localhost",
                           "127.1",
                           "2130706433",
                           "0x7f000001",
                           "0x7f.0.0.1",
                           "0177.0.0.1",

                           "[::ffff:127.0.0.1]",
                           "[::ffff:7f00:1]",
                           "[::1]",
                           "0.0.0.0",
                           "0",
                           "[::]",
                           "[64:ff9b::7f00:1]",
                           "10.0.0.1",
                           "169.254.169.254",
                           "[fe80::1]",
                           "224.0.0.1",
                           "255.255.255.255",
                           "[fd00::1]",
                           "192.0.2.1"}) {
    HttpReceiver to = local(at_port(server, host));
    to.allow_private = false;
    const Attempt attempt = attempt_at(to);
    INFO(host << ": " << attempt.said);
    CHECK(attempt.end == AttemptEnd::kForbiddenAddress);
  }
  CHECK(server.connections() == 0);
  for (const char* host :
       {"169.254.169.254", "0.0.0.0", "[fe80::1]", "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]"}) {
    const Attempt attempt = attempt_at(local("http://" + std::string{host} + "/latest/meta-data"));
    CHECK(attempt.end == AttemptEnd::kForbiddenAddress);
  }
  HttpReceiver to = local(at_port(server));
  to.allow_private = false;
  CHECK(attempt_at(to).said ==
        "its address is 127.0.0.1 (loopback); allow_private = true allows private addresses and loopback");
}

TEST_CASE("http sender: http is not spoken where it is not allowed", "[notices][sockets]") {
  HostileServer server{[](ServedConnection& connection) {
    connection.request();
    connection.write(kThanks);
  }};
  HttpReceiver to = local(at_port(server));
  to.allow_http = false;
  CHECK(attempt_at(to).end != AttemptEnd::kAnswered);
  CHECK(server.connections() == 0);
  to = local("file:///etc/hostname");
  CHECK(attempt_at(to).end != AttemptEnd::kAnswered);
}

TEST_CASE("http sender: IPv6", "[notices][sockets]") {
  HostileServer server{[](ServedConnection& connection) {
                         connection.request();
                         connection.write(kThanks);
                       },
                       AF_INET6};
  if (!server.works()) {
    WARN("skipped: this machine has no ::1");
    return;
  }
  CHECK(attempt_at(local(at_port(server, "[::1]"))).status == 200);
  CHECK(server.connections() == 1);
}

TEST_CASE("http sender: TLS, with the authority that is named and the name that is asked for",
          "[notices][sockets]") {
  const TempDir folder;
  const TestCertificate good{folder, "good", "DNS:localhost,IP:127.0.0.1"};
  const TestCertificate other{folder, "other", "DNS:localhost,IP:127.0.0.1"};
  const TestCertificate elsewhere{folder, "elsewhere", "DNS:siem.example"};
  const auto answer = [](ServedConnection& connection) {
    connection.request();
    connection.write(kThanks);
  };
  const auto at_tls = [&](const TestTls& tls, const std::filesystem::path& ca) {
    HostileServer server{answer, AF_INET, tls.get()};
    HttpReceiver to = local("https://127.0.0.1:" + server.port() + "/");
    to.allow_http = false;
    to.ca = ca;
    return attempt_at(to);
  };
  const TestTls good_tls{good};
  CHECK(at_tls(good_tls, good.certificate).status == 200);
  for (const auto& ca : {other.certificate, std::filesystem::path{}, folder / "none.pem", good.key}) {
    const Attempt attempt = at_tls(good_tls, ca);
    INFO(ca << ": " << attempt.said);
    CHECK(attempt.end == AttemptEnd::kTls);
    CHECK_FALSE(attempt.said.empty());
  }
  CHECK(at_tls(TestTls{elsewhere}, elsewhere.certificate).end == AttemptEnd::kTls);
  const TestTls old{good};
  SSL_CTX_set_security_level(old.get(), 0);
  SSL_CTX_set_max_proto_version(old.get(), TLS1_1_VERSION);
  CHECK(at_tls(old, good.certificate).end == AttemptEnd::kTls);
  SSL_CTX_set_max_proto_version(old.get(), TLS1_2_VERSION);
  CHECK(at_tls(old, good.certificate).status == 200);
  HostileServer plain{[](ServedConnection& connection) {
    connection.write(kThanks);
    connection.gone_within(60'000);
  }};
  HttpReceiver to = local("https://127.0.0.1:" + plain.port() + "/");
  CHECK(attempt_at(to).end == AttemptEnd::kTls);
}

TEST_CASE("http sender: many at once, each ends once, and no more than may wait", "[notices][sockets]") {
  std::promise<void> open;
  const std::shared_future<void> gate = open.get_future().share();
  HostileServer server{[&](ServedConnection& connection) {
    connection.request();
    gate.wait();
    connection.write(kThanks);
  }};
  SendLimits limits;
  limits.waiting_most = 8;
  std::atomic<int> ended{0};
  std::promise<void> all;
  HttpSender sender{local(at_port(server)), limits};
  for (int i = 0; i < 8; ++i) {
    CHECK(sender.send(some_request(), [&](const Attempt& attempt) {
      if (attempt.status == 200 && ++ended == 8) all.set_value();
    }));
  }
  CHECK_FALSE(sender.send(some_request(), [](const Attempt&) {}));
  open.set_value();
  CHECK(all.get_future().wait_for(seconds{60}) == std::future_status::ready);
  std::promise<Attempt> again;
  CHECK(sender.send(some_request(), [&](Attempt attempt) { again.set_value(std::move(attempt)); }));
  CHECK(again.get_future().get().status == 200);
  CHECK(ended == 8);
}

TEST_CASE("http sender: when it goes away what is in flight is cut and nobody is told",
          "[notices][sockets]") {
  std::promise<void> arrived;
  std::promise<bool> cut;
  HostileServer server{[&](ServedConnection& connection) {
    connection.request();
    arrived.set_value();
    cut.set_value(connection.gone_within(60'000));
  }};
  std::atomic<int> told{0};
  {
    HttpSender sender{local(at_port(server)), {}};
    REQUIRE(sender.send(some_request(), [&](const Attempt&) { ++told; }));
    arrived.get_future().wait();
  }
  CHECK(cut.get_future().get());
  CHECK(told == 0);
}

TEST_CASE("http sender: nothing can be smuggled in through a header", "[notices]") {
  HttpSender sender{local("http://127.0.0.1:9/"), {}};
  for (const char* value : {"a\r\nX: b", "a\n", "a\x7f", "\u00e9"}) {
    CHECK_FALSE(sender.send({{{"X", value}}, "", noon(0)}, [](const Attempt&) {}));
    CHECK_FALSE(sender.send({{{value, "X"}}, "", noon(0)}, [](const Attempt&) {}));
  }
}

}  // namespace chiploc::test
