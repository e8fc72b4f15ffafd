// What imports change for orders and cases, in their own transaction.
#include <algorithm>

#include "server/cases/case_priority.hpp"
#include "tests/server/follow_up/follow_world.hpp"

namespace chiploc::test {
namespace {

using enum VerdictKind;

const ImportStamp kStamp{"ada", hour(50), {}, "as told"};

/// A plan that brings these records over the world's registry; what it saves is not looked at here.
struct Planned {
  ImportPlan plan;
  std::shared_ptr<Registry> next;
  explicit Planned(const FollowWorld& world) : next{std::make_shared<Registry>(*world.registry)} {
    plan.base = std::make_shared<Registry>(*world.registry);
  }
  template <class Record>
  std::shared_ptr<const Record> put(Record record) {
    auto shared = std::make_shared<const Record>(std::move(record));
    next->put(shared);
    return shared;
  }
  void chip(unsigned n, const std::string& delivery) {
    ChipRecord chip;
    chip.id = case_chip(n);
    chip.licence = "L-1";
    chip.delivery = delivery;
    plan.chips.push_back(put(chip));
  }
  void delivery(const std::string& id, const std::string& order, const std::string& site,
                std::uint32_t quantity = 10, const std::string& why = "") {
    plan.deliveries.push_back(put(DeliveryRecord{id, order, site, {}, quantity, why}));
  }
  void order(const std::string& id, const std::string& buyer) {
    plan.orders.push_back(put(OrderRecord{id, "L-1", "Maker Ltd", buyer, "User GmbH", "", 100, {}}));
  }
  Stored<Done> save(FollowWorld& world) {
    plan.registry = next;
    const auto saved =
        world.store->as_one([&] { return world.follow->imported(*world.store, plan, kStamp); });
    if (saved) *world.registry = *next;
    return saved;
  }
};

FollowWorld::Rules two_of_four() {
  FollowWorld::Rules rules;
  rules.follow.orders.hold_least = 2;
  rules.follow.orders.hold_share = 50;
  rules.follow.orders.release_share = 25;
  return rules;
}
/// Chips 1 to 4 of an order, of which 1 and 2 have drifted: it is on hold.
void on_hold(FollowWorld& world) {
  for (unsigned n = 1; n <= 4; ++n) world.chip(n);
  world.begin();
  for (unsigned n = 1; n <= 2; ++n) {
    for (const double h : {1.0, 2.0}) world.judged(h + n, n, kOutside);
  }
  REQUIRE(world.order(5).state == OrderState::kHold);
}

}  // namespace

TEST_CASE("follow imports: new chips are counted before they have a status", "[follow_up]") {
  FollowWorld world;
  Planned planned{world};
  planned.order("O-9", "Buyer Ltd");
  planned.delivery("D-9", "O-9", "hall");
  for (unsigned n = 1; n <= 5; ++n) planned.chip(n, "D-9");
  REQUIRE(planned.save(world));
  const OrderStory story = world.order(51, "O-9");
  CHECK(story.tally.sites.at("hall").total() == 5);
  CHECK(story.parties == OrderParties{"Buyer Ltd", "User GmbH"});
  CHECK(world.store->order_stories().followed(case_chip(3)).value()->site == "hall");
  CHECK(world.notices.empty());
}

TEST_CASE("follow imports: chips that move are counted where they are, and stay in their case",
          "[follow_up]") {
  FollowWorld world{two_of_four()};
  on_hold(world);
  Planned planned{world};
  planned.order("O-2", "Buyer Ltd");
  planned.delivery("D-2", "O-2", "hall");
  planned.chip(1, "D-2");
  REQUIRE(planned.save(world));
  CHECK(world.order(51).tally.all().total() == 3);
  CHECK(world.order(51).tally.all().accused() == 1);
  CHECK(world.order(51, "O-2").tally.sites.at("hall").of(ChipState::kDrifted) == 1);
  CHECK(world.case_of(CaseKind::kElsewhere, 51).standing == 2);
  // A delivery that goes elsewhere takes its chips with it.
  Planned moved{world};
  moved.delivery("D-2", "O-2", "cellar");
  REQUIRE(moved.save(world));
  const OrderStory story = world.order(51, "O-2");
  CHECK(story.tally.sites.at("hall").total() == 0);
  CHECK(story.tally.sites.at("cellar").of(ChipState::kDrifted) == 1);
  CHECK(story.misfits == 0);
  // It is cleared in the case in which it stands.
  world.judged(60, 1, kProof);
  world.judged(61, 1, kProof);
  CHECK(world.case_of(CaseKind::kElsewhere, 62).standing == 1);
}

TEST_CASE("follow imports: what comes in under a hold is refused, or overridden on record", "[follow_up]") {
  FollowWorld world{two_of_four()};
  on_hold(world);
  Planned refused{world};
  refused.delivery("D-7", "O-1", "campus");
  refused.chip(7, "D-7");
  const auto why = refused.save(world);
  REQUIRE_FALSE(why);
  CHECK(why.error().code == StoreFaultCode::kConflict);
  CHECK(why.error().text.find("D-7") != std::string::npos);
  CHECK_FALSE(world.store->order_stories().followed(case_chip(7)).value());

  Planned chip_alone{world};
  chip_alone.chip(8, "O-1/campus");
  CHECK_FALSE(chip_alone.save(world));

  Planned with_reason{world};
  with_reason.delivery("D-7", "O-1", "campus", 10, "already on the way");
  with_reason.chip(7, "D-7");
  REQUIRE(with_reason.save(world));
  CHECK(world.order(51).tally.all().total() == 5);
  const auto changes = world.store->order_stories().order_changes("O-1", 10).value();
  const auto overridden = std::find_if(changes.begin(), changes.end(), [](const OrderChangeRecord& change) {
    return change.kind == static_cast<std::uint32_t>(OrderChangeKind::kOverridden);
  });
  REQUIRE(overridden != changes.end());
  CHECK(overridden->who == "ada");
  CHECK(overridden->why.find("already on the way") != std::string::npos);
}

TEST_CASE("follow imports: a delivery that a person let in needs no reason of its own", "[follow_up]") {
  FollowWorld world{two_of_four()};
  on_hold(world);
  CHECK_FALSE(world.order_said(6, "O-1", HoldOverridden{"", "why", "ann"}));
  REQUIRE(world.order_said(6, "O-1", HoldOverridden{"D-7", "agreed", "ann"}));
  const auto hold = holds_in(*world.store, world.follow->order_rules())("O-1");
  REQUIRE(hold);
  CHECK(hold->overrides == std::vector<std::string>{"D-7"});
  CHECK(hold->since == world.order(6).since);
  CHECK_FALSE(holds_in(*world.store, world.follow->order_rules())("O-77"));
  Planned planned{world};
  planned.delivery("D-7", "O-1", "campus");
  planned.chip(7, "D-7");
  REQUIRE(planned.save(world));
}

TEST_CASE("follow imports: other parties are proposed anew, and a watch list weighs", "[follow_up]") {
  FollowWorld world{two_of_four()};
  on_hold(world);
  Planned planned{world};
  planned.order("O-1", "Another Ltd");
  planned.plan.entities.push_back(
      planned.put(EntityRecord{"Another Ltd", {EntityRole::kBuyer}, {}, Watch{"seen before", {}}}));
  REQUIRE(planned.save(world));
  CHECK(world.order(51).parties.buyer == "Another Ltd");
  CHECK(world.order(51).watch[0].state == WatchState::kProposed);
  const CaseStory story = world.case_of(CaseKind::kElsewhere, 51);
  CHECK(story.weights.watch_listed == "Another Ltd");
  const auto entries = world.store->cases().timeline(1, std::nullopt, 1).value();
  CHECK(entries.front().kind == static_cast<std::uint32_t>(CaseEntryKind::kWeighed));
  REQUIRE(world.order_said(52, "O-1", WatchDecided{WatchParty::kBuyer, true, "on the list", "ann"}));
  CHECK(world.order(53).watch[0].state == WatchState::kAccepted);
}

TEST_CASE("follow imports: a chip that is removed leaves its order and its case", "[follow_up]") {
  FollowWorld world;
  world.chip(1);
  world.chip(2);
  world.begin();
  world.until(200);  // never measured
  const auto before = world.order(200).tally.all().total();
  Planned planned{world};
  planned.next->remove_chip(case_chip(1));
  planned.plan.removed = RemovedRecord{ImportKind::kChips, case_chip(1).hex()};
  REQUIRE(planned.save(world));
  CHECK(world.order(201).tally.all().total() == before - 1);
  CHECK_FALSE(world.store->order_stories().followed(case_chip(1)).value());
  CHECK(world.store->cases().stands_in(case_chip(1)).value().empty());
}

TEST_CASE("follow imports: a country of transshipment weighs, by site and party, and moves with them",
          "[follow_up]") {
  const auto country = [](const char* text) { return CountryCode::from_text(text).value(); };
  FollowWorld::Rules rules;
  rules.follow.transshipment = {country("AE"), country("MY")};
  FollowWorld world{rules};
  world.chip(1);
  world.registry->put(SiteRecord{"campus", "", {{country("DE")}, {}}});
  world.registry->put(EntityRecord{"Buyer Ltd", {EntityRole::kBuyer}, country("AE")});
  world.registry->put(EntityRecord{"User GmbH", {EntityRole::kEndUser}, country("MY")});
  world.registry->put(EntityRecord{"Maker Ltd", {EntityRole::kExporter}, country("MY")});
  world.begin();
  world.judged(1, 1, kOutside);
  world.judged(2, 1, kOutside);
  const auto now = [&world] { return world.case_of(CaseKind::kElsewhere, 60); };
  CHECK(now().weights.transshipment == "the buyer is in AE");
  const unsigned high = priority_of(now(), hour(60)).points;
  const auto reasons = priority_of(now(), hour(60)).reasons;
  CHECK(std::count(reasons.begin(), reasons.end(),
                   PriorityReason{5, "A country of transshipment: the buyer is in AE."}) == 1);
  SECTION("who bought them sits elsewhere now") {
    Planned planned{world};
    planned.plan.entities.push_back(
        planned.put(EntityRecord{"Buyer Ltd", {EntityRole::kBuyer}, country("NL")}));
    REQUIRE(planned.save(world));
    CHECK(now().weights.transshipment == "the end user is in MY");
    Planned another{world};
    another.plan.entities.push_back(
        another.put(EntityRecord{"User GmbH", {EntityRole::kEndUser}, country("NL")}));
    REQUIRE(another.save(world));
    CHECK(now().weights.transshipment.empty());
    CHECK(priority_of(now(), hour(60)).points == high - 5);
  }
  SECTION("the site is found to be in one") {
    Planned planned{world};
    planned.plan.sites.push_back(planned.put(SiteRecord{"campus", "", {{country("MY")}, {}}}));
    REQUIRE(planned.save(world));
    CHECK(now().weights.transshipment == "the site is in MY");
  }
}

TEST_CASE("follow imports: under a hold a known delivery may not bring more, and may stay as it is",
          "[follow_up]") {
  FollowWorld world{two_of_four()};
  on_hold(world);
  Planned more{world};
  more.delivery("O-1/campus", "O-1", "campus", 51);
  CHECK_FALSE(more.save(world));
  for (const std::uint32_t quantity : {50U, 49U}) {
    Planned no_more{world};
    no_more.delivery("O-1/campus", "O-1", "campus", quantity);
    CHECK(no_more.save(world));
  }
}

TEST_CASE("follow imports: no hold comes up on the way that the whole of an import does not bring",
          "[follow_up]") {
  FollowWorld world{two_of_four()};
  for (unsigned n = 1; n <= 8; ++n) world.chip(n);
  world.begin();
  for (unsigned n = 1; n <= 2; ++n) {
    for (const double h : {1.0, 2.0}) world.judged(h + n, n, kOutside);
  }
  REQUIRE(world.order(5).state == OrderState::kOpen);  // two of eight
  Planned planned{world};
  planned.order("O-2", "Buyer Ltd");
  planned.delivery("D-2", "O-2", "hall");
  for (unsigned n = 1; n <= 8; ++n) planned.chip(n, "D-2");
  REQUIRE(planned.save(world));
  for (const std::string order : {"O-1", "O-2"}) {
    CHECK(world.order(51, order).state == OrderState::kOpen);
    CHECK(world.store->order_stories().order_changes(order, 10).value().empty());
  }
  CHECK(world.order(51, "O-2").tally.all().accused() == 2);
}

TEST_CASE("follow imports: a hold whose figures are damaged is one all the same", "[follow_up]") {
  FollowWorld world{two_of_four()};
  on_hold(world);
  REQUIRE(raw(world.folder)->execute("UPDATE order_stories SET story = x'00'"));
  const auto hold = holds_in(*world.store, world.follow->order_rules())("O-1");
  REQUIRE(hold);
  CHECK(hold->why == "its figures are damaged in the store");
  CHECK(hold->overrides.empty());
}

}  // namespace chiploc::test
