#pragma once
// The wrong datagrams, one kind after another. Everything comes out of one seed.

#include <memory>
#include <random>
#include <string_view>

#include "proto/crypto/keys.hpp"
#include "tests/adversary/outsider.hpp"

namespace chiploc::adversary {

enum class Kind : std::uint8_t {
  kRandomBytes,   ///< any bytes of any size up to 1,500
  kOversize,      ///< a right datagram with more behind it, up to 8 KB
  kTruncated,     ///< a right datagram without its end
  kBitFlipped,    ///< a right datagram with one to eight bits wrong
  kReplayed,      ///< what somebody answered, to anybody
  kOtherVersion,  ///< version 0, 2 or 255
  kUnknownType,
  kReservedBits,  ///< not zero where zero is reserved
  // to anchors
  kKnock,          ///< of a registered chip: the address is ours, the chip is not
  kKnockOfNobody,  ///< of a chip that is not there
  kKnockForOther,  ///< naming another anchor
  kProofBadCookie,
  kProofForeignKey,  ///< with the cookie that the anchor gave us, signed by a key of our own
  kOpenWrongDigest,
  kOpenSmallOrder,
  kPongBadMac,
  kFinishAckBadMac,
  kStatementBadMac,
  kMeshPingBadMac,
  // to agents
  kTicketUnknownCoordinator,
  kTicketForged,  ///< names the real coordinator, signed by us
  kTicketExpired,
  kTicketNotYetValid,
  kTicketOtherChip,
  kTicketOtherAlgorithm,
  kKnockReplyUnasked,  ///< "prove", to make the device key sign
  kOpenAckBadMac,
  kPingBadMac,
  kFinishBadMac,
  kCloseWrongOrder,
  // to both
  kReject,         ///< a flood of hints
  kRejectRelayed,  ///< the REJECT of one to another
  // insiders, with a stolen ticket
  kTicketStolen,      ///< as it is, to every agent
  kTicketRedirected,  ///< the anchor's address replaced by ours
  kOpenStolen,        ///< its digest, with keys of ours
  kOpenStolenSmallOrder,
  kOpenLive,  ///< under the ticket of a round that is on, in all ways right but for the device's signature
};
inline constexpr std::size_t kKinds = static_cast<std::size_t>(Kind::kOpenLive) + 1;
[[nodiscard]] std::string_view name_of(Kind kind);
/// Whether it makes sense to send this kind there, with what is known.
[[nodiscard]] bool fits(Kind kind, TargetKind target, const Outsider& known);

class Forge {
 public:
  Forge(const Outsider& known, std::uint64_t seed);
  /// A datagram of that kind for the target of that index. `now` in Unix seconds. Every call draws from the
  /// seed.
  [[nodiscard]] ByteVector make(Kind kind, std::size_t target, std::uint64_t now);
  /// One of the kinds that fit.
  [[nodiscard]] Kind choose(TargetKind target);
  /// Below `bound`.
  [[nodiscard]] std::size_t below(std::size_t bound);

 private:
  void fill(MutableBytes out);
  template <class I>
  I random_id_of() {
    I id;
    fill(id.bytes);
    return id;
  }
  template <class T>
  const T& any_of(const std::vector<T>& of) {
    return of[below(of.size())];
  }
  [[nodiscard]] ChipId some_chip();
  [[nodiscard]] X25519Public small_order();
  /// A well-formed datagram of any type that this side may receive.
  [[nodiscard]] ByteVector right_one(std::size_t target, std::uint64_t now);
  [[nodiscard]] Ticket ticket_for(const Target& target, std::uint64_t now);
  [[nodiscard]] ByteVector ticket_datagram(Ticket ticket);
  [[nodiscard]] ByteVector live_open(const Outsider::Live& live);

  const Outsider& known_;
  std::mt19937_64 random_;
  std::unique_ptr<SoftwareKey> key_;
};

}  // namespace chiploc::adversary
