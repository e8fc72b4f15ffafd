#include "server/coordinator/report_key_file.hpp"

#include <filesystem>

#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc {
namespace {

const WallTime kNow = wall_from_unix_seconds(1'790'000'000);

std::unique_ptr<Signer> key_with(std::uint8_t seed) {
  ByteArray<32> bytes{};
  bytes[0] = seed;
  return key_from_ed25519_seed(bytes).value();
}

TEST_CASE("report keys on disk: begun at the first start, kept at the next, ended by another key",
          "[coordinator]") {
  const TempDir folder;
  const auto file = report_key_file_of(folder / "chiploc.db");
  CHECK(file == folder / "report-keys.toml");
  auto signing = open_report_signing(file, key_with(1), kNow);
  CHECK(signing.unusable.empty());
  const std::string first = read_file(file);
  CHECK(first == report_keys_text(signing.keys));
  signing = open_report_signing(file, key_with(1), kNow + std::chrono::hours{1});
  CHECK(read_file(file) == first);
  signing = open_report_signing(file, key_with(2), kNow + std::chrono::hours{2});
  CHECK(signing.keys.keys.size() == 2);
  CHECK(signing.keys.keys[0].until == kNow + std::chrono::hours{2});
  CHECK(signing.keys.in_force()->key == signing.key->public_key());
  CHECK(read_file(file) == report_keys_text(signing.keys));
  CHECK_FALSE(std::filesystem::exists(file.string() + ".part"));
}

TEST_CASE("report keys on disk: a damaged list, or one that cannot be written, is left and no report is made",
          "[coordinator]") {
  const TempDir folder;
  const auto file = folder.write("report-keys.toml", "[[coordinator]]\npublic_key = \"half");
  auto signing = open_report_signing(file, key_with(1), kNow);
  CHECK(signing.unusable.find("report-keys.toml:2") != std::string::npos);
  CHECK(signing.unusable.find("no report can be made") != std::string::npos);
  CHECK(read_file(file) == "[[coordinator]]\npublic_key = \"half");
  signing = open_report_signing(folder / "missing" / "report-keys.toml", key_with(1), kNow);
  CHECK(signing.unusable.find("cannot be written") != std::string::npos);
}

TEST_CASE("report keys on disk: a key that somebody ended by hand is not begun again", "[coordinator]") {
  const TempDir folder;
  const auto file = report_key_file_of(folder / "chiploc.db");
  const std::string list = report_keys_text(open_report_signing(file, key_with(1), kNow).keys);
  const std::string ended = list + "until = \"2026-09-22T00:00:00Z\"\n";
  folder.write("report-keys.toml", ended);
  const auto signing = open_report_signing(file, key_with(1), kNow + std::chrono::hours{48});
  CHECK(signing.unusable.find("give the coordinator a new one") != std::string::npos);
  CHECK(read_file(file) == ended);
  const auto next = open_report_signing(file, key_with(2), kNow + std::chrono::hours{48});
  CHECK(next.unusable.empty());
  CHECK(next.keys.keys[0].until < next.keys.keys[1].from);  // the end that was written by hand stays
}

}  // namespace
}  // namespace chiploc
