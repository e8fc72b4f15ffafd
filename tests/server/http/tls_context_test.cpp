// TLS as a client meets it: real handshakes on loopback.
#include "server/http/tls_context.hpp"

#include <openssl/ssl.h>

#include "tests/server/http/http_world.hpp"

namespace chiploc::tls_context_test {
namespace {

using namespace http_world;  // NOLINT(google-build-using-namespace): the stage of these tests

TEST_CASE("http tls: 1.3 is spoken, 1.2 is not", "[http][sockets]") {
  const Served served{echo()};
  Client modern{served.port()};
  REQUIRE(modern.connected());
  CHECK(SSL_version(modern.native()) == TLS1_3_VERSION);
  CHECK(modern.ask("GET /").status == 200);
  const Client old{served.port(), {.only_tls12 = true}};
  CHECK_FALSE(old.connected());
  CHECK_THAT(old.fault(), Catch::Contains("alert protocol version"));
}

TEST_CASE("http tls: the three suites of 1.3, no other", "[http][sockets]") {
  const Served served{echo()};
  for (const char* suite :
       {"TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"}) {
    Client client{served.port(), {.ciphersuites = suite}};
    REQUIRE(client.connected());
    CHECK(std::string{SSL_get_cipher_name(client.native())} == suite);
  }
  const Client weak{served.port(), {.ciphersuites = "TLS_AES_128_CCM_8_SHA256"}};
  CHECK_FALSE(weak.connected());
}

TEST_CASE("http tls: nothing is negotiated anew, and no session is taken up again", "[http][sockets]") {
  const Served served{echo()};
  Client client{served.port()};
  REQUIRE(client.ask("GET /").status == 200);
  CHECK(SSL_renegotiate(client.native()) == 0);
  SSL_SESSION* session = SSL_get1_session(client.native());
  CHECK(SSL_SESSION_is_resumable(session) == 0);  // no ticket came
  SSL_SESSION_free(session);
  // New keys may be asked for; the connection goes on.
  REQUIRE(SSL_key_update(client.native(), SSL_KEY_UPDATE_REQUESTED) == 1);
  CHECK(client.ask("GET /again").body == "GET /again");
}

TEST_CASE("http tls: the protocol is http/1.1, or none was named", "[http][sockets]") {
  const Served served{echo()};
  Client client{served.port()};
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(client.native(), &chosen, &size);
  CHECK(std::string{reinterpret_cast<const char*>(chosen), size} == "http/1.1");
  Client none{served.port(), {.protocols = ""}};
  CHECK(none.ask("GET /").status == 200);
  const Client other{served.port(), {.protocols = "h2"}};
  CHECK_FALSE(other.connected());
  CHECK_THAT(other.fault(), Catch::Contains("no application protocol"));
}

TEST_CASE("http tls: a certificate may be shown, and only one of ours", "[http][sockets]") {
  std::atomic<int> handled = 0;
  std::optional<std::string> der;  // written before the answer, read after it
  Served served{[&](const std::shared_ptr<HttpExchange>& exchange) {
    ++handled;
    der = exchange->request().certificate;
    exchange->reply(text("ok"));
  }};
  Client nobody{served.port()};
  CHECK(nobody.ask("GET /").status == 200);
  CHECK_FALSE(der);
  Client person{served.port(), {.own = &authority().person}};
  CHECK(person.ask("GET /").status == 200);
  CHECK(der == authority().person.der);
  // The client believes that it is connected until it reads: its part of the handshake is over first.
  Client foreign{served.port(), {.own = &authority().foreign}};
  CHECK(foreign.ask("GET /").status == 0);
  CHECK_THAT(foreign.fault(), Catch::Contains("alert"));
  CHECK(handled == 2);
  served.until([&] { return served.counters().handshakes_failed == 1; });
}

TEST_CASE("http tls: where none is asked for, none is looked at", "[http][sockets]") {
  const Served served{echo(), [](HttpServerOptions& options) { options.ask_certificate = false; }};
  Client person{served.port(), {.own = &authority().person}};
  CHECK(person.ask("GET /").body == "GET /");
}

TEST_CASE("http tls: material that is of no use is told in a sentence", "[http][sockets]") {
  const Authority& made = authority();
  const auto fault = [&](TlsMaterial material) {
    HttpServerOptions options;
    options.address = "127.0.0.1:0";
    options.tls = std::move(material);
    const auto started = HttpServer::start(std::move(options), echo());
    return started ? std::string{"started"} : started.error();
  };
  const TlsMaterial good{made.ca, made.server.certificate, made.server.key};
  CHECK(fault(good) == "started");
  CHECK_THAT(fault({"", good.certificate, good.key}),
             Catch::Contains("has no certificate; name the authority's PEM certificate"));
  CHECK_THAT(fault({good.ca, "x", good.key}), Catch::Contains("the server's certificate cannot be used"));
  CHECK_THAT(fault({good.ca, good.certificate, made.person.key}),
             Catch::Contains("the server's key cannot be used with its certificate"));
  CHECK_THAT(fault({good.ca, good.certificate, ""}), Catch::Contains("the server's key cannot be used"));
}

}  // namespace
}  // namespace chiploc::tls_context_test
