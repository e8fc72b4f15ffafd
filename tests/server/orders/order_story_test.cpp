#include "server/status/said_text.hpp"
#include "tests/server/orders/order_days.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using enum ChipState;
using Kind = OrderChangeKind;

OrderDays held_order() {
  OrderDays order;
  order.joined(0, 0, 10, kCompliant).become(2, 0, 3, kDrifted);
  return order;
}

TEST_CASE("order: three of ten that have drifted hold it, two do not") {
  OrderDays order;
  order.joined(0, 0, 10, kCompliant).become(1, 0, 2, kDrifted);
  CHECK(order.told().empty());
  CHECK(order.become(2, 2, 3, kProhibited).told() == "2 hold");
  const OrderChange& held = order.changes().front();
  CHECK(held.kind == Kind::kHeld);
  CHECK(held.rests_on == std::vector{order_chip(0), order_chip(1), order_chip(2)});
  CHECK(held.more == 0);
  CHECK(held.why == "3 of its 10 chips are accused.");
  CHECK(held.who.empty());
  CHECK(order.story().cause == HoldCause::kDrifted);
  CHECK(order.story().since == day(2));
}

TEST_CASE("order: the share is of all chips that were delivered, and few chips hold none") {
  OrderDays large;
  large.joined(0, 0, 20, kCompliant).become(1, 0, 4, kDrifted);
  CHECK(large.told().empty());
  CHECK(large.become(2, 4, 5, kTampered).told() == "2 hold");
  OrderDays small;
  small.joined(0, 0, 2, kCompliant).become(1, 0, 2, kDrifted);
  CHECK(small.told().empty());
  OrderDays unmeasured;  // those that nobody measured count among all
  unmeasured.joined(0, 0, 9).joined(0, 9, 12, kDrifted);
  CHECK(unmeasured.told() == "0 hold");
  CHECK(unmeasured.story().tally.all().measured == 3);
  OrderDays empty;
  CHECK(empty.until(100).told().empty());
}

TEST_CASE("order: silence holds it too, in words that accuse nobody") {
  OrderDays order;
  order.joined(0, 0, 10, kCompliant).become(3, 0, 3, kSilent);
  CHECK(order.told() == "3 hold");
  CHECK(order.story().cause == HoldCause::kUnanswered);
  CHECK(order.changes().front().why ==
        "3 of its 10 chips have not answered for longer than they may. That says nothing of where they are.");
  OrderRules rules;
  rules.silent_counts = false;
  OrderDays patient{rules};
  patient.joined(0, 0, 10, kCompliant).become(3, 0, 9, kSilent);
  CHECK(patient.told().empty());
  CHECK(patient.story().unanswered.empty());
}

TEST_CASE("order: who stalls counts where policy says so alone") {
  OrderDays order;
  order.joined(0, 0, 10, kCompliant).become(3, 0, 9, kUnproven).become(4, 9, 10, kOverdue);
  CHECK(order.told().empty());
  OrderRules rules;
  rules.unproven_counts = true;
  OrderDays strict{rules};
  strict.joined(0, 0, 10, kCompliant).become(3, 0, 3, kUnproven);
  CHECK(strict.told() == "3 hold");
  CHECK(strict.story().cause == HoldCause::kUnanswered);
}

TEST_CASE("order: what a hold rests on is told when it changes") {
  OrderDays order;
  order.joined(0, 0, 10, kCompliant).become(1, 0, 2, kSilent).become(2, 2, 3, kDrifted);
  CHECK(order.story().cause == HoldCause::kMixed);
  CHECK(order.changes().front().rests_on == std::vector{order_chip(2), order_chip(0), order_chip(1)});
  CHECK(order.changes().front().why ==
        "1 of its 10 chips is accused, and 2 have not answered for longer than they may.");
  order.become(3, 0, 2, kDrifted);
  CHECK(order.told() == "2 hold");
  REQUIRE(order.newest(Kind::kCause) != nullptr);
  CHECK(order.newest(Kind::kCause)->at == day(3));
  CHECK(order.story().cause == HoldCause::kDrifted);
  // One of three is back: the hold goes on, and what is left of it is the same.
  const std::size_t before = order.changes().size();
  order.become(4, 0, 1, kCompliant);
  CHECK(order.changes().size() == before);
  // Silence beside those that have drifted changes nothing either.
  order.become(5, 4, 5, kSilent);
  CHECK(order.story().cause == HoldCause::kDrifted);
}

