#pragma once
#include <array>
#include <atomic>
#include <cstdint>

namespace chiploc {

/// What the server has done since its start; the two that end in _open are what is now.
template <class Number>
struct HttpCounts {
  Number connections_open{};
  Number connections_accepted{};
  Number refused_full{};     ///< connections beyond HttpLimits::connections
  Number refused_address{};  ///< beyond connections_address
  Number
      accept_failed{};  ///< the system had none to give: file descriptors, memory; tried again at the next tick
  Number handshakes_failed{};
  Number handshakes_late{};
  Number heads_late{};
  Number bodies_late{};
  Number idle_closed{};
  Number writes_late{};             ///< who did not read the answer
  Number requests{};                ///< that reached the handler
  Number requests_refused{};        ///< for how they are written, or too large
  Number bodies_refused{};          ///< there was no room for all bodies together
  Number gate_refused{};            ///< certificates that count no longer
  Number handler_failed{};          ///< 500: it threw, dropped a request, or its answer cannot be sent
  std::array<Number, 4> replies{};  ///< by class: 2xx, 3xx, 4xx, 5xx
  Number bytes_in{};                ///< inside TLS
  Number bytes_out{};
  Number streams_open{};
  Number streams_opened{};
  Number streams_refused{};
  Number streams_slow{};     ///< closed because too much waited, or nothing was read
  Number streams_revoked{};  ///< closed because the certificate counts no longer
};

using HttpCounters = HttpCounts<std::atomic<std::uint64_t>>;
using HttpCountersSnapshot = HttpCounts<std::uint64_t>;

/// The numbers as they are, each by itself: not all of one moment.
[[nodiscard]] inline HttpCountersSnapshot snapshot(const HttpCounters& counters) {
  HttpCountersSnapshot out;
  const auto read = [](const std::atomic<std::uint64_t>& number) {
    return number.load(std::memory_order_relaxed);
  };
  out.connections_open = read(counters.connections_open);
  out.connections_accepted = read(counters.connections_accepted);
  out.refused_full = read(counters.refused_full);
  out.refused_address = read(counters.refused_address);
  out.accept_failed = read(counters.accept_failed);
  out.handshakes_failed = read(counters.handshakes_failed);
  out.handshakes_late = read(counters.handshakes_late);
  out.heads_late = read(counters.heads_late);
  out.bodies_late = read(counters.bodies_late);
  out.idle_closed = read(counters.idle_closed);
  out.writes_late = read(counters.writes_late);
  out.requests = read(counters.requests);
  out.requests_refused = read(counters.requests_refused);
  out.bodies_refused = read(counters.bodies_refused);
  out.gate_refused = read(counters.gate_refused);
  out.handler_failed = read(counters.handler_failed);
  for (std::size_t i = 0; i < out.replies.size(); ++i) out.replies[i] = read(counters.replies[i]);
  out.bytes_in = read(counters.bytes_in);
  out.bytes_out = read(counters.bytes_out);
  out.streams_open = read(counters.streams_open);
  out.streams_opened = read(counters.streams_opened);
  out.streams_refused = read(counters.streams_refused);
  out.streams_slow = read(counters.streams_slow);
  out.streams_revoked = read(counters.streams_revoked);
  return out;
}

}  // namespace chiploc
