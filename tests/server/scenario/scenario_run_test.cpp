// Whole runs of the small scenario in simulated time.
#include "server/scenario/scenario_run.hpp"

#include "server/scenario/scenario_output.hpp"
#include "tests/server/scenario/scenario_text.hpp"

namespace chiploc {
namespace {

const std::string kSweepOfTwo = R"([[sweep]]
key = "network.loss"
about = "share that vanishes"
values = [0.0, 0.05]
[network]
loss = 0.005
)";

std::string all_of(const ScenarioFile& file, unsigned threads) {
  const auto runs = run_scenario(file, Borders::world(), {.seeds = {1, 2}, .threads = threads});
  if (!runs) FAIL(runs.error());
  const ScenarioReport report = report_of(file, *runs);
  return table_of(file, report) + json_of(file, report) + csv_of(file, report) + chip_days_csv(file, *runs);
}

TEST_CASE("scenario run: the same bytes whatever the number of threads", "[scenario]") {
  const ScenarioFile file = scenario_of(kHead + kExpect + kSweepOfTwo + kLab);
  std::size_t told = 0;
  const auto runs =
      run_scenario(file, Borders::world(),
                   {.seeds = {1, 2}, .threads = 2, .progress = [&](std::size_t done, std::size_t all) {
                      CHECK(done == ++told);
                      CHECK(all == 4);
                    }});
  REQUIRE(runs.has_value());
  CHECK(told == 4);
  REQUIRE(runs->size() == 2);
  REQUIRE((*runs)[0].runs.size() == 2);
  CHECK((*runs)[0].runs[1].seed == 2);
  CHECK((*runs)[0].runs[0].chips[0].had("VERIFIED"));
  CHECK((*runs)[0].runs[0].chips[1].had("INVALID"));
  const std::string one = all_of(file, 1);
  CHECK(one == all_of(file, 2));
  CHECK(one == all_of(file, 7));
}

TEST_CASE("scenario run: points that the short form leaves out are not taken for those that it has",
          "[scenario]") {
  std::string text = kHead + kExpect + kSweepOfTwo + kLab;
  text.replace(text.find("values = [0.0, 0.05]"), 20, "values = [0.0, 0.05]\nshort_values = [0.05]");
  const ScenarioFile file = scenario_of(text);
  REQUIRE(file.points.size() == 2);
  const auto runs = run_scenario(file, Borders::world(), {.seeds = {1, 1}, .brief = true});
  REQUIRE(runs.has_value());
  REQUIRE(runs->size() == 1);
  CHECK((*runs)[0].index == 1);
  CHECK((*runs)[0].point == file.points[1].settings);
}

TEST_CASE("scenario run: it can be stopped", "[scenario]") {
  const ScenarioFile file = scenario_of(kHead + kExpect + kLab);
  std::atomic<bool> stop{false};
  const auto runs = run_scenario(file, Borders::world(),
                                 {.seeds = {1, 50},
                                  .threads = 2,
                                  .progress = [&](std::size_t, std::size_t) { stop = true; },
                                  .stop = &stop});
  REQUIRE_FALSE(runs.has_value());
  CHECK(runs.error() == "interrupted");
}

}  // namespace
}  // namespace chiploc
