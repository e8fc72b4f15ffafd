// Killed at any moment, a verdict is there with its notice or neither is, and an attempt with its line of the log and the
// next of its stream, or none of them: a child process is killed before its first statement, its second ..., and in the
// middle of its first write to the file, its second ... until it comes through.
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "server/storage/sqlite/database.hpp"
#include "tests/server/storage/old_database.hpp"
#include "tests/server/storage/outbox_fixture.hpp"

namespace chiploc::test {
namespace {

int outbox_steps_left = 0;  // of the child alone

void outbox_step() {
  if (--outbox_steps_left == 0) kill(getpid(), SIGKILL);
}
int outbox_on_statement(unsigned, void*, void*, void*) {
  outbox_step();
  return 0;
}
int outbox_watch(sqlite3* db, const char**, const void*) {
  return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, outbox_on_statement, nullptr);
}
void kill_outbox_at_statement() {
  using Entry = void (*)();
  sqlite3_auto_extension(reinterpret_cast<Entry>(outbox_watch));
}
/// The half that was written is there, as after a power cut between two sectors.
ssize_t outbox_pwrite(int descriptor, const void* data, size_t size, off_t offset) {
  if (outbox_steps_left == 1) (void)!::pwrite(descriptor, data, size / 2, offset);
  outbox_step();
  return ::pwrite(descriptor, data, size, offset);
}
int outbox_fsync(int descriptor) {
  outbox_step();
  return ::fsync(descriptor);
}
void kill_outbox_at_write() {
  sqlite3_vfs* const vfs = sqlite3_vfs_find(nullptr);
  const auto set = [vfs](const char* name, auto function) {
    (void)vfs->xSetSystemCall(vfs, name, reinterpret_cast<sqlite3_syscall_ptr>(function));
  };
  set("pwrite", outbox_pwrite);
  set("pwrite64", outbox_pwrite);
  set("fsync", outbox_fsync);
}

/// What the child does: a verdict with its notice, an attempt that is over, a dead letter sent again.
bool outbox_work(const SqliteOptions& options) {
  auto store = open_sqlite_store(options);
  if (!store) return false;
  (*store)->on_verdict([](Store& writer, const VerdictCommitted&) -> Stored<Done> {
    const auto appended = writer.outbox().append(outbox_notice(1, "case/A"), {"siem", "pager"}, at(1));
    if (!appended) return Fail{appended.error()};
    return Done{};
  });
  if (!(*store)->verdicts().finish_round(verdict(1, 1, 1, 1, 10), std::nullopt)) return false;
  const auto due = (*store)->outbox().due("siem", at(100), 10);
  if (!due || due->size() != 1) return false;
  Settled sent;
  sent.delivery = due->front().delivery;
  sent.delivery.state = DeliveryState::kSent;
  sent.delivery.attempts = 1;
  sent.entry.notice = sent.delivery.notice;
  sent.entry.state = DeliveryState::kSent;
  return (*store)->outbox().settle(sent, at(5)) && (*store)->outbox().resend(1, at(6));
}

/// Three notices of one case: the first is dead, the second due, the third behind it.
void write_outbox(const Folder& folder) {
  const auto store = folder.open();
  REQUIRE(store->rounds().log_intent(intent(1)));
  for (std::uint64_t i = 10; i <= 12; ++i) add_notice(*store, i, "case/A");
  settle(*store, 1, DeliveryState::kDead, at(1));
}

struct OutboxOutcomes {
  int before = 0, after_verdict = 0, after_attempt = 0, after_resend = 0;
};
OutboxOutcomes kill_outbox_everywhere(void (*arm)()) {
  OutboxOutcomes outcomes;
  for (int n = 1; n < 2'000; ++n) {
    const Folder folder;
    write_outbox(folder);
    const pid_t child = fork();
    if (child == 0) {
      outbox_steps_left = n;
      arm();
      _exit(outbox_work(folder.options()) ? 0 : 1);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    INFO("killed at " << n);
    const bool through = WIFEXITED(status);
    CHECK((through ? WEXITSTATUS(status) == 0 : WTERMSIG(status) == SIGKILL));

    const auto store = folder.open();
    const bool judged = store->verdicts().newest_verdict(id<ChipId>(1)).value().has_value();
    CHECK(store->outbox().notice(id<NoticeId>(1)).value().has_value() == judged);
    CHECK(due_numbers(*store, at(200), "pager").size() == (judged ? 1U : 0U));
    const bool tried = store->outbox().delivery_log({})->size() == 2;
    CHECK((judged || !tried));
    CHECK(due_numbers(*store, at(200)).front() == (tried ? 3U : 2U));
    const bool resent = store->outbox().dead_letters({.limit = 10})->empty();
    CHECK((tried || !resent));
    const auto standings = store->outbox().sink_standings().value();
    REQUIRE_FALSE(standings.empty());
    CHECK(standings.back().waiting == 2U + (judged ? 1U : 0U) - (tried ? 1U : 0U) + (resent ? 1U : 0U));
    CHECK(raw(folder)
              ->integer("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'")
              .value() == 0);
    (resent   ? outcomes.after_resend
     : tried  ? outcomes.after_attempt
     : judged ? outcomes.after_verdict
              : outcomes.before) += 1;
    if (through) return outcomes;
  }
  FAIL("it never came through");
  return outcomes;
}

}  // namespace

TEST_CASE("outbox: killed at any statement, a verdict is there with its notice or neither is",
          "[storage][kill]") {
  const OutboxOutcomes outcomes = kill_outbox_everywhere(kill_outbox_at_statement);
  CHECK(outcomes.before > 5);
  CHECK(outcomes.after_verdict > 3);
  CHECK(outcomes.after_attempt > 1);
  CHECK(outcomes.after_resend >= 1);
}

TEST_CASE("outbox: killed in the middle of any write, the same", "[storage][kill]") {
  const OutboxOutcomes outcomes = kill_outbox_everywhere(kill_outbox_at_write);
  CHECK(outcomes.before > 1);
  CHECK(outcomes.after_verdict > 0);
  CHECK(outcomes.after_resend >= 1);
}

}  // namespace chiploc::test
