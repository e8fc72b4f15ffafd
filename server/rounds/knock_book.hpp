#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "proto/base/ids.hpp"
#include "proto/base/time.hpp"
#include "server/rounds/round.hpp"

namespace chiploc {

/// How often a chip knocks, as far as it was heard.
struct KnockRhythm {
  WallTime last;           ///< its last knock, by the coordinator's clock
  Nanoseconds every{0};    ///< the median of its last gaps; 0: fewer than KnockBook::kGapsNeeded are known
  Nanoseconds longest{0};  ///< of the same; 0 likewise
  friend bool operator==(const KnockRhythm&, const KnockRhythm&) = default;
};

/// Learns from knocks, at whatever anchors, how long a chip may let pass between two of them. Of each chip
/// the last kGaps gaps count: one long absence is forgotten by then. Anybody can forge a KNOCK; forged ones
/// make gaps shorter, so nobody waits less than the policy's usual wait because of what is learnt here.
///
/// In memory alone: a chip that has not been heard since the start is given the longest wait there is, which
/// ends with its knock, so that forgetting costs nothing but a later SILENT. Bounds     an entry of some 120
/// bytes for each chip that was heard; callers name registered chips only.
class KnockBook {
 public:
  static constexpr std::size_t kGaps = 16;
  static constexpr std::size_t kGapsNeeded = 4;

  /// `knocks` of them came since the last call for this anchor, the last one at `when`. Older news than what
  /// is known changes nothing. Returns what is known now.
  KnockRhythm heard(const ChipId& chip, std::uint32_t knocks, SteadyTime when, WallTime wall);
  [[nodiscard]] std::optional<KnockRhythm> of(const ChipId& chip) const;

 private:
  struct Entry {
    SteadyTime last;
    WallTime last_wall;
    std::array<std::uint32_t, kGaps> gaps_ms{};
    std::uint8_t count = 0;
    std::uint8_t next = 0;
  };
  [[nodiscard]] static KnockRhythm rhythm_of(const Entry& entry);

  std::unordered_map<ChipId, Entry> chips_;
};

/// How long a round waits for the chip's knock: twice the longest gap and a second, not less than
/// usual_knock_wait() and not more than options.knock_wait; that much where nothing is known.
[[nodiscard]] Nanoseconds knock_wait_for(const std::optional<KnockRhythm>& rhythm,
                                         const RoundOptions& options);

/// For whoever starts a round: what is known of the chip's knocks, and what to do where they are rarer than a
/// round waits. One sentence.
[[nodiscard]] std::string knock_note(const std::optional<KnockRhythm>& rhythm, Nanoseconds wait,
                                     WallTime now);

}  // namespace chiploc
