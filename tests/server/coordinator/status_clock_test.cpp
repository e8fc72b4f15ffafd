#include "server/coordinator/status_clock.hpp"

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <future>
#include <sstream>

#include "tests/server/status/kept_chips.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace {

/// A clock over a real store's thread; a test says what time it is and which registry is in force.
struct ClockWorld {
  Folder folder;
  StatusKeeper keeper{{}};
  std::unique_ptr<StoreThread> store;
  std::unique_ptr<StoreReader> reader;
  asio::io_context io;
  ApiCounters counters;
  std::uint64_t version = 1;
  WallTime now = h(0);
  std::ostringstream log;
  std::shared_ptr<spdlog::logger> before = spdlog::default_logger();
  std::unique_ptr<StatusClock> clock;

  ClockWorld() {
    auto opened = folder.open();
    REQUIRE(keeper.watch(*opened));
    store = std::make_unique<StoreThread>(std::move(opened));
    reader = open_sqlite_reader(folder.options()).value();
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log)));
    clock = std::make_unique<StatusClock>(
        io, *store, keeper, [this] { return version; }, counters, [this] { return now; });
  }
  ~ClockWorld() {
    store->stop();
    spdlog::set_default_logger(before);
  }
  /// A look, and those that follow at once.
  std::size_t look(WallTime time) {
    now = time;
    clock->look();
    return settle();
  }
  /// Runs what the store's thread has handed back, until nothing is under way; how many portions there were.
  std::size_t settle() {
    std::size_t portions = 0;
    const auto posted = [this] { return store->counters().posted; };
    for (std::uint64_t seen = 0; seen != posted();) {
      seen = posted();
      // The commit's callback comes after its batch: what is posted behind it runs when it is through.
      std::promise<void> through;
      REQUIRE(
          store->post([](Store&) {}, [&](const Stored<Done>&) { through.set_value(); }, {.patient = true}));
      through.get_future().wait();
      ++seen;
      io.restart();
      io.poll();
      ++portions;
    }
    return portions;
  }
  void run(const std::function<void(Store&)>& work) {
    std::promise<void> done;
    REQUIRE(store->post(work, [&](const Stored<Done>&) { done.set_value(); }));
    done.get_future().wait();
  }
};

TEST_CASE("status clock: stories of imported chips begin, and time is told", "[status]") {
  ClockWorld world;
  register_chip(world.folder, 1);
  world.look(h(0));
  CHECK(state_of(*world.reader) == ChipState::kPending);
  register_chip(world.folder, 2);
  world.look(h(71));
  CHECK_FALSE(world.reader->statuses().status(id<ChipId>(2)).value());  // as long as the registry is the same
  world.version = 2;
  world.look(h(72));
  CHECK(told(*world.reader, 1) == "72 overdue");
  CHECK(story_of(*world.reader, 2) == begin_story(h(72)));
  CHECK(world.counters.status_failures == 0);
}

TEST_CASE("status clock: rules that came into force change what chips are held for, at the next look",
          "[status]") {
  ClockWorld world;
  StatusKeeping rules;
  StatusKeeper keeper{[&rules] { return rules; }};
  StatusClock clock{world.io,       *world.store,
                    keeper,         [] { return std::uint64_t{1}; },
                    world.counters, [&world] { return world.now; }};
  const auto look = [&](WallTime time) {
    world.now = time;
    clock.look();
    world.settle();
  };
  register_chip(world.folder, 1);
  look(h(0));
  look(h(30));
  CHECK(state_of(*world.reader) == ChipState::kPending);
  rules.rules.overdue_after = std::chrono::hours{24};
  look(h(31));
  CHECK(state_of(*world.reader) == ChipState::kOverdue);
  CHECK(keeper.rules().overdue_after == std::chrono::hours{24});
  CHECK(world.counters.status_failures == 0);
}

