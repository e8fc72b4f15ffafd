#include "proto/base/new_folder.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc {
namespace {

namespace fs = std::filesystem;
using Readers = NewFolder::Readers;

unsigned mode_of(const fs::path& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 0777U : 0U;
}

NewFolder begun(const fs::path& folder) {
  auto made = NewFolder::begin(folder);
  if (!made) FAIL(made.error());
  return std::move(made).value();
}

TEST_CASE("NewFolder: appears whole at finish, with its modes, whatever the umask", "[base]") {
  const TempDir dir;
  const mode_t before = ::umask(0);
  {
    NewFolder folder = begun(dir / "a/b/coordinator");
    REQUIRE(folder.write("secret", "s", Readers::kOwner));
    REQUIRE(folder.write("public", "p", Readers::kAll));
    REQUIRE(folder.make_folder("state"));
    CHECK_FALSE(fs::exists(dir / "a/b/coordinator"));
    REQUIRE(folder.finish());
  }
  ::umask(077);
  {
    NewFolder folder = begun(dir / "strict");
    REQUIRE(folder.write("public", "p", Readers::kAll));
    REQUIRE(folder.finish());
  }
  ::umask(before);
  CHECK(mode_of(dir / "a/b/coordinator") == 0700U);
  CHECK(mode_of(dir / "a/b/coordinator/secret") == 0600U);
  CHECK(mode_of(dir / "a/b/coordinator/public") == 0644U);
  CHECK(mode_of(dir / "a/b/coordinator/state") == 0700U);
  CHECK(mode_of(dir / "strict/public") == 0644U);
  CHECK(read_file(dir / "a/b/coordinator/secret") == "s");
  CHECK_FALSE(fs::exists(dir / "a/b/.coordinator.unfinished"));
}

TEST_CASE("NewFolder: nothing that is there is touched", "[base]") {
  const TempDir dir;
  fs::create_directory(dir / "full");
  dir.write("full/key", "old");
  dir.write("file", "old");
  fs::create_directory_symlink(dir / "full", dir / "link");
  for (const char* name : {"full", "full/", "file", "link"}) {
    const auto made = NewFolder::begin(dir / name);
    CAPTURE(name);
    REQUIRE_FALSE(made);
    CHECK(made.error().find("is there already") != std::string::npos);
    CHECK(made.error().find("--dir") != std::string::npos);
  }
  CHECK(read_file(dir / "full/key") == "old");
  // Not even one that came while ours was being written.
  NewFolder folder = begun(dir / "late");
  REQUIRE(folder.write("key", "new", Readers::kOwner));
  fs::create_directory(dir / "late");
  dir.write("late/key", "old");
  CHECK_FALSE(folder.finish());
  CHECK(read_file(dir / "late/key") == "old");
  CHECK_FALSE(folder.write("key", "again", Readers::kOwner));  // nor a file within
}

TEST_CASE("NewFolder: an empty folder under the name is filled", "[base]") {
  const TempDir dir;
  fs::create_directory(dir / "empty");
  NewFolder folder = begun(dir / "empty");
  REQUIRE(folder.write("key", "new", Readers::kOwner));
  REQUIRE(folder.finish());
  CHECK(read_file(dir / "empty/key") == "new");
}

TEST_CASE("NewFolder: an empty folder of another user stays his, with all that is made", "[base]") {
  if (::geteuid() != 0) {
    SUCCEED("only root gives files away");
    return;
  }
  const TempDir dir;
  constexpr uid_t kUser = 4711;
  fs::create_directory(dir / "service");
  REQUIRE(::chown((dir / "service").c_str(), kUser, kUser) == 0);
  NewFolder folder = begun(dir / "service");
  REQUIRE(folder.write("key", "new", Readers::kOwner));
  REQUIRE(folder.make_folder("state"));
  REQUIRE(folder.finish());
  for (const char* name : {"service", "service/key", "service/state"}) {
    struct stat info {};
    REQUIRE(::stat((dir / name).c_str(), &info) == 0);
    CAPTURE(name);
    CHECK(info.st_uid == kUser);
    CHECK(info.st_gid == kUser);
  }
  CHECK(mode_of(dir / "service/key") == 0600U);
}

TEST_CASE("NewFolder: what was not finished goes away", "[base]") {
  const TempDir dir;
  {
    NewFolder folder = begun(dir / "given-up");
    REQUIRE(folder.write("key", "k", Readers::kOwner));
  }
  CHECK(fs::is_empty(dir.path()));
}

TEST_CASE("NewFolder: killed while writing it leaves no folder, and the next one begins anew", "[base]") {
  const TempDir dir;
  const pid_t child = ::fork();
  if (child == 0) {
    auto folder = NewFolder::begin(dir / "chip");
    if (!folder || !folder->write("key", "never used", Readers::kOwner) || !folder->make_folder("state"))
      ::_exit(1);
    ::raise(SIGKILL);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  CHECK_FALSE(fs::exists(dir / "chip"));
  REQUIRE(fs::exists(dir / ".chip.unfinished/key"));
  NewFolder folder = begun(dir / "chip");
  CHECK(fs::is_empty(folder.path()));
  REQUIRE(folder.write("key", "new", Readers::kOwner));
  REQUIRE(folder.finish());
  CHECK(read_file(dir / "chip/key") == "new");
  CHECK_FALSE(fs::exists(dir / ".chip.unfinished"));
}

TEST_CASE("NewFolder: two at once, and the second says so and harms nothing", "[base]") {
  const TempDir dir;
  NewFolder first = begun(dir / "chip");
  REQUIRE(first.write("key", "first", Readers::kOwner));
  const auto second = NewFolder::begin(dir / "chip");
  REQUIRE_FALSE(second);
  CHECK(second.error().find("another init") != std::string::npos);
  REQUIRE(first.finish());
  CHECK(read_file(dir / "chip/key") == "first");
}

TEST_CASE("NewFolder: a place that cannot be written is named, with the cause", "[base]") {
  const TempDir dir;
  dir.write("file", "");
  const auto made = NewFolder::begin(dir / "file/below");
  REQUIRE_FALSE(made);
  CHECK(made.error().find((dir / "file").string()) != std::string::npos);
  const auto nameless = NewFolder::begin("/");
  REQUIRE_FALSE(nameless);
}

}  // namespace
}  // namespace chiploc
