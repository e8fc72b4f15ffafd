// What must hold of every order, tried on thousands that dice wrote.

#include <algorithm>
#include <random>
#include <set>

#include "server/orders/order_words.hpp"
#include "tests/server/orders/order_days.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

constexpr unsigned kOrders = 3000;

struct OrderTale {
  OrderRules rules;
  std::vector<OrderEvent> events;
  double end = 0;
};

OrderTale order_tale(unsigned seed, bool persons = true, std::vector<ChipState> states = {}) {
  std::mt19937 dice{seed};
  const auto roll = [&](unsigned n) { return static_cast<unsigned>(dice() % n); };
  OrderTale tale;
  tale.rules.hold_share = 10 + roll(60);
  tale.rules.release_share = 1 + roll(tale.rules.hold_share - 1);
  tale.rules.hold_least = 1 + roll(4);
  tale.rules.silent_counts = roll(4) != 0;
  tale.rules.unproven_counts = roll(2) != 0;
  if (states.empty()) {
    for (std::size_t i = 0; i < kChipStates; ++i) states.push_back(static_cast<ChipState>(i));
  }
  const ChipState likes = states[roll(static_cast<unsigned>(states.size()))];
  std::vector<std::optional<ChipPart>> parts(4 + roll(20));
  const auto part = [&] {
    const ChipState state = roll(3) == 0 ? likes : states[roll(static_cast<unsigned>(states.size()))];
    return ChipPart{state, state == ChipState::kCompliant || roll(2) == 0, "site" + std::to_string(roll(3))};
  };
  double d = 0;
  for (unsigned i = 0; i < 80; ++i) {
    d += roll(5) == 0 ? roll(60) : 0.25 * roll(8);
    const unsigned what = persons ? roll(10) : 9;
    if (what == 0) {
      tale.events.push_back({day(d), HoldLifted{"explained", "Ann", day(d + 1 + roll(60))}});
    } else if (what == 1) {
      tale.events.push_back({day(d), HoldOverridden{"D-" + std::to_string(roll(40)), "spares", "Ann"}});
    } else if (what == 2) {
      const auto party = roll(2) == 0 ? WatchParty::kBuyer : WatchParty::kEndUser;
      tale.events.push_back({day(d), WatchDecided{party, roll(2) == 0, "known", "Ann"}});
    } else if (what == 3 && roll(3) == 0) {
      tale.events.push_back(
          {day(d), OrderParties{"A" + std::to_string(roll(2)), "A" + std::to_string(roll(3))}});
    } else {
      const unsigned n = roll(static_cast<unsigned>(parts.size()));
      std::optional<ChipPart>& now = parts[n];
      if (!now) {
        now = part();
        tale.events.push_back({day(d), OrderChipJoined{order_chip(n), *now}});
      } else if (roll(8) == 0) {
        tale.events.push_back({day(d), OrderChipLeft{order_chip(n), *now}});
        now.reset();
      } else {
        const ChipPart before = *now;
        now = part();
        tale.events.push_back({day(d), OrderChipChanged{order_chip(n), before, *now}});
      }
    }
  }
  tale.end = d + 200;
  return tale;
}

template <class Seen>
std::vector<OrderChange> tell(const OrderTale& tale, double step, const Seen& seen) {
  OrderStory story = begin_order(day(0), {"A0", "A1"});
  std::vector<OrderChange> out;
  const auto keep = [&](const std::vector<OrderChange>& more) {
    out.insert(out.end(), more.begin(), more.end());
  };
  double d = 0;
  for (const OrderEvent& event : tale.events) {
    for (; step > 0 && day(d + step) < event.at; d += step) keep(advance(story, day(d + step), tale.rules));
    keep(advance(story, event.at, tale.rules));
    seen(story, OrderEvent{story.told, OrderParties{story.parties}});  // says nothing new
    keep(apply(story, event, tale.rules));
    seen(story, event);
  }
  keep(advance(story, day(tale.end), tale.rules));
  seen(story, OrderEvent{story.told, OrderParties{story.parties}});
  return out;
}

std::vector<OrderChange> tell(const OrderTale& tale, double step = 0) {
  return tell(tale, step, [](const OrderStory&, const OrderEvent&) {});
}

bool is_of_chips(const OrderEvent& event) { return event.what.index() <= 2; }

