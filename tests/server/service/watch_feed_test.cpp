// Watchers of what is committed: what they share, how they are paced, when they are cut, and what is noted.
#include "server/service/watch_feed.hpp"

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>

#include "server/storage/sqlite/store.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::test {
namespace watch_feed_test {

/// Takes what it is sent when the test says so.
class Played final : public Watcher {
 public:
  void send(WatchedPiece piece) override {
    const std::lock_guard lock{mutex_};
    pieces_.push_back(std::move(piece));
    heard_.notify_all();
  }
  void end(const ApiFault& fault) override {
    const std::lock_guard lock{mutex_};
    ended_ = fault;
    heard_.notify_all();
  }
  WatchedPiece piece(std::size_t i) {
    std::unique_lock lock{mutex_};
    REQUIRE(heard_.wait_for(lock, std::chrono::minutes{1}, [&] { return pieces_.size() > i || ended_; }));
    REQUIRE(pieces_.size() > i);
    return pieces_[i];
  }
  ApiFault ended() {
    std::unique_lock lock{mutex_};
    REQUIRE(heard_.wait_for(lock, std::chrono::minutes{1}, [&] { return ended_.has_value(); }));
    return *ended_;
  }
  std::size_t count() {
    const std::lock_guard lock{mutex_};
    return pieces_.size();
  }

