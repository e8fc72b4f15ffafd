#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/result.hpp"
#include "server/anchor/clocks.hpp"
#include "server/anchor/prober_types.hpp"

namespace chiploc {

/// Where stamps come from. Each mode makes round trips longer than the one before it, never shorter.
enum class StampMode : std::uint8_t {
  kKernel,         ///< SO_TIMESTAMPING both ways; the card's stamps too where it gives any
  kKernelReceive,  ///< kernel receive stamps only
  kUser,           ///< clocks read around the system calls
};
[[nodiscard]] std::string_view name_of(StampMode mode);

/// A datagram waiting to be sent.
struct OutgoingDatagram {
  static constexpr std::size_t kSizeMax = Ticket::kDatagramSize;  ///< the largest that an anchor sends
  Path path;
  ByteArray<kSizeMax> bytes{};
  std::uint16_t size = 0;
  bool is_ping = false;
  PingToken ping;
};

struct UdpSocketOptions {
  Endpoint listen;
  StampMode stamps = StampMode::kKernel;
  /// Kernel buffers asked for; holds the error queue too, whose overflow loses transmit stamps silently.
  int buffer_bytes = 4 << 20;
};

/// One bound UDP socket with stamps: the system calls and nothing else. Non-blocking. Owned and called by one
/// thread.
///
/// Transmit stamps come back with a copy of what was sent, so a stamp is matched by the session and sequence
/// inside its own ping. The kernel's counter (SOF_TIMESTAMPING_OPT_ID) was tried and dropped as the key:
/// kernels before 6.7 count a send that failed, every later stamp then belongs to the ping before, and round
/// trips come out *shorter*.
class UdpSocket {
 public:
  /// Fails with a sentence that names the address. A stamp mode that the kernel refuses falls back to the
  /// next one.
  [[nodiscard]] static Result<std::unique_ptr<UdpSocket>, std::string> open(const UdpSocketOptions& options);
  ~UdpSocket();
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;

  [[nodiscard]] int fd() const { return fd_; }
  /// The address that it is bound to, with the port that the kernel chose.
  [[nodiscard]] const Endpoint& local() const { return local_; }
  [[nodiscard]] bool wildcard() const { return wildcard_; }
  /// What the kernel granted.
  [[nodiscard]] StampMode stamps() const { return stamps_; }

  static constexpr std::size_t kBatch = 64;
  /// One batch of received datagrams, handed to the engine. Returns how many; kBatch: there may be more.
  std::size_t receive(ProbeEngine& engine);
  /// Reads the error queue until it is empty and hands the transmit stamps to the engine. Returns how many
  /// stamps.
  std::size_t drain_stamps(ProbeEngine& engine);

  struct SendResult {
    std::size_t taken = 0;  ///< datagrams that are done with: sent, or refused
    std::size_t failed = 0;
    bool blocked = false;  ///< the socket's buffer is full
  };
  /// One system call for at most kBatch datagrams, pings announced to the engine just before. A datagram that
  /// the kernel refuses (no route, firewall) is taken and counted as failed.
  SendResult send(const std::vector<const OutgoingDatagram*>& batch, ProbeEngine& engine);

 private:
  explicit UdpSocket(int fd);
  void enable_stamps(StampMode wanted);
  struct Buffers;

  int fd_;
  Endpoint local_;
  bool wildcard_ = false;
  StampMode stamps_ = StampMode::kUser;
  std::unique_ptr<Buffers> buffers_;
};

}  // namespace chiploc
