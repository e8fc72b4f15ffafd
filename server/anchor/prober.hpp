#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "proto/crypto/keys.hpp"
#include "proto/crypto/x25519.hpp"
#include "server/anchor/anchor_session.hpp"
#include "server/anchor/knock_desk.hpp"
#include "server/anchor/knock_tally.hpp"
#include "server/anchor/open_desk.hpp"
#include "server/anchor/path_probe.hpp"
#include "server/anchor/prober_types.hpp"
#include "server/anchor/timer_heap.hpp"
#include "server/anchor/token_bucket.hpp"

namespace chiploc {

struct ProberOptions {
  /// Rounds held at once, from PREPARE to Release. A round with one session of 12 pings takes 6 kB.
  std::size_t rounds = 4096;
  /// Holders of one device key under one ticket (PROTOCOL.md section 4).
  std::size_t sessions_per_ticket = 4;
  /// How far our clock or the coordinator's may be off when a ticket's time is judged; the agent allows the
  /// same.
  std::chrono::seconds clock_skew{300};
  /// REJECTs a second: enough to diagnose, useless to a flood.
  std::uint32_t rejects_per_second = 16;
  /// X25519 agreements a second, each 50 us: what chips, all at once, can cost.
  std::uint32_t opens_per_second = 4000;
  /// A session that has sent FINISH is given this long before the round is reported without its FINISH_ACK,
  /// once another session is done.
  Nanoseconds finishing_grace = std::chrono::milliseconds{1000};
  /// So long before a round's deadline, at most a quarter of its time, sessions that have answers stop
  /// pinging and finish with those: random intervals can add up to more than the time there is, and without
  /// FINISH none of the answers would count.
  Nanoseconds finishing_lead = std::chrono::milliseconds{1500};
  /// A TICKET to an inbound address is repeated after this, doubling, until an OPEN came.
  Nanoseconds ticket_retry = std::chrono::milliseconds{200};
  std::uint32_t ticket_tries = 6;
  /// At least this long between two progress notes of a round.
  Nanoseconds progress_interval = std::chrono::milliseconds{200};
  /// Samples are marked as simulated: set by simulated worlds and nowhere else.
  bool simulated = false;
  SessionTiming session;
  KnockDeskOptions knock;
  OpenDeskOptions open;
};

/// Why a command of the coordinator cannot be followed.
enum class CommandFault : std::uint8_t {
  kTooManyRounds,   ///< the limit is reached
  kUnknownRound,    ///< never prepared here, released, or prepared before a restart: its key is gone
  kMalformed,       ///< ticket or order that does not parse
  kNotForMe,        ///< ticket for another anchor, chip or ephemeral key than was prepared
  kOtherTicket,     ///< the round has another ticket already
  kNoSession,       ///< close: no session of this round is finished here
  kTooManyPending,  ///< the knock table is full
};
[[nodiscard]] std::string_view name_of(CommandFault fault);

struct Assignment {
  Bytes ticket;                     ///< 220 bytes
  std::optional<Endpoint> inbound;  ///< where to deliver the ticket; none: the agent comes by itself
  Nanoseconds ping_interval{std::chrono::milliseconds{40}};  ///< mean; at least 1 ms is used
  Nanoseconds deadline{std::chrono::seconds{15}};            ///< from now
  Nanoseconds linger{std::chrono::seconds{2}};               ///< from the first OPEN
  std::optional<PublicKey> chip_key{};                       ///< who may open; without it: kMalformed
};

/// Everything countable since the start.
struct ProberCounters {
  std::uint64_t datagrams = 0;
  std::uint64_t pings_sent = 0;
  std::uint64_t pongs_accepted = 0;
  std::uint64_t sessions_opened = 0;
  SampleTally samples;  ///< clock steps and impossible stamps; what became of the cards' stamps
  std::uint64_t reports = 0;
  std::uint64_t statements = 0;
  std::uint64_t knocks = 0;
  std::uint64_t knock_proofs = 0;
  std::uint64_t open_cookies = 0;  ///< asked for while strangers sent more OPENs than are looked at
  std::uint64_t rejects_sent = 0;
  std::array<std::uint64_t, kRejectReasonLast + 1> rejected{};          ///< by reason, ours
  std::array<std::uint64_t, kRejectReasonLast + 1> rejects_received{};  ///< by reason, theirs: hints
};

/// The anchor's whole side of PROTOCOL.md section 6, for thousands of rounds at once: commands, datagrams,
/// stamps and time in; datagrams and results out. Owns no socket, clock, thread, file or connection; one
/// thread. Nothing that arrives can trip an assertion; whatever strangers can fill is bounded and counted.
///
/// A round is prepared (key made), assigned (ticket known), reported; it stays for CLOSE until release() or
/// its expiry. It is reported once: at its deadline, or when a session is done, the linger time is over, no
/// other session is still pinging, and none has waited for FINISH_ACK for less than the grace.
class Prober {
 public:
  Prober(const ProberOptions& options, const AnchorId& self, RandomFill random, ProbeOutbox& outbox,
         ProbeResults& results);
  ~Prober();
  Prober(const Prober&) = delete;
  Prober& operator=(const Prober&) = delete;

