// ListRecords, GetOrder, and chips by what brought them.
#include "tests/server/service/order_service.hpp"

namespace chiploc::test {
namespace {

v1::ListRecordsRequest of(v1::ImportKind kind) {
  v1::ListRecordsRequest request;
  request.set_kind(kind);
  return request;
}

/// Keys of whatever a page holds.
Words keys_of(const v1::ListRecordsResponse& page) {
  Words out;
  for (const auto& one : page.models()) out.push_back(one.model());
  for (const auto& one : page.entities()) out.push_back(one.entity());
  for (const auto& one : page.sites()) out.push_back(one.site());
  for (const auto& one : page.orders()) out.push_back(one.order());
  for (const auto& one : page.deliveries()) out.push_back(one.delivery());
  for (const auto& one : page.conditions()) out.push_back(one.condition());
  return out;
}

}  // namespace

TEST_CASE("records: each kind's list has what was imported, with what the registry counts",
          "[service][orders]") {
  OrderService service;
  CHECK(service.list(of(v1::MODELS)).models(0).eccn() == "3A090.a");
  const auto entities = service.list(of(v1::ENTITIES));
  CHECK(keys_of(entities) == Words{"Buyer BV", "Export Ltd", "Hosting SE", "Shadow Inc", "User AG"});
  CHECK(entities.entities(3).watch_since() == "2025-06-01");
  CHECK(entities.entities(3).watch_reason() == "diversion in 2025");
  CHECK(entities.entities(4).orders() == 1);
  CHECK(entities.entities(4).licences() == 1);
  CHECK(entities.entities(4).chips() == 0);  // not of a list
  CHECK(entities.entities(2).sites(0) == "fra-1");
  const auto site = service.list(of(v1::SITES)).sites(0);
  CHECK(site.operated_by() == "Hosting SE");
  CHECK(site.place() == "DE");
  CHECK(site.address() == "Example Street 1, Frankfurt");
  CHECK(site.deliveries() == 1);
  CHECK(site.chips() == 2);
  const auto order = service.list(of(v1::ORDERS)).orders(0);
  CHECK(order.quantity() == 4);
  CHECK(order.delivered() == 4);
  CHECK(order.chips() == 3);
  CHECK(order.end_user() == "User AG");
  const auto delivery = service.list(of(v1::DELIVERIES)).deliveries(1);
  CHECK(delivery.delivery() == "D-2");
  CHECK(delivery.chips() == 1);
  const auto conditions = service.list(of(v1::CONDITIONS));
  CHECK(conditions.conditions(0).evidence_sha256() == std::string(32, '\xAA'));
  CHECK(conditions.conditions(0).met() == "2026-09-01");
  CHECK(conditions.conditions(1).share_percent() == 25.5);
}

TEST_CASE("records: filters, in any case of letters, and only those that a kind has", "[service][orders]") {
  OrderService service;
  const auto second = service.import(
      {OrderWorld::long_licences("L-2,H,DE,2026-01-01,2026-12-31,,\n"),
       OrderWorld::orders("O-2,L-2,Export Ltd,Shadow Inc,Shadow Inc,5,2026-03-01,Hosting SE\n"),
       OrderWorld::deliveries("D-3,O-2,fra-1,2026-05-01,2,\n"),
       OrderWorld::conditions("C-4,L-2,third_party_test,2026-08-01,,,,\n")});
  REQUIRE(second);
  const auto keys = [&](v1::ImportKind kind, const auto& set) {
    auto request = of(kind);
    set(request);
    return keys_of(service.list(request));
  };
  CHECK(keys(v1::ORDERS, [](auto& r) { r.set_licence("l-2"); }) == Words{"O-2"});
  CHECK(keys(v1::ORDERS, [](auto& r) { r.set_entity("export ltd"); }) == Words{"O-1", "O-2"});
  CHECK(keys(v1::ORDERS, [](auto& r) { r.set_entity("Hosting SE"); }) == Words{"O-2"});
  CHECK(keys(v1::ORDERS, [](auto& r) {
          r.set_entity("Export Ltd");
          r.set_licence("L-1");
        }) == Words{"O-1"});
  CHECK(keys(v1::ORDERS, [](auto& r) { r.set_watched(true); }) == Words{"O-2"});
  CHECK(keys(v1::ORDERS, [](auto& r) { r.set_name("o-1"); }) == Words{"O-1"});
  CHECK(keys(v1::ENTITIES, [](auto& r) { r.set_watched(true); }) == Words{"Shadow Inc"});
  CHECK(keys(v1::SITES, [](auto& r) { r.set_entity("Hosting SE"); }) == Words{"fra-1"});
  CHECK(keys(v1::DELIVERIES, [](auto& r) { r.set_order("O-1"); }) == Words{"D-1", "D-2"});
  CHECK(keys(v1::DELIVERIES, [](auto& r) { r.set_site("fra-1"); }) == Words{"D-1", "D-3"});
  CHECK(keys(v1::DELIVERIES, [](auto& r) { r.set_licence("L-2"); }) == Words{"D-3"});
  CHECK(keys(v1::DELIVERIES, [](auto& r) { r.set_entity("User AG"); }) == Words{"D-1", "D-2"});
  CHECK(keys(v1::DELIVERIES, [](auto& r) {
          r.set_site("fra-1");
          r.set_order("O-2");
        }) == Words{"D-3"});
  CHECK(keys(v1::CONDITIONS, [](auto& r) { r.set_licence("L-1"); }) == Words{"C-1", "C-2", "C-3"});
  CHECK(keys(v1::CONDITIONS, [](auto& r) { r.set_unmet(true); }) == Words{"C-2", "C-3", "C-4"});
  CHECK(keys(v1::CONDITIONS, [](auto& r) { r.set_due_before("2026-11-01"); }) == Words{"C-1", "C-4"});
  CHECK(keys(v1::MODELS, [](auto& r) { r.set_maker("acme"); }) == Words{"LAB-100"});
  auto named = of(v1::ENTITIES);
  named.set_name("user ag");
  CHECK(service.list(named).entities(0).chips() == 3);

  const auto refused = [&](v1::ImportKind kind, const auto& set) {
    auto request = of(kind);
    set(request);
    const auto answer = service.world.cases.list_records(request, kReader);
    REQUIRE_FALSE(answer);
    return answer.error();
  };
  CHECK(refused(v1::MODELS, [](auto& r) { r.set_licence("L-1"); }).text ==
        "licence: a list of this kind (model) has no such filter; leave it out");
  CHECK(refused(v1::ORDERS, [](auto& r) { r.set_unmet(true); }).code == ApiFaultCode::kBadField);
  CHECK(refused(v1::ORDERS, [](auto& r) { r.set_site("fra-1"); }).code == ApiFaultCode::kBadField);
  const auto unknown = refused(v1::ORDERS, [](auto& r) { r.set_name("O-3"); });
  CHECK(unknown.code == ApiFaultCode::kNotFound);
  CHECK_THAT(unknown.text, Catch::Contains("no order \"O-3\" in the registry; the nearest are O-1 and O-2"));
  CHECK(refused(v1::DELIVERIES, [](auto& r) { r.set_entity("nobody"); }).code == ApiFaultCode::kNotFound);
  CHECK_THAT(refused(v1::CONDITIONS, [](auto& r) { r.set_due_before("soon"); }).text,
             Catch::Contains("due_before: \"soon\" is not a date"));
  CHECK(refused(v1::LICENCES, [](auto&) {}).code == ApiFaultCode::kBadField);
  CHECK(refused(v1::ORDERS, [](auto& r) { r.set_page_size(1'001); }).code == ApiFaultCode::kBadField);
  CHECK(refused(v1::ORDERS, [](auto& r) { r.set_page_token("?"); }).code == ApiFaultCode::kBadField);
}

TEST_CASE("records: pages go on where the last one ended, counted once", "[service][orders]") {
  OrderService service;
  for (const auto& [kind, whole] :
       {std::pair{v1::ENTITIES, Words{"Buyer BV", "Export Ltd", "Hosting SE", "Shadow Inc", "User AG"}},
        std::pair{v1::CONDITIONS, Words{"C-1", "C-2", "C-3"}}}) {
    auto request = of(kind);
    if (kind == v1::CONDITIONS) request.set_licence("L-1");  // over an index
    request.set_page_size(2);
    request.set_with_total(true);
    Words pieces;
    for (;;) {
      const auto page = service.list(request);
      CHECK(page.total() == whole.size());
      for (const std::string& key : keys_of(page)) pieces.push_back(key);
      CHECK(keys_of(page).size() <= 2);
      if (page.next_page_token().empty()) break;
      request.set_page_token(page.next_page_token());
    }
    CHECK(pieces == whole);
  }
}

TEST_CASE("records: a holder gets what its licences name, nobody watched, and nothing else",
          "[service][entity]") {
  OrderService service;
  REQUIRE(service.import({OrderWorld::entities("User AG,end_user buyer,DE,late,2026-01-01\n"),
                          OrderWorld::long_licences("L-2,Somebody,DE,2026-01-01,2026-12-31,,\n"),
                          OrderWorld::orders("O-2,L-2,Export Ltd,Shadow Inc,Shadow Inc,5,2026-03-01,\n")}));
  const Caller holder{"bob", Role::kReader, "Holder GmbH"};
  CHECK(keys_of(service.list(of(v1::ORDERS), holder)) == Words{"O-1"});
  CHECK(keys_of(service.list(of(v1::ENTITIES), holder)) ==
        Words{"Buyer BV", "Export Ltd", "Hosting SE", "User AG"});
  auto watched = of(v1::ENTITIES);
  watched.set_watched(true);
  CHECK(keys_of(service.list(watched)) == Words{"Shadow Inc", "User AG"});
  CHECK(keys_of(service.list(watched, holder)).empty());
  auto foreign = of(v1::ORDERS);
  foreign.set_name("O-2");
  CHECK(service.world.cases.list_records(foreign, holder).error().code == ApiFaultCode::kNotFound);
  v1::GetOrderRequest one;
  one.set_order("O-2");
  CHECK(service.world.cases.get_order(one, holder).error().code == ApiFaultCode::kNotFound);
  CHECK(service.world.cases.get_order(one, kReader)->watched_size() == 1);
}

TEST_CASE("orders: one comes with what was delivered where, and how its chips stand", "[service][orders]") {
  OrderService service;
  std::promise<bool> stored;
  REQUIRE(service.world.store.post(
      [](Store& store) {
        std::uint8_t number = 0;
        for (const std::uint8_t chip : {std::uint8_t{1}, std::uint8_t{3}, std::uint8_t{9}}) {
          RoundIntent intent;
          intent.round.bytes.fill(++number);
          intent.chip = chip_id(chip);
          intent.requested_by = "test";
          REQUIRE(store.rounds().log_intent(intent));
          VerdictRecord verdict;
          verdict.id.bytes.fill(number);
          verdict.round = intent.round;
          verdict.chip = intent.chip;
          verdict.state = static_cast<std::uint32_t>(chip == 3 ? v1::OUTSIDE : v1::VERIFIED);
          REQUIRE(store.verdicts().finish_round(verdict, std::nullopt));
        }
      },
      [&stored](const Stored<Done>& committed) { stored.set_value(committed.has_value()); }));
  REQUIRE(stored.get_future().get());
  v1::GetOrderRequest request;
  request.set_order("o-1");
  const auto answer = service.world.cases.get_order(request, kReader);
  REQUIRE(answer);
  CHECK(answer->order().delivered() == 4);
  REQUIRE(answer->sites_size() == 2);
  CHECK(answer->sites(0).site() == "fra-1");
  CHECK(answer->sites(0).quantity() == 2);
  CHECK(answer->sites(0).deliveries() == 1);
  CHECK(answer->sites(0).chips() == 2);
  CHECK(answer->sites(0).chips_by_state().at("VERIFIED") == 1);
  CHECK(answer->sites(0).chips_by_state().size() == 1);
  CHECK(answer->sites(1).chips_by_state().at("OUTSIDE") == 1);
  CHECK(answer->watched().empty());
  request.set_order("O-9");
  CHECK(service.world.cases.get_order(request, kReader).error().code == ApiFaultCode::kNotFound);

  v1::GetLicenceRequest licence;
  licence.set_licence("L-1");
  const auto shown = service.world.cases.get_licence(licence, kReader);
  CHECK(shown->licence().quantity() == 4);
  CHECK(shown->licence().end_user() == "User AG");
  CHECK(shown->conditions_size() == 3);
  CHECK(shown->orders() == 1);
}

TEST_CASE("orders: chips are listed by order, site and entity, and say what brought them",
          "[service][orders]") {
  OrderService service;
  const auto serials = [&](const auto& set) {
    v1::ListChipsRequest request;
    set(request);
    const auto answer = service.world.cases.list_chips(request, kReader);
    REQUIRE(answer);
    Words out;
    for (const auto& chip : answer->chips()) out.push_back(chip.serial());
    return out;
  };
  CHECK(serials([](auto& r) { r.set_of_order("o-1"); }) == Words{"S-1", "S-2", "S-3"});
  CHECK(serials([](auto& r) { r.set_site("fra-1"); }) == Words{"S-1", "S-2"});
  CHECK(serials([](auto& r) { r.set_entity("Hosting SE"); }) == Words{"S-1", "S-2"});
  CHECK(serials([](auto& r) {
          r.set_of_order("O-1");
          r.set_site("par-1");
        }) == Words{"S-3"});
  CHECK(serials([](auto& r) {
          r.set_site("fra-1");
          r.set_order(v1::BY_SERIAL);
          r.set_with_total(true);
        }) == Words{"S-1", "S-2"});
  CHECK(serials([](auto& r) { r.set_licence("L-1"); }) == Words{"S-1", "S-2", "S-3"});
  CHECK(serials([](auto& r) {
          r.set_of_order("O-1");
          r.add_states(v1::OUTSIDE);
        }).empty());
  CHECK(serials([](auto& r) { r.set_entity("Shadow Inc"); }).empty());
  v1::ListChipsRequest request;
  request.set_of_order("O-9");
  CHECK(service.world.cases.list_chips(request, kReader).error().code == ApiFaultCode::kNotFound);
  request.set_of_order("O-1");
  request.set_page_size(2);
  auto page = service.world.cases.list_chips(request, kReader);
  REQUIRE(page->chips_size() == 2);
  CHECK(page->chips(0).order() == "O-1");
  CHECK(page->chips(0).delivery() == "D-1");
  CHECK(page->chips(0).site() == "fra-1");
  CHECK(page->chips(0).eccn() == "3A090.a");
  request.set_page_token(page->next_page_token());
  page = service.world.cases.list_chips(request, kReader);
  CHECK(page->chips_size() == 1);
  CHECK(page->next_page_token().empty());
}

}  // namespace chiploc::test
