#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "proto/base/source_limit.hpp"
#include "proto/crypto/keys.hpp"
#include "proto/crypto/mac_key.hpp"
#include "proto/wire/datagram.hpp"
#include "server/anchor/prober_types.hpp"

namespace chiploc {

struct KnockDeskOptions {
  /// Rounds with tickets waiting for a knock. Filled by the coordinator only.
  std::size_t rounds = 4096;
  /// Wrong signatures found a second. At 50 to 550 us each this bounds what forged proofs can cost to a core
  /// at worst. Right ones are bounded by the next but one and cost nobody his share.
  std::uint32_t proofs_per_second = 1000;
  /// The most of them from one address, whatever its ports: a cookie is made for every port, so without this
  /// one stranger could use up the whole. A data centre behind one address stays far below.
  std::uint32_t proofs_per_source = 250;
  /// A cookie lasts for the slot it was made in and the next.
  std::chrono::seconds cookie_slot{64};
  /// Genuine proofs answered for one cookie: each ticket goes to one address so many times.
  std::uint32_t proofs_per_cookie = 3;
};

/// Which chips have tickets waiting, and who may fetch them: the anchor's side of KNOCK and KNOCK_PROOF. A
/// knock by a stranger leaves no state: its cookie is an HMAC over address, chip and time. Only what the
/// coordinator pends takes room, and a few cookies per pended chip. A cookie is remembered only once the
/// device key signed over it, and then until it is no longer accepted: nothing that a stranger sends makes
/// room in that table, or his proofs would bring back a count that is used up, and with it the tickets for
/// whoever's address a recorded proof is sent from.
class KnockDesk {
 public:
  KnockDesk(const KnockDeskOptions& options, const AnchorId& self, const RandomFill& random);

  /// False: the table is full.
  [[nodiscard]] bool pend(const RoundId& round, const ChipId& chip, const PublicKey& chip_key,
                          std::vector<ByteArray<Ticket::kSize>> tickets, SteadyTime expires);
  void unpend(const RoundId& round);
  /// Forgets what is over.
  void expire(SteadyTime now);
  [[nodiscard]] std::optional<SteadyTime> next_deadline() const;
  [[nodiscard]] std::size_t size() const { return rounds_.size(); }
  /// The newest round that waits for that chip's knock; nullopt: none.
  [[nodiscard]] std::optional<RoundId> waiting_for(const ChipId& chip) const;

  /// Fails with kMalformed, kNotForMe.
  [[nodiscard]] Result<KnockReply, RejectReason> on_knock(Bytes datagram, const Endpoint& from,
                                                          SteadyTime now) const;

  struct Proven {
    ChipId chip;
    Mac cookie;             ///< the proof's: on each ticket that answers it
    bool new_boot = false;  ///< the first proof with this cookie and boot id: worth a record
    std::vector<const ByteArray<Ticket::kSize>*> tickets;  ///< borrowed until the next call
  };
  /// Fails with kMalformed, kNotForMe, kBadCookie, kUnknownSession (nothing pending for that chip),
  /// kRateLimited (the cookie's proofs, the chip's places for cookies, or the wrong signatures that are
  /// looked at are used up), kBadSignature. A failure changes nothing but the count of wrong signatures.
  [[nodiscard]] Result<Proven, RejectReason> on_proof(Bytes datagram, const Endpoint& from, SteadyTime now);

 private:
  struct Pending {
    ChipId chip;
    std::vector<ByteArray<Ticket::kSize>> tickets;
    SteadyTime expires;
  };
  struct CookieUse {
    Mac cookie;
    std::int64_t slot = 0;     ///< the cookie was made in
    std::uint32_t proofs = 0;  ///< genuine ones; 0: a free place
    std::uint64_t boot_id = 0;
  };
  struct Chip {
    explicit Chip(PublicKey device_key) : key{std::move(device_key)} {}
    PublicKey key;
    std::vector<RoundId> rounds;
    /// Of the current and the previous slot. A chip has one address, or two while it moves: it fills two.
    std::array<CookieUse, 8> cookies{};
  };
  [[nodiscard]] Mac cookie(const Endpoint& from, const ChipId& chip, std::int64_t slot) const;
  /// Forgets the round, and its chip with its last one, unless that is `kept`.
  void drop(const RoundId& round, const ChipId* kept);
  /// The slot in which this cookie was made for that address and chip; nullopt: it was not, or too long ago.
  [[nodiscard]] std::optional<std::int64_t> slot_of(const Mac& shown, const Endpoint& from,
                                                    const ChipId& chip, SteadyTime now) const;
  [[nodiscard]] std::int64_t slot_of(SteadyTime now) const { return now.since_epoch / options_.cookie_slot; }

  KnockDeskOptions options_;
  AnchorId self_;
  MacKey cookie_key_;
  SourceLimit proofs_;
  std::unordered_map<RoundId, Pending> rounds_;
  std::unordered_map<ChipId, Chip> chips_;
  std::set<std::pair<SteadyTime, RoundId>> expiries_;
};

}  // namespace chiploc
