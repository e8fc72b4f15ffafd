// A migration that is killed at any moment leaves the old schema or the new one, whole: a child process
// brings a database up and is killed before its first statement, its second ..., and in the middle of its
// first write to the file, its second ... until it comes through.
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "server/storage/sqlite/migrate.hpp"
#include "tests/server/storage/old_database.hpp"

namespace chiploc::test {
namespace {

int left_until_killed = 0;  // of the child alone

void count_down() {
  --left_until_killed;
  if (left_until_killed == 0) kill(getpid(), SIGKILL);
}

// ---------------------------------------- between statements
int on_statement(unsigned, void*, void*, void*) {
  count_down();
  return 0;
}
/// SQLite calls it for each connection that is opened.
int watch_statements(sqlite3* db, const char**, const void*) {
  return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, on_statement, nullptr);
}
void kill_at_statement() {
  using Entry = void (*)();
  sqlite3_auto_extension(reinterpret_cast<Entry>(watch_statements));
}

// ---------------------------------------- in the middle of a write
/// The half that was written is there, as after a power cut between two sectors.
ssize_t torn_pwrite(int descriptor, const void* data, size_t size, off_t offset) {
  if (left_until_killed == 1) (void)!::pwrite(descriptor, data, size / 2, offset);
  count_down();
  return ::pwrite(descriptor, data, size, offset);
}
int flush_or_die(int descriptor) {
  count_down();
  return ::fsync(descriptor);
}
int truncate_or_die(int descriptor, off_t size) {
  count_down();
  return ::ftruncate(descriptor, size);
}
void kill_at_write() {
  sqlite3_vfs* const vfs = sqlite3_vfs_find(nullptr);
  const auto set = [vfs](const char* name, auto function) {
    (void)vfs->xSetSystemCall(vfs, name, reinterpret_cast<sqlite3_syscall_ptr>(function));
  };
  set("pwrite", torn_pwrite);
  set("pwrite64", torn_pwrite);
  set("fsync", flush_or_die);
  set("ftruncate", truncate_or_die);
}

// ---------------------------------------- the child
/// True: it came through before its turn to be killed.
bool survives(const SqliteOptions& options, int n, void (*arm)()) {
  const pid_t child = fork();
  if (child == 0) {
    left_until_killed = n;
    arm();
    const auto done = migrate_sqlite(options);
    _exit(done && *done ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  if (WIFSIGNALED(status)) {
    CHECK(WTERMSIG(status) == SIGKILL);
    return false;
  }
  CHECK(WEXITSTATUS(status) == 0);
  return true;
}

void write_first_schemas(const std::string& path, std::size_t steps) {
  const auto db = raw(path);
  REQUIRE(db->execute("PRAGMA journal_mode = WAL"));
  REQUIRE(migrate(*db, migrations().first(steps)));
  REQUIRE(db->execute("INSERT INTO makers (name, ca_pem) VALUES ('Acme', 'pem')"));
}

struct Outcomes {
  std::size_t old_schema = 0, new_schema = 0;
};
/// Kills a migration of `master` at every point that `arm` counts.
Outcomes kill_everywhere(const std::string& master, std::uint32_t old_version, void (*arm)()) {
  const auto tables = tables_of(*raw(master));
  const Contents before = contents_of(*raw(master), tables);
  Outcomes outcomes;
  for (int n = 1; n < 2'000; ++n) {
    const Folder folder;
    const SqliteOptions options = folder.options();
    std::filesystem::copy_file(master, options.path);
    const bool through = survives(options, n, arm);
    INFO("killed at " << n);
    {
      const auto db = raw(options.path);
      const auto version = db->integer("PRAGMA user_version").value();
      const bool old_or_new = version == old_version || version == migrations().back().version;
      REQUIRE(old_or_new);
      (version == old_version ? outcomes.old_schema : outcomes.new_schema) += 1;
      CHECK(db->integer("SELECT count(*) FROM sqlite_schema WHERE name = 'round_contexts'").value() ==
            (version == old_version ? 0 : 1));
      CHECK(
          db->integer("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'").value() ==
          0);
      CHECK((contents_of(*db, tables) == before));
    }
    const auto again = migrate_sqlite(options);
    INFO((again ? "" : again.error().text));
    REQUIRE(again);
    CHECK((contents_of(*raw(options.path), tables) == before));
    CHECK(open_sqlite_store(options));
    if (through) return outcomes;
  }
  FAIL("it never came through");
  return outcomes;
}

}  // namespace

TEST_CASE("migrate: killed at any statement it leaves the old schema or the new one", "[storage][kill]") {
  const Folder folder;
  const std::string master = (folder.path() / "master.db").string();
  SECTION("from the release before") {
    write_schema5(master);
    const Outcomes outcomes = kill_everywhere(master, 5, kill_at_statement);
    CHECK(outcomes.old_schema > 10);
    CHECK(outcomes.new_schema >= 1);
  }
  SECTION("over several steps") {
    write_first_schemas(master, 3);
    const auto tables = tables_of(*raw(master));
    const Outcomes outcomes = kill_everywhere(master, 3, kill_at_statement);
    CHECK(outcomes.old_schema > 30);
    CHECK(outcomes.new_schema >= 1);
  }
}

TEST_CASE("migrate: killed in the middle of any write it leaves the old schema or the new one",
          "[storage][kill]") {
  const Folder folder;
  const std::string master = (folder.path() / "master.db").string();
  write_schema5(master);
  const Outcomes outcomes = kill_everywhere(master, 5, kill_at_write);
  CHECK(outcomes.old_schema > 5);  // until the commit's frame is there
  CHECK(outcomes.new_schema > 5);  // from then on, the copy back into the file included
}

}  // namespace chiploc::test
