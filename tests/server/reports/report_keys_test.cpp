#include "server/reports/report_keys.hpp"

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

const WallTime kThen = wall_from_unix_seconds(1'790'000'000);

PublicKey public_of(std::uint8_t seed) {
  ByteArray<32> bytes{};
  bytes[0] = seed;
  return key_from_ed25519_seed(bytes).value()->public_key();
}
std::string hex_of_key(std::uint8_t seed) { return to_hex(public_of(seed).raw_ed25519().value()); }

TEST_CASE("report keys: a list that was written is read back") {
  ReportKeys keys;
  CHECK(take_key(keys, public_of(1), kThen + Nanoseconds{5}));
  CHECK(take_key(keys, public_of(2), kThen + std::chrono::hours{1}));
  const std::string text = report_keys_text(keys);
  CHECK(text.find(
            "\n[[coordinator]]\npublic_key = \"" + hex_of_key(1) +
            "\"\nfrom = \"2026-09-21T14:13:20Z\"\nuntil = \"2026-09-21T15:13:20Z\"\n\n[[coordinator]]\n") !=
        std::string::npos);
  const auto read = parse_report_keys(text, "keys.toml");
  INFO((read ? "" : read.error()));
  REQUIRE(read);
  REQUIRE(read->keys.size() == 2);
  CHECK(report_keys_text(*read) == text);
  CHECK(read->in_force()->key == public_of(2));
  CHECK(read->keys[0].until == read->keys[1].from);
}

TEST_CASE("report keys: the lines for agent.toml are a list of one key without dates") {
  const auto read = parse_report_keys(
      "[[coordinator]]\nname = \"coordinator\"\npublic_key = \"" + hex_of_key(1) + "\"\n", "a.toml");
  REQUIRE(read);
  REQUIRE(read->keys.size() == 1);
  CHECK(in_force_at(read->keys[0], WallTime{}));
  CHECK(read->of(coordinator_id_of(public_of(1)).value()).size() == 1);
  CHECK(read->of(coordinator_id_of(public_of(2)).value()).empty());
}

TEST_CASE("report keys: a key is taken once, ends when the next one comes, and never before it began") {
  ReportKeys keys;
  CHECK(keys.in_force() == nullptr);
  CHECK(take_key(keys, public_of(1), kThen));
  CHECK_FALSE(take_key(keys, public_of(1), kThen + std::chrono::hours{1}));
  // A clock that was set back: the list does not go back with it.
  CHECK(take_key(keys, public_of(2), kThen - std::chrono::hours{1}));
  CHECK(keys.keys[0].until == kThen);
  CHECK(keys.keys[1].from == kThen);
  CHECK_FALSE(in_force_at(keys.keys[0], kThen));
  CHECK(in_force_at(keys.keys[1], kThen));
  CHECK(take_key(keys, public_of(1), kThen + std::chrono::hours{2}));  // the old one again
  CHECK(keys.of(coordinator_id_of(public_of(1)).value()).size() == 2);
  CHECK(keys.in_force()->key == public_of(1));
}

TEST_CASE("report keys: one that a person ended signs no more, and another one may follow it") {
  ReportKeys keys;
  REQUIRE(take_key(keys, public_of(1), kThen));
  keys.keys[0].until = kThen + std::chrono::hours{5};
  CHECK(keys.in_force() == nullptr);
  CHECK_FALSE(take_key(keys, public_of(1), kThen + std::chrono::hours{9}));
  CHECK(keys.keys.size() == 1);
  CHECK(keys.keys[0].until == kThen + std::chrono::hours{5});
  CHECK(take_key(keys, public_of(2), kThen + std::chrono::hours{1}));
  CHECK(keys.keys[0].until == kThen + std::chrono::hours{5});  // as the person wrote it
  CHECK(keys.keys[1].from == kThen + std::chrono::hours{5});
}

TEST_CASE("report keys: every fault of a list, with its line") {
  const auto fault = [](const std::string& text) {
    const auto read = parse_report_keys(text, "keys.toml");
    REQUIRE_FALSE(read);
    return read.error();
  };
  const auto has = [](const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  };
  CHECK(has(fault(""), "no [[coordinator]] in it; get the list with: chiploc report keys"));
  CHECK(has(fault("not toml at all"), "keys.toml:1"));
  CHECK(has(fault("[[coordinator]]\npublic_key = \"abc\"\n"),
            "keys.toml:2: coordinator.public_key: this is no Ed25519 key"));
  CHECK(has(fault("[[coordinator]]\nname = \"x\"\n"), "public_key"));
  const std::string key = "[[coordinator]]\npublic_key = \"" + hex_of_key(1) + "\"\n";
  CHECK(has(fault(key + "from = \"soon\"\n"), "keys.toml:3: coordinator.from: \"soon\" is no time"));
  CHECK(has(fault(key + "from = \"2026-09-21T14:13:20Z\"\nuntil = \"2026-09-21T14:13:19Z\"\n"),
            "it ends before it begins"));
  CHECK(has(fault(key + "note = \"x\"\n"), "note"));
  CHECK(has(fault(std::string(kReportKeysBytes + 1, '#')), "more than 1 MiB"));
  // A key of small order would let anybody sign.
  CHECK(has(fault("[[coordinator]]\npublic_key = \"" + std::string(64, '0') + "\"\n"),
            "this is no Ed25519 key"));
}

}  // namespace
}  // namespace chiploc