TEST_CASE("status clock: what a portion leaves over follows at once, in portions of 500", "[status]") {
  ClockWorld world;
  constexpr std::uint64_t kChips = 1'200;
  {
    const auto db = raw(world.folder);
    REQUIRE(db->execute("BEGIN"));
    for (std::uint64_t chip = 1; chip <= kChips; ++chip) {
      auto row = db->query(
          "INSERT INTO chips (chip, serial, maker, model, licence, reach, certificate) VALUES (?, 'SN', 'm', 'x', "
          "'L', 'knock', x'')");
      REQUIRE(row.bind(id<ChipId>(chip)).run());
    }
    REQUIRE(db->execute("COMMIT"));
  }
  CHECK(world.look(h(0)) == 3);
  using Counts = std::map<std::uint32_t, std::uint64_t>;
  CHECK(world.reader->statuses().chips_by_status().value() == Counts{{0, kChips}});
  CHECK(world.look(h(72)) == 3);
  CHECK(world.reader->statuses().chips_by_status().value() == Counts{{3, kChips}});
  CHECK(world.look(h(73)) == 1);
}

TEST_CASE("status clock: one look at a time", "[status]") {
  ClockWorld world;
  std::promise<void> release;
  const auto released = release.get_future().share();
  REQUIRE(world.store->post([released](Store&) { released.wait(); }, {}));
  const std::uint64_t before = world.store->counters().posted;
  for (int i = 0; i < 3; ++i) world.clock->look();
  CHECK(world.store->counters().posted == before + 1);
  release.set_value();
  world.settle();
  world.clock->look();
  CHECK(world.store->counters().posted > before + 1);
  world.settle();
  const std::uint64_t now = world.store->counters().posted;
  world.clock->stop();
  world.clock->look();
  CHECK(world.store->counters().posted == now);
}

TEST_CASE("status clock: it looks every five seconds until it is stopped", "[status]") {
  ClockWorld world;
  world.clock->start();
  world.settle();
  CHECK(world.io.poll() == 0);  // the timer has not fired
  CHECK_FALSE(world.io.stopped());
  world.clock->stop();
  world.io.restart();
  world.io.run();  // ends: nothing waits any more
  CHECK(StatusClock::kEvery == std::chrono::seconds{5});
}

TEST_CASE("status clock: a failure is counted each time, said once, and tried again", "[status]") {
  ClockWorld world;
  register_chip(world.folder, 1);
  REQUIRE(
      raw(world.folder)
          ->execute("CREATE TRIGGER no BEFORE INSERT ON chip_status BEGIN SELECT RAISE(FAIL, 'no'); END"));
  world.look(h(0));
  world.look(h(1));
  CHECK(world.counters.status_failures == 2);
  const std::string said = world.log.str();
  CHECK(said.find("status.failing reason=") != std::string::npos);
  CHECK(said.find("status.failing", said.find("status.failing") + 1) == std::string::npos);
  REQUIRE(raw(world.folder)->execute("DROP TRIGGER no"));
  world.look(h(2));
  CHECK(story_of(*world.reader) == begin_story(h(2)));  // not forgotten meanwhile
  CHECK(world.log.str().find("status.recovered") != std::string::npos);
  CHECK(world.counters.status_failures == 2);
}

TEST_CASE("status clock: stories that are damaged are counted and said", "[status]") {
  ClockWorld world;
  register_chip(world.folder, 1);
  world.look(h(0));
  REQUIRE(raw(world.folder)->execute("UPDATE chip_status SET story = x'00'"));
  world.look(h(80));
  CHECK(world.counters.status_failures == 1);
  CHECK(world.log.str().find("status.unreadable chips=1") != std::string::npos);
  world.look(h(80.5));
  CHECK(world.counters.status_failures == 1);
  world.look(h(81));
  CHECK(world.counters.status_failures == 2);
}

TEST_CASE("status clock: a store that takes nothing more is a failure too", "[status]") {
  ClockWorld world;
  world.store->stop();
  world.clock->look();
  CHECK(world.counters.status_failures == 1);
  CHECK(world.log.str().find("the store's queue is full") != std::string::npos);
}

}  // namespace
}  // namespace chiploc::test
