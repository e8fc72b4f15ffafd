// Models, entities, sites, conditions, orders and deliveries: a row -> a record, or what is wrong with it.
#include "server/registry/import.hpp"

#include "tests/server/registry/order_world.hpp"

namespace chiploc::test::import_orders_test {
namespace {

Date day(int year, unsigned month, unsigned number) {
  return Date{std::chrono::year{year}, std::chrono::month{month}, std::chrono::day{number}};
}

std::string without_column(const std::string& csv, std::size_t columns) {
  std::string out;
  std::size_t begin = 0;
  while (begin < csv.size()) {
    const std::size_t end = csv.find('\n', begin);
    std::string line = csv.substr(begin, end - begin);
    for (std::size_t i = 0; i < columns; ++i) line.resize(line.rfind(','));
    out += line + "\n";
    begin = end + 1;
  }
  return out;
}

}  // namespace

TEST_CASE("import orders: a whole order comes in, in whatever order its files stand", "[registry][orders]") {
  const OrderWorld world;
  const auto plan = world.plan(world.order_files());
  INFO(shown_faults(plan));
  REQUIRE(plan.ok());
  // A maker, a model, five entities, two sites, a licence, three conditions, an order, two deliveries, three chips.
  CHECK(plan.added == 19);
  CHECK(plan.by_kind.at(ImportKind::kEntities).added == 5);
  const Registry& registry = *plan.registry;
  CHECK(*registry.model("LAB-100") == ModelRecord{"LAB-100", "Acme", "3A090.a", "first of its kind"});
  const EntityRecord* user = registry.entity("User AG");
  REQUIRE(user != nullptr);
  CHECK(user->roles == std::vector{EntityRole::kBuyer, EntityRole::kEndUser});
  CHECK(user->country->text() == "DE");
  CHECK_FALSE(user->watch);
  const EntityRecord* shadow = registry.entity("Shadow Inc");
  CHECK_FALSE(shadow->country);
  CHECK(shadow->watch == Watch{"diversion in 2025", day(2025, 6, 1)});
  const SiteRecord* site = registry.site("fra-1");
  CHECK(site->operated_by == "Hosting SE");
  CHECK(to_text(site->place) == "DE");
  CHECK(site->address == "Example Street 1, Frankfurt");
  CHECK(registry.site("par-1")->operated_by.empty());
  CHECK(registry.licence("L-1")->end_user == "User AG");
  CHECK(registry.licence("L-1")->quantity == 4);
  const ConditionRecord* tested = registry.condition("C-1");
  CHECK(tested->kind == ConditionKind::kThirdPartyTest);
  CHECK(tested->due == day(2026, 10, 1));
  CHECK(tested->evidence == "report 7, archive");
  CHECK(tested->evidence_sha256->hex() == std::string(64, 'a'));
  CHECK(tested->met == day(2026, 9, 1));
  CHECK(registry.condition("C-2")->share_percent == 25.5);
  CHECK_FALSE(registry.condition("C-2")->met);
  CHECK(registry.condition("C-3")->kind == ConditionKind::kRemoteAccess);
  const OrderRecord* order = registry.order("O-1");
  CHECK(*order == OrderRecord{"O-1", "L-1", "Export Ltd", "Buyer BV", "User AG", "", 4, day(2026, 2, 1)});
  CHECK(*registry.delivery("D-2") == DeliveryRecord{"D-2", "O-1", "par-1", day(2026, 4, 1), 2, ""});
  CHECK(registry.chip(chip_id(3))->delivery == "D-2");
  CHECK(registry.order_of(*registry.chip(chip_id(3))) == order);
}

TEST_CASE("import orders: the same files again change nothing", "[registry][orders]") {
  const OrderWorld world;
  const auto again = world.plan(world.order_files(), world.ordered());
  INFO(shown_faults(again));
  REQUIRE(again.ok());
  CHECK(again.added == 0);
  CHECK(again.changed == 0);
  CHECK(again.unchanged == 19);
}

TEST_CASE("import orders: a column that a file lacks leaves what is registered; an empty cell takes it away",
          "[registry][orders]") {
  const OrderWorld world;
  const auto base = world.ordered();
  // Files of before: licences and chips without their new columns, entities without the watch list, ...
  auto files = world.order_files();
  const std::size_t optional[] = {1, 1, 1, 4, 2, 3, 2, 1};
  for (std::size_t i = 0; i < std::size(optional); ++i) {
    if (files[i].kind == ImportKind::kChips) {
      files[i] = World::chips(world.chip_row(1, "S-1") + world.chip_row(2, "S-2") + world.chip_row(3, "S-3"));
    } else if (files[i].kind == ImportKind::kLicences) {
      files[i] = world.licences();
    } else if (files[i].kind == ImportKind::kSites) {
      files[i].content = "name\nfra-1\npar-1\n";
    } else if (files[i].kind == ImportKind::kConditions) {
      files[i].content =
          "id,licence,kind,due\nC-1,L-1,third_party_test,2026-10-01\nC-2,L-1,volume_cap,2026-12-31\n"
          "C-3,L-1,remote_access_diligence,2026-11-01\n";
    } else {
      files[i].content = without_column(files[i].content, optional[i]);
    }
  }
  const auto same = world.plan(files, base);
  INFO(shown_faults(same));
  REQUIRE(same.ok());
  CHECK(same.changed == 0);
  CHECK(same.unchanged == 19);

  const auto emptied =
      world.plan({OrderWorld::long_licences("L-1,Holder GmbH,DE FR,2026-01-01,2026-12-31,,\n"),
                  OrderWorld::entities("Shadow Inc,buyer end_user,,,\n"), OrderWorld::sites("fra-1,,,\n"),
                  OrderWorld::models("LAB-100,Acme,3A090.a,\n"),
                  OrderWorld::conditions("C-1,L-1,third_party_test,2026-10-01,,,,\n"),
                  OrderWorld::delivered(world.delivered_row(1, ""))},
                 base);
  INFO(shown_faults(emptied));
  REQUIRE(emptied.ok());
  CHECK(emptied.changed == 6);
  CHECK(emptied.registry->licence("L-1")->end_user.empty());
  CHECK(emptied.registry->licence("L-1")->quantity == 0);
  CHECK_FALSE(emptied.registry->entity("Shadow Inc")->watch);
  CHECK(*emptied.registry->site("fra-1") == SiteRecord{"fra-1", "", {}, ""});
  CHECK(emptied.registry->model("LAB-100")->note.empty());
  CHECK_FALSE(emptied.registry->condition("C-1")->evidence_sha256);
  CHECK(emptied.registry->chip(chip_id(1))->delivery.empty());
}

TEST_CASE("import orders: JSON takes roles as an array, numbers as they are, and objects may lack columns",
          "[registry][orders]") {
  const OrderWorld world;
  const auto base = world.ordered();
  const auto plan = world.plan(
      {World::json(ImportKind::kEntities, "e.json",
                   R"([{"name":"Shadow Inc","roles":["end_user","buyer","buyer"],"country":"CN"},
                       {"name":"New Co","roles":"exporter","country":"","watch_reason":"x","watch_since":"2026-01-01"}])"),
       World::json(
           ImportKind::kOrders, "o.json",
           R"([{"id":"O-2","licence":"L-1","exporter":"New Co","buyer":"Buyer BV","end_user":"User AG",
                        "quantity":7,"placed":"2026-05-01"}])")},
      base);
  INFO(shown_faults(plan));
  REQUIRE(plan.ok());
  CHECK(plan.registry->entity("Shadow Inc")->watch == base->entity("Shadow Inc")->watch);
  CHECK(plan.registry->entity("Shadow Inc")->country->text() == "CN");
  CHECK(plan.registry->entity("New Co")->watch->reason == "x");
  CHECK(plan.registry->order("O-2")->quantity == 7);
}