TEST_CASE("order: where those that were silent answer again, the accused ones are what is left of a hold") {
  OrderDays order;
  order.joined(0, 0, 10, kCompliant).become(1, 0, 2, kSilent).become(2, 2, 4, kDrifted);
  CHECK(order.story().cause == HoldCause::kMixed);
  CHECK(order.become(3, 0, 2, kCompliant).story().cause == HoldCause::kDrifted);
  CHECK(order.newest(Kind::kCause)->why == "2 of its 10 chips are accused.");
}

TEST_CASE("order: a hold for drift rests on accused chips alone") {
  OrderDays order;
  order.joined(0, 0, 12, kCompliant).become(1, 0, 2, kSilent).become(2, 2, 5, kDrifted);
  REQUIRE(order.newest(Kind::kCause) != nullptr);
  CHECK(order.story().cause == HoldCause::kDrifted);
  CHECK(order.newest(Kind::kCause)->rests_on == std::vector{order_chip(2), order_chip(3), order_chip(4)});
  CHECK(order.newest(Kind::kCause)->more == 0);
  CHECK(order.newest(Kind::kHeld)->rests_on.size() == 3);
  CHECK(order.newest(Kind::kHeld)->more == 0);
}

TEST_CASE("order: a hold ends well below where it began") {
  OrderDays order;
  order.joined(0, 0, 20, kCompliant).become(1, 0, 5, kDrifted);
  order.become(2, 0, 3, kCompliant);
  CHECK(order.told() == "1 hold");  // 2 of 20 are 10 %, and it ends below that
  order.become(3, 3, 4, kCompliant);
  CHECK(order.told() == "1 hold, 3 open");
  CHECK(order.newest(Kind::kReleased)->why == "1 of its 20 chips is accused.");
  CHECK(order.story().cause == std::nullopt);
  order.become(4, 4, 5, kCompliant).become(5, 0, 4, kDrifted);
  CHECK(order.told() == "1 hold, 3 open");
}

TEST_CASE("order: a dispute neither holds an order nor releases it") {
  OrderDays order = held_order();
  order.become(3, 0, 3, kDisputed);
  CHECK(order.told() == "2 hold");
  CHECK(order.count(Kind::kCause) == 0);
  CHECK(order.story().accused.size() == 3);
}

TEST_CASE("order: chips that leave, and others that come, change the share") {
  OrderDays order = held_order();
  order.left(3, 0).left(3, 1);
  CHECK(order.told() == "2 hold");
  CHECK(order.story().accused == std::vector{order_chip(2)});
  order.left(4, 2);
  CHECK(order.told() == "2 hold, 4 open");
  CHECK(order.newest(Kind::kReleased)->why == "None of its 7 chips is held against it.");
  OrderDays diluted = held_order();
  diluted.joined(5, 20, 41, kCompliant);
  CHECK(diluted.told() == "2 hold, 5 open");
}

TEST_CASE("order: a hold ends with the last chip of its order") {
  OrderDays order = held_order();
  for (unsigned chip = 3; chip < 10; ++chip) order.left(3, chip);
  order.left(4, 0).left(4, 1);
  CHECK(order.told() == "2 hold");
  CHECK(order.left(5, 2).told() == "2 hold, 5 open");
  CHECK(order.newest(Kind::kReleased)->why == "It has no chips.");
}