TEST_CASE("order property: told in one step or in many, the changes are the same") {
  for (unsigned seed = 0; seed < kOrders; ++seed) {
    INFO("seed " << seed);
    const OrderTale tale = order_tale(seed);
    const auto at_once = tell(tale);
    REQUIRE(tell(tale, 0.7) == at_once);
    REQUIRE(tell(tale, 11) == at_once);
  }
}

TEST_CASE("order property: the same events make the same story, and its tally is that of its chips") {
  for (unsigned seed = 0; seed < kOrders; ++seed) {
    INFO("seed " << seed);
    const OrderTale tale = order_tale(seed);
    OrderStory first, second;
    tell(tale, 0, [&](const OrderStory& story, const OrderEvent&) { first = story; });
    tell(tale, 0, [&](const OrderStory& story, const OrderEvent&) { second = story; });
    REQUIRE(first == second);
    std::map<ChipId, ChipPart> chips;
    for (const OrderEvent& event : tale.events) {
      if (const auto* joined = std::get_if<OrderChipJoined>(&event.what)) chips[joined->chip] = joined->as;
      if (const auto* changed = std::get_if<OrderChipChanged>(&event.what))
        chips[changed->chip] = changed->to;
      if (const auto* left = std::get_if<OrderChipLeft>(&event.what)) chips.erase(left->chip);
    }
    OrderTally tally;
    for (const auto& [chip, part] : chips) REQUIRE(add(tally, part));
    REQUIRE(first.tally.all() == tally.all());
    for (const auto& [site, counts] : tally.sites) REQUIRE(first.tally.sites.at(site) == counts);
    REQUIRE(first.misfits == 0);
    // And each chip that is named counts.
    for (const ChipId& chip : first.accused) {
      const ChipState state = chips.at(chip).state;
      REQUIRE((accuses(state) || state == ChipState::kDisputed));
    }
    for (const ChipId& chip : first.unanswered) REQUIRE(is_unanswered(chips.at(chip).state, tale.rules));
    const HeldAgainst against = held_against_of(first.tally, tale.rules);
    REQUIRE(first.accused.size() == against.accused);  // fewer chips than there is room for
    REQUIRE(first.unanswered.size() == against.unanswered);
  }
}

TEST_CASE("order property: each change begins where the last one ended, in time") {
  for (unsigned seed = 0; seed < kOrders; ++seed) {
    INFO("seed " << seed);
    OrderState state = OrderState::kOpen;
    WallTime at = day(0);
    for (const OrderChange& change : tell(order_tale(seed))) {
      REQUIRE(change.from == state);
      REQUIRE(change.at >= at);
      REQUIRE(!change.why.empty());
      const bool of_state =
          change.kind == OrderChangeKind::kHeld || change.kind == OrderChangeKind::kReleased ||
          change.kind == OrderChangeKind::kLifted || change.kind == OrderChangeKind::kLiftEnded;
      REQUIRE((change.from != change.to) == of_state);
      state = change.to;
      at = change.at;
    }
  }
}

TEST_CASE("order property: a hold begins at its threshold and ends below the other one") {
  std::size_t holds = 0, releases = 0;
  for (unsigned seed = 0; seed < kOrders; ++seed) {
    INFO("seed " << seed);
    const OrderTale tale = order_tale(seed);
    OrderState before = OrderState::kOpen;
    tell(tale, 0, [&](const OrderStory& story, const OrderEvent&) {
      const HeldAgainst against = held_against_of(story.tally, tale.rules);
      const bool above = against.chips() > 0 && against.chips() >= tale.rules.hold_least &&
                         against.chips() * 100 >= against.total * tale.rules.hold_share;
      const bool below =
          against.chips() * 100 < against.total * tale.rules.release_share || against.chips() == 0;
      if (story.state == OrderState::kHold) REQUIRE(!below);
      if (story.state == OrderState::kOpen) REQUIRE(!above);
      if (story.state == OrderState::kLifted)
        REQUIRE((story.lift && story.told < story.lift->until && !below));
      if (story.state != before) {
        if (story.state == OrderState::kHold) REQUIRE((++holds, above));
        if (before == OrderState::kHold && story.state == OrderState::kOpen) REQUIRE((++releases, below));
      }
      before = story.state;
    });
  }
  CHECK(holds > 3000);
  CHECK(releases > 500);
}

