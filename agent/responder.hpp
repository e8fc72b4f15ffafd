#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/knocker.hpp"
#include "agent/packet_handler.hpp"
#include "agent/rate_limit.hpp"
#include "agent/seams.hpp"
#include "agent/session_table.hpp"
#include "agent/ticket_gate.hpp"
#include "proto/crypto/eat.hpp"
#include "proto/crypto/keys.hpp"
#include "proto/wire/datagram.hpp"

namespace chiploc {

/// A coordinator that may measure this chip; its id is derived from its key.
struct TrustedCoordinator {
  CoordinatorId id;
  PublicKey key;
};

/// What the chip says of itself in every statement.
struct ChipIdentity {
  ChipId chip;
  std::string model;
  std::string firmware_version;
  Digest firmware_measurement;
  DebugState debug_state{};
};

struct ResponderOptions {
  /// Sessions held at once, 1 to 4,096. 64 is one round of the largest size, or eight of the usual one.
  std::size_t sessions = 64;
  /// How far the chip's clock may be off before tickets look too old or too new. Chips have poor clocks; a
  /// ticket is used once anyway.
  std::chrono::seconds clock_skew{300};
  /// Time until OPEN is sent again, unless OPEN_ACK and more pings have come than one OPEN pays for; the
  /// third follows after three times this. Longer than most round trips.
  Nanoseconds open_retry = std::chrono::milliseconds{250};
  /// REJECTs a second: enough to diagnose a wrong clock, useless to a flood.
  std::uint32_t rejects_per_second = 16;
  /// Tickets whose signature is checked.
  TicketGateOptions tickets;
  /// CLOSEs judged for one session, each with at most one signature check and one statement. The anchor
  /// repeats a lost one some eight times before the deadline of its round. They come under the session's MAC,
  /// so no stranger can use up the number, and no anchor that of another.
  std::uint8_t closes_per_session = 32;
  KnockOptions knock;
};

/// Everything countable since the start. A snapshot, cheap to copy.
struct ResponderStats {
  std::uint64_t datagrams = 0;
  std::uint64_t tickets_accepted = 0;
  std::uint64_t tickets_repeated = 0;
  std::uint64_t opens_sent = 0;
  std::uint64_t sessions_opened = 0;
  std::uint64_t sessions_expired = 0;
  std::uint64_t pings_answered = 0;
  std::uint64_t sessions_finished = 0;
  std::uint64_t statements_signed = 0;
  std::uint64_t statements_sent = 0;
  std::uint64_t statement_failures = 0;  ///< the store or the key failed: nothing was sent
  std::uint64_t opening_failures = 0;    ///< the key would not sign: no session was opened
  std::uint64_t rejects_sent = 0;
  std::uint64_t rejects_suppressed = 0;  ///< answered reasons beyond the rate
  Knocker::Counts knock;
  std::array<std::uint64_t, kRejectReasonLast + 1> rejected{};          ///< by reason, ours
  std::array<std::uint64_t, kRejectReasonLast + 1> rejects_received{};  ///< by reason, theirs: hints
  std::size_t sessions_used = 0;
  std::size_t sessions_capacity = 0;
};

/// The agent's whole protocol (PROTOCOL.md, section 6) without a socket, clock or thread: datagrams and times
/// in, datagrams and a deadline out. One thread; owned by whoever drives it.
///
/// Memory is taken at construction and bounded by the options. Accepting a ticket and closing a round
/// allocate for a moment (OpenSSL, CBOR); answering a ping allocates nothing and signs nothing.
///
/// It never stops, slows or changes anything on the chip: it holds no handle to do so. Nothing that arrives
/// can trip an assertion.
class Responder final : public AgentPacketHandler {
 public:
  /// All borrowed; they outlive the responder.
  struct Parts {
    const Signer& device_key;
    StatementIssuer& statements;
    StateStore& state;
    ResidenceClock& residence;
    AgentRandom& random;
    ResponderObserver& observer;
  };

  /// No `rendezvous`: it never knocks and waits for tickets (inbound mode).
  Responder(const ResponderOptions& options, ChipIdentity identity,
            std::vector<TrustedCoordinator> coordinators, std::vector<RendezvousAnchor> rendezvous,
            const Parts& parts, SteadyTime start);

  void on_datagram(Bytes datagram, const Endpoint& from, SteadyTime received, WallTime now,
                   AgentOutbox& out) override;
  void on_timer(SteadyTime now, WallTime wall, AgentOutbox& out) override;
  [[nodiscard]] std::optional<SteadyTime> next_deadline() const override { return deadline_; }

  [[nodiscard]] ResponderStats stats() const;

 private:
  /// One datagram on its way through; `reject` is the end of most of them.
  struct Arrival {
    Bytes bytes;
    const Endpoint& from;
    SteadyTime received;
    WallTime now;
    AgentOutbox& out;
  };
  using Outcome = Result<Done, RejectReason>;

  Outcome dispatch(DatagramType type, const Arrival& in);
  Outcome on_ping(const Arrival& in);
  Outcome on_ticket(const Arrival& in);
  Outcome on_open_ack(const Arrival& in);
  Outcome on_open_cookie(const Arrival& in);
  Outcome on_finish(const Arrival& in);
  Outcome on_close(const Arrival& in);
  Outcome on_knock_reply(const Arrival& in);
  Outcome on_reject(const Arrival& in);

  Outcome judge(const Ticket& ticket, const Mac& cookie, const Arrival& in);
  void note_refused(const Ticket& ticket, RejectReason reason, const Arrival& in);
  Outcome open_session(const Ticket& ticket, const Digest& digest, const Arrival& in);
  /// A fresh key for the round of this ticket, signed by the device: the one signature before pings.
  [[nodiscard]] Result<AgentOpening, RejectReason> new_opening(const Ticket& ticket);
  Outcome judge(const CloseOrder& order, const AgentRound& round);
  /// The finished sessions of the round among those in the mask, ascending.
  [[nodiscard]] std::vector<Statement::AnchorTranscript> finished_anchors(const AgentRound& round,
                                                                          std::uint64_t mask);
  Outcome sign_statement(const CloseOrder& order, AgentRound& round, WallTime now);
  void send_open(AgentSession& session, AgentOutbox& out);
  /// One of the three of its own timer; says when the next is due.
  void send_due_open(AgentSession& session, SteadyTime now, AgentOutbox& out);
  void send_statement(AgentSession& session, const AgentRound& round, AgentOutbox& out);
  void refuse(const Arrival& in, RejectReason reason);
  void update_deadline();
  [[nodiscard]] const TrustedCoordinator* coordinator(const CoordinatorId& id) const;

  ResponderOptions options_;
  ChipIdentity identity_;
  std::vector<TrustedCoordinator> coordinators_;
  Parts parts_;
  AgentSessionTable sessions_;
  AgentRateLimit reject_limit_;
  TicketGate ticket_gate_;
  Knocker knocker_;
  std::optional<SteadyTime> deadline_;
  ResponderStats stats_;
};

}  // namespace chiploc
