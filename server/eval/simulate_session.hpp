#pragma once
// One anchor's session with a chip, on clocks that run as badly as they are allowed to.

#include <cstdint>
#include <optional>

#include "proto/base/time.hpp"
#include "server/eval/dice.hpp"

namespace chiploc {

/// What was drawn, and whether it mattered: a defence that is never tried defends nothing.
struct SessionTally {
  std::uint64_t sessions = 0;
  std::uint64_t slews = 0;   ///< the system's clocks ran at another rate than the raw one, up to 10 %
  std::uint64_t steps = 0;   ///< the wall clock was set
  std::uint64_t cards = 0;   ///< a network card stamped, by a clock that is steered, set back, or two of them
  std::uint64_t pauses = 0;  ///< all clocks stood still for a while
  std::uint64_t short_stamps = 0;  ///< the kernel's two stamps were less apart than the truth
  std::uint64_t short_cards = 0;   ///< the card's were
  std::uint64_t cut = 0;           ///< a sample was accepted that a pause had made shorter than the truth
  std::uint64_t unborne = 0;       ///< no two samples parted: the anchor counts for nothing
  void add(const SessionTally& other);
};

/// The round trip that counts, by the anchor's own measure() and the verifier's own borne_out(); nullopt if
/// none does.
///
/// Truth      No answer comes in less than `path` after its ping left the card; some come at once, others
///            wait in queues.
/// Readings   raw, monotonic, wall and raw again, up to a millisecond apart; floor to whole nanoseconds.
/// Clocks     The raw one runs wrong by up to 500 ppm. The monotonic and the wall clock share a rate of 0.9
///            to 1.1 of it, which changes at any time; the wall clock may be set once.
/// Stamps     of the kernel, of both ends, one or none; of a card whose clock runs up to 10 % slow, is set
///            back by more than measure() allows for, or of two cards that know nothing of each other.
/// Pause      at most one, anywhere from the first reading to the last one, of any length: what came
///            meanwhile is stamped at its end.
/// Pings      two to eight, in flight together or apart.
[[nodiscard]] std::optional<Nanoseconds> simulate_session(Dice& dice, Nanoseconds path, SessionTally& tally);

}  // namespace chiploc
