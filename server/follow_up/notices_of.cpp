#include "server/follow_up/notices_of.hpp"

#include <algorithm>

#include "proto/base/safe_text.hpp"
#include "server/cases/case_kind.hpp"

namespace chiploc {
namespace {

/// One line of no more than a notice may have, cut between characters.
std::string sentence(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::string_view rest = text;
    const auto point = take_code_point(text);
    if (!point) break;
    const std::string_view taken = rest.substr(0, rest.size() - text.size());
    const std::string_view shown = acts_on_display(*point) ? std::string_view{" "} : taken;
    if (out.size() + shown.size() > kNoticeSentenceMax) break;
    out += shown;
  }
  return out.empty() ? "Nothing more is known." : out;
}

CaseFacts facts_of(const CaseStory& story) {
  const CaseKey& key = story.ref.key;
  CaseFacts out;
  out.about = notice_subject_of(name_of(key.kind)).value_or(NoticeSubject::kUnproven);
  out.licence = story.licence;
  for (const CaseChip& chip : story.chips) {
    if (out.chips.size() < kNoticeChipsMax) out.chips.push_back(chip.chip);
  }
  out.chips_count = std::max<std::uint64_t>(story.standing, out.chips.size());
  out.opened = story.begun;
  out.summary =
      sentence(std::string{heading_of(key.kind)} + ": " + std::to_string(story.standing) +
               (story.standing == 1 ? " chip" : " chips") +
               (key.order.empty() ? story.licence.empty() ? std::string{} : " of licence " + story.licence
                                  : " of order " + key.order) +
               ", " + std::string{name_of(story.state)} + ".");
  return out;
}

/// What became of a case, without the words of persons.
std::string change_text(const CaseEntry& entry) {
  switch (entry.kind) {
    case CaseEntryKind::kUserStated:
      return "Another user of its chips was stated.";
    case CaseEntryKind::kWeighed:
      return "What its priority is made of has changed.";
    case CaseEntryKind::kAssigned:
      return "It was assigned.";
    case CaseEntryKind::kComment:
      return "A comment was added.";
    case CaseEntryKind::kEvidence:
      return "Evidence was added.";
    case CaseEntryKind::kDisputeEnded:
      return entry.who.empty() ? sentence(entry.text) : "The dispute was decided.";
    case CaseEntryKind::kReopened:
      return entry.who.empty() ? sentence(entry.text) : "A person opened it again.";
    default:
      return sentence(entry.text);
  }
}

}  // namespace

std::string case_name(std::uint64_t number) { return "C-" + std::to_string(number); }

Notice notice_of(const ChipId& chip, const StatusChange& change, std::uint64_t number) {
  ChipStatusChanged facts{change.from, change.to, sentence(change.why), change.rests_on};
  if (facts.rests_on.size() > kNoticeVerdictsMax) facts.rests_on.resize(kNoticeVerdictsMax);
  return {chip.hex(), number, change.at, std::move(facts)};
}

std::optional<Notice> notice_of(const std::string& name, const CaseStory& story, const CaseEntry& entry) {
  const auto fact = fact_of(story, entry);
  if (!fact) return std::nullopt;
  Notice out{name, entry.number, entry.at, CaseUpdatedNotice{facts_of(story), change_text(entry)}};
  switch (fact->kind) {
    case FactKind::kCaseOpened:
      out.facts = CaseOpenedNotice{facts_of(story), std::nullopt};
      break;
    case FactKind::kCaseReopened:
      out.facts = CaseReopenedNotice{facts_of(story), change_text(entry)};
      break;
    case FactKind::kCaseDisputed:
      if (story.dispute) out.facts = CaseDisputedNotice{facts_of(story), story.dispute->until};
      break;
    case FactKind::kCaseResolved:
      if (story.resolution)
        out.facts = CaseResolvedNotice{
            facts_of(story),
            notice_outcome_of(name_of(story.resolution->how)).value_or(NoticeOutcome::kConfirmed)};
      break;
    default:
      break;
  }
  return out;
}

std::optional<Notice> notice_of(const OrderTold& told, const OrderStory& story, const OrderChange& change,
                                std::uint64_t number, const OrderRules& rules) {
  const auto fact = fact_of(told.order, change);
  if (!fact) return std::nullopt;
  const OrderFacts facts{told.licence, told.to_come, sentence(held_against(story, rules))};
  if (fact->kind == FactKind::kOrderHeld)
    return Notice{told.order, number, change.at, OrderHeld{facts, told.because_of}};
  if (fact->kind == FactKind::kOrderReleased)
    return Notice{told.order, number, change.at, OrderReleased{facts, told.held}};
  return std::nullopt;
}

}  // namespace chiploc
