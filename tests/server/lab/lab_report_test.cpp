#include "server/lab/lab_report.hpp"

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

TEST_CASE("lab report: a verdict that may not be is not ok, and neither is a missing one", "[sim][lab]") {
  const LabPlan plan = plan_lab(lab_from_tree("small.toml"), 0, "/nowhere");
  const v1::Verdict green = verdict_of(v1::VERIFIED);
  LabReport report;
  report.rows.push_back(row_of(plan, 0, &green, 2, ""));
  CHECK(report.all_ok());
  CHECK(report.rows[0].anchors == 2);
  report.rows.push_back(row_of(plan, 1, &green, 2, ""));  // moved, and yet VERIFIED
  CHECK_FALSE(report.rows[1].ok);
  CHECK_FALSE(report.all_ok());
  report.rows.push_back(row_of(plan, 3, nullptr, 0, "the coordinator went away"));
  CHECK_FALSE(report.rows[2].ok);
  CHECK(report.rows[2].state == "NONE");
  CHECK(table_of(report).find("the coordinator went away") != std::string::npos);
  CHECK(table_of(report).find("verdicts that should not be: 2") != std::string::npos);
  CHECK(report.honest_in("VERIFIED") == 1);
}

TEST_CASE("lab report: the JSON has the fields that are promised", "[sim][lab]") {
  const LabPlan plan = plan_lab(lab_from_tree("small.toml"), 0, "/nowhere");
  const v1::Verdict green = verdict_of(v1::VERIFIED);
  LabReport report;
  report.rows.push_back(row_of(plan, 0, &green, 2, ""));
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
  CHECK(json.at("relay_error_us").at("p50") == 12.3);
  CHECK(json.at("relay_error_us").at("p99") == 56.8);
  CHECK(json.at("seconds") == 31.42);
}

}  // namespace
}  // namespace chiploc
