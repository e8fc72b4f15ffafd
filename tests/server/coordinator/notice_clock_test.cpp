// Notices from a post to a receiver on loopback and back, through a real store's thread.
#include "server/coordinator/notice_clock.hpp"

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <future>
#include <sstream>

#include "server/notices/cloud_event.hpp"
#include "tests/server/notices/hostile_server.hpp"
#include "tests/server/notices/notice_maker.hpp"
#include "tests/server/storage/fixture.hpp"
#include "tests/server/storage/old_database.hpp"

namespace chiploc::test {
namespace {

/// What is waited for comes within seconds, or the test fails.
constexpr std::chrono::seconds kPatience{60};

bool said(const std::string& log, const std::string& part) { return log.find(part) != std::string::npos; }

struct NoticeWorld {
  Folder folder;
  std::mutex mutex;
  std::string answer = "200 OK";
  std::vector<std::string> requests;
  HostileServer receiver{[this](ServedConnection& connection) {
    const std::string request = connection.request();
    if (request.empty()) return;
    const std::scoped_lock lock{mutex};
    requests.push_back(request);
    connection.write("HTTP/1.1 " + answer + "\r\nContent-Length: 0\r\n\r\n");
  }};
  asio::io_context io;
  WallTime now = noon(0);
  NoticeRetention retention{};
  DeliveryRules rules{};
  std::ostringstream log;
  std::shared_ptr<spdlog::logger> before = spdlog::default_logger();
  std::unique_ptr<StoreReader> reader;
  std::unique_ptr<NoticeClock> clock;
  std::unique_ptr<StoreThread> store;

  NoticeWorld() {
    auto logger =
        std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log));
    logger->set_level(spdlog::level::debug);
    spdlog::set_default_logger(logger);
  }
  ~NoticeWorld() {
    if (clock) clock->stop();
    if (store) store->stop();
    store.reset();
    clock.reset();
    spdlog::set_default_logger(before);
  }
  [[nodiscard]] NoticeSink sink() const {
    NoticeSink sink;
    sink.name = "siem";
    sink.to = {"http://127.0.0.1:" + receiver.port() + "/path?token=secret", true, true, {}};
    for (std::size_t number = 1; number <= kNoticeKinds; ++number)
      sink.kinds.insert(static_cast<NoticeKind>(number));
    sink.keys.push_back({*WebhookKey::from_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), std::nullopt});
    return sink;
  }
  void start() {
    auto opened = folder.open();
    reader = open_sqlite_reader(folder.options()).value();
    std::vector<NoticeSink> sinks;
    sinks.push_back(sink());
    clock = std::make_unique<NoticeClock>(
        io, std::move(sinks),
        NoticeClock::Options{.source = some_coordinator(),
                             .delivery = rules,
                             .retention = [this] { return retention; },
                             .dice = [] { return 0.0; },
                             .registry = [] { return std::make_shared<const Registry>(); },
                             .now = [this] { return now; }});
    REQUIRE(clock->begin(*reader));
    store = std::make_unique<StoreThread>(std::move(opened));
    clock->start(*store);
  }
  /// Whether it is on the disk.
  std::future<bool> begin_post(const Notice& notice) {
    const auto done = std::make_shared<std::promise<bool>>();
    REQUIRE(store->post(
        [this, notice](Store& inside) {
          (void)clock->post().post(inside, {&notice, 1});
        },
        [done](const Stored<Done>& committed) { done->set_value(committed.has_value()); }));
    return done->get_future();
  }
  void post(const Notice& notice) { REQUIRE(begin_post(notice).get()); }
  /// No look is under way behind this.
  void quiet() {
    for (int i = 0; i < 4; ++i) {
      std::promise<void> through;
      REQUIRE(store->post([](Store&) {}, [&through](const Stored<Done>&) { through.set_value(); },
                          {.rows = 1, .patient = true}));
      through.get_future().get();
      io.restart();
      io.poll();
    }
  }
  /// Runs what comes until this holds.
  void until(const std::function<bool()>& holds) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (!holds()) {
      REQUIRE(std::chrono::steady_clock::now() < end);
      io.restart();
      io.run_one_for(std::chrono::milliseconds{20});
    }
  }
  std::size_t received() {
    const std::scoped_lock lock{mutex};
    return requests.size();
  }
  void answers(const std::string& with) {
    const std::scoped_lock lock{mutex};
    answer = with;
  }
};

}  // namespace

