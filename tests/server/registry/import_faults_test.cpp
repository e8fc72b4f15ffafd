// Every fault at once: one row's does not hide what else is wrong, in the row, in its file or in another.
#include <sstream>

#include "tests/server/registry/order_world.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace {

using Lines = std::vector<std::string>;

/// "deliveries.csv: date", in the order in which they are told: by file and line.
Lines places_of(const ImportPlan& plan) {
  Lines out;
  for (const ImportFault& fault : plan.faults) out.push_back(fault.file + ": " + fault.field);
  return out;
}

/// The chip's row, with another way to reach it.
std::string unreachable(std::string row) {
  const std::size_t at = row.find(",knock,");
  REQUIRE(at != std::string::npos);
  return row.replace(at, 7, ",by post,");
}

}  // namespace

TEST_CASE("import faults: a row with one counts where chips, deliveries and orders are counted",
          "[registry][faults]") {
  const OrderWorld world;
  const auto base = world.ordered();
  SECTION("a chip beyond its delivery and its order") {
    const auto plan = world.plan(
        {OrderWorld::delivered(world.delivered_row(4, "D-2") + unreachable(world.delivered_row(5, "D-2")))},
        base);
    INFO(shown_faults(plan));
    CHECK(places_of(plan) ==
          Lines{"chips.csv: reach", "chips.csv: licence", "chips.csv: delivery", "chips.csv: delivery"});
  }
  SECTION("a delivery beyond its order, which chips of another licence name") {
    const auto plan = world.plan({OrderWorld::long_licences("L-2,Other SA,FR,2026-01-01,2026-12-31,,\n"),
                                  OrderWorld::deliveries("D-9,O-1,fra-1,tomorrow,3,\n"),
                                  OrderWorld::delivered(world.delivered_row(6, "D-9", "L-2"))},
                                 base);
    INFO(shown_faults(plan));
    CHECK(places_of(plan) ==
          Lines{"deliveries.csv: date", "deliveries.csv: quantity", "chips.csv: delivery"});
  }
  SECTION("an order, to which more is delivered than it is for") {
    const auto plan = world.plan({OrderWorld::orders("O-2,L-1,Export Ltd,Buyer BV,User AG,1,someday,\n"),
                                  OrderWorld::deliveries("D-9,O-2,fra-1,2026-03-01,2,\n")},
                                 base);
    INFO(shown_faults(plan));
    CHECK(places_of(plan) == Lines{"orders.csv: placed", "deliveries.csv: quantity"});
  }
}

TEST_CASE("import faults: a chip may name a delivery whose number of chips cannot be read",
          "[registry][faults]") {
  const OrderWorld world;
  const auto plan = world.plan({OrderWorld::deliveries("D-9,O-1,fra-1,2026-03-01,many,\n"),
                                OrderWorld::delivered(world.delivered_row(4, "D-9"))},
                               world.ordered());
  INFO(shown_faults(plan));
  CHECK(places_of(plan) == Lines{"deliveries.csv: quantity"});
}

TEST_CASE("import faults: what a row says beside its fault is held against the others",
          "[registry][faults]") {
  const OrderWorld world;
  const auto base = world.ordered();
  const auto told = [&](const std::vector<ImportFile>& files) {
    const auto plan = world.plan(files, base);
    INFO(shown_faults(plan));
    CHECK_FALSE(plan.ok());
    return places_of(plan);
  };
  std::string far = World::anchor_row("par1", 2, 7001);
  far.replace(far.find(",50.1,"), 6, ",99.1,");
  CHECK(told({World::anchors(World::anchor_row("fra1", 1, 7001) + far)}) ==
        Lines{"anchors.csv: address", "anchors.csv: lat", "anchors.csv: address"});
  CHECK(told({OrderWorld::entities("Export Ltd,buyer,QQ,,\n")}) ==
        Lines{"entities.csv: country", "entities.csv: roles"});
  CHECK(told({OrderWorld::entities("X,buyer,QQ,reason,\n")}) ==
        Lines{"entities.csv: country", "entities.csv: watch_since"});
  // Of what cannot be read nothing follows.
  CHECK(told({OrderWorld::entities("X,buyer,,reason,someday\n")}) == Lines{"entities.csv: watch_since"});
  CHECK(told({OrderWorld::conditions("C-9,L-1,volume_cap,someday,,,,2099-01-01\n")}) ==
        Lines{"conditions.csv: due", "conditions.csv: share_percent", "conditions.csv: met",
              "conditions.csv: met"});
  CHECK(told({OrderWorld::conditions("C-9,L-1,cap,2026-01-01,,,,\n")}) == Lines{"conditions.csv: kind"});
}

TEST_CASE(
    "import faults: a file that cannot be read makes no faults of others that name what may stand in it",
    "[registry][faults]") {
  const OrderWorld world;
  const auto unread = World::csv(ImportKind::kLicences, "licences.csv", "id,owner\nL-7,Holder GmbH\n");
  const auto plan = world.plan({unread, world.chips(world.chip_row(7, "S-7", "L-7")), world.makers()});
  INFO(shown_faults(plan));
  for (const std::string& place : places_of(plan)) CHECK(place.starts_with("licences.csv:"));
  CHECK_FALSE(plan.ok());
  // One with a row that can be read has said what stands in it.
  const auto read = world.plan({world.licences("L-1,Holder GmbH,DE,someday,2026-12-31\n"),
                                world.chips(world.chip_row(7, "S-7", "L-7")), world.makers()});
  CHECK(places_of(read) == Lines{"licences.csv: valid_from", "chips.csv: licence"});
}

}  // namespace chiploc::test
