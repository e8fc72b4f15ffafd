#include "server/service/stories_of.hpp"

#include <algorithm>
#include <utility>

namespace chiploc {
namespace {

constexpr std::size_t kPage = 1'000;

CaseEntry entry_of(CaseEntryRecord&& record) {
  return {.number = record.number,
          .at = record.at,
          .kind = static_cast<CaseEntryKind>(record.kind),
          .state = static_cast<CaseState>(record.state),
          .who = std::move(record.who),
          .text = std::move(record.text),
          .chip = record.chip,
          .verdicts = std::move(record.verdicts),
          .file = record.file,
          .loud = record.loud};
}

Stored<Done> add_timeline(CaseReader& cases, FoundCase& out) {
  std::optional<std::uint32_t> before;
  while (out.timeline.size() < kEntriesMost) {
    auto page = cases.timeline(out.number, before, kPage);
    if (!page) return Fail{page.error()};
    for (CaseEntryRecord& one : *page) {
      before = one.number;
      out.timeline.push_back(entry_of(std::move(one)));
    }
    if (page->size() < kPage) break;
  }
  std::reverse(out.timeline.begin(), out.timeline.end());
  return Done{};
}

Stored<Done> add_chips(CaseReader& cases, FoundCase& out) {
  while (true) {
    const auto page =
        cases.standing(out.number, out.chips.empty() ? std::nullopt : std::optional{out.chips.back()}, kPage);
    if (!page) return Fail{page.error()};
    out.chips.insert(out.chips.end(), page->begin(), page->end());
    if (page->size() < kPage) return Done{};
  }
}

}  // namespace

StorySources stories_of(StoreReader& reader, const FollowUp& follow, std::function<WallTime()> now) {
  StorySources out;
  out.order_rules = [&follow] { return follow.order_rules(); };
  out.case_of = [&reader, &follow, now](std::uint64_t number) -> Stored<std::optional<FoundCase>> {
    const auto record = reader.cases().find_case(number);
    if (!record) return Fail{record.error()};
    if (!*record) return std::optional<FoundCase>{};
    auto story = follow.case_story(reader, **record, now());
    if (!story) return Fail{story.error()};
    FoundCase found{.number = number, .story = std::move(*story)};
    if (const auto read = add_timeline(reader.cases(), found); !read) return Fail{read.error()};
    if (const auto read = add_chips(reader.cases(), found); !read) return Fail{read.error()};
    return std::optional{std::move(found)};
  };
  out.open_cases = [&reader, &follow, now]() -> Stored<std::vector<FoundCase>> {
    std::vector<FoundCase> found;
    CaseQuery query{.states = {static_cast<std::uint32_t>(CaseState::kOpen),
                               static_cast<std::uint32_t>(CaseState::kDisputed)},
                    .as_of = now(),
                    .limit = kPage};
    while (found.size() < kCasesMost) {
      const auto page = reader.cases().list_cases(query);
      if (!page) return Fail{page.error()};
      for (const CaseRecord& record : page->rows) {
        auto story = follow.case_story(reader, record, query.as_of);
        if (!story) return Fail{story.error()};
        found.push_back({.number = record.number, .story = std::move(*story)});
      }
      if (!page->next) break;
      query.after = page->next;
    }
    return found;
  };
  out.order_of = [&reader, &follow, now](const std::string& order) {
    return follow.order_story(reader, order, now());
  };
  out.held_orders = [&reader, &follow, now]() -> Stored<std::vector<FoundOrder>> {
    std::vector<FoundOrder> found;
    OrderStoryQuery query{.states = {static_cast<std::uint32_t>(OrderState::kHold)}, .limit = kPage};
    while (true) {
      const auto page = reader.order_stories().list_order_stories(query);
      if (!page) return Fail{page.error()};
      for (const OrderStoryRecord& record : page->rows) {
        auto story = follow.order_story(reader, record.order, now());
        if (!story) return Fail{story.error()};
        if (*story && (*story)->state == OrderState::kHold)
          found.push_back({record.order, std::move(**story)});
      }
      if (!page->next) return found;
      query.after = *page->next;
    }
  };
  return out;
}

}  // namespace chiploc
