// The outbox in its database, the desk and the senders together, with a server on loopback at the other end.
#include "tests/server/notices/dispatching.hpp"

namespace chiploc::test {
namespace {

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
    (void)all.dispatcher->committed(true, all.now);
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
  CHECK(told(4)[0]["labels"]["subject"] == "case/C-17");
  all.append(one_of_each()[3]);
  CHECK_FALSE(all.settle());
  CHECK(told(5)[0]["annotations"]["outcome"] == "explained");
  CHECK(all.dispatcher->alerts_left_out() == 0);
}

}  // namespace chiploc::test
