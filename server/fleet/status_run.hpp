#pragma once
// The production status of one chip (server/status), told on for the cost of a few comparisons where nothing comes of a verdict.

#include <vector>

#include "server/status/chip_status.hpp"

namespace chiploc::fleet {

/// A chip's story without absences and disputes. The story and its changes are those of apply() and advance(), always: a verdict of
/// which it is plain that they would change no state is written into the story here, any other one goes to them.
class StatusRun {
 public:
  /// `rules` must outlive it.
  StatusRun(WallTime begun, const StatusRules& rules) : rules_{rules}, story_{begin_story(begun)} {}

  /// The changes up to the verdict, and by it. `judged.decided` is when it was committed.
  std::vector<StatusChange> tell(const Judged& judged);
  std::vector<StatusChange> advance_to(WallTime to) { return advance(story_, to, rules_); }
  [[nodiscard]] const ChipStory& story() const { return story_; }

 private:
  [[nodiscard]] bool tell_plainly(const Judged& judged);
  [[nodiscard]] bool proves_on(const Judged& judged);
  [[nodiscard]] bool loses_nothing_yet(const Judged& judged);
  [[nodiscard]] bool stays_open(const Judged& judged);

  const StatusRules& rules_;
  ChipStory story_;
};

}  // namespace chiploc::fleet
