#pragma once
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>

#include "agent/endpoint.hpp"
#include "proto/base/bytes.hpp"
#include "proto/base/time.hpp"
#include "proto/wire/datagram.hpp"

namespace chiploc {

/// Datagrams a system call. More would only make the last of a batch wait for the first.
inline constexpr std::size_t kAgentBatch = 16;

/// A local address as recvmsg's packet info told it, to be given back to sendmmsg unchanged.
struct AgentPacketInfo {
  int family = 0;  ///< 0: none
  in_addr v4{};
  in6_addr v6{};
  unsigned interface_index = 0;  ///< for link-local IPv6 addresses only
};

/// Buffers for one recvmmsg call. Pointers inside point into it: it does not move.
class AgentReceiveBatch {
 public:
  struct Arrival {
    Bytes bytes;
    bool oversized = false;
    std::optional<Endpoint> from;
    std::optional<WallTime> stamp;  ///< the kernel's
    AgentPacketInfo to;
  };
  AgentReceiveBatch();
  AgentReceiveBatch(const AgentReceiveBatch&) = delete;
  AgentReceiveBatch& operator=(const AgentReceiveBatch&) = delete;
  /// How many came; 0 if none or on an error (a datagram socket's errors are about earlier sends).
  [[nodiscard]] std::size_t receive(int fd);
  [[nodiscard]] Arrival at(std::size_t i) const;

 private:
  struct Slot {
    ByteArray<kDatagramMax + 1> bytes;  // one more than allowed, so that a larger one shows
    alignas(cmsghdr) ByteArray<256> control;
    sockaddr_storage from;
    iovec piece;
  };
  std::array<Slot, kAgentBatch> slots_{};
  std::array<mmsghdr, kAgentBatch> headers_{};
};

/// Datagrams waiting for one sendmmsg call.
class AgentSendBatch {
 public:
  AgentSendBatch() = default;
  AgentSendBatch(const AgentSendBatch&) = delete;
  AgentSendBatch& operator=(const AgentSendBatch&) = delete;
  [[nodiscard]] bool full() const { return size_ == kAgentBatch; }
  [[nodiscard]] std::size_t size() const { return size_; }
  /// Not while full; at most kDatagramMax bytes.
  void add(const Endpoint& to, Bytes datagram, const AgentPacketInfo& from);
  /// Sends everything and empties the batch; returns how many left. One that fails does not hold up the rest.
  std::size_t flush(int fd);

 private:
  struct Slot {
    ByteArray<kDatagramMax> bytes;
    alignas(cmsghdr) ByteArray<64> control;
    AgentSocketAddress to;
    iovec piece;
  };
  std::array<Slot, kAgentBatch> slots_{};
  std::array<mmsghdr, kAgentBatch> headers_{};
  std::size_t size_ = 0;
};

}  // namespace chiploc
