// The library: the short form of every scenario, whether what it expects holds, and whether that asks for each detector.
#include <fstream>
#include <map>
#include <regex>
#include <set>

#include "server/scenario/scenario_library.hpp"
#include "server/scenario/scenario_run.hpp"
#include "server/scenario/scenario_tally.hpp"
#include "tests/server/scenario/scenario_text.hpp"
#include "tests/support/paths.hpp"

namespace chiploc {
namespace {

TEST_CASE("library: every scenario is named after its file, is about a known attack, and none is missing",
          "[scenario][library]") {
  const auto files = scenarios_in(source_dir() / "deploy/scenarios");
  CHECK(files.size() >= 24);
  std::set<std::string> attacks;
  for (const auto& path : files) {
    CAPTURE(path.filename().string());
    const auto head = load_scenario_head(path);
    REQUIRE(head.has_value());
    CHECK(head->name == path.stem().string());
    attacks.insert(head->attack);
  }
  for (const auto& [attack, about] : scenario_attacks()) {
    CAPTURE(std::string{attack});
    CHECK(attacks.count(std::string{attack}) == 1);
  }
}

TEST_CASE("library: what each scenario expects holds in its short form", "[scenario][library]") {
  // One of them alone: -c NAME.
  for (const auto& path : scenarios_in(source_dir() / "deploy/scenarios")) {
    DYNAMIC_SECTION(path.stem().string()) {
      const auto file = load_scenario(path, real_world());
      if (!file) FAIL(file.error().front());
      const auto runs =
          run_scenario(*file, Borders::world(), {.seeds = file->short_seeds, .brief = true, .threads = 2});
      if (!runs) FAIL(runs.error());
      const ScenarioReport report = report_of(*file, *runs);
      for (std::size_t i = 0; i < report.judgements.size(); ++i) {
        const std::string what = text_of(file->expectations[i]) + ": " + report.judgements[i].figures;
        INFO(what);
        CHECK(report.judgements[i].holds);
      }
    }
  }
}

/// For each detector a scenario that cannot do without it; the table of server/scenario/README.md.
const std::map<Detector, std::string> kNeeds{
    {Detector::kRegion, "lying-residence"}, {Detector::kInvalid, "forged-statements"},
    {Detector::kSilence, "dark-for-good"},  {Detector::kPosterior, "stall-beyond-proof"},
    {Detector::kBaseline, "bgp-detour"},    {Detector::kCohort, "cohort-hop"},
    {Detector::kFleet, "order-thinned"},    {Detector::kStatus, "denial-all"},
};

TEST_CASE("library: with a detector switched off, the scenario that is there for it fails",
          "[scenario][library]") {
  for (const auto& [detector, name] : kNeeds) {
    DYNAMIC_SECTION("without " + std::string{name_of(detector)} + ": " + name) {
      const auto file = load_scenario(source_dir() / "deploy/scenarios" / (name + ".toml"), real_world());
      if (!file) FAIL(file.error().front());
      ScenarioRunOptions options{.seeds = file->short_seeds, .brief = true, .threads = 2};
      options.off.add(detector);
      const auto runs = run_scenario(*file, Borders::world(), options);
      if (!runs) FAIL(runs.error());
      CHECK_FALSE(report_of(*file, *runs).holds());
      for (const PointRuns& point : *runs) {
        const EveryDetectorFigures figures = detector_figures(point.runs);
        const DetectorFigures& one = figures[static_cast<std::size_t>(detector)];
        CHECK(one.detected.hits == 0);
        CHECK(one.false_words.events == 0);
      }
    }
  }
}

TEST_CASE("library: README.md names for each detector the scenario that fails without it",
          "[scenario][library]") {
  std::ifstream in{source_dir() / "server/scenario/README.md"};
  const std::regex row{R"(^\| `([a-z]+)` \| `([a-z-]+)` \|$)"};
  std::map<Detector, std::string> told;
  for (std::string line; std::getline(in, line);) {
    std::smatch found;
    if (!std::regex_match(line, found, row)) continue;
    const auto detector = detector_of(found[1].str());
    if (detector) told[*detector] = found[2];
  }
  CHECK(told == kNeeds);
  CHECK(kNeeds.size() == kDetectors);
}

}  // namespace
}  // namespace chiploc
