#include "server/orders/order_story.hpp"

#include <algorithm>

#include "server/orders/order_words.hpp"
#include "server/status/said_text.hpp"

namespace chiploc {
namespace {

// ---- what follows from the chips; nothing else says whether an order is held

bool enough(std::uint64_t chips, std::uint64_t total, const OrderRules& rules) {
  return chips > 0 && chips >= rules.hold_least && chips * 100 >= total * rules.hold_share;
}

bool eased(std::uint64_t chips, std::uint64_t total, const OrderRules& rules) {
  return chips == 0 || chips * 100 < total * rules.release_share;
}

bool in_force(const OrderStory& story, WallTime t) { return story.lift && t < story.lift->until; }

/// Those that no lift covers.
std::uint32_t fresh(const OrderStory& story, const HeldAgainst& against, WallTime t) {
  if (!in_force(story, t)) return against.chips();
  const auto beyond = [](std::uint32_t n, std::uint32_t covered) { return n > covered ? n - covered : 0; };
  return beyond(against.accused, story.lift->accused) + beyond(against.unanswered, story.lift->unanswered);
}

HoldCause cause_of(const OrderStory& story, const HeldAgainst& against, const OrderRules& rules) {
  if (against.accused == 0) return HoldCause::kUnanswered;
  const bool by_themselves = story.cause == HoldCause::kDrifted
                                 ? !eased(against.accused, against.total, rules)
                                 : enough(against.accused, against.total, rules);
  return by_themselves || against.unanswered == 0 ? HoldCause::kDrifted : HoldCause::kMixed;
}

OrderState state_at(const OrderStory& story, WallTime t, const OrderRules& rules) {
  const HeldAgainst against = held_against_of(story.tally, rules);
  const bool eases = eased(against.chips(), against.total, rules);
  if (story.state == OrderState::kHold) return eases ? OrderState::kOpen : OrderState::kHold;
  if (enough(fresh(story, against, t), against.total, rules)) return OrderState::kHold;
  return in_force(story, t) && !eases ? OrderState::kLifted : OrderState::kOpen;
}

// ---- who is proposed for the watch list

const std::string& name_of_party(const OrderParties& parties, WatchParty party) {
  return party == WatchParty::kBuyer ? parties.buyer : parties.end_user;
}

/// Whoever buys for itself is proposed once, as the buyer.
bool is_there(const OrderParties& parties, WatchParty party) {
  return !name_of_party(parties, party).empty() &&
         (party == WatchParty::kBuyer || parties.buyer != parties.end_user);
}

OrderStory::Proposal& proposal_of(OrderStory& story, WatchParty party) {
  return story.watch.at(static_cast<std::size_t>(party));
}

void propose(OrderStory& story, WallTime now, bool again, const OrderRules& rules,
             std::vector<OrderChange>& changes) {
  for (const WatchParty party : {WatchParty::kBuyer, WatchParty::kEndUser}) {
    OrderStory::Proposal& proposal = proposal_of(story, party);
    const bool open =
        proposal.state == WatchState::kNone || (again && proposal.state == WatchState::kDeclined);
    if (!open || !is_there(story.parties, party)) continue;
    proposal = {WatchState::kProposed, now};
    OrderChange change{now, OrderChangeKind::kWatchProposed, story.state, story.state};
    change.why = party_text(story.parties, party) +
                 " is proposed for the watch list, since the order is on hold: " + held_against(story, rules);
    changes.push_back(std::move(change));
  }
}

// ---- changes

OrderChange change_of(const OrderStory& story, WallTime at, OrderChangeKind kind, OrderState from,
                      const OrderRules& rules) {
  OrderChange change{at, kind, from, story.state};
  const HeldAgainst against = held_against_of(story.tally, rules);
  change.rests_on = story.accused;
  std::uint32_t chips = against.accused;
  if (story.cause && *story.cause != HoldCause::kDrifted) {
    change.rests_on.insert(change.rests_on.end(), story.unanswered.begin(), story.unanswered.end());
    chips = against.chips();
  }
  change.more = chips - std::min(chips, static_cast<std::uint32_t>(change.rests_on.size()));
  change.why = held_against(story, rules);
  return change;
}

void move_to(OrderStory& story, OrderState to, WallTime at) {
  story.state = to;
  story.since = at;
  story.overrides.clear();
  story.cause.reset();
}

/// A chip that left without having been counted as what it was: fewer are named than are counted, never more.
void trim_names(OrderStory& story) {
  const ChipCounts all = story.tally.all();
  const std::size_t silent = all.of(ChipState::kSilent) + all.of(ChipState::kUnproven);
  if (story.accused.size() <= all.accused() && story.unanswered.size() <= silent) return;
  story.accused.resize(std::min<std::size_t>(story.accused.size(), all.accused()));
  story.unanswered.resize(std::min(story.unanswered.size(), silent));
  ++story.misfits;
}

/// Sets the state to what it is at `t`, and says so if that is another.
void settle_order(OrderStory& story, WallTime t, const OrderRules& rules, std::vector<OrderChange>& changes) {
  const HeldAgainst against = held_against_of(story.tally, rules);
  if (story.lift) {
    story.lift->accused = std::min(story.lift->accused, against.accused);
    story.lift->unanswered = std::min(story.lift->unanswered, against.unanswered);
  }
  const OrderState from = story.state;
  const OrderState to = state_at(story, t, rules);
  if (to != OrderState::kLifted) story.lift.reset();
  if (to == from) {
    if (to != OrderState::kHold || cause_of(story, against, rules) == story.cause) return;
    story.cause = cause_of(story, against, rules);
    changes.push_back(change_of(story, t, OrderChangeKind::kCause, from, rules));
    return;
  }
  move_to(story, to, t);
  if (to == OrderState::kHold) {
    story.cause = cause_of(story, against, rules);
    changes.push_back(change_of(story, t, OrderChangeKind::kHeld, from, rules));
    propose(story, t, true, rules, changes);
    return;
  }
  const bool held = from == OrderState::kHold;
  OrderChange change{t, held ? OrderChangeKind::kReleased : OrderChangeKind::kLiftEnded, from, to};
  change.why = held_against(story, rules);
  changes.push_back(std::move(change));
}

// ---- events

void unlist(std::vector<ChipId>& chips, const ChipId& chip) {
  chips.erase(std::remove(chips.begin(), chips.end(), chip), chips.end());
}

void list(OrderStory& story, const ChipId& chip, ChipState state, const OrderRules& rules) {
  const bool accused = accuses(state) || state == ChipState::kDisputed;
  std::vector<ChipId>& other = accused ? story.unanswered : story.accused;
  unlist(other, chip);
  std::vector<ChipId>& chips = accused ? story.accused : story.unanswered;
  if (!accused && !is_unanswered(state, rules)) {
    unlist(chips, chip);
  } else if (std::find(chips.begin(), chips.end(), chip) == chips.end() && chips.size() < kOrderChipsShown) {
    chips.push_back(chip);
  }
}

bool is_site(const std::string& site) {
  return site.empty() || said_fault("site", site, kSaidNameMax).empty();
}

void take(OrderStory& story, const OrderChipJoined& joined, const OrderRules& rules) {
  if (!is_site(joined.as.site) || !add(story.tally, joined.as)) {
    ++story.misfits;
    return;
  }
  list(story, joined.chip, joined.as.state, rules);
}

void take(OrderStory& story, const OrderChipLeft& left) {
  if (!remove(story.tally, left.as)) {
    ++story.misfits;
    return;
  }
  unlist(story.accused, left.chip);
  unlist(story.unanswered, left.chip);
}

void take(OrderStory& story, const OrderChipChanged& changed, const OrderRules& rules) {
  OrderTally tally = story.tally;
  if (!is_site(changed.to.site) || !remove(tally, changed.from) || !add(tally, changed.to)) {
    ++story.misfits;
    return;
  }
  story.tally = std::move(tally);
  list(story, changed.chip, changed.to.state, rules);
}

void take(OrderStory& story, const OrderParties& parties, WallTime now, const OrderRules& rules,
          std::vector<OrderChange>& changes) {
  for (const WatchParty party : {WatchParty::kBuyer, WatchParty::kEndUser}) {
    const bool same = name_of_party(parties, party) == name_of_party(story.parties, party);
    if (!same || !is_there(parties, party)) proposal_of(story, party) = {};
  }
  story.parties = parties;
  if (story.state == OrderState::kHold) propose(story, now, false, rules, changes);
}

void take(OrderStory& story, const HoldOverridden& overridden, WallTime now,
          std::vector<OrderChange>& changes) {
  story.overrides.insert(
      std::lower_bound(story.overrides.begin(), story.overrides.end(), overridden.delivery),
      overridden.delivery);
  OrderChange change{now, OrderChangeKind::kOverridden, story.state, story.state};
  change.who = overridden.who;
  change.why = "Delivery " + overridden.delivery +
               " may be recorded although the order is on hold. The reason given: " + overridden.reason;
  changes.push_back(std::move(change));
}

void take(OrderStory& story, const HoldLifted& lifted, WallTime now, const OrderRules& rules,
          std::vector<OrderChange>& changes) {
  OrderChange change = change_of(story, now, OrderChangeKind::kLifted, story.state, rules);
  const HeldAgainst against = held_against_of(story.tally, rules);
  move_to(story, OrderState::kLifted, now);
  story.lift = OrderStory::Lift{lifted.until, against.accused, against.unanswered};
  change.to = story.state;
  change.who = lifted.who;
  change.why += " The reason given for lifting the hold: " + lifted.reason;
  changes.push_back(std::move(change));
}

void take(OrderStory& story, const WatchDecided& decided, WallTime now, std::vector<OrderChange>& changes) {
  proposal_of(story, decided.party) = {decided.accepted ? WatchState::kAccepted : WatchState::kDeclined, now};
  OrderChange change{now,
                     decided.accepted ? OrderChangeKind::kWatchAccepted : OrderChangeKind::kWatchDeclined,
                     story.state, story.state};
  change.who = decided.who;
  change.why = party_text(story.parties, decided.party) + (decided.accepted ? " is" : " is not") +
               " to be on the watch list. The reason given: " + decided.reason;
  changes.push_back(std::move(change));
}

}  // namespace

OrderStory begin_order(WallTime at, OrderParties parties) {
  OrderStory story;
  story.told = story.begun = story.since = at;
  story.parties = std::move(parties);
  return story;
}

std::vector<OrderChange> advance(OrderStory& story, WallTime to, const OrderRules& rules) {
  std::vector<OrderChange> changes;
  if (to <= story.told) return changes;
  if (story.lift && story.lift->until <= to) {
    settle_order(story, std::max(story.lift->until, story.told), rules, changes);
  }
  story.told = to;
  return changes;
}

std::vector<OrderChange> apply(OrderStory& story, const OrderEvent& event, const OrderRules& rules) {
  const WallTime now = std::max(event.at, story.told);
  std::vector<OrderChange> changes = advance(story, now, rules);
  if (!refusal_of(event, story, rules).empty()) return changes;
  if (const auto* joined = std::get_if<OrderChipJoined>(&event.what)) {
    take(story, *joined, rules);
  } else if (const auto* changed = std::get_if<OrderChipChanged>(&event.what)) {
    take(story, *changed, rules);
  } else if (const auto* left = std::get_if<OrderChipLeft>(&event.what)) {
    take(story, *left);
  } else if (const auto* parties = std::get_if<OrderParties>(&event.what)) {
    take(story, *parties, now, rules, changes);
  } else if (const auto* overridden = std::get_if<HoldOverridden>(&event.what)) {
    take(story, *overridden, now, changes);
  } else if (const auto* lifted = std::get_if<HoldLifted>(&event.what)) {
    take(story, *lifted, now, rules, changes);
  } else {
    take(story, std::get<WatchDecided>(event.what), now, changes);
  }
  trim_names(story);
  settle_order(story, now, rules, changes);
  return changes;
}

std::optional<OrderOutlook> outlook(const OrderStory& story, const OrderRules& rules) {
  if (!story.lift) return std::nullopt;
  const WallTime at = std::max(story.lift->until, story.told);
  return OrderOutlook{at, state_at(story, at, rules)};
}

}  // namespace chiploc
