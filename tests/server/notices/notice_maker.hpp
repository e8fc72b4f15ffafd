#pragma once
// Notices for tests: one of each kind as a deployment would write it, and any that may be sent.

#include "server/notices/notice.hpp"
#include "tests/server/notices/properties.hpp"

namespace chiploc::test {

inline WallTime noon(std::int64_t seconds) { return {std::chrono::seconds{1'796'126'400 + seconds}}; }
template <class SomeId>
SomeId numbered(std::uint8_t number) {
  SomeId id;
  id.bytes.fill(number);
  return id;
}
inline CoordinatorId some_coordinator() { return numbered<CoordinatorId>(0xc0); }

/// One of each kind, in the order of NoticeKind; README.md shows them.
inline std::vector<Notice> one_of_each() {
  CaseFacts facts;
  facts.about = NoticeSubject::kElsewhere;
  facts.licence = "L-JP";
  facts.chips = {numbered<ChipId>(0x11), numbered<ChipId>(0x12)};
  facts.chips_count = 2;
  facts.opened = noon(0);
  facts.summary = "2 chips of L-JP are proved outside their licence";
  CaseFacts more = facts;
  more.chips.push_back(numbered<ChipId>(0x13));
  more.chips_count = 3;
  more.summary = "3 chips of L-JP are proved outside their licence";
  const std::string chip = numbered<ChipId>(0x11).hex();
  return {
      {"C-17", 1, noon(0), CaseOpenedNotice{facts, noon(259'200)}},
      {"C-17", 2, noon(3'600), CaseUpdatedNotice{more, "a third chip of the same order"}},
      {"C-17", 3, noon(7'200), CaseDisputedNotice{more, noon(2'592'000)}},
      {"C-17", 6, noon(90'000), CaseResolvedNotice{more, NoticeOutcome::kJustified}},
      {"C-17", 7, noon(180'000), CaseReopenedNotice{more, "proved outside again, by 2 rounds"}},
      {"O-0004", 3, noon(0), OrderHeld{{"L-JP", 250, "250 chips of O-0004 are held"}, "C-17"}},
      {"O-0004", 4, noon(90'000),
       OrderReleased{{"L-JP", 250, "250 chips of O-0004 may be delivered"}, noon(0)}},
      {chip, 9, noon(-60),
       ChipStatusChanged{ChipState::kCompliant,
                         ChipState::kDrifted,
                         "2 rounds proved it outside its licence",
                         {numbered<VerdictId>(0xa1), numbered<VerdictId>(0xa2)}}},
      {"siem", 1, noon(5), NoticeTest{"asked by ada"}},
  };
}

/// Every word that an event can have, once at least.
inline std::vector<Notice> every_word() {
  std::vector<Notice> all = one_of_each();
  const auto base = std::get<CaseOpenedNotice>(all.front().facts).facts;
  for (int about = 0; about < 7; ++about) {
    CaseFacts facts = base;
    facts.about = static_cast<NoticeSubject>(about);
    all.push_back({"C", 1, noon(0), CaseOpenedNotice{facts, std::nullopt}});
  }
  for (int outcome = 0; outcome < 5; ++outcome)
    all.push_back({"C", 1, noon(0), CaseResolvedNotice{base, static_cast<NoticeOutcome>(outcome)}});
  for (std::size_t state = 0; state < kChipStates; ++state) {
    const auto one = static_cast<ChipState>(state);
    const auto other = static_cast<ChipState>(kChipStates - 1 - state);
    all.push_back({ChipId{}.hex(), 1, noon(0), ChipStatusChanged{one, other, "so", {}}});
  }
  all.push_back({"O", 1, noon(0), OrderHeld{{"L", 0, "held"}, ""}});
  return all;
}

/// The most of everything.
inline Notice largest_notice() {
  std::string wide;
  while (wide.size() + 4 <= kNoticeSentenceMax) wide += "\xF0\x9F\x98\x80";  // twelve bytes escaped, of four
  CaseFacts facts;
  facts.licence.assign(kNoticeNameMax, '"');
  facts.chips.assign(kNoticeChipsMax, numbered<ChipId>(0xff));
  facts.chips_count = 1'000'000'000'000;
  facts.opened = facts.opened + std::chrono::seconds{9'000'000'000};
  facts.summary = wide;
  return {std::string(kNoticeNameMax, '\\'), UINT64_MAX, facts.opened, CaseUpdatedNotice{facts, wide}};
}

namespace making {

inline std::string text(std::size_t most) {
  static const std::vector<std::string> kParts{"a",  "Z",      "7",      " ",      "\"",         "\\", "/",
                                               "</", "\u00e9", "\u4e2d", "\u20ac", "\U0001f600", "{",  "'"};
  const auto size = *rc::gen::inRange<std::size_t>(1, most / 4);
  std::string out;
  for (std::size_t i = 0; i < size; ++i) out += kParts[*rc::gen::inRange<std::size_t>(0, kParts.size())];
  return out.size() > most ? std::string{"x"} : out;
}
inline WallTime time() { return {std::chrono::seconds{*rc::gen::inRange<std::int64_t>(0, 9'000'000'001)}}; }
template <class SomeId>
std::vector<SomeId> ids(std::size_t most) {
  std::vector<SomeId> out(*rc::gen::inRange<std::size_t>(0, most + 1));
  for (SomeId& id : out) id.bytes.fill(*rc::gen::arbitrary<std::uint8_t>());
  return out;
}
inline CaseFacts case_facts() {
  CaseFacts facts;
  facts.about = static_cast<NoticeSubject>(*rc::gen::inRange(0, 7));
  if (*rc::gen::arbitrary<bool>()) facts.licence = text(kNoticeNameMax);
  facts.chips = ids<ChipId>(kNoticeChipsMax);
  facts.chips_count = facts.chips.size() + *rc::gen::inRange<std::uint64_t>(0, 1'000'000);
  facts.opened = time();
  facts.summary = text(kNoticeSentenceMax);
  return facts;
}
inline NoticeFacts facts(int kind) {
  const OrderFacts order{text(kNoticeNameMax), *rc::gen::inRange<std::uint64_t>(0, 1'000'000),
                         text(kNoticeSentenceMax)};
  switch (kind) {
    case 1:
      return CaseOpenedNotice{case_facts(),
                              *rc::gen::arbitrary<bool>() ? std::optional{time()} : std::nullopt};
    case 2:
      return CaseUpdatedNotice{case_facts(), text(kNoticeSentenceMax)};
    case 3:
      return CaseDisputedNotice{case_facts(), time()};
    case 4:
      return CaseResolvedNotice{case_facts(), static_cast<NoticeOutcome>(*rc::gen::inRange(0, 5))};
    case 5:
      return CaseReopenedNotice{case_facts(), text(kNoticeSentenceMax)};
    case 6:
      return OrderHeld{order, text(kNoticeNameMax)};
    case 7:
      return OrderReleased{order, time()};
    case 8:
      return ChipStatusChanged{static_cast<ChipState>(*rc::gen::inRange<std::size_t>(0, kChipStates)),
                               static_cast<ChipState>(*rc::gen::inRange<std::size_t>(0, kChipStates)),
                               text(kNoticeSentenceMax), ids<VerdictId>(kNoticeVerdictsMax)};
    default:
      return NoticeTest{text(kNoticeSentenceMax)};
  }
}

}  // namespace making

/// Any notice that may be sent; inside a property only.
inline Notice any_notice() {
  const int kind = *rc::gen::inRange(1, static_cast<int>(kNoticeKinds) + 1);
  Notice notice{making::text(kNoticeNameMax), *rc::gen::inRange<std::uint64_t>(1, UINT64_MAX), making::time(),
                making::facts(kind)};
  if (notice.kind() == NoticeKind::kChipStatusChanged)
    notice.name = numbered<ChipId>(*rc::gen::arbitrary<std::uint8_t>()).hex();
  return notice;
}

}  // namespace chiploc::test
