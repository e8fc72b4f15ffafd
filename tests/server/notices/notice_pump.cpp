// The outbox, the dispatcher and its senders as one process that tests may kill: takes the sinks from a file as chiplocd
// will, writes notices into a database, sends them, and ends when nothing waits any more.
//
//     notice_pump DATABASE CONFIG each             one notice of each kind
//     notice_pump DATABASE CONFIG case.opened      the one of that kind
//     notice_pump DATABASE CONFIG COUNT SUBJECTS   COUNT updates of cases, by turns of so many cases
//
// Notices that are in the database already are not written again. Prints "sent, dead N" at its end.

#include <sys/stat.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <random>

#include "server/notices/cloud_event.hpp"
#include "server/notices/dispatcher.hpp"
#include "server/notices/sink_config.hpp"
#include "server/storage/sqlite/store.hpp"
#include "tests/server/notices/notice_maker.hpp"

namespace {

using namespace chiploc;

WallTime wall_now() { return {std::chrono::system_clock::now().time_since_epoch()}; }

[[noreturn]] void fail(const std::string& text) {
  std::fprintf(stderr, "notice_pump: %s\n", text.c_str());
  std::exit(1);
}

/// An alert of the past would be over, and one of the future not yet: its times are those of the readers' clocks.
void move_to_now(Notice& notice) {
  notice.at = wall_now();
  const WallTime begun = notice.at - std::chrono::seconds{60};
  std::visit(
      [&](auto& facts) {
        if constexpr (requires { facts.facts.opened; }) facts.facts.opened = begun;
        if constexpr (requires { facts.held; }) facts.held = begun;
      },
      notice.facts);
}

std::vector<Notice> wanted_notices(int argc, char** argv) {
  const std::string what = argv[3];
  std::vector<Notice> notices;
  if (argc == 4) {
    for (Notice& notice : test::one_of_each()) {
      move_to_now(notice);
      if (what == "each" || what == name_of(notice.kind())) notices.push_back(std::move(notice));
    }
    return notices;
  }
  const std::uint64_t count = std::strtoull(argv[3], nullptr, 10);
  const std::uint64_t subjects = std::strtoull(argv[4], nullptr, 10);
  const auto base = std::get<CaseOpenedNotice>(test::one_of_each().front().facts).facts;
  for (std::uint64_t i = 0; i < count; ++i) {
    notices.push_back({"C-" + std::to_string(i % subjects), i / subjects + 1,
                       test::noon(static_cast<std::int64_t>(i)),
                       CaseUpdatedNotice{base, "change " + std::to_string(i)}});
  }
  return notices;
}

/// Waits until somebody has something for us, or so long.
class Alarm {
 public:
  void ring() {
    {
      const std::scoped_lock lock{mutex_};
      rung_ = true;
    }
    waits_.notify_one();
  }
  void wait(std::chrono::nanoseconds most) {
    std::unique_lock lock{mutex_};
    waits_.wait_for(lock, most, [this] { return rung_; });
    rung_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable waits_;
  bool rung_ = false;
};

std::vector<NoticeSink> sinks_of(const char* file) {
  TomlReader reader = TomlReader::load(file);
  const auto configs = read_notice_sinks(reader);
  for (const std::string& fault : reader.finish()) fail(fault);
  std::vector<NoticeSink> sinks;
  for (const NoticeSinkConfig& config : configs) {
    auto sink = open_notice_sink(config);
    if (!sink) fail(sink.error().text);
    sinks.push_back(std::move(*sink));
  }
  return sinks;
}

void append(Store& store, const NoticeDispatcher& dispatcher, const std::vector<Notice>& notices) {
  if (!store.begin_batch()) fail("no batch");
  for (const Notice& notice : notices) {
    const std::string refusal = refusal_of(notice);
    if (!refusal.empty()) fail(refusal);
    const auto done = store.outbox().append({id_of(notice), notice.kind(), subject_of(notice), notice.at,
                                             cloud_event_text(notice, test::some_coordinator())},
                                            dispatcher.sinks_for(notice.kind()), wall_now());
    if (!done) fail(done.error().text);
  }
  if (!store.commit_batch()) fail("no commit");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4 && argc != 5) fail("usage: notice_pump DATABASE CONFIG each|KIND|COUNT SUBJECTS");
  ::umask(077);
  SqliteOptions options;
  options.path = argv[1];
  auto store = open_sqlite_store(options);
  if (!store) fail(store.error().text);

  Alarm alarm;
  NoticeDispatcher::Options rules;
  rules.delivery.first_wait = std::chrono::milliseconds{20};  // receivers come back within a second here
  rules.delivery.wait_most = std::chrono::milliseconds{200};
  rules.delivery.refusals_most = 3;
  rules.source = test::some_coordinator();
  rules.wake = [&] { alarm.ring(); };
  std::mt19937_64 engine{std::random_device{}()};
  rules.dice = [&] { return std::uniform_real_distribution<double>{}(engine); };
  NoticeDispatcher dispatcher{sinks_of(argv[2]), rules};
  append(**store, dispatcher, wanted_notices(argc, argv));

  while (true) {
    const auto next = dispatcher.turn((*store)->outbox(), wall_now());
    if (!next) fail(next.error().text);
    (void)dispatcher.committed(true, wall_now());
    std::uint64_t waiting = 0;
    std::uint64_t dead = 0;
    const auto standings = (*store)->outbox().sink_standings();
    if (!standings) fail(standings.error().text);
    for (const SinkStanding& standing : *standings) {
      if (standing.off) continue;
      waiting += standing.waiting;
      dead += standing.dead;
    }
    if (waiting == 0) {
      std::printf("sent, dead %llu\n", static_cast<unsigned long long>(dead));
      return 0;
    }
    if (dispatcher.in_flight() == 0 && !*next) fail("nothing is to be done, and something waits");
    alarm.wait(*next ? **next - wall_now() : std::chrono::nanoseconds{std::chrono::hours{1}});
  }
}
