#pragma once
// A dispatcher over a real outbox in its database, with a server on loopback at the other end.

#include "server/notices/dispatcher.hpp"

#include <condition_variable>
#include <nlohmann/json.hpp>

#include "server/notices/cloud_event.hpp"
#include "server/storage/sqlite/store.hpp"
#include "tests/server/notices/hostile_server.hpp"
#include "tests/server/notices/notice_maker.hpp"

namespace chiploc::test {

inline constexpr std::string_view kDispatchSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

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
  Stored<std::vector<DueDelivery>> dead_letters(const DeadLetterQuery& query) override {
    return real_.dead_letters(query);
  }
  Stored<std::vector<NumberedLogEntry>> delivery_log(const DeliveryLogQuery& query) override {
    return real_.delivery_log(query);
  }
  Stored<std::vector<SinkStanding>> sink_standings() override { return real_.sink_standings(); }
  Stored<std::optional<OutboxNotice>> notice(const NoticeId& id) override { return real_.notice(id); }
  Stored<std::vector<NumberedNotice>> notices(std::int64_t after, std::optional<WallTime> since,
                                              std::size_t limit) override {
    return real_.notices(after, since, limit);
  }
  Stored<std::vector<OutboxNotice>> open_subjects() override { return real_.open_subjects(); }
  Stored<std::vector<MuteRow>> mutes(const MuteQuery& query) override { return real_.mutes(query); }
  Stored<Appended> append_muted(const OutboxNotice& notice, const std::vector<std::string>& sinks,
                                const MutedBy& by, WallTime now) override {
    return real_.append_muted(notice, sinks, by, now);
  }
  Stored<std::uint64_t> add_mute(const MuteRow& mute) override { return real_.add_mute(mute); }
  Stored<Done> end_mute(std::uint64_t number, const std::string& by, WallTime now) override {
    return real_.end_mute(number, by, now);
  }
  Stored<Appended> append(const OutboxNotice& notice, const std::vector<std::string>& sinks,
                          WallTime now) override {
    return real_.append(notice, sinks, now);
  }
  Stored<Done> settle(const Settled& settled_one, WallTime now) override {
    if (fails) return Fail{StoreFault{StoreFaultCode::kFull, "no room"}};
    ++settled;
    return real_.settle(settled_one, now);
  }
  Stored<std::string> resend(std::uint64_t number, WallTime now) override {
    return real_.resend(number, now);
  }
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
      sink.keys.push_back({*WebhookKey::from_text(kDispatchSecret), std::nullopt});
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
    (void)dispatcher->committed(true, now);
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

}  // namespace chiploc::test
