#pragma once
#include <array>
#include <optional>
#include <vector>

#include "proto/crypto/digest.hpp"
#include "proto/crypto/session_key.hpp"
#include "proto/wire/datagram.hpp"
#include "proto/wire/transcript.hpp"
#include "server/anchor/path_probe.hpp"
#include "server/anchor/prober_types.hpp"

namespace chiploc {

/// How sessions are paced and repeated.
struct SessionTiming {
  /// How long the last pings are waited for before FINISH: longer than a round trip over a geostationary
  /// satellite.
  Nanoseconds answer_timeout = std::chrono::milliseconds{1000};
  /// FINISH and CLOSE are repeated after this, doubling up to retry_max.
  Nanoseconds retry = std::chrono::milliseconds{100};
  Nanoseconds retry_max = std::chrono::milliseconds{1600};
  /// Pings to an address that has not answered one yet, however many OPENs come: what three of them pay for.
  std::uint32_t pings_unvalidated = 8;
  /// While no ping has been answered the interval doubles up to this.
  Nanoseconds unvalidated_interval_max = std::chrono::milliseconds{500};
  /// So many of a session's last pings, at most half of them, see to it that two answers bear each other out
  /// (borne_out.hpp): while no two do, each of these waits for the answer to the one before it, or twice the
  /// shortest round trip.
  std::uint32_t pings_kept_back = 3;
  /// How long after the first OPEN further ones are waited for while no ping was answered: the agent sends
  /// its third a second after the first.
  Nanoseconds open_timeout = std::chrono::milliseconds{2000};
};

/// One agent key behind one ticket, seen from the anchor: pinging, finishing, done; then closing. Owned by
/// its round; owns its MAC keys. Every datagram given to it has this session's id. No socket, clock or
/// thread.
///
/// An OPEN can carry a forged address. Until a first genuine PONG shows that somebody with the session's key
/// receives what is sent there, the session spends no more bytes on the address than OPENs brought from it.
///
/// Answers that were all in flight at one moment prove nothing, since one pause could have cut them all. So a
/// session that is answered does not end before some ping was sent after another's answer came, as long as it
/// has pings and time left.
class AnchorSession {
 public:
  enum class Phase : std::uint8_t { kPinging, kFinishing, kDone };

  /// `open` is the first one; its signature and MAC were judged.
  AnchorSession(SessionKeys keys, const Open& open, const Path& path, std::uint32_t ping_count,
                Nanoseconds ping_interval, const SessionTiming& timing, SteadyTime now);

  [[nodiscard]] const SessionId& id() const { return id_; }
  [[nodiscard]] const X25519Public& agent_public() const { return agent_public_; }
  [[nodiscard]] Phase phase() const { return phase_; }
  /// The agent acknowledged FINISH with our own transcript digest.
  [[nodiscard]] bool finished() const { return finished_; }
  [[nodiscard]] SteadyTime finishing_since() const { return finishing_since_; }
  [[nodiscard]] std::uint32_t pings_sent() const { return sent_; }
  [[nodiscard]] std::uint32_t pongs_received() const { return received_; }
  /// The shortest bracket so far; 0: none.
  [[nodiscard]] Nanoseconds bracket_min() const { return bracket_min_; }

  /// The address answered a ping.
  [[nodiscard]] bool validated() const { return validated_; }

  /// An OPEN with this session's key: answered with OPEN_ACK. If it comes from another
  /// address than the first one did, either can be a copy with a forged source: as long as none has answered,
  /// the other one gets OPEN_ACK and one ping, together less than the OPEN, and the session moves there if
  /// the agent answers from there. Fails with kBadMac, and with kWrongState from another address once one is
  /// valid.
  [[nodiscard]] Result<Done, RejectReason> on_open(Bytes datagram, const Path& from, const PathProbe& probe,
                                                   SteadyTime now, ProbeOutbox& out);
  /// Sends what is due: a ping, FINISH, CLOSE.
  void on_timer(SteadyTime now, const RandomFill& random, ProbeOutbox& out);
  [[nodiscard]] std::optional<SteadyTime> next_deadline() const;
  /// The round's time is nearly over: if pings were answered, no more are sent and FINISH goes out for those.
  void finish_up(SteadyTime now) {
    if (phase_ == Phase::kPinging && received_ > 0) start_finishing(now);
  }
  /// The round is reported or past its deadline: no more pings and no more FINISH. The session stays for
  /// CLOSE.
  void stop();