TEST_CASE("import orders: what refers to nothing is a fault, with file, line and field",
          "[registry][orders]") {
  const OrderWorld world;
  const auto base = world.ordered();
  const auto fault = [&](ImportFile file, const std::string& field, const std::string& part) {
    const std::string name = file.name;
    check_one_fault(world.plan({std::move(file)}, base), name, 2, field, part);
  };
  fault(OrderWorld::models("X,Nobody,EAR99,\n"), "maker",
        "no maker \"Nobody\" is registered or in this import");
  fault(OrderWorld::sites("s1,Nobody,,\n"), "operator", "no entity \"Nobody\"");
  fault(OrderWorld::sites("s1,,atlantis,\n"), "place", "neither a country's code");
  fault(OrderWorld::long_licences("L-9,H,DE,2026-01-01,2026-12-31,Nobody,\n"), "end_user",
        "no entity \"Nobody\"");
  fault(OrderWorld::conditions("C-9,L-9,volume_cap,2026-01-01,5,,,\n"), "licence", "no licence \"L-9\"");
  const std::string rest = ",4,2026-02-01,\n";
  fault(OrderWorld::orders("O-9,L-9,Export Ltd,Buyer BV,User AG" + rest), "licence", "no licence \"L-9\"");
  fault(OrderWorld::orders("O-9,L-1,Nobody,Buyer BV,User AG" + rest), "exporter", "no entity");
  fault(OrderWorld::orders("O-9,L-1,Export Ltd,Nobody,User AG" + rest), "buyer", "no entity");
  fault(OrderWorld::orders("O-9,L-1,Export Ltd,Buyer BV,Nobody" + rest), "end_user", "no entity");
  fault(OrderWorld::orders("O-9,L-1,Export Ltd,Buyer BV,User AG,4,2026-02-01,Nobody\n"), "operator",
        "no entity");
  fault(OrderWorld::deliveries("D-9,O-9,fra-1,2026-03-01,1,\n"), "order", "no order \"O-9\"");
  fault(OrderWorld::deliveries("D-9,O-1,s-9,2026-03-01,1,\n" + kRoom), "site", "no site \"s-9\"");
  const auto chip = world.plan({OrderWorld::delivered(world.delivered_row(4, "D-9"))}, base);
  REQUIRE(chip.faults_total == 1);
  CHECK(chip.faults[0].field == "delivery");
  CHECK_THAT(chip.faults[0].problem, Catch::Contains("no delivery \"D-9\""));
}

