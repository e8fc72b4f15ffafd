#pragma once
#include <cstdint>
#include <string_view>

namespace chiploc {

/// What a verdict means for the status of its chip.
enum class VerdictKind : std::uint8_t {
  kProof,       ///< it is where it may be
  kOpen,        ///< measured, and nothing follows
  kSilence,     ///< it did not answer
  kOutside,     ///< proved outside its licence
  kProhibited,  ///< proved in prohibited territory, which is outside as well
  kTampering,   ///< the chip's own key signed for what no honest chip does
};

/// | state | kind |
/// |---|---|
/// | VERIFIED | proof |
/// | CLEARED | proof where licence and policy say that it is enough, else open |
/// | UNRESOLVED | open |
/// | SILENT | silence |
/// | OUTSIDE, PROHIBITED | outside, prohibited |
/// | INVALID | tampering, if `reason` (the code of its first reason) is one that only the chip's key can bring
///   about: counter_rollback, cloned_key, debug_enabled, transcript_mismatch, transcript_set. Otherwise open: a
///   bad signature, a replay or another's statement can be sent by anybody on the way, and a certificate that
///   is not vouched for says nothing of the chip |
/// `state` is the verdict's name in capitals. Another name is open: what is not understood neither clears nor accuses.
[[nodiscard]] VerdictKind kind_of(std::string_view state, std::string_view reason, bool cleared_is_enough);

}  // namespace chiploc