 private:
  std::mutex mutex_;  // guards what follows
  std::condition_variable heard_;
  std::vector<WatchedPiece> pieces_;
  std::optional<ApiFault> ended_;
};

struct World {
  WatchLimits limits{};
  TempDir folder{};
  std::string path = (folder / "chiploc.db").string();
  StoreThread store{open_sqlite_store({.path = path}).value()};
  std::unique_ptr<StoreReader> reader = open_sqlite_reader({.path = path}).value();
  std::atomic<std::int64_t> seconds{1'000};
  std::atomic<std::uint64_t> noted{0};
  std::atomic<bool> disk_full{false};
  ApiCounters counters{};
  std::uint64_t last = 0;
  std::shared_ptr<const Registry> registry = std::make_shared<const Registry>();
  WatchFeed feed{
      WatchParts{.reader = *reader,
                 .store = store,
                 .registry = [this] { return registry; },
                 .steady = [this] { return SteadyTime{std::chrono::seconds{seconds.load()}}; },
                 .look_at = [](const Caller&, const std::string&,
                               const v1::WatchEvent&) { return std::optional{AuditEntry{}}; },
                 .note =
                     [this](AuditEntry, const std::function<void(const Answer<Done>&)>& done) {
                       ++noted;
                       done(disk_full ? Answer<Done>{Fail{ApiFault{ApiFaultCode::kExhausted, "disk full"}}}
                                      : Answer<Done>{Done{}});
                     },
                 .counters = counters,
                 .limits = limits}};

  /// A line of a case, which everybody hears of; who said it is sealed.
  void commit(std::uint32_t lines = 1) {
    std::promise<void> done;
    REQUIRE(store.post(
        [&](Store& inside) {
          CaseRecord record;
          record.number = last == 0 ? 0 : 1;
          record.key.order = "O-1";
          std::vector<CaseEntryRecord> entries;
          for (std::uint32_t i = 0; i < lines; ++i)
            entries.push_back({static_cast<std::uint32_t>(++last), {}, 0, 0, "ann", "opened"});
          (void)inside.cases().put_case(record, entries);
        },
        [&](const Stored<Done>&) { done.set_value(); }));
    done.get_future().wait();
  }
  struct Seat {
    std::shared_ptr<Played> watcher;
    std::shared_ptr<Watching> place;
  };
  Answer<std::shared_ptr<Watching>> join(bool sees_all = false, const std::string& after = "",
                                         std::optional<std::string> holder = {}) {
    Caller caller{"ann", Role::kReader};
    caller.sees_all = sees_all;
    caller.holder = std::move(holder);
    v1::WatchRequest request;
    request.set_after(after);
    return feed.join(request, caller, "");
  }
  Seat watch(bool sees_all = false, const std::string& after = "", std::optional<std::string> holder = {}) {
    auto place = join(sees_all, after, std::move(holder));
    REQUIRE(place);
    Seat out{std::make_shared<Played>(), *place};
    out.place->start(out.watcher);
    (void)out.watcher->piece(0);  // where it begins
    return out;
  }
};

TEST_CASE("watch feed: who is shown the same is handed the same bytes, who is shown more is not",
          "[service]") {
  World world;
  const auto one = world.watch(), two = world.watch(), whole = world.watch(/*sees_all=*/true);
  for (const auto* seat : {&one, &two, &whole}) seat->place->taken();
  world.commit();
  const WatchedPiece open = one.watcher->piece(1);
  CHECK(two.watcher->piece(1) == open);
  CHECK(open->events.front().case_change().entry().who().empty());
  CHECK(open->json.front().find("ann") == std::string::npos);
  CHECK(whole.watcher->piece(1)->events.front().case_change().entry().who() == "ann");
  CHECK(open->text([](const WatchPiece& piece) { return "made of " + piece.json.front(); }) ==
        two.watcher->piece(1)->text([](const WatchPiece&) { return std::string{"made twice"}; }));
}

TEST_CASE("watch feed: the next piece comes when the last was taken, and misses nothing", "[service]") {
  World world{.limits = {.piece_events = 2, .page = 3, .recent = 4}};
  const auto seat = world.watch();
  world.commit(21);  // further behind than what is in memory
  world.commit(2);
  CHECK(seat.watcher->count() == 1);
  std::uint64_t expected = 1;
  for (std::size_t i = 1; expected <= 23; ++i) {
    seat.place->taken();
    const WatchedPiece piece = seat.watcher->piece(i);
    CHECK(piece->events.size() <= 2);
    for (const v1::WatchEvent& event : piece->events) CHECK(event.id() == std::to_string(expected++));
  }
  seat.place->taken();
  world.commit();
  CHECK(world.last == 24);
}

TEST_CASE("watch feed: who takes nothing for a minute is cut, and counted; who waits for news is not",
          "[service]") {
  World world;
  const auto slow = world.watch(), idle = world.watch();
  idle.place->taken();
  world.commit();
  (void)idle.watcher->piece(1);
  idle.place->taken();
  world.seconds += 59;
  const auto late = world.watch();
  late.place->taken();
  world.seconds += 2;
  world.commit();
  CHECK(slow.watcher->ended().code == ApiFaultCode::kExhausted);
  CHECK(world.counters.watchers_slow == 1);
  CHECK(world.counters.watchers == 2);
  CHECK(idle.watcher->piece(2)->events.size() == 1);
  CHECK(late.watcher->piece(1)->events.size() == 1);
}

TEST_CASE("watch feed: so many watch at once, whoever they are, and each place that ends makes room",
          "[service]") {
  World world{.limits = {.watchers = 3, .by_caller = 100}};
  const auto refused = [&] {
    const auto place = world.join();
    return !place && place.error().code == ApiFaultCode::kExhausted;
  };
  const auto leaves = world.watch(), slow = world.watch();
  auto never_began = world.join();
  REQUIRE(never_began);
  CHECK(refused());
  CHECK(refused());
  CHECK(world.counters.watchers_refused == 2);
  CHECK(world.counters.watchers == 3);

  leaves.place->leave();
  const auto first = world.watch();
  CHECK(refused());
  never_began->reset();
  const auto second = world.watch();
  CHECK(refused());
  for (const auto* seat : {&first, &second}) seat->place->taken();
  world.seconds += 61;
  world.commit();
  CHECK(slow.watcher->ended().code == ApiFaultCode::kExhausted);
  const auto third = world.watch();
  CHECK(refused());
  CHECK(world.counters.watchers == 3);
  leaves.place->leave();  // once was enough
  CHECK(refused());
}

TEST_CASE("watch feed: what is sealed is noted before it is handed over, once an hour", "[service][audit]") {
  World world;
  const auto seat = world.watch(/*sees_all=*/true);
  std::size_t next = 1;
  const auto hear = [&] {
    seat.place->taken();
    world.commit();
    (void)seat.watcher->piece(next++);
    return world.noted.load();
  };
  CHECK(hear() == 1);
  CHECK(hear() == 1);
  world.seconds += 3'599;
  CHECK(hear() == 1);
  world.seconds += 1;
  CHECK(hear() == 2);
}

TEST_CASE("watch feed: where the entry cannot be written nothing sealed is handed over, and the watch ends",
          "[service][audit]") {
  World world;
  world.disk_full = true;
  const auto open = world.watch(), whole = world.watch(/*sees_all=*/true);
  for (const auto* seat : {&open, &whole}) seat->place->taken();
  world.commit();
  CHECK(whole.watcher->ended().code == ApiFaultCode::kExhausted);
  CHECK(whole.watcher->count() == 1);  // where it began
  CHECK(open.watcher->piece(1)->events.size() == 1);
  CHECK(world.counters.watchers == 1);
}

TEST_CASE("watch feed: of what is not theirs a watcher hears how far it is", "[service][roles]") {
  World world{.limits = {.page = 3, .passed = 10}};
  const auto seat = world.watch(false, "", "Example SA");
  seat.place->taken();
  world.commit(25);
  const WatchedPiece piece = seat.watcher->piece(1);
  REQUIRE(piece->events.size() == 1);
  CHECK(piece->events.front().body_case() == v1::WatchEvent::BODY_NOT_SET);
  CHECK(piece->upto >= 10);
  CHECK(piece->events.front().id() == std::to_string(piece->upto));
}

}  // namespace watch_feed_test
}  // namespace chiploc::test
