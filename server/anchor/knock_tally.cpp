#include "server/anchor/knock_tally.hpp"

#include <algorithm>

namespace chiploc {

void KnockTally::note(const ChipId& chip, Kind kind, bool awaited, SteadyTime now) {
  auto found = chips_.find(chip);
  if (found == chips_.end()) {
    if (chips_.size() >= (awaited ? 2 * kChips : kChips)) {
      ++left_out_;
      return;
    }
    found = chips_.emplace(chip, Heard{now, {}}).first;
    found->second.note.chip = chip;
  }
  Heard& heard = found->second;
  heard.last = now;
  switch (kind) {
    case Kind::kKnock:
      ++heard.note.knocks;
      break;
    case Kind::kElsewhere:
      ++heard.note.elsewhere;
      break;
    case Kind::kProofRefused:
      ++heard.note.proofs_refused;
      break;
  }
}

KnockTally::Taken KnockTally::take(SteadyTime now) {
  Taken out;
  out.left_out = left_out_;
  out.notes.reserve(chips_.size());
  for (auto& [chip, heard] : chips_) {
    heard.note.age = std::max(now - heard.last, Nanoseconds{0});
    out.notes.push_back(heard.note);
  }
  std::sort(out.notes.begin(), out.notes.end(),
            [](const KnockNote& a, const KnockNote& b) { return a.chip < b.chip; });
  chips_.clear();
  left_out_ = 0;
  return out;
}

}  // namespace chiploc
