#pragma once
// A server on loopback with an authority of its own and a clock that the test moves, and a client that sends any bytes.
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/http_server.hpp"
#include "tests/support/catch.hpp"

struct ssl_st;
struct ssl_ctx_st;

namespace chiploc::http_world {

struct Pair {
  std::string certificate;  ///< PEM
  std::string key;          ///< PEM
  std::string der{};
};

/// What all tests share: made once, it takes a moment.
struct Authority {
  std::string ca;  ///< PEM
  Pair server;
  Pair person;   ///< of this authority
  Pair foreign;  ///< of another with the same name
};
const Authority& authority();

struct ClientOptions {
  const Pair* own = nullptr;
  bool only_tls12 = false;
  std::string protocols = "http/1.1";  ///< ALPN; empty: none named
  std::string ciphersuites{};          ///< empty: OpenSSL's
  std::string address = "127.0.0.1";   ///< that it comes from
  int receive_bytes = 0;               ///< of its socket's buffer; 0: the system's
};

struct Answer {
  int status = 0;      ///< 0: none came
  std::string head{};  ///< with the status line
  std::string body{};
  /// The value of a field, in lower case; "" if there is none.
  [[nodiscard]] std::string field(const std::string& name) const;
};

/// Blocking; a read gives up after a minute, so that what hangs fails.
class Client {
 public:
  explicit Client(int port, const ClientOptions& options = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Whether the handshake was completed, as far as this end knows.
  [[nodiscard]] bool connected() const { return connected_; }
  /// What OpenSSL said last: "tlsv1 alert protocol version".
  [[nodiscard]] const std::string& fault() const { return fault_; }
  [[nodiscard]] ssl_st* native() const { return ssl_; }
  [[nodiscard]] int socket() const { return socket_; }

  bool send(std::string_view bytes);
  /// The next answer; its body by Content-Length, none where `head_only`.
  Answer answer(bool head_only = false);
  Answer ask(const std::string& line, const std::string& fields = "", const std::string& body = "");
  /// Up to and with these bytes.
  std::string read_until(std::string_view end);
  /// Everything until the other end closes.
  std::string read_all();
  /// Whether the other end ended in order (close_notify); known after read_all().
  [[nodiscard]] bool ended_in_order() const { return ended_in_order_; }
  /// Closes in order and waits for the other end.
  void close();

 private:
  bool more();
  ssl_ctx_st* context_ = nullptr;
  ssl_st* ssl_ = nullptr;
  int socket_ = -1;
  bool connected_ = false;
  bool ended_in_order_ = false;
  std::string fault_;
  std::string received_;
};

/// A server with a clock that stands still unless the test moves it.
class Served {
 public:
  using Change = std::function<void(HttpServerOptions&)>;
  explicit Served(HttpHandler handler, const Change& change = {});
  [[nodiscard]] int port() const { return server->port(); }
  void pass(std::chrono::seconds time) {
    server->tick();  // what the client has seen is done on the server's side as well
    now_ns += std::chrono::nanoseconds{time}.count();
    server->tick();
  }
  /// Lets the server go on until this holds; what never does fails the test.
  void until(const std::function<bool()>& holds);
  [[nodiscard]] HttpCountersSnapshot counters() const { return server->counters(); }
  /// Until no connection is open.
  void until_empty() {
    until([this] { return counters().connections_open == 0; });
  }

  std::atomic<std::int64_t> now_ns = 1'000'000'000'000;
  std::unique_ptr<HttpServer> server;
};

/// Answers with what it was asked: method, path, query, body, certificate or not.
HttpHandler echo();
HttpReply text(std::string body, HttpFields fields = {});

/// Keeps the streams that are opened; every other path is echoed.
struct Streams {
  std::mutex mutex;
  std::vector<std::shared_ptr<HttpEventStream>> open;
  std::atomic<int> refused = 0;
  std::atomic<int> closed = 0;

  HttpHandler handler() {
    return [this](const std::shared_ptr<HttpExchange>& exchange) {
      if (exchange->request().path != "/events") return echo()(exchange);
      auto stream = exchange->stream({{"x-kind", "events"}});
      if (!stream) {
        ++refused;
        return;
      }
      stream->on_closed([this] { ++closed; });
      const std::scoped_lock lock{mutex};
      open.push_back(std::move(stream));
    };
  }
  std::shared_ptr<HttpEventStream> at(std::size_t i) {
    const std::scoped_lock lock{mutex};
    return i < open.size() ? open[i] : nullptr;
  }
};
struct Listener {
  Client client;
  std::string head;
  explicit Listener(int port, const ClientOptions& options = {}) : client{port, options} {
    client.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    head = client.read_until("\r\n\r\n");
  }
};

}  // namespace chiploc::http_world
