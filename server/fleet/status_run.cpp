#include "server/fleet/status_run.hpp"

#include <algorithm>

namespace chiploc::fleet {
namespace {

WallTime held_until(const ChipStory::Proof& proof, const std::optional<Sign>& lost,
                    const StatusRules& rules) {
  return lost ? std::min(proof.expires, lost->at + rules.lost_proof_after) : proof.expires;
}

}  // namespace

/// One more proof, while the last one is in force.
bool StatusRun::proves_on(const Judged& judged) {
  const WallTime now = judged.decided;
  if (judged.expires <= now || now >= held_until(*story_.proof, story_.lost, rules_)) return false;
  const Sign sign{judged.verdict, now, judged.kind};
  ChipStory::Proof& proof = *story_.proof;
  if (story_.lost) {
    proof.first = sign;
    proof.in_a_row = 1;
  } else {
    proof.in_a_row = std::min(proof.in_a_row + 1, kInARowMost);
  }
  proof.last = sign;
  proof.expires = judged.expires;
  story_.lost.reset();
  story_.silent.reset();
  story_.last = sign;
  return true;
}

/// Nothing proved this time, and the last proof is still in force.
bool StatusRun::loses_nothing_yet(const Judged& judged) {
  const WallTime now = judged.decided;
  const Sign sign{judged.verdict, now, judged.kind};
  if (now >= held_until(*story_.proof, story_.lost ? story_.lost : sign, rules_)) return false;
  if (judged.kind != VerdictKind::kSilence) {
    story_.silent.reset();
  } else if (!story_.silent) {
    story_.silent = sign;
  }
  if (!story_.lost) story_.lost = sign;
  story_.last = sign;
  return true;
}

/// Nothing proved this time nor before, and the time for it is no more over than it was.
bool StatusRun::stays_open(const Judged& judged) {
  if (judged.kind != VerdictKind::kOpen || story_.silent || !story_.last) return false;
  if (story_.proof && !story_.lost) return false;
  const WallTime now = judged.decided;
  if (now >= std::max(story_.begun, story_.last->at) + rules_.overdue_after) return false;
  if (rules_.overdue_after <= Nanoseconds{0}) return false;
  const WallTime proved =
      story_.proof ? std::max(story_.begun, held_until(*story_.proof, story_.lost, rules_)) : story_.begun;
  if (story_.proof && story_.told < proved) return false;
  const bool is_late = now >= proved + rules_.unproven_after;
  if (is_late != (story_.state == ChipState::kUnproven)) return false;
  story_.last = Sign{judged.verdict, now, judged.kind};
  return true;
}

bool StatusRun::tell_plainly(const Judged& judged) {
  if (judged.decided <= story_.told) return false;
  if (!story_.signs.empty() || !story_.drifted.empty() || !story_.prohibited.empty() ||
      !story_.tampered.empty())
    return false;
  if (story_.last && story_.last->verdict == judged.verdict) return false;
  const bool is_quiet = judged.kind == VerdictKind::kOpen || judged.kind == VerdictKind::kSilence;
  switch (story_.state) {
    case ChipState::kCompliant:
      if (judged.kind == VerdictKind::kProof) return proves_on(judged);
      return is_quiet && loses_nothing_yet(judged);
    case ChipState::kPending:
    case ChipState::kUnproven:
      return stays_open(judged);
    default:
      return false;
  }
}

std::vector<StatusChange> StatusRun::tell(const Judged& judged) {
  if (!tell_plainly(judged)) return apply(story_, {judged.decided, judged}, rules_);
  story_.told = judged.decided;
  return {};
}

}  // namespace chiploc::fleet
