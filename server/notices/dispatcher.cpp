#include "server/notices/dispatcher.hpp"

#include <algorithm>

#include "server/notices/cloud_event.hpp"

namespace chiploc {

struct NoticeDispatcher::Line {
  Line(NoticeSink of, const SendLimits& limits)
      : sink{std::move(of)}, board{sink.alerts}, sender{sink.to, limits} {}
  NoticeSink sink;
  AlertBoard board;  ///< of Alertmanager
  HttpSender sender;
};

struct NoticeDispatcher::Inbox {
  std::mutex mutex;
  std::vector<std::pair<std::uint64_t, Attempt>> ended;

  void put(std::uint64_t number, Attempt attempt) {
    const std::scoped_lock lock{mutex};
    ended.emplace_back(number, std::move(attempt));
  }
  std::vector<std::pair<std::uint64_t, Attempt>> take() {
    const std::scoped_lock lock{mutex};
    return std::exchange(ended, {});
  }
};

NoticeDispatcher::NoticeDispatcher(std::vector<NoticeSink> sinks, Options options)
    : options_{std::move(options)}, desk_{options_.dice}, inbox_{std::make_shared<Inbox>()} {
  for (NoticeSink& sink : sinks) {
    desk_.add_sink(sink.name, options_.delivery, false);
    std::string name = sink.name;
    lines_.emplace(std::move(name), std::make_unique<Line>(std::move(sink), options_.http));
  }
}
NoticeDispatcher::~NoticeDispatcher() = default;

std::vector<std::string> NoticeDispatcher::sinks_for(NoticeKind kind) const {
  std::vector<std::string> names;
  for (const auto& [name, line] : lines_)
    if (line->sink.kinds.count(kind) > 0) names.push_back(name);
  return names;
}

void NoticeDispatcher::tell_open(const std::vector<Notice>& open) {
  for (const auto& [name, line] : lines_) {
    if (line->sink.format != NoticeFormat::kAlertmanager) continue;
    for (const Notice& notice : open)
      if (line->sink.kinds.count(notice.kind()) > 0) line->board.tell(notice);
  }
}

std::uint64_t NoticeDispatcher::alerts_left_out() const {
  std::uint64_t sum = 0;
  for (const auto& [name, line] : lines_) sum += line->board.left_out();
  return sum;
}

std::vector<const NoticeSink*> NoticeDispatcher::sinks() const {
  std::vector<const NoticeSink*> all;
  for (const auto& [name, line] : lines_) all.push_back(&line->sink);
  return all;
}

Stored<Done> NoticeDispatcher::start(OutboxStore& outbox) {
  if (started_) return Done{};
  const auto standings = outbox.sink_standings();
  if (!standings) return Fail{standings.error()};
  for (const auto& [name, line] : lines_) {
    const auto found = std::find_if(standings->begin(), standings->end(),
                                    [&, &sink = name](const SinkStanding& one) { return one.sink == sink; });
    (void)desk_.switch_sink(name, found != standings->end() && found->off.has_value());
  }
  started_ = true;
  return Done{};
}

Stored<Done> NoticeDispatcher::write_ended(OutboxStore& outbox, WallTime now) {
  for (auto& [number, attempt] : inbox_->take())
    if (auto settled = desk_.settle(number, attempt, now)) unwritten_.push_back(std::move(*settled));
  while (!unwritten_.empty()) {
    const auto written = outbox.settle(unwritten_.front(), now);
    // kNotFound: it is not in the store any more; there is nothing to write.
    if (!written && written.error().code != StoreFaultCode::kNotFound) return written;
    written_.push_back(std::move(unwritten_.front()));
    unwritten_.erase(unwritten_.begin());
  }
  return Done{};
}

void NoticeDispatcher::send(Line& line, const DueDelivery& due, WallTime now) {
  const std::uint64_t number = due.delivery.number;
  auto request = request_for(line.sink, due.notice.id, due.notice.event, now);
  std::string problem = request ? "too many wait already" : request.error();
  const auto ended = [inbox = inbox_, number, wake = options_.wake](Attempt attempt) {
    inbox->put(number, std::move(attempt));
    if (wake) wake();
  };
  if (request && line.sender.send(std::move(*request), ended)) {
    if (line.sink.format != NoticeFormat::kAlertmanager) return;
    if (const auto event = read_cloud_event(due.notice.event)) line.board.tell(event->notice);
    return;
  }
  ended({AttemptEnd::kNotMade, 0, std::nullopt, Nanoseconds{0}, std::move(problem)});
}

Stored<Done> NoticeDispatcher::take_due(OutboxStore& outbox, Line& line, WallTime now) {
  const std::string& name = line.sink.name;
  const std::size_t wanted = desk_.wanted(name, now);
  if (wanted == 0) return Done{};
  const auto due = outbox.due(name, now, wanted);
  if (!due) return Fail{due.error()};
  std::vector<Delivery> deliveries;
  for (const DueDelivery& one : *due) deliveries.push_back(one.delivery);
  for (const Delivery& taken : desk_.take(deliveries, now)) {
    const auto found = std::find_if(due->begin(), due->end(), [&](const DueDelivery& one) {
      return one.delivery.number == taken.number;
    });
    taken_.emplace_back(&line, *found);
  }
  return Done{};
}

std::vector<Settled> NoticeDispatcher::committed(bool durable, WallTime now) {
  std::vector<Settled> written = std::exchange(written_, {});
  const auto taken = std::exchange(taken_, {});
  if (durable) {
    for (const auto& [line, due] : taken) send(*line, due, now);
    return written;
  }
  unwritten_.insert(unwritten_.begin(), std::make_move_iterator(written.begin()),
                    std::make_move_iterator(written.end()));
  for (const auto& [line, due] : taken) desk_.put_back(due.delivery.number);
  started_ = false;  // which sinks are off is read anew
  return {};
}

Stored<Done> NoticeDispatcher::close(OutboxStore& outbox, WallTime now) {
  closed_ = true;
  return write_ended(outbox, now);
}

void NoticeDispatcher::tell_alerts(Line& line, WallTime now) {
  // What is lost here is told again soon; nobody writes it down.
  for (std::string& body : line.board.told_again(options_.source, now))
    (void)line.sender.send(alert_request(std::move(body), now), [](const Attempt&) {});
}

Stored<std::optional<WallTime>> NoticeDispatcher::turn(OutboxStore& outbox, WallTime now) {
  std::optional<WallTime> next;
  if (closed_) return next;
  // In this order: what has ended may switch a sink off.
  auto done = write_ended(outbox, now);
  if (done) done = start(outbox);
  if (!done) return Fail{done.error()};
  const auto sooner = [&](std::optional<WallTime> time) {
    if (time && (!next || *time < *next)) next = std::max(*time, now);
  };
  for (const auto& [name, line] : lines_) {
    done = take_due(outbox, *line, now);
    if (!done) return Fail{done.error()};
    // What is in flight wakes us; only who may be sent to more has a time of its own.
    if (desk_.wanted(name, now) > 0) {
      const auto due = outbox.next_due(name);
      if (!due) return Fail{due.error()};
      if (*due && **due > now) sooner(*due);
    }
    sooner(desk_.rests_until(name, now));
    if (line->sink.format != NoticeFormat::kAlertmanager) continue;
    tell_alerts(*line, now);
    sooner(line->board.next());
  }
  return next;
}

Stored<Done> NoticeDispatcher::switch_sink(OutboxStore& outbox, const std::string& sink,
                                           const std::optional<std::string>& why_off, WallTime now) {
  if (lines_.count(sink) == 0)
    return Fail{
        StoreFault{StoreFaultCode::kNotFound, "there is no sink '" + sink + "' in the configuration"}};
  auto done = outbox.switch_sink(sink, why_off, now);
  if (done) (void)desk_.switch_sink(sink, why_off.has_value());
  return done;
}

}  // namespace chiploc