  /// Makes the round's ephemeral key. Again for the same round and chip: the same key. Fails with
  /// kTooManyRounds, kNotForMe (the round exists with another chip).
  [[nodiscard]] Result<X25519Public, CommandFault> prepare(const RoundId& round, const ChipId& chip,
                                                           SteadyTime expires);
  /// Begins to serve the ticket. The coordinator's signature is not checked: it came over its authenticated
  /// stream, and the agent checks it. Again with the same ticket: an earlier deadline counts, nothing else
  /// does. Fails with kMalformed (no key of the chip, too), kUnknownRound, kNotForMe, kOtherTicket.
  [[nodiscard]] Result<RoundId, CommandFault> assign(const Assignment& assignment, SteadyTime now);
  /// Fails with kMalformed (a ticket does not parse or is for another chip or round), kTooManyPending.
  [[nodiscard]] Result<Done, CommandFault> pend(const RoundId& round, const ChipId& chip,
                                                const PublicKey& chip_key, const std::vector<Bytes>& tickets,
                                                SteadyTime expires);
  void unpend(const RoundId& round) { knocks_.unpend(round); }
  /// Sends the order over every finished session until its statement is complete or `deadline`. Fails with
  /// kMalformed, kUnknownRound, kNotForMe (order for another round or chip), kNoSession.
  [[nodiscard]] Result<Done, CommandFault> close(const RoundId& round, Bytes order, SteadyTime deadline,
                                                 SteadyTime now);
  /// Reports every round that is assigned, with what there is: the program ends.
  void report_all(const ClockReading& now);
  /// Forgets the round and its keys; an unreported one is not reported.
  void release(const RoundId& round);

  /// Any datagram but those of the mesh.
  void on_datagram(Bytes datagram, const Path& path, const ReceiveStamps& stamps);
  void on_sending(const PingToken& ping, const ClockReading& before);
  void on_transmitted(const PingToken& ping, const KernelTransmit& stamps);
  void on_timer(const ClockReading& now);
  [[nodiscard]] std::optional<SteadyTime> next_deadline() const;

  [[nodiscard]] std::size_t rounds_in_flight() const { return rounds_.size(); }
  [[nodiscard]] const ProberCounters& counters() const { return counters_; }
  /// A datagram that the dispatcher could not place.
  void count_reject(Bytes datagram, const Path& path, RejectReason reason, SteadyTime now);
  /// Who knocked since this was asked last.
  [[nodiscard]] KnockTally::Taken take_knocks(SteadyTime now) { return tally_.take(now); }

 private:
  struct Round;
  struct Held {  ///< a session and the round it belongs to
    Round* round = nullptr;
    AnchorSession* session = nullptr;
  };
  using Judged = Result<Done, RejectReason>;

  Judged judge(Bytes datagram, const Path& path, const ReceiveStamps& stamps, Round*& concerned);
  Judged on_knock(Bytes datagram, const Path& path, SteadyTime now);
  Judged on_knock_proof(Bytes datagram, const Path& path, const ClockReading& now);
  Judged on_open(Bytes datagram, const Path& path, const ClockReading& now, Round*& concerned);
  /// An OPEN with a key that the round does not know yet.
  Judged on_new_key(Bytes datagram, const Open& open, const Path& path, const ClockReading& now,
                    Round& round);
  /// The round that waits here for that chip's knock, if this anchor has a part in it.
  [[nodiscard]] Round* waiting_for(const ChipId& chip) const;
  /// The same of a knock in another version of the protocol, if that can be told.
  [[nodiscard]] Round* waiting_for(Bytes datagram) const;
  void note_knock(const ChipId& chip, KnockTally::Kind kind, SteadyTime now);
  void note_refused_knock(Bytes datagram, RejectReason reason, SteadyTime now);
  void note_refused_proof(Bytes datagram, RejectReason reason, SteadyTime now);
  void bring_forward(Round& round, Nanoseconds deadline, SteadyTime now);
  Judged on_pong(Bytes datagram, const Path& path, const ReceiveStamps& stamps, Round*& concerned);
  Judged on_finish_ack(Bytes datagram, Round*& concerned);
  Judged on_statement(Bytes datagram, Round*& concerned);
  Judged on_reject(Bytes datagram, const Path& path, SteadyTime now);

  [[nodiscard]] Held find(const SessionId& session) const;
  void send_ticket(Bytes ticket, const Path& path, const Mac& cookie = {});
  void note_handed(const RoundId& id, const Endpoint& to);
  /// REJECTs from that address are no longer this round's, if they were.
  void forget_address(const Endpoint& address, const RoundId& round);
  void run_round(Round& round, const ClockReading& now);
  void report(Round& round, WallTime now);
  void note_progress(Round& round, SteadyTime now, bool force);
  [[nodiscard]] bool ready_to_report(const Round& round, SteadyTime now) const;
  void arm(Round& round);
  void erase(Round& round);

  ProberOptions options_;
  AnchorId self_;
  RandomFill random_;
  ProbeOutbox& outbox_;
  ProbeResults& results_;
  ProberCounters counters_;
  KnockDesk knocks_;
  KnockTally tally_;
  OpenDesk open_desk_;
  PathProbe path_probe_;
  TokenBucket rejects_;
  TokenBucket opens_;
  std::unordered_map<RoundId, std::unique_ptr<Round>> rounds_;
  std::unordered_map<Digest, Round*> tickets_;
  std::unordered_map<SessionId, Held> sessions_;
  std::map<Endpoint, RoundId> inbound_;  ///< whose REJECTs of a TICKET belong to which round
  struct Timers;
  std::unique_ptr<Timers> timers_;
};

}  // namespace chiploc
