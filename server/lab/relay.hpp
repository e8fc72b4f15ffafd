#pragma once
// The delaying relay on real sockets: every endpoint of the lab has a front address here, and what is sent to
// a front comes out at the endpoint behind it, later, as if it came from the sender's own front.

#include <asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "proto/base/result.hpp"
#include "server/lab/relay_paths.hpp"
#include "server/lab/timing_histogram.hpp"

namespace chiploc {

/// An IPv4 address and a UDP port, "127.2.0.1:7411".
struct UdpAddress {
  std::uint32_t address = 0;  ///< host order
  std::uint16_t port = 0;     ///< host order
  friend auto operator<=>(const UdpAddress&, const UdpAddress&) = default;
  [[nodiscard]] static std::optional<UdpAddress> from_text(std::string_view text);
  [[nodiscard]] std::string text() const;
};

struct RelayEndpoint {
  NetworkSite site;
  UdpAddress front;  ///< where others send to, and what they see; the relay binds it
  UdpAddress real;   ///< where the program listens and sends from; tells the relay who sent
};

/// Every reason to drop is counted; nothing else is ever dropped. Kernel drops are datagrams that came while
/// the relay did not get to read; they are the machine's fault and not part of the emulation.
struct RelayCounters {
  std::uint64_t received = 0;
  std::uint64_t forwarded = 0;
  std::uint64_t lost = 0;            ///< by the emulated network, as asked
  std::uint64_t reordered = 0;       ///< held back by the emulated network, as asked
  std::uint64_t unknown_source = 0;  ///< sent by nobody who is in the lab
  std::uint64_t oversize = 0;        ///< larger than kRelayDatagramMax
  std::uint64_t queue_full = 0;      ///< more than kRelayQueueMax under way
  std::uint64_t send_failed = 0;  ///< refused by the kernel, for example because the program behind is gone
  std::uint64_t kernel_dropped = 0;
};
inline constexpr std::size_t kRelayDatagramMax = 1500;
inline constexpr std::size_t kRelayQueueMax = 65'536;

/// Emulates the network between endpoints that run as real programs on this machine.
///
/// Timing    A datagram is due at: kernel receive stamp + path delay + its own fate. It is never sent before.
///           How much later the send call returned is the relay's own error, recorded for each datagram. The
///           loop sleeps until kSpin before the next due time and polls from there on, which costs at most
///           kSpin of processor per datagram.
/// Owns      Its sockets, queue and counters. run() uses the calling thread and nothing else may touch the
///           object meanwhile, except through handlers on io().
/// Never     alters a payload, or sends anything that it did not receive.
class Relay {
 public:
  /// Binds all fronts. Fails with a sentence that names the address.
  [[nodiscard]] static Result<std::unique_ptr<Relay>, std::string> open(NetworkOptions options,
                                                                        std::vector<RelayEndpoint> endpoints);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  /// Forwards until stop().
  void run();
  /// From a handler on io() only.
  void stop();

  [[nodiscard]] asio::io_context& io();
  [[nodiscard]] RelayPaths& paths();
  [[nodiscard]] const RelayCounters& counters() const;
  [[nodiscard]] const TimingHistogram& timing_error() const;

 private:
  class Loop;
  explicit Relay(std::unique_ptr<Loop> loop);
  std::unique_ptr<Loop> loop_;
};

}  // namespace chiploc