TEST_CASE("order: a hold rests on chips by name as far as there is room, and by number beyond") {
  OrderDays order;
  order.joined(0, 0, 100, kCompliant).become(1, 0, 24, kSilent).become(2, 24, 80, kDrifted);
  CHECK(order.story().accused.size() == kOrderChipsShown);
  REQUIRE(order.newest(Kind::kHeld) != nullptr);
  order.become(3, 0, 60, kCompliant);
  order.event(4, HoldLifted{"looked at", "Ann", day(10)});
  CHECK(order.newest(Kind::kLifted)->rests_on.size() + order.newest(Kind::kLifted)->more == 20);
}

TEST_CASE("order: while it is held a delivery needs an override with its reason") {
  OrderDays order = held_order();
  CHECK(!delivery_refusal(order.story(), "D-7").empty());
  CHECK(refusal_of({day(3), HoldOverridden{"D-7", "", "Ann"}}, order.story(), order.rules()) ==
        "the reason is missing");
  CHECK(refusal_of({day(3), HoldOverridden{"D-7", "spares", " "}}, order.story(), order.rules()) ==
        "the name of who overrides is missing");
  CHECK(refusal_of({day(3), HoldOverridden{"", "spares", "Ann"}}, order.story(), order.rules()) ==
        "the delivery is missing");
  order.event(3, HoldOverridden{"D-7", "", "Ann"});
  CHECK(order.count(Kind::kOverridden) == 0);
  order.event(3, HoldOverridden{"D-7", "spares for a ship", "Ann"});
  CHECK(order.newest(Kind::kOverridden)->who == "Ann");
  CHECK(order.newest(Kind::kOverridden)->why ==
        "Delivery D-7 may be recorded although the order is on hold. The reason given: spares for a ship");
  CHECK(delivery_refusal(order.story(), "D-7").empty());
  CHECK(!delivery_refusal(order.story(), "D-8").empty());
  CHECK(order.state() == OrderState::kHold);
  order.event(3, HoldOverridden{"D-7", "again", "Ann"});
  CHECK(order.count(Kind::kOverridden) == 1);
  // It is of this hold, not of the next one.
  order.become(4, 0, 3, kCompliant);
  CHECK(delivery_refusal(order.story(), "D-8").empty());
  order.become(5, 0, 3, kDrifted);
  CHECK(!delivery_refusal(order.story(), "D-7").empty());
}

TEST_CASE("order: overrides of one hold are limited, and none is given where there is no hold") {
  OrderDays order = held_order();
  for (std::size_t i = 0; i < kOverridesMax + 3; ++i)
    order.event(3, HoldOverridden{"D-" + std::to_string(i), "spares", "Ann"});
  CHECK(order.story().overrides.size() == kOverridesMax);
  CHECK(order.count(Kind::kOverridden) == kOverridesMax);
  CHECK(refusal_of({day(3), HoldOverridden{"D-x", "spares", "Ann"}}, order.story(), order.rules()) ==
        "the hold is overridden for 32 deliveries already; lift it instead");
  OrderDays open;
  open.event(1, HoldOverridden{"D-1", "spares", "Ann"});
  CHECK(open.story().overrides.empty());
  CHECK(open.changes().empty());
}

TEST_CASE("order: a person lifts a hold, and the same chips do not bring it back before the time") {
  OrderDays order = held_order();
  order.event(3, HoldLifted{"they were moved by us", "Ann", day(33)});
  CHECK(order.told() == "2 hold, 3 lifted");
  CHECK(order.newest(Kind::kLifted)->who == "Ann");
  CHECK(order.newest(Kind::kLifted)->why ==
        "3 of its 10 chips are accused. The reason given for lifting the hold: they were moved by us");
  CHECK(delivery_refusal(order.story(), "D-1").empty());
  order.become(4, 3, 5, kDrifted);
  CHECK(order.told() == "2 hold, 3 lifted");  // five are accused, two of them anew
  CHECK(order.until(32.9).told() == "2 hold, 3 lifted");
  CHECK(outlook(order.story(), order.rules())->at == day(33));
  CHECK(outlook(order.story(), order.rules())->to == OrderState::kHold);
  CHECK(order.until(50).told() == "2 hold, 3 lifted, 33 hold");
  CHECK(order.story().lift == std::nullopt);
}