TEST_CASE("import orders: one with a fault of its own is not missing", "[registry][orders]") {
  const OrderWorld world;
  auto files = world.order_files();
  for (ImportFile& file : files) {
    if (file.kind == ImportKind::kEntities)
      file.content.replace(file.content.find("exporter,US"), 11, "thief,US");
  }
  check_one_fault(world.plan(files), "entities.csv", 2, "roles",
                  "\"thief\" is no role; give exporter, buyer, end_user or operator");
}

TEST_CASE("import orders: an entity has the role in which it is named", "[registry][orders]") {
  const OrderWorld world;
  const auto base = world.ordered();
  check_one_fault(world.plan({OrderWorld::orders("O-9,L-1,Buyer BV,Buyer BV,User AG,1,2026-02-01,\n")}, base),
                  "orders.csv", 2, "exporter",
                  "\"Buyer BV\" is registered as buyer, not as exporter; add the role");
  check_one_fault(world.plan({OrderWorld::sites("s1,User AG,,\n")}, base), "sites.csv", 2, "operator",
                  "registered as buyer end_user, not as operator");
  check_one_fault(world.plan({OrderWorld::long_licences("L-9,H,DE,2026-01-01,2026-12-31,Buyer BV,\n")}, base),
                  "licences.csv", 2, "end_user", "not as end_user");
  // And keeps it while something does.
  check_one_fault(world.plan({OrderWorld::entities("Export Ltd,buyer,US,,\n")}, base), "entities.csv", 2,
                  "roles", "leaves out exporter, as which order O-1 names it");
  check_one_fault(world.plan({OrderWorld::entities("Hosting SE,buyer,,,\n")}, base), "entities.csv", 2,
                  "roles", "leaves out operator, as which site fra-1 names it");
  check_one_fault(world.plan({OrderWorld::entities("Buyer BV,end_user,,,\n")}, base), "entities.csv", 2,
                  "roles", "leaves out buyer, as which order O-1");
  check_one_fault(world.plan({OrderWorld::entities("User AG,buyer,,,\n"),
                              OrderWorld::orders("O-1,L-1,Export Ltd,Buyer BV,Shadow Inc,4,2026-02-01,\n")},
                             base),
                  "entities.csv", 2, "roles", "leaves out end_user, as which licence L-1");
  CHECK(world.plan({OrderWorld::entities("User AG,end_user,DE,,\n")}, base).ok());  // a buyer nowhere
}

