// Names, refusals and sentences of a case.
#include <algorithm>
#include <array>

#include "server/cases/case_story.hpp"
#include "server/status/said_text.hpp"

namespace chiploc {
namespace {

constexpr std::array<std::string_view, kCaseStates> kCaseStateNames{"open", "disputed", "resolved"};
constexpr std::array<std::string_view, kCaseEnds> kCaseEndNames{"confirmed", "mistaken", "explained",
                                                                "moved_back", "proved_again"};
constexpr std::array<std::string_view, kCaseEntryKinds> kEntryNames{
    "opened",   "reopened",    "chip_joined",   "chip_restated", "chip_cleared",
    "sign",     "user_stated", "weighed",       "assigned",      "comment",
    "evidence", "disputed",    "dispute_ended", "resolved",      "superseded"};

template <class Enum, std::size_t N>
std::optional<Enum> case_name(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto* const found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

/// The first of a person's texts that cannot be kept.
std::string said(std::string_view who, std::string_view what, std::string_view text, std::size_t most) {
  std::string fault = said_fault("name of who says it", who, kSaidNameMax);
  return fault.empty() ? said_fault(what, text, most) : fault;
}

/// Why it cannot be done with a case that is none yet, or is resolved.
struct Refusal {
  const CaseStory& story;
  WallTime now;
  const CaseRules& rules;

  [[nodiscard]] bool resolved() const { return story.state == CaseState::kResolved; }
  [[nodiscard]] std::string none_or_resolved() const {
    if (story.entries == 0) return "there is no such case";
    return resolved() ? "the case is resolved; open it again first" : "";
  }
  [[nodiscard]] std::string too_late() const {
    return resolved() && !reopens(story, now, rules) ? "the case was resolved too long ago; open a new one"
                                                     : "";
  }

  std::string operator()(const ChipAccused& accused) const {
    if (story.ref.key.kind == CaseKind::kAnotherUser) return "no verdict says who uses a chip";
    if (accused.why.empty()) return "the reason is missing";
    return too_late();
  }
  std::string operator()(const ChipRestated& /*any*/) const {
    return story.entries == 0 ? "there is no such case" : "";
  }
  std::string operator()(const ChipCleared& /*any*/) const {
    return story.entries == 0 ? "there is no such case" : "";
  }
  std::string operator()(const SignSeen& /*any*/) const { return none_or_resolved(); }
  std::string operator()(const UserStated& stated) const {
    if (story.ref.key.kind != CaseKind::kAnotherUser) return "it is a case of another kind";
    for (const auto& [what, text] : {std::pair{"end user", &stated.named},
                                     {"licensed end user", &stated.licensed},
                                     {"source", &stated.source}}) {
      if (std::string fault = said(stated.who, what, *text, kSaidReasonMax); !fault.empty()) return fault;
    }
    if (stated.named == stated.licensed) return "it is the licensed end user";
    return too_late();
  }
  std::string operator()(const CaseWeighed& /*any*/) const { return none_or_resolved(); }
  std::string operator()(const CaseAssigned& assigned) const {
    if (std::string fault = none_or_resolved(); !fault.empty()) return fault;
    if (assigned.to == story.assignee) return "it is assigned so already";
    return assigned.to.empty()
               ? said_fault("name of who assigns it", assigned.who, kSaidNameMax)
               : said(assigned.who, "name of whom it is assigned to", assigned.to, kSaidNameMax);
  }
  std::string operator()(const CaseCommented& comment) const {
    if (story.entries == 0) return "there is no such case";
    return said(comment.who, "comment", comment.text, kSaidStatementMax);
  }
  std::string operator()(const EvidenceLinked& linked) const {
    if (story.entries == 0) return "there is no such case";
    if (!linked.file && !linked.verdict) return "neither a file nor a verdict is named";
    return said(linked.who, "note", linked.note, kSaidReasonMax);
  }
  std::string operator()(const CaseDisputed& disputed) const {
    if (std::string fault = none_or_resolved(); !fault.empty()) return fault;
    if (story.ref.key.kind == CaseKind::kUnproven)
      return "an unproven case accuses nobody; comment on it, or declare the chips absent";
    if (story.state == CaseState::kDisputed) return "it is disputed already";
    if (story.was_disputed) return "it was disputed already; comment on it";
    return said(disputed.who, "statement", disputed.statement, kSaidStatementMax);
  }
  std::string operator()(const DisputeDecided& decided) const {
    if (story.state != CaseState::kDisputed) return "it is not disputed";
    return said(decided.who, "reason", decided.reason, kSaidReasonMax);
  }
  std::string operator()(const CaseResolved& resolved_as) const {
    if (std::string fault = none_or_resolved(); !fault.empty()) return fault;
    const CaseKind kind = story.ref.key.kind;
    switch (resolved_as.how) {
      case CaseEnd::kConfirmed:
      case CaseEnd::kMistaken:
        if (kind == CaseKind::kUnproven) return "an unproven case accuses nobody; it can be explained";
        break;
      case CaseEnd::kMovedBack:
        if (kind != CaseKind::kElsewhere) return "only chips that were elsewhere move back";
        if (story.standing > 0)
          return std::to_string(story.standing) +
                 " of its chips are not proved to be where they may be again";
        break;
      case CaseEnd::kProvedAgain:
        return "no person says so: it follows when every chip has proved where it is";
      case CaseEnd::kJustified:
        break;
    }
    return said(resolved_as.who, "reason", resolved_as.reason, kSaidReasonMax);
  }
  std::string operator()(const CaseReopened& reopened) const {
    if (!resolved()) return "it is not resolved";
    if (story.superseded) return "a newer case of the same kind, order and site is there; go on in that one";
    return said(reopened.who, "reason", reopened.reason, kSaidReasonMax);
  }
  std::string operator()(const CaseSuperseded& /*any*/) const {
    return resolved() && !story.superseded ? "" : "it is not resolved, or has a successor already";
  }
};

std::optional<FactKind> fact_kind(const CaseEntry& entry) {
  if (!entry.loud) return std::nullopt;
  switch (entry.kind) {
    case CaseEntryKind::kOpened:
      return FactKind::kCaseOpened;
    case CaseEntryKind::kReopened:
      return FactKind::kCaseReopened;
    case CaseEntryKind::kDisputed:
      return FactKind::kCaseDisputed;
    case CaseEntryKind::kResolved:
      return FactKind::kCaseResolved;
    case CaseEntryKind::kChipJoined:
    case CaseEntryKind::kChipRestated:
    case CaseEntryKind::kChipCleared:
    case CaseEntryKind::kSign:
    case CaseEntryKind::kUserStated:
    case CaseEntryKind::kWeighed:
    case CaseEntryKind::kAssigned:
    case CaseEntryKind::kComment:
    case CaseEntryKind::kEvidence:
    case CaseEntryKind::kDisputeEnded:
    case CaseEntryKind::kSuperseded:
      break;
  }
  return FactKind::kCaseUpdated;
}

}  // namespace

std::string_view name_of(CaseState state) { return kCaseStateNames.at(static_cast<std::size_t>(state)); }
std::optional<CaseState> case_state_of(std::string_view name) {
  return case_name<CaseState>(kCaseStateNames, name);
}
std::string_view name_of(CaseEnd end) { return kCaseEndNames.at(static_cast<std::size_t>(end)); }
std::optional<CaseEnd> case_end_of(std::string_view name) { return case_name<CaseEnd>(kCaseEndNames, name); }
std::string_view name_of(CaseEntryKind kind) { return kEntryNames.at(static_cast<std::size_t>(kind)); }

std::string refusal_of(const CaseEvent& event, const CaseStory& story, const CaseRules& rules) {
  if (story.entries + 8 > kCaseEntriesMax) return "the case is full";
  return std::visit(Refusal{story, std::max(event.at, story.told), rules}, event.what);
}

std::string ended_by(const CaseStory& story) {
  switch (story.state) {
    case CaseState::kDisputed:
      return "It ends when the dispute is decided, when nothing is held against its chips any more, or with its time.";
    case CaseState::kResolved:
      return story.superseded ? "It stays resolved: a newer case has taken its place."
                              : "It ends when a person, or a new accusation in time, opens it again.";
    case CaseState::kOpen:
      break;
  }
  return story.ref.key.kind == CaseKind::kUnproven
             ? "It ends when each of its chips has proved where it is, or a person explains it."
             : "It ends when a person resolves it.";
}

std::optional<NoticeFact> fact_of(const CaseStory& story, const CaseEntry& entry) {
  const auto kind = fact_kind(entry);
  if (!kind) return std::nullopt;
  NoticeFact fact{*kind, text_of(story.ref), entry.at,
                  std::string{heading_of(story.ref.key.kind)} + ". " + entry.text};
  fact.case_kind = name_of(story.ref.key.kind);
  fact.order = story.ref.key.order;
  fact.licence = story.licence;
  fact.site = story.ref.key.site;
  fact.chip = entry.chip;
  return fact;
}

}  // namespace chiploc
