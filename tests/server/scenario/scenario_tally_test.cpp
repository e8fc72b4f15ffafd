// Figures of a point, from runs made by hand.
#include "server/scenario/scenario_tally.hpp"

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

TEST_CASE("scenario tally: trials, times, exposure and what was spent", "[scenario]") {
  ChipOutcome good;
  good.serial = "H-1";
  good.honest_time = 24h * 365;
  good.false_flags = 2;
  good.status = {{0s, ChipState::kPending}, {1h, ChipState::kDrifted}};
  good.alarmed = 1h;
  ChipTurn turn;
  turn.state = "VERIFIED";
  turn.pings = 36;
  good.turns = {turn, turn};
  ChipOutcome bad;
  bad.serial = "X-1";
  bad.cheats_from = 6h;
  bad.honest_time = 6h;
  bad.wrong = 1;
  ChipOutcome seen = bad;
  seen.detected = 12h;
  seen.alarmed = 18h;
  const PointRuns runs{{{"a.b", "1"}},
                       {{.seed = 1, .horizon = 48h, .chips = {good, bad}},
                        {.seed = 2, .horizon = 48h, .chips = {good, seen}}}};
  const PointFigures out = figures_of(runs);
  CHECK(out.runs == 2);
  CHECK(out.detected.hits == 1);
  CHECK(out.detected.trials == 2);
  CHECK(out.noticed.hits == 1);
  CHECK(out.noticed.trials == 2);
  CHECK(out.detect_times == std::vector<Nanoseconds>{6h});
  CHECK(out.alarm_times == std::vector<Nanoseconds>{12h});
  CHECK(out.false_flags.events == 4);
  CHECK(out.false_flags.exposure == Approx((2.0 * 24 * 365 + 12.0) / (24 * 365.25)));
  CHECK(out.false_alarms.events == 2);
  CHECK(out.proved.hits == 2);
  CHECK(out.proved.trials == 2);
  CHECK(out.rounds == 4);
  CHECK(out.pings == 144);
  CHECK(out.wrong == 2);
}

TEST_CASE("scenario tally: it holds if every expectation does", "[scenario]") {
  ScenarioReport report;
  report.judgements = {{.holds = true, .trials = 1, .figures = {}},
                       {.holds = false, .trials = 1, .figures = {}}};
  CHECK_FALSE(report.holds());
  report.judgements.pop_back();
  CHECK(report.holds());
}

}  // namespace
}  // namespace chiploc
