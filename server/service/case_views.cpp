#include "server/service/case_views.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "server/cases/case_priority.hpp"
#include "server/follow_up/notices_of.hpp"
#include "server/registry/fields.hpp"
#include "server/service/views.hpp"

namespace chiploc {
namespace {

// In the order of OrderChangeKind.
constexpr std::array<std::string_view, 9> kHoldChanges{"held",           "cause",          "released",
                                                       "lifted",         "lift_ended",     "overridden",
                                                       "watch_proposed", "watch_accepted", "watch_declined"};

template <class To>
To view_numbered(std::uint32_t number, int first, int last) {
  const auto value = static_cast<std::int64_t>(number) + first;
  return value <= last ? static_cast<To>(value) : To{};
}
v1::OrderState order_state_view(std::uint32_t number) {
  return view_numbered<v1::OrderState>(number, v1::ORDER_OPEN, v1::ORDER_LIFTED);
}
v1::CaseState case_state_view(std::uint32_t number) {
  return view_numbered<v1::CaseState>(number, v1::CASE_OPEN, v1::CASE_RESOLVED);
}
v1::ChipState chip_state_view(ChipState state) {
  return view_numbered<v1::ChipState>(static_cast<std::uint32_t>(state), v1::CHIP_PENDING, v1::CHIP_ABSENT);
}

template <class Out>
void add_chip_counts(const ChipCounts& counts, Out& out) {
  out.set_chips(counts.total());
  out.set_measured(counts.measured);
  for (std::size_t i = 0; i < kChipStates; ++i) {
    if (counts.in.at(i) > 0)
      (*out.mutable_chips_by_status())[std::string{name_of(static_cast<ChipState>(i))}] = counts.in.at(i);
  }
}

bool is_of_watch_list(OrderChangeKind kind) {
  return kind == OrderChangeKind::kWatchProposed || kind == OrderChangeKind::kWatchAccepted ||
         kind == OrderChangeKind::kWatchDeclined;
}

/// What was decided is said to all that it is about; what persons write beside it is for whoever works on it.
bool is_open_text(const CaseEntryRecord& entry) {
  if (entry.who.empty()) return entry.kind != static_cast<std::uint32_t>(CaseEntryKind::kWeighed);
  switch (static_cast<CaseEntryKind>(entry.kind)) {
    case CaseEntryKind::kDisputeEnded:
    case CaseEntryKind::kResolved:
    case CaseEntryKind::kReopened:
      return true;
    default:
      return false;
  }
}

}  // namespace

v1::OrderHold view_of(const std::string& order, const OrderStory& story, const OrderRules& rules,
                      bool of_holder) {
  v1::OrderHold out;
  out.set_order(order);
  out.set_state(order_state_view(static_cast<std::uint32_t>(story.state)));
  out.set_since_unix_ns(story.since.since_epoch.count());
  if (story.cause) out.set_cause(std::string{name_of(*story.cause)});
  out.set_why(held_against(story, rules));
  out.set_ended_by(ended_by(story, rules));
  if (const auto next = outlook(story, rules)) out.set_next_unix_ns(next->at.since_epoch.count());
  add_chip_counts(story.tally.all(), out);
  const auto add_site = [&](const std::string& site, const ChipCounts& counts) {
    if (counts.total() == 0) return;
    auto& at = *out.add_sites();
    at.set_site(site);
    add_chip_counts(counts, at);
  };
  for (const auto& [site, counts] : story.tally.sites) add_site(site, counts);
  add_site("", story.tally.beyond);
  for (const std::string& delivery : story.overrides) out.add_overrides(delivery);
  if (of_holder) return out;
  for (const WatchParty party : {WatchParty::kBuyer, WatchParty::kEndUser}) {
    const auto& proposal = story.watch.at(static_cast<std::size_t>(party));
    if (proposal.state == WatchState::kNone) continue;
    auto& shown = *out.add_proposals();
    shown.set_party(party == WatchParty::kBuyer ? "buyer" : "end_user");
    shown.set_entity(party == WatchParty::kBuyer ? story.parties.buyer : story.parties.end_user);
    shown.set_state(std::string{name_of(proposal.state)});
    shown.set_since_unix_ns(proposal.since.since_epoch.count());
  }
  return out;
}

std::optional<v1::OrderHoldChange> view_of(const OrderChangeRecord& change, bool of_holder) {
  if (change.kind >= kHoldChanges.size()) return std::nullopt;
  if (of_holder && is_of_watch_list(static_cast<OrderChangeKind>(change.kind))) return std::nullopt;
  v1::OrderHoldChange out;
  out.set_number(change.number);
  out.set_at_unix_ns(change.at.since_epoch.count());
  out.set_kind(std::string{kHoldChanges.at(change.kind)});
  out.set_from(order_state_view(change.from));
  out.set_to(order_state_view(change.to));
  for (const ChipId& chip : change.rests_on) out.add_rests_on(string_of(chip.bytes));
  out.set_more(change.more);
  out.set_who(change.who);
  change.who.empty() ? out.set_why(change.why) : out.set_said(change.why);
  return out;
}

v1::Case view_of(std::uint64_t number, const CaseStory& story, WallTime now, bool of_holder) {
  v1::Case out;
  const CaseKey& key = story.ref.key;
  out.set_name(case_name(number));
  out.set_kind(view_numbered<v1::CaseKind>(static_cast<std::uint32_t>(key.kind), v1::CASE_ELSEWHERE,
                                           v1::CASE_UNPROVEN));
  out.set_order(key.order);
  out.set_licence(story.licence);
  out.set_site(key.site);
  out.set_number(story.ref.number);
  out.set_state(case_state_view(static_cast<std::uint32_t>(story.state)));
  out.set_since_unix_ns(story.since.since_epoch.count());
  out.set_opened_unix_ns(story.opened.since_epoch.count());
  out.set_reopened(story.reopened);
  out.set_assignee(story.assignee);
  out.set_chips(story.standing);
  out.set_chips_ever(story.chips_ever);
  out.set_signs(story.signs);
  out.set_prohibited(story.prohibited);
  if (!of_holder) out.set_priority(priority_of(story, now).points);
  if (story.dispute) {
    out.set_disputed_until_unix_ns(story.dispute->until.since_epoch.count());
    out.set_remeasure(story.dispute->remeasure);
  }
  if (story.resolution) {
    out.set_resolved_as(view_numbered<v1::CaseEnd>(static_cast<std::uint32_t>(story.resolution->how),
                                                   v1::CASE_CONFIRMED, v1::CASE_PROVED_AGAIN));
  }
  out.set_superseded(story.superseded);
  out.set_about(std::string{heading_of(key.kind)} + ".");
  out.set_ended_by(ended_by(story));
  out.set_entries(story.entries);
  return out;
}

void add_details(const CaseStory& story, const Registry& registry, WallTime now, bool of_holder,
                 v1::Case& out) {
  for (const CaseChip& chip : story.chips) {
    auto& shown = *out.add_chips_shown();
    shown.set_chip_id(string_of(chip.chip.bytes));
    if (const ChipRecord* record = registry.chip(chip.chip)) shown.set_serial(record->serial);
    shown.set_state(chip_state_view(chip.state));
    shown.set_since_unix_ns(chip.since.since_epoch.count());
  }
  if (of_holder) return;
  for (const PriorityReason& reason : priority_of(story, now).reasons) {
    auto& shown = *out.add_priority_reasons();
    shown.set_points(reason.points);
    shown.set_text(reason.text);
  }
}

std::optional<v1::CaseEntry> view_of(const CaseEntryRecord& entry, bool of_holder) {
  if (entry.kind >= kCaseEntryKinds) return std::nullopt;
  const auto kind = static_cast<CaseEntryKind>(entry.kind);
  if (of_holder && kind == CaseEntryKind::kWeighed) return std::nullopt;
  v1::CaseEntry out;
  out.set_number(entry.number);
  out.set_at_unix_ns(entry.at.since_epoch.count());
  out.set_kind(std::string{name_of(kind)});
  out.set_state(case_state_view(entry.state));
  out.set_who(entry.who);
  is_open_text(entry) ? out.set_text(entry.text) : out.set_said(entry.text);
  if (entry.chip) out.set_chip_id(string_of(entry.chip->bytes));
  for (const VerdictId& id : entry.verdicts) out.add_verdicts(string_of(id.bytes));
  if (entry.file) out.set_file_sha256(string_of(entry.file->bytes));
  return out;
}

std::optional<v1::CaseChange> view_of(const CaseLine& line, bool of_holder) {
  auto entry = view_of(line.entry, of_holder);
  if (!entry) return std::nullopt;
  v1::CaseChange out;
  out.set_name(case_name(line.of_case));
  out.set_kind(view_numbered<v1::CaseKind>(line.key.kind, v1::CASE_ELSEWHERE, v1::CASE_UNPROVEN));
  out.set_order(line.key.order);
  out.set_licence(line.licence);
  out.set_site(line.key.site);
  *out.mutable_entry() = *std::move(entry);
  return out;
}

Answer<std::uint64_t> case_number(const std::string& text) {
  std::string_view digits = text;
  if (digits.size() > 2 && (digits[0] == 'C' || digits[0] == 'c') && digits[1] == '-')
    digits.remove_prefix(2);
  std::uint64_t number = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  constexpr std::uint64_t kMost = std::uint64_t{1} << 62;
  if (fault != std::errc{} || end != digits.data() + digits.size() || number == 0 || number > kMost)
    return Fail{ApiFault{ApiFaultCode::kBadField, "name: " + shown(text) + " is no case; write C-17"}};
  return number;
}

}  // namespace chiploc
