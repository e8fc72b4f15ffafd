#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "agent/packet_handler.hpp"
#include "agent/seams.hpp"
#include "proto/base/ids.hpp"
#include "proto/crypto/keys.hpp"
#include "proto/crypto/mac_key.hpp"
#include "proto/wire/datagram.hpp"

namespace chiploc {

/// An anchor that is asked whether a round is pending.
struct RendezvousAnchor {
  AnchorId id;
  Endpoint endpoint;
};

struct KnockOptions {
  /// Mean time between two knocks at one anchor. The time is drawn anew each time, never under half of this
  /// and never over twice, so that nobody knows when a chip will next be asked.
  Nanoseconds mean_interval = std::chrono::seconds{30};
  /// A KNOCK without a reply is sent again after this, three times in all: longer than any round trip on
  /// Earth.
  Nanoseconds reply_timeout = std::chrono::seconds{1};
  /// A proof that did not bring all tickets is sent again after this, then after twice this.
  Nanoseconds ticket_timeout = std::chrono::milliseconds{500};
  /// After three proofs that did not bring all tickets the anchor is knocked at again after about this, ...
  Nanoseconds reknock_delay = std::chrono::seconds{1};
  /// ... so many times in a row before waiting for the ordinary interval.
  std::uint32_t reknocks = 3;
};

/// The outward half of reaching a chip behind a firewall: knocks at each rendezvous anchor at random
/// intervals, proves possession of the device key when asked, insists until all tickets of a round are there.
/// Owns no socket, clock or thread. A reply carries the knock's nonce, so only who sees the knock can forge
/// one; each knock causes at most three proofs all the same, and all of them go to the configured address.
class Knocker {
 public:
  struct Identity {
    ChipId chip;
    std::uint64_t boot_id = 0;  ///< random at each start
  };
  struct Counts {
    std::uint64_t knocks = 0;
    std::uint64_t proofs = 0;
    std::uint64_t unanswered = 0;  ///< knocks given up after three tries
    std::uint64_t incomplete = 0;  ///< proofs given up with tickets missing
  };
  static constexpr std::uint8_t kTries = 3;

  /// `signer`, `random` and `observer` are borrowed. The first knock comes within half the mean interval after `start`.
  Knocker(KnockOptions options, Identity identity, std::vector<RendezvousAnchor> anchors,
          const Signer& signer, AgentRandom& random, ResponderObserver& observer, SteadyTime start);

  /// Fails with kUnknownSession (not a rendezvous anchor's address), kNotForMe, kWrongState (nothing was
  /// asked), kBadCookie (another nonce than the knock's), kRateLimited (the three proofs of this knock are
  /// spent) or kBadSignature (our own key would not sign).
  [[nodiscard]] Result<Done, RejectReason> on_reply(const KnockReply& reply, const Endpoint& from,
                                                    std::uint64_t round_counter, SteadyTime now,
                                                    AgentOutbox& out);
  /// Whether a ticket carries the cookie of a proof of ours, which only the anchor and who sits on the path
  /// to it can know: its signature is then checked whatever else arrives. True at most 64 times for each
  /// proof sent, and forgotten with the next one that has another cookie.
  [[nodiscard]] bool admits(const Mac& cookie);
  /// A ticket that this agent accepted, or had already.
  void on_ticket() { ++tickets_; }
  void on_timer(SteadyTime now, bool tickets_missing, AgentOutbox& out);
  [[nodiscard]] std::optional<SteadyTime> next_deadline() const;
  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  enum class Phase : std::uint8_t { kIdle, kAsked, kProved };
  struct Door {
    RendezvousAnchor anchor;
    Phase phase = Phase::kIdle;
    SteadyTime
        due;  ///< kIdle: the next knock. kAsked: give up on the reply. kProved: look whether tickets came.
    Nonce nonce;  ///< of this knock and its repetitions
    std::uint8_t knocks = 0;
    std::uint8_t proofs = 0;
    std::uint32_t reknocks = 0;
    std::uint64_t unanswered = 0;  ///< knocks in a row
    SteadyTime knocked;            ///< the first of them was sent
    std::uint64_t tickets_before = 0;
    std::size_t admits = 0;  ///< tickets with the proof's cookie that are still let through
    KnockProof proof;
  };
  void knock(Door& door, SteadyTime now, AgentOutbox& out);
  void send_proof(Door& door, SteadyTime now, AgentOutbox& out);
  void rest(Door& door, SteadyTime now);
  void insist(Door& door, SteadyTime now);
  [[nodiscard]] double uniform();
  [[nodiscard]] Nanoseconds interval();

  KnockOptions options_;
  Identity identity_;
  std::vector<Door> doors_;
  const Signer& signer_;
  AgentRandom& random_;
  ResponderObserver& observer_;
  std::uint64_t tickets_ = 0;
  Counts counts_;
};

}  // namespace chiploc
