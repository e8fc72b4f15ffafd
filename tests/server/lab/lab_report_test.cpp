#include "server/lab/lab_report.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/server/lab/lab_support.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

v1::Verdict verdict_of(v1::VerdictState state) {
  v1::Verdict verdict;
  verdict.set_state(state);
  v1::Reason& reason = *verdict.add_reasons();
  reason.set_code("inside_licence");
  reason.set_text("All land of the region is licensed.");
  for (const bool used : {true, false, true}) verdict.add_anchors()->set_used(used);
  return verdict;
}

LabSeen seen_of(std::size_t chip, std::size_t round, std::optional<v1::Verdict> verdict,
                const std::string& problem = {}) {
  return {.chip = chip, .round = round, .span = {}, .verdict = std::move(verdict), .problem = problem};
}

TEST_CASE("lab report: a verdict that may not be is not ok, and neither is a missing one", "[sim][lab]") {
  const LabPlan plan = plan_lab(lab_from_tree("small.toml"), 0, "/nowhere");
  const v1::Verdict green = verdict_of(v1::VERIFIED);
  LabReport report;
  report.rows = rows_of(plan, {},
                        {seen_of(0, 0, green), seen_of(1, 0, green), seen_of(2, 0, verdict_of(v1::INVALID)),
                         seen_of(3, 0, {}, "the coordinator went away"), seen_of(0, 1, green)});
  REQUIRE(report.rows.size() == 4);
  CHECK(report.rows[0].ok);
  CHECK(report.rows[0].anchors == 2);
  CHECK(report.rows[0].rounds == 2);
  CHECK_FALSE(report.rows[1].ok);  // moved, and yet VERIFIED
  CHECK(report.rows[2].ok);
  CHECK_FALSE(report.rows[3].ok);
  CHECK(report.rows[3].state == "NONE");
  CHECK_FALSE(report.all_ok());
  CHECK(table_of(report).find("the coordinator went away") != std::string::npos);
  CHECK(table_of(report).find("verdicts that should not be: 2") != std::string::npos);
  CHECK(report.honest_in("VERIFIED") == 1);
}

TEST_CASE("lab report: a round has the round trips that count, beside the lab's anchors", "[sim][lab]") {
  const LabPlan plan = plan_lab(lab_from_tree("small.toml"), 0, "/nowhere");
  REQUIRE(plan.file.anchors.size() >= 3);
  v1::Verdict verdict;
  verdict.set_state(v1::UNRESOLVED);
  const auto add = [&](std::size_t anchor, bool answered, std::int64_t rtt_ns) {
    v1::AnchorEvidence& evidence = *verdict.add_anchors();
    evidence.set_anchor(plan.file.anchors[anchor].name);
    evidence.set_answered(answered);
    evidence.set_rtt_min_ns(rtt_ns);
    evidence.set_rtt_least_ns(1);  // of one sample alone: not the one that counts
  };
  add(2, true, 12'345'678);
  add(1, false, 5'000'000);
  add(0, true, 3'000'000);
  verdict.add_licensed("AU");
  verdict.mutable_posterior()->set_relay_score(1.5);
  for (const auto& [country, odds] : {std::pair{"CN", 0.75}, std::pair{"AU", 0.25}}) {
    v1::Posterior::Country& one = *verdict.mutable_posterior()->add_countries();
    one.set_country(country);
    one.set_probability(odds);
  }
  const auto rows = rows_of(plan, {}, {seen_of(0, 0, verdict), seen_of(0, 1, verdict_of(v1::VERIFIED))});
  const LabTurn& turn = rows[0].turns[0];
  REQUIRE(turn.rtt_ms.size() == plan.file.anchors.size());
  CHECK(turn.rtt_ms[0] == 3.0);
  CHECK(std::isnan(turn.rtt_ms[1]));
  CHECK(turn.rtt_ms[2] == Approx(12.345678).epsilon(1e-12));
  CHECK(turn.licensed_odds == 0.25);
  CHECK(turn.relay_score == 1.5);
  CHECK_FALSE(rows[0].turns[1].licensed_odds.has_value());
}

TEST_CASE("lab report: one wrong verdict of many is enough, whenever it came", "[sim][lab]") {
  const LabPlan plan = plan_lab(lab_from_tree("small.toml"), 0, "/nowhere");
  LabReport report;
  report.rows = rows_of(plan, {},
                        {seen_of(0, 0, verdict_of(v1::OUTSIDE)), seen_of(0, 1, verdict_of(v1::VERIFIED)),
                         seen_of(1, 0, verdict_of(v1::UNRESOLVED))});
  CHECK_FALSE(report.rows[0].ok);
  CHECK(report.rows[0].state == "VERIFIED");
  CHECK(report.rows[0].turns.at(0).state == "OUTSIDE");
  CHECK_FALSE(report.rows[0].turns[0].ok);
  CHECK(report.rows[0].turns.at(1).ok);
  CHECK(table_of(report).find("in round 1 honest and OUTSIDE") != std::string::npos);
  CHECK(report.rows[1].ok);        // a cheat that honestly stays open
  CHECK_FALSE(report.rows[2].ok);  // never measured
}

TEST_CASE("lab report: the JSON has the fields that are promised", "[sim][lab]") {
  const LabPlan plan = plan_lab(lab_from_tree("small.toml"), 0, "/nowhere");
  const v1::Verdict green = verdict_of(v1::VERIFIED);
  LabReport report;
  report.rows = rows_of(plan, {}, {seen_of(0, 0, green), seen_of(0, 1, green)});
  report.relay_p50_us = 12.34;
  report.relay_p99_us = 56.78;
  report.seconds = 31.416;
  const std::string text = json_of(report);
  CHECK(text.find('\n') == std::string::npos);
  const auto json = nlohmann::json::parse(text);
  const auto& chip = json.at("chips").at(0);
  CHECK(chip.at("id") == plan.chip_ids[0].hex());
  CHECK(chip.at("behaviour") == "honest");
  CHECK(chip.at("licensed") == "AU");
  CHECK(chip.at("true_country") == "AU");
  CHECK(chip.at("state") == "VERIFIED");
  CHECK(chip.at("expected") == nlohmann::json{"VERIFIED", "CLEARED", "UNRESOLVED"});
  CHECK(chip.at("ok") == true);
  CHECK(chip.at("reasons") == nlohmann::json{"inside_licence"});
  CHECK(chip.at("rounds") == 2);
  CHECK(chip.at("anchors") == 2);
  CHECK(chip.at("serial") == "SMALL-1");
  REQUIRE(chip.at("turns").size() == 2);
  CHECK(chip.at("turns").at(1).at("round") == 2);
  CHECK(chip.at("turns").at(1).at("state") == "VERIFIED");
  CHECK(chip.at("turns").at(1).at("ok") == true);
  CHECK(json.at("relay_error_us").at("p50") == 12.3);
  CHECK(json.at("relay_error_us").at("p99") == 56.8);
  CHECK(json.at("seconds") == 31.42);
}

}  // namespace
}  // namespace chiploc
