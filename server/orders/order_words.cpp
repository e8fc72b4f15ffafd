#include "server/orders/order_words.hpp"

#include <algorithm>
#include <array>

#include "server/status/said_text.hpp"

namespace chiploc {
namespace {

constexpr std::array<std::string_view, 3> kOrderStates{"open", "hold", "lifted"};
constexpr std::array<std::string_view, 3> kHoldCauses{"drifted", "mixed", "unanswered"};
constexpr std::array<std::string_view, 4> kWatchStates{"none", "proposed", "accepted", "declined"};

template <class Enum, std::size_t N>
std::optional<Enum> order_name(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto* const found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

std::string first_of(std::initializer_list<std::string> faults) {
  for (const std::string& fault : faults) {
    if (!fault.empty()) return fault;
  }
  return {};
}

std::string faults_of(const HoldOverridden& overridden, const OrderStory& story) {
  const std::string fault = first_of({said_fault("delivery", overridden.delivery, kSaidNameMax),
                                      said_fault("reason", overridden.reason, kSaidReasonMax),
                                      said_fault("name of who overrides", overridden.who, kSaidNameMax)});
  if (!fault.empty()) return fault;
  if (story.state != OrderState::kHold) return "the order is not on hold; the delivery needs no override";
  if (std::binary_search(story.overrides.begin(), story.overrides.end(), overridden.delivery))
    return "the hold is overridden for this delivery already";
  if (story.overrides.size() >= kOverridesMax)
    return "the hold is overridden for " + std::to_string(kOverridesMax) +
           " deliveries already; lift it instead";
  return {};
}

std::string faults_of(const HoldLifted& lifted, WallTime now, const OrderStory& story,
                      const OrderRules& rules) {
  const std::string fault = first_of({said_fault("reason", lifted.reason, kSaidReasonMax),
                                      said_fault("name of who lifts it", lifted.who, kSaidNameMax)});
  if (!fault.empty()) return fault;
  if (story.state != OrderState::kHold) return "the order is not on hold";
  if (lifted.until <= now) return "the time until which it is lifted is over already";
  if (lifted.until - now > rules.lift_most) return "it is lifted for longer than the policy's lift_most";
  return {};
}

std::string faults_of(const WatchDecided& decided, const OrderStory& story) {
  const std::string fault = first_of({said_fault("reason", decided.reason, kSaidReasonMax),
                                      said_fault("name of who decides", decided.who, kSaidNameMax)});
  if (!fault.empty()) return fault;
  if (static_cast<std::size_t>(decided.party) >= kWatchParties ||
      story.watch.at(static_cast<std::size_t>(decided.party)).state != WatchState::kProposed)
    return "there is no proposal to decide on";
  return {};
}

std::string faults_of(const OrderParties& parties) {
  const auto fault = [](std::string_view what, const std::string& name) {
    return name.empty() ? std::string{} : said_fault(what, name, kSaidNameMax);
  };
  return first_of({fault("buyer", parties.buyer), fault("end user", parties.end_user)});
}

}  // namespace

std::string_view name_of(OrderState state) { return kOrderStates.at(static_cast<std::size_t>(state)); }
std::optional<OrderState> order_state_of(std::string_view name) {
  return order_name<OrderState>(kOrderStates, name);
}
std::string_view name_of(HoldCause cause) { return kHoldCauses.at(static_cast<std::size_t>(cause)); }
std::optional<HoldCause> hold_cause_of(std::string_view name) {
  return order_name<HoldCause>(kHoldCauses, name);
}
std::string_view name_of(WatchState state) { return kWatchStates.at(static_cast<std::size_t>(state)); }
std::optional<WatchState> watch_state_of(std::string_view name) {
  return order_name<WatchState>(kWatchStates, name);
}

bool is_unanswered(ChipState state, const OrderRules& rules) {
  return (state == ChipState::kSilent && rules.silent_counts) ||
         (state == ChipState::kUnproven && rules.unproven_counts);
}

HeldAgainst held_against_of(const OrderTally& tally, const OrderRules& rules) {
  const ChipCounts all = tally.all();
  HeldAgainst out{all.accused(), 0, all.total()};
  for (const ChipState state : {ChipState::kSilent, ChipState::kUnproven}) {
    if (is_unanswered(state, rules)) out.unanswered += all.of(state);
  }
  return out;
}

std::string party_text(const OrderParties& parties, WatchParty party) {
  const bool buyer = party == WatchParty::kBuyer;
  const std::string role = !buyer                              ? "The end user, "
                           : parties.buyer == parties.end_user ? "The buyer and end user, "
                                                               : "The buyer, ";
  return role + (buyer ? parties.buyer : parties.end_user) + ",";
}

std::string held_against(const OrderStory& story, const OrderRules& rules) {
  const HeldAgainst against = held_against_of(story.tally, rules);
  const auto are = [](std::uint32_t n) { return n == 1 ? " is " : " are "; };
  const auto have = [](std::uint32_t n) { return n == 1 ? " has " : " have "; };
  const std::string of =
      " of its " + std::to_string(against.total) + (against.total == 1 ? " chip" : " chips");
  const std::string late =
      std::string{rules.unproven_counts ? "not answered, or proved nothing," : "not answered"} +
      " for longer than " + (against.unanswered == 1 ? "it" : "they") + " may";
  const std::string accused = std::to_string(against.accused);
  const std::string unanswered = std::to_string(against.unanswered);
  if (against.chips() == 0)
    return against.total == 0 ? "It has no chips." : "None" + of + " is held against it.";
  if (against.unanswered == 0) return accused + of + are(against.accused) + "accused.";
  if (against.accused == 0)
    return unanswered + of + have(against.unanswered) + late + ". That says nothing of where they are.";
  return accused + of + are(against.accused) + "accused, and " + unanswered + have(against.unanswered) +
         late + ".";
}

std::string ended_by(const OrderStory& story, const OrderRules& rules) {
  const std::string whom =
      rules.silent_counts || rules.unproven_counts ? "accused or do not answer" : "accused";
  switch (story.state) {
    case OrderState::kOpen:
      return "It is held when " + std::to_string(rules.hold_share) + " % of its chips, and " +
             std::to_string(rules.hold_least) + " at least, are " + whom + ".";
    case OrderState::kHold:
      return "It ends when none of its chips, or less than " + std::to_string(rules.release_share) +
             " % of them, are " + whom + ", or a person lifts it.";
    case OrderState::kLifted:
      break;
  }
  return "It ends with its time, when other chips are enough to hold the order, or when hardly any are left.";
}

std::string refusal_of(const OrderEvent& event, const OrderStory& story, const OrderRules& rules) {
  if (const auto* overridden = std::get_if<HoldOverridden>(&event.what)) return faults_of(*overridden, story);
  if (const auto* lifted = std::get_if<HoldLifted>(&event.what))
    return faults_of(*lifted, std::max(event.at, story.told), story, rules);
  if (const auto* decided = std::get_if<WatchDecided>(&event.what)) return faults_of(*decided, story);
  if (const auto* parties = std::get_if<OrderParties>(&event.what)) return faults_of(*parties);
  return {};
}

std::string delivery_refusal(const OrderStory& story, const std::string& delivery) {
  if (story.state != OrderState::kHold ||
      std::binary_search(story.overrides.begin(), story.overrides.end(), delivery)) {
    return {};
  }
  return "the order is on hold; a person may override it for this delivery, with a reason, or lift it";
}

std::optional<NoticeFact> fact_of(const std::string& order, const OrderChange& change) {
  const auto fact = [&](FactKind kind) {
    NoticeFact out{kind, order, change.at, change.why};
    out.order = order;
    return out;
  };
  switch (change.kind) {
    case OrderChangeKind::kHeld:
      return fact(FactKind::kOrderHeld);
    case OrderChangeKind::kCause:
    case OrderChangeKind::kOverridden:
      return fact(FactKind::kOrderUpdated);
    case OrderChangeKind::kReleased:
    case OrderChangeKind::kLifted:
      return fact(FactKind::kOrderReleased);
    case OrderChangeKind::kWatchProposed:
      return fact(FactKind::kWatchProposed);
    case OrderChangeKind::kWatchAccepted:
    case OrderChangeKind::kWatchDeclined:
      return fact(FactKind::kWatchDecided);
    case OrderChangeKind::kLiftEnded:
      break;  // nothing that anybody waits for: deliveries were allowed before, and are
  }
  return std::nullopt;
}

}  // namespace chiploc
