#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "proto/base/bytes.hpp"
#include "proto/base/endpoint.hpp"
#include "proto/base/ids.hpp"
#include "proto/base/result.hpp"
#include "proto/base/time.hpp"
#include "proto/crypto/eat.hpp"
#include "proto/crypto/keys.hpp"
#include "proto/wire/datagram.hpp"

/// What the responder needs from outside, each as small an interface as it can be. The program gives it the
/// real things (system.hpp, state_file.hpp), a test its own, and the lab's rogue agent wraps one of them.
namespace chiploc {

/// Unpredictable bytes: ephemeral keys, the boot id, the times of knocks.
class AgentRandom {
 public:
  virtual ~AgentRandom() = default;
  virtual void fill(MutableBytes out) = 0;
};

/// The two numbers that outlive a restart. Neither ever goes down.
class StateStore {
 public:
  virtual ~StateStore() = default;
  [[nodiscard]] virtual std::uint64_t boot_count() const = 0;
  /// The counter of the last statement; 0 before the first.
  [[nodiscard]] virtual std::uint64_t round_counter() const = 0;
  /// Adds one, makes it durable, and only then returns it: a statement must never carry a number that a power
  /// cut could hand out again. Fails with a sentence; nothing may be signed then.
  [[nodiscard]] virtual Result<std::uint64_t, std::string> next_round_counter() = 0;
};

/// Turns the claims of a round into the bytes that go to the coordinator.
class StatementIssuer {
 public:
  virtual ~StatementIssuer() = default;
  [[nodiscard]] virtual Result<ByteVector, KeyFault> issue(const Statement& claims) = 0;
};

/// What the agent says of its own processing time, inside the MAC of each PONG. Diagnostics: no verdict uses
/// it.
class ResidenceClock {
 public:
  virtual ~ResidenceClock() = default;
  [[nodiscard]] virtual std::uint32_t residence_ns(SteadyTime received) = 0;
};

/// A ticket that was refused for what it says: a coordinator that is not known (its signature is then
/// unchecked), another chip, a time that is not now.
struct TicketRefusal {
  RejectReason reason{};
  CoordinatorId coordinator;
  ChipId chip;
  WallTime not_before;
  WallTime now;
  SteadyTime received;
  const Endpoint& from;
};

/// Knocks in a row at one rendezvous anchor that nothing answered, each sent three times.
struct UnansweredKnocks {
  const Endpoint& rendezvous;
  std::uint64_t number = 0;
  SteadyTime since;  ///< the first of them was sent
  SteadyTime now;
};

/// Told what happened, for logs. Called inside on_datagram and on_timer; must neither block nor throw.
/// Nothing is reported for an answered ping.
class ResponderObserver {
 public:
  virtual ~ResponderObserver() = default;
  virtual void on_reject(RejectReason, std::uint8_t /*type*/, const Endpoint& /*from*/) {}
  virtual void on_ticket_refused(const TicketRefusal&) {}
  virtual void on_knock_unanswered(const UnansweredKnocks&) {}
  virtual void on_knock_answered(const Endpoint& /*rendezvous*/) {}
  virtual void on_session_open(const RoundId&, std::uint8_t /*anchor_index*/) {}
  virtual void on_statement(const RoundId&, std::uint64_t /*round_counter*/, std::size_t /*anchors*/) {}
  /// A round could not be opened or closed, or a knock not proved, for a reason of our own: the store or the
  /// key.
  virtual void on_failure(std::string_view /*what*/, std::string_view /*why*/) {}
};

}  // namespace chiploc
