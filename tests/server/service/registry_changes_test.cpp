// What changes the registry, as its history tells it: ListRegistryChanges, Remove, orders on hold; and names that are
// completed.
#include "tests/server/service/order_service.hpp"

namespace chiploc::test {

TEST_CASE("history: who changed what, when and why, of records that are there and of those that are gone",
          "[service][history]") {
  OrderService service;
  REQUIRE(service.import({OrderWorld::models("LAB-100,Acme,4A090,first of its kind\n")}, "new rule"));
  REQUIRE(service.remove(v1::ENTITIES, "shadow inc", "entered twice"));
  const auto changes = [&](v1::ImportKind kind, const std::string& name, std::uint32_t size = 0) {
    v1::ListRegistryChangesRequest request;
    request.set_kind(kind);
    request.set_name(name);
    request.set_page_size(size);
    const auto answer = service.world.cases.list_registry_changes(request, kAdmin);
    REQUIRE(answer);
    return *answer;
  };
  const auto model = changes(v1::MODELS, "lab-100");
  REQUIRE(model.changes_size() == 2);
  CHECK(model.changes(0).field() == "eccn");
  CHECK(model.changes(0).old_value() == "3A090.a");
  CHECK(model.changes(0).new_value() == "4A090");
  CHECK(model.changes(0).by() == "alice");
  CHECK(model.changes(0).reason() == "new rule");
  CHECK(model.changes(0).at_unix_ns() == 1'790'000'000'000'000'000);
  CHECK_FALSE(model.changes(0).came());
  CHECK_FALSE(model.changes(0).gone());
  CHECK(model.changes(1).came());
  CHECK(model.changes(1).reason() == "the first");
  const auto gone = changes(v1::ENTITIES, "Shadow Inc");
  REQUIRE(gone.changes_size() == 2);
  CHECK(gone.changes(0).gone());
  CHECK(gone.changes(0).reason() == "entered twice");
  CHECK(changes(v1::CHIPS, "S-1").changes_size() == 1);  // by its serial number
  CHECK(changes(v1::CHIPS, chip_id(1).hex()).changes_size() == 1);
  CHECK(changes(v1::IMPORT_KIND_UNSPECIFIED, "").changes_size() == 21);
  const auto page = changes(v1::IMPORT_KIND_UNSPECIFIED, "", 20);
  CHECK(page.changes_size() == 20);
  v1::ListRegistryChangesRequest next;
  next.set_page_token(page.next_page_token());
  CHECK(service.world.cases.list_registry_changes(next, kAdmin)->changes_size() == 1);
  next.Clear();
  next.set_since_unix_ns(1'790'000'000'000'000'001);
  CHECK(service.world.cases.list_registry_changes(next, kAdmin)->changes().empty());
  next.Clear();
  next.set_name("O-1");
  CHECK(service.world.cases.list_registry_changes(next, kAdmin).error().code == ApiFaultCode::kBadField);
  v1::ListImportsRequest imports;
  CHECK(service.world.cases.list_imports(imports, kAdmin)->imports(0).reason() == "entered twice");
}

TEST_CASE("history: what is gone is found by any name that it had, and what never was is not",
          "[service][history]") {
  OrderService service;
  std::string renamed = service.files.chip_row(2, "Z-2");
  renamed.back() = ',';
  REQUIRE(service.import({OrderWorld::delivered(renamed + "D-1\n")}, "misread"));
  for (const char* chip : {"S-1", "Z-2"}) REQUIRE(service.remove(v1::CHIPS, chip, "scrapped"));
  REQUIRE(service.remove(v1::ENTITIES, "Shadow Inc", "entered twice"));
  const auto asked = [&](v1::ImportKind kind, const std::string& name) {
    v1::ListRegistryChangesRequest request;
    request.set_kind(kind);
    request.set_name(name);
    return service.world.cases.list_registry_changes(request, kAdmin);
  };
  const auto found = [&](v1::ImportKind kind, const std::string& name) {
    const auto answer = asked(kind, name);
    INFO(name << (answer ? "" : " " + answer.error().text));
    REQUIRE(answer);
    CHECK(answer->changes(0).gone());
    return answer->changes_size();
  };
  const std::string id = chip_id(1).hex();
  for (const std::string& name : {std::string{"S-1"}, std::string{"s-1"}, id, id.substr(0, 12)})
    CHECK(found(v1::CHIPS, name) == 2);
  CHECK(found(v1::CHIPS, "Z-2") == 3);
  CHECK(found(v1::CHIPS, "s-2") == 3);  // its serial number before
  CHECK(found(v1::ENTITIES, "shadow inc") == 2);
  const std::pair<v1::ImportKind, const char*> nobodys[] = {
      {v1::CHIPS, "S-77"},      {v1::CHIPS, "abcd"},   {v1::ENTITIES, "Nobody"},
      {v1::LICENCES, "L-none"}, {v1::ENTITIES, "S-1"}, {v1::PROHIBITED_TERRITORIES, "CN"}};
  for (const auto& [kind, name] : nobodys) {
    INFO(name);
    const auto answer = asked(kind, name);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == ApiFaultCode::kNotFound);
  }
}

