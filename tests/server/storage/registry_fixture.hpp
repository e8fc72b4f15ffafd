#pragma once
// Two registries compared record by record.

#include "tests/server/registry/world.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {

inline void check_same(const Registry& a, const Registry& b) {
  CHECK(a.version() == b.version());
  CHECK(a.prohibited() == b.prohibited());
  REQUIRE(a.makers().size() == b.makers().size());
  for (const auto& [name, maker] : a.makers()) CHECK(*maker == *b.maker(name));
  REQUIRE(a.revocations().size() == b.revocations().size());
  for (const auto& [name, lists] : a.revocations()) CHECK(*lists == *b.revocations(name));
  REQUIRE(a.licences().size() == b.licences().size());
  for (const auto& [name, licence] : a.licences()) CHECK(*licence == *b.licence(name));
  REQUIRE(a.territories().size() == b.territories().size());
  for (const auto& [name, territory] : a.territories()) {
    CHECK(*territory == *b.territory(name));
    CHECK(territory->geojson_sha256 == b.territory(name)->geojson_sha256);
    CHECK((territory->area == nullptr) == (b.territory(name)->area == nullptr));
  }
  REQUIRE(a.anchors().size() == b.anchors().size());
  for (const auto& [name, anchor] : a.anchors()) CHECK(*anchor == *b.anchor(name));
  const auto check_table = [](const auto& these, const auto& those) {
    REQUIRE(these.size() == those.size());
    for (const auto& [key, record] : these) {
      CAPTURE(key);
      REQUIRE(those.count(key) == 1);
      CHECK(*record == *those.find(key)->second);
    }
  };
  check_table(a.models(), b.models());
  check_table(a.entities(), b.entities());
  check_table(a.sites(), b.sites());
  check_table(a.conditions(), b.conditions());
  check_table(a.orders(), b.orders());
  check_table(a.deliveries(), b.deliveries());
  REQUIRE(a.chips().size() == b.chips().size());
  for (const auto& [chip, record] : a.chips()) CHECK(*record == *b.chip(chip));
}

}  // namespace chiploc::test
