#include "tests/server/service/case_service.hpp"

namespace chiploc::test {
namespace {

v1::GetOrderRequest asking(const std::string& order) {
  v1::GetOrderRequest request;
  request.set_order(order);
  return request;
}

}  // namespace

TEST_CASE("holds: an order says its hold, its figures and what became of it", "[service][orders]") {
  CaseService world;
  CHECK_FALSE(world.cases->get_order(asking("O-1"), kAuditor)->has_hold());
  world.round(1, 3, v1::VERIFIED);
  world.drifts(2, 1);
  const auto answer = world.cases->get_order(asking("o-1"), kAuditor);
  REQUIRE(answer);
  const v1::OrderHold& hold = answer->hold();
  CHECK(hold.state() == v1::ORDER_ON_HOLD);
  CHECK(hold.cause() == "drifted");
  CHECK(hold.chips() == 2);
  CHECK(hold.measured() == 2);
  CHECK(hold.chips_by_status().at("drifted") == 1);
  REQUIRE(hold.sites_size() == 1);
  CHECK(hold.sites(0).site() == "campus");
  REQUIRE(hold.proposals_size() == 2);
  CHECK(hold.proposals(0).entity() == "Buyer Ltd");
  REQUIRE(answer->changes_size() == 3);
  CHECK(answer->changes(2).kind() == "held");
  CHECK(answer->changes(2).rests_on_size() == 1);
  // A holder sees the hold of its own order, and nothing of watch lists.
  const auto own = world.cases->get_order(asking("O-1"), kOfAcme);
  REQUIRE(own);
  CHECK(own->hold().proposals().empty());
  CHECK(own->changes_size() == 1);
  CHECK(world.cases->get_order(asking("O-1"), kOfBoltToo).error().code == ApiFaultCode::kNotFound);
  v1::ListOrderHoldsRequest list;
  CHECK(world.cases->list_order_holds(list, kAuditor)->orders_size() == 1);
  CHECK(world.cases->list_order_holds(list, kOfBoltToo)->orders().empty());
  list.add_states(v1::ORDER_OPEN);
  CHECK(world.cases->list_order_holds(list, kAuditor)->orders().empty());
  list.set_entity("nobody");
  CHECK(world.cases->list_order_holds(list, kAuditor).error().code == ApiFaultCode::kNotFound);
}

TEST_CASE("holds: lifted, overridden and decided by persons, with reasons", "[service][orders]") {
  CaseService world;
  world.drifts(1, 1);
  world.now = hour(2);
  v1::LiftOrderHoldRequest lift;
  lift.set_order("O-1");
  CHECK(world.said(&OperatorUseCases::lift_order_hold, lift, kAuditor).error().code ==
        ApiFaultCode::kBadField);
  lift.set_reason("looked at");
  CHECK(world.said(&OperatorUseCases::lift_order_hold, lift, kAuditor).error().code ==
        ApiFaultCode::kBadField);
  lift.set_until_unix_ns(hour(1).since_epoch.count());
  CHECK(world.said(&OperatorUseCases::lift_order_hold, lift, kAuditor).error().code ==
        ApiFaultCode::kConflict);

  v1::OverrideDeliveryRequest override_one;
  override_one.set_order("O-1");
  override_one.set_delivery("D-9");
  override_one.set_reason("on its way");
  const auto overridden = world.said(&OperatorUseCases::override_delivery, override_one, kAuditor);
  REQUIRE(overridden);
  CHECK(overridden->hold().overrides(0) == "D-9");
  CHECK(world.said(&OperatorUseCases::override_delivery, override_one, kAuditor).error().code ==
        ApiFaultCode::kConflict);

  v1::DecideProposalRequest decide;
  decide.set_order("O-1");
  decide.set_party("seller");
  decide.set_reason("not yet");
  CHECK(world.said(&OperatorUseCases::decide_proposal, decide, kAuditor).error().code ==
        ApiFaultCode::kBadField);
  decide.set_party("end_user");
  const auto decided = world.said(&OperatorUseCases::decide_proposal, decide, kAuditor);
  REQUIRE(decided);
  CHECK(decided->hold().proposals(1).state() == "declined");

  lift.set_until_unix_ns(hour(40).since_epoch.count());
  const auto lifted = world.said(&OperatorUseCases::lift_order_hold, lift, kAuditor);
  REQUIRE(lifted);
  CHECK(lifted->hold().state() == v1::ORDER_LIFTED);
  CHECK(lifted->hold().next_unix_ns() == hour(40).since_epoch.count());
  const auto changes = world.cases->get_order(asking("O-1"), kAuditor)->changes();
  CHECK(changes.at(0).kind() == "lifted");
  CHECK(changes.at(0).who() == "ann");
  CHECK(changes.at(0).why().empty());
  CHECK(changes.at(0).said().find("looked at") != std::string::npos);
  lift.set_order("O-2");
  CHECK(world.said(&OperatorUseCases::lift_order_hold, lift, kAuditor).error().code ==
        ApiFaultCode::kConflict);
  lift.set_order("O-7");
  CHECK(world.said(&OperatorUseCases::lift_order_hold, lift, kAuditor).error().code ==
        ApiFaultCode::kNotFound);
  CaseService none{false};
  CHECK(none.said(&OperatorUseCases::lift_order_hold, lift, kAuditor).error().code ==
        ApiFaultCode::kNotReady);
}

TEST_CASE("holds: an import asks the orders that are kept", "[service][orders]") {
  CaseService world;
  world.drifts(1, 1);
  world.now = hour(2);
  v1::ImportRequest request;
  auto& file = *request.add_files();
  file.set_kind(v1::DELIVERIES);
  file.set_name("deliveries.csv");
  file.set_format("csv");
  file.set_content("id,order,site,date,quantity\nD-9,O-1,campus,2026-12-01,5\n");
  const auto refused = world.said(&OperatorUseCases::import, request, kAdmin);
  REQUIRE(refused);
  REQUIRE(refused->faults_size() == 1);
  CHECK(refused->faults(0).problem().find("on hold") != std::string::npos);
  v1::OverrideDeliveryRequest override_one;
  override_one.set_order("O-1");
  override_one.set_delivery("D-9");
  override_one.set_reason("on its way");
  REQUIRE(world.said(&OperatorUseCases::override_delivery, override_one, kAdmin));
  request.set_dry_run(true);
  CHECK(world.said(&OperatorUseCases::import, request, kAdmin)->faults().empty());
}

}  // namespace chiploc::test
