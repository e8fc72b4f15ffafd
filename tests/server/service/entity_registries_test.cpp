#include "server/service/entity_registries.hpp"

#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace {

Caller of(const std::string& holder) { return {"bob", Role::kReader, holder}; }

/// Licence L-A of Acme with two chips, L-B of Bolt with one.
std::shared_ptr<Registry> two_holders() {
  auto registry = std::make_shared<Registry>();
  registry->set_version(7);
  registry->put(LicenceRecord{"L-A", "Acme", {{}, {"campus"}}, {}, {}});
  registry->put(LicenceRecord{"L-B", "Bolt", {{}, {"harbour"}}, {}, {}});
  for (const char* name : {"campus", "harbour", "forbidden"})
    registry->put(TerritoryRecord{.name = name, .countries = {}, .geojson = {}});
  registry->set_prohibited({{}, {"forbidden"}});
  for (std::uint8_t i = 1; i <= 3; ++i) {
    ChipRecord chip;
    chip.id.bytes.fill(i);
    chip.serial = "SN-1";  // all of one board
    chip.licence = i == 3 ? "L-B" : "L-A";
    registry->put(std::move(chip));
  }
  return registry;
}

TEST_CASE("entity: a holder's registry has its licences, their chips and territories", "[service][entity]") {
  EntityRegistries entities;
  const Registry::Snapshot whole = two_holders();
  CHECK(entities.get(whole, {"alice", Role::kAdmin}) == whole);
  const auto bolt = entities.get(whole, of("Bolt"));
  CHECK(bolt->version() == 7);
  CHECK(bolt->chips().size() == 1);
  CHECK(bolt->licences().size() == 1);
  CHECK(bolt->territory("harbour") != nullptr);
  CHECK(bolt->territory("forbidden") != nullptr);
  CHECK(bolt->territory("campus") == nullptr);
  CHECK(bolt->find_chip("SN-1"));  // one chip of that serial number, as far as they know
  CHECK(bolt->chips_of_licence("L-B") == 1);
  CHECK(bolt->chips_of_licence("L-A") == 0);
  CHECK(entities.get(whole, of("Acme"))->chips().size() == 2);
  CHECK(entities.get(whole, of("acme"))->chips().empty());  // to the letter
}

TEST_CASE("entity: a registry is made once for each version, and few are kept", "[service][entity]") {
  EntityRegistries entities;
  const Registry::Snapshot first = two_holders();
  const auto acme = entities.get(first, of("Acme"));
  CHECK(entities.get(first, of("Acme")) == acme);
  for (std::size_t i = 0; i < EntityRegistries::kKept; ++i)
    static_cast<void>(entities.get(first, of("other " + std::to_string(i))));
  CHECK(entities.get(first, of("Acme")) != acme);

  const auto again = entities.get(first, of("Acme"));
  auto next = std::make_shared<Registry>(*first);
  next->put(LicenceRecord{"L-A", "Bolt", {{}, {}}, {}, {}});  // sold
  const Registry::Snapshot second = next;
  CHECK(entities.get(second, of("Acme"))->chips().empty());
  CHECK(entities.get(second, of("Bolt"))->chips().size() == 3);
  CHECK(again->chips().size() == 2);  // whoever still holds it
}

TEST_CASE("entity: after a change the registries that are kept are made from it, each once",
          "[service][entity]") {
  EntityRegistries entities;
  const Registry::Snapshot first = two_holders();
  CHECK(entities.renew(first) == 0);  // nobody has asked
  const auto acme = entities.get(first, of("Acme"));
  const auto bolt = entities.get(first, of("Bolt"));
  CHECK(entities.renew(first) == 0);

  auto next = std::make_shared<Registry>(*first);
  next->put(LicenceRecord{"L-A", "Bolt", {{}, {}}, {}, {}});  // sold
  const Registry::Snapshot second = next;
  CHECK(entities.renew(second) == 2);
  CHECK(entities.renew(second) == 0);
  const auto sold = entities.get(second, of("Bolt"));
  CHECK(sold->chips().size() == 3);
  CHECK(entities.get(second, of("Acme"))->chips().empty());
  CHECK(entities.renew(second) == 0);  // those were they
  CHECK(bolt->chips().size() == 1);    // whoever still holds it

  // Who asked meanwhile has made theirs.
  auto last = std::make_shared<Registry>(*second);
  const Registry::Snapshot third = last;
  const auto asked = entities.get(third, of("Bolt"));
  CHECK(entities.renew(third) == 0);
  CHECK(entities.get(third, of("Bolt")) == asked);
}

TEST_CASE("entity: no more are renewed than are kept", "[service][entity]") {
  EntityRegistries entities;
  const Registry::Snapshot first = two_holders();
  for (std::size_t i = 0; i < 2 * EntityRegistries::kKept; ++i)
    static_cast<void>(entities.get(first, of("other " + std::to_string(i))));
  const Registry::Snapshot second = std::make_shared<const Registry>(*first);
  CHECK(entities.renew(second) == EntityRegistries::kKept);
  CHECK(entities.renew(second) == 0);
}

}  // namespace
}  // namespace chiploc::test
