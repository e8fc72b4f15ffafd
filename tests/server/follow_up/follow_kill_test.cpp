// Killed at any moment, a verdict is there with its status, its case, its order's hold and its notices, or none of them is; and
// what a person decided is there with what it changed for the chips. A child process is killed before its first statement, its
// second ..., until it comes through.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/server/follow_up/follow_world.hpp"

namespace chiploc::test {
namespace {

using enum VerdictKind;

int follow_steps_left = 0;  // of the child alone

int follow_on_statement(unsigned, void*, void*, void*) {
  if (--follow_steps_left == 0) kill(getpid(), SIGKILL);
  return 0;
}
int follow_watch(sqlite3* db, const char**, const void*) {
  return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, follow_on_statement, nullptr);
}
ssize_t follow_pwrite(int descriptor, const void* data, size_t size, off_t offset) {
  if (follow_steps_left == 1) (void)!::pwrite(descriptor, data, size / 2, offset);
  if (--follow_steps_left == 0) kill(getpid(), SIGKILL);
  return ::pwrite(descriptor, data, size, offset);
}
void kill_follow_at_statement() {
  using Entry = void (*)();
  sqlite3_auto_extension(reinterpret_cast<Entry>(follow_watch));
}
void kill_follow_at_write() {
  sqlite3_vfs* const vfs = sqlite3_vfs_find(nullptr);
  for (const char* name : {"pwrite", "pwrite64"})
    (void)vfs->xSetSystemCall(vfs, name, reinterpret_cast<sqlite3_syscall_ptr>(follow_pwrite));
}

/// A world over a folder, as one process has it; what is told goes into the outbox.
struct Side {
  explicit Side(const Folder& folder)
      : statuses{{}}, follow{rules(), statuses, [this] { return registry; }, tell()} {
    for (unsigned n = 1; n <= 4; ++n) FollowWorld::put_chip(*registry, n, "O-1", "campus", "L-1");
    SqliteOptions options = folder.options();
    options.durable = false;  // a killed process loses nothing that the system has
    auto opened = open_sqlite_store(options);
    if (!opened || !statuses.watch(**opened) || !follow.watch(**opened)) return;
    store = std::move(*opened);
  }
  static FollowRules rules() {
    FollowRules out;
    out.orders.hold_least = 1;
    return out;
  }
  static TellNotices tell() {
    return [](Store& into, std::span<const Notice> notices) -> Stored<Done> {
      for (const Notice& notice : notices) {
        const auto appended = into.outbox().append(
            {id_of(notice), notice.kind(), subject_of(notice), notice.at, "{}"}, {"siem"}, notice.at);
        if (!appended) return Fail{appended.error()};
      }
      return Done{};
    };
  }
  bool judge(double h, unsigned number) {
    VerdictRecord record = verdict(number, number, 1, v1::OUTSIDE, 0);
    record.chip = case_chip(1);
    record.decided = hour(h);
    record.expires = hour(h + 24);
    record.summary.clear();
    RoundIntent began = intent(number);
    began.chip = record.chip;
    began.intent = record.decided;
    return store->rounds().log_intent(began) && store->verdicts().finish_round(record, std::nullopt);
  }
  std::shared_ptr<Registry> registry = std::make_shared<Registry>();
  StatusKeeper statuses;
  FollowUp follow;
  std::unique_ptr<Store> store;
};

/// The confirming verdict, and then a person's word.
bool follow_work(const Folder& folder) {
  Side side{folder};
  if (!side.store || !side.judge(2, 2)) return false;
  return side.follow
      .case_said(*side.store, 1, {hour(3), CaseResolved{"ann", "a wrong anchor", CaseEnd::kMistaken}})
      .has_value();
}

struct FollowOutcomes {
  int before = 0, judged = 0, decided = 0;
};
FollowOutcomes kill_follow_everywhere(void (*arm)()) {
  FollowOutcomes outcomes;
  for (int n = 1; n < 5'000; ++n) {
    const Folder folder;
    {
      Side side{folder};
      REQUIRE(side.store);
      REQUIRE(side.judge(1, 1));
    }
    const pid_t child = fork();
    if (child == 0) {
      follow_steps_left = n;
      arm();
      _exit(follow_work(folder) ? 0 : 1);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    INFO("killed at " << n);
    const bool through = WIFEXITED(status);
    CHECK((through ? WEXITSTATUS(status) == 0 : WTERMSIG(status) == SIGKILL));

    Side side{folder};
    REQUIRE(side.store);
    Store& store = *side.store;
    const bool judged = store.verdicts().verdict(id<VerdictId>(2)).value().has_value();
    const auto found = store.cases().find_case(1).value();
    CHECK(found.has_value() == judged);
    const bool decided = found && found->state == static_cast<std::uint32_t>(CaseState::kResolved);
    const auto chip = store.statuses().status(case_chip(1)).value().value();
    CHECK((static_cast<ChipState>(chip.state) == ChipState::kDrifted) == (judged && !decided));
    const auto order = store.order_stories().order_story("O-1").value().value();
    CHECK((order.state == static_cast<std::uint32_t>(OrderState::kHold)) == (judged && !decided));
    CHECK(store.cases().stands_in(case_chip(1)).value().size() == (judged && !decided ? 1U : 0U));
    // chip, order, case; and of the decision: case, chip, order.
    const auto due = raw(folder)->integer("SELECT count(*) FROM notices").value();
    CHECK(due == (decided ? 6 : judged ? 3 : 0));
    if (found) CHECK(store.cases().timeline(1, std::nullopt, 100).value().size() == (decided ? 3U : 1U));
    (decided ? outcomes.decided : judged ? outcomes.judged : outcomes.before) += 1;
    if (through) return outcomes;
  }
  FAIL("it never came through");
  return outcomes;
}

}  // namespace

TEST_CASE("follow up: killed at any statement, a verdict is there with all that follows or nothing is",
          "[follow_up][kill]") {
  const FollowOutcomes outcomes = kill_follow_everywhere(kill_follow_at_statement);
  CHECK(outcomes.before > 10);
  CHECK(outcomes.judged > 10);
  CHECK(outcomes.decided >= 1);
}

TEST_CASE("follow up: killed in the middle of any write, the same", "[follow_up][kill]") {
  const FollowOutcomes outcomes = kill_follow_everywhere(kill_follow_at_write);
  CHECK(outcomes.before > 1);
  CHECK(outcomes.judged > 0);
  CHECK(outcomes.decided >= 1);
}

}  // namespace chiploc::test
