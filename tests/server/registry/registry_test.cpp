#include "server/registry/registry.hpp"

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

ChipRecord chip(const std::string& id, std::string serial, std::string maker, std::string licence = "L") {
  ChipRecord record;
  record.id = *ChipId::from_hex_text(id + std::string(32 - id.size(), '0'));
  record.serial = std::move(serial);
  record.maker = std::move(maker);
  record.licence = std::move(licence);
  return record;
}
AnchorRecord anchor(std::string name, std::uint8_t key, std::uint16_t port) {
  AnchorRecord record;
  record.name = std::move(name);
  record.id.bytes.fill(key);
  record.endpoint.port = port;
  return record;
}

}  // namespace

TEST_CASE("Registry: a chip is found by id, serial number or prefix", "[registry]") {
  Registry registry;
  registry.put(chip("abcd1", "S-1", "Acme"));
  registry.put(chip("abcd2", "S-2", "Acme"));
  registry.put(chip("ffff", "S-1", "Other"));
  CHECK((*registry.find_chip("ABCD1" + std::string(27, '0')))->serial == "S-1");
  CHECK((*registry.find_chip("abcd2"))->serial == "S-2");
  CHECK((*registry.find_chip("FFFF"))->maker == "Other");
  CHECK((*registry.find_chip("S-2"))->serial == "S-2");
  CHECK(registry.find_chip("abcd").error() == ChipLookupFault::kAmbiguous);
  CHECK(registry.find_chip("S-1").error() == ChipLookupFault::kAmbiguous);
  CHECK(registry.find_chip("abc").error() == ChipLookupFault::kPrefixTooShort);
  CHECK(registry.find_chip("abcd3").error() == ChipLookupFault::kNotFound);
  CHECK(registry.find_chip("").error() == ChipLookupFault::kPrefixTooShort);
  CHECK(registry.find_chip("no such").error() == ChipLookupFault::kNotFound);
  CHECK(registry.find_chip(std::string(33, 'a')).error() == ChipLookupFault::kNotFound);
  CHECK(registry.chip_by_serial("Other", "S-1")->maker == "Other");
  CHECK(registry.chip_by_serial("Other", "S-2") == nullptr);
}

TEST_CASE("Registry: a replaced chip leaves no trace in the indexes", "[registry]") {
  Registry registry;
  registry.put(chip("01", "S-1", "Acme", "L-1"));
  registry.put(chip("01", "S-9", "Acme", "L-2"));
  CHECK(registry.find_chip("S-1").error() == ChipLookupFault::kNotFound);
  CHECK((*registry.find_chip("S-9"))->licence == "L-2");
  CHECK(registry.chips_of_licence("L-1") == 0);
  CHECK(registry.chips_of_licence("L-2") == 1);
  CHECK(registry.chips().size() == 1);
}

TEST_CASE("Registry: a copy changes without its original", "[registry]") {
  Registry first;
  first.put(chip("01", "S-1", "Acme"));
  Registry second = first;
  second.put(chip("02", "S-2", "Acme"));
  CHECK(first.chips().size() == 1);
  CHECK(second.chips().size() == 2);
  CHECK(first.chip(first.chips().begin()->first) == second.chip(first.chips().begin()->first));
}

TEST_CASE("Registry: anchors may swap keys and addresses and are still found by them", "[registry]") {
  Registry registry;
  registry.put(anchor("a", 1, 1001));
  registry.put(anchor("b", 2, 1002));
  registry.put(anchor("a", 2, 1002));
  registry.put(anchor("b", 1, 1001));
  CHECK(registry.anchor(anchor("", 1, 0).id)->name == "b");
  CHECK(registry.anchor(anchor("", 2, 0).id)->name == "a");
  CHECK(registry.anchor_at(anchor("", 1, 1001).endpoint)->name == "b");
  registry.put(anchor("a", 3, 1003));
  CHECK(registry.anchor(anchor("", 2, 0).id) == nullptr);
}

TEST_CASE("LicenceRecord: valid from the first second of its first day to the last of its last",
          "[registry]") {
  using namespace std::chrono;
  const LicenceRecord licence{"L", "H", {}, year{2026} / 3 / 1, year{2026} / 3 / 31};
  const auto at = [](sys_days day, seconds offset) { return WallTime{day.time_since_epoch() + offset}; };
  CHECK_FALSE(valid_at(licence, at(year{2026} / 3 / 1, -1s)));
  CHECK(valid_at(licence, at(year{2026} / 3 / 1, 0s)));
  CHECK(valid_at(licence, at(year{2026} / 4 / 1, -1s)));
  CHECK_FALSE(valid_at(licence, at(year{2026} / 4 / 1, 0s)));
}

}  // namespace chiploc
