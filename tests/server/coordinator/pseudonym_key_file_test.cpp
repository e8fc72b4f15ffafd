#include "server/coordinator/pseudonym_key_file.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc {
namespace {

namespace fs = std::filesystem;

TEST_CASE("pseudonyms on disk: a key is made once, for its owner alone, and is the same at the next start",
          "[coordinator]") {
  const TempDir folder;
  const auto file = pseudonym_key_file_of(folder / "chiploc.db");
  CHECK(file == folder / "pseudonyms.key");
  const auto first = open_pseudonym_key(file);
  REQUIRE(first);
  struct stat is {};
  REQUIRE(::stat(file.c_str(), &is) == 0);
  CHECK((is.st_mode & 0777) == 0600);
  CHECK(is.st_size == static_cast<off_t>(SivKey::kSize));
  CHECK_FALSE(fs::exists(file.string() + ".new"));
  const auto again = open_pseudonym_key(file);
  REQUIRE(again);
  CHECK(first->seal("chip", bytes_of("a")) == again->seal("chip", bytes_of("a")));

  // Another coordinator's are others.
  const TempDir elsewhere;
  const auto other = open_pseudonym_key(elsewhere / "pseudonyms.key");
  REQUIRE(other);
  CHECK(first->seal("chip", bytes_of("a")) != other->seal("chip", bytes_of("a")));
}

TEST_CASE("pseudonyms on disk: what is no key of one's own is left as it is, and named", "[coordinator]") {
  const TempDir folder;
  const auto file = folder / "pseudonyms.key";
  const auto fault = [&] {
    const auto key = open_pseudonym_key(file);
    REQUIRE_FALSE(key);
    CHECK(key.error().starts_with(file.string()));
    CHECK(key.error().ends_with(": until then no researcher is answered"));
    return key.error();
  };
  std::ofstream{file} << std::string(63, 'x');
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
  CHECK(fault().find(" is not 64 bytes long; ") != std::string::npos);
  CHECK(read_file(file) == std::string(63, 'x'));
  std::ofstream{file} << std::string(64, 'x');
  CHECK(open_pseudonym_key(file));
  fs::permissions(file, fs::perms::group_read, fs::perm_options::add);
  CHECK(fault().find(" is open to others; chmod 600 it") != std::string::npos);
  fs::remove(file);
  fs::create_directory(file);
  fs::permissions(file, fs::perms::owner_all);
  CHECK(fault().find(": cannot read: ") != std::string::npos);
  fs::remove(file);
  std::ofstream{file} << std::string(65, 'x');
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
  CHECK(fault().find(" is not 64 bytes long; ") != std::string::npos);
}

}  // namespace
}  // namespace chiploc
