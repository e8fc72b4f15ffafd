#pragma once
// Chips and their cases together, as a coordinator would keep them: what happens to a chip comes to its cases, what
// is decided in a case comes to its chips, and both go on in the order of time.

#include <map>

#include "server/cases/case_steps.hpp"
#include "tests/server/cases/case_days.hpp"

namespace chiploc {

class CaseBoard {
 public:
  CaseBoard(CaseRules rules = {}, StatusRules status = {}) : rules_{rules}, status_{status} {}

  struct Chip {
    CaseSubject subject;
    ChipStory story;
    std::vector<SeenReason> seen;
    std::array<std::optional<CaseRef>, kCaseKinds> stands_in;
  };

  CaseBoard& chip(unsigned n, const std::string& order = "O-1", const std::string& site = "campus",
                  const std::string& licence = "L-1") {
    chips_[n] = {{case_chip(n), order, licence, site, {10, "", "", 0}}, begin_story(hour(0)), {}, {}};
    return *this;
  }
  /// A verdict, with the reason that it has.
  CaseBoard& judged(double h, unsigned n, VerdictKind kind, const std::string& reason = "") {
    const VerdictId verdict = verdict_id(++verdicts_);
    happen(h, n, Judged{verdict, kind, hour(h), hour(h + 24)});
    if (reason.empty()) return *this;
    Chip& chip = chips_.at(n);
    chip.seen.push_back({verdict, hour(h), reason});
    take(chip, attempt_steps(chip.seen, chip.story.state, stands_accused(chip.story), chip.subject,
                             shelf_of(chip), rules_));
    return *this;
  }
  CaseBoard& happen(double h, unsigned n, decltype(StatusEvent::what) what) {
    until(h);
    tell(chips_.at(n), {hour(h), std::move(what)});
    return *this;
  }
  CaseBoard& stated(double h, unsigned n, bool whole_order = false) {
    until(h);
    Chip& chip = chips_.at(n);
    UserStated stated{"import 7", "Other Ltd", "User GmbH", "an invoice"};
    if (!whole_order) stated.chip = chip.subject.chip;
    take(chip, user_steps(hour(h), stated, chip.subject, shelf_of(chip), rules_));
    return *this;
  }
  CaseBoard& person(double h, const CaseRef& ref, decltype(CaseEvent::what) what) {
    until(h);
    if (cases_.count(ref) > 0) take_step({ref, "", {hour(h), std::move(what)}}, nullptr);
    return *this;
  }
  /// Chips and cases in the order in which time brings something about.
  CaseBoard& until(double h) {
    while (const auto next = next_turn(hour(h))) {
      for (auto& [ref, story] : cases_) {
        if (const auto at = outlook(story); at && *at <= *next) keep(ref, advance(story, *next, rules_));
      }
      for (auto& [n, chip] : chips_) {
        const auto foreseen = outlook(chip.story, status_);
        if (foreseen && foreseen->at <= *next) tell_time(chip, *next);
      }
    }
    for (auto& [n, chip] : chips_) tell_time(chip, hour(h));
    for (auto& [ref, story] : cases_) keep(ref, advance(story, hour(h), rules_));
    return *this;
  }

