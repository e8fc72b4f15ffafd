#pragma once
// Boost.Asio is here: for this folder's own sources alone.
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "server/http/http_exchange.hpp"
#include "server/http/http_server.hpp"
#include "server/http/request_reader.hpp"

namespace chiploc {

class HttpConnection;

/// What all threads of one server share; read only but for the counters and the sum of bodies.
struct HttpCore {
  HttpServerOptions options;
  HttpHandler handler;
  BodyBound body_bound;
  boost::asio::ssl::context tls{boost::asio::ssl::context::tls_server};
  std::shared_ptr<HttpShared> shared = std::make_shared<HttpShared>();
  std::atomic<std::size_t> bodies_bytes = 0;
  std::function<void(const std::string& source)> on_end;  ///< a connection has ended; any thread

  [[nodiscard]] const HttpLimits& limits() const { return options.limits; }
  [[nodiscard]] HttpCounters& counters() const { return shared->counters; }
};

/// One thread of the server, with its connections. Those members are its thread's alone; the box is for any.
struct HttpWorker {
  boost::asio::io_context context{1};
  std::shared_ptr<HttpPostBox> box;
  std::unordered_set<std::shared_ptr<HttpConnection>> connections;
  bool stopping = false;
};

/// One connection, from its handshake to its end; it is held by its worker and by what it waits for.
///
/// One request at a time: the next is read when the last is answered, so answers keep their order, and what a client sends
/// ahead waits in the kernel. All members are called on the worker's thread. Deadlines are looked at by tick().
class HttpConnection final : public HttpConnectionSide, public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(HttpCore& core, HttpWorker& worker, boost::asio::ip::tcp::socket socket, std::string remote,
                 std::string source);
  void start();
  void tick(SteadyTime now);
  /// Asks the gate again, for a stream.
  void certificates_changed();
  /// The server stops: ends when what runs is done.
  void wind_up();
  /// Ends now.
  void end();

  void answer(HttpReply reply) override;
  void begin_stream(std::shared_ptr<HttpStreamState> stream, HttpFields fields) override;
  void flush_stream() override;

 private:
  enum class Phase : std::uint8_t {
    kHandshake,
    kIdle,       ///< nothing of a request is there
    kHead,       ///< some of its head is
    kBody,       ///< some of its body is to come
    kHandling,   ///< the handler has it
    kAnswering,  ///< the answer is being written
    kStreaming,  ///< events are, until the end
    kClosing,    ///< ours is said; the client has a moment to say its own
    kEnded
  };
  using Error = boost::system::error_code;

  void on_handshake(const Error& fault);
  void expect_request();
  void read();
  void on_read(const Error& fault, std::size_t size);
  void read_on();
  void ask_for_body();
  bool count_body();
  void handle();
  void refuse(const HttpFault& fault);
  void write(HttpReply reply, bool last);
  void on_written();
  void close();
  void close_tls();
  void drain();
  void leave();
  void release_body();
  [[nodiscard]] SteadyTime after(std::chrono::seconds seconds, std::size_t bytes = 0) const;

  HttpCore& core_;
  HttpWorker& worker_;
  boost::asio::ssl::stream<boost::asio::ip::tcp::socket> stream_;
  const std::string remote_;  ///< "192.0.2.1"
  const std::string source_;  ///< what counts as one address
  std::optional<std::string> certificate_;
  RequestReader reader_;
  Phase phase_ = Phase::kHandshake;
  std::optional<SteadyTime> deadline_;
  SteadyTime body_began_{};
  std::string received_;  ///< not read by the reader yet
  std::string piece_;     ///< what a read in progress fills
  std::string out_;       ///< what a write in progress empties
  HttpReply reply_;       ///< its body, likewise
  HttpRequest asked_;     ///< of the request in hand: what its answer depends on
  bool head_only_ = false;
  bool keep_alive_ = true;
  bool reading_ = false;
  bool writing_ = false;
  std::size_t body_counted_ = 0;
  std::shared_ptr<HttpStreamState> events_;
  SteadyTime last_event_{};
  std::size_t ignored_ = 0;  ///< bytes that came while events were sent
};

}  // namespace chiploc
