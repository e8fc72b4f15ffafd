#include "server/orders/order_words.hpp"

#include "tests/server/orders/order_days.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

TEST_CASE("order words: names go both ways") {
  for (const auto state : {OrderState::kOpen, OrderState::kHold, OrderState::kLifted})
    CHECK(order_state_of(name_of(state)) == state);
  for (const auto cause : {HoldCause::kDrifted, HoldCause::kMixed, HoldCause::kUnanswered})
    CHECK(hold_cause_of(name_of(cause)) == cause);
  for (const auto state :
       {WatchState::kNone, WatchState::kProposed, WatchState::kAccepted, WatchState::kDeclined})
    CHECK(watch_state_of(name_of(state)) == state);
  CHECK(name_of(OrderState::kHold) == "hold");
  CHECK(name_of(HoldCause::kUnanswered) == "unanswered");
  CHECK(name_of(WatchState::kDeclined) == "declined");
  CHECK(!order_state_of("green"));
  CHECK(!hold_cause_of(""));
  CHECK(!watch_state_of("maybe"));
}

TEST_CASE("order words: what is held against an order, in the singular too") {
  OrderDays order;
  CHECK(held_against(order.story(), order.rules()) == "It has no chips.");
  order.joined(0, 0, 1, ChipState::kSilent);
  CHECK(held_against(order.story(), order.rules()) ==
        "1 of its 1 chip has not answered for longer than it may. That says nothing of where they are.");
  order.joined(0, 1, 2, ChipState::kTampered);
  CHECK(held_against(order.story(), order.rules()) ==
        "1 of its 2 chips is accused, and 1 has not answered for longer than it may.");
  OrderRules rules;
  rules.unproven_counts = true;
  CHECK(held_against(order.story(), rules) ==
        "1 of its 2 chips is accused, and 1 has not answered, or proved nothing, for longer than it may.");
}

TEST_CASE("order words: each state says what ends it, by the policy's figures") {
  OrderDays order;
  CHECK(ended_by(order.story(), order.rules()) ==
        "It is held when 25 % of its chips, and 3 at least, are accused or do not answer.");
  OrderRules rules;
  rules.silent_counts = false;
  CHECK(ended_by(order.story(), rules) == "It is held when 25 % of its chips, and 3 at least, are accused.");
  order.joined(0, 0, 10, ChipState::kDrifted);
  CHECK(
      ended_by(order.story(), order.rules()) ==
      "It ends when none of its chips, or less than 10 % of them, are accused or do not answer, or a person lifts "
      "it.");
  order.event(1, HoldLifted{"explained", "Ann", day(9)});
  CHECK(ended_by(order.story(), order.rules()).find("It ends with its time") == 0);
}

TEST_CASE("order words: the facts that notices are made of") {
  OrderDays order;
  order.joined(0, 0, 10, ChipState::kSilent);
  order.event(1, HoldOverridden{"D-1", "spares", "Ann"});
  order.become(2, 0, 3, ChipState::kDrifted);
  order.event(3, WatchDecided{WatchParty::kBuyer, true, "known", "Ann"});
  order.event(3, WatchDecided{WatchParty::kEndUser, false, "known", "Ann"});
  order.event(4, HoldLifted{"explained", "Ann", day(9)});
  order.become(5, 0, 10, ChipState::kCompliant);
  order.become(6, 0, 10, ChipState::kDrifted);
  order.become(7, 0, 10, ChipState::kCompliant);
  std::string kinds;
  for (const OrderChange& change : order.changes()) {
    const auto fact = fact_of("O-17", change);
    if (!fact) {
      CHECK(change.kind == OrderChangeKind::kLiftEnded);
      continue;
    }
    CHECK(fact->subject == "O-17");
    CHECK(fact->order == "O-17");
    CHECK(fact->at == change.at);
    CHECK(fact->summary == change.why);
    kinds += std::string{name_of(fact->kind)} + " ";
  }
  CHECK(
      kinds ==
      "order.held watch.proposed watch.proposed order.updated order.updated order.updated watch.decided watch.decided "
      "order.released order.held watch.proposed order.released ");
}

TEST_CASE("order words: a chip's change is a fact as well") {
  const StatusChange change{day(3), ChipState::kCompliant, ChipState::kDrifted, {}, "Proved outside."};
  const NoticeFact fact = fact_of(order_chip(7), change);
  CHECK(name_of(fact.kind) == "chip.status_changed");
  CHECK(fact.subject == order_chip(7).hex());
  CHECK(fact.chip == order_chip(7));
  CHECK(fact.at == day(3));
  CHECK(fact.summary == "compliant -> drifted: Proved outside.");
}

}  // namespace
}  // namespace chiploc
