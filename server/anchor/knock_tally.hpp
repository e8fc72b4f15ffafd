#pragma once
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "proto/base/ids.hpp"
#include "proto/base/time.hpp"

namespace chiploc {

/// One chip's knocks since the last note of them.
struct KnockNote {
  ChipId chip;
  Nanoseconds age{0};  ///< since the last of them
  std::uint32_t knocks = 0;
  std::uint32_t elsewhere = 0;       ///< that named another anchor
  std::uint32_t proofs_refused = 0;  ///< by another key than the registered one
};

/// Which chips have knocked since it was last asked: what the coordinator learns from how often a chip comes,
/// and what tells a silent chip from one that nobody hears. A KNOCK is not signed, so a stranger may fill
/// this: it has room for so many chips, and as much again for chips that a round waits for, which only the
/// coordinator names. What finds no room is counted. Owns no clock. One thread.
class KnockTally {
 public:
  static constexpr std::size_t kChips = 1'024;

  enum class Kind : std::uint8_t { kKnock, kElsewhere, kProofRefused };
  /// `awaited`: a round waits for it here.
  void note(const ChipId& chip, Kind kind, bool awaited, SteadyTime now);

  struct Taken {
    std::vector<KnockNote> notes;  ///< by chip id
    std::uint32_t left_out = 0;
  };
  /// What was noted since the last call, and begins anew.
  [[nodiscard]] Taken take(SteadyTime now);
  [[nodiscard]] bool empty() const { return chips_.empty() && left_out_ == 0; }

 private:
  struct Heard {
    SteadyTime last;
    KnockNote note;
  };
  std::unordered_map<ChipId, Heard> chips_;
  std::uint32_t left_out_ = 0;
};

}  // namespace chiploc
