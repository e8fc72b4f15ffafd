#include "server/notices/alert.hpp"

#include <nlohmann/json.hpp>

#include "tests/server/notices/notice_maker.hpp"

namespace chiploc::test {
namespace {

using nlohmann::json;

json alerts_of(const std::vector<Notice>& notices, WallTime now = noon(1'000'000),
               const AlertRules& rules = {}) {
  const std::string text = alerts_text(notices, some_coordinator(), now, rules);
  return text.empty() ? json::array() : json::parse(text);
}
json alert_of_kind(NoticeKind kind) {
  const json all = alerts_of({one_of_each()[static_cast<std::size_t>(kind) - 1]});
  REQUIRE(all.size() == 1);
  return all[0];
}
Notice case_notice(int number, NoticeFacts facts) {
  return {"C-" + std::to_string(number), 1, noon(0), std::move(facts)};
}
CaseFacts some_facts() { return std::get<CaseOpenedNotice>(one_of_each().front().facts).facts; }

}  // namespace

TEST_CASE("alert: a case fires from when it was opened, until it is told again", "[notices]") {
  CHECK(alert_of_kind(NoticeKind::kCaseOpened) ==
        json{{"labels",
              {{"alertname", "ChiplocCase"},
               {"subject", "case/C-17"},
               {"severity", "critical"},
               {"about", "elsewhere"},
               {"coordinator", "c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0"}}},
             {"annotations",
              {{"summary", "2 chips of L-JP are proved outside their licence"},
               {"licence", "L-JP"},
               {"chips", "11111111111111111111111111111111 12121212121212121212121212121212"},
               {"chips_count", "2"},
               {"due", "2026-12-04T12:00:00Z"}}},
             {"startsAt", "2026-12-01T12:00:00Z"},
             {"endsAt", "2026-12-13T01:50:40Z"}});  // four minutes from now
}

TEST_CASE("alert: what a case's later notices add, and when it is over", "[notices]") {
  CHECK(alert_of_kind(NoticeKind::kCaseUpdated)["annotations"]["change"] == "a third chip of the same order");
  CHECK(alert_of_kind(NoticeKind::kCaseDisputed)["annotations"]["disputed_until"] == "2026-12-31T12:00:00Z");
  const json resolved = alert_of_kind(NoticeKind::kCaseResolved);
  CHECK(resolved["annotations"]["outcome"] == "explained");
  CHECK(resolved["endsAt"] == "2026-12-02T13:00:00Z");
  const json reopened = alert_of_kind(NoticeKind::kCaseReopened);
  CHECK(reopened["startsAt"] == "2026-12-03T14:00:00Z");
  CHECK(reopened["annotations"]["change"] == "proved outside again, by 2 rounds");
  for (const auto kind : {NoticeKind::kCaseUpdated, NoticeKind::kCaseDisputed, NoticeKind::kCaseResolved,
                          NoticeKind::kCaseReopened})
    CHECK(alert_of_kind(kind)["labels"] == alert_of_kind(NoticeKind::kCaseOpened)["labels"]);  // one alert
}

TEST_CASE("alert: an order that is held, and one that no longer is", "[notices]") {
  const json held = alert_of_kind(NoticeKind::kOrderHeld);
  CHECK(held["labels"] == json{{"alertname", "ChiplocOrderHeld"},
                               {"subject", "order/O-0004"},
                               {"severity", "warning"},
                               {"coordinator", some_coordinator().hex()}});
  CHECK(held["annotations"] == json{{"summary", "250 chips of O-0004 are held"},
                                    {"licence", "L-JP"},
                                    {"chips_count", "250"},
                                    {"because_of", "C-17"}});
  CHECK(held["startsAt"] == "2026-12-01T12:00:00Z");
  const json released = alert_of_kind(NoticeKind::kOrderReleased);
  CHECK(released["labels"] == held["labels"]);
  CHECK(released["startsAt"] == held["startsAt"]);
  CHECK(released["endsAt"] == "2026-12-02T13:00:00Z");
}

TEST_CASE("alert: a chip's status alone makes none; a test does, for a while", "[notices]") {
  CHECK(alerts_text({one_of_each()[7]}, some_coordinator(), noon(0), {}).empty());
  CHECK(alerts_text({}, some_coordinator(), noon(0), {}).empty());
  for (std::size_t number = 1; number <= kNoticeKinds; ++number) {
    const auto kind = static_cast<NoticeKind>(number);
    CHECK(makes_alert(kind) == !alerts_of({one_of_each()[number - 1]}).empty());
  }
  CHECK(alert_of_kind(NoticeKind::kTest)["labels"]["severity"] == "informational");
  CHECK(alert_of_kind(NoticeKind::kTest)["annotations"] == json{{"summary", "asked by ada"}});
}

TEST_CASE("alert: severity follows from the case, what is empty is left out, few chips are named",
          "[notices]") {
  CaseFacts facts = some_facts();
  facts.about = NoticeSubject::kUnproven;
  facts.licence.clear();
  facts.chips.assign(20, ChipId{});
  facts.chips_count = 20;
  const json alert = alerts_of({case_notice(1, CaseOpenedNotice{facts, std::nullopt})})[0];
  CHECK(alert["labels"]["severity"] == "warning");
  CHECK(alert["annotations"].count("licence") == 0);
  CHECK(alert["annotations"].count("due") == 0);
  CHECK(alert["annotations"]["chips"].get<std::string>().size() == 8 * 33 - 1);
  CHECK(alert["annotations"]["chips_count"] == "20");
}

TEST_CASE("alert: none ends before it begins, whatever the clocks did", "[notices]") {
  Notice resolved = case_notice(1, CaseResolvedNotice{some_facts(), NoticeOutcome::kConfirmed});
  resolved.at = noon(-50);
  CHECK(alerts_of({resolved})[0]["endsAt"] == "2026-12-01T12:00:00Z");
}

TEST_CASE("alert board: what fires is told again, what is over is not", "[notices]") {
  AlertBoard board{AlertRules{}};
  CHECK_FALSE(board.next());
  CHECK(board.told_again(some_coordinator(), noon(0)).empty());
  board.tell(case_notice(1, CaseOpenedNotice{some_facts(), std::nullopt}));
  board.tell(case_notice(2, CaseReopenedNotice{some_facts(), "so"}));
  board.tell(case_notice(2, CaseUpdatedNotice{some_facts(), "more"}));
  board.tell(one_of_each()[5]);  // an order that is held
  board.tell(one_of_each()[7]);  // a chip's status
  board.tell(one_of_each()[8]);  // a test
  CHECK(board.firing() == 3);
  CHECK(board.next().value() <= noon(0));
  auto bodies = board.told_again(some_coordinator(), noon(0));
  REQUIRE(bodies.size() == 1);
  const json all = json::parse(bodies[0]);
  REQUIRE(all.size() == 3);
  CHECK(all[1]["annotations"]["change"] == "more");  // the newest
  CHECK(all[0]["endsAt"] == "2026-12-01T12:04:00Z");
  CHECK(board.next() == noon(60));
  CHECK(board.told_again(some_coordinator(), noon(59)).empty());
  board.tell(case_notice(1, CaseResolvedNotice{some_facts(), NoticeOutcome::kMistaken}));
  board.tell(one_of_each()[6]);  // it is released
  bodies = board.told_again(some_coordinator(), noon(60));
  REQUIRE(bodies.size() == 1);
  CHECK(json::parse(bodies[0]).size() == 1);
  board.tell(case_notice(2, CaseResolvedNotice{some_facts(), NoticeOutcome::kMistaken}));
  CHECK(board.told_again(some_coordinator(), noon(1'000)).empty());
  CHECK_FALSE(board.next());
}

TEST_CASE("alert board: a clock that was set back does not silence it", "[notices]") {
  AlertBoard board{AlertRules{}};
  board.tell(case_notice(1, CaseOpenedNotice{some_facts(), std::nullopt}));
  CHECK(board.told_again(some_coordinator(), noon(0)).size() == 1);
  CHECK(board.told_again(some_coordinator(), noon(0)).empty());
  CHECK(board.told_again(some_coordinator(), noon(-1)).size() == 1);
}

TEST_CASE("alert board: bodies are bounded, and so is what fires", "[notices]") {
  AlertBoard board{AlertRules{}};
  for (int i = 0; i < 450; ++i) board.tell(case_notice(i, CaseOpenedNotice{some_facts(), std::nullopt}));
  const auto bodies = board.told_again(some_coordinator(), noon(0));
  REQUIRE(bodies.size() == 3);
  CHECK(json::parse(bodies[0]).size() == 200);
  CHECK(json::parse(bodies[2]).size() == 50);
  for (int i = 0; i < 20'010; ++i) board.tell(case_notice(i, CaseUpdatedNotice{some_facts(), "x"}));
  CHECK(board.firing() == AlertBoard::kAlertsMax);
  CHECK(board.left_out() == 10);
  board.tell(case_notice(7, CaseUpdatedNotice{some_facts(), "known"}));
  CHECK(board.left_out() == 10);
}

}  // namespace chiploc::test
