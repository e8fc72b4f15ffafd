#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chiploc {

/// Names in lower case, in the order in which they came.
using HttpFields = std::vector<std::pair<std::string, std::string>>;

/// A request as its handler gets it: whole, within all limits, its target taken apart. No sockets here.
struct HttpRequest {
  std::string method;                 ///< "GET"
  std::string path;                   ///< "/v1/chips/SN-1", decoded; no "." or ".." segment
  std::vector<std::string> segments;  ///< of the path, each decoded by itself
  std::vector<std::pair<std::string, std::string>> query{};  ///< decoded, in their order
  HttpFields fields{};
  std::string body{};
  std::string remote{};                      ///< "192.0.2.1", for limits and the audit log
  std::optional<std::string> certificate{};  ///< DER of the client's, verified by TLS; nullopt: none

  /// The only field of that name (lower case); nullopt: none, or several.
  [[nodiscard]] std::optional<std::string_view> field(std::string_view name) const;
};

struct HttpReply {
  int status = 200;
  HttpFields fields{};
  std::string body{};
  std::shared_ptr<const std::string> shared{};  ///< in place of `body`: bytes that many answers have
};

/// Server-sent events to one client. Thread-safe; goes on after the handler has returned.
class HttpEventStream {
 public:
  virtual ~HttpEventStream() = default;
  /// Puts the bytes of one event (with its empty line) behind what waits. False: it is closed, or too much waits and it is
  /// closed for that; nothing of this event is sent then.
  virtual bool send(std::string event) = 0;
  /// What waits is sent, then the connection ends.
  virtual void close() = 0;
  /// Called on the connection's thread whenever all that was sent has gone out to the system: time for more. Set before
  /// the first send(); quick.
  virtual void on_drained(std::function<void()> drained) = 0;
  /// Called once when it is closed, by whichever side; at once if it is already.
  virtual void on_closed(std::function<void()> closed) = 0;
};

/// One request and the way back. Whoever holds it may answer later and on any thread; dropped without an answer it is a
/// 500.
class HttpExchange {
 public:
  virtual ~HttpExchange() = default;
  [[nodiscard]] virtual const HttpRequest& request() const = 0;
  /// Once, unless stream() was.
  virtual void reply(HttpReply reply) = 0;
  /// 200 with these fields and text/event-stream. Null: the client is gone, or too many streams are open (it got 503).
  [[nodiscard]] virtual std::shared_ptr<HttpEventStream> stream(HttpFields fields) = 0;
};

/// What answers. Called on the server's threads, which it must not block for long.
using HttpHandler = std::function<void(std::shared_ptr<HttpExchange>)>;

}  // namespace chiploc
