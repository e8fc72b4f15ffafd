#pragma once
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "proto/base/result.hpp"
#include "proto/base/time.hpp"
#include "server/http/http_counters.hpp"
#include "server/http/http_limits.hpp"
#include "server/http/http_message.hpp"
#include "server/net/tls.hpp"

namespace chiploc {

struct HttpServerOptions {
  std::string address;  ///< "HOST:PORT", a numeric address; port 0 = any
  TlsMaterial tls;
  /// A client is asked for a certificate; it may have none, and one that is not of our authority ends the handshake.
  bool ask_certificate = true;
  /// Asked at each request that comes with a certificate: nullopt, or a sentence why it counts no longer; then the answer
  /// is 403 and the connection ends. Called on the server's threads. Null: all count.
  std::function<std::optional<std::string>(const std::string& der)> gate{};
  unsigned threads = 2;
  HttpLimits limits{};
  /// How many bytes the body of this request may have, asked once its head is there. Null: limits.body_bytes for all.
  std::function<std::size_t(const HttpRequest&)> body_bound{};
  /// Of every answer that has none of its own.
  std::string content_security_policy = "default-src 'none'; frame-ancestors 'none'";
  /// Clocks; null: the system's. Each deadline is looked at four times a second, and at tick().
  std::function<SteadyTime()> steady_now{};
  std::function<WallTime()> wall_now{};
};

/// HTTP/1.1 over TLS 1.3 for whoever comes. Knows no routes: what answers is handed to it.
///
/// Threads   `threads` of its own, each with the connections that were given to it; the first accepts as well. The handler,
///           the gate, body_bound and on_closed of streams are called on them and must not block: who has more to do keeps
///           the exchange and answers later. The members here are for any other thread.
class HttpServer {
 public:
  /// Fails with a sentence: the address cannot be served, the certificates are of no use.
  [[nodiscard]] static Result<HttpServer, std::string> start(HttpServerOptions options, HttpHandler handler);
  HttpServer(HttpServer&& other) noexcept;
  HttpServer& operator=(HttpServer&& other) noexcept;
  /// stop(0).
  ~HttpServer();

  [[nodiscard]] int port() const;
  [[nodiscard]] HttpCountersSnapshot counters() const;
  /// Looks at all deadlines now; returns when each thread has.
  void tick();
  /// The list of revoked certificates is another: streams whose certificate the gate refuses now end.
  void certificates_changed();
  /// Accepts no more, ends what is idle and all streams once what waits in them is sent, gives requests that run `grace`,
  /// cuts the rest, joins the threads. What the handler holds on to may be answered afterwards; nothing happens. Not on
  /// one of the server's threads. Idempotent.
  void stop(std::chrono::milliseconds grace);

 private:
  class Inside;
  explicit HttpServer(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace chiploc