TEST_CASE("import orders: fields that contradict each other", "[registry][orders]") {
  const OrderWorld world;
  const auto base = world.ordered();
  const auto fault = [&](ImportFile file, const std::string& field, const std::string& part) {
    const std::string name = file.name;
    check_one_fault(world.plan({std::move(file)}, base), name, 2, field, part);
  };
  fault(OrderWorld::entities("X,buyer,,reason,\n"), "watch_since",
        "is empty, although the entity is watched");
  fault(OrderWorld::entities("X,buyer,,,2026-01-01\n"), "watch_reason",
        "watched since 2026-01-01; give the reason");
  fault(OrderWorld::entities("X,,,,\n"), "roles", "names no role");
  fault(OrderWorld::entities("X,buyer,QQ,,\n"), "country", "not a territory that the borders know");
  fault(OrderWorld::sites("s1,,DE FR,\n"), "place", "names several places");
  fault(OrderWorld::conditions("C-9,L-1,volume_cap,2026-01-01,,,,\n"), "share_percent", "is empty");
  fault(OrderWorld::conditions("C-9,L-1,volume_cap,2026-01-01,0,,,\n"), "share_percent", "is 0");
  fault(OrderWorld::conditions("C-9,L-1,volume_cap,2026-01-01,101,,,\n"), "share_percent", "from 0 to 100");
  fault(OrderWorld::conditions("C-9,L-1,third_party_test,2026-01-01,5,,,\n"), "share_percent",
        "stands only with a volume_cap");
  fault(OrderWorld::conditions("C-9,L-1,audit,2026-01-01,,,,\n"), "kind",
        "is no condition; give third_party_test");
  fault(OrderWorld::conditions("C-9,L-1,third_party_test,2026-01-01,,,,2026-01-01\n"), "met",
        "there is no evidence");
  fault(OrderWorld::conditions("C-9,L-1,third_party_test,2026-01-01,,," + std::string(64, 'b') + ",\n"),
        "evidence_sha256", "of evidence that is not named");
  fault(OrderWorld::conditions("C-9,L-1,third_party_test,2026-01-01,,x,abc,\n"), "evidence_sha256",
        "is not a SHA-256; give 64 hexadecimal digits");
  // World's clock stands at 2026-09-21.
  CHECK(world.plan({OrderWorld::conditions("C-9,L-1,third_party_test,2026-01-01,,x,,2026-09-21\n")}, base)
            .ok());
  fault(OrderWorld::conditions("C-9,L-1,third_party_test,2026-01-01,,x,,2026-09-22\n"), "met",
        "2026-09-22 is still to come");
  fault(OrderWorld::models("LAB-100,Acme,3A9,\n"), "eccn",
        "is no classification number; give one as 3A090.a");
  fault(OrderWorld::orders("O-9,L-1,Export Ltd,Buyer BV,User AG,0,2026-02-01,\n"), "quantity",
        "is no number of chips; give digits alone, from 1 to 100000000");
  fault(OrderWorld::orders("O-9,L-1,Export Ltd,Buyer BV,User AG,4,,\n"), "placed", "is not a date");
  fault(OrderWorld::deliveries("D-9,O-1,fra-1,tomorrow,1,\n" + kRoom), "date", "is not a date");
  fault(OrderWorld::deliveries("D-9,O-1,fra-1,2026-03-01,x,\n"), "quantity", "is no number of chips");
}

TEST_CASE("import orders: a model's name belongs to one maker", "[registry][orders]") {
  const OrderWorld world;
  const auto other = make_authority("Bolt CA");
  const auto bolt = World::csv(ImportKind::kMakers, "makers.csv",
                               "name,ca_pem\nBolt," + csv_quoted(other.certificate().pem()) + "\n");
  check_one_fault(world.plan({bolt, OrderWorld::models("LAB-100,Bolt,EAR99,\n")}, world.ordered()),
                  "models.csv", 2, "maker", "is not \"Acme\", whose model of this name is registered");
}

