#include <nlohmann/json.hpp>

#include "tests/server/orders/order_days.hpp"
#include "tests/server/reports/report_maker.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using nlohmann::json;

json json_of(const Report& report, const std::vector<ReportedChip>& chips = {}) {
  return json::parse(json_form(report, chips));
}

TEST_CASE("report act: what happened in a case, and nothing of what is said among those who work on it") {
  const json report = json_of(act_report(head_of(ReportKind::kAct, "elsewhere/O-17/campus#1"), act_facts()));
  const json& one = report["parts"]["case"];
  CHECK(one["number"] == 12);
  CHECK(one["reference"] == "elsewhere/O-17/campus#1");
  CHECK(one["kind"] == "elsewhere");
  CHECK(one["state"] == "resolved");
  CHECK(one["resolution"] == "confirmed");
  CHECK(one["chips_standing"] == 2);
  CHECK(one["chips_ever"] == 3);
  CHECK(one["accuses"] == "by verdicts, each of which can be judged again from its evidence");
  std::vector<std::string> what;
  for (const json& entry : one["timeline"]) what.push_back(entry["what"]);
  CHECK(what == std::vector<std::string>{"opened", "chip_joined", "chip_joined", "disputed", "dispute_ended",
                                         "chip_cleared", "resolved"});
  CHECK(one["timeline"][0]["by"] == "rule");
  CHECK(one["timeline"][3]["by"] == "person");
  CHECK(one["timeline"][3]["text"] == "They never left the hall.");
  CHECK(one["timeline"][0]["verdicts"][0] == verdict_id(1).hex());
  const std::string whole = report.dump();
  for (const char* inner : {"Ann", "Bob", "lawyer", "priority"})
    CHECK(whole.find(inner) == std::string::npos);
  CHECK(report["parts"]["licence"]["holder"] == "Example SA");
  CHECK(report["parts"]["order"]["buyer"] == "Buyer Ltd");
}

TEST_CASE("report act: an unproven case accuses nobody, an attempt nobody by name") {
  const auto accuses = [](CaseKind kind, ChipState state) {
    CaseDays days{kind};
    days.accused(1, 1, 3, state);
    ActFacts facts{.number = 1, .story = days.story(), .timeline = days.entries()};
    const json report = json_of(act_report(head_of(ReportKind::kAct), facts));
    CHECK_FALSE(report["parts"].contains("order"));
    return report["parts"]["case"]["accuses"].get<std::string>();
  };
  CHECK(accuses(CaseKind::kUnproven, ChipState::kSilent).find("nobody: nothing is proved") == 0);
  CHECK(accuses(CaseKind::kSpoofing, ChipState::kDrifted).find("nobody by name") == 0);
}

TEST_CASE("report order: deliveries, and whether it is on hold as the order's story has it") {
  OrderDays days;
  days.joined(0, 0, 8, ChipState::kCompliant).become(2, 0, 3, ChipState::kDrifted);
  REQUIRE(days.state() == OrderState::kHold);
  OrderReportFacts facts{
      .order = {"O-7", "L-3", "Exporter Inc", "Buyer Ltd", "User GmbH", "", "2026-02-01", 10, 8, 8},
      .deliveries = {{"D-1", "campus", "2026-03-01", "", 8, 8}},
      .story = days.story(),
      .rules = days.rules()};
  json report = json_of(order_report(head_of(ReportKind::kOrder, "O-7"), facts));
  CHECK(report["parts"]["standing"]["state"] == "hold");
  CHECK(report["parts"]["standing"]["cause"] == "drifted");
  CHECK(report["parts"]["standing"]["held_against"] == held_against(days.story(), days.rules()));
  CHECK(report["parts"]["order"]["deliveries"][0]["site"] == "campus");
  CHECK(report.dump().find("watch") == std::string::npos);
  facts.story.reset();
  report = json_of(order_report(head_of(ReportKind::kOrder, "O-7"), facts));
  CHECK_FALSE(report["parts"].contains("standing"));  // not known, and not "open"
}

TEST_CASE("report operator, report fleet: licences, conditions, chips") {
  const OperatorFacts facts{.holder = "Example SA",
                            .licences = {{"L-3", "Example SA", "User GmbH", "DE FR", "2026-01-01",
                                          "2026-06-30", 500, 8, "no longer in force: to 2026-06-30"}},
                            .conditions = {{"C-1", "L-3", "third_party_test", "2026-05-01", ""}}};
  const json report =
      json_of(operator_report(head_of(ReportKind::kOperator, "Example SA"), facts), some_chips());
  CHECK(report["parts"]["holder"]["licences"][0]["standing"] == "no longer in force: to 2026-06-30");
  CHECK(report["parts"]["holder"]["conditions"][0]["met"].is_null());
  CHECK(report["chips"].size() == 8);
  const json fleet = json_of(fleet_report(head_of(ReportKind::kFleet)), some_chips());
  CHECK(fleet["parts"].empty());
  CHECK(fleet["report"]["subject"].is_null());
  CHECK(fleet["report"]["kind"] == "fleet");
}

TEST_CASE("report: a title and a purpose for each kind") {
  for (unsigned i = 1; i <= kReportKinds; ++i) {
    const auto kind = static_cast<ReportKind>(i);
    CHECK(title_of(head_of(kind, "X-1")).size() > 8);
    CHECK(purpose_of(kind).find("not proved") + purpose_of(kind).find("Not proved") != std::string::npos);
  }
}

}  // namespace
}  // namespace chiploc
