#include "server/registry/removal.hpp"

#include "tests/support/catch.hpp"

namespace chiploc::removal_test {
namespace {

std::shared_ptr<const Registry> small_registry() {
  auto registry = std::make_shared<Registry>();
  registry->set_version(3);
  registry->put(Maker{"acme", {}});
  registry->put(Maker{"idle", {}});
  registry->put(LicenceRecord{"L-1", "Acme", {{}, {"campus"}}, {}, {}});
  registry->put(LicenceRecord{"L-2", "Acme", {{}, {"campus", "pier"}}, {}, {}});
  for (const char* name : {"campus", "pier", "spare"})
    registry->put(TerritoryRecord{.name = name, .countries = {}, .geojson = {}});
  registry->set_prohibited({{}, {"pier"}});
  for (std::uint8_t i = 1; i <= 3; ++i) {
    ChipRecord chip;
    chip.id.bytes.fill(i);
    chip.maker = "acme";
    chip.licence = "L-1";
    registry->put(std::move(chip));
  }
  AnchorRecord anchor;
  anchor.name = "fra1";
  anchor.id.bytes.fill(9);
  anchor.endpoint.port = 7411;
  registry->put(std::move(anchor));
  return registry;
}

TEST_CASE("removal: who uses a record is named", "[registry][removal]") {
  const auto registry = small_registry();
  using Names = std::vector<std::string>;
  CHECK(uses_of(*registry, ImportKind::kTerritories, "campus", 9).first ==
        Names{"licence L-1", "licence L-2"});
  CHECK(uses_of(*registry, ImportKind::kTerritories, "pier", 9).first ==
        Names{"the prohibited list", "licence L-2"});
  CHECK(uses_of(*registry, ImportKind::kTerritories, "spare", 9).total == 0);
  const auto chips = uses_of(*registry, ImportKind::kLicences, "L-1", 2);
  CHECK(chips.total == 3);
  CHECK(chips.first == Names{"chip " + std::string("01010101010101010101010101010101"),
                             "chip " + std::string("02020202020202020202020202020202")});
  CHECK(uses_of(*registry, ImportKind::kLicences, "L-2", 2).total == 0);
  CHECK(uses_of(*registry, ImportKind::kMakers, "acme", 2).total == 3);
  CHECK(uses_of(*registry, ImportKind::kMakers, "idle", 2).total == 0);
  CHECK(uses_of(*registry, ImportKind::kAnchors, "fra1", 2).total == 0);
}

TEST_CASE("removal: the next version lacks the record and nothing else", "[registry][removal]") {
  const auto base = small_registry();
  const auto without = [&](ImportKind kind, const char* name) {
    REQUIRE(has_record(*base, kind, name));
    const ImportPlan plan = plan_removal(base, kind, name);
    REQUIRE(plan.ok());
    CHECK(plan.base_version == 3);
    CHECK(plan.registry->version() == 4);
    CHECK_FALSE(has_record(*plan.registry, kind, name));
    CHECK(has_record(*base, kind, name));
    CHECK(plan.removed->name == name);
    CHECK(plan.registry->chips().size() == 3);
    return plan.registry;
  };
  CHECK(without(ImportKind::kTerritories, "spare")->territories().size() == 2);
  CHECK(without(ImportKind::kLicences, "L-2")->licences().size() == 1);
  CHECK(without(ImportKind::kMakers, "idle")->makers().size() == 1);
  const auto anchorless = without(ImportKind::kAnchors, "fra1");
  CHECK(anchorless->anchor(base->anchor("fra1")->id) == nullptr);
  CHECK(anchorless->anchor_at(base->anchor("fra1")->endpoint) == nullptr);
  CHECK_FALSE(has_record(*base, ImportKind::kLicences, "L-3"));
  for (const auto kind : {ImportKind::kRevocations, ImportKind::kProhibitedTerritories}) {
    CHECK_FALSE(removable(kind));
    CHECK_FALSE(has_record(*base, kind, "x"));
  }
}

TEST_CASE("removal: a chip goes out of every index, by its whole id alone", "[registry][removal]") {
  const auto base = [] {
    auto registry = std::make_shared<Registry>(*small_registry());
    ChipRecord chip;
    chip.device_id = ByteVector(20, 7);
    chip.id = DeviceId::from_text(to_hex(chip.device_id))->chip_id();
    chip.serial = "SN-7";
    chip.licence = "L-2";
    chip.maker = "acme";
    registry->put(std::move(chip));
    return registry;
  }();
  const std::string name = to_hex(ByteVector(20, 7));
  CHECK(removable(ImportKind::kChips));
  REQUIRE(has_record(*base, ImportKind::kChips, name));
  CHECK_FALSE(has_record(*base, ImportKind::kChips, "SN-7"));
  CHECK_FALSE(has_record(*base, ImportKind::kChips, base->chips().rbegin()->first.hex()));
  CHECK(uses_of(*base, ImportKind::kChips, name, 2).total == 0);
  const ImportPlan plan = plan_removal(base, ImportKind::kChips, name);
  CHECK(plan.registry->chips().size() == 3);
  CHECK_FALSE(plan.registry->find_chip("SN-7"));
  CHECK_FALSE(plan.registry->find_chip(name));
  CHECK(plan.registry->chips_of_licence("L-2") == 0);
  CHECK(base->find_chip("sn-7"));
  CHECK(plan_removal(base, ImportKind::kChips, "01010101010101010101010101010101").registry->chips().size() ==
        3);
}

}  // namespace
}  // namespace chiploc::removal_test