  void on_sending(std::uint32_t sequence, const ClockReading& before);
  void on_transmitted(std::uint32_t sequence, const KernelTransmit& stamps);
  /// Fails with kBadMac, kSequenceOutOfRange (also: not sent yet), kLate (after FINISH), kAlreadyAnswered,
  /// kTranscriptMismatch (another nonce than that ping had).
  [[nodiscard]] Result<Done, RejectReason> on_pong(Bytes datagram, const Pong& pong, const Path& from,
                                                   const PathProbe& probe, const ReceiveStamps& stamps);
  /// Fails with kBadMac, kWrongState (no FINISH sent), kAlreadyAnswered, kTranscriptMismatch (the session is
  /// then done and stays unfinished).
  [[nodiscard]] Result<Done, RejectReason> on_finish_ack(Bytes datagram, const FinishAck& ack);

  /// Sends the order until the statement is complete or the deadline. The order is the round's and parsed.
  void close(const CloseOrder& order, SteadyTime deadline, SteadyTime now);
  /// The statement once its last fragment came; an empty vector before. Fails with kBadMac, kWrongState (no
  /// CLOSE sent), kAlreadyAnswered (a fragment again, or after the last), kMalformed (fragments that do not
  /// fit together).
  [[nodiscard]] Result<ByteVector, RejectReason> on_statement(Bytes datagram,
                                                              const StatementFragment& fragment);

  [[nodiscard]] SessionAccount account(bool simulated) const;

 private:
  struct SentPing {
    Nonce nonce;
    std::uint32_t residence_ns = 0;
    bool handed_over = false;  ///< on_sending() was called
    bool answered = false;
    TransmitStamps transmit;
    ReceiveStamps receive;
  };
  [[nodiscard]] Result<Done, RejectReason> probe_path(const Path& path, const PathProbe& probe,
                                                      SteadyTime now, ProbeOutbox& out);
  void send_ping(SteadyTime now, const RandomFill& random, ProbeOutbox& out);
  void start_finishing(SteadyTime now);
  void send_finish(SteadyTime now, ProbeOutbox& out);
  void send_close(SteadyTime now, ProbeOutbox& out);
  [[nodiscard]] bool affords(std::size_t bytes) const { return validated() || credit_ >= bytes; }
  [[nodiscard]] bool may_ping() const;
  /// When the next ping is due, if there may be one.
  [[nodiscard]] SteadyTime ping_due() const;
  /// Two answers whose flights do not overlap are here.
  [[nodiscard]] bool parted() const { return earliest_received_ && latest_sent_ > *earliest_received_; }
  /// When answers, or OPENs that pay for more pings, are no longer waited for.
  [[nodiscard]] SteadyTime waits_until() const;
  /// Sends nothing that the credit does not cover.
  void send_sealed(MutableBytes datagram, ProbeOutbox& out, const PingToken* ping = nullptr);

  SessionId id_;
  MacKey to_agent_;
  MacKey to_anchor_;
  X25519Public agent_public_;
  ByteVector opening_;
  Path path_;
  SessionTiming timing_;
  Nanoseconds ping_interval_;
  std::uint32_t ping_count_;
  /// The sequences from here to ping_count_ went to other addresses (probe_path()).
  std::uint32_t probed_from_;
  bool validated_ = false;
  std::size_t credit_ = 0;  ///< bytes that came from the address less bytes sent to it, until validated
  SteadyTime opened_;

  Phase phase_ = Phase::kPinging;
  bool finished_ = false;
  Transcript transcript_;
  std::vector<SentPing> pings_;  ///< one per sequence number, made at the start
  std::uint32_t sent_ = 0;
  std::uint32_t received_ = 0;
  Nanoseconds bracket_min_{0};
  std::uint32_t first_here_ = 0;  ///< the first sequence that went to the present address
  SteadyTime latest_sent_{};      ///< of usable samples; with the next one: parted()
  std::optional<SteadyTime> earliest_received_;
  SteadyTime last_ping_;
  SteadyTime next_ping_;
  SteadyTime finishing_since_{};
  std::uint64_t received_map_ = 0;  ///< as FINISH tells it
  Digest transcript_digest_;
  std::optional<SteadyTime> next_finish_;
  Nanoseconds finish_delay_{0};

  std::optional<CloseOrder> order_;
  SteadyTime close_deadline_{};
  std::optional<SteadyTime> next_close_;
  Nanoseconds close_delay_{0};
  bool statement_complete_ = false;
  std::uint8_t fragment_count_ = 0;
  std::array<ByteVector, StatementFragment::kFragmentsMax> fragments_;
};

}  // namespace chiploc
