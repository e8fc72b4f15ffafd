#pragma once
#include <asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "proto/base/result.hpp"
#include "server/anchor/udp_socket.hpp"

namespace chiploc {

struct UdpProberOptions {
  std::vector<Endpoint> listen;  ///< one or more; port 0 = any
  StampMode stamps = StampMode::kKernel;
  /// Datagrams waiting for a full socket; more are dropped and counted.
  std::size_t queue = 65'536;
  /// Batches received before timers and sending get their turn again.
  std::size_t batches_per_turn = 8;
  /// Timers are served at most once in so long, so that the pings of many chips that fall due meanwhile leave
  /// in one call. A ping's moment is random by much more than this, and its round trip starts when the kernel
  /// sends it.
  Nanoseconds turn = std::chrono::microseconds{200};
};

struct UdpProberCounters {
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  std::uint64_t stamps = 0;       ///< transmit stamps read back
  std::uint64_t send_failed = 0;  ///< refused by the kernel: no route, firewall
  std::uint64_t queue_dropped = 0;
  std::uint64_t no_socket = 0;  ///< a peer of a family that no socket has
};

/// The sockets around a ProbeEngine, under Asio's reactor: readiness from async_wait, then recvmmsg and
/// sendmmsg on whole batches. Pings of different chips share a batch; those of one chip never do, since the
/// engine spaces them.
///
/// Everything runs on the io_context's one thread, which owns this object and the engine. Each turn drains
/// the error queues completely, receives, lets timers run, sends.
class UdpProber final : public ProbeOutbox {
 public:
  /// Fails with a sentence that names the address.
  [[nodiscard]] static Result<std::unique_ptr<UdpProber>, std::string> open(asio::io_context& io,
                                                                            const UdpProberOptions& options);
  ~UdpProber() override;
  UdpProber(const UdpProber&) = delete;
  UdpProber& operator=(const UdpProber&) = delete;

  /// Begins to serve `engine`, which outlives this object or the next stop().
  void start(ProbeEngine& engine);
  /// Closes the sockets; what is waiting to be sent is sent first if it can be at once.
  void stop();
  /// After a command was given to the engine: sends what it made and sets the timer.
  void kick();

  [[nodiscard]] std::vector<Endpoint> endpoints() const;
  /// The weakest mode that any of the sockets runs in.
  [[nodiscard]] StampMode stamps() const;
  [[nodiscard]] const UdpProberCounters& counters() const;

  void send(const Path& path, Bytes datagram, const PingToken* ping) override;

 private:
  class Loop;
  explicit UdpProber(std::shared_ptr<Loop> loop);
  std::shared_ptr<Loop> loop_;  ///< shared with its pending handlers, which may run after this object is gone
};

}  // namespace chiploc