TEST_CASE("notice clock: what is posted is sent once it is on the disk, and counted", "[notices][sockets]") {
  NoticeWorld world;
  world.start();
  for (std::size_t i = 0; i < 3; ++i) world.post(one_of_each()[i]);
  world.until([&] { return world.clock->counters().delivered == 3; });
  CHECK(world.received() == 3);
  CHECK(world.reader->outbox().sink_standings()->empty());
  CHECK(world.reader->outbox().delivery_log({})->size() == 3);
  CHECK(world.clock->counters().failed == 0);
  CHECK(said(world.log.str(),
             "notice.delivered delivery=1 notice=" + id_of(one_of_each()[0]).hex() + " sink=siem attempt=1"));
  REQUIRE(world.clock->sinks().size() == 1);
  CHECK(world.clock->sinks()[0].receiver == "http://127.0.0.1:" + world.receiver.port());
  CHECK(world.clock->sinks()[0].format == "cloudevents");
  CHECK(world.clock->sinks()[0].kinds.size() == kNoticeKinds);
  CHECK_FALSE(said(world.log.str(), "token=secret"));
}

TEST_CASE("notice clock: what could not be kept is told to nobody", "[notices][sockets]") {
  NoticeWorld world;
  world.start();
  world.post(one_of_each()[0]);
  world.until([&] { return world.clock->counters().delivered == 1; });
  // From here on the transaction of a held order fails, at its commit.
  REQUIRE(
      raw(world.folder)
          ->execute(
              "CREATE TABLE late (x TEXT REFERENCES makers (name) DEFERRABLE INITIALLY DEFERRED);"
              "CREATE TRIGGER no AFTER INSERT ON notices WHEN new.kind = 6 BEGIN INSERT INTO late VALUES ('nobody'); END"));
  world.quiet();
  std::promise<void> release;
  const auto released = release.get_future().share();
  REQUIRE(world.store->post([released](Store&) { released.wait(); }, {}));
  auto kept = world.begin_post(one_of_each()[5]);
  world.clock->wake();
  world.io.restart();
  world.io.poll();  // its turn waits in the same transaction
  release.set_value();
  CHECK_FALSE(kept.get());
  world.until([&] { return world.clock->counters().turns_failed == 1; });
  CHECK(world.received() == 1);
  CHECK_FALSE(world.reader->outbox().notice(id_of(one_of_each()[5])).value());
  REQUIRE(raw(world.folder)->execute("DROP TRIGGER no"));
  world.post(one_of_each()[5]);
  world.until([&] { return world.clock->counters().delivered == 2; });
  CHECK(world.received() == 2);
}

TEST_CASE("notice clock: failures, dead letters and sinks that go off are counted and said once",
          "[notices][sockets]") {
  NoticeWorld world;
  world.rules.refusals_most = 2;
  world.answers("422 No");
  world.start();
  world.post(one_of_each()[0]);
  world.until([&] { return world.clock->counters().failed == 1; });
  CHECK(said(world.log.str(),
             "notice.failed delivery=1 sink=siem attempt=1 problem=\"422: refused as it is\""));
  world.now = noon(100);
  world.clock->wake();
  world.until([&] { return world.clock->counters().dead == 1; });
  CHECK(
      said(world.log.str(), "notice.dead delivery=1 notice=" + id_of(one_of_each()[0]).hex() + " sink=siem"));
  CHECK(said(world.log.str(), "chiploc notice resend 1"));
  CHECK(world.clock->counters().failed == 2);
  world.answers("410 Gone");
  world.post(one_of_each()[5]);
  world.until([&] { return world.clock->counters().failed == 3; });
  CHECK(said(world.log.str(), "notice.sink_off sink=siem why=\"410: the receiver wants no more"));
  CHECK(world.reader->outbox().sink_standings()->front().off);
  const std::string text = world.log.str();
  CHECK(text.find("notice.failed") == text.rfind("notice.failed"));
  // A person switches it on.
  world.answers("200 OK");
  std::promise<void> done;
  REQUIRE(world.store->post(
      [&](Store& inside) { REQUIRE(world.clock->switch_sink(inside, "siem", std::nullopt, world.now)); },
      [&](const Stored<Done>& committed) {
        world.clock->committed(committed.has_value());
        done.set_value();
      }));
  done.get_future().wait();
  world.until([&] { return world.clock->counters().delivered == 1; });
  CHECK(said(world.log.str(), "notice.sink_recovered sink=siem"));
}

