// What is printed: JSON, CSV, chip-days, and the picture.
#include "server/scenario/scenario_output.hpp"

#include <nlohmann/json.hpp>
#include <sstream>

#include "server/scenario/power_curve.hpp"
#include "server/scenario/scenario_rows.hpp"
#include "tests/server/scenario/scenario_text.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

const std::string kSwept = R"([[sweep]]
key = "network.loss"
about = "share that vanishes"
values = [0.0, 0.1]
[network]
loss = 0.005
)";

struct Made {
  ScenarioFile file = scenario_of(kHead + kExpect + kSwept + kLab);
  std::vector<PointRuns> runs;

  Made() {
    for (const ScenarioPoint& point : file.points) {
      ChipOutcome good;
      good.serial = "H-1";
      good.honest_time = 36h;
      ChipTurn turn;
      turn.state = "VERIFIED";
      turn.behaviour = "honest";
      turn.honest = turn.ok = true;
      turn.pings = 36;
      good.turns = {turn, turn};
      good.turns[1].began = 30h;
      good.status = {{0s, ChipState::kPending}, {1min, ChipState::kCompliant}};
      ChipOutcome bad = good;
      bad.serial = "F-1";
      bad.cheats_from = 0s;
      bad.honest_time = 0s;
      for (ChipTurn& one : bad.turns) {
        one.state = "INVALID";
        one.honest = false;
        one.flagged = true;
      }
      bad.detected = 5s;
      bad.alarmed = 24h;
      bad.words = {{Detector::kInvalid, 5s, "bad_signature", false},
                   {Detector::kBaseline, 30h, "relay", false}};
      bad.status = {{0s, ChipState::kPending}, {24h, ChipState::kUnproven}};
      runs.push_back({.point = point.settings,
                      .runs = {{.seed = 7, .horizon = 36h, .chips = {good, bad}}},
                      .index = runs.size()});
    }
  }
};

std::vector<std::string> lines_of_text(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

TEST_CASE("scenario output: JSON has settings, shares and expectations", "[scenario]") {
  const Made made;
  const auto json = nlohmann::json::parse(json_of(made.file, report_of(made.file, made.runs)));
  CHECK(json["name"] == "small");
  CHECK(json["holds"] == true);
  REQUIRE(json["points"].size() == 2);
  CHECK(json["points"][1]["settings"]["network.loss"] == 0.1);
  CHECK(json["points"][1]["detected"]["share"] == 1.0);
  CHECK(json["points"][1]["detect_median_s"] == 5.0);
  CHECK(json["points"][1]["alarm_p90_s"] == 86400.0);
  CHECK(json["points"][1]["false_flags"]["events"] == 0);
  CHECK(json["points"][1]["false_flags"]["high"].get<double>() > 800.0);  // 3.69 in a day and a half
  CHECK(json["points"][1]["detectors"]["baseline"]["kinds"]["relay"] == 1);
  CHECK(json["points"][1]["detectors"]["baseline"]["median_s"] == 108000.0);
  CHECK(json["points"][1]["detectors"]["cohort"]["detected"]["hits"] == 0);
  REQUIRE(json["expectations"].size() == 1);
  CHECK(json["expectations"][0]["holds"] == true);
  CHECK(json["expectations"][0]["trials"] == 2);
}

TEST_CASE("scenario output: CSV has a row for each point, and what is swept as columns", "[scenario]") {
  const Made made;
  const auto rows = lines_of_text(csv_of(made.file, report_of(made.file, made.runs)));
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].find("scenario,point,network.loss,runs,cheats,detected,") == 0);
  CHECK(rows[2].find("small,2,0.1,1,1,1,1,") == 0);
  CHECK(rows[0].find(",baseline_detected,baseline_median_s,baseline_false,cohort_detected,") !=
        std::string::npos);
  CHECK(rows[2].find(",1,108000.0,0,0,,0,") != std::string::npos);
  CHECK(std::count(rows[0].begin(), rows[0].end(), ',') == std::count(rows[2].begin(), rows[2].end(), ','));
}

