#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "proto/base/ids.hpp"
#include "proto/base/time.hpp"
#include "proto/crypto/digest.hpp"
#include "proto/crypto/mac_key.hpp"
#include "proto/crypto/ticket_seal.hpp"
#include "proto/wire/datagram.hpp"
#include "proto/wire/ticket.hpp"
#include "proto/wire/transcript.hpp"

namespace chiploc {

/// One anchor's leave to measure this chip, from its ticket to the ticket's end.
struct AgentSession {
  enum class State : std::uint8_t {
    kFree,      ///< no session: the place can be taken
    kOffered,   ///< ticket accepted, OPEN sent
    kOpen,      ///< OPEN_ACK accepted: pings are answered
    kFinished,  ///< transcript fixed
    kClosed,    ///< part of a signed statement
  };
  State state = State::kFree;
  SessionId id;
  std::uint8_t ping_count = 0;
  std::uint8_t anchor_index = 0;
  std::uint8_t opens_sent = 0;  ///< by our own timer
  std::uint8_t cookies = 0;     ///< OPEN_COOKIEs answered with another OPEN
  std::uint8_t closes = 0;      ///< CLOSEs judged
  std::size_t round = 0;        ///< place of its AgentRound
  std::optional<MacKey> to_agent;
  std::optional<MacKey> to_anchor;
  Transcript transcript;
  Digest transcript_digest;  ///< from kFinished on
  Digest ticket;
  Mac open_mac;              ///< of the last OPEN sent
  Mac cookie;                ///< that the anchor asked to see in it; zero: none
  Endpoint anchor_endpoint;  ///< the address that the coordinator signed
  SteadyTime next_open;      ///< when OPEN is due again, while opens are left
  SteadyTime span_ends;      ///< the ticket's own length after it came: no honest round lasts longer
  SteadyTime expires_at;     ///< when its end is past on any clock that is allowed
};

/// The agent's key of one round and the device's signature over it.
struct AgentOpening {
  /// Wiped when all tickets have come, or the round is closed or forgotten; no session is opened after that.
  std::optional<SecretBytes<32>> private_key;
  X25519Public public_key;
  OpeningSignature signature;
};

/// What the sessions of one round share.
struct AgentRound {
  std::size_t sessions = 0;  ///< 0: free
  CoordinatorId coordinator;
  RoundId round;
  std::uint8_t anchor_count = 0;
  std::uint64_t tickets = 0;  ///< bit i: the ticket with anchor index i came
  AgentOpening opening;
  bool closed = false;
  ByteArray<CloseOrder::kSize> order{};  ///< the order that closed it, as it came
  std::size_t statement_size = 0;
  ByteArray<kStatementMax> statement{};
};

/// A fixed number of sessions and of the rounds they belong to. All memory but that of the MAC keys is taken
/// at construction (2.6 KB a session and 4.5 KB a round).
///
/// Finding a session by its id probes a table four times as large as the number of sessions. Ids come out of
/// HKDF over a key of our own, so nobody outside chooses where they fall; and a search visits at most as many
/// places as there are sessions, whatever id it is given.
class AgentSessionTable {
 public:
  explicit AgentSessionTable(std::size_t capacity);

  [[nodiscard]] AgentSession* find(const SessionId& id);
  [[nodiscard]] AgentSession* find_ticket(const Digest& ticket);
  /// The session whose last OPEN has this MAC; nullptr if there is none.
  [[nodiscard]] AgentSession* find_open(const Mac& open);
  /// The session of this round with that anchor index; nullptr if there is none.
  [[nodiscard]] AgentSession* find_anchor(const AgentRound& round, std::uint8_t anchor_index);
  [[nodiscard]] AgentRound* find_round(const CoordinatorId& coordinator, const RoundId& round);
  [[nodiscard]] AgentRound& round_of(const AgentSession& session) { return rounds_[session.round]; }

  /// A place for a session of this ticket, entered in its round (made if it is the first of it). nullptr if
  /// the table is full or, once in 2^64, the id is taken. The caller fills in the rest.
  [[nodiscard]] AgentSession* insert(const Ticket& ticket, const SessionId& id);
  /// Forgets every session whose time is over; returns how many. A round goes with its last session.
  std::size_t expire(SteadyTime now);

  /// Frees one place of a full table: the oldest session that is part of a signed statement, else the oldest
  /// whose ticket's span is over. False if all of them are still needed.
  [[nodiscard]] bool make_room(SteadyTime now);

  [[nodiscard]] bool full() const { return used_ == sessions_.size(); }
  [[nodiscard]] std::size_t used() const { return used_; }
  [[nodiscard]] std::size_t capacity() const { return sessions_.size(); }
  /// Whether a round that is still running lacks tickets.
  [[nodiscard]] bool tickets_missing() const;
  /// Every place, free ones too.
  [[nodiscard]] std::vector<AgentSession>& all() { return sessions_; }
  [[nodiscard]] const std::vector<AgentSession>& all() const { return sessions_; }

 private:
  static constexpr std::uint16_t kNone = 0xFFFF;
  [[nodiscard]] std::size_t slot_of(const SessionId& id) const;
  void index(std::size_t place);
  void rebuild_index();
  void forget(AgentSession& session);

  std::vector<AgentSession> sessions_;
  std::vector<AgentRound> rounds_;  // as many as sessions: each round has at least one
  std::vector<std::uint16_t> index_;
  std::size_t used_ = 0;
};

}  // namespace chiploc
