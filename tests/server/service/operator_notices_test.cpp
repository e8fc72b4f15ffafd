// What other systems were told, asked of a service over a real outbox.
#include <future>

#include "server/notices/ocsf.hpp"
#include "tests/server/service/service_world.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {
namespace {

using Sinks = std::vector<std::string>;
const Caller kAda{"ada", Role::kAdmin};
constexpr std::int64_t kNowSeconds = 1'790'000'000;
WallTime second(std::int64_t n) { return {std::chrono::seconds{kNowSeconds + n}}; }

Notice held(std::uint64_t change) {
  return {"O-1", change, second(static_cast<std::int64_t>(change)), OrderHeld{{"L-1", 3, "held"}, "C-1"}};
}

struct NoticeService {
  ServiceWorld world;

  void store(const std::function<void(Store&)>& work) {
    std::promise<bool> done;
    REQUIRE(world.store.post(work, [&](const Stored<Done>& kept) { done.set_value(kept.has_value()); }));
    REQUIRE(done.get_future().get());
  }
  void add(const Notice& notice, const Sinks& sinks = {"siem"}) {
    store([&](Store& inside) {
      REQUIRE(inside.outbox().append(
          {id_of(notice), notice.kind(), subject_of(notice), notice.at, cloud_event_text(notice, {})}, sinks,
          notice.at));
    });
  }
  /// An attempt at the first that is due of a sink.
  void attempt(const std::string& sink, DeliveryState state, int status, std::int64_t at) {
    store([&](Store& inside) {
      const auto due = inside.outbox().due(sink, second(1'000'000), 1).value();
      REQUIRE(due.size() == 1);
      Settled settled{due[0].delivery, {}};
      settled.delivery.attempts += 1;
      settled.delivery.state = state;
      settled.delivery.next = second(at + 5);
      settled.entry = {second(at),
                       due[0].delivery.number,
                       due[0].delivery.notice,
                       sink,
                       settled.delivery.attempts,
                       AttemptEnd::kAnswered,
                       status,
                       std::chrono::milliseconds{12},
                       state,
                       std::to_string(status)};
      REQUIRE(inside.outbox().settle(settled, second(at)));
    });
  }
  v1::ListNoticesResponse log(const v1::ListNoticesRequest& request) {
    const auto answer = world.cases.list_notices(request, kAda);
    INFO((answer ? "" : answer.error().text));
    REQUIRE(answer);
    return *answer;
  }
  template <class Request, class Response>
  Answer<Response> later(void (OperatorUseCases::*use_case)(const Request&, const Caller&,
                                                            const Completion<Response>&),
                         const Request& request) {
    std::promise<Answer<Response>> promise;
    (world.cases.*use_case)(request, kAda,
                            [&](Answer<Response> answer) { promise.set_value(std::move(answer)); });
    return promise.get_future().get();
  }
  Answer<v1::ResendNoticeResponse> resend(std::uint64_t delivery) {
    v1::ResendNoticeRequest request;
    request.set_delivery(delivery);
    return later(&OperatorUseCases::resend_notice, request);
  }
  Answer<v1::SwitchSinkResponse> turn(const std::string& sink, bool off, const std::string& reason = "") {
    v1::SwitchSinkRequest request;
    request.set_sink(sink);
    request.set_off(off);
    request.set_reason(reason);
    return later(&OperatorUseCases::switch_sink, request);
  }
  Answer<v1::TestSinkResponse> test(const std::string& sink) {
    v1::TestSinkRequest request;
    request.set_sink(sink);
    return later(&OperatorUseCases::test_sink, request);
  }
};

TEST_CASE("notices: the log has every attempt, newest first, and filters", "[service][notices]") {
  NoticeService service;
  service.add(held(1), {"siem", "pager"});
  service.add(held(2));
  service.attempt("siem", DeliveryState::kWaiting, 500, 10);
  service.attempt("siem", DeliveryState::kSent, 200, 20);
  service.attempt("pager", DeliveryState::kDead, 422, 30);
  const auto all = service.log({});
  REQUIRE(all.attempts_size() == 3);
  const v1::NoticeAttempt& newest = all.attempts(0);
  CHECK(newest.delivery() == 2);
  CHECK(newest.notice_id() == string_of(id_of(held(1)).bytes));
  CHECK(newest.kind() == "order.held");
  CHECK(newest.subject() == "order/O-1");
  CHECK(newest.sink() == "pager");
  CHECK(newest.at_unix_ns() == second(30).since_epoch.count());
  CHECK(newest.attempt() == 1);
  CHECK(newest.http_status() == 422);
  CHECK(newest.took_ns() == 12'000'000);
  CHECK(newest.state() == v1::NOTICE_DEAD);
  CHECK(newest.now() == v1::NOTICE_DEAD);
  CHECK(newest.text() == "422");
  CHECK(all.attempts(2).state() == v1::NOTICE_WAITING);
  CHECK(all.attempts(2).now() == v1::NOTICE_SENT);
  v1::ListNoticesRequest request;
  request.set_sink("siem");
  CHECK(service.log(request).attempts_size() == 2);
  request.set_since_unix_ns(second(20).since_epoch.count());
  CHECK(service.log(request).attempts_size() == 1);
  request.Clear();
  request.set_notice(id_of(held(2)).hex());
  CHECK(service.log(request).attempts().empty());
  request.set_notice(id_of(held(1)).hex());
  request.set_page_size(2);
  auto page = service.log(request);
  CHECK(page.attempts_size() == 2);
  REQUIRE_FALSE(page.next_page_token().empty());
  request.set_page_token(page.next_page_token());
  page = service.log(request);
  REQUIRE(page.attempts_size() == 1);
  CHECK(page.attempts(0).http_status() == 500);
  CHECK(page.next_page_token().empty());
}

TEST_CASE("notices: dead letters, oldest first, with what was said last, also when that has gone",
          "[service][notices]") {
  NoticeService service;
  for (std::uint64_t i = 1; i <= 3; ++i) service.add(held(i));
  service.attempt("siem", DeliveryState::kWaiting, 500, 10);
  service.attempt("siem", DeliveryState::kDead, 422, 20);
  service.attempt("siem", DeliveryState::kDead, 400, 30);
  v1::ListNoticesRequest request;
  request.set_dead(true);
  request.set_page_size(1);
  auto page = service.log(request);
  REQUIRE(page.attempts_size() == 1);
  CHECK(page.attempts(0).delivery() == 1);
  CHECK(page.attempts(0).attempt() == 2);
  CHECK(page.attempts(0).text() == "422");
  request.set_page_token(page.next_page_token());
  page = service.log(request);
  CHECK(page.attempts(0).delivery() == 2);
  CHECK(page.next_page_token().empty());
  service.store([](Store& store) {
    REQUIRE(store.outbox().prune_outbox({.before = second(25), .log_entries_max = 0}));
  });
  request.Clear();
  request.set_dead(true);
  page = service.log(request);
  REQUIRE(page.attempts_size() == 2);
  CHECK(page.attempts(0).kind() == "order.held");
  CHECK(page.attempts(0).text().empty());
  CHECK(page.attempts(0).attempt() == 2);
  CHECK(page.attempts(0).now() == v1::NOTICE_DEAD);
}

TEST_CASE("notices: a dead letter is sent again, nothing else is", "[service][notices]") {
  NoticeService service;
  service.add(held(1));
  service.attempt("siem", DeliveryState::kDead, 422, 10);
  const auto sent = service.resend(1);
  REQUIRE(sent);
  CHECK(sent->sink() == "siem");
  CHECK_FALSE(sent->sink_off());
  CHECK(service.world.notices.woken == 1);
  const auto again = service.resend(1);
  CHECK(again.error().code == ApiFaultCode::kNotFound);
  CHECK(
      again.error().text ==
      "delivery 1 is neither dead nor muted; these are: chiploc notice log --dead, chiploc notice log --muted");
  service.attempt("siem", DeliveryState::kDead, 422, 20);
  REQUIRE(service.turn("siem", true, "moved"));
  CHECK(service.resend(1)->sink_off());
}

TEST_CASE("notices: sinks with what waits, those of before too", "[service][notices]") {
  NoticeService service;
  service.add(held(1), {"siem", "former"});
  service.add(held(2));
  service.attempt("siem", DeliveryState::kDead, 422, 10);
  const auto answer = service.world.cases.list_sinks({}, kAda);
  REQUIRE(answer);
  REQUIRE(answer->sinks_size() == 3);
  CHECK(answer->sinks(0).sink() == "pager");
  CHECK(answer->sinks(0).waiting() == 0);
  CHECK(answer->sinks(1).sink() == "siem");
  CHECK(answer->sinks(1).configured());
  CHECK(answer->sinks(1).receiver() == "https://siem.example:8443");
  CHECK(answer->sinks(1).format() == "cloudevents");
  CHECK(answer->sinks(1).kinds_size() == 3);
  CHECK(answer->sinks(1).waiting() == 1);
  CHECK(answer->sinks(1).dead() == 1);
  CHECK(answer->sinks(1).oldest_unix_ns() == second(2).since_epoch.count());
  CHECK(answer->sinks(2).sink() == "former");
  CHECK_FALSE(answer->sinks(2).configured());
  CHECK(answer->sinks(2).waiting() == 1);
  service.world.notices.counted.delivered = 7;
  const auto status = service.world.cases.get_status({}, kAda);
  REQUIRE(status);
  CHECK(status->counters().at("notices_delivered") == 7);
  CHECK(status->gauges().at("notices_waiting") == 2);
  CHECK(status->gauges().at("notices_dead_letters") == 1);
  CHECK(status->gauges().at("notice_sinks_off") == 0);
}

TEST_CASE("notices: a sink is switched off with a reason, and on again, once each", "[service][notices]") {
  NoticeService service;
  CHECK(service.turn("siem", false).error().code == ApiFaultCode::kConflict);
  CHECK(service.turn("siem", true).error().code == ApiFaultCode::kBadField);
  const auto none = service.turn("sime", true, "x");
  CHECK(none.error().code == ApiFaultCode::kNotFound);
  CHECK(none.error().text == "there is no sink 'sime'; there are pager, siem");
  const auto off = service.turn("siem", true, "moved");
  REQUIRE(off);
  CHECK(off->sink().off_unix_ns() == second(0).since_epoch.count());
  CHECK(off->sink().why_off() == "ada: moved");
  CHECK(off->sink().receiver() == "https://siem.example:8443");
  CHECK(service.world.notices.kept > 0);
  CHECK(service.turn("siem", true, "again").error().text == "sink siem is switched off already");
  CHECK(service.test("siem").error().code == ApiFaultCode::kConflict);
  CHECK(service.test("siem").error().text.find("chiploc notice sink on siem") != std::string::npos);
  const auto on = service.turn("siem", false);
  REQUIRE(on);
  CHECK(on->sink().off_unix_ns() == 0);
}

TEST_CASE("notices: a test is one for one sink, in who asked's name", "[service][notices]") {
  NoticeService service;
  const auto sent = service.test("pager");
  REQUIRE(sent);
  CHECK(service.world.notices.woken == 1);
  const auto kept = service.world.reader->outbox().due("pager", second(0), 9).value();
  REQUIRE(kept.size() == 1);
  CHECK(string_of(kept[0].notice.id.bytes) == sent->notice_id());
  const auto event = read_cloud_event(kept[0].notice.event).value();
  CHECK(event.notice.name == "pager");
  CHECK(std::get<NoticeTest>(event.notice.facts).text == "asked by ada");
  CHECK(service.world.reader->outbox().due("siem", second(0), 9)->empty());
  CHECK(service.test("none").error().code == ApiFaultCode::kNotFound);
}

TEST_CASE("notices: exported as lines, in both forms, oldest first; what is damaged is counted",
          "[service][notices]") {
  NoticeService service;
  for (std::uint64_t i = 1; i <= 3; ++i) service.add(held(i));
  service.store([](Store& store) {
    REQUIRE(store.outbox().append({NoticeId{}, NoticeKind::kOrderHeld, "order/X", second(4), "{}"}, {},
                                  second(4)));
  });
  v1::ExportNoticesRequest request;
  auto answer = service.world.cases.export_notices(request, kAda);
  REQUIRE(answer);
  REQUIRE(answer->lines_size() == 3);
  CHECK(answer->lines(0) == cloud_event_text(held(1), {}));
  CHECK(answer->unreadable() == 1);
  request.set_form(v1::NOTICE_OCSF);
  request.set_page_size(2);
  answer = service.world.cases.export_notices(request, kAda);
  REQUIRE(answer->lines_size() == 2);
  CHECK(answer->lines(1) == ocsf_line(held(2), {}));
  request.set_page_token(answer->next_page_token());
  answer = service.world.cases.export_notices(request, kAda);
  CHECK(answer->lines_size() == 1);
  CHECK(answer->unreadable() == 1);
  CHECK(answer->next_page_token().empty());
  request.Clear();
  request.set_since_unix_ns(second(3).since_epoch.count());
  CHECK(service.world.cases.export_notices(request, kAda)->lines_size() == 1);
  request.set_form(static_cast<v1::NoticeForm>(9));
  CHECK(service.world.cases.export_notices(request, kAda).error().code == ApiFaultCode::kBadField);
}

}  // namespace
}  // namespace chiploc::test
