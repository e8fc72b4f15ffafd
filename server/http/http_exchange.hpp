#pragma once
#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "server/http/http_counters.hpp"
#include "server/http/http_message.hpp"

// What stands between a handler on any thread and a connection on its own. No sockets.
namespace chiploc {

class HttpStreamState;

/// The connection's side; called on its thread alone.
class HttpConnectionSide {
 public:
  virtual ~HttpConnectionSide() = default;
  virtual void answer(HttpReply reply) = 0;
  virtual void begin_stream(std::shared_ptr<HttpStreamState> stream, HttpFields fields) = 0;
  /// Something waits in its stream, or it is to be closed.
  virtual void flush_stream() = 0;
};

/// Work for a thread of the server, from any other; none once the server has ended.
class HttpPostBox {
 public:
  using Post = std::function<void(std::function<void()>)>;
  explicit HttpPostBox(Post post) : post_{std::move(post)} {}
  /// False: the server has ended, and the work is not done.
  bool post(std::function<void()> work);
  void close();

 private:
  std::mutex mutex_;  ///< guards post_
  Post post_;
};

/// What all exchanges of one server have in common. Outlived by what they hold of it.
struct HttpShared {
  HttpCounters counters;
  std::size_t streams_max = 0;
  std::size_t stream_bytes = 0, event_bytes = 0, events_bytes = 0;  ///< as HttpLimits has them
  std::atomic<std::size_t> long_bytes{0};                           ///< of events longer than stream_bytes
};

/// One stream of events: bytes that wait, and whether it goes on. Thread-safe.
class HttpStreamState {
 public:
  HttpStreamState(std::shared_ptr<HttpShared> shared, std::shared_ptr<HttpPostBox> box,
                  std::weak_ptr<HttpConnectionSide> connection);
  /// What HttpEventStream promises.
  bool send(std::string event);
  void close();
  void on_drained(std::function<void()> drained);
  void on_closed(std::function<void()> closed);

  /// For the connection. Takes what waits; those bytes count as waiting until the next call.
  [[nodiscard]] std::string take();
  /// Nothing waits and nothing is being written: tells on_drained, if something was sent since the last time.
  void drained();
  /// No more will come.
  [[nodiscard]] bool ending() const;
  /// Too much waited: it is over.
  [[nodiscard]] bool overrun() const;
  /// It has ended. Tells on_closed, once; counts.
  void finish();

 private:
  void wake();
  /// Whether an event of so many bytes may wait; one that is long has its room from then on. Both under the lock.
  [[nodiscard]] bool has_room(std::size_t bytes);
  void give_room_back() { shared_->long_bytes -= std::exchange(long_, 0); }
  const std::shared_ptr<HttpShared> shared_;
  const std::shared_ptr<HttpPostBox> box_;
  const std::weak_ptr<HttpConnectionSide> connection_;
  mutable std::mutex mutex_;  ///< guards what follows
  std::string waiting_;
  std::size_t in_flight_ = 0;
  std::size_t long_ = 0;  ///< of these two, those of an event longer than stream_bytes
  bool long_in_flight_ = false;
  bool woken_ = false;  ///< the connection was told, and has not looked yet
  bool closing_ = false;
  bool overrun_ = false;
  bool closed_ = false;
  bool sent_ = false;  ///< since on_drained was told
  std::function<void()> on_drained_;
  std::function<void()> on_closed_;
};

/// The exchange that a handler gets. It holds no connection: one that ends meanwhile is not kept by it.
[[nodiscard]] std::shared_ptr<HttpExchange> make_exchange(HttpRequest request, bool head_only,
                                                          std::shared_ptr<HttpShared> shared,
                                                          std::shared_ptr<HttpPostBox> box,
                                                          std::weak_ptr<HttpConnectionSide> connection);

}  // namespace chiploc
