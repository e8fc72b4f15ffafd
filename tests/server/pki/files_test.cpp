#include "server/pki/files.hpp"

#include "tests/server/pki/pki_world.hpp"

namespace chiploc::files_test {
namespace {

using pki_test::mode_of;
using pki_test::refusal;

TEST_CASE("replace_file: the new text and mode, and nothing beside it", "[pki]") {
  const TempDir top;
  const auto file = top.write("a", "old", std::filesystem::perms{0666});
  REQUIRE(replace_file(file, "new", 0600));
  CHECK(read_file(file) == "new");
  CHECK(mode_of(file) == 0600);
  CHECK_FALSE(std::filesystem::exists(top / "a.new"));
  CHECK(refusal(replace_file(top / "none/a", "x", 0600)).find("cannot create: No such file") !=
        std::string::npos);
}

TEST_CASE("replace_file: a link in its way is not followed", "[pki]") {
  const TempDir top;
  const auto other = top.write("other", "precious");
  std::filesystem::create_symlink(other, top / "a.new");
  CHECK_FALSE(replace_file(top / "a", "x", 0644));
  CHECK(read_file(other) == "precious");
}

TEST_CASE("read_whole: a missing file and one that is too large are told apart", "[pki]") {
  const TempDir top;
  const auto file = top.write("a", std::string(100, 'x'));
  CHECK(*read_whole(file, 100) == std::string(100, 'x'));
  CHECK(read_whole(file, 99).error().code == PkiFaultCode::kBadData);
  CHECK(read_whole(top / "b", 99).error().code == PkiFaultCode::kNotFound);
}

}  // namespace
}  // namespace chiploc::files_test
