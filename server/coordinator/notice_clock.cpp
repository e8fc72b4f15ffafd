#include "server/coordinator/notice_clock.hpp"

#include <algorithm>
#include <asio/post.hpp>
#include <memory>
#include <utility>

#include <spdlog/spdlog.h>

#include "proto/base/safe_text.hpp"
#include "server/coordinator/clocks.hpp"
#include "server/notices/cloud_event.hpp"

namespace chiploc {
namespace {

std::string_view name_of_format(NoticeFormat format) {
  switch (format) {
    case NoticeFormat::kCloudEvents:
      return "cloudevents";
    case NoticeFormat::kOcsf:
      return "ocsf";
    case NoticeFormat::kAlertmanager:
      return "alertmanager";
  }
  return "";
}

NoticeSinkView view_of_sink(const NoticeSink& sink) {
  NoticeSinkView out{sink.name, sink.to.url, std::string{name_of_format(sink.format)}, {}};
  const std::size_t host = out.receiver.find("://");
  if (host != std::string::npos)
    out.receiver.resize(std::min(out.receiver.find_first_of("/?", host + 3), out.receiver.size()));
  for (const NoticeKind kind : sink.kinds) out.kinds.emplace_back(name_of(kind));
  return out;
}

std::vector<NoticeSinkView> views_of(const std::vector<NoticeSink>& sinks) {
  std::vector<NoticeSinkView> out;
  for (const NoticeSink& sink : sinks) out.push_back(view_of_sink(sink));
  std::sort(out.begin(), out.end(),
            [](const NoticeSinkView& a, const NoticeSinkView& b) { return a.name < b.name; });
  return out;
}

}  // namespace

NoticeClock::NoticeClock(asio::io_context& io, std::vector<NoticeSink> sinks, Options options)
    : io_{io},
      options_{std::move(options)},
      timer_{io},
      prune_timer_{io},
      views_{views_of(sinks)},
      begun_wall_{options_.now()},
      begun_steady_{steady_now()},
      dispatcher_{std::move(sinks),
                  {options_.delivery, options_.http, options_.source, [this] { wake(); }, options_.dice}},
      post_{
          {.source = options_.source,
           .sinks_for = [this](NoticeKind kind) { return dispatcher_.sinks_for(kind); },
           .registry = options_.registry,
           .now = options_.now,
           .written = [this] { wake(); },
           .muted =
               [this](const Notice& notice, const std::string& by) {
                 ++counters_.muted;
                 spdlog::info("notice.muted kind={} subject=\"{}\" by=\"{}\"", name_of(notice.kind()),
                              log_text(subject_of(notice), 200), log_text(by, 300));
               },
           .unreadable =
               [](std::uint64_t number, const std::string& why) {
                 spdlog::error(
                     "notice.mute_unreadable mute={} problem=\"{}\" doing=\"it keeps nothing back; end it: chiploc mute "
                     "end {}\"",
                     number, log_text(why, 200), number);
               }}} {}

NoticeClock::~NoticeClock() = default;

Stored<Done> NoticeClock::begin(StoreReader& reader) {
  const auto standings = reader.outbox().sink_standings();
  if (!standings) return Fail{standings.error()};
  for (const SinkStanding& standing : *standings) {
    const bool known = std::any_of(views_.begin(), views_.end(),
                                   [&](const NoticeSinkView& view) { return view.name == standing.sink; });
    if (!known && standing.waiting > 0) {
      spdlog::warn(
          "notice.no_such_sink sink={} waiting={} problem=\"notices wait for a sink that is in chiplocd.toml no more\" "
          "doing=\"they go by age\"",
          standing.sink, standing.waiting);
    }
    if (known && standing.off) {
      spdlog::warn(
          "notice.sink_off sink={} why=\"{}\" doing=\"what waits keeps waiting; chiploc notice sink on {}\"",
          standing.sink, log_text(standing.why_off, 300), standing.sink);
    }
  }
  const auto open = reader.outbox().open_subjects();
  if (!open) return Fail{open.error()};
  std::vector<Notice> firing;
  for (const OutboxNotice& one : *open) {
    // One that is damaged is told in the log when it is sent.
    if (auto event = read_cloud_event(one.event)) firing.push_back(std::move(event->notice));
  }
  dispatcher_.tell_open(firing);
  return Done{};
}

void NoticeClock::start(StoreThread& store) {
  store_ = &store;
  look();
  prune_in(Nanoseconds{0});
}

void NoticeClock::stop() {
  stopped_ = true;
  timer_.cancel();
  prune_timer_.cancel();
  if (store_ == nullptr) return;
  // Behind a look that is under way; the store's thread drains before it ends.
  (void)store_->post(
      [this, now = options_.now()](Store& store) { (void)dispatcher_.close(store.outbox(), now); },
      [this](const Stored<Done>& committed) { settle(committed.has_value()); },
      {.rows = 64, .patient = true});
}

void NoticeClock::wake() {
  if (woken_.exchange(true)) return;
  asio::post(io_, [this] { look(); });
}

void NoticeClock::look() {
  woken_ = false;
  if (stopped_ || store_ == nullptr) return;
  if (looking_) {
    again_ = true;
    return;
  }
  timer_.cancel();
  const auto looked = std::make_shared<Looked>();
  looking_ = store_->post(
      [this, looked, now = options_.now()](Store& store) {
        if (!stopped_) looked->next = dispatcher_.turn(store.outbox(), now);
      },
      [this, looked](const Stored<Done>& committed) {
        settle(committed.has_value());
        asio::post(io_, [this, looked, committed] { on_looked(*looked, committed); });
      },
      {.rows = 64, .patient = true});
  if (!looking_) failed("the store's queue is full");
}

void NoticeClock::on_looked(const Looked& looked, const Stored<Done>& committed) {
  looking_ = false;
  if (stopped_) return;
  const bool again = std::exchange(again_, false);
  if (!committed) return failed(committed.error().text);
  if (!looked.next) return failed(looked.next.error().text);
  if (std::exchange(failing_, false)) spdlog::info("notice.recovered");
  if (again) return look();
  const auto next = *looked.next;
  look_in(next ? std::clamp(*next - options_.now(), Nanoseconds{0}, Nanoseconds{kLongest}) : kLongest);
}

void NoticeClock::look_in(Nanoseconds how_long) {
  timer_.expires_after(how_long);
  timer_.async_wait([this](const asio::error_code& error) {
    if (!error) look();
  });
}

void NoticeClock::failed(const std::string& why) {
  ++counters_.turns_failed;
  if (!std::exchange(failing_, true)) {
    spdlog::error("notice.failing reason=\"{}\" doing=\"nothing is sent; it is tried again every {} s\"",
                  log_text(why, 500), kAfterFailure.count());
  }
  look_in(kAfterFailure);
}

void NoticeClock::settle(bool durable) {
  for (const Settled& settled : dispatcher_.committed(durable, options_.now())) tell(settled);
  counters_.alerts_left_out = dispatcher_.alerts_left_out();
}

void NoticeClock::tell(const Settled& settled) {
  const DeliveryLogEntry& entry = settled.entry;
  const std::string text = log_text(entry.text, 300);
  if (entry.state == DeliveryState::kSent) {
    ++counters_.delivered;
    if (failing_sinks_.erase(entry.sink) > 0) spdlog::info("notice.sink_recovered sink={}", entry.sink);
    spdlog::debug("notice.delivered delivery={} notice={} sink={} attempt={}", entry.number,
                  entry.notice.hex(), entry.sink, entry.attempt);
    return;
  }
  ++counters_.failed;
  if (settled.sink_gone) {
    spdlog::error(
        "notice.sink_off sink={} why=\"{}\" doing=\"what waits keeps waiting; chiploc notice sink on {}\"",
        entry.sink, text, entry.sink);
    return;
  }
  if (entry.state == DeliveryState::kDead) {
    ++counters_.dead;
    spdlog::error(
        "notice.dead delivery={} notice={} sink={} attempts={} last=\"{}\" doing=\"it is passed; once the receiver is "
        "mended: chiploc notice resend {}\"",
        entry.number, entry.notice.hex(), entry.sink, entry.attempt, text, entry.number);
    return;
  }
  // Once until it has worked again; chiploc notice log has each attempt.
  if (failing_sinks_.insert(entry.sink).second) {
    spdlog::warn("notice.failed delivery={} sink={} attempt={} problem=\"{}\" doing=\"it is sent again\"",
                 entry.number, entry.sink, entry.attempt, text);
  }
}

Stored<Done> NoticeClock::switch_sink(Store& store, const std::string& sink,
                                      const std::optional<std::string>& why_off, WallTime now) {
  return dispatcher_.switch_sink(store.outbox(), sink, why_off, now);
}

Stored<NoticeId> NoticeClock::post_to(Store& store, const std::string& sink, const Notice& notice) {
  return post_.post_to(store, sink, notice);
}

void NoticeClock::committed(bool durable) {
  settle(durable);
  wake();
}

// ---------------------------------------- what is old

void NoticeClock::prune_in(Nanoseconds how_long) {
  if (stopped_ || options_.retention().every <= Nanoseconds{0}) return;
  prune_timer_.expires_after(how_long);
  prune_timer_.async_wait([this](const asio::error_code& error) {
    if (!error && !stopped_) prune({});
  });
}

void NoticeClock::prune(OutboxPruned so_far) {
  const WallTime now = options_.now();
  const NoticeRetention keep = options_.retention();
  // A clock that jumped ahead would make everything old at once. It is looked at again later.
  if ((now - begun_wall_) - (steady_now() - begun_steady_) > std::chrono::hours{1})
    return prune_in(keep.every);
  const OutboxPruneOrder order{.before = now - keep.sent,
                               .given_up_before = now - keep.unsent,
                               .log_entries_max = keep.log_entries,
                               .seen = so_far.seen};
  const auto step = std::make_shared<Stored<OutboxPruned>>(OutboxPruned{});
  const bool posted =
      store_->post([step, order](Store& store) { *step = store.outbox().prune_outbox(order); },
                   [this, step, so_far](const Stored<Done>& committed) {
                     if (!committed) *step = Fail{committed.error()};
                     asio::post(io_, [this, step, so_far] { on_pruned(*step, so_far); });
                   },
                   {.rows = order.rows, .patient = true});
  if (!posted) prune_in(keep.every);
}

void NoticeClock::on_pruned(const Stored<OutboxPruned>& step, OutboxPruned so_far) {
  if (stopped_) return;
  if (!step) {
    ++counters_.turns_failed;
    spdlog::error("notice.prune_failed reason=\"{}\"", log_text(step.error().text, 500));
    return prune_in(options_.retention().every);
  }
  so_far.notices += step->notices;
  so_far.log_entries += step->log_entries;
  so_far.given_up += step->given_up;
  so_far.seen = step->seen;
  counters_.pruned_unsent += step->given_up;
  if (step->more) return prune(so_far);
  if (so_far.notices + so_far.log_entries > 0) {
    spdlog::info("notice.pruned notices={} log_entries={} unsent={}", so_far.notices, so_far.log_entries,
                 so_far.given_up);
  }
  prune_in(options_.retention().every);
}

}  // namespace chiploc
