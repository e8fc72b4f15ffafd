// Folders of labs, dead and alive.
#include "server/lab/lab_state.hpp"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc {
namespace {

namespace fs = std::filesystem;

/// A folder for temporary files of its own, for as long as it lives.
class OwnTmp {
 public:
  OwnTmp() : before_{std::getenv("TMPDIR") == nullptr ? "" : std::getenv("TMPDIR")} {
    ::setenv("TMPDIR", path().c_str(), 1);
  }
  ~OwnTmp() {
    if (before_.empty())
      ::unsetenv("TMPDIR");
    else
      ::setenv("TMPDIR", before_.c_str(), 1);
  }
  [[nodiscard]] fs::path path() const { return folder_.path(); }

 private:
  TempDir folder_;
  std::string before_;
};

/// Makes a lab's folder in a process that is killed before it can remove it. Its path.
fs::path killed_lab() {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t pid = ::fork();
  if (pid == 0) {
    const auto state = LabState::fresh(false);
    if (!state) ::_exit(1);
    std::ofstream{state->path() / "chip.key"} << "secret";
    const std::string text = state->path().string();
    if (::write(ends[1], text.data(), text.size()) < 0) ::_exit(1);
    ::close(ends[1]);
    for (;;) ::pause();
  }
  ::close(ends[1]);
  std::string path(4096, '\0');
  const ssize_t got = ::read(ends[0], path.data(), path.size());
  ::close(ends[0]);
  REQUIRE(got > 0);
  path.resize(static_cast<std::size_t>(got));
  REQUIRE(::kill(pid, SIGKILL) == 0);
  REQUIRE(::waitpid(pid, nullptr, 0) == pid);
  REQUIRE(fs::exists(fs::path{path} / "chip.key"));
  return path;
}

TEST_CASE("LabState: a fresh folder goes with its lab, and is nobody else's", "[sim][lab]") {
  const OwnTmp tmp;
  fs::path path;
  {
    const auto state = LabState::fresh(false);
    REQUIRE(state.has_value());
    path = state->path();
    CHECK(path.parent_path() == tmp.path());
    CHECK((fs::status(path).permissions() & (fs::perms::group_all | fs::perms::others_all)) ==
          fs::perms::none);
    CHECK(find_dead_labs(tmp.path()).empty());  // it lives
    CHECK(remove_dead_labs().empty());
    CHECK(fs::exists(path));
  }
  CHECK_FALSE(fs::exists(path));
}

TEST_CASE("LabState: a folder that is to be kept is never taken for a dead lab's", "[sim][lab]") {
  const OwnTmp tmp;
  fs::path path;
  {
    const auto state = LabState::fresh(true);
    REQUIRE(state.has_value());
    path = state->path();
  }
  CHECK(fs::exists(path));
  CHECK(find_dead_labs(tmp.path()).empty());
}

TEST_CASE("LabState: a named folder must be empty, and stays", "[sim][lab]") {
  const OwnTmp tmp;
  const fs::path folder = tmp.path() / "mine";
  { CHECK(LabState::named(folder).has_value()); }
  CHECK(fs::exists(folder));
  std::ofstream{folder / "x"} << "x";
  const auto again = LabState::named(folder);
  REQUIRE_FALSE(again.has_value());
  CHECK(again.error() == folder.string() + " is not empty; name a new folder, a lab never reuses keys");
}

TEST_CASE("find_dead_labs: what a killed lab has left is found, and removed without following links",
          "[sim][lab]") {
  const OwnTmp tmp;
  const fs::path dead = killed_lab();
  const fs::path elsewhere = tmp.path() / "elsewhere";
  fs::create_directory(elsewhere);
  std::ofstream{elsewhere / "precious"} << "x";
  fs::create_directory_symlink(elsewhere, dead / "link");
  {
    const auto found = find_dead_labs(tmp.path());
    REQUIRE(found.size() == 1);
    CHECK(found[0].path() == dead);
    CHECK(find_dead_labs(tmp.path()).empty());  // held by the first
  }
  CHECK(remove_dead_labs() == "removed the keys of 1 lab that had been killed, from " + tmp.path().string());
  CHECK_FALSE(fs::exists(dead));
  CHECK(fs::exists(elsewhere / "precious"));
  CHECK(remove_dead_labs().empty());
}

TEST_CASE("find_dead_labs: nothing is taken for a lab's that is not proved to be one", "[sim][lab]") {
  const OwnTmp tmp;
  const auto none = [&] { return find_dead_labs(tmp.path()).empty(); };
  const fs::path real = killed_lab();
  const fs::path folder = tmp.path() / "chiploc-lab-abcdef";
  const fs::path marker = folder / kLabMarker;

  SECTION("another name") {
    fs::rename(real, tmp.path() / "chiploc-lab-toolong");
    CHECK(none());
  }
  SECTION("no marker") {
    fs::remove(real / kLabMarker);
    CHECK(none());
  }
  SECTION("a marker with another text") {
    std::ofstream{real / kLabMarker} << "keep me\n";
    CHECK(none());
  }
  SECTION("a marker with the text and more") {
    std::ofstream{real / kLabMarker, std::ios::app} << "more\n";
    CHECK(none());
  }
  SECTION("a marker that is a link to a real one") {
    fs::create_directory(folder);
    fs::permissions(folder, fs::perms::owner_all);
    fs::rename(real / kLabMarker, tmp.path() / "marker");
    fs::create_symlink(tmp.path() / "marker", marker);
    CHECK(none());
  }
  SECTION("a marker with two names") {
    fs::create_hard_link(real / kLabMarker, tmp.path() / "second");
    CHECK(none());
  }
  SECTION("a link to a dead lab's folder") {
    const fs::path moved = tmp.path() / "moved";
    fs::rename(real, moved);
    fs::create_directory_symlink(moved, folder);
    CHECK(none());
  }
  SECTION("a folder that others may enter") {
    fs::permissions(real, fs::perms::group_read, fs::perm_options::add);
    CHECK(none());
  }
  SECTION("a folder of somebody else") {
    if (::geteuid() == 0) {
      REQUIRE(::chown(real.c_str(), 12345, 12345) == 0);
      CHECK(none());
    }
  }
}

}  // namespace
}  // namespace chiploc
