#pragma once
// Stories of a chip told in hours since its enrolment.

#include "server/status/chip_status.hpp"

namespace chiploc {

inline WallTime hour(double h) {
  return WallTime{std::chrono::hours{24 * 365 * 50}} + Nanoseconds{static_cast<std::int64_t>(h * 3.6e12)};
}
inline double hours_of(WallTime t) { return static_cast<double>((t - hour(0)).count()) / 3.6e12; }

inline VerdictId verdict_id(unsigned n) {
  VerdictId id;
  for (int i = 0; i < 4; ++i) id.bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(n >> (8 * i));
  return id;
}

class ChipDays {
 public:
  explicit ChipDays(StatusRules rules = {}) : rules_{rules}, story_{begin_story(hour(0))} {}

  /// A verdict at hour `h`; proofs hold for a day.
  ChipDays& judged(double h, VerdictKind kind) {
    return event(h, Judged{verdict_id(++verdicts_), kind, hour(h), hour(h + 24)});
  }
  ChipDays& event(double h, decltype(StatusEvent::what) what) {
    return add(apply(story_, {hour(h), std::move(what)}, rules_));
  }
  ChipDays& until(double h) { return add(advance(story_, hour(h), rules_)); }

  /// "72 overdue, 80 compliant": every change so far.
  [[nodiscard]] std::string told() const {
    std::string out;
    for (const StatusChange& change : changes_) {
      std::string at = std::to_string(hours_of(change.at));
      at.erase(at.find_last_not_of('0') + 1);
      if (at.back() == '.') at.pop_back();
      out += (out.empty() ? "" : ", ") + at + " " + std::string{name_of(change.to)};
    }
    return out;
  }
  [[nodiscard]] const std::vector<StatusChange>& changes() const { return changes_; }
  [[nodiscard]] const ChipStory& story() const { return story_; }
  [[nodiscard]] ChipState state() const { return story_.state; }

 private:
  ChipDays& add(std::vector<StatusChange> changes) {
    changes_.insert(changes_.end(), changes.begin(), changes.end());
    return *this;
  }
  StatusRules rules_;
  ChipStory story_;
  std::vector<StatusChange> changes_;
  unsigned verdicts_ = 0;
};

}  // namespace chiploc
