#include "server/service/name_lookup.hpp"

#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace {

Registry some_names() {
  Registry registry;
  registry.put(LicenceRecord{"L-1", "Acme", {}, {}, {}});
  registry.put(LicenceRecord{"L-2", "Acme", {}, {}, {}});
  registry.put(LicenceRecord{"L-10", "M\xC3\xBCller, Sons", {}, {}, {}});
  registry.put(TerritoryRecord{.name = "fra-campus", .countries = {}, .geojson = {}});
  AnchorRecord anchor;
  anchor.name = "fra1";
  registry.put(std::move(anchor));
  registry.put(Maker{"acme", {}});
  ChipRecord chip;
  chip.serial = "SN-0007";
  registry.put(std::move(chip));
  return registry;
}

TEST_CASE("names: each kind is found in any case, and a miss names the nearest", "[service][names]") {
  const Registry registry = some_names();
  CHECK((*find_licence(registry, "l-10"))->id == "L-10");
  CHECK(*find_holder(registry, "m\xC3\xBCLLER, SONS") == "M\xC3\xBCller, Sons");
  CHECK((*find_territory(registry, "FRA-campus"))->name == "fra-campus");
  CHECK((*find_anchor(registry, "FRA1"))->name == "fra1");
  CHECK((*find_maker(registry, "ACME"))->name == "acme");

  const auto missed = [](const auto& answer) {
    CHECK(answer.error().code == ApiFaultCode::kNotFound);
    return answer.error().text;
  };
  CHECK(missed(find_licence(registry, "L-3")) ==
        "no licence \"L-3\" in the registry; the nearest are L-1 and L-2");
  CHECK(missed(find_holder(registry, "Acne")) == "no holder \"Acne\" in the registry; the nearest is Acme");
  CHECK(missed(find_territory(registry, "fracampus")) ==
        "no territory \"fracampus\" in the registry; the nearest is fra-campus");
  CHECK(missed(find_anchor(registry, "tokyo")) == "no anchor \"tokyo\" in the registry");
  CHECK(nearest_serials(registry, "SN-007") == "; the nearest is SN-0007");
  CHECK(nearest_serials(registry, "no such board").empty());
}

}  // namespace
}  // namespace chiploc::test
