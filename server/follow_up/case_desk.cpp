#include "server/follow_up/case_desk.hpp"

#include <algorithm>
#include <utility>

#include "server/cases/case_priority.hpp"
#include "server/cases/case_record.hpp"
#include "server/follow_up/notices_of.hpp"

namespace chiploc {
namespace {

std::uint32_t number_of_kind(CaseKind kind) { return static_cast<std::uint32_t>(kind); }

CaseKeyRecord key_record(const CaseKey& key) {
  return {number_of_kind(key.kind), key.order, key.licence, key.site};
}
CaseRef ref_of(const CaseRecord& record) {
  const auto kind = static_cast<CaseKind>(std::min<std::uint32_t>(record.key.kind, kCaseKinds - 1));
  return {{kind, record.key.order, record.key.licence, record.key.site}, record.of_key};
}

CaseRecord record_of(std::uint64_t number, const CaseStory& story) {
  CaseRecord out;
  out.number = number;
  out.key = key_record(story.ref.key);
  out.of_key = story.ref.number;
  out.licence = story.licence;
  out.state = static_cast<std::uint32_t>(story.state);
  out.since = story.since;
  out.opened = story.opened;
  out.due = outlook(story);
  out.assignee = story.assignee;
  out.urgency = priority_of(story, story.opened).points;
  out.outcome = story.resolution ? static_cast<std::uint32_t>(story.resolution->how) + 1 : 0;
  out.story = case_bytes(story);
  return out;
}

CaseEntryRecord record_of(const CaseEntry& entry) {
  return {entry.number,
          entry.at,
          static_cast<std::uint32_t>(entry.kind),
          static_cast<std::uint32_t>(entry.state),
          entry.who,
          entry.text,
          entry.chip,
          entry.verdicts,
          entry.file,
          entry.loud};
}

}  // namespace

Stored<CaseStory> CaseDesk::story_of(CaseReader& cases, OrderStoryReader& orders,
                                     const CaseRecord& record) const {
  auto kept = case_from(record.story);
  if (kept) return std::move(*kept);
  CaseStory story = begin_case(ref_of(record), record.licence, record.opened);
  story.state = static_cast<CaseState>(std::min<std::uint32_t>(record.state, kCaseStates - 1));
  story.since = story.told = std::max(record.since, record.opened);
  story.assignee = record.assignee;
  const auto entries = cases.timeline(record.number, std::nullopt, 1);
  if (!entries) return Fail{entries.error()};
  story.entries = entries->empty() ? 1 : entries->front().number;
  if (story.state == CaseState::kDisputed) {
    story.was_disputed = true;
    story.dispute =
        CaseStory::Dispute{story.since, record.due.value_or(story.since + rules().dispute_most), false};
  }
  if (story.state == CaseState::kResolved) {
    const std::uint32_t how = std::clamp<std::uint32_t>(record.outcome, 1, kCaseEnds) - 1;
    story.resolution = CaseStory::Resolution{story.since, static_cast<CaseEnd>(how)};
    const auto newest = cases.case_of_key(record.key, std::nullopt);
    if (!newest) return Fail{newest.error()};
    story.superseded = *newest && (*newest)->of_key > record.of_key;
  }
  constexpr std::size_t kAtOnce = 1'000;
  std::optional<ChipId> after;
  for (bool more = true; more;) {
    const auto chips = cases.standing(record.number, after, kAtOnce);
    if (!chips) return Fail{chips.error()};
    for (const ChipId& chip : *chips) {
      ++story.standing;
      if (story.chips.size() >= kCaseChipsShown) continue;
      const auto row = orders.followed(chip);
      if (!row) return Fail{row.error()};
      const std::uint32_t state = *row ? (*row)->state : 0;
      story.chips.push_back(
          {chip, static_cast<ChipState>(std::min<std::uint32_t>(state, kChipStates - 1)), story.since});
    }
    more = chips->size() == kAtOnce;
    if (more) after = chips->back();
  }
  story.chips_ever = story.standing;
  story.entries = std::max(story.entries, story.chips_ever);
  return story;
}

Stored<Done> CaseDesk::read_shelf(CaseReader& cases, OrderStoryReader& orders, const CaseSubject& subject,
                                  std::span<const CaseKind> kinds, Shelf& out) const {
  for (const CaseKind kind : kinds) {
    const auto i = static_cast<std::size_t>(kind);
    const CaseKey key = case_key(kind, subject.order, subject.licence, subject.site);
    const auto newest = cases.case_of_key(key_record(key), std::nullopt);
    if (!newest) return Fail{newest.error()};
    if (!*newest) continue;
    auto story = story_of(cases, orders, **newest);
    if (!story) return Fail{story.error()};
    out.newest.at(i) = std::move(*story);
    out.shelf.newest.at(i) = &*out.newest.at(i);
  }
  const auto stands = cases.stands_in(subject.chip);
  if (!stands) return Fail{stands.error()};
  for (const ChipInCase& in : *stands) {
    if (in.kind >= kCaseKinds) continue;
    const auto record = cases.find_case(in.number);
    if (!record) return Fail{record.error()};
    if (*record) out.shelf.stands_in.at(in.kind) = ref_of(**record);
  }
  return Done{};
}

Stored<Done> CaseDesk::take(Store& store, const ChipId& chip, const std::vector<CaseStep>& steps,
                            bool quiet) const {
  for (const CaseStep& step : steps) {
    const auto taken = take_step(store, chip, step, quiet);
    if (!taken) return taken;
  }
  return Done{};
}

Stored<Done> CaseDesk::take_step(Store& store, const ChipId& chip, const CaseStep& step, bool quiet) const {
  const auto record = store.cases().case_of_key(key_record(step.ref.key), step.ref.number);
  if (!record) return Fail{record.error()};
  CaseStory story = begin_case(step.ref, step.licence, step.event.at);
  if (*record) {
    auto kept = story_of(store.cases(), store.order_stories(), **record);
    if (!kept) return Fail{kept.error()};
    story = std::move(*kept);
  }
  const std::uint32_t ever = story.chips_ever;
  const CaseTold told = apply(story, step.event, rules());
  if (story.entries == 0) return Done{};  // refused, so that it is none
  const auto number = keep(store, *record ? (*record)->number : 0, story, told, quiet);
  if (!number) return Fail{number.error()};
  const std::uint32_t kind = number_of_kind(step.ref.key.kind);
  Stored<Done> stood{Done{}};
  if (story.chips_ever > ever) stood = store.cases().stand(chip, kind, *number);
  if (std::get_if<ChipCleared>(&step.event.what) != nullptr)
    stood = store.cases().stand(chip, kind, std::nullopt);
  if (!stood) return stood;
  return pass_on(store, *number, step.ref.key.kind, told);
}

Stored<std::uint64_t> CaseDesk::keep(Store& store, std::uint64_t number, const CaseStory& story,
                                     const CaseTold& told, bool quiet) const {
  std::vector<CaseEntryRecord> entries;
  for (const CaseEntry& entry : told.entries) entries.push_back(record_of(entry));
  const auto kept = store.cases().put_case(record_of(number, story), entries);
  if (!kept || !tell_ || quiet) return kept;
  std::vector<Notice> notices;
  for (const CaseEntry& entry : told.entries) {
    if (auto notice = notice_of(case_name(*kept), story, entry)) notices.push_back(std::move(*notice));
  }
  if (notices.empty()) return kept;
  const auto handed = tell_(store, notices);
  if (!handed) return Fail{handed.error()};
  return kept;
}

Stored<bool> CaseDesk::stands_in_another(CaseReader& cases, const ChipId& chip, std::uint64_t number) const {
  const auto stands = cases.stands_in(chip);
  if (!stands) return Fail{stands.error()};
  for (const ChipInCase& in : *stands) {
    if (in.number == number || in.kind >= kCaseKinds || !accused_by_status(static_cast<CaseKind>(in.kind)))
      continue;
    const auto other = cases.find_case(in.number);
    if (!other) return Fail{other.error()};
    if (*other && (*other)->state != static_cast<std::uint32_t>(CaseState::kResolved)) return true;
  }
  return false;
}

Stored<Done> CaseDesk::pass_on(Store& store, std::uint64_t number, CaseKind kind,
                               const CaseTold& told) const {
  if (told.settled && !follows_status(kind)) {
    const auto settled = store.cases().settle_case(number);
    if (!settled) return settled;
  }
  constexpr std::size_t kAtOnce = 500;
  for (const ToStatus& said : told.to_status) {
    std::optional<ChipId> after;
    for (bool more = true; more;) {
      const auto chips = store.cases().standing(number, after, kAtOnce);
      if (!chips) return Fail{chips.error()};
      more = chips->size() == kAtOnce;
      if (more) after = chips->back();
      for (const ChipId& chip : *chips) {
        const auto another = stands_in_another(store.cases(), chip, number);
        if (!another) return Fail{another.error()};
        if (*another) continue;
        const auto event = std::visit(
            [&](const auto& what) {
              return StatusEvent{said.at, what};
            },
            said.what);
        const auto passed = statuses_.happened(store, {&chip, 1}, event);
        // One that was removed, or whose story is damaged: nothing is held against the first, and the next verdict tells
        // the other anew.
        const bool lost = !passed && (passed.error().code == StoreFaultCode::kNotFound ||
                                      passed.error().code == StoreFaultCode::kCorrupt);
        if (!passed && !lost) return passed;
      }
    }
  }
  return Done{};
}

Stored<CaseDesk::Said> CaseDesk::said(Store& store, std::uint64_t number, const CaseEvent& event) const {
  const auto record = store.cases().find_case(number);
  if (!record) return Fail{record.error()};
  if (!*record) return Fail{StoreFault{StoreFaultCode::kNotFound, "there is no case " + case_name(number)}};
  auto story = story_of(store.cases(), store.order_stories(), **record);
  if (!story) return Fail{story.error()};
  CaseStory then = *story;
  static_cast<void>(advance(then, event.at, rules()));
  if (const std::string why = refusal_of(event, then, rules()); !why.empty())
    return Fail{StoreFault{StoreFaultCode::kConflict,
                           "case " + case_name(number) + ": " + why + "; nothing was changed"}};
  const CaseTold told = apply(*story, event, rules());
  Said out{number, {}, told.remeasure};
  const auto done = store.as_one([&]() -> Stored<Done> {
    const auto kept = keep(store, number, *story, told, false);
    if (!kept) return Fail{kept.error()};
    return pass_on(store, number, story->ref.key.kind, told);
  });
  if (!done) return Fail{done.error()};
  // What came back from its chips has changed it once more.
  const auto after = store.cases().find_case(number);
  if (!after) return Fail{after.error()};
  auto now = story_of(store.cases(), store.order_stories(), **after);
  if (!now) return Fail{now.error()};
  out.story = std::move(*now);
  return out;
}

Stored<Done> CaseDesk::weigh(Store& store, const std::string& order, const WeightsAt& weights_at,
                             WallTime at) const {
  CaseQuery query;
  query.states = {static_cast<std::uint32_t>(CaseState::kOpen),
                  static_cast<std::uint32_t>(CaseState::kDisputed)};
  query.order = order;
  query.newest_first = true;
  query.limit = 1'000;
  for (;;) {
    const auto page = store.cases().list_cases(query);
    if (!page) return Fail{page.error()};
    for (const CaseRecord& record : page->rows) {
      auto story = story_of(store.cases(), store.order_stories(), record);
      if (!story) return Fail{story.error()};
      const CaseWeights weights = weights_at(record.key.site);
      if (story->weights == weights) continue;
      const CaseTold told = apply(*story, {at, CaseWeighed{weights}}, rules());
      const auto kept = keep(store, record.number, *story, told, false);
      if (!kept) return Fail{kept.error()};
      const auto passed = pass_on(store, record.number, story->ref.key.kind, told);
      if (!passed) return passed;
    }
    if (!page->next) return Done{};
    query.after = page->next;
  }
}

Stored<Done> CaseDesk::tell_on(Store& store, const CaseRecord& due) const {
  auto story = story_of(store.cases(), store.order_stories(), due);
  if (!story) return Fail{story.error()};
  // A time that is told already would change nothing, and the case stay due for ever.
  const WallTime to = std::max(due.due.value_or(story->told), story->told + Nanoseconds{1});
  const CaseTold told = advance(*story, to, rules());
  const auto kept = keep(store, due.number, *story, told, false);
  if (!kept) return Fail{kept.error()};
  return pass_on(store, due.number, story->ref.key.kind, told);
}

}  // namespace chiploc
