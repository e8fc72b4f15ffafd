// The outbox in its database, the desk and the senders together, with a server on loopback at the other end.
#include "server/notices/dispatcher.hpp"

#include <condition_variable>
#include <nlohmann/json.hpp>

#include "server/notices/cloud_event.hpp"
#include "server/storage/sqlite/store.hpp"
#include "tests/server/notices/hostile_server.hpp"
#include "tests/server/notices/notice_maker.hpp"

namespace chiploc::test {
namespace {

constexpr std::string_view kDispatchSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A store that passes everything on, until it is told to fail.
class FailingOutbox final : public OutboxStore {
 public:
  explicit FailingOutbox(OutboxStore& real) : real_{real} {}
  bool fails = false;
  int settled = 0;

  Stored<std::vector<DueDelivery>> due(const std::string& sink, WallTime now, std::size_t limit) override {
    return real_.due(sink, now, limit);
  }
  Stored<std::optional<WallTime>> next_due(const std::string& sink) override { return real_.next_due(sink); }
  Stored<std::vector<DueDelivery>> dead_letters(std::uint64_t after, std::size_t limit) override {
    return real_.dead_letters(after, limit);
  }
  Stored<std::vector<NumberedLogEntry>> delivery_log(const DeliveryLogQuery& query) override {
    return real_.delivery_log(query);
  }
  Stored<std::vector<SinkStanding>> sink_standings() override { return real_.sink_standings(); }
  Stored<std::optional<OutboxNotice>> notice(const NoticeId& id) override { return real_.notice(id); }
  Stored<Appended> append(const OutboxNotice& notice, const std::vector<std::string>& sinks,
                          WallTime now) override {
    return real_.append(notice, sinks, now);
  }
  Stored<Done> settle(const Settled& settled_one, WallTime now) override {
    if (fails) return Fail{StoreFault{StoreFaultCode::kFull, "no room"}};
    ++settled;
    return real_.settle(settled_one, now);
  }
  Stored<Done> resend(std::uint64_t number, WallTime now) override { return real_.resend(number, now); }
  Stored<Done> switch_sink(const std::string& sink, const std::optional<std::string>& why,
                           WallTime now) override {
    return real_.switch_sink(sink, why, now);
  }
  Stored<OutboxPruned> prune_outbox(const OutboxPruneOrder& order) override {
    return real_.prune_outbox(order);
  }

 private:
  OutboxStore& real_;
};

/// Answers what it is told to, and remembers what came.
class AnsweringServer {
 public:
  AnsweringServer()
      : server_{[this](ServedConnection& connection) {
          const std::string request = connection.request();
          if (request.empty()) return;
          const std::scoped_lock lock{mutex_};
          requests_.push_back(request);
          connection.write("HTTP/1.1 " + answer_ + "\r\nContent-Length: 0\r\n\r\n");
        }} {}
  void answer(std::string status) {
    const std::scoped_lock lock{mutex_};
    answer_ = std::move(status);
  }
  [[nodiscard]] std::vector<std::string> requests() {
    const std::scoped_lock lock{mutex_};
    return requests_;
  }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + server_.port() + "/"; }

 private:
  std::mutex mutex_;
  std::string answer_ = "200 OK";
  std::vector<std::string> requests_;
  HostileServer server_;
};

class Dispatching {
 public:
  explicit Dispatching(NoticeFormat format = NoticeFormat::kCloudEvents) : format_{format} { start(); }