TEST_CASE("order: other chips hold a lifted order again") {
  OrderDays order = held_order();
  order.event(3, HoldLifted{"explained", "Ann", day(33)}).become(5, 3, 6, kDrifted);
  CHECK(order.told() == "2 hold, 3 lifted, 5 hold");
  // A lift covers no more chips than were held against the order ever since.
  OrderDays fewer = held_order();
  fewer.event(3, HoldLifted{"explained", "Ann", day(33)})
      .become(4, 0, 2, kCompliant)
      .become(5, 3, 5, kDrifted);
  CHECK(fewer.told() == "2 hold, 3 lifted");
  CHECK(fewer.become(6, 5, 6, kDrifted).told() == "2 hold, 3 lifted, 6 hold");
}

TEST_CASE("order: a lift of silence covers fewer when some of them answer") {
  OrderDays order;
  order.joined(0, 0, 12, kCompliant).become(1, 0, 4, kSilent);
  order.event(2, HoldLifted{"works on the power", "Ann", day(33)}).become(3, 0, 2, kCompliant);
  CHECK(order.become(4, 4, 6, kSilent).told() == "1 hold, 2 lifted");
  CHECK(order.become(5, 6, 7, kSilent).told() == "1 hold, 2 lifted, 5 hold");
}

TEST_CASE("order: a lift of silence covers no drift") {
  OrderDays order;
  order.joined(0, 0, 10, kCompliant).become(1, 0, 4, kSilent);
  order.event(2, HoldLifted{"works on the power", "Ann", day(33)});
  CHECK(order.become(3, 0, 2, kDrifted).told() == "1 hold, 2 lifted");
  CHECK(order.become(4, 2, 3, kDrifted).told() == "1 hold, 2 lifted, 4 hold");
  // And one of drift none of silence.
  OrderDays drift = held_order();
  drift.event(3, HoldLifted{"explained", "Ann", day(33)}).become(4, 3, 6, kSilent);
  CHECK(drift.told() == "2 hold, 3 lifted, 4 hold");
}

TEST_CASE("order: a lift ends when hardly any chip is left to cover, and then starts from nothing") {
  OrderDays order = held_order();
  order.event(3, HoldLifted{"explained", "Ann", day(33)}).become(4, 0, 3, kCompliant);
  CHECK(order.told() == "2 hold, 3 lifted, 4 open");
  REQUIRE(order.newest(Kind::kLiftEnded) != nullptr);
  CHECK(order.newest(Kind::kLiftEnded)->why == "None of its 10 chips is held against it.");
  CHECK(order.become(5, 0, 3, kDrifted).told() == "2 hold, 3 lifted, 4 open, 5 hold");
  OrderDays later = held_order();
  later.event(3, HoldLifted{"explained", "Ann", day(33)}).become(4, 0, 1, kCompliant);
  CHECK(later.until(40).told() == "2 hold, 3 lifted, 33 open");  // two of ten: not enough to hold it
}