TEST_CASE("records: what is used stays, and is told by whom", "[service][removal]") {
  OrderService service;
  const auto used = service.remove(v1::ORDERS, "o-1");
  REQUIRE_FALSE(used);
  CHECK(used.error().code == ApiFaultCode::kConflict);
  CHECK(used.error().text ==
        "order O-1 is used by delivery D-1, delivery D-2; change these first, nothing was removed");
  CHECK(service.remove(v1::CONDITIONS, "c-2").value().name() == "C-2");
  CHECK(service.remove(v1::CONDITIONS, "c-2").error().code == ApiFaultCode::kNotFound);
  CHECK(service.remove(v1::REVOCATIONS, "Acme").error().code == ApiFaultCode::kBadField);
  CHECK_THAT(service
                 .remove(v1::MODELS, "LAB-100",
                         "a\x1b"
                         "b")
                 .error()
                 .text,
             Catch::Contains("reason: "));
}

TEST_CASE("records: an order on hold takes nothing in, as the parts say", "[service][orders]") {
  OrderService service;
  const auto answer =
      service.import({OrderWorld::orders("O-held,L-1,Export Ltd,Buyer BV,User AG,1,2026-02-01,\n"),
                      OrderWorld::deliveries("D-9,O-held,fra-1,2026-03-01,1,\n")});
  REQUIRE(answer);
  REQUIRE(answer->faults_total() == 1);
  CHECK_THAT(answer->faults(0).problem(),
             Catch::Contains("order O-held, which is on hold since 2026-09-21 (it drifted)"));
}

TEST_CASE("records: names of the new kinds are completed", "[service][orders]") {
  OrderService service;
  const auto completed = [&](v1::NameKind kind, const std::string& prefix) {
    v1::CompleteNameRequest request;
    request.set_kind(kind);
    request.set_prefix(prefix);
    const auto answer = service.world.cases.complete_name(request, kReader);
    REQUIRE(answer);
    return Words{answer->names().begin(), answer->names().end()};
  };
  CHECK(completed(v1::MODEL_NAMES, "lab") == Words{"LAB-100"});
  CHECK(completed(v1::ENTITY_NAMES, "s") == Words{"Shadow Inc"});
  CHECK(completed(v1::SITE_NAMES, "f") == Words{"fra-1"});
  CHECK(completed(v1::ORDER_NAMES, "o") == Words{"O-1"});
  CHECK(completed(v1::DELIVERY_NAMES, "d") == Words{"D-1", "D-2"});
  CHECK(completed(v1::CONDITION_NAMES, "c-3") == Words{"C-3"});
}

}  // namespace chiploc::test
