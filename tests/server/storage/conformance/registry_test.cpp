// The registry and its imports.
#include "server/registry/removal.hpp"
#include "tests/server/storage/conformance/backend.hpp"
#include "tests/server/storage/registry_fixture.hpp"

namespace chiploc::test {

TEST_CASE("store: a new one holds an empty registry of version 0", "[storage][conformance]") {
  const auto backend = each_backend();
  const auto registry = backend->open()->registry().load_registry();
  REQUIRE(registry);
  CHECK((*registry)->version() == 0);
  CHECK((*registry)->chips().empty());
}

TEST_CASE("store: an import comes back as it was planned, with its journal", "[storage][conformance]") {
  const auto backend = each_backend();
  const World world;
  const auto plan = world.plan(world.everything());
  REQUIRE(plan.ok());
  {
    const auto store = backend->open();
    REQUIRE(store->registry().save_import(plan, {"ada", at(5)}));
  }
  const auto store = backend->open();
  const auto loaded = store->registry().load_registry();
  REQUIRE(loaded);
  check_same(*plan.registry, **loaded);
  const auto journal = store->registry().imports(10);
  REQUIRE(journal);
  REQUIRE(journal->size() == 1);
  const ImportJournalEntry& entry = journal->front();
  CHECK(entry.version == 1);
  CHECK(entry.stamp.by == "ada");
  CHECK(entry.stamp.at == at(5));
  CHECK(entry.added == plan.added);
  REQUIRE(entry.files.size() == 5);
  CHECK(entry.files[0].name == "chips.csv");
  CHECK(entry.files[0].sha256 == plan.files[0].sha256);
  CHECK(entry.files[0].rows == 2);
}

TEST_CASE("store: named territories come back, and what names them", "[storage][conformance]") {
  const auto backend = each_backend();
  const World world;
  const std::string box =
      R"({"type":"Polygon","coordinates":[[[8.5,50.0],[8.9,50.0],[8.9,50.2],[8.5,50.0]]]})";
  const auto plan =
      world.plan({World::csv(ImportKind::kTerritories, "t.csv",
                             "name,countries,geojson\nunion,DE FR,\ncampus,," + csv_quoted(box) + "\n"),
                  World::csv(ImportKind::kProhibitedTerritories, "p.csv", "country\nunion\nKP\n"),
                  world.licences("L-1,H,IT campus,2026-01-01,2026-12-31\n")});
  REQUIRE(plan.ok());
  const auto store = backend->open();
  REQUIRE(store->registry().save_import(plan, {"ada", at(0)}));
  const auto loaded = store->registry().load_registry();
  REQUIRE(loaded);
  check_same(*plan.registry, **loaded);
  CHECK(to_text((*loaded)->prohibited()) == "KP union");
  CHECK(to_text((*loaded)->licence("L-1")->places) == "IT campus");
}

TEST_CASE("store: a second import changes records in place and replaces the prohibited list",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const World world;
  const auto store = backend->open();
  const auto first = world.plan(world.everything());
  REQUIRE(store->registry().save_import(first, {"ada", at(0)}));
  const auto second =
      world.plan({world.makers(),
                  world.licences("L-1,New Holder,IT,2026-01-01,2027-12-31\nL-2,H,DE,2026-01-01,2026-12-31\n"),
                  World::chips(world.chip_row(1, "S-9", "L-2")),
                  World::csv(ImportKind::kProhibitedTerritories, "p.csv", "country\nSY\n")},
                 first.registry);
  REQUIRE(second.ok());
  REQUIRE(store->registry().save_import(second, {"bob", at(1)}));
  const auto loaded = store->registry().load_registry();
  REQUIRE(loaded);
  check_same(*second.registry, **loaded);
  CHECK(store->registry().imports(1)->front().stamp.by == "bob");
}

TEST_CASE("store: a maker's revocation lists come back, and a newer set takes the old one's place",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const World world;
  const auto plant = make_authority("Acme Plant CA");
  const std::string of_plant = std::move(plant.revoke({}, kNow - std::chrono::hours{1}, 7)).value().pem();
  const auto first =
      world.plan({World::csv(ImportKind::kMakers, "makers.csv",
                             "name,ca_pem\nAcme," +
                                 csv_quoted(world.authority.certificate().pem() + plant.certificate().pem()) +
                                 "\nBolt," + csv_quoted(plant.certificate().pem()) + "\n"),
                  World::csv(ImportKind::kRevocations, "revocations.csv",
                             "maker,crl_pem\nBolt," + csv_quoted(of_plant) + "\nAcme," +
                                 csv_quoted(of_plant + world.list().pem()) + "\n")});
  INFO(shown_faults(first));
  REQUIRE(first.ok());
  REQUIRE(backend->open()->registry().save_import(first, {"ada", at(0)}));
  const auto store = backend->open();
  const auto loaded = store->registry().load_registry();
  REQUIRE(loaded);
  REQUIRE((*loaded)->revocations("Acme")->lists.size() == 2);
  check_same(*first.registry, **loaded);

  const std::string pem = device_pem(world.authority, chip_id(1));
  const auto second =
      world.plan({world.makers(), World::revocations(world.list({pem}, kNow).pem())}, *loaded);
  INFO(shown_faults(second));
  REQUIRE(second.ok());
  REQUIRE(store->registry().save_import(second, {"ada", at(1)}));
  REQUIRE((*store->registry().load_registry())->revocations("Acme")->lists.size() == 1);
  check_same(*second.registry, **store->registry().load_registry());
}

TEST_CASE("store: an import planned from an older registry is refused and changes nothing",
          "[storage][conformance]") {
  const auto backend = each_backend();
  const World world;
  const auto store = backend->open();
  const auto plan = world.plan(world.everything());
  const auto rival = world.plan({World::csv(ImportKind::kProhibitedTerritories, "p.csv", "country\nSY\n")});
  REQUIRE(store->registry().save_import(plan, {"ada", at(0)}));
  const auto late = store->registry().save_import(rival, {"bob", at(1)});
  REQUIRE_FALSE(late);
  CHECK(late.error().code == StoreFaultCode::kConflict);
  check_same(*plan.registry, **store->registry().load_registry());
  CHECK(store->registry().imports(10)->size() == 1);
}

TEST_CASE("store: a removal is saved and journaled like an import", "[storage][conformance]") {
  const auto backend = each_backend();
  const World world;
  const Digest who = id<Digest>(77);
  {
    const auto store = backend->open();
    REQUIRE(store->registry().save_import(world.plan(world.everything()), {"ada", at(0), who}));
    auto base = *store->registry().load_registry();
    REQUIRE(base->anchor("fra1") != nullptr);
    REQUIRE(store->registry().save_import(plan_removal(base, ImportKind::kAnchors, "fra1"), {"bob", at(1)}));
    base = *store->registry().load_registry();
    const auto more = world.plan({world.licences("L-9,H,DE,2026-01-01,2026-12-31\n")}, base);
    REQUIRE(store->registry().save_import(more, {"bob", at(2)}));
    const auto gone = plan_removal(more.registry, ImportKind::kLicences, "L-9");
    REQUIRE(store->registry().save_import(gone, {"bob", at(3)}));
    check_same(*gone.registry, **store->registry().load_registry());
  }
  const auto store = backend->open();
  const auto loaded = store->registry().load_registry();
  CHECK((*loaded)->anchor("fra1") == nullptr);
  CHECK((*loaded)->licence("L-9") == nullptr);
  CHECK((*loaded)->licence("L-1") != nullptr);
  const auto journal = store->registry().imports(10);
  REQUIRE(journal->size() == 4);
  CHECK(journal->front().removed == 1);
  CHECK(journal->front().files.front().name == "L-9");
  CHECK_FALSE(journal->front().stamp.with);
  CHECK(journal->back().removed == 0);
  CHECK(journal->back().stamp.with == who);
}

TEST_CASE("store: a chip goes only if nothing is kept of it", "[storage][conformance]") {
  const auto backend = each_backend();
  const World world;
  const auto store = backend->open();
  const auto third = world.chip_row(3, "S-3");
  auto files = world.everything();
  files.push_back(World::chips(third));
  const auto plan = world.plan(files);
  INFO(shown_faults(plan));
  REQUIRE(store->registry().save_import(plan, {"ada", at(0)}));
  RoundIntent begun = intent(1);
  begun.chip = test::chip_id(1);
  REQUIRE(store->rounds().log_intent(begun));  // open: neither verdict nor evidence yet
  REQUIRE(store->mesh().append_knock({test::chip_id(2), id<AnchorId>(11), at(1), blob("k"), at(1), 5}, 1));
  const auto remove = [&](std::uint8_t number) {
    return store->registry().save_import(
        plan_removal(plan.registry, ImportKind::kChips, test::chip_id(number).hex()), {"bob", at(2)});
  };
  const auto measured = remove(1);
  REQUIRE_FALSE(measured);
  CHECK(measured.error().code == StoreFaultCode::kConflict);
  CHECK_THAT(measured.error().text,
             Catch::Contains("is used by 1 round with what was signed in them; nothing was removed") &&
                 Catch::Contains("revocation list"));
  const auto knocked = remove(2);
  REQUIRE_FALSE(knocked);
  CHECK_THAT(knocked.error().text, Catch::Contains("is used by 1 knock with a proof of its key"));
  check_same(*plan.registry, **store->registry().load_registry());
  CHECK(store->registry().imports(10)->size() == 1);
  REQUIRE(remove(3));
  const auto left = *store->registry().load_registry();
  CHECK(left->chips().size() == 2);
  CHECK(left->chip(test::chip_id(3)) == nullptr);
}

TEST_CASE("store: a plan with faults is never saved", "[storage][conformance]") {
  const auto backend = each_backend();
  const World world;
  const auto store = backend->open();
  CHECK(store->registry().save_import(world.plan({world.licences("bad\n")}), {"ada", at(0)}).error().code ==
        StoreFaultCode::kInvalid);
}

}  // namespace chiploc::test