TEST_CASE("scenario output: a row for each chip and day, the last one cut at the horizon", "[scenario]") {
  const Made made;
  const auto rows = lines_of_text(chip_days_csv(made.file, made.runs));
  REQUIRE(rows.size() == 1 + 2 * 2 * 2);
  CHECK(
      rows[0] ==
      "scenario,point,seed,chip,order,day,hours,cheat,cheated_in_round,rounds,pings,verified,cleared,unresolved,outside,"
      "prohibited,invalid,silent,none,flagged,wrong,status,alarm,by_region,by_invalid,by_silence,by_posterior,"
      "by_baseline,by_cohort,by_fleet,by_status");
  CHECK(rows[1] == "small,1,7,H-1,,0,24,0,0,1,36,1,0,0,0,0,0,0,0,0,0,compliant,0,0,0,0,0,0,0,0,0");
  CHECK(rows[2] == "small,1,7,H-1,,1,12,0,0,1,36,1,0,0,0,0,0,0,0,0,0,compliant,0,0,0,0,0,0,0,0,0");
  CHECK(rows[3] == "small,1,7,F-1,,0,24,1,1,1,36,0,0,0,0,0,1,0,0,1,0,pending,0,0,1,0,0,0,0,0,0");
  CHECK(rows[4] == "small,1,7,F-1,,1,12,1,1,1,36,0,0,0,0,0,1,0,0,1,0,unproven,1,0,0,0,0,1,0,0,0");
}

TEST_CASE("scenario output: for people, with what fails and its figures", "[scenario]") {
  Made made;
  CHECK(table_of(made.file, report_of(made.file, made.runs)).find("holds  F-1: at least 100 % flagged") !=
        std::string::npos);
  made.runs[1].runs[0].chips[1].detected.reset();
  const std::string table = table_of(made.file, report_of(made.file, made.runs));
  CHECK(
      table.find(
          "FAILS  F-1: at least 100 % flagged\n       1 of 2 trials, 50.0 % (9.5 to 90.5); first F-1, seed 7") !=
      std::string::npos);
  CHECK(table.find("network.loss = 0.1\n  detected      0.0 % (0.0 to 79.3) of 1, median never") !=
        std::string::npos);
  CHECK(explained(made.file).find("Knob network.loss: share that vanishes; 0, 0.1") != std::string::npos);
  CHECK(explained(made.file).find("  The signature does not hold.") != std::string::npos);
}

TEST_CASE("scenario output: those who spoke, each in a line of its own", "[scenario]") {
  const Made made;
  const std::string table = table_of(made.file, report_of(made.file, made.runs));
  CHECK(table.find("\n  by invalid    100.0 % (20.7 to 100.0), median 5 s, 90 % 5 s, bad_signature 1\n") !=
        std::string::npos);
  CHECK(table.find("\n  by baseline   100.0 % (20.7 to 100.0), median 30 h, 90 % 30 h, relay 1\n") !=
        std::string::npos);
  CHECK(table.find("by cohort") == std::string::npos);
}

TEST_CASE("scenario output: Markdown has all points of a scenario in one row, as wide as its head",
          "[scenario]") {
  Made made;
  const std::string row = markdown_row(made.file, made.runs);
  CHECK(
      row ==
      "| `small` | 2 | 100.0 % (34.2 to 100.0) of 2 | 5 s | baseline 100 % | 100.0 % (34.2 to 100.0) | 0 (0 to 449.1) | 0 | "
      "8 | 288 | yes |\n");
  const auto head = lines_of_text(markdown_head());
  REQUIRE(head.size() == 2);
  CHECK(std::count(head[0].begin(), head[0].end(), '|') == std::count(row.begin(), row.end(), '|'));
  CHECK(std::count(head[1].begin(), head[1].end(), '|') == std::count(row.begin(), row.end(), '|'));
  made.runs[0].runs[0].chips[1].detected.reset();
  CHECK(markdown_row(made.file, made.runs).find("| no |") != std::string::npos);
}

const std::string kEscape = "\x1b]0;owned\x07";

