// What reports and the summary are made of, from a store as a coordinator keeps it.
#include "server/service/stories_of.hpp"

#include "tests/server/follow_up/follow_world.hpp"

namespace chiploc::test::stories_of_test {
namespace {

using enum VerdictKind;

FollowWorld::Rules held_by_one() {
  FollowWorld::Rules rules;
  rules.follow.orders.hold_least = 1;
  return rules;
}

/// Two chips of an order, of which one is twice proved elsewhere.
struct Drifted {
  FollowWorld world{held_by_one()};
  std::unique_ptr<StoreReader> reader;
  StorySources stories;
  WallTime now = hour(20);

  Drifted() {
    world.chip(1);
    world.chip(2);
    world.begin();
    world.judged(1, 1, kOutside);
    world.judged(2, 1, kOutside);
    auto opened = open_sqlite_reader(world.folder.options());
    REQUIRE(opened);
    reader = std::move(*opened);
    stories = stories_of(*reader, *world.follow, [this] { return now; });
  }
};

}  // namespace

TEST_CASE("stories of: an open case with its timeline and chips", "[service][cases]") {
  Drifted drifted;
  const auto open = drifted.stories.open_cases();
  REQUIRE(open);
  REQUIRE(open->size() == 1);
  CHECK(open->front().story.ref.key.kind == CaseKind::kElsewhere);
  CHECK(open->front().timeline.empty());  // of case_of alone
  REQUIRE(drifted.world.follow->case_said(*drifted.world.store, open->front().number,
                                          {hour(3), CaseCommented{"ann", "called the site"}}));
  const auto found = drifted.stories.case_of(open->front().number);
  REQUIRE(found);
  REQUIRE(*found);
  CHECK((*found)->chips == std::vector<ChipId>{case_chip(1)});
  REQUIRE((*found)->timeline.size() >= 2);
  for (std::size_t i = 0; i < (*found)->timeline.size(); ++i)
    CHECK((*found)->timeline[i].number == i + 1);  // in order, from the first
  CHECK((*found)->timeline.front().kind == CaseEntryKind::kOpened);
  CHECK((*found)->timeline.front().at == hour(2));
  CHECK((*found)->timeline.back().who == "ann");
}

TEST_CASE("stories of: what is not there is none, and no fault", "[service][cases]") {
  Drifted drifted;
  const auto found = drifted.stories.case_of(4'711);
  REQUIRE(found);
  CHECK_FALSE(*found);
  const auto order = drifted.stories.order_of("O-9");
  REQUIRE(order);
  CHECK_FALSE(*order);
}

TEST_CASE("stories of: a resolved case is open no more, and is still found", "[service][cases]") {
  Drifted drifted;
  const auto open = drifted.stories.open_cases().value();
  REQUIRE(open.size() == 1);
  const CaseResolved how{"ann", "reported", CaseEnd::kConfirmed};
  REQUIRE(drifted.world.follow->case_said(*drifted.world.store, open.front().number, {hour(3), how}));
  CHECK(drifted.stories.open_cases().value().empty());
  const auto found = drifted.stories.case_of(open.front().number).value();
  REQUIRE(found);
  CHECK(found->story.state == CaseState::kResolved);
}

TEST_CASE("stories of: an order on hold, as it is now and not as it was told last", "[service][orders]") {
  Drifted drifted;
  const auto held = drifted.stories.held_orders();
  REQUIRE(held);
  REQUIRE(held->size() == 1);
  CHECK(held->front().order == "O-1");
  CHECK(held->front().story.state == OrderState::kHold);
  CHECK(drifted.stories.order_of("O-1").value()->state == OrderState::kHold);
  CHECK(drifted.stories.order_rules().hold_least == 1);
}

}  // namespace chiploc::test::stories_of_test
