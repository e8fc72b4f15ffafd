#include "server/follow_up/follow_up.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "proto/v1/evidence.pb.h"
#include "server/follow_up/followed.hpp"
#include "server/follow_up/notices_of.hpp"
#include "server/follow_up/transshipment.hpp"
#include "server/status/story_record.hpp"

namespace chiploc {
namespace {

constexpr std::array kFollowStatus{CaseKind::kElsewhere, CaseKind::kTampering, CaseKind::kUnproven};

std::uint32_t number_of(ChipState state) { return static_cast<std::uint32_t>(state); }
/// A round of it ended with more than silence.
bool was_measured(const ChipStory& story) {
  return story.proof || story.lost || !story.signs.empty() || accusation_of(story) ||
         (story.last && story.last->kind != VerdictKind::kSilence);
}

/// The codes of a verdict: why it is so, what beside it is suspected, and what a silence is explained by.
std::vector<std::string> codes_of(Bytes summary) {
  v1::Verdict verdict;
  std::vector<std::string> out;
  if (!verdict.ParseFromArray(summary.data(), static_cast<int>(summary.size()))) return out;
  const auto add = [&](const std::string& code) {
    if (attempt_of(code) && std::find(out.begin(), out.end(), code) == out.end()) out.push_back(code);
  };
  for (const auto& reason : verdict.reasons()) add(reason.code());
  for (const auto& cause : verdict.silence().causes()) add(cause.code());
  return out;
}

/// What the cases of a chip say that its story was, where that cannot be read any more.
ChipStory story_behind(const CaseShelf& shelf, const ChipStory& after) {
  ChipStory out = begin_story(after.begun);
  const auto stands = [&](CaseKind kind) {
    return shelf.stands_in.at(static_cast<std::size_t>(kind)).has_value();
  };
  if (stands(CaseKind::kElsewhere)) out.drifted.push_back({{}, after.begun, VerdictKind::kOutside});
  if (stands(CaseKind::kTampering)) out.tampered.push_back({{}, after.begun, VerdictKind::kTampering});
  return out;
}

/// Whether anything became of the story that a case may follow from.
bool touches_cases(const ChipStory* before, std::span<const StatusChange> changes, const ChipStory& after) {
  if (before == nullptr || !changes.empty() || before->begun != after.begun) return true;
  return before->drifted.empty() != after.drifted.empty() ||
         before->prohibited.empty() != after.prohibited.empty() ||
         before->tampered.empty() != after.tampered.empty();
}

}  // namespace

FollowUp::FollowUp(RulesNow rules, StatusKeeper& statuses, RegistryNow registry, TellNotices tell)
    : statuses_{statuses},
      registry_{std::move(registry)},
      tell_{tell},
      rules_{rules},
      orders_{[rules] { return rules().orders; }, tell},
      cases_{[rules] { return rules().cases; }, statuses, std::move(tell)} {}

FollowUp::FollowUp(FollowRules rules, StatusKeeper& statuses, RegistryNow registry, TellNotices tell)
    : FollowUp{RulesNow{[rules] { return rules; }}, statuses, std::move(registry), std::move(tell)} {}

Stored<Done> FollowUp::watch(Store& store) {
  statuses_.add_step([this](Store& inside, const StatusTold& told) { return on_status(inside, told); });
  store.on_verdict(
      [this](Store& inside, const VerdictCommitted& committed) { return on_verdict(inside, committed); });
  return Done{};
}

FollowedChip FollowUp::place_of(const Registry& registry, const ChipId& chip) {
  FollowedChip out;
  out.chip = chip;
  const ChipRecord* record = registry.chip(chip);
  if (record == nullptr) return out;
  out.licence = record->licence;
  if (const DeliveryRecord* delivery = registry.delivery(record->delivery)) {
    out.order = delivery->order;
    out.site = delivery->site;
  }
  return out;
}

Stored<CaseWeights> FollowUp::weights_of(CaseReader& cases, const Registry& registry,
                                         const std::string& order, const std::string& licence,
                                         const std::string& site) const {
  CaseWeights out;
  out.transshipment = transshipment_of(registry, order, licence, site, rules_().transshipment);
  const OrderRecord* record = registry.order(order);
  if (record == nullptr) {
    out.order_chips = static_cast<std::uint32_t>(registry.chips_of_licence(licence));
    return out;
  }
  out.order_chips = static_cast<std::uint32_t>(registry.chips_of_order(order));
  for (const std::string* name :
       {&record->end_user, &record->buyer, &record->operated_by, &record->exporter}) {
    const EntityRecord* entity = registry.entity(*name);
    if (out.watch_listed.empty() && entity != nullptr && entity->watch) out.watch_listed = *name;
  }
  const auto before = cases.cases_ended(order, static_cast<std::uint32_t>(CaseEnd::kConfirmed) + 1);
  if (!before) return Fail{before.error()};
  out.prior_cases = static_cast<std::uint32_t>(*before);
  return out;
}

Stored<CaseSubject> FollowUp::subject_of(CaseReader& cases, const Registry& registry,
                                         const FollowedChip& place) const {
  auto weights = weights_of(cases, registry, place.order, place.licence, place.site);
  if (!weights) return Fail{weights.error()};
  return CaseSubject{place.chip, place.order, place.licence, place.site, std::move(*weights)};
}

Stored<Done> FollowUp::recount(Store& store, const Registry& registry, const StatusTold& told,
                               const FollowedChip& was, const FollowedChip& is) const {
  if (was == is) return Done{};
  const auto kept = store.order_stories().put_followed(is);
  if (!kept || is.order.empty()) return kept;
  std::vector<OrderEvent> events;
  ChipPart part = part_of(was);
  const auto becomes = [&](WallTime at, const ChipPart& next) {
    if (part == next) return;
    events.push_back({at, OrderChipChanged{is.chip, part, next}});
    part = next;
  };
  // A chip that is compliant was measured.
  for (const StatusChange& change : told.changes)
    becomes(change.at,
            {change.to, part.measured || (is.measured && change.to == ChipState::kCompliant), part.site});
  becomes(told.story.told, part_of(is));
  return orders_.happened(store, registry, is.order, events, told.from_before);
}

Stored<Done> FollowUp::follow_cases(Store& store, const Registry& registry, const FollowedChip& place,
                                    const ChipStory* before, std::span<const StatusChange> changes,
                                    const ChipStory& after, bool quiet) const {
  if (!touches_cases(before, changes, after)) return Done{};
  const auto subject = subject_of(store.cases(), registry, place);
  if (!subject) return Fail{subject.error()};
  CaseDesk::Shelf shelf;
  const auto read = cases_.read_shelf(store.cases(), store.order_stories(), *subject, kFollowStatus, shelf);
  if (!read) return read;
  const ChipStory was = before != nullptr ? *before : story_behind(shelf.shelf, after);
  return cases_.take(
      store, place.chip,
      case_steps(was, {changes.begin(), changes.end()}, after, *subject, shelf.shelf, cases_.rules()), quiet);
}

Stored<Done> FollowUp::begin(Store& store, const Registry& registry, FollowedChip place,
                             const ChipStory& story) const {
  place.state = number_of(story.state);
  place.measured = was_measured(story);
  const auto kept = store.order_stories().put_followed(place);
  if (!kept) return kept;
  if (!place.order.empty()) {
    const OrderEvent joined{story.told, OrderChipJoined{place.chip, part_of(place)}};
    const auto counted = orders_.happened(store, registry, place.order, {&joined, 1}, true);
    if (!counted) return counted;
  }
  const ChipStory nothing = begin_story(story.begun);
  const StatusChange grounds = grounds_of(story);
  return follow_cases(store, registry, place, &nothing, {&grounds, 1}, story, true);
}

Stored<Done> FollowUp::on_status(Store& store, const StatusTold& told) const {
  const auto row = store.order_stories().followed(told.chip);
  if (!row) return Fail{row.error()};
  const Registry::Snapshot registry = registry_();
  FollowedChip place;
  if (*row) {
    place = **row;
  } else {
    place = place_of(*registry, told.chip);
    const ChipStory& as = told.before != nullptr ? *told.before : told.story;
    const auto begun = begin(store, *registry, place, as);
    if (!begun) return begun;
    if (told.before == nullptr) return Done{};  // as it stands now; what came before is history
    place.state = number_of(as.state);
    place.measured = was_measured(as);
  }
  if (tell_ && !told.from_before && !told.changes.empty()) {
    // A change's number is its place among all of the chip's; these are on record already.
    const auto on_record = store.statuses().changes_told(told.chip);
    if (!on_record) return Fail{on_record.error()};
    std::vector<Notice> notices;
    std::uint64_t number = std::max<std::uint64_t>(*on_record, told.changes.size()) - told.changes.size();
    for (const StatusChange& change : told.changes) notices.push_back(notice_of(told.chip, change, ++number));
    const auto handed = tell_(store, notices);
    if (!handed) return handed;
  }
  FollowedChip is = place;
  is.state = number_of(told.story.state);
  is.measured |= was_measured(told.story);
  const auto counted = recount(store, *registry, told, place, is);
  if (!counted) return counted;
  return follow_cases(store, *registry, is, told.before, told.changes, told.story, told.from_before);
}

Stored<Done> FollowUp::on_verdict(Store& store, const VerdictCommitted& committed) const {
  const VerdictRecord& verdict = committed.verdict;
  const std::vector<std::string> codes = codes_of(verdict.summary);
  if (codes.empty()) return Done{};
  const auto row = store.order_stories().followed(verdict.chip);
  if (!row) return Fail{row.error()};
  const auto status = store.statuses().status(verdict.chip);
  if (!status) return Fail{status.error()};
  if (!*row || !*status) return Done{};  // no keeper of statuses watches
  const auto story = parse_story((*status)->story);
  if (!story) return Done{};  // it was told anew a moment ago, so it can be read
  const Registry::Snapshot registry = registry_();
  const auto subject = subject_of(store.cases(), *registry, **row);
  if (!subject) return Fail{subject.error()};
  for (const std::string& code : codes) {
    const CaseKind kind = attempt_of(code)->kind;
    const auto noted = store.cases().note_sign(
        {verdict.chip, static_cast<std::uint32_t>(kind), verdict.id, verdict.decided, code}, kSignsKept);
    if (!noted) return noted;
    const auto kept = store.cases().signs(verdict.chip);
    if (!kept) return Fail{kept.error()};
    std::vector<SeenReason> seen;
    for (const AttemptSignRecord& sign : *kept) seen.push_back({sign.verdict, sign.at, sign.reason});
    CaseDesk::Shelf shelf;
    const std::array kinds{kind};
    const auto read = cases_.read_shelf(store.cases(), store.order_stories(), *subject, kinds, shelf);
    if (!read) return read;
    const auto taken = cases_.take(
        store, verdict.chip,
        attempt_steps(seen, story->state, stands_accused(*story), *subject, shelf.shelf, cases_.rules()),
        false);
    if (!taken) return taken;
  }
  return Done{};
}

Stored<StatusKeeper::Portion> FollowUp::begin_chips(Store& store, std::size_t limit) const {
  const auto chips = store.order_stories().not_followed(limit + 1);
  if (!chips) return Fail{chips.error()};
  StatusKeeper::Portion out;
  out.more = chips->size() > limit;
  const Registry::Snapshot registry = registry_();
  for (const ChipId& chip : *chips) {
    if (out.chips >= limit) break;
    ++out.chips;
    const auto begun = store.as_one([&]() -> Stored<Done> {
      const auto status = store.statuses().status(chip);
      if (!status) return Fail{status.error()};
      if (!*status) return Done{};
      const auto story = parse_story((*status)->story);
      FollowedChip place = place_of(*registry, chip);
      if (story) return begin(store, *registry, place, *story);
      ++out.unreadable;  // counted when its next verdict tells it anew
      ChipStory unknown = begin_story((*status)->since);
      return begin(store, *registry, place, unknown);
    });
    if (!begun) return Fail{begun.error()};
  }
  return out;
}

Stored<StatusKeeper::Portion> FollowUp::tell_on(Store& store, WallTime now, std::size_t limit) const {
  StatusKeeper::Portion out;
  const auto chips_until = [&](WallTime until) -> Stored<Done> {
    const auto told = statuses_.tell_on(store, until, limit - std::min(limit, out.chips));
    if (!told) return Fail{told.error()};
    out.chips += told->chips;
    out.changes += told->changes;
    out.unreadable += told->unreadable;
    out.more = told->more;
    return Done{};
  };
  for (;;) {
    const auto due = store.cases().due_cases(now, 1);
    if (!due) return Fail{due.error()};
    if (due->empty()) break;
    // Chips first, up to the instant before: a case hears of what happened in their order.
    const WallTime at = due->front().due.value_or(now);
    const auto told = chips_until(at + Nanoseconds{-1});
    if (!told) return Fail{told.error()};
    if (out.more || out.chips >= limit) {
      out.more = true;
      return out;
    }
    const auto done = store.as_one([&]() -> Stored<Done> {
      const auto again = store.cases().find_case(due->front().number);
      if (!again) return Fail{again.error()};
      return cases_.tell_on(store, **again);
    });
    if (!done) return Fail{done.error()};
    ++out.chips;
  }
  const auto told = chips_until(now);
  if (!told) return Fail{told.error()};
  if (out.more) return out;
  const auto lifted = orders_.tell_on(store, *registry_(), now, limit);
  if (!lifted) return Fail{lifted.error()};
  out.more = out.more || *lifted >= limit;
  return out;
}

Stored<Done> FollowUp::order_said(Store& store, const std::string& order, const OrderEvent& event) const {
  return store.as_one([&] { return orders_.said(store, *registry_(), order, event); });
}

Stored<CaseDesk::Said> FollowUp::case_said(Store& store, std::uint64_t number, const CaseEvent& event) const {
  return cases_.said(store, number, event);
}

Stored<Done> FollowUp::user_stated(Store& store, WallTime at, const ChipId& chip,
                                   const UserStated& stated) const {
  return store.as_one([&]() -> Stored<Done> {
    const auto row = store.order_stories().followed(chip);
    if (!row) return Fail{row.error()};
    if (!*row)
      return Fail{StoreFault{StoreFaultCode::kNotFound, "chip " + chip.hex() + " has no status yet"}};
    const auto subject = subject_of(store.cases(), *registry_(), **row);
    if (!subject) return Fail{subject.error()};
    CaseDesk::Shelf shelf;
    const std::array kinds{CaseKind::kAnotherUser};
    const auto read = cases_.read_shelf(store.cases(), store.order_stories(), *subject, kinds, shelf);
    if (!read) return read;
    return cases_.take(store, chip, user_steps(at, stated, *subject, shelf.shelf, cases_.rules()), false);
  });
}

Stored<std::optional<OrderStory>> FollowUp::order_story(StoreReader& store, const std::string& order,
                                                        WallTime now) const {
  auto story = orders_.story(store, *registry_(), order);
  if (story && *story) static_cast<void>(advance(**story, now, orders_.rules()));
  return story;
}

Stored<CaseStory> FollowUp::case_story(StoreReader& store, const CaseRecord& record, WallTime now) const {
  auto story = cases_.story_of(store.cases(), store.order_stories(), record);
  if (story) static_cast<void>(advance(*story, now, cases_.rules()));
  return story;
}

}  // namespace chiploc