  /// "elsewhere/O-1/campus#1 open, ..": all cases.
  [[nodiscard]] std::string cases_text() const {
    std::string out;
    for (const auto& [ref, story] : cases_)
      out += (out.empty() ? "" : ", ") + text_of(ref) + " " + std::string{name_of(story.state)};
    return out;
  }
  [[nodiscard]] const CaseStory& case_of(CaseKind kind, std::uint32_t number = 1,
                                         const std::string& order = "O-1",
                                         const std::string& site = "campus") const {
    return cases_.at({{kind, order, "", site}, number});
  }
  [[nodiscard]] const std::map<CaseRef, CaseStory>& cases() const { return cases_; }
  [[nodiscard]] const std::map<CaseRef, std::vector<CaseEntry>>& timelines() const { return timelines_; }
  [[nodiscard]] const std::map<unsigned, Chip>& chips() const { return chips_; }
  [[nodiscard]] Chip& chip_of(unsigned n) { return chips_.at(n); }
  [[nodiscard]] const std::vector<CaseStep>& log() const { return log_; }
  [[nodiscard]] const std::vector<NoticeFact>& facts() const { return facts_; }
  [[nodiscard]] const CaseRules& rules() const { return rules_; }
  [[nodiscard]] CaseShelf shelf_of(const Chip& chip) const {
    CaseShelf shelf;
    shelf.stands_in = chip.stands_in;
    for (std::size_t kind = 0; kind < kCaseKinds; ++kind) {
      const CaseKey key =
          case_key(static_cast<CaseKind>(kind), chip.subject.order, chip.subject.licence, chip.subject.site);
      auto after = cases_.upper_bound({key, 0xFFFF'FFFF});
      if (after == cases_.begin()) continue;
      --after;
      if (after->first.key == key) shelf.newest.at(kind) = &after->second;
    }
    return shelf;
  }

 private:
  [[nodiscard]] std::optional<WallTime> next_turn(WallTime most) const {
    std::optional<WallTime> next;
    const auto consider = [&](WallTime at) {
      if (at <= most && (!next || at < *next)) next = at;
    };
    for (const auto& [n, chip] : chips_) {
      if (const auto foreseen = outlook(chip.story, status_)) consider(foreseen->at);
    }
    for (const auto& [ref, story] : cases_) {
      if (const auto at = outlook(story)) consider(*at);
    }
    return next;
  }
  void tell_time(Chip& chip, WallTime to) {
    const ChipStory before = chip.story;
    const auto changes = advance(chip.story, to, status_);
    take(chip, case_steps(before, changes, chip.story, chip.subject, shelf_of(chip), rules_));
  }
  void tell(Chip& chip, const StatusEvent& event) {
    const ChipStory before = chip.story;
    const auto changes = apply(chip.story, event, status_);
    take(chip, case_steps(before, changes, chip.story, chip.subject, shelf_of(chip), rules_));
  }
  void take(Chip& chip, const std::vector<CaseStep>& steps) {
    for (const CaseStep& step : steps) take_step(step, &chip);
  }
  void take_step(const CaseStep& step, Chip* chip) {
    log_.push_back(step);
    if (cases_.count(step.ref) == 0) cases_[step.ref] = begin_case(step.ref, step.licence, step.event.at);
    CaseStory& story = cases_.at(step.ref);
    const std::uint32_t ever = story.chips_ever;
    CaseTold told = apply(story, step.event, rules_);
    if (chip != nullptr) {
      auto& stands_in = chip->stands_in.at(static_cast<std::size_t>(step.ref.key.kind));
      if (story.chips_ever > ever) stands_in = step.ref;
      if (std::get_if<ChipCleared>(&step.event.what) != nullptr) stands_in.reset();
    }
    keep(step.ref, std::move(told));
  }
  void keep(const CaseRef& ref, CaseTold told) {
    const auto kind = static_cast<std::size_t>(ref.key.kind);
    for (CaseEntry& entry : told.entries) {
      if (auto fact = fact_of(cases_.at(ref), entry)) facts_.push_back(std::move(*fact));
      timelines_[ref].push_back(std::move(entry));
    }
    if (told.settled) {
      for (auto& [n, chip] : chips_) {
        if (chip.stands_in.at(kind) == ref) chip.stands_in.at(kind).reset();
      }
    }
    for (const ToStatus& said : told.to_status) {
      for (auto& [n, chip] : chips_) {
        if (chip.stands_in.at(kind) != ref || stands_in_another(chip, ref)) continue;
        std::visit([&, &one = chip](const auto& what) { tell(one, {said.at, what}); }, said.what);
      }
    }
  }
  [[nodiscard]] bool stands_in_another(const Chip& chip, const CaseRef& ref) const {
    for (const CaseKind kind : {CaseKind::kElsewhere, CaseKind::kTampering}) {
      const auto& other = chip.stands_in.at(static_cast<std::size_t>(kind));
      if (other && *other != ref && cases_.at(*other).state != CaseState::kResolved) return true;
    }
    return false;
  }

  CaseRules rules_;
  StatusRules status_;
  std::map<unsigned, Chip> chips_;
  std::map<CaseRef, CaseStory> cases_;
  std::map<CaseRef, std::vector<CaseEntry>> timelines_;
  std::vector<CaseStep> log_;
  std::vector<NoticeFact> facts_;
  unsigned verdicts_ = 0;
};

inline std::vector<CaseEntry> timeline(const CaseBoard& board, CaseKind kind) {
  return board.timelines().at(board.case_of(kind).ref);
}

}  // namespace chiploc
