// More chips than were licensed, ordered or delivered; the licence of an order; orders on hold.
#include "tests/server/registry/order_world.hpp"

namespace chiploc::test::import_amounts_test {
namespace {

using Holds = std::map<std::string, OrderHold, std::less<>>;

OrderHoldOf held(Holds holds) {
  return [holds = std::move(holds)](std::string_view order) -> std::optional<OrderHold> {
    const auto at = holds.find(order);
    return at == holds.end() ? std::nullopt : std::optional{at->second};
  };
}

void check_field(const ImportPlan& plan, const std::string& field, const std::string& part) {
  INFO(shown_faults(plan));
  REQUIRE(plan.faults_total == 1);
  CHECK(plan.faults[0].field == field);
  CHECK_THAT(plan.faults[0].problem, Catch::Contains(part));
}

}  // namespace

TEST_CASE("amounts: new chips beyond the licence's quantity are a fault that says how many",
          "[registry][orders]") {
  const OrderWorld world;
  const auto base = world.ordered();  // four licensed, three there
  CHECK(world.plan({World::chips(world.chip_row(4, "S-4"))}, base).ok());
  check_field(world.plan({World::chips(world.chip_row(4, "S-4") + world.chip_row(5, "S-5") +
                                       world.chip_row(6, "S-6"))},
                         base),
              "licence", "licence L-1 is for 4 chips: it has 3, and with these it would have 6, 2 too many");
  // Without a quantity nobody counts.
  const auto free =
      world.plan({OrderWorld::long_licences("L-1,Holder GmbH,DE FR,2026-01-01,2026-12-31,User AG,\n")}, base);
  REQUIRE(free.ok());
  CHECK(world.plan({World::chips(world.chip_row(4, "S-4") + world.chip_row(5, "S-5"))}, free.registry).ok());
}

TEST_CASE("amounts: a quantity below what is there stands, and lets no more in", "[registry][orders]") {
  const OrderWorld world;
  const auto lowered =
      world.plan({OrderWorld::long_licences("L-1,Holder GmbH,DE FR,2026-01-01,2026-12-31,User AG,2\n")},
                 world.ordered());
  INFO(shown_faults(lowered));
  REQUIRE(lowered.ok());
  const auto more = world.plan({World::chips(world.chip_row(4, "S-4"))}, lowered.registry);
  REQUIRE(more.faults_total == 1);
  CHECK_THAT(more.faults[0].problem, Catch::Contains("it has 3, and with these it would have 4, 2 too many"));
  CHECK(world.plan({World::chips(world.chip_row(1, "S-99"))}, lowered.registry).ok());  // no more than before
}

TEST_CASE("amounts: a chip that moves to a licence, a delivery or an order counts there",
          "[registry][orders]") {
  const OrderWorld world;
  const auto base =
      world.plan({OrderWorld::long_licences("L-2,H,DE,2026-01-01,2026-12-31,,1\n")}, world.ordered());
  REQUIRE(base.ok());
  const auto moved = world.plan(
      {OrderWorld::delivered(world.delivered_row(1, "", "L-2") + world.delivered_row(2, "", "L-2"))},
      base.registry);
  REQUIRE(moved.faults_total == 1);
  CHECK_THAT(moved.faults[0].problem, Catch::Contains("licence L-2 is for 1 chips alone: it has 0"));
  const auto crowded = world.plan({OrderWorld::delivered(world.delivered_row(3, "D-1"))}, base.registry);
  REQUIRE(crowded.faults_total == 1);
  CHECK(crowded.faults[0].field == "delivery");
  CHECK_THAT(crowded.faults[0].problem, Catch::Contains("delivery D-1 is for 2 chips: it has 2"));
}

TEST_CASE("amounts: chips beyond their order, and deliveries beyond theirs", "[registry][orders]") {
  const OrderWorld world;
  const auto base = world.ordered();  // an order of four: two deliveries of two
  check_one_fault(
      world.plan({OrderWorld::deliveries("D-3,O-1,fra-1,2026-05-01,3,\n")}, base), "deliveries.csv", 2,
      "quantity",
      "order O-1 is for 4 chips: it has 4, and with these deliveries it would have 7, 3 too many");
  check_one_fault(world.plan({OrderWorld::deliveries("D-2,O-1,par-1,2026-04-01,3,\n")}, base),
                  "deliveries.csv", 2, "quantity", "would have 5, 1 too many");
  CHECK(world.plan({OrderWorld::deliveries("D-2,O-1,par-1,2026-04-01,1,\n")}, base).ok());
  // An order that shrank under its chips takes no more.
  const auto shrunk =
      world.plan({OrderWorld::orders("O-1,L-1,Export Ltd,Buyer BV,User AG,3,2026-02-01,\n")}, base);
  INFO(shown_faults(shrunk));
  REQUIRE(shrunk.ok());
  const auto more = world.plan({OrderWorld::delivered(world.delivered_row(4, "D-2"))}, shrunk.registry);
  REQUIRE(more.faults_total == 1);
  CHECK_THAT(more.faults[0].problem, Catch::Contains("order O-1 is for 3 chips: it has 3"));
}

TEST_CASE("amounts: a chip has the licence of the order that brought it", "[registry][orders]") {
  const OrderWorld world;
  const auto base =
      world.plan({OrderWorld::long_licences("L-2,H,DE,2026-01-01,2026-12-31,,\n")}, world.ordered());
  REQUIRE(base.ok());
  const auto at_odds = [&](const std::vector<ImportFile>& files, const std::string& field,
                           const std::string& part) {
    check_field(world.plan(files, base.registry), field, part);
  };
  at_odds({OrderWorld::delivered(world.delivered_row(4, "D-1", "L-2"))}, "delivery",
          "delivery D-1 is of order O-1, which is under licence L-1, not under L-2");
  // A file of before moves a chip: what it does not say stands.
  at_odds({World::chips(world.chip_row(1, "S-1", "L-2"))}, "licence", "under licence L-1, not under L-2");
  at_odds({OrderWorld::orders("O-1,L-2,Export Ltd,Buyer BV,User AG,4,2026-02-01,\n")}, "licence",
          "puts chip " + chip_id(1).hex() + " of delivery D-1 under licence L-2, and it has L-1");
  const auto other = "O-2,L-2,Export Ltd,Buyer BV,User AG,4,2026-02-01,\n";
  at_odds({OrderWorld::orders(other), OrderWorld::deliveries("D-1,O-2,fra-1,2026-03-01,2,\n")}, "order",
          "under licence L-2, and it has L-1");
  // Together they move.
  const auto moved =
      world.plan({OrderWorld::orders("O-1,L-2,Export Ltd,Buyer BV,User AG,4,2026-02-01,\n"),
                  World::chips(world.chip_row(1, "S-1", "L-2") + world.chip_row(2, "S-2", "L-2") +
                               world.chip_row(3, "S-3", "L-2"))},
                 base.registry);
  INFO(shown_faults(moved));
  CHECK(moved.ok());
}

TEST_CASE("holds: of an order on hold come neither new deliveries nor new chips", "[registry][orders]") {
  OrderWorld world;
  const auto base = world.ordered();
  world.options.hold_of =
      held({{"O-1", {WallTime{std::chrono::seconds{1'772'300'000}}, "half of it has drifted"}}});
  const std::string since = "order O-1, which is on hold since 2026-02-28 (half of it has drifted)";
  // What is there stays, and may be imported again.
  CHECK(world.plan(world.order_files(), base).ok());
  check_one_fault(
      world.plan({OrderWorld::deliveries("D-2,O-1,par-1,2026-04-01,1,\nD-3,O-1,par-1,2026-05-01,1,\n")},
                 base),
      "deliveries.csv", 3, "order", "brings a delivery of " + since);
  const auto chip = OrderWorld::delivered(world.delivered_row(4, "D-2"));
  check_field(world.plan({chip}, base), "delivery", "brings a chip of " + since);
  const auto moved = OrderWorld::delivered(world.delivered_row(3, "") + world.delivered_row(1, "D-2"));
  const auto plan = world.plan({moved}, base);
  REQUIRE(plan.faults_total == 1);
  CHECK(plan.faults[0].field == "delivery");
  // Another order is not on hold.
  const auto other = world.plan({OrderWorld::orders("O-2,L-1,Export Ltd,Buyer BV,User AG,1,2026-02-01,\n"),
                                 OrderWorld::deliveries("D-9,O-2,par-1,2026-05-01,1,\n"),
                                 OrderWorld::delivered(world.delivered_row(4, "D-9"))},
                                base);
  INFO(shown_faults(other));
  CHECK(other.ok());
  check_one_fault(
      world.plan({OrderWorld::deliveries("D-9,O-1,par-1,2026-05-01,1,\n" + kRoom)}, other.registry),
      "deliveries.csv", 2, "order", since);  // it moves there
}

TEST_CASE("holds: a reason lets a delivery and its chips in, and stays with it", "[registry][orders]") {
  OrderWorld world;
  const auto base = world.plan({OrderWorld::deliveries("D-2,O-1,par-1,2026-04-01,1,\n")}, world.ordered());
  REQUIRE(base.ok());
  world.options.hold_of = held({{"O-1", {kNow, ""}}});
  const auto plan =
      world.plan({OrderWorld::deliveries("D-3,O-1,par-1,2026-05-01,1,spare part for a hospital\n"),
                  OrderWorld::delivered(world.delivered_row(4, "D-3"))},
                 base.registry);
  INFO(shown_faults(plan));
  REQUIRE(plan.ok());
  CHECK(plan.registry->delivery("D-3")->override_reason == "spare part for a hospital");
  // More of a delivery than it was is more of the order.
  const auto raised = world.plan({OrderWorld::deliveries("D-2,O-1,par-1,2026-04-01,2,\n")}, base.registry);
  check_one_fault(raised, "deliveries.csv", 2, "order", "on hold since 2026-09-21;");
}

}  // namespace chiploc::test::import_amounts_test