TEST_CASE("scenario output: no text of a file acts on a terminal, or begins a line", "[scenario]") {
  Made made;
  const std::string nasty = "x" + kEscape + "\nholds  everything";
  made.file.name = made.file.about = made.file.attack = nasty;
  made.file.story = "one line" + kEscape + "\nand another";
  made.file.sweep.axes.front().about = nasty;
  made.file.sweep.axes.front().values = {"\"" + nasty + "\""};
  made.file.expectations.front().why = made.file.expectations.front().chips = nasty;
  for (PointRuns& point : made.runs) {
    point.point = {{"network.loss", "\"" + nasty + "\""}};
    for (ChipOutcome& chip : point.runs.front().chips) chip.serial = chip.order = nasty;
    point.runs.front().chips[1].detected.reset();
    point.runs.front().chips[1].words.push_back({Detector::kInvalid, 1s, nasty, false});
  }
  const ScenarioReport report = report_of(made.file, made.runs);
  REQUIRE_FALSE(report.holds());
  for (const std::string& text :
       {table_of(made.file, report), explained(made.file), markdown_row(made.file, made.runs)}) {
    CAPTURE(text);
    CHECK(text.find('\x1b') == std::string::npos);
    CHECK(text.find('\x07') == std::string::npos);
    CHECK(text.find("\nholds  everything") == std::string::npos);
  }
  CHECK(explained(made.file).find("one line?]0;owned?\nand another\n") != std::string::npos);
}

TEST_CASE("scenario output: a name in a Markdown row is a name and nothing else", "[scenario]") {
  Made made;
  made.file.name = "a|b<img src=x>`*_";
  const std::string row = markdown_row(made.file, made.runs);
  CHECK(row.starts_with("| a&#124;b&#60;img src&#61;x&#62;&#96;&#42;&#95; | 2 |"));
  const auto head = lines_of_text(markdown_head());
  CHECK(std::count(head[0].begin(), head[0].end(), '|') == std::count(row.begin(), row.end(), '|'));
  made.file.name = "order-2_b.v3";
  CHECK(markdown_row(made.file, made.runs).starts_with("| `order-2_b.v3` |"));
}

TEST_CASE("power curve: a line for each combination of the other settings", "[scenario]") {
  const Made made;
  const ScenarioReport report = report_of(made.file, made.runs);
  const auto lines = power_lines(made.file, report, "network.loss");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].label.empty());
  REQUIRE(lines[0].points.size() == 2);
  CHECK(lines[0].points[1].x == 0.1);
  CHECK(lines[0].points[1].detected.hits == 1);
  const std::string svg = power_svg(made.file, report, "network.loss");
  CHECK(svg.find("chips that cheat: flagged") != std::string::npos);
  CHECK(svg.find("network.loss: share that vanishes") != std::string::npos);
  CHECK(svg == power_svg(made.file, report, "network.loss"));
}

TEST_CASE("power curve: numbers below it do not lie on each other, and both ends stand there", "[scenario]") {
  Made made;
  made.file.sweep.axes.front().values = {"5", "20", "1000", "2500", "7500", "9000", "10000"};
  ScenarioReport report;
  for (const std::string& value : made.file.sweep.axes.front().values) {
    PointFigures figures;
    figures.point = {{"network.loss", value}};
    figures.detected = {.hits = 1, .trials = 2};
    report.points.push_back(figures);
  }
  const std::string svg = power_svg(made.file, report, "network.loss");
  for (const char* shown : {">5<", ">20<", ">1000<", ">2500<", ">10000<"})
    CHECK(svg.find(shown) != std::string::npos);
  for (const char* left_out : {">7500<", ">9000<"}) CHECK(svg.find(left_out) == std::string::npos);
}

TEST_CASE("power curve: values that are texts stand in their order; other keys make lines", "[scenario]") {
  const std::string two = R"([[sweep]]
key = "round.1.every"
about = "how often"
values = ["6h", "3h"]
)" + kSwept;
  const ScenarioFile file = scenario_of(kHead + kExpect + two + kLab);
  ScenarioReport report;
  for (const ScenarioPoint& point : file.points) {
    PointFigures figures;
    figures.point = point.settings;
    figures.proved = {.hits = 1, .trials = 2};
    report.points.push_back(figures);
  }
  const auto lines = power_lines(file, report, "round.1.every");
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].label == "network.loss = 0");
  CHECK(lines[0].points[0].x == 1.0);
  CHECK(lines[0].points[1].value == "\"3h\"");
  CHECK(lines[0].points[1].x == 2.0);
  CHECK(lines[0].points[1].detected.trials == 2);  // nobody cheats: who is proved
  CHECK(power_svg(file, report, "round.1.every").find("honest chips: proved") != std::string::npos);
}

}  // namespace
}  // namespace chiploc
