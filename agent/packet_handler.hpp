#pragma once
#include <optional>

#include "proto/base/bytes.hpp"
#include "proto/base/endpoint.hpp"
#include "proto/base/time.hpp"

namespace chiploc {

/// Where a handler puts the datagrams it wants sent. The bytes are borrowed for the length of the call.
class AgentOutbox {
 public:
  AgentOutbox() = default;
  AgentOutbox(const AgentOutbox&) = delete;
  AgentOutbox& operator=(const AgentOutbox&) = delete;
  virtual ~AgentOutbox() = default;
  virtual void send(const Endpoint& to, Bytes datagram) = 0;
};

/// What the UDP loop drives: datagrams and times in, datagrams and a deadline out. The responder is one; a
/// wrapper around it is another (the lab's misbehaving agent). Called from one thread.
class AgentPacketHandler {
 public:
  AgentPacketHandler() = default;
  AgentPacketHandler(const AgentPacketHandler&) = delete;
  AgentPacketHandler& operator=(const AgentPacketHandler&) = delete;
  virtual ~AgentPacketHandler() = default;

  /// `received` is the arrival on the monotonic clock, as near to the wire as the kernel tells; `now` is the
  /// wall clock, for validity periods only.
  virtual void on_datagram(Bytes datagram, const Endpoint& from, SteadyTime received, WallTime now,
                           AgentOutbox& out) = 0;
  /// Does what has become due. Calling it early or often is harmless.
  virtual void on_timer(SteadyTime now, WallTime wall, AgentOutbox& out) = 0;
  /// When on_timer is wanted next; nullopt: not until another datagram came.
  [[nodiscard]] virtual std::optional<SteadyTime> next_deadline() const = 0;
};

}  // namespace chiploc