TEST_CASE("import orders: ids that a spreadsheet damaged are refused, as those of licences",
          "[registry][orders]") {
  const OrderWorld world;
  const std::string rest = ",L-1,Export Ltd,Buyer BV,User AG,1,2026-02-01,\n";
  auto base = world.plan({OrderWorld::orders("000123" + rest + "'12E3" + rest), OrderWorld::sites("007,,,\n"),
                          OrderWorld::conditions("0042,L-1,third_party_test,2026-01-01,,,,\n")},
                         world.ordered());
  INFO(shown_faults(base));
  REQUIRE(base.ok());
  CHECK(base.registry->order("12E3") != nullptr);
  base = world.plan({OrderWorld::deliveries("0099,12E3,007,2026-03-01,1,\n")}, base.registry);
  check_one_fault(base, "deliveries.csv", 2, "order", "apostrophe");  // looks like a number, rounded
  base = world.plan({OrderWorld::orders("000123" + rest + "'12E3" + rest), OrderWorld::sites("007,,,\n"),
                     OrderWorld::conditions("0042,L-1,third_party_test,2026-01-01,,,,\n"),
                     OrderWorld::deliveries("0099,'12E3,007,2026-03-01,1,\n")},
                    world.ordered());
  INFO(shown_faults(base));
  REQUIRE(base.ok());
  const auto fault = [&](ImportFile file, const std::string& field, const std::string& part) {
    const std::string name = file.name;
    check_one_fault(world.plan({std::move(file)}, base.registry), name, 2, field, part);
  };
  fault(OrderWorld::orders("1.65022E+12" + rest), "id", "spreadsheet");
  fault(OrderWorld::orders("123" + rest), "id", "000123");
  fault(OrderWorld::sites("7,,,\n"), "name", "007");
  fault(OrderWorld::conditions("42,L-1,third_party_test,2026-01-01,,,,\n"), "id", "0042");
  fault(OrderWorld::deliveries("99,O-1,fra-1,2026-03-01,1,\n"), "id", "0099");
  CHECK(world.plan({OrderWorld::orders("'123" + rest)}, base.registry).ok());  // meant so
}

TEST_CASE("import orders: a key stands once in a request, and files without a required column are refused",
          "[registry][orders]") {
  const OrderWorld world;
  const auto base = world.ordered();
  const std::string rest = ",L-1,Export Ltd,Buyer BV,User AG,1,2026-02-01,\n";
  check_one_fault(world.plan({OrderWorld::orders("O-8" + rest + "O-8" + rest)}, base), "orders.csv", 3, "id",
                  "\"O-8\" stands in orders.csv line 2 already");
  check_one_fault(world.plan({OrderWorld::sites("s1,,,\ns1,,,\n")}, base), "sites.csv", 3, "name", "already");
  check_one_fault(world.plan({OrderWorld::entities("X,buyer,,,\nX,buyer,,,\n")}, base), "entities.csv", 3,
                  "name", "already");
  check_one_fault(world.plan({OrderWorld::models("M,Acme,EAR99,\nM,Acme,EAR99,\n")}, base), "models.csv", 3,
                  "name", "already");
  check_one_fault(
      world.plan({OrderWorld::deliveries("D-9,O-1,fra-1,2026-03-01,1,\nD-9,O-1,fra-1,2026-03-01,1,\n")},
                 world.plan({OrderWorld::orders("O-1,L-1,Export Ltd,Buyer BV,User AG,9,2026-02-01,\n")}, base)
                     .registry),
      "deliveries.csv", 3, "id", "already");
  const std::string condition = "C-9,L-1,third_party_test,2026-01-01,,,,\n";
  check_one_fault(world.plan({OrderWorld::conditions(condition + condition)}, base), "conditions.csv", 3,
                  "id", "already");
  check_one_fault(world.plan({World::csv(ImportKind::kOrders, "o.csv",
                                         "id,licence,exporter,buyer,end_user,quantity\nO-9,L-1,a,b,c,1\n")},
                             base),
                  "o.csv", 1, "placed", "the column is missing");
}

TEST_CASE("import orders: beyond the registry's limits nothing comes in", "[registry][orders]") {
  OrderWorld world;
  const auto base = world.ordered();
  const auto limited = [&](std::size_t RegistryLimits::*limit, ImportFile file, const std::string& part) {
    OrderWorld small;
    small.options.limits.registry.*limit = 0;
    const std::string name = file.name;
    check_one_fault(small.plan({std::move(file)}, base), name, 0, "", part);
  };
  limited(&RegistryLimits::models, OrderWorld::models(), "makes 1 models; the registry holds at most 0");
  limited(&RegistryLimits::entities, OrderWorld::entities(), "makes 5 entities");
  limited(&RegistryLimits::sites, OrderWorld::sites(), "makes 2 sites");
  limited(&RegistryLimits::conditions, OrderWorld::conditions(), "makes 3 conditions");
  limited(&RegistryLimits::orders, OrderWorld::orders(), "makes 1 orders");
  limited(&RegistryLimits::deliveries, OrderWorld::deliveries(), "makes 2 deliveries");
}

}  // namespace chiploc::test::import_orders_test
