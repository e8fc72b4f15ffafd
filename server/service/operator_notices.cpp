// The use cases about what other systems are told: the delivery log, sinks, exports.
#include <algorithm>
#include <utility>

#include "proto/base/joined.hpp"
#include "proto/base/time_text.hpp"
#include "server/notices/cloud_event.hpp"
#include "server/notices/ocsf.hpp"
#include "server/registry/fields.hpp"
#include "server/service/notice_requests.hpp"
#include "server/service/on_store.hpp"
#include "server/service/operator_use_cases.hpp"

namespace chiploc {
namespace {

constexpr std::uint32_t kLogPage = 100;
constexpr std::uint32_t kLogPageMax = 500;
constexpr std::uint32_t kExportPage = 1'000;

v1::NoticeState notice_state_view(DeliveryState state) {
  const auto number = static_cast<int>(state) + 1;
  return v1::NoticeState_IsValid(number) ? static_cast<v1::NoticeState>(number)
                                         : v1::NOTICE_STATE_UNSPECIFIED;
}

v1::NoticeAttempt attempt_view(const NumberedLogEntry& line) {
  const DeliveryLogEntry& entry = line.entry;
  v1::NoticeAttempt out;
  out.set_delivery(entry.number);
  out.set_notice_id(string_of(entry.notice.bytes));
  if (line.kind) out.set_kind(std::string{name_of(*line.kind)});
  out.set_subject(line.stream);
  out.set_sink(entry.sink);
  out.set_at_unix_ns(entry.at.since_epoch.count());
  out.set_attempt(entry.attempt);
  out.set_http_status(static_cast<std::uint32_t>(std::max(entry.status, 0)));
  out.set_took_ns(entry.took.count());
  out.set_state(notice_state_view(entry.state));
  if (line.now) out.set_now(notice_state_view(*line.now));
  out.set_text(entry.text);
  return out;
}

/// A dead letter with what was said last, which may have gone by age.
v1::NoticeAttempt dead_letter_view(const DueDelivery& dead, const std::vector<NumberedLogEntry>& last) {
  v1::NoticeAttempt out;
  if (!last.empty() && last.front().entry.number == dead.delivery.number) {
    out = attempt_view(last.front());
  } else {
    out.set_delivery(dead.delivery.number);
    out.set_notice_id(string_of(dead.delivery.notice.bytes));
    out.set_sink(dead.delivery.sink);
    out.set_at_unix_ns(dead.delivery.queued.since_epoch.count());
    out.set_attempt(dead.delivery.attempts);
    out.set_state(v1::NOTICE_DEAD);
  }
  out.set_kind(std::string{name_of(dead.notice.kind)});
  out.set_subject(dead.notice.stream);
  out.set_now(v1::NOTICE_DEAD);
  return out;
}

Answer<v1::ListNoticesResponse> dead_letters(const NoticeQuery& asked, OutboxReader& outbox) {
  const auto dead = outbox.dead_letters({.sink = asked.sink,
                                         .notice = asked.notice,
                                         .since = asked.since,
                                         .after = asked.after.value_or(0),
                                         .limit = asked.size + 1});
  if (!dead) return Fail{fault_of(dead.error())};
  v1::ListNoticesResponse response;
  for (std::size_t i = 0; i < dead->size() && i < asked.size; ++i) {
    const DueDelivery& one = (*dead)[i];
    const auto last =
        outbox.delivery_log({.notice = one.delivery.notice, .sink = one.delivery.sink, .limit = 1});
    if (!last) return Fail{fault_of(last.error())};
    *response.add_attempts() = dead_letter_view(one, *last);
  }
  if (dead->size() > asked.size)
    response.set_next_page_token(number_token((*dead)[asked.size - 1].delivery.number));
  return response;
}

ApiFault sends_none() { return {ApiFaultCode::kNotReady, "this coordinator sends no notices"}; }

v1::NoticeSinkStanding sink_view(const NoticeSinkView& sink) {
  v1::NoticeSinkStanding out;
  out.set_sink(sink.name);
  out.set_configured(true);
  out.set_receiver(sink.receiver);
  out.set_format(sink.format);
  for (const std::string& kind : sink.kinds) out.add_kinds(kind);
  return out;
}

void add_standing(const SinkStanding& standing, v1::NoticeSinkStanding& out) {
  out.set_sink(standing.sink);
  out.set_waiting(standing.waiting);
  out.set_dead(standing.dead);
  if (standing.oldest) out.set_oldest_unix_ns(standing.oldest->since_epoch.count());
  if (standing.off) out.set_off_unix_ns(standing.off->since_epoch.count());
  out.set_why_off(standing.why_off);
}

/// nullopt: nothing is to be said of it.
Answer<std::optional<SinkStanding>> sink_standing_of(OutboxReader& outbox, const std::string& sink) {
  const auto standings = outbox.sink_standings();
  if (!standings) return Fail{fault_of(standings.error())};
  for (const SinkStanding& one : *standings)
    if (one.sink == sink) return std::optional{one};
  return std::optional<SinkStanding>{};
}

Answer<Done> demand_on(OutboxReader& outbox, const std::string& sink) {
  const auto standing = sink_standing_of(outbox, sink);
  if (!standing) return Fail{standing.error()};
  if (!*standing || !(*standing)->off) return Done{};
  return Fail{ApiFault{ApiFaultCode::kConflict,
                       "sink " + sink + " is switched off since " + utc_text(*(*standing)->off) + " (" +
                           (*standing)->why_off + "); switch it on first: chiploc notice sink on " + sink}};
}

}  // namespace

Answer<Done> OperatorUseCases::check_sink(const std::string& sink, bool configured) {
  std::vector<std::string> names;
  if (parts_.notices != nullptr)
    for (const NoticeSinkView& one : parts_.notices->sinks()) names.push_back(one.name);
  if (!configured) {
    const auto standings = parts_.reader.outbox().sink_standings();
    if (!standings) return Fail{fault_of(standings.error())};
    for (const SinkStanding& one : *standings)
      if (std::find(names.begin(), names.end(), one.sink) == names.end()) names.push_back(one.sink);
  }
  if (std::find(names.begin(), names.end(), sink) != names.end()) return Done{};
  return Fail{
      ApiFault{ApiFaultCode::kNotFound, "there is no sink '" + sink + "'; " +
                                            (names.empty() ? std::string{"chiplocd.toml has no [[notices]]"}
                                                           : "there are " + joined(names, ", "))}};
}

Answer<v1::ListNoticesResponse> OperatorUseCases::list_notices(const v1::ListNoticesRequest& request,
                                                               const Caller& /*caller*/) {
  const auto asked = check_notice_query(request, parts_.limits, kLogPage, kLogPageMax);
  if (!asked) return Fail{asked.error()};
  if (!asked->sink.empty()) {
    if (const auto known = check_sink(asked->sink, false); !known) return Fail{known.error()};
  }
  OutboxReader& outbox = parts_.reader.outbox();
  if (request.dead()) return dead_letters(*asked, outbox);
  DeliveryLogQuery query{.notice = asked->notice,
                         .sink = asked->sink,
                         .since = asked->since,
                         .muted = request.muted(),
                         .limit = asked->size + 1};
  if (asked->after) query.before = static_cast<std::int64_t>(*asked->after);
  const auto log = outbox.delivery_log(query);
  if (!log) return Fail{fault_of(log.error())};
  v1::ListNoticesResponse response;
  for (std::size_t i = 0; i < log->size() && i < asked->size; ++i)
    *response.add_attempts() = attempt_view((*log)[i]);
  if (log->size() > asked->size)
    response.set_next_page_token(number_token(static_cast<std::uint64_t>((*log)[asked->size - 1].number)));
  return response;
}

void OperatorUseCases::resend_notice(const v1::ResendNoticeRequest& request, const Caller& /*caller*/,
                                     const Completion<v1::ResendNoticeResponse>& done) {
  if (parts_.notices == nullptr) return done(Fail{sends_none()});
  on_store<v1::ResendNoticeResponse>(
      parts_.store, 2, done,
      [number = request.delivery(), now = parts_.now()](Store& store) -> Answer<v1::ResendNoticeResponse> {
        const auto sink = store.outbox().resend(number, now);
        if (!sink && sink.error().code == StoreFaultCode::kNotFound) {
          return Fail{ApiFault{ApiFaultCode::kNotFound,
                               "delivery " + std::to_string(number) +
                                   " is neither dead nor muted; these are: chiploc notice log "
                                   "--dead, chiploc notice log --muted"}};
        }
        if (!sink) return Fail{fault_of(sink.error())};
        const auto standing = sink_standing_of(store.outbox(), *sink);
        if (!standing) return Fail{standing.error()};
        v1::ResendNoticeResponse response;
        response.set_sink(*sink);
        response.set_sink_off(*standing && (*standing)->off.has_value());
        return response;
      },
      [notices = parts_.notices](bool durable) {
        if (durable) notices->wake();
      });
}

Answer<v1::ListSinksResponse> OperatorUseCases::list_sinks(const v1::ListSinksRequest& /*request*/,
                                                           const Caller& /*caller*/) {
  const auto standings = parts_.reader.outbox().sink_standings();
  if (!standings) return Fail{fault_of(standings.error())};
  v1::ListSinksResponse response;
  std::vector<std::string> configured;
  if (parts_.notices != nullptr) {
    for (const NoticeSinkView& sink : parts_.notices->sinks()) {
      v1::NoticeSinkStanding& out = *response.add_sinks();
      out = sink_view(sink);
      configured.push_back(sink.name);
      for (const SinkStanding& standing : *standings)
        if (standing.sink == sink.name) add_standing(standing, out);
    }
  }
  for (const SinkStanding& standing : *standings) {
    if (std::find(configured.begin(), configured.end(), standing.sink) == configured.end())
      add_standing(standing, *response.add_sinks());
  }
  return response;
}

void OperatorUseCases::test_sink(const v1::TestSinkRequest& request, const Caller& caller,
                                 const Completion<v1::TestSinkResponse>& done) {
  if (parts_.notices == nullptr) return done(Fail{sends_none()});
  const auto sink = check_text("sink", request.sink(), parts_.limits);
  if (!sink) return done(Fail{sink.error()});
  if (const auto known = check_sink(*sink, true); !known) return done(Fail{known.error()});
  const WallTime now = parts_.now();
  // Its number is its time: no two tests of a sink are one notice.
  const Notice notice{*sink, static_cast<std::uint64_t>(now.since_epoch.count()), now,
                      NoticeTest{"asked by " + caller.name}};
  on_store<v1::TestSinkResponse>(
      parts_.store, 3, done,
      [notices = parts_.notices, notice](Store& store) -> Answer<v1::TestSinkResponse> {
        if (const auto on = demand_on(store.outbox(), notice.name); !on) return Fail{on.error()};
        const auto id = notices->post_to(store, notice.name, notice);
        if (!id) return Fail{fault_of(id.error())};
        v1::TestSinkResponse response;
        response.set_notice_id(string_of(id->bytes));
        return response;
      },
      [notices = parts_.notices](bool durable) {
        if (durable) notices->wake();
      });
}

void OperatorUseCases::switch_sink(const v1::SwitchSinkRequest& request, const Caller& caller,
                                   const Completion<v1::SwitchSinkResponse>& done) {
  if (parts_.notices == nullptr) return done(Fail{sends_none()});
  const auto sink = check_text("sink", request.sink(), parts_.limits);
  if (!sink) return done(Fail{sink.error()});
  if (const auto known = check_sink(*sink, true); !known) return done(Fail{known.error()});
  std::optional<std::string> why_off;
  if (request.off()) {
    const auto reason = parse_text(request.reason());
    if (!reason)
      return done(
          Fail{ApiFault{ApiFaultCode::kBadField, "reason: " + reason.error() + "; it stays on record"}});
    why_off = caller.name + ": " + *reason;
  }
  on_store<v1::SwitchSinkResponse>(
      parts_.store, 1, done,
      [notices = parts_.notices, sink = *sink, why_off,
       now = parts_.now()](Store& store) -> Answer<v1::SwitchSinkResponse> {
        const auto before = sink_standing_of(store.outbox(), sink);
        if (!before) return Fail{before.error()};
        const bool is_off = *before && (*before)->off.has_value();
        if (is_off == why_off.has_value()) {
          return Fail{ApiFault{ApiFaultCode::kConflict,
                               "sink " + sink + " is switched " + (is_off ? "off" : "on") + " already"}};
        }
        const auto switched = notices->switch_sink(store, sink, why_off, now);
        if (!switched) return Fail{fault_of(switched.error())};
        const auto after = sink_standing_of(store.outbox(), sink);
        if (!after) return Fail{after.error()};
        v1::SwitchSinkResponse response;
        for (const NoticeSinkView& view : notices->sinks())
          if (view.name == sink) *response.mutable_sink() = sink_view(view);
        if (*after) add_standing(**after, *response.mutable_sink());
        return response;
      },
      [notices = parts_.notices](bool durable) { notices->committed(durable); });
}

Answer<v1::ExportNoticesResponse> OperatorUseCases::export_notices(const v1::ExportNoticesRequest& request,
                                                                   const Caller& /*caller*/) {
  const auto size = check_page_size(request.page_size(), kExportPage, kExportPage);
  if (!size) return Fail{size.error()};
  const auto after = read_number_token(request.page_token());
  if (!after) return Fail{after.error()};
  const auto since = check_time("since_unix_ns", request.since_unix_ns());
  if (!since) return Fail{since.error()};
  if (!v1::NoticeForm_IsValid(request.form())) {
    return Fail{ApiFault{ApiFaultCode::kBadField, "form: " + std::to_string(request.form()) +
                                                      " is none; use NOTICE_CLOUDEVENT or NOTICE_OCSF"}};
  }
  const auto page =
      parts_.reader.outbox().notices(static_cast<std::int64_t>(after->value_or(0)), *since, *size + 1);
  if (!page) return Fail{fault_of(page.error())};
  v1::ExportNoticesResponse response;
  for (std::size_t i = 0; i < page->size() && i < *size; ++i) {
    const OutboxNotice& notice = (*page)[i].notice;
    // What is damaged on the disk leaves in no form.
    const auto read = read_cloud_event(notice.event);
    if (!read || id_of(read->notice) != notice.id) {
      response.set_unreadable(response.unreadable() + 1);
    } else {
      response.add_lines(request.form() == v1::NOTICE_OCSF ? ocsf_line(read->notice, read->source)
                                                           : notice.event);
    }
  }
  if (page->size() > *size)
    response.set_next_page_token(number_token(static_cast<std::uint64_t>((*page)[*size - 1].number)));
  return response;
}

}  // namespace chiploc
