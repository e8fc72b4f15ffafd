// Rounds of a cheat against rounds of honest chips, threshold by threshold.
#include "server/scenario/roc_curve.hpp"

#include <rapidcheck.h>

#include <sstream>

#include "tests/server/scenario/scenario_text.hpp"

namespace chiploc {
namespace {

std::vector<PointRuns> scored(const std::vector<double>& honest, const std::vector<double>& cheating) {
  ChipOutcome chip;
  ChipTurn turn;
  chip.turns.push_back(turn);  // without a score: no round of the curve
  turn.honest = true;
  for (const double score : honest) {
    turn.change_score = score;
    chip.turns.push_back(turn);
  }
  turn.honest = false;
  for (const double score : cheating) {
    turn.change_score = score;
    chip.turns.push_back(turn);
  }
  RunOutcome run;
  run.chips = {chip};
  return {{{}, {run}}};
}

TEST_CASE("roc: each threshold has the shares of both kinds of rounds", "[scenario]") {
  const auto lines = roc_lines(scored({1.0, 2.0, 3.0, 4.0}, {2.5, 3.5, 5.0}), Detector::kBaseline);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].honest == 4);
  CHECK(lines[0].cheating == 3);
  const auto& curve = lines[0].curve;
  REQUIRE(curve.size() == 5);
  CHECK(curve[0].false_alarm == 0.0);  // just above the highest honest score
  CHECK(curve[0].found == Approx(1.0 / 3.0));
  CHECK(curve[2].threshold == 3.0);
  CHECK(curve[2].false_alarm == 0.5);
  CHECK(curve[2].found == Approx(2.0 / 3.0));
  CHECK(curve[4].false_alarm == 1.0);
  CHECK(curve[4].found == 1.0);
}

TEST_CASE("roc: equal scores are called alike", "[scenario]") {
  const auto lines = roc_lines(scored({1.0, 1.0, 1.0}, {1.0}), Detector::kBaseline);
  REQUIRE(lines[0].curve.size() == 2);
  CHECK(lines[0].curve[0].found == 0.0);
  CHECK(lines[0].curve[1].false_alarm == 1.0);
  CHECK(lines[0].curve[1].found == 1.0);
}

TEST_CASE("roc: without scores of both kinds there is no line", "[scenario]") {
  CHECK(roc_lines(scored({1.0}, {}), Detector::kBaseline).empty());
  CHECK(roc_lines(scored({}, {1.0}), Detector::kBaseline).empty());
  CHECK(roc_lines(scored({1.0}, {2.0}), Detector::kCohort).empty());
  CHECK(has_scores(Detector::kCohort));
  CHECK_FALSE(has_scores(Detector::kRegion));
}

TEST_CASE("roc: never falls, begins without a false alarm and ends with all", "[scenario][property]") {
  CHECK(rc::check("a curve", [] {
    const auto some = rc::gen::nonEmpty(rc::gen::container<std::vector<double>>(
        rc::gen::map(rc::gen::inRange(0, 60), [](int n) { return n / 4.0; })));
    const auto honest = *some;
    const auto cheating = *some;
    const auto lines = roc_lines(scored(honest, cheating), Detector::kBaseline);
    RC_ASSERT(lines.size() == 1U);
    const auto& curve = lines[0].curve;
    RC_ASSERT(curve.front().false_alarm == 0.0);
    RC_ASSERT(curve.back().false_alarm == 1.0);
    for (std::size_t i = 1; i < curve.size(); ++i) {
      RC_ASSERT(curve[i].threshold < curve[i - 1].threshold);
      RC_ASSERT(curve[i].false_alarm >= curve[i - 1].false_alarm);
      RC_ASSERT(curve[i].found >= curve[i - 1].found);
    }
  }));
}

TEST_CASE("roc: as CSV and as a picture, the same bytes for the same figures", "[scenario]") {
  const ScenarioFile file = scenario_of(kHead + kExpect + kLab);
  const auto lines = roc_lines(scored({1.0, 2.0}, {1.5}), Detector::kBaseline);
  CHECK(roc_csv(file, Detector::kBaseline, lines) ==
        "scenario,detector,honest_rounds,cheating_rounds,threshold,false_alarm,found\n"
        "small,baseline,2,1,2.0000000000000004,0,0\nsmall,baseline,2,1,2,0.5,0\nsmall,baseline,2,1,1,1,1\n");
  const std::string svg = roc_svg(file, Detector::kBaseline, lines);
  CHECK(svg.find("found by baseline") != std::string::npos);
  CHECK(svg.find("as the file says: 2 honest rounds, 1 of a cheat") != std::string::npos);
  CHECK(svg == roc_svg(file, Detector::kBaseline, lines));
}

TEST_CASE("roc: a threshold that is read back from the CSV calls the same rounds", "[scenario]") {
  const ScenarioFile file = scenario_of(kHead + kExpect + kLab);
  const std::vector<double> honest{1.0 / 3.0, 2.0 / 3.0 + 1e-12, 2.0 / 3.0};
  const auto lines = roc_lines(scored(honest, {0.5}), Detector::kBaseline);
  std::istringstream rows{roc_csv(file, Detector::kBaseline, lines)};
  std::string row;
  std::getline(rows, row);
  for (const RocPoint& at : lines.at(0).curve) {
    REQUIRE(std::getline(rows, row));
    CAPTURE(row);
    std::string field;
    std::istringstream fields{row};
    for (int i = 0; i < 5; ++i) std::getline(fields, field, ',');
    CHECK(std::stod(field) == at.threshold);
  }
}

}  // namespace
}  // namespace chiploc
