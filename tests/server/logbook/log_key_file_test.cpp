// The log's key: made once, kept to itself.
#include "server/logbook/log_key_file.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::test {

TEST_CASE("log key file: it is made once, for its owner alone, and no other key is taken", "[logbook]") {
  const TempDir folder;
  const auto file = log_key_file_of(folder / "chiploc.db");
  CHECK(file == folder / "log.key");
  const auto made = open_log_key(file);
  REQUIRE(made);
  CHECK((*made)->algorithm() == SignatureAlgorithm::kEd25519);
  CHECK(std::filesystem::status(file).permissions() == std::filesystem::perms{0600});
  const auto again = open_log_key(file);
  REQUIRE(again);
  CHECK((*again)->public_key().raw_ed25519() == (*made)->public_key().raw_ed25519());

  std::filesystem::permissions(file, std::filesystem::perms{0644});
  const auto open_to_all = open_log_key(file);
  REQUIRE_FALSE(open_to_all);
  CHECK(open_to_all.error().find("log.key") != std::string::npos);
  std::filesystem::remove(file);
  REQUIRE(write_private_key(file, *generate_key(SignatureAlgorithm::kEs256)));
  CHECK(open_log_key(file).error().find("is no Ed25519 key") != std::string::npos);
  CHECK_FALSE(open_log_key(folder / "none" / "log.key"));
}

}  // namespace chiploc::test