TEST_CASE("notice clock: after a restart it goes on with what waits, and says which sinks are off",
          "[notices][sockets]") {
  NoticeWorld world;
  {
    const auto store = world.folder.open();
    const Notice notice = one_of_each()[0];
    const OutboxNotice row{id_of(notice), notice.kind(), subject_of(notice), notice.at,
                           cloud_event_text(notice, some_coordinator())};
    REQUIRE(store->outbox().append(row, {"siem", "former"}, noon(0)));
    REQUIRE(store->outbox().switch_sink("siem", "ada: moved", noon(0)));
  }
  world.start();
  CHECK(said(world.log.str(), "notice.no_such_sink sink=former waiting=1"));
  CHECK(said(world.log.str(), "notice.sink_off sink=siem why=\"ada: moved\""));
  std::promise<void> done;
  REQUIRE(world.store->post(
      [&](Store& inside) { REQUIRE(world.clock->switch_sink(inside, "siem", std::nullopt, world.now)); },
      [&](const Stored<Done>& committed) {
        world.clock->committed(committed.has_value());
        done.set_value();
      }));
  done.get_future().wait();
  world.until([&] { return world.clock->counters().delivered == 1; });
  CHECK(world.received() == 1);
}

TEST_CASE("notice clock: a store that does not write is said once, tried again, and nothing is sent twice",
          "[notices][sockets]") {
  NoticeWorld world;
  world.start();
  world.until([&] { return world.store->counters().waiting == 0; });
  world.post(one_of_each()[0]);
  world.until([&] { return world.clock->counters().delivered == 1; });
  REQUIRE(
      raw(world.folder)
          ->execute(
              "CREATE TRIGGER no BEFORE INSERT ON delivery_log BEGIN SELECT RAISE(FAIL, 'no room'); END"));
  world.post(one_of_each()[5]);
  world.until([&] { return world.clock->counters().turns_failed > 0; });
  world.clock->wake();
  world.until([&] { return world.clock->counters().turns_failed > 1; });
  CHECK(world.received() == 2);
  const std::string text = world.log.str();
  CHECK(said(text, "notice.failing reason="));
  CHECK(text.find("notice.failing") == text.rfind("notice.failing"));
  REQUIRE(raw(world.folder)->execute("DROP TRIGGER no"));
  world.clock->wake();
  world.until([&] { return world.clock->counters().delivered == 2; });
  CHECK(world.received() == 2);
  world.until([&] { return said(world.log.str(), "notice.recovered"); });
}

TEST_CASE("notice clock: old notices go, in steps, and it is said", "[notices]") {
  NoticeWorld world;
  world.retention.every = std::chrono::milliseconds{1};
  {
    const auto store = world.folder.open();
    for (std::uint64_t number = 1; number <= 700; ++number) {
      const Notice notice{"siem", number, noon(-86'400 * 40), NoticeTest{"x"}};
      REQUIRE(store->outbox().append({id_of(notice), notice.kind(), subject_of(notice), notice.at, "{}"}, {},
                                     notice.at));
    }
  }
  world.start();
  world.until([&] { return said(world.log.str(), "notice.pruned notices=700 log_entries=0 unsent=0"); });
  CHECK(world.reader->outbox().notices(0, std::nullopt, 9)->empty());
}

TEST_CASE("notice clock: stopped, it sends nothing more, and what waits keeps waiting",
          "[notices][sockets]") {
  NoticeWorld world;
  world.start();
  world.clock->stop();
  world.post(one_of_each()[5]);
  world.clock->wake();
  world.io.restart();
  world.io.poll();
  world.store->stop();
  CHECK(world.received() == 0);
  CHECK(world.reader->outbox().sink_standings()->front().waiting == 1);
}

}  // namespace chiploc::test
