// The library: the short form of every scenario, and whether what it expects holds.
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
      const auto runs = run_scenario(*file, Borders::world(), {.seeds = file->short_seeds, .threads = 2});
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

}  // namespace
}  // namespace chiploc
