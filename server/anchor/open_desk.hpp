#pragma once
#include <chrono>
#include <cstdint>

#include "proto/base/source_limit.hpp"
#include "proto/crypto/mac_key.hpp"
#include "proto/wire/datagram.hpp"
#include "server/anchor/prober_types.hpp"
#include "server/anchor/token_bucket.hpp"

namespace chiploc {

struct OpenDeskOptions {
  /// OPENs with a wrong signature or MAC that are found a second, for one ticket and for all; each costs 50
  /// to 550 us. Beyond them an OPEN has to bring a cookie, which shows that its sender receives at its
  /// address.
  std::uint32_t wrong_per_ticket = 16;
  std::uint32_t wrong_per_second = 250;
  /// The same for OPENs with a good cookie: over all, and from one address, whatever its ports.
  std::uint32_t wrong_with_cookie = 500;
  std::uint32_t wrong_per_source = 64;
  /// A cookie lasts for the slot it was made in and the next.
  std::chrono::seconds cookie_slot{64};
};

/// Which OPENs are worth a signature check. A ticket is seen by rendezvous anchors and on its way, so its
/// digest keeps nobody out; the signature does, and checking costs more than sending. Only what turned out
/// wrong counts: chips, however many behind one address, never use up what is for strangers. A flood has to
/// show its addresses, which forged ones cannot, and of those each has a share.
///
/// Remembers nothing of an OPEN: the cookie is an HMAC over ticket, address and time. Owns no clock. One
/// thread.
class OpenDesk {
 public:
  OpenDesk(const OpenDeskOptions& options, const RandomFill& random);

  enum class Leave : std::uint8_t {
    kCheck,        ///< check it, on the account of all
    kCheckShown,   ///< check it, on the account of its address, which the cookie shows
    kShowAddress,  ///< not before it comes again with ask()'s cookie
    kNone,         ///< its address has had its share of wrong ones
  };
  /// `of_ticket` counts the wrong OPENs of this ticket that brought no cookie.
  [[nodiscard]] Leave leave(const Open& open, const Endpoint& from, TokenBucket& of_ticket, SteadyTime now);
  /// What was left to be checked was wrong.
  void note_wrong(Leave given, const Endpoint& from, TokenBucket& of_ticket, SteadyTime now);
  [[nodiscard]] OpenCookie ask(const Open& open, const Endpoint& from, SteadyTime now) const;

 private:
  static MacKey fresh_key(const RandomFill& random);
  [[nodiscard]] Mac cookie(const Digest& ticket, const Endpoint& from, std::int64_t slot) const;
  [[nodiscard]] std::int64_t slot_of(SteadyTime now) const { return now.since_epoch / options_.cookie_slot; }

  OpenDeskOptions options_;
  MacKey key_;
  TokenBucket unshown_;
  SourceLimit shown_;
};

}  // namespace chiploc
