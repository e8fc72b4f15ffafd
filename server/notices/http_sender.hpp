#pragma once
#include <functional>
#include <memory>

#include "server/notices/delivery.hpp"
#include "server/notices/http_receiver.hpp"

namespace chiploc {

struct SendLimits {
  Nanoseconds connect = std::chrono::seconds{5};  ///< name, connection and handshake
  Nanoseconds whole = std::chrono::seconds{20};   ///< the specification of Standard Webhooks: 15 to 30 s
  std::size_t header_bytes = 16'384;              ///< of an answer
  std::size_t body_bytes = 65'536;                ///< read of an answer; what comes behind is cut off
  std::size_t kept_bytes = 1'024;                 ///< of its body, for the log
  std::size_t waiting_most = 64;                  ///< requests accepted and not ended
};

/// POSTs to one receiver, several at once, on a thread of its own: a receiver that is slow, or whose name
/// resolves slowly, holds up nobody else.
///
/// Each request makes a connection of its own, and the address of each connection is looked at when its
/// socket is made, whatever the name resolved to before: a name that changes its mind gains nothing. No
/// redirect is followed, no proxy asked, no cookie kept, no other protocol spoken; TLS 1.2 at least, the
/// certificate verified for the name. A status counts once the headers are whole, however the body ends.
///
/// Any thread may call send(). When this goes away, what is in flight is cut and nobody is told.
class HttpSender {
 public:
  HttpSender(HttpReceiver to, const SendLimits& limits);
  ~HttpSender();
  HttpSender(const HttpSender&) = delete;
  HttpSender& operator=(const HttpSender&) = delete;

  /// Called once, on the sender's thread, which it must not hold up.
  using Ended = std::function<void(Attempt)>;
  /// False, and nothing happens: too many wait, or a header cannot be sent.
  [[nodiscard]] bool send(SendRequest request, Ended ended);

 private:
  class Worker;
  std::unique_ptr<Worker> worker_;
};

}  // namespace chiploc
