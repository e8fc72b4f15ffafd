#include "server/lab/lab_tally.hpp"

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

LabTurn turn(const std::string& behaviour, const std::string& state, bool ok = true) {
  return {.round = 0,
          .at = {},
          .behaviour = behaviour,
          .state = state,
          .expected = {"UNRESOLVED"},
          .ok = ok,
          .reason = "why"};
}

LabRow row(const std::string& serial, std::vector<LabTurn> turns, const std::string& order = {}) {
  LabRow out;
  out.serial = serial;
  out.order = order;
  out.turns = std::move(turns);
  return out;
}

TEST_CASE("LabShare: Wilson's interval, against published figures", "[sim][lab]") {
  // Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998),
  // table I, method 3: 81/263, 15/148, 0/20, 1/29.
  struct Case {
    unsigned hits, trials;
    double low, high;
  };
  for (const Case& c : {Case{81, 263, 0.2553, 0.3662}, Case{15, 148, 0.0624, 0.1605},
                        Case{0, 20, 0.0, 0.1611}, Case{1, 29, 0.0061, 0.1718}}) {
    CAPTURE(c.hits, c.trials);
    const LabShare share{c.hits, c.trials};
    CHECK(share.low() == Approx(c.low).margin(0.00005));
    CHECK(share.high() == Approx(c.high).margin(0.00005));
  }
  CHECK(LabShare{}.low() == 0.0);
  CHECK(LabShare{}.high() == 1.0);
  CHECK(LabShare{20, 20}.high() == 1.0);
}

TEST_CASE("LabTally: a chip counts once in a run, its verdicts each", "[sim][lab]") {
  LabTally tally;
  LabReport report;
  report.rows = {row("A", {turn("honest", "VERIFIED"), turn("honest", "UNRESOLVED")}),
                 row("B", {turn("moved", "OUTSIDE"), turn("moved", "UNRESOLVED")}),  // once is enough
                 row("C", {turn("moved", "UNRESOLVED"), turn("moved", "UNRESOLVED")}),
                 row("D", {turn("silent", "SILENT")}),
                 row("E", {turn("honest", "CLEARED"), turn("moved", "PROHIBITED")})};
  tally.add(1, report, {{"VERIFIED", "VERIFIED"}, {"OUTSIDE"}});
  tally.add(2, report, {});
  CHECK(tally.runs() == 2);
  CHECK(tally.wrong_total() == 0);
  const LabBehaviourCount& honest = tally.behaviours().at("honest");
  CHECK(honest.flagged.trials == 4);
  CHECK(honest.flagged.hits == 0);
  CHECK(honest.passed.hits == 4);
  CHECK(honest.states.at("VERIFIED") == 2);
  CHECK(honest.states.at("UNRESOLVED") == 2);
  CHECK(honest.forecasts.at("VERIFIED") == 2);
  const LabBehaviourCount& moved = tally.behaviours().at("moved");
  CHECK(moved.flagged.trials == 6);
  CHECK(moved.flagged.hits == 4);  // C stays open, honestly: no fault
  CHECK(moved.passed.hits == 0);
  CHECK(moved.wrong.hits == 0);
  CHECK(moved.forecasts.at("OUTSIDE") == 1);
  CHECK(tally.behaviours().at("silent").flagged.hits == 2);
}

TEST_CASE("LabTally: what may not be is told with seed, round, chip and reason", "[sim][lab]") {
  LabTally tally;
  LabReport report;
  report.rows = {row("A", {turn("honest", "OUTSIDE", false)}), row("B", {turn("moved", "VERIFIED", false)})};
  tally.add(7, report, {});
  CHECK(tally.wrong_total() == 2);
  REQUIRE(tally.wrong().size() == 2);
  CHECK(tally.wrong()[0] == "seed 7, round 1: A, honest, was OUTSIDE; it may be UNRESOLVED (why)");
  CHECK(tally.behaviours().at("honest").flagged.hits == 1);
  CHECK(tally.behaviours().at("honest").wrong.hits == 1);
  CHECK(tally.behaviours().at("moved").passed.hits == 1);
  const std::string table = table_of(tally);
  CHECK(table.find("WRONG: seed 7, round 1: B, moved, was VERIFIED") != std::string::npos);
  CHECK(table.find("verdicts that may not be: 2") != std::string::npos);
}

TEST_CASE("LabTally: an order is noticed by any of its diverted chips", "[sim][lab]") {
  LabTally tally;
  LabReport report;
  report.rows = {row("O-1", {turn("honest", "VERIFIED")}, "O"),
                 row("O-2", {turn("moved", "UNRESOLVED")}, "O"), row("O-3", {turn("moved", "OUTSIDE")}, "O"),
                 row("X", {turn("moved", "OUTSIDE")})};
  tally.add(1, report, {});
  report.rows[2].turns[0].state = "UNRESOLVED";
  tally.add(2, report, {});
  REQUIRE(tally.orders().size() == 1);
  const LabOrderCount& order = tally.orders().at("O");
  CHECK(order.noticed.hits == 1);
  CHECK(order.noticed.trials == 2);
  CHECK(order.accused.hits == 0);
  CHECK(order.accused.trials == 2);
}

TEST_CASE("LabTally: the JSON has the fields that are promised", "[sim][lab]") {
  LabTally tally;
  LabReport report;
  report.rows = {row("A", {turn("honest", "VERIFIED")}, "O")};
  tally.add(1, report, {{"VERIFIED"}});
  const std::string text = json_of(tally);
  CHECK(text.find('\n') == std::string::npos);
  const auto json = nlohmann::json::parse(text);
  CHECK(json.at("runs") == 1);
  const auto& honest = json.at("behaviours").at("honest");
  CHECK(honest.at("states").at("VERIFIED") == 1);
  CHECK(honest.at("forecasts").at("VERIFIED") == 1);
  CHECK(honest.at("flagged").at("trials") == 1);
  CHECK(honest.at("passed").at("share") == 1.0);
  CHECK(honest.at("passed").at("low").get<double>() == Approx(0.2065).margin(0.0001));
  CHECK(json.at("orders").at("O").at("accused").at("hits") == 0);
  CHECK(json.at("wrong_total") == 0);
}

}  // namespace
}  // namespace chiploc
