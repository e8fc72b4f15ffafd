// The obvious way to exchange datagrams: Asio's asynchronous calls, one datagram each. The reference of the
// table.
#include <pthread.h>

#include <array>
#include <asio/io_context.hpp>
#include <asio/ip/udp.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <future>
#include <memory>
#include <thread>

#include "proto/crypto/digest.hpp"
#include "proto/crypto/mac_key.hpp"
#include "server/net/endpoint.hpp"
#include "tests/bench/duel.hpp"
#include "tests/bench/figure.hpp"

namespace chiploc::bench {
namespace {

using asio::ip::udp;
using Datagram = ByteArray<Ping::kSize>;

constexpr ByteArray<32> kSharedSecret{1, 2, 3, 4, 5, 6, 7, 8};

double clock_us(clockid_t clock) {
  timespec t{};
  ::clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) / 1e3;
}

udp::socket open_socket(asio::io_context& io, const std::string& address) {
  udp::socket socket{io, udp::endpoint{asio::ip::make_address(address), 0}};
  socket.non_blocking(true);
  return socket;
}

/// Answers each datagram whose MAC is right.
class Answerer {
 public:
  Answerer(asio::io_context& io, const std::string& address)
      : socket_{open_socket(io, address)}, key_{kSharedSecret} {
    receive();
  }
  [[nodiscard]] udp::endpoint local() const { return socket_.local_endpoint(); }

 private:
  void receive() {
    socket_.async_receive_from(
        asio::buffer(buffer_), from_, [this](const asio::error_code& error, std::size_t size) {
          if (error) return;
          if (size != buffer_.size() || !key_.accepts(buffer_)) return receive();
          key_.seal(buffer_);
          socket_.async_send_to(asio::buffer(buffer_), from_,
                                [this](const asio::error_code&, std::size_t) { receive(); });
        });
  }
  udp::socket socket_;
  MacKey key_;
  Datagram buffer_{};
  udp::endpoint from_;
};

/// Keeps `window` datagrams under way.
class Asker {
 public:
  Asker(asio::io_context& io, const std::string& address, const udp::endpoint& peer, std::size_t window)
      : socket_{open_socket(io, address)}, key_{kSharedSecret}, peer_{peer} {
    receive();
    for (std::size_t i = 0; i < window; ++i) ask();
  }
  std::uint64_t answered = 0;

 private:
  void ask() {
    auto out = std::make_shared<Datagram>();
    random_bytes_or_abort(MutableBytes{*out}.subspan(16, 16));
    key_.seal(*out);
    socket_.async_send_to(asio::buffer(*out), peer_, [out](const asio::error_code&, std::size_t) {});
  }
  void receive() {
    socket_.async_receive_from(asio::buffer(buffer_), from_,
                               [this](const asio::error_code& error, std::size_t size) {
                                 if (error) return;
                                 if (size == buffer_.size() && key_.accepts(buffer_)) {
                                   ++answered;
                                   ask();
                                 }
                                 receive();
                               });
  }
  udp::socket socket_;
  MacKey key_;
  udp::endpoint peer_;
  Datagram buffer_{};
  udp::endpoint from_;
};

}  // namespace

Result<DuelResult, std::string> run_asio_duel(const DuelOptions& options, std::size_t window) {
  asio::io_context answering{1};
  std::promise<Result<udp::endpoint, std::string>> bound;
  std::thread agent{[&] {
    if (const auto settled = settle(options.agent, options.fifo_priority); !settled) {
      bound.set_value(Fail{settled.error()});
      return;
    }
    Answerer answerer{answering, options.agent.address};
    bound.set_value(answerer.local());
    answering.run();
  }};
  const auto peer = bound.get_future().get();
  DuelResult result;
  Result<Done, std::string> done{Done{}};
  if (peer) {
    std::thread anchor{[&] {
      done = settle(options.anchor, options.fifo_priority);
      if (!done) return;
      clockid_t other{};
      ::pthread_getcpuclockid(agent.native_handle(), &other);
      asio::io_context asking{1};
      Asker asker{asking, options.anchor.address, *peer, window};
      asking.run_for(std::chrono::milliseconds{200});  // until it runs evenly
      const double from = clock_us(CLOCK_MONOTONIC);
      const double anchor_from = thread_cpu_us();
      const double agent_from = clock_us(other);
      const auto answered = asker.answered;
      asking.run_for(std::chrono::seconds{1});
      result.seconds = (clock_us(CLOCK_MONOTONIC) - from) / 1e6;
      result.anchor_cpu_us = thread_cpu_us() - anchor_from;
      result.agent_cpu_us = clock_us(other) - agent_from;
      result.exchanges = static_cast<double>(asker.answered - answered);
    }};
    anchor.join();
  }
  asio::post(answering, [&answering] { answering.stop(); });
  agent.join();
  if (!peer) return Fail{peer.error()};
  if (!done) return Fail{done.error()};
  return result;
}

}  // namespace chiploc::bench
