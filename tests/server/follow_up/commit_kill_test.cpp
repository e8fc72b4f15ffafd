// Killed at any moment of anything that chiplocd commits, all of it is there or nothing is; and done again, as whoever got no
// answer does, it is there once. A child process is killed before the first statement of a step, its second ..., and in the
// middle of its first write to the file, its fourth ... until it comes through. Which commit points there are:
// tests/faults/commit_points.py.
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/server/follow_up/commit_steps.hpp"

namespace chiploc::test {
namespace {

int commit_steps_left = 0;  // of the child alone; 0: nothing is counted yet

void commit_step() {
  if (commit_steps_left > 0 && --commit_steps_left == 0) kill(getpid(), SIGKILL);
}
int commit_on_statement(unsigned, void*, void*, void*) {
  commit_step();
  return 0;
}
int commit_watch(sqlite3* db, const char**, const void*) {
  return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, commit_on_statement, nullptr);
}
void kill_commit_at_statement() {
  using Entry = void (*)();
  sqlite3_auto_extension(reinterpret_cast<Entry>(commit_watch));
}
/// The half that was written is there, as after a power cut between two sectors.
ssize_t commit_pwrite(int descriptor, const void* data, size_t size, off_t offset) {
  if (commit_steps_left == 1) (void)!::pwrite(descriptor, data, size / 2, offset);
  commit_step();
  return ::pwrite(descriptor, data, size, offset);
}
void kill_commit_at_write() {
  sqlite3_vfs* const vfs = sqlite3_vfs_find(nullptr);
  for (const char* name : {"pwrite", "pwrite64"})
    (void)vfs->xSetSystemCall(vfs, name, reinterpret_cast<sqlite3_syscall_ptr>(commit_pwrite));
}

/// True: the step came through before its turn to be killed.
bool survives_commit(const Folder& folder, const CommitStep& step, int n, void (*arm)()) {
  const pid_t child = fork();
  if (child == 0) {
    arm();
    CommitSide side{folder};
    if (!side.store) _exit(2);
    commit_steps_left = n;
    _exit(step.work(side) ? 0 : 1);
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

/// At every `stride`th of the points that `arm` counts in each step.
void kill_every_commit(void (*arm)(), int stride) {
  const PlayedCommits played;
  for (std::size_t i = 0; i < played.steps.size(); ++i) {
    const CommitStep& step = played.steps[i];
    int kills = 0;
    for (bool through = false; !through; ++kills) {
      REQUIRE(kills < 5'000);
      const int at = kills * stride + 1;
      const auto folder = played.before(i);
      through = survives_commit(*folder, step, at, arm);
      INFO(step.name << ", killed at " << at);
      const Contents found = played.now_in(*folder);
      const bool all = found == played.contents[i + 1];
      const bool all_or_nothing = all || step.in_parts || found == played.contents[i];
      CHECK(all_or_nothing);
      CHECK((all || !through));
      CHECK(raw(*folder)
                ->integer("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'")
                .value() == 0);
      if (all) continue;
      {
        CommitSide again{*folder};
        REQUIRE(again.store);
        CHECK(step.work(again));
      }
      CHECK((played.now_in(*folder) == played.contents[i + 1]));
    }
    INFO(step.name);
    CHECK(kills > 1);
  }
}

}  // namespace

TEST_CASE("commits: killed at any statement of any of them, all of it is there or nothing is",
          "[follow_up][kill]") {
  kill_every_commit(kill_commit_at_statement, 1);
}

TEST_CASE("commits: killed in the middle of writes of any of them, the same", "[follow_up][kill]") {
  kill_every_commit(kill_commit_at_write, 9);  // odd, and a page is two writes: both halves come up
}

}  // namespace chiploc::test
