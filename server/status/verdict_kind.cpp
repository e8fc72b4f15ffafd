#include "server/status/verdict_kind.hpp"

#include <algorithm>
#include <array>

namespace chiploc {
namespace {

constexpr std::array<std::string_view, 5> kOnlyByItsKey{"counter_rollback", "cloned_key", "debug_enabled",
                                                        "transcript_mismatch", "transcript_set"};

}  // namespace

VerdictKind kind_of(std::string_view state, std::string_view reason, bool cleared_is_enough) {
  if (state == "VERIFIED" || (state == "CLEARED" && cleared_is_enough)) return VerdictKind::kProof;
  if (state == "SILENT") return VerdictKind::kSilence;
  if (state == "OUTSIDE") return VerdictKind::kOutside;
  if (state == "PROHIBITED") return VerdictKind::kProhibited;
  if (state == "INVALID" &&
      std::find(kOnlyByItsKey.begin(), kOnlyByItsKey.end(), reason) != kOnlyByItsKey.end()) {
    return VerdictKind::kTampering;
  }
  return VerdictKind::kOpen;
}

}  // namespace chiploc
