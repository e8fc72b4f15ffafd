#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "proto/datagram.hpp"
#include "proto/keys.hpp"
#include "proto/mac_key.hpp"
#include "proto/source_limit.hpp"
#include "server/anchor/prober_types.hpp"

namespace chiploc {

struct KnockDeskOptions {
  /// Rounds with tickets waiting for a knock. Filled by the coordinator only.
  std::size_t rounds = 4096;
  /// Signatures checked a second. At 50 to 550 us each this bounds what forged proofs can cost to a core at
  /// worst.
  std::uint32_t proofs_per_second = 1000;
  /// The most of them from one address, whatever its ports: a cookie is made for every port, so without this
  /// one stranger could use up the whole. A data centre behind one address stays far below.
  std::uint32_t proofs_per_source = 250;
  /// A cookie lasts for the slot it was made in and the next.
  std::chrono::seconds cookie_slot{64};
  /// Proofs judged for one cookie, whatever they are worth.
  std::uint32_t proofs_per_cookie = 3;
};

/// Which chips have tickets waiting, and who may fetch them: the anchor's side of KNOCK and KNOCK_PROOF. A
/// knock by a stranger leaves no state: its cookie is an HMAC over address, chip and time. Only what the
/// coordinator pends takes room, and a few cookies per pended chip.
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
  /// kRateLimited, kBadSignature.
  [[nodiscard]] Result<Proven, RejectReason> on_proof(Bytes datagram, const Endpoint& from, SteadyTime now);

 private:
  struct Pending {
    ChipId chip;
    std::vector<ByteArray<Ticket::kSize>> tickets;
    SteadyTime expires;
  };
  struct CookieUse {
    Mac cookie;
    std::uint32_t proofs = 0;
    std::optional<std::uint64_t> boot_id;
  };
  struct Chip {
    explicit Chip(PublicKey device_key) : key{std::move(device_key)} {}
    PublicKey key;
    std::vector<RoundId> rounds;
    std::array<CookieUse, 8> cookies{};  ///< a ring
    std::size_t next_cookie = 0;
  };
  [[nodiscard]] Mac cookie(const Endpoint& from, const ChipId& chip, std::int64_t slot) const;
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
