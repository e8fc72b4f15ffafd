#include "agent/state_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

using namespace chiploc;
namespace fs = std::filesystem;

namespace {
void write(const fs::path& file, const std::string& text) { std::ofstream{file, std::ios::binary} << text; }
}  // namespace

TEST_CASE("StateFile: counts boots and rounds over restarts and never goes back", "[agent]") {
  const TempDir folder;
  const auto dir = folder.path() / "state";
  for (std::uint64_t boot = 1; boot <= 5; ++boot) {
    auto state = StateFile::open(dir);
    REQUIRE(state);
    CHECK((*state)->boot_count() == boot);
    CHECK((*state)->round_counter() == (boot - 1) * 3);
    for (std::uint64_t i = 1; i <= 3; ++i) {
      const auto next = (*state)->next_round_counter();
      REQUIRE(next);
      CHECK(*next == (boot - 1) * 3 + i);
    }
  }
}

TEST_CASE("StateFile: file and folder are its owner's alone, and nothing else is left there", "[agent]") {
  const TempDir folder;
  const auto dir = folder.path() / "state";
  auto state = StateFile::open(dir);
  REQUIRE(state);
  struct stat info {};
  REQUIRE(::stat((dir / "agent.state").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777U) == 0600U);
  REQUIRE(::stat(dir.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777U) == 0700U);
  REQUIRE((*state)->next_round_counter());
  std::size_t entries = 0;
  for (const auto& entry : fs::directory_iterator{dir}) {
    CHECK((entry.path().filename() == "agent.state" || entry.path().filename() == "lock"));
    ++entries;
  }
  CHECK(entries == 2);
}

TEST_CASE("StateFile: the number is on the disk before it is given out", "[agent]") {
  const TempDir folder;
  auto state = StateFile::open(folder.path());
  REQUIRE(state);
  const auto next = (*state)->next_round_counter();
  REQUIRE(next);
  CHECK(read_file(folder.path() / "agent.state").find("round_counter " + std::to_string(*next) + "\n") !=
        std::string::npos);
}

TEST_CASE("StateFile: any damage is refused with a sentence that names the file", "[agent]") {
  const TempDir folder;
  { REQUIRE(StateFile::open(folder.path())); }
  const auto file = folder.path() / "agent.state";
  const std::string good = read_file(file);
  const auto refused = [&](const std::string& damaged) {
    write(file, damaged);
    const auto state = StateFile::open(folder.path());
    REQUIRE_FALSE(state);
    CHECK(state.error().find(file.string()) == 0);
    CHECK(state.error().find("damaged") != std::string::npos);
    CHECK_FALSE(StateFile::check(folder.path()));
    CHECK(read_file(file) == damaged);  // left for a person to look at
  };
  SECTION("every shorter file") {
    for (std::size_t size = 0; size < good.size(); ++size) refused(good.substr(0, size));
  }
  SECTION("every changed character") {
    for (std::size_t i = 0; i < good.size(); ++i) {
      std::string damaged = good;
      damaged[i] = static_cast<char>(damaged[i] ^ 1);
      refused(damaged);
    }
  }
  SECTION("more of it") {
    refused(good + good);
    refused(good + std::string(2000, ' '));
  }
  SECTION("undamaged it is fine again") {
    write(file, good);
    CHECK(StateFile::open(folder.path()));
  }
}

TEST_CASE("StateFile: a new file left half written by a power cut is no harm", "[agent]") {
  const TempDir folder;
  { REQUIRE(StateFile::open(folder.path())); }
  write(folder.path() / "agent.state.new", "chiploc agent st");
  auto state = StateFile::open(folder.path());
  REQUIRE(state);
  CHECK((*state)->boot_count() == 2);
}

TEST_CASE("StateFile: a second agent on one folder is refused", "[agent]") {
  const TempDir folder;
  auto first = StateFile::open(folder.path());
  REQUIRE(first);
  const auto second = StateFile::open(folder.path());
  REQUIRE_FALSE(second);
  CHECK(second.error().find("another agent") != std::string::npos);
  CHECK((*first)->boot_count() == 1);
}

TEST_CASE("StateFile: a write that fails gives no number, and the old one stays", "[agent]") {
  const TempDir folder;
  const auto dir = folder.path() / "state";
  auto state = StateFile::open(dir);
  REQUIRE(state);
  REQUIRE((*state)->next_round_counter());
  // The new file's name is taken by a folder that cannot be unlinked: works for root too.
  fs::create_directory(dir / "agent.state.new");
  const auto next = (*state)->next_round_counter();
  REQUIRE_FALSE(next);
  CHECK(next.error().find("agent.state.new") != std::string::npos);
  CHECK((*state)->round_counter() == 1);
  CHECK(read_file(dir / "agent.state").find("round_counter 1\n") != std::string::npos);
}

TEST_CASE("StateFile: a folder that cannot be made is named", "[agent]") {
  const auto state = StateFile::open("/nonexistent/chiploc/state");
  REQUIRE_FALSE(state);
  CHECK(state.error().find("/nonexistent/chiploc/state") == 0);
}

TEST_CASE("StateFile: check creates nothing", "[agent]") {
  const TempDir folder;
  CHECK(StateFile::check(folder.path() / "state"));
  CHECK_FALSE(fs::exists(folder.path() / "state"));
}
