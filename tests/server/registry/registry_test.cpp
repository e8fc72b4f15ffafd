#include "server/registry/registry.hpp"

#include "tests/support/catch.hpp"

namespace chiploc::registry_test {
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
}

TEST_CASE("Registry: a serial number is found in any case, to the letter first", "[registry]") {
  Registry registry;
  registry.put(chip("abcd1", "Sn-1", "Acme"));
  registry.put(chip("abcd2", "SN-1", "Acme"));
  registry.put(chip("abcd3", "SN-2", "Acme"));
  CHECK((*registry.find_chip("SN-1"))->id.hex().substr(0, 5) == "abcd2");
  CHECK((*registry.find_chip("Sn-1"))->id.hex().substr(0, 5) == "abcd1");
  CHECK(registry.find_chip("sn-1").error() == ChipLookupFault::kAmbiguous);
  CHECK((*registry.find_chip("sn-2"))->id.hex().substr(0, 5) == "abcd3");
  registry.put(chip("abcd3", "XX-2", "Acme"));
  CHECK(registry.find_chip("sn-2").error() == ChipLookupFault::kNotFound);
}

TEST_CASE("Registry: a text that fits several chips names them", "[registry]") {
  Registry registry;
  registry.put(chip("abcd1", "BOARD-7", "Acme"));
  registry.put(chip("abcd2", "BOARD-7", "Acme"));
  registry.put(chip("ffff", "S-1", "Other"));
  const auto board = registry.chips_fitting("BOARD-7", 1);
  CHECK(board.total == 2);
  REQUIRE(board.first.size() == 1);
  CHECK(board.first[0]->id.hex() == "abcd1" + std::string(27, '0'));
  CHECK(registry.chips_fitting("abcd", 8).total == 2);
  CHECK(registry.chips_fitting("abcd1", 8).total == 1);
  CHECK(registry.chips_fitting("none", 8).total == 0);
}

TEST_CASE(
    "Registry: a chip whose maker's id is longer than 16 bytes is found by it, "
    "by its beginning and on the wire",
    "[registry]") {
  Registry registry;
  const auto id = DeviceId::from_text("00112233445566778899aabbccddeeff00112233").value();
  ChipRecord record = chip("0", "B1", "Solo");
  record.id = id.chip_id();
  record.device_id.assign(id.bytes().begin(), id.bytes().end());
  registry.put(record);
  registry.put(chip("0011", "B2", "Solo"));
  CHECK(device_id_of(record) == id.hex());
  for (const std::string& text :
       {id.hex(), std::string{"00112233445566778899AABBCCDDEEFF00112233"}, std::string{"00112"},
        record.id.hex(), record.id.hex().substr(0, 8), std::string{"B1"}}) {
    INFO(text);
    REQUIRE(registry.find_chip(text));
    CHECK((*registry.find_chip(text))->serial == "B1");
  }
  CHECK(registry.find_chip("0011").error() == ChipLookupFault::kAmbiguous);  // it begins both
  CHECK(registry.find_chip("00112233445566778899aabbccddeeff99").error() == ChipLookupFault::kNotFound);
  record.serial = "B9";
  registry.put(record);
  CHECK((*registry.find_chip(id.hex()))->serial == "B9");
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

}  // namespace chiploc::registry_test
