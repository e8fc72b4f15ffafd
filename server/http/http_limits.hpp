#pragma once
#include <chrono>
#include <cstddef>

#include "server/http/http_head.hpp"

namespace chiploc {

/// Whatever strangers can fill or hold, with its bound. README.md says why each is what it is.
struct HttpLimits {
  std::size_t connections = 12'000;         ///< open at once; one more is closed before its handshake
  std::size_t connections_address = 1'024;  ///< of these from one address (IPv6: its first 64 bits)
  HttpHeadLimits head{};
  std::size_t body_bytes = std::size_t{1}
                           << 20U;  ///< of one request; 413. HttpServerOptions::body_bound says otherwise
  std::size_t bodies_bytes = std::size_t{512}
                             << 20U;  ///< of all requests that are read or answered; 503 beyond
  std::chrono::seconds handshake{10};
  std::chrono::seconds head_whole{10};  ///< from the first byte of a head to its last; 408
  std::chrono::seconds body_whole{20};  ///< for a body, and a second more for each `rate_bytes` of it; 408
  std::chrono::seconds idle{75};        ///< between two requests; closed without a word
  std::chrono::seconds write{20};       ///< for an answer, and a second more for each `rate_bytes` of it; cut
  std::size_t rate_bytes = 16'384;      ///< a second: who is slower than this is given up
  std::chrono::seconds linger{2};       ///< for the client to close too, once we have
  std::size_t streams = 10'000;         ///< of events, open at once; 503 beyond
  std::size_t stream_bytes = 65'536;    ///< that wait for one client; beyond it the stream is closed
  std::size_t event_bytes = std::size_t{4} << 20U;     ///< of one event that is longer, beside those
  std::size_t events_bytes = std::size_t{128} << 20U;  ///< of all such events that wait for any client
  std::chrono::seconds heartbeat{15};  ///< a comment on a stream that has been silent for so long
};

}  // namespace chiploc