TEST_CASE("order: who lifts says why, and for a limited time") {
  const OrderDays order = held_order();
  const auto refused = [&](HoldLifted lifted) {
    return refusal_of({day(3), std::move(lifted)}, order.story(), order.rules());
  };
  CHECK(refused({"explained", "Ann", day(93)}).empty());
  CHECK(refused({"explained", "Ann", day(93.1)}) == "it is lifted for longer than the policy's lift_most");
  CHECK(refused({"explained", "Ann", day(3)}) == "the time until which it is lifted is over already");
  CHECK(refused({"", "Ann", day(4)}) == "the reason is missing");
  CHECK(refused({"explained", "", day(4)}) == "the name of who lifts it is missing");
  CHECK(refused({std::string(kSaidReasonMax + 1, 'x'), "Ann", day(4)}) ==
        "the reason is longer than 1000 bytes");
  CHECK(refused({"\xff", "Ann", day(4)}) == "the reason is not in UTF-8");
  CHECK(refused({"a\x1b[2J", "Ann", day(4)}) == "the reason has a character that cannot be shown");
  CHECK(refused({"line\nline", "Ann", day(4)}).empty());
  const OrderDays open;
  CHECK(refusal_of({day(3), HoldLifted{"explained", "Ann", day(4)}}, open.story(), open.rules()) ==
        "the order is not on hold");
}

TEST_CASE("order: buyer and end user are proposed for the watch list, and a person decides") {
  OrderDays order = held_order();
  CHECK(order.count(Kind::kWatchProposed) == 2);
  CHECK(
      order.newest(Kind::kWatchProposed)->why ==
      "The end user, User GmbH, is proposed for the watch list, since the order is on hold: 3 of its 10 chips "
      "are accused.");
  order.event(3, WatchDecided{WatchParty::kBuyer, true, "known", "Ann"});
  order.event(3, WatchDecided{WatchParty::kEndUser, false, "a public university", "Ann"});
  CHECK(order.watch(WatchParty::kBuyer) == WatchState::kAccepted);
  CHECK(order.watch(WatchParty::kEndUser) == WatchState::kDeclined);
  CHECK(order.newest(Kind::kWatchDeclined)->who == "Ann");
  CHECK(order.newest(Kind::kWatchDeclined)->why ==
        "The end user, User GmbH, is not to be on the watch list. The reason given: a public university");
  CHECK(order.newest(Kind::kWatchAccepted)->why ==
        "The buyer, Buyer Ltd, is to be on the watch list. The reason given: known");
  // Not again for the same hold, whatever it rests on; for another one only who was declined.
  order.event(3.5, OrderParties{"Buyer Ltd", "User GmbH"});
  CHECK(order.watch(WatchParty::kEndUser) == WatchState::kDeclined);
  order.become(4, 3, 9, kSilent);
  CHECK(order.count(Kind::kWatchProposed) == 2);
  order.become(5, 0, 9, kCompliant).become(6, 0, 4, kDrifted);
  CHECK(order.count(Kind::kWatchProposed) == 3);
  CHECK(order.watch(WatchParty::kBuyer) == WatchState::kAccepted);
  CHECK(order.watch(WatchParty::kEndUser) == WatchState::kProposed);
}

TEST_CASE("order: a decision needs a proposal and a reason") {
  OrderDays order = held_order();
  CHECK(refusal_of({day(3), WatchDecided{WatchParty::kBuyer, true, "", "Ann"}}, order.story(),
                   order.rules()) == "the reason is missing");
  CHECK(refusal_of({day(3), WatchDecided{WatchParty::kBuyer, true, "known", ""}}, order.story(),
                   order.rules()) == "the name of who decides is missing");
  order.event(3, WatchDecided{WatchParty::kBuyer, true, "", "Ann"});
  CHECK(order.watch(WatchParty::kBuyer) == WatchState::kProposed);
  order.event(3, WatchDecided{WatchParty::kBuyer, true, "known", "Ann"});
  order.event(3, WatchDecided{WatchParty::kBuyer, false, "changed my mind", "Ann"});
  CHECK(order.watch(WatchParty::kBuyer) == WatchState::kAccepted);
  OrderDays open;
  open.event(3, WatchDecided{WatchParty::kBuyer, true, "known", "Ann"});
  CHECK(open.watch(WatchParty::kBuyer) == WatchState::kNone);
}

