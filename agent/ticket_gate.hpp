#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "proto/base/source_limit.hpp"
#include "proto/base/time.hpp"
#include "proto/wire/datagram.hpp"
#include "proto/wire/ticket.hpp"

namespace chiploc {

struct TicketGateOptions {
  /// Signatures of tickets from strangers checked a second, over all addresses: at 72 us each a flood then
  /// takes 2 % of a core.
  std::uint32_t strangers_per_second = 256;
  /// The most of them from one address, so that a single one leaves room for the rest. A round has at most 64
  /// tickets, and one anchor may bring them all.
  std::uint32_t per_stranger = 64;
  /// The same for each address with which a session was finished; such an anchor brings one ticket a round.
  /// No total beside it: what somebody sends in one anchor's name takes nothing from another.
  std::uint32_t per_acquaintance = 16;
};

/// Decides whether the signature of a new ticket is worth checking. A source address can be forged, so this
/// rations and believes nothing: anchors that measured this chip before have a share each, all others one
/// together. Tickets that carry the cookie of a knock need no share (Knocker::admits()).
///
/// Fixed memory (18 KB). Owns no clock. One thread.
class TicketGate {
 public:
  static constexpr std::size_t kAcquaintances = kAnchorsMax;

  explicit TicketGate(const TicketGateOptions& options)
      : strangers_{options.strangers_per_second, options.per_stranger},
        acquaintances_{static_cast<std::uint32_t>(kAcquaintances) * options.per_acquaintance,
                       options.per_acquaintance} {}

  [[nodiscard]] bool allow(const Endpoint& from, SteadyTime now) {
    return (knows(from) && acquaintances_.allow(from, now)) || strangers_.allow(from, now);
  }

  /// A session was finished with the anchor at this address, which a coordinator signed. The oldest of 64
  /// such addresses is forgotten for it.
  void note_finished(const Endpoint& anchor) {
    if (knows(anchor)) return;
    known_[next_] = anchor;
    next_ = (next_ + 1) % known_.size();
    count_ = std::min(count_ + 1, known_.size());
  }

 private:
  /// Without the port: a NAT before an anchor may send its tickets from any.
  [[nodiscard]] bool knows(const Endpoint& from) const {
    return std::any_of(
        known_.begin(), known_.begin() + static_cast<std::ptrdiff_t>(count_),
        [&](const Endpoint& one) { return one.family == from.family && one.address == from.address; });
  }

  SourceLimit strangers_;
  SourceLimit acquaintances_;
  std::array<Endpoint, kAcquaintances> known_{};
  std::size_t next_ = 0;
  std::size_t count_ = 0;
};

}  // namespace chiploc
