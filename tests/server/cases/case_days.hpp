#pragma once
// Stories of a case told in hours, event by event.

#include "server/cases/case_story.hpp"
#include "tests/server/status/chip_days.hpp"

namespace chiploc {

inline ChipId case_chip(unsigned n) {
  ChipId id;
  for (unsigned i = 0; i < 4; ++i) id.bytes[i] = static_cast<std::uint8_t>(n >> (8 * i));
  return id;
}

class CaseDays {
 public:
  explicit CaseDays(CaseKind kind, CaseRules rules = {})
      : rules_{rules}, story_{begin_case({{kind, "O-17", "", "campus"}, 1}, "L-3", hour(0))} {}

  CaseDays& accused(double h, unsigned from, unsigned to, ChipState state = ChipState::kDrifted) {
    for (unsigned n = from; n < to; ++n)
      event(h, ChipAccused{
                   case_chip(n), state, {verdict_id(n)}, "Chip " + std::to_string(n) + " is not there."});
    return *this;
  }
  CaseDays& cleared(double h, unsigned from, unsigned to) {
    for (unsigned n = from; n < to; ++n) event(h, ChipCleared{case_chip(n), "It is back."});
    return *this;
  }
  CaseDays& event(double h, decltype(CaseEvent::what) what) {
    return keep(apply(story_, {hour(h), std::move(what)}, rules_));
  }
  CaseDays& until(double h) { return keep(advance(story_, hour(h), rules_)); }

  /// "0 opened, 3 disputed": every entry so far but those of chips.
  [[nodiscard]] std::string told() const {
    std::string out;
    for (const CaseEntry& entry : entries_) {
      if (entry.kind == CaseEntryKind::kChipJoined || entry.kind == CaseEntryKind::kChipRestated ||
          entry.kind == CaseEntryKind::kChipCleared)
        continue;
      std::string at = std::to_string(hours_of(entry.at));
      at.erase(at.find_last_not_of('0') + 1);
      if (at.back() == '.') at.pop_back();
      out += (out.empty() ? "" : ", ") + at + " " + std::string{name_of(entry.kind)};
    }
    return out;
  }
  /// "disputed closed lifted": everything that was told to the status.
  [[nodiscard]] std::string to_status() const {
    std::string out;
    for (const ToStatus& said : to_status_) {
      const bool opened = std::get_if<DisputeOpened>(&said.what) != nullptr;
      const bool closed = std::get_if<DisputeClosed>(&said.what) != nullptr;
      out += (out.empty() ? "" : " ") + std::string{opened ? "disputed" : closed ? "closed" : "lifted"};
    }
    return out;
  }
  [[nodiscard]] std::string refused(double h, decltype(CaseEvent::what) what) const {
    return refusal_of({hour(h), std::move(what)}, story_, rules_);
  }
  [[nodiscard]] const CaseEntry& last() const { return entries_.back(); }
  [[nodiscard]] const std::vector<CaseEntry>& entries() const { return entries_; }
  [[nodiscard]] const CaseStory& story() const { return story_; }
  [[nodiscard]] CaseState state() const { return story_.state; }
  [[nodiscard]] bool remeasure() const { return remeasure_; }
  [[nodiscard]] bool settled() const { return settled_; }

 private:
  CaseDays& keep(CaseTold told) {
    entries_.insert(entries_.end(), told.entries.begin(), told.entries.end());
    to_status_.insert(to_status_.end(), told.to_status.begin(), told.to_status.end());
    remeasure_ = told.remeasure;
    settled_ = told.settled;
    return *this;
  }
  CaseRules rules_;
  CaseStory story_;
  std::vector<CaseEntry> entries_;
  std::vector<ToStatus> to_status_;
  bool remeasure_ = false, settled_ = false;
};

}  // namespace chiploc
