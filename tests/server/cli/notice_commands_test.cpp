// chiploc notice, as a program.
#include "server/notices/cloud_event.hpp"
#include "tests/server/cli/cli_world.hpp"

namespace chiploc::test {
namespace {

struct NoticeCli : Cli {
  static Notice held(std::uint64_t change) {
    return {"O-1", change, kWorldNow + std::chrono::seconds{change}, OrderHeld{{"L-1", 3, "held"}, "C-1"}};
  }
  NoticeCli() {
    for (const std::uint64_t change : {1U, 2U, 3U}) {
      const Notice notice = held(change);
      world.store([&](Store& store) {
        REQUIRE(store.outbox().append(
            {id_of(notice), notice.kind(), subject_of(notice), notice.at, cloud_event_text(notice, {})},
            {"siem"}, notice.at));
      });
    }
    attempt(DeliveryState::kWaiting, 500, "500", 10);
    attempt(DeliveryState::kDead, 422, "422: refused as it is", 20);
    attempt(DeliveryState::kSent, 200, "200", 30);
  }
  void attempt(DeliveryState state, int status, const std::string& text, int at) {
    world.store([&](Store& store) {
      const WallTime when = kWorldNow + std::chrono::seconds{at};
      const auto due = store.outbox().due("siem", when + std::chrono::hours{1}, 1).value();
      REQUIRE(due.size() == 1);
      Settled settled{due[0].delivery, {}};
      settled.delivery.attempts += 1;
      settled.delivery.state = state;
      settled.delivery.next = when;
      settled.entry = {when,   due[0].delivery.number,        due[0].delivery.notice,
                       "siem", settled.delivery.attempts,     AttemptEnd::kAnswered,
                       status, std::chrono::milliseconds{12}, state,
                       text};
      REQUIRE(store.outbox().settle(settled, when));
    });
  }
};

TEST_CASE("chiploc notice log: in every format, filtered and cut", "[cli][program][notices]") {
  const NoticeCli cli;
  const std::string table = cli.out({"notice", "log"});
  CHECK(table.starts_with(
      "AT                    DELIVERY  KIND        SUBJECT    SINK  TRY  STATE    NOW   WHAT WAS SAID\n"
      "2026-09-21 14:13:50Z         2  order.held  order/O-1  siem    1  sent     sent  200\n"));
  CHECK(has(table, "1  order.held  order/O-1  siem    2  dead     dead  422: refused as it is\n"));
  const json dead = json::parse(cli.out({"notice", "log", "--dead", "-o", "json"}));
  REQUIRE(dead.size() == 1);
  CHECK(dead[0]["delivery"] == 1);
  CHECK(dead[0]["notice_id"] == id_of(NoticeCli::held(1)).hex());
  CHECK(dead[0]["http_status"] == 422);
  CHECK(lines_of(cli.out({"notice", "log", "--notice", id_of(NoticeCli::held(1)).hex(), "-o", "ndjson"}))
            .size() == 2);
  CHECK(lines_of(cli.out({"notice", "log", "--since", "2026-09-21T14:13:45", "-o", "ndjson"})).size() == 1);
  CHECK(cli.out({"notice", "log", "--muted"}) == "nothing was muted\n");
  CHECK(
      cli.out({"notice", "log", "-o", "csv"})
          .starts_with("at,delivery,notice_id,kind,subject,sink,attempt,http_status,took_ms,state,now,text\n"
                       "2026-09-21T14:13:50.000Z,2,"));
  const ProcessResult cut = cli.run({"notice", "log", "--limit", "2"});
  CHECK(cut.err == "showing 2; there are more, --limit 0 shows all\n");
  CHECK(cli.run({"notice", "log", "--limit", "3"}).err.empty());
  CHECK(cli.run({"notice", "log", "--dead", "--muted"}).exit_code == 64);
  CHECK(cli.run({"notice", "log", "--since", "soon"}).exit_code == 64);
  CHECK(cli.run({"notice", "log", "--notice", "12"}).exit_code == 64);
  const ProcessResult none = cli.run({"notice", "log", "--sink", "sime"});
  CHECK(none.exit_code == 66);
  CHECK(has(none.err, "there is no sink 'sime'; there are pager, siem"));
}

TEST_CASE("chiploc notice: a dead letter is sent again, sinks are shown and switched",
          "[cli][program][notices]") {
  const NoticeCli cli;
  CHECK(
      cli.out({"notice", "sinks"}) ==
      "SINK   RECEIVER                   FORMAT        KINDS                                          WAITING  DEAD  "
      "OLDEST                OFF SINCE  WHY\n"
      "pager  https://alerts.example     alertmanager  case.opened, order.held                              0     0  "
      "-                     -\n"
      "siem   https://siem.example:8443  cloudevents   case.opened, chip.status_changed, notice.test        1     1  "
      "2026-09-21 14:13:23Z  -\n");
  CHECK(cli.out({"notice", "resend", "1"}) == "delivery 1 is sent to siem\n");
  const ProcessResult again = cli.run({"notice", "resend", "1"});
  CHECK(again.exit_code == 66);
  CHECK(has(again.err, "chiploc notice log --dead"));
  CHECK(cli.run({"notice", "sink", "off", "siem"}).exit_code == 64);
  CHECK(cli.run({"notice", "sink", "on", "siem", "--reason", "x"}).exit_code == 64);
  CHECK(cli.run({"notice", "sink", "away", "siem"}).exit_code == 64);
  CHECK(cli.out({"notice", "sink", "off", "siem", "--reason", "moved"}) ==
        "siem is switched off; 2 notices wait\n");
  CHECK(has(cli.out({"notice", "sinks"}), "alice: moved"));
  const ProcessResult twice = cli.run({"notice", "sink", "off", "siem", "--reason", "moved"});
  CHECK(twice.exit_code == 69);
  CHECK(has(twice.err, "sink siem is switched off already"));
  CHECK(has(cli.run({"notice", "test", "siem"}).err, "chiploc notice sink on siem"));
  CHECK(cli.out({"notice", "sink", "on", "siem"}) == "siem is switched on; 2 notices wait\n");
  const ProcessResult waits = cli.run({"notice", "test", "pager", "--timeout", "1"});  // nobody sends here
  CHECK(waits.exit_code == 69);
  CHECK(has(waits.err, "no attempt was made yet; look again: chiploc notice log --notice "));
}

TEST_CASE("chiploc notice export: a line each, in both forms", "[cli][program][notices]") {
  NoticeCli cli;
  const auto findings = lines_of(cli.out({"notice", "export"}));
  REQUIRE(findings.size() == 3);
  CHECK(findings[0]["class_uid"] == 2004);
  const std::string events =
      cli.out({"notice", "export", "--form", "cloudevents", "--since", "2026-09-21T14:13:22"});
  CHECK(events ==
        cloud_event_text(NoticeCli::held(2), {}) + "\n" + cloud_event_text(NoticeCli::held(3), {}) + "\n");
  CHECK(cli.run({"notice", "export", "--form", "xml"}).exit_code == 64);
  cli.world.store([](Store& store) {
    REQUIRE(store.outbox().append({NoticeId{}, NoticeKind::kTest, "test/x", kWorldNow, "{}"}, {}, kWorldNow));
  });
  const ProcessResult damaged = cli.run({"notice", "export"});
  CHECK(damaged.exit_code == 70);
  CHECK(lines_of(damaged.out).size() == 3);
  CHECK(has(damaged.err, "1 notices of the store are damaged"));
}

TEST_CASE("chiploc notice: who may not is told so", "[cli][program][notices]") {
  const NoticeCli cli;
  const std::string auditor = cli.person("auditor", cli.world.auditor);
  const std::string reader = cli.person("reader", cli.world.reader);
  for (const std::vector<std::string>& asked : std::vector<std::vector<std::string>>{
           {"notice", "log"}, {"notice", "sinks"}, {"notice", "export"}, {"mute", "list"}}) {
    auto line = asked;
    line.insert(line.begin(), {"--config", reader});
    CHECK(cli.run(line).exit_code == 77);
    line[1] = auditor;
    CHECK(cli.run(line).exit_code == 0);
  }
  for (const std::vector<std::string>& changed : std::vector<std::vector<std::string>>{
           {"notice", "resend", "1"},
           {"notice", "test", "siem"},
           {"notice", "sink", "on", "siem"},
           {"mute", "end", "1"},
           {"mute", "add", "--order", "O-1", "--until", "1d", "--reason", "x"}}) {
    auto line = changed;
    line.insert(line.begin(), {"--config", auditor});
    CHECK(cli.run(line).exit_code == 77);
  }
}

}  // namespace
}  // namespace chiploc::test
