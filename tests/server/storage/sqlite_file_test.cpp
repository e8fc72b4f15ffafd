#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "server/storage/sqlite/open.hpp"
#include "tests/server/storage/fixture.hpp"

namespace chiploc::test {
namespace {

StoreFault refusal(const SqliteOptions& options) {
  auto store = open_sqlite_store(options);
  REQUIRE_FALSE(store);
  CHECK_THAT(store.error().text, Catch::Contains(options.path));
  return store.error();
}

/// Runs SQL on the file behind the store's back.
void tamper(const SqliteOptions& options, const char* sql) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(options.path.c_str(), &db) == SQLITE_OK);
  CHECK(sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(db);
}

}  // namespace

TEST_CASE("database: made for its owner alone", "[storage]") {
  const Folder folder;
  const auto store = folder.open();
  REQUIRE(store->rounds().log_intent(intent(1)));
  for (const auto* suffix : {"", "-wal", "-shm", ".lock"}) {
    INFO(suffix);
    struct stat status {};
    REQUIRE(stat((folder.options().path + suffix).c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0600);
  }
}

TEST_CASE("database: every commit is flushed, unless a simulation says that nobody needs it", "[storage]") {
  const Folder folder;
  (void)folder.open();
  SqliteOptions options = folder.options();
  CHECK(options.durable);
  CHECK(open_writer(options, migrations()).value()->integer("PRAGMA synchronous").value() == 2);  // FULL
  options.durable = false;
  CHECK(open_writer(options, migrations()).value()->integer("PRAGMA synchronous").value() == 0);  // OFF
}

TEST_CASE("database: one that others may read is refused", "[storage]") {
  const Folder folder;
  (void)folder.open();
  REQUIRE(chmod(folder.options().path.c_str(), 0640) == 0);
  const auto fault = refusal(folder.options());
  CHECK(fault.code == StoreFaultCode::kPermission);
  CHECK_THAT(fault.text, Catch::Contains("chmod 600"));
}

TEST_CASE("database: a second writer is told so at once, readers are let in", "[storage]") {
  const Folder folder;
  const auto first = folder.open();
  REQUIRE(first->rounds().log_intent(intent(1)));
  CHECK(refusal(folder.options()).code == StoreFaultCode::kBusy);
  auto reader = open_sqlite_reader(folder.options());
  REQUIRE(reader);
  CHECK((*reader)->rounds().open_rounds()->size() == 1);
}

TEST_CASE("database: another process that holds it is named as the reason", "[storage]") {
  const Folder folder;
  int ready[2] = {};
  int finish[2] = {};
  REQUIRE(pipe(ready) == 0);
  REQUIRE(pipe(finish) == 0);
  const pid_t child = fork();
  if (child == 0) {
    close(finish[1]);
    char byte = 0;
    {
      const auto store = open_sqlite_store(folder.options());
      byte = store ? 'y' : 'n';
      (void)!write(ready[1], &byte, 1);
      (void)!read(finish[0], &byte, 1);  // until the parent has closed its end
    }
    _exit(0);
  }
  char byte = 0;
  REQUIRE(read(ready[0], &byte, 1) == 1);
  CHECK(byte == 'y');
  const auto fault = refusal(folder.options());
  CHECK(fault.code == StoreFaultCode::kBusy);
  CHECK_THAT(fault.text, Catch::Contains("another process"));
  close(finish[1]);
  close(finish[0]);
  close(ready[0]);
  close(ready[1]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(open_sqlite_store(folder.options()));
}

TEST_CASE("database: a process killed in the middle of a batch leaves the state before it", "[storage]") {
  const Folder folder;
  const pid_t child = fork();
  if (child == 0) {
    auto store = open_sqlite_store(folder.options());
    if (!store || !(*store)->rounds().log_intent(intent(1)) || !(*store)->begin_batch() ||
        !(*store)->rounds().log_intent(intent(2)))
      _exit(1);
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  const auto store = folder.open();
  const auto open = store->rounds().open_rounds();
  REQUIRE(open);
  REQUIRE(open->size() == 1);
  CHECK(open->front().intent.round == id<RoundId>(1));
}

TEST_CASE("database: files of others, damaged ones and missing folders are refused with the reason",
          "[storage]") {
  const Folder folder;
  const auto options = folder.options();
  SECTION("text") {
    std::ofstream{options.path} << std::string(4096, 'x');
    REQUIRE(chmod(options.path.c_str(), 0600) == 0);
    CHECK(refusal(options).code == StoreFaultCode::kForeign);
  }
  SECTION("another program's database is left as it is") {
    tamper(options, "CREATE TABLE theirs (x); PRAGMA user_version = 1;");
    REQUIRE(chmod(options.path.c_str(), 0600) == 0);
    CHECK(refusal(options).code == StoreFaultCode::kForeign);
    tamper(options, "SELECT x FROM theirs");
    CHECK_FALSE(std::filesystem::exists(options.path + "-wal"));
  }
  SECTION("a newer schema") {
    (void)folder.open();
    tamper(options, "PRAGMA user_version = 999;");
    const auto fault = refusal(options);
    CHECK(fault.code == StoreFaultCode::kNewerSchema);
    CHECK_THAT(fault.text, Catch::Contains("schema 999"));
    CHECK(open_sqlite_reader(options).error().code == StoreFaultCode::kNewerSchema);
  }
  SECTION("a folder") {
    std::filesystem::create_directory(options.path);
    CHECK(refusal(options).code == StoreFaultCode::kForeign);
  }
  SECTION("a folder that does not exist") {
    CHECK(refusal({(folder.path() / "none" / "chiploc.db").string(), 100, 0}).code ==
          StoreFaultCode::kPermission);
  }
  SECTION("a reader before there is a database") {
    CHECK_FALSE(open_sqlite_reader(options));
    CHECK_FALSE(std::filesystem::exists(options.path));
  }
  SECTION("a damaged page") {
    {
      const auto store = folder.open();
      for (std::uint64_t i = 0; i < 50; ++i) REQUIRE(store->rounds().log_intent(intent(i + 1)));
    }
    std::fstream file{options.path, std::ios::in | std::ios::out | std::ios::binary};
    const auto size = std::filesystem::file_size(options.path);
    for (std::uintmax_t page = 1; page < size / 4096; ++page) {
      file.seekp(static_cast<std::streamoff>(page * 4096));
      file << std::string(4096, '\xAB');
    }
    file.close();
    auto store = open_sqlite_store(options);
    const auto code = store ? (*store)->rounds().open_rounds().error().code : store.error().code;
    CHECK(code == StoreFaultCode::kCorrupt);
  }
}

TEST_CASE("database: a full disk is a fault that loses nothing", "[storage]") {
  const Folder folder;
  auto options = folder.options();
  (void)folder.open();  // makes the schema, which needs more pages than the quota below leaves room for
  options.page_count_max = static_cast<std::uint32_t>(std::filesystem::file_size(options.path) / 4096 + 12);
  auto opened = open_sqlite_store(options);
  REQUIRE(opened);
  Store& store = **opened;
  std::uint64_t kept = 0;
  std::optional<StoreFault> fault;
  while (!fault && kept < 1'000) {
    auto large = intent(kept + 1);
    large.device_certificate.assign(2'000, 0xAA);
    const auto done = store.rounds().log_intent(large);
    if (done) {
      ++kept;
    } else {
      fault = done.error();
    }
  }
  REQUIRE(fault);
  CHECK(fault->code == StoreFaultCode::kFull);
  CHECK_THAT(fault->text, Catch::Contains("make room"));
  CHECK(kept > 0);
  CHECK(store.rounds().open_rounds()->size() == kept);

  // In a batch the works that fitted stay, or the commit says that they did not.
  REQUIRE(store.begin_batch());
  const auto small = store.rounds().abandon_round(id<RoundId>(1), "no room", at(1));
  auto large = intent(5'000);
  large.device_certificate.assign(400'000, 0xAA);
  CHECK_FALSE(store.rounds().log_intent(large));
  const auto committed = store.commit_batch();
  CHECK(store.verdicts().counts()->rounds_abandoned == (committed && small ? 1U : 0U));
  CHECK(store.verdicts().counts()->rounds_open + store.verdicts().counts()->rounds_abandoned == kept);

  opened->reset();
  const auto again = folder.open();  // with room again
  CHECK(again->verdicts().counts()->rounds_open + again->verdicts().counts()->rounds_abandoned == kept);
  CHECK(again->rounds().log_intent(intent(9'999)));
}

}  // namespace chiploc::test
