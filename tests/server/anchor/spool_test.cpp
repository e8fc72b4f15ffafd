#include "server/anchor/spool.hpp"

#include <fstream>
#include <set>

#include "proto/base/free_space.hpp"
#include "tests/support/temp_folder.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

const WallTime kNow = wall_from_unix_seconds(1'790'000'000);

struct Bench {
  TempFolder folder;
  std::vector<std::string> warnings;
  std::unique_ptr<Spool> spool;

  void open(std::size_t messages = 100, std::size_t segment_bytes = 8U << 20U, WallTime now = kNow) {
    spool.reset();
    auto opened = Spool::open({folder / "spool", messages, segment_bytes}, now,
                              [this](const std::string& line) { warnings.push_back(line); });
    if (!opened) FAIL(opened.error());
    spool = std::move(*opened);
  }
  std::uint64_t append(const std::string& text, SpoolPriority priority = SpoolPriority::kEvidence) {
    const auto id = spool->append(bytes_of(text), priority);
    REQUIRE(id);
    return *id;
  }
  [[nodiscard]] std::vector<std::string> texts() const {
    std::vector<std::string> out;
    for (const SpoolEntry& entry : spool->read(0, 1'000'000)) out.push_back(string_of(entry.payload));
    return out;
  }
  [[nodiscard]] std::vector<std::filesystem::path> segments() const {
    std::vector<std::filesystem::path> out;
    for (const auto& entry : std::filesystem::directory_iterator{folder / "spool"}) {
      if (entry.path().extension() == ".seg") out.push_back(entry.path());
    }
    std::sort(out.begin(), out.end());
    return out;
  }
};
using Texts = std::vector<std::string>;

TEST_CASE("Spool: messages come back in order, over a restart too, until they are acknowledged",
          "[anchor][spool]") {
  Bench bench;
  bench.open();
  const auto a = bench.append("a");
  const auto b = bench.append("b");
  const auto c = bench.append("c");
  CHECK(a < b);
  CHECK(b < c);
  CHECK(bench.texts() == Texts{"a", "b", "c"});
  bench.spool->acknowledge(b);
  bench.spool->acknowledge(b);
  bench.spool->acknowledge(99);
  CHECK(bench.texts() == Texts{"a", "c"});
  REQUIRE(bench.spool->sync());
  bench.open();
  CHECK(bench.texts() == Texts{"a", "c"});
  REQUIRE(bench.spool->read(a, 10).size() == 1);
  CHECK(bench.spool->read(a, 10)[0].id == c);
  CHECK(bench.spool->read(0, 1)[0].id == a);
  CHECK(bench.warnings.empty());
}

TEST_CASE("Spool: an id is never used twice, whatever is restarted, acknowledged or deleted",
          "[anchor][spool]") {
  Bench bench;
  std::set<std::uint64_t> seen;
  std::uint64_t last = 0;
  for (int start = 0; start < 5; ++start) {
    bench.open();
    for (int i = 0; i < 3; ++i) {
      const auto id = bench.append("x");
      CHECK(id > last);
      last = id;
      CHECK(seen.insert(id).second);
      bench.spool->acknowledge(id);
    }
  }
  // A clock that stands in 1970 after a flat battery, and then a folder that somebody emptied.
  bench.open(100, 8U << 20U, WallTime{});
  CHECK(bench.append("x") > last);
  last = bench.spool->read(0, 1)[0].id;
  bench.spool.reset();
  std::filesystem::remove_all(bench.folder / "spool");
  bench.open(100, 8U << 20U, kNow + 3600s);
  CHECK(bench.append("x") > last);
}

TEST_CASE("Spool: killed between writing the id file and renaming it, it goes on above the old reservation",
          "[anchor][spool]") {
  Bench bench;
  bench.open();
  const auto id = bench.append("a");
  bench.spool.reset();
  std::ofstream{bench.folder / "spool/next-id.tmp"} << "17";  // half written, never renamed
  bench.open();
  CHECK(bench.append("b") > id);
  CHECK(bench.texts() == Texts{"a", "b"});
}

TEST_CASE("Spool: an id file that holds no number stops the start with its name", "[anchor][spool]") {
  Bench bench;
  bench.open();
  bench.spool.reset();
  for (const char* text :
       {"", "x\n", "12", "12x\n", "-1\n", "4611686018427387905\n", "99999999999999999999999\n"}) {
    std::ofstream{bench.folder / "spool/next-id"} << text;
    const auto opened = Spool::open({bench.folder / "spool"}, kNow, [](const std::string&) {});
    REQUIRE_FALSE(opened);
    CHECK(opened.error().find("next-id: holds no number") != std::string::npos);
  }
}

TEST_CASE("Spool: a torn or damaged record ends its segment with one line; what stands before is kept",
          "[anchor][spool]") {
  Bench bench;
  bench.open();
  bench.append("first");
  bench.append("second");
  bench.append("third");
  const auto file = bench.segments().at(0);
  const auto size = std::filesystem::file_size(file);
  bench.spool.reset();
  SECTION("cut in the middle of the last record, as by a crash") {
    std::filesystem::resize_file(file, size - 3);
    bench.open();
    CHECK(bench.texts() == Texts{"first", "second"});
    REQUIRE(bench.warnings.size() == 1);
    CHECK(bench.warnings[0].find("spool.damaged file=" + file.string() + " offset=") == 0);
  }
  SECTION("one bit of a payload flipped") {
    std::fstream f{file, std::ios::in | std::ios::out | std::ios::binary};
    f.seekp(20);
    f.put('F');
    f.close();
    bench.open();
    CHECK(bench.texts().empty());
    CHECK(bench.warnings.size() == 1);
  }
  SECTION("garbage after the end") {
    std::ofstream{file, std::ios::app | std::ios::binary} << std::string(100, 'g');
    bench.open();
    CHECK(bench.texts() == Texts{"first", "second", "third"});
    REQUIRE(bench.warnings.size() == 1);
    CHECK(bench.warnings[0].find("bytes_ignored=100") != std::string::npos);
  }
  // New messages never go behind the damage.
  const auto before = bench.texts();
  bench.append("new");
  bench.open();
  auto expected = before;
  expected.push_back("new");
  CHECK(bench.texts() == expected);
}

TEST_CASE("Spool: a full one refuses and counts; the mesh may fill only half", "[anchor][spool]") {
  Bench bench;
  bench.open(4);
  bench.append("m1", SpoolPriority::kRoutine);
  bench.append("m2", SpoolPriority::kRoutine);
  CHECK(bench.spool->append(bytes_of("m3"), SpoolPriority::kRoutine).error().find("full") !=
        std::string::npos);
  bench.append("e1");
  const auto e2 = bench.append("e2");
  CHECK_FALSE(bench.spool->append(bytes_of("e3"), SpoolPriority::kEvidence));
  CHECK(bench.spool->dropped() == 2);
  bench.spool->acknowledge(e2);
  bench.append("e4");
  CHECK(bench.texts() == Texts{"m1", "m2", "e1", "e4"});
  CHECK_FALSE(bench.spool->append(ByteVector(Spool::kMessageMax + 1), SpoolPriority::kEvidence));
}

TEST_CASE("Spool: segments are closed at their size and deleted when all their messages are acknowledged",
          "[anchor][spool]") {
  Bench bench;
  bench.open(1000, 500);
  std::vector<std::uint64_t> ids;
  for (int i = 0; i < 50; ++i) ids.push_back(bench.append(std::string(100, 'x')));
  CHECK(bench.segments().size() >= 10);
  for (std::size_t i = 0; i + 1 < ids.size(); ++i) bench.spool->acknowledge(ids[i]);
  CHECK(bench.spool->size() == 1);
  CHECK(bench.segments().size() <= 3);
  bench.open(1000, 500);
  CHECK(bench.spool->size() == 1);
  CHECK(bench.spool->read(0, 10)[0].id == ids.back());
}

TEST_CASE("Spool: a folder that cannot be made or written is named with the cause and what to do",
          "[anchor][spool]") {
  TempFolder folder;
  std::ofstream{folder / "file"} << "in the way";
  const auto open = [&](const std::filesystem::path& at) {
    auto spool = Spool::open({at, 100, 8U << 20U}, kNow, [](const std::string&) {});
    return spool ? std::string{} : spool.error();
  };
  CHECK(open(folder / "file" / "spool") ==
        (folder / "file" / "spool").string() + ": cannot be made: Not a directory");
  // /proc takes no folders from anybody, root included.
  CHECK_THAT(open("/proc/self/spool"), Catch::StartsWith("/proc/self/spool: cannot be made: "));
  CHECK_THAT(write_remedy(EROFS, folder / "spool"),
             Catch::Contains("mounted read-only") && Catch::Contains("StateDirectory="));
  CHECK_THAT(write_remedy(EACCES, folder / "spool"), Catch::Contains("give this user the folder"));
}

TEST_CASE("Spool: a full disk says how much is free, and where", "[anchor][spool]") {
  TempFolder folder;
  CHECK_THAT(write_remedy(ENOSPC, folder / "spool" / "x"), Catch::StartsWith("; make room on the disk (") &&
                                                               Catch::Contains(" MiB of ") &&
                                                               Catch::EndsWith(" are free there)"));
  CHECK_THAT(write_remedy(EDQUOT, folder / "spool"), Catch::Contains("or raise this user's quota"));
  CHECK(write_remedy(EIO, folder / "spool").empty());
  CHECK_FALSE(free_space_text("/no/such/folder/x").empty());  // the nearest one that is there
}

TEST_CASE("Spool: two processes cannot share a folder", "[anchor][spool]") {
  Bench bench;
  bench.open();
  const auto second = Spool::open({bench.folder / "spool"}, kNow, [](const std::string&) {});
  REQUIRE_FALSE(second);
  CHECK(second.error().find("another process uses this folder") != std::string::npos);
}

}  // namespace
}  // namespace chiploc
