// Detectors by name, what they have said of a chip, and how it is counted.
#include "server/scenario/detector.hpp"

#include "server/scenario/detector_figures.hpp"
#include "server/scenario/intervals.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

TEST_CASE("detectors: names go both ways, and nothing else is one", "[scenario]") {
  for (const Detector detector : kEveryDetector) CHECK(detector_of(name_of(detector)) == detector);
  CHECK_FALSE(detector_of("").has_value());
  CHECK_FALSE(detector_of("Region").has_value());
  CHECK(names_of_detectors() == "region, invalid, silence, posterior, baseline, cohort, fleet, status");
  CHECK(kinds_of(Detector::kInvalid).empty());
  CHECK(kinds_of(Detector::kSilence).size() == 1);
}

TEST_CASE("detectors: each is switched off by itself", "[scenario]") {
  DetectorsOff off;
  off.add(Detector::kCohort);
  for (const Detector detector : kEveryDetector) CHECK(off.has(detector) == (detector == Detector::kCohort));
}

/// One that cheats from 10 h on, and one that never does.
std::vector<RunOutcome> one_run() {
  ChipOutcome cheat;
  cheat.cheats_from = 10h;
  cheat.honest_time = 10h;
  cheat.words = {{Detector::kBaseline, 5h, "reroute", true},
                 {Detector::kBaseline, 12h, "relay", false},
                 {Detector::kBaseline, 13h, "move", false},
                 {Detector::kRegion, 14h, "OUTSIDE", false}};
  ChipOutcome honest;
  honest.honest_time = 24h;
  cheat.watched.fill(10h);
  honest.watched.fill(24h);
  // The first 8 h teach it.
  cheat.watched[static_cast<std::size_t>(Detector::kBaseline)] = 2h;
  honest.watched[static_cast<std::size_t>(Detector::kBaseline)] = 16h;
  honest.words = {{Detector::kBaseline, 3h, "reroute", true}};
  return {{.seed = 1, .horizon = 24h, .chips = {cheat, honest}}};
}

TEST_CASE("detectors: of a cheat counts what is said while it cheats, of an honest chip all", "[scenario]") {
  const auto runs = one_run();
  const ChipOutcome &cheat = runs[0].chips[0], &honest = runs[0].chips[1];
  REQUIRE(cheat.first_word(Detector::kBaseline).has_value());
  CHECK(cheat.first_word(Detector::kBaseline)->kind == "relay");
  CHECK(cheat.first_word(Detector::kBaseline, "move")->at == Nanoseconds{13h});
  CHECK_FALSE(cheat.first_word(Detector::kBaseline, "reroute").has_value());
  CHECK_FALSE(cheat.first_word(Detector::kCohort).has_value());
  CHECK(cheat.false_words(Detector::kBaseline) == 1);
  CHECK(honest.first_word(Detector::kBaseline)->at == Nanoseconds{3h});
}

TEST_CASE("detectors: shares, times, kinds and what is said of those who behave", "[scenario]") {
  const auto figures = detector_figures(one_run());
  const DetectorFigures& baseline = figures[static_cast<std::size_t>(Detector::kBaseline)];
  CHECK(baseline.detected.hits == 1);
  CHECK(baseline.detected.trials == 1);
  CHECK(baseline.times == std::vector<Nanoseconds>{2h});
  CHECK(baseline.kinds == std::map<std::string, std::size_t>{{"relay", 1}});
  CHECK(baseline.false_words.events == 2);
  CHECK(baseline.false_words.exposure == Approx(18.0 * 3600.0 / kSecondsAYear).epsilon(1e-12));
  CHECK(figures[static_cast<std::size_t>(Detector::kRegion)].false_words.exposure ==
        Approx(34.0 * 3600.0 / kSecondsAYear).epsilon(1e-12));
  const auto lines = detector_lines(figures);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].substr(0, 14) == "by region     ");
  CHECK(lines[1].find("median 2 h, 90 % 2 h, relay 1; of those who behave 2 in ") != std::string::npos);
  const Json json = detectors_json(figures);
  CHECK(json.size() == kDetectors);
  CHECK(json["baseline"]["median_s"] == 7200.0);
  CHECK(json["baseline"]["kinds"]["relay"] == 1);
  CHECK(json["cohort"]["detected"]["hits"] == 0);
}

}  // namespace
}  // namespace chiploc