TEST_CASE("order property: without persons it is held and released no oftener than its chips move") {
  for (unsigned seed = 0; seed < kOrders; ++seed) {
    INFO("seed " << seed);
    OrderTale tale = order_tale(seed, false);
    tale.rules.hold_share = 60;
    tale.rules.release_share = 20;
    tale.rules.hold_least = 1;
    std::size_t moves = 0, flips = 0, since = 0, chips_least = 100;
    OrderState before = OrderState::kOpen;
    tell(tale, 0, [&](const OrderStory& story, const OrderEvent& event) {
      if (!is_of_chips(event)) return;
      ++moves, ++since;
      chips_least = std::min<std::size_t>(chips_least, story.tally.all().total());
      if (story.state == before) return;
      // From 60 % to below 20 %, or back, takes more than one move unless there are hardly any chips.
      if (flips > 0 && chips_least >= 5) REQUIRE(since >= 2);
      ++flips;
      since = 0;
      chips_least = story.tally.all().total();
      before = story.state;
    });
    REQUIRE(flips <= moves);
  }
}

TEST_CASE("order property: silence and age alone never make a hold that accuses") {
  std::size_t holds = 0;
  for (unsigned seed = 0; seed < kOrders; ++seed) {
    INFO("seed " << seed);
    const auto changes = tell(order_tale(seed, true,
                                         {ChipState::kPending, ChipState::kCompliant, ChipState::kSilent,
                                          ChipState::kUnproven, ChipState::kOverdue, ChipState::kAbsent}),
                              0, [&](const OrderStory& story, const OrderEvent&) {
                                if (story.cause) REQUIRE((++holds, story.cause == HoldCause::kUnanswered));
                                REQUIRE(story.accused.empty());
                              });
    for (const OrderChange& change : changes) REQUIRE(change.why.find("accused") == std::string::npos);
  }
  CHECK(holds > 1000);
}

TEST_CASE("order property: while it is held nothing is delivered without an override of that hold") {
  std::size_t refused = 0, overrides = 0;
  for (unsigned seed = 0; seed < kOrders; ++seed) {
    INFO("seed " << seed);
    const OrderTale tale = order_tale(seed);
    std::set<std::string> overridden;
    bool held = false;
    tell(tale, 0, [&](const OrderStory& story, const OrderEvent& event) {
      if (!held || story.state != OrderState::kHold) overridden.clear();
      held = story.state == OrderState::kHold;
      const auto* over = std::get_if<HoldOverridden>(&event.what);
      if (held && over != nullptr && overridden.size() < kOverridesMax) overridden.insert(over->delivery);
      for (unsigned i = 0; i < 40; ++i) {
        const std::string delivery = "D-" + std::to_string(i);
        const bool may = delivery_refusal(story, delivery).empty();
        REQUIRE(may == (!held || overridden.count(delivery) > 0));
        refused += may ? 0U : 1U;
      }
      overrides += overridden.size();
    });
  }
  CHECK(refused > 10000);
  CHECK(overrides > 1000);
}

TEST_CASE("order property: what is foretold happens") {
  for (unsigned seed = 0; seed < kOrders; ++seed) {
    INFO("seed " << seed);
    const OrderTale tale = order_tale(seed);
    tell(tale, 0, [&](const OrderStory& story, const OrderEvent&) {
      const auto next = outlook(story, tale.rules);
      OrderStory later = story;
      const auto changes = advance(later, day(tale.end + 1000), tale.rules);
      REQUIRE(next.has_value() == !changes.empty());
      if (next) REQUIRE((next->at == changes.front().at && next->to == changes.front().to));
    });
  }
}

TEST_CASE("order property: what is kept of it is bounded") {
  for (unsigned seed = 0; seed < kOrders / 10; ++seed) {
    tell(order_tale(seed), 0, [&](const OrderStory& story, const OrderEvent&) {
      REQUIRE(story.accused.size() <= kOrderChipsShown);
      REQUIRE(story.unanswered.size() <= kOrderChipsShown);
      REQUIRE(story.overrides.size() <= kOverridesMax);
      REQUIRE(std::is_sorted(story.overrides.begin(), story.overrides.end()));
      REQUIRE((story.cause.has_value() == (story.state == OrderState::kHold)));
      REQUIRE((story.lift.has_value() == (story.state == OrderState::kLifted)));
      if (story.state != OrderState::kHold) REQUIRE(story.overrides.empty());
    });
  }
}

}  // namespace
}  // namespace chiploc
