#include "server/fetch/curl_fetch.hpp"

#include <future>

#include "tests/server/notices/hostile_server.hpp"
#include "tests/support/catch.hpp"

namespace curl_fetch_test {
using namespace chiploc;
using namespace std::chrono_literals;
using test::HostileServer;
using test::ServedConnection;

FetchOutcome fetched(HttpFetch& fetch, FetchRequest request) {
  auto told = std::make_shared<std::promise<FetchOutcome>>();
  auto outcome = told->get_future();
  REQUIRE(fetch.fetch(std::move(request), [told](FetchOutcome one) { told->set_value(std::move(one)); }));
  REQUIRE(outcome.wait_for(20s) == std::future_status::ready);
  return outcome.get();
}
HostileServer::Handler answering(const std::string& text) {
  return [text](ServedConnection& connection) {
    if (!connection.request().empty()) connection.write(text);
  };
}
const std::string kOk =
    "HTTP/1.1 200 OK\r\nContent-Type:text/x.tlog.size \r\nCache-Control: max-age=60\r\nContent-Length: 2\r\n\r\n{}";

TEST_CASE("fetch: over TLS, with the configured authority alone", "[fetch]") {
  const TempDir folder;
  const test::TestCertificate good{folder, "good", "IP:127.0.0.1"},
      elsewhere{folder, "elsewhere", "DNS:other.example"}, stranger{folder, "stranger", "IP:127.0.0.1"};
  const test::TestTls good_tls{good}, elsewhere_tls{elsewhere}, stranger_tls{stranger};
  HostileServer right{answering(kOk), AF_INET, good_tls.get()},
      wrong_name{answering(kOk), AF_INET, elsewhere_tls.get()},
      unknown{answering(kOk), AF_INET, stranger_tls.get()};
  CurlFetch by_good{good.certificate, false, {}};
  const auto reply = fetched(by_good, {.url = "https://127.0.0.1:" + right.port() + "/x"});
  REQUIRE(reply);
  CHECK(reply->status == 200);
  CHECK(reply->body == "{}");
  CHECK(reply->content_type == "text/x.tlog.size");
  CHECK(reply->cache_control == "max-age=60");
  CHECK(!fetched(by_good, {.url = "https://127.0.0.1:" + unknown.port() + "/x"}));
  CurlFetch by_elsewhere{elsewhere.certificate, false, {}};
  CHECK(!fetched(by_elsewhere, {.url = "https://127.0.0.1:" + wrong_name.port() + "/x"}));
  CurlFetch by_system{{}, false, {}};
  CHECK(!fetched(by_system, {.url = "https://127.0.0.1:" + right.port() + "/x"}));
}

TEST_CASE("fetch: without TLS only where that was allowed", "[fetch]") {
  HostileServer plain{answering(kOk)};
  CurlFetch strict{{}, false, {}}, allowing{{}, true, {}};
  const std::string url = "http://127.0.0.1:" + plain.port() + "/x";
  CHECK(!fetched(strict, {.url = url}));
  CHECK(plain.connections() == 0);
  CHECK(fetched(allowing, {.url = url}));
}

TEST_CASE("fetch: a form is sent as one, with its fields", "[fetch]") {
  std::promise<std::string> got;
  HostileServer server{[&](ServedConnection& connection) {
    got.set_value(connection.request());
    connection.write(kOk);
  }};
  CurlFetch fetch{{}, true, {}};
  REQUIRE(fetched(fetch, {.url = "http://127.0.0.1:" + server.port() + "/token",
                          .content_type = kFormType,
                          .body = "a=b&c=d",
                          .fields = {{"Authorization", "Basic eDp5"}}}));
  const std::string request = got.get_future().get();
  CHECK(request.starts_with("POST /token HTTP/1.1\r\n"));
  CHECK(request.find("Authorization: Basic eDp5\r\n") != std::string::npos);
  CHECK(request.find("Content-Type: application/x-www-form-urlencoded\r\n") != std::string::npos);
  CHECK(request.ends_with("\r\n\r\na=b&c=d"));
  CHECK(request.find("Accept: application/json\r\n") != std::string::npos);
  CHECK(!fetch.fetch({.url = "http://127.0.0.1/", .fields = {{"X", "a\r\nY: b"}}}, [](FetchOutcome) {}));
  CHECK(!fetch.fetch({.url = "http://127.0.0.1/", .content_type = "a\r\nY: b"}, [](FetchOutcome) {}));
}

TEST_CASE("fetch: no redirect is followed, and statuses are told", "[fetch]") {
  HostileServer inner{answering(kOk)};
  HostileServer outer{answering("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:" + inner.port() +
                                "/\r\nContent-Length: 0\r\n\r\n")};
  CurlFetch fetch{{}, true, {}};
  const auto reply = fetched(fetch, {.url = "http://127.0.0.1:" + outer.port() + "/"});
  REQUIRE(reply);
  CHECK(reply->status == 302);
  CHECK(inner.connections() == 0);
}

TEST_CASE("fetch: an answer without end, without a body or with endless headers is none", "[fetch]") {
  FetchLimits limits;
  limits.body_bytes = 1'000;
  limits.header_bytes = 1'000;
  CurlFetch fetch{{}, true, limits};
  const auto outcome = [&](const std::string& text) {
    HostileServer server{answering(text)};
    return fetched(fetch, {.url = "http://127.0.0.1:" + server.port() + "/"});
  };
  CHECK(outcome("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + std::string(1'000, 'x')));
  const auto long_body = outcome("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + std::string(1'001, 'x'));
  REQUIRE(!long_body);
  CHECK(long_body.error() == "its answer has more than 1000 bytes");
  const auto long_header =
      outcome("HTTP/1.1 200 OK\r\nX: " + std::string(1'000, 'x') + "\r\nContent-Length: 0\r\n\r\n");
  REQUIRE(!long_header);
  CHECK(long_header.error().find("headers of more than 1000") != std::string::npos);
  CHECK(!outcome("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive."));  // cut off
  CHECK(!outcome("no HTTP at all\r\n\r\n"));
}

TEST_CASE("fetch: who does not answer is given up, and so is one who waits when we end", "[fetch]") {
  std::atomic<bool> told{false};
  std::promise<void> connected;
  HostileServer silent{[&, once = std::make_shared<std::atomic<bool>>(false)](ServedConnection& connection) {
    (void)connection.request();
    if (!once->exchange(true)) connected.set_value();
    connection.gone_within(20'000);
  }};
  const std::string url = "http://127.0.0.1:" + silent.port() + "/";
  FetchLimits limits;
  limits.whole = 50ms;
  CurlFetch hasty{{}, true, limits};
  CHECK(!fetched(hasty, {.url = url}));
  {
    CurlFetch ending{{}, true, {}};
    REQUIRE(ending.fetch({.url = url}, [&](FetchOutcome) { told = true; }));
  }
  CHECK(!told);
}

TEST_CASE("fetch: so many wait and no more", "[fetch]") {
  HostileServer silent{[](ServedConnection& connection) {
    (void)connection.request();
    connection.gone_within(20'000);
  }};
  const FetchRequest request{.url = "http://127.0.0.1:" + silent.port() + "/"};
  FetchLimits limits;
  limits.waiting_most = 2;
  CurlFetch fetch{{}, true, limits};
  const auto nothing = [](const FetchOutcome&) {};
  CHECK(fetch.fetch(request, nothing));
  CHECK(fetch.fetch(request, nothing));
  CHECK(!fetch.fetch(request, nothing));
}

}  // namespace curl_fetch_test
