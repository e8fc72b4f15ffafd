#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agent/packet_handler.hpp"
#include "proto/base/result.hpp"

namespace asio {
class io_context;
}

namespace chiploc {

/// One or two UDP sockets on an io_context, feeding a AgentPacketHandler. One thread: the one that runs the
/// context.
///
/// Reads and writes up to kAgentBatch datagrams a system call (recvmmsg, sendmmsg). Each arrival carries the
/// kernel's receive stamp, moved to the monotonic clock; without one, the time of reading. A reply leaves
/// from the address the datagram came to, on wildcard sockets too. What cannot be sent at once is dropped and
/// counted: everything in the protocol that matters is repeated by its sender. Buffers are made once.
class AgentUdpLoop {
 public:
  struct Counts {
    std::uint64_t received = 0;
    std::uint64_t sent = 0;
    std::uint64_t oversized = 0;    ///< larger than any datagram of the protocol: dropped unread
    std::uint64_t unstamped = 0;    ///< no kernel receive stamp
    std::uint64_t send_failed = 0;  ///< full socket buffer, or no route
    std::uint64_t unroutable = 0;   ///< no socket of that address family
  };

  /// Opens and binds. Fails with a sentence: the address taken, not local, or a family that this host lacks.
  [[nodiscard]] static Result<std::unique_ptr<AgentUdpLoop>, std::string> open(
      asio::io_context& context, const std::vector<Endpoint>& listen, AgentPacketHandler& handler);
  virtual ~AgentUdpLoop() = default;
  AgentUdpLoop(const AgentUdpLoop&) = delete;
  AgentUdpLoop& operator=(const AgentUdpLoop&) = delete;

  virtual void start() = 0;
  /// Answers what has arrived already, then closes the sockets: the io_context runs out of work. Call it on
  /// the context's thread.
  virtual void drain_and_stop() = 0;
  /// The addresses really bound: a port of 0 has become one.
  [[nodiscard]] virtual std::vector<Endpoint> local_endpoints() const = 0;
  [[nodiscard]] virtual Counts counts() const = 0;

 protected:
  AgentUdpLoop() = default;
};

}  // namespace chiploc