  /// A new process over the same database.
  void start() {
    dispatcher.reset();
    outbox.reset();
    store.reset();
    auto opened = open_sqlite_store({(folder / "chiploc.db").string(), 2'000, 0, false});
    REQUIRE(opened);
    store = std::move(*opened);
    outbox.emplace(store->outbox());
    NoticeSink sink;
    sink.name = "siem";
    sink.format = format_;
    sink.to = {server.url(), true, true, {}};
    for (std::size_t number = 1; number <= kNoticeKinds; ++number)
      if (can_tell(format_, static_cast<NoticeKind>(number)))
        sink.kinds.insert(static_cast<NoticeKind>(number));
    if (format_ != NoticeFormat::kAlertmanager && has_key)
      sink.keys.push_back({std::move(*WebhookKey::from_text(kDispatchSecret)), std::nullopt});
    std::vector<NoticeSink> sinks;
    sinks.push_back(std::move(sink));
    NoticeDispatcher::Options options;
    options.delivery.attempts_most = 3;
    options.source = some_coordinator();
    options.dice = [] { return 0.0; };
    options.wake = [this] {
      {
        const std::scoped_lock lock{mutex_};
        rung_ = true;
      }
      waits_.notify_one();
    };
    dispatcher = std::make_unique<NoticeDispatcher>(std::move(sinks), options);
  }
  void append(const Notice& notice) {
    REQUIRE(outbox->append({id_of(notice), notice.kind(), subject_of(notice), notice.at,
                            cloud_event_text(notice, some_coordinator())},
                           dispatcher->sinks_for(notice.kind()), now));
  }
  /// Turns until nothing is in flight any more; what the last one said.
  std::optional<WallTime> settle() {
    auto next = turn();
    while (dispatcher->in_flight() > 0) {
      if (!next || *next > now) wait();
      next = turn();
    }
    return next;
  }
  std::optional<WallTime> turn() {
    const auto next = dispatcher->turn(*outbox, now);
    INFO((next ? "" : next.error().text));
    REQUIRE(next);
    return *next;
  }
  void wait() {
    std::unique_lock lock{mutex_};
    REQUIRE(waits_.wait_for(lock, std::chrono::seconds{60}, [this] { return rung_; }));
    rung_ = false;
  }
  std::vector<std::string> log() {
    std::vector<std::string> lines;
    const auto entries = outbox->delivery_log({}).value();
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
      lines.push_back(std::to_string(entry->entry.number) + " " + entry->entry.text + ": " +
                      std::string{name_of(entry->entry.state)});
    }
    return lines;
  }

  const TempDir folder;
  AnsweringServer server;
  bool has_key = true;
  WallTime now = noon(0);
  std::unique_ptr<Store> store;
  std::optional<FailingOutbox> outbox;
  std::unique_ptr<NoticeDispatcher> dispatcher;

 private:
  NoticeFormat format_;
  std::mutex mutex_;
  std::condition_variable waits_;
  bool rung_ = false;
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("dispatcher: a case's notices arrive one after the other", "[notices][sockets]") {
  Dispatching all;
  for (int i = 0; i < 5; ++i) all.append(one_of_each()[static_cast<std::size_t>(i)]);
  CHECK_FALSE(all.settle());
  const auto requests = all.server.requests();
  REQUIRE(requests.size() == 5);
  for (std::size_t i = 0; i < 5; ++i)
    CHECK_THAT(requests[i],
               Catch::EndsWith("\r\n\r\n" + cloud_event_text(one_of_each()[i], some_coordinator())));
  CHECK(all.log() == Lines{"1 200: sent", "2 200: sent", "3 200: sent", "4 200: sent", "5 200: sent"});
  CHECK(all.outbox->sink_standings()->empty());
}

TEST_CASE("dispatcher: what fails comes again when it says, under the same id, and then is dead",
          "[notices][sockets]") {
  Dispatching all;
  all.append(one_of_each()[0]);
  all.append(one_of_each()[1]);
  all.server.answer("500 No");
  CHECK(all.settle() == noon(5));
  all.now = noon(4);
  CHECK(all.settle() == noon(5));
  CHECK(all.server.requests().size() == 1);
  all.now = noon(5);
  CHECK(all.settle() == noon(20));
  all.now = noon(20);
  CHECK(all.settle() == noon(25));  // the second of its case is tried at once
  CHECK(all.log() == Lines{"1 500: waiting", "1 500: waiting", "1 500: dead", "2 500: waiting"});
  all.server.answer("200 OK");
  REQUIRE(all.outbox->resend(1, all.now));
  all.now = noon(25);
  CHECK_FALSE(all.settle());
  const auto requests = all.server.requests();
  REQUIRE(requests.size() == 6);
  const std::string id = "webhook-id: " + id_of(one_of_each()[0]).hex();
  for (const std::size_t i : {0U, 1U, 2U, 5U}) CHECK_THAT(requests[i], Catch::Contains(id));
  CHECK(all.outbox->sink_standings()->empty());
}

TEST_CASE("dispatcher: a sink that is gone stays off over a restart, until a person switches it on",
          "[notices][sockets]") {
  Dispatching all;
  all.append(one_of_each()[0]);
  all.server.answer("410 Gone");
  CHECK_FALSE(all.settle());
  CHECK_FALSE(all.settle());
  CHECK(all.server.requests().size() == 1);
  CHECK(all.outbox->sink_standings()->front().off == noon(0));
  all.server.answer("200 OK");
  all.start();
  all.append(one_of_each()[1]);
  CHECK_FALSE(all.settle());
  CHECK(all.server.requests().size() == 1);
  CHECK(all.dispatcher->switch_sink(*all.outbox, "none", std::nullopt, all.now).error().code ==
        StoreFaultCode::kNotFound);
  REQUIRE(all.dispatcher->switch_sink(*all.outbox, "siem", std::nullopt, all.now));
  CHECK_FALSE(all.settle());
  CHECK(all.server.requests().size() == 3);
  REQUIRE(all.dispatcher->switch_sink(*all.outbox, "siem", "ada", all.now));
  all.append(one_of_each()[2]);
  CHECK_FALSE(all.settle());
  CHECK(all.server.requests().size() == 3);
}

TEST_CASE("dispatcher: a sink that rests is asked again when its rest is over", "[notices][sockets]") {
  Dispatching all;
  all.append(one_of_each()[0]);
  all.append(one_of_each()[5]);
  all.server.answer("429 Slowly\r\nRetry-After: 90");
  const auto next = all.settle();
  CHECK(next == noon(90));
  all.server.answer("200 OK");
  all.now = noon(89);
  CHECK(all.settle() == noon(90));
  const std::size_t before = all.server.requests().size();
  CHECK(before <= 2);
  all.now = noon(90);
  CHECK_FALSE(all.settle());
  CHECK(all.server.requests().size() == before + 2);
}

TEST_CASE("dispatcher: while the store does not write, nothing is sent", "[notices][sockets]") {
  Dispatching all;
  all.append(one_of_each()[0]);
  all.append(one_of_each()[5]);
  all.turn();
  all.outbox->fails = true;
  while (all.server.requests().size() < 2) all.wait();
  for (int i = 0; i < 5; ++i) {
    all.now = noon(i * 1'000);
    const auto turned = all.dispatcher->turn(*all.outbox, all.now);
    if (turned) continue;  // nothing had ended yet
    CHECK(turned.error().code == StoreFaultCode::kFull);
  }
  CHECK(all.server.requests().size() == 2);
  all.outbox->fails = false;
  CHECK_FALSE(all.settle());
  CHECK(all.server.requests().size() == 2);
  CHECK(all.outbox->settled == 2);
  CHECK(all.outbox->sink_standings()->empty());
}

TEST_CASE("dispatcher: what is on its way when the process ends is sent again, with its id",
          "[notices][sockets]") {
  Dispatching all;
  all.append(one_of_each()[0]);
  all.turn();
  while (all.server.requests().empty()) all.wait();
  all.start();  // the answer is lost
  CHECK_FALSE(all.settle());
  const auto requests = all.server.requests();
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].substr(requests[0].find("\r\n\r\n")) == requests[1].substr(requests[1].find("\r\n\r\n")));
  CHECK(all.log() == Lines{"1 200: sent"});
}

TEST_CASE("dispatcher: what cannot be sent is written down, and holds up nothing else",
          "[notices][sockets]") {
  Dispatching all;
  Notice other = one_of_each()[5];
  REQUIRE(all.outbox->append({numbered<NoticeId>(1), NoticeKind::kCaseOpened, "case/X", noon(0), "{}"},
                             {"siem"}, noon(0)));
  all.append(other);
  CHECK(all.settle() == noon(5));
  CHECK(all.server.requests().size() == 1);
  CHECK(all.log().front() ==
        "1 not_made: what is stored is an event of a type that this version does not know: waiting");
  Dispatching keyless;
  keyless.has_key = false;
  keyless.start();
  keyless.append(other);
  CHECK(keyless.settle() == noon(5));
  CHECK(keyless.server.requests().empty());
  CHECK_THAT(keyless.log().front(), Catch::Contains("no secret of this sink is in force"));
}

TEST_CASE("dispatcher: Alertmanager is told what fires again and again, also after a restart",
          "[notices][sockets]") {
  Dispatching all{NoticeFormat::kAlertmanager};
  CHECK(all.dispatcher->sinks_for(NoticeKind::kChipStatusChanged).empty());
  CHECK(all.dispatcher->sinks_for(NoticeKind::kCaseOpened) == Lines{"siem"});
  all.append(one_of_each()[0]);
  CHECK(all.settle() == noon(60));
  const auto told = [&](std::size_t count) {
    while (all.server.requests().size() < count) std::this_thread::yield();
    const auto requests = all.server.requests();
    CHECK(requests.size() == count);
    return nlohmann::json::parse(requests.back().substr(requests.back().find("\r\n\r\n") + 4));
  };
  CHECK(told(2).size() == 1);  // with the notice, and with all that fires
  all.now = noon(59);
  CHECK(all.settle() == noon(60));
  all.now = noon(60);
  CHECK(all.settle() == noon(120));
  CHECK(told(3)[0]["endsAt"] == "2026-12-01T12:05:00Z");
  all.start();
  all.now = noon(61);
  CHECK_FALSE(all.settle());  // nobody has told it yet
  all.dispatcher->tell_open({one_of_each()[2], one_of_each()[7]});
  CHECK(all.settle() == noon(121));
  CHECK(told(4)[0]["labels"]["subject"] == "case/C-2026-0017");
  all.append(one_of_each()[3]);
  CHECK_FALSE(all.settle());
  CHECK(told(5)[0]["annotations"]["outcome"] == "explained");
  CHECK(all.dispatcher->alerts_left_out() == 0);
}

}  // namespace chiploc::test