TEST_CASE("order: who buys for itself is proposed once, and who is not stated never") {
  OrderDays same{{}, {"User GmbH", "User GmbH"}};
  same.joined(0, 0, 10, kDrifted);
  CHECK(same.count(Kind::kWatchProposed) == 1);
  CHECK(same.newest(Kind::kWatchProposed)->why.find("The buyer and end user, User GmbH, is proposed") == 0);
  OrderDays unknown{{}, {}};
  unknown.joined(0, 0, 10, kDrifted);
  CHECK(unknown.state() == OrderState::kHold);
  CHECK(unknown.count(Kind::kWatchProposed) == 0);
}

TEST_CASE("order: who takes another's place is proposed in it, while the order is held") {
  OrderDays order = held_order();
  order.event(3, WatchDecided{WatchParty::kBuyer, true, "known", "Ann"});
  order.event(4, OrderParties{"Buyer Ltd", "Front Ltd"});
  CHECK(order.watch(WatchParty::kBuyer) == WatchState::kAccepted);
  CHECK(order.watch(WatchParty::kEndUser) == WatchState::kProposed);
  CHECK(order.count(Kind::kWatchProposed) == 3);
  CHECK(order.newest(Kind::kWatchProposed)->why.find("The end user, Front Ltd,") == 0);
  order.event(5, OrderParties{"Front Ltd", "Front Ltd"});
  CHECK(order.watch(WatchParty::kBuyer) == WatchState::kProposed);
  CHECK(order.watch(WatchParty::kEndUser) == WatchState::kNone);
  CHECK(refusal_of({day(6), OrderParties{"\xff", ""}}, order.story(), order.rules()) ==
        "the buyer is not in UTF-8");
  OrderDays open;
  open.event(1, OrderParties{"A", "B"});
  CHECK(open.changes().empty());
  CHECK(open.story().parties == OrderParties{"A", "B"});
}

TEST_CASE("order: a change that does not fit what was counted changes nothing, and is counted") {
  OrderDays order;
  order.joined(0, 0, 3, kCompliant);
  const OrderTally before = order.story().tally;
  order.event(1, OrderChipChanged{order_chip(0), {kDrifted, true, "campus"}, {kSilent, true, "campus"}});
  order.event(1,
              OrderChipChanged{order_chip(0), {kCompliant, true, "campus"}, {kCompliant, false, "campus"}});
  order.event(1, OrderChipLeft{order_chip(0), {kCompliant, true, "elsewhere"}});
  order.event(1, OrderChipJoined{order_chip(9), {kCompliant, false, "campus"}});
  order.event(1, OrderChipJoined{order_chip(9), {kDrifted, true, "\xff"}});
  order.event(1, OrderChipChanged{order_chip(0), {kCompliant, true, "campus"}, {kDrifted, true, "\xff"}});
  CHECK(order.story().misfits == 6);
  CHECK(order.story().tally == before);
  CHECK(order.story().accused.empty());
}

TEST_CASE("order: no more chips are named than are counted, whatever is said to have left") {
  OrderDays order;
  order.joined(0, 0, 2, kDrifted).joined(0, 2, 4, kSilent);
  order.event(1, OrderChipLeft{order_chip(77), {kDrifted, true, "campus"}});
  CHECK(order.story().accused == std::vector{order_chip(0)});
  CHECK(order.story().misfits == 1);
  order.event(2, OrderChipLeft{order_chip(77), {kSilent, true, "campus"}});
  CHECK(order.story().unanswered == std::vector{order_chip(2)});
  CHECK(order.story().misfits == 2);
}

TEST_CASE("order: an event of before the story counts as of its time") {
  OrderDays order;
  order.until(10).joined(3, 0, 10, kDrifted);
  CHECK(order.told() == "10 hold");
  CHECK(order.story().told == day(10));
  CHECK(order.until(5).story().told == day(10));
}

}  // namespace
}  // namespace chiploc
