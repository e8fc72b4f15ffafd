// Which anchors a chip reaches, and what follows for its verdict: the same rule in the forecast and in what is expected.
#include "server/lab/lab_reach.hpp"

#include "server/lab/forecast.hpp"
#include "server/lab/lab_plan.hpp"
#include "server/lab/lab_simulation.hpp"
#include "server/lab/lab_timeline.hpp"
#include "tests/server/lab/lab_support.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test::lab_reach_test {
namespace {

using namespace std::chrono_literals;
using States = std::vector<std::string>;

/// The small lab's honest chip alone; from 10 h to 20 h nothing passes between it and these. Its rendezvous are syd1, wol1
/// and ntl1.
LabFile cut_from(const std::vector<std::string>& anchors) {
  std::string more = "[network]\nmodel = \"parametric\"\n[paths]\nchanges_per_day = 0\n";
  for (const std::string& anchor : anchors)
    more += "[[paths_outage]]\na = \"SMALL-1\"\nb = \"" + anchor + "\"\nfrom_h = 10\nto_h = 20\n";
  LabFile file = lab_from_tree("small.toml", more);
  file.chips.erase(file.chips.begin() + 1, file.chips.end());
  for (std::size_t anchor = 0; anchor < file.anchors.size(); ++anchor)
    file.anchors[anchor].rendezvous = anchor < 3;
  file.knock_interval_ms = 60'000;
  file.schedule = {{.at = 12h, .chips = {0}}};
  return file;
}

States expected_at(const LabFile& file, Nanoseconds began, Nanoseconds ended) {
  return expectation_of(file, {}, 0, {.began = began, .ended = ended}).states;
}
bool cut_off(const LabFile& file, Nanoseconds at) {
  return is_cut_off(file, 0, rendezvous_of(file, file.chips[0], false), at);
}

const States kOpen{"VERIFIED", "CLEARED", "UNRESOLVED"};
const States kOrSilent{"VERIFIED", "CLEARED", "UNRESOLVED", "SILENT"};

TEST_CASE("lab reach: one anchor that is cut off is no excuse for silence, all of them are", "[sim][lab]") {
  const LabFile one = cut_from({"syd1"});
  CHECK_FALSE(cut_off(one, 12h));
  CHECK(expected_at(one, 12h, 12h + 9s) == kOpen);
  const LabFile all = cut_from({"syd1", "wol1", "ntl1", "gru1", "fra1"});
  CHECK(expected_at(all, 9h, 9h + 9s) == kOpen);
  CHECK(expected_at(all, 10h - 3s, 10h + 3s) == kOrSilent);
  CHECK(expected_at(all, 12h, 12h + 9s) == kOrSilent);
  CHECK(expected_at(all, 20h - 3s, 20h + 3s) == kOrSilent);
  CHECK(expected_at(all, 20h, 20h + 9s) == kOpen);
}

TEST_CASE("lab reach: who knocks hears by its rendezvous alone; who is asked is reached by any",
          "[sim][lab]") {
  LabFile file = cut_from({"syd1", "wol1", "ntl1"});
  CHECK(cut_off(file, 12h));
  CHECK_FALSE(cut_off(file, 21h));
  file.chips[0].inbound = true;
  CHECK_FALSE(cut_off(file, 12h));
  file.anchors[3].down = true;
  CHECK_FALSE(cut_off(file, 12h));
  file.anchors[4].down = true;
  CHECK(cut_off(file, 12h));
  // Where it knocks does not change when it moves: its program has been told.
  file = cut_from({"gru1", "fra1"});
  const auto told = rendezvous_of(file, file.chips[0], false);
  CHECK(told == std::vector<std::size_t>{0, 1, 2});
  for (LabAnchor& anchor : file.anchors) anchor.rendezvous = true;
  file.chips[0].at = file.anchors[4].place;
  CHECK(rendezvous_of(file, file.chips[0], false) != told);
  CHECK_FALSE(is_cut_off(file, 0, told, 12h));
}

TEST_CASE("lab reach: a stated round trip stands for the path, and the lab's own network cuts nobody off",
          "[sim][lab]") {
  LabFile file = cut_from({"syd1", "wol1", "ntl1", "gru1", "fra1"});
  const NetworkSite chip = site_of(file.chips[0], false), anchor = site_of(file.anchors[1]);
  CHECK_FALSE(least_round_trip(file, chip, anchor, 12h).has_value());
  CHECK(least_round_trip(file, chip, anchor, 21h).has_value());
  file.pairs = {{.a = "wol1", .b = "SMALL-1", .round_trip = 7ms, .extra = {.added_round_trip = 2ms}}};
  CHECK(least_round_trip(file, chip, anchor, 12h) == Nanoseconds{9ms});
  CHECK_FALSE(cut_off(file, 12h));
  file.pairs.clear();
  file.paths.reset();
  CHECK_FALSE(cut_off(file, 12h));
}

TEST_CASE("lab reach: forecast, simulation and what is expected agree on who is silent", "[sim][lab]") {
  struct Row {
    std::vector<std::string> anchors;
    bool inbound;
    bool silent;
  };
  const Row row = GENERATE(Row{{"syd1"}, false, false}, Row{{"syd1", "wol1", "ntl1"}, false, true},
                           Row{{"syd1", "wol1", "ntl1"}, true, false},
                           Row{{"syd1", "wol1", "ntl1", "gru1", "fra1"}, true, true});
  CAPTURE(row.anchors, row.inbound);
  LabFile file = cut_from(row.anchors);
  file.chips[0].inbound = row.inbound;
  const LabPlan plan = plan_lab(file, 0, "/simulated");
  const auto simulated = simulate_lab(plan, Borders::world());
  REQUIRE(simulated);
  const LabForecast forecast = forecast_rounds(file, Borders::world(), Nanoseconds{0});
  const LabTurn& turn = simulated->rows[0].turns.at(0);
  CHECK((turn.state == "SILENT") == row.silent);
  CHECK((forecast[0].at(0) == "SILENT") == row.silent);
  CHECK(turn.ok);
  CHECK(report_of(plan, forecast).rows[0].turns.at(0).ok);
  const States expected = expected_at(file, 12h, 12h + 9s);
  CHECK(expected == (row.silent ? kOrSilent : kOpen));
}

}  // namespace
}  // namespace chiploc::test::lab_reach_test
