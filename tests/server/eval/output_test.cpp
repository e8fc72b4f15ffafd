#include "server/eval/output.hpp"

#include <sstream>

#include "server/eval/plot.hpp"
#include "tests/server/eval/small_set.hpp"

namespace chiploc::test::output_test {
namespace {

const std::vector<std::string> kKeys{"set",
                                     "anchors",
                                     "grade",
                                     "cases",
                                     "median_km",
                                     "p90_km",
                                     "country_pct",
                                     "region_contains_truth_pct",
                                     "credible95_covers_pct",
                                     "claims_true",
                                     "claims_true_verified_pct",
                                     "claims_true_cleared_pct",
                                     "claims_true_flagged_pct",
                                     "claims_false",
                                     "claims_false_accepted_pct",
                                     "claims_false_flagged_pct",
                                     "unresolved_pct",
                                     "us_per_fix_p50",
                                     "us_per_fix_p99",
                                     "statistic",
                                     "column",
                                     "resolution_ms",
                                     "resolution_added_ms"};

std::vector<SummaryRow> two_rows() {
  SummaryRow row;
  row.set = "a, b";
  row.anchors = "all";
  row.cases = 3;
  row.median_km = 12.3456;
  row.country_pct = 200.0 / 3.0;
  row.claims_false = 60;
  row.us_per_fix_p50 = 123.456;
  SummaryRow other = row;
  other.grade = Grade::kEstimate;
  return {row, other};
}

std::string written(OutputFormat format, const std::vector<SummaryRow>& rows) {
  std::ostringstream out;
  write_rows(out, format, rows);
  return out.str();
}

TEST_CASE("output: JSON has these keys, two decimals, and null for what was not counted", "[eval]") {
  const Json json = Json::parse(written(OutputFormat::kJson, two_rows()));
  REQUIRE(json.size() == 2);
  std::vector<std::string> keys;
  for (const auto& item : json[0].items()) keys.push_back(item.key());
  CHECK(keys == kKeys);
  CHECK(json[0]["grade"] == "proof");
  CHECK(json[1]["grade"] == "estimate");
  CHECK(json[0]["set"] == "a, b");
  CHECK(json[0]["median_km"] == 12.35);
  CHECK(json[0]["country_pct"] == 66.67);
  CHECK(json[0]["p90_km"].is_null());
  CHECK(json[0]["claims_false"] == 60);
  CHECK(json[0]["us_per_fix_p50"] == 123.5);
}

TEST_CASE("output: CSV has the same keys as its header", "[eval]") {
  std::istringstream lines{written(OutputFormat::kCsv, two_rows())};
  std::string header, first;
  std::getline(lines, header);
  std::getline(lines, first);
  std::string expected;
  for (const std::string& key : kKeys) expected += (expected.empty() ? "" : ",") + key;
  CHECK(header == expected);
  CHECK(first == "\"a, b\",all,proof,3,12.35,,66.67,,,0,,,,60,,,,123.5,,minimum,,0.0,0.0");
}

TEST_CASE("output: the table names every row", "[eval]") {
  const std::string table = written(OutputFormat::kTable, two_rows());
  CHECK_THAT(table, Catch::Contains("median km") && Catch::Contains("proof") && Catch::Contains("estimate"));
  CHECK(written(OutputFormat::kTable, {}) == "no rows\n");
}

std::vector<RowOutcome> outcomes(const RttSet& set) {
  CaseOutcome seen;
  seen.target = number_of(set, "c");
  seen.draw = 4;
  seen.anchors = 5;
  seen.region_contains_truth = true;
  seen.met = {code("CH"), code("FR")};
  seen.true_claim = {VerdictState::kCleared, 0.75, true};
  seen.error_km = 12.5;
  seen.judged = code("FR");
  seen.credible_level = 0.5;
  seen.common_delay_ms = 3.25;
  seen.relay = RelaySuspicion{1.5, 20.0};
  seen.border_km = 51.25;
  seen.fix_us = 99.5;
  return {{"three", {seen, CaseOutcome{}}, {}}};
}

TEST_CASE("output: the list has a line per case, empty where nothing was estimated", "[eval]") {
  const RttSet set = small_set();
  std::ostringstream out;
  write_case_list(out, set, outcomes(set));
  std::istringstream lines{out.str()};
  std::string line;
  std::getline(lines, line);
  std::getline(lines, line);
  CHECK(line ==
        "small,three,4,c,Bern,CH,CLEARED,0.750000,12.500,FR,yes,0.500000,3.250,1.500,20,51.250,5,CH "
        "FR,99.5,minimum,0");
  std::getline(lines, line);
  CHECK(line == "small,three,0,b,Berlin,DE,UNRESOLVED,,,,no,,,,,0.000,0,,0.0,minimum,0");
}

TEST_CASE("output: the plot is one SVG with every row and all answers named", "[eval]") {
  const RttSet set = small_set();
  const std::string svg = plot_svg(set, outcomes(set), {});
  CHECK_THAT(svg, Catch::StartsWith("<svg ") && Catch::EndsWith("</svg>\n"));
  for (const char* words :
       {">three<", ">accepted<", ">flagged<", ">unresolved<", "Calibration", "&gt;1000"}) {
    CHECK_THAT(svg, Catch::Contains(words));
  }
  CHECK_THAT(svg, !Catch::Contains("nan") && !Catch::Contains("inf,"));
  CHECK_THAT(plot_svg(set, {}, {}), Catch::EndsWith("</svg>\n"));
}

}  // namespace
}  // namespace chiploc::test::output_test
