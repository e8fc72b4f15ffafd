// The lab in simulated time: the production engine, anchors, agents and verdict.
#include "server/lab/lab_simulation.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "server/lab/forecast.hpp"
#include "server/lab/lab_matrix.hpp"
#include "server/lab/lab_tally.hpp"
#include "tests/server/lab/lab_support.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;

LabReport simulated(const LabFile& file) {
  const auto report = simulate_lab(plan_lab(file, 0, "/simulated"), Borders::world());
  if (!report) FAIL(report.error());
  for (const LabRow& row : report->rows) {
    for (const LabTurn& turn : row.turns) {
      CAPTURE(row.serial, turn.round, turn.behaviour, turn.state, turn.reason);
      CHECK(turn.ok);
    }
  }
  return *report;
}

TEST_CASE("simulated lab: the small lab's verdicts are those of the real one", "[sim][lab]") {
  LabFile file = lab_from_tree("small.toml");
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    file.network.seed = seed;
    const LabReport report = simulated(file);
    REQUIRE(report.rows.size() == 4);
    CHECK(report.rows[0].state == "VERIFIED");
    CHECK(report.rows[0].anchors == 5);
    CHECK(report.rows[0].turns.size() == 2);
    CHECK(report.rows[1].state == "OUTSIDE");
    CHECK(report.rows[2].state == "INVALID");
    CHECK(report.rows[3].state == "SILENT");
  }
}

TEST_CASE("simulated lab: one anchor whose clocks drift, are slewed or set changes no verdict",
          "[sim][lab]") {
  LabFile file = lab_from_tree("small.toml");
  file.chips.erase(file.chips.begin() + 1, file.chips.end());
  file.chips[0].inbound = true;
  file.rounds = 1;
  for (const LabClocks& clocks : {LabClocks{.slew_ppm = 83'333.0}, LabClocks{.slew_ppm = -83'333.0},
                                  LabClocks{.drift_ppm = -100'000.0}, LabClocks{.off = -30s}}) {
    file.anchors[0].clocks = clocks;
    const LabReport report = simulated(file);
    CHECK(report.rows[0].state == "VERIFIED");
    CHECK(report.rows[0].anchors == 5);
  }
  // One that is set while it measures: what was in flight is discarded, and the rest counts.
  file.anchors[0].clocks = {};
  for (int i = 0; i < 40; ++i) {
    LabAnchor after = file.anchors[0];
    after.clocks.off = 1ms * (i + 1);
    file.events.push_back({.at = 100ms * i, .index = 0, .after = after});
  }
  file.schedule = {{.at = 0s, .chips = {0}}, {.at = 10s, .chips = {0}}};
  const LabReport set = simulated(file);
  CHECK(set.rows[0].turns[0].state == "VERIFIED");
  CHECK(set.rows[0].turns[1].state == "VERIFIED");
}

TEST_CASE("simulated lab: over a parametric network it is the same in two runs, and as forecast",
          "[sim][lab]") {
  LabFile file =
      lab_from_tree("small.toml", "[network]\nmodel = \"parametric\"\n[paths]\nchanges_per_day = 0\n");
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    file.network.seed = seed;
    const LabReport report = simulated(file);
    CHECK(json_of(report) == json_of(simulated(file)));
    REQUIRE(report.rows.size() == 4);
    // The neighbours' detours are as long as measured ones: not every network proves it.
    CHECK((report.rows[0].state == "VERIFIED" || report.rows[0].state == "CLEARED"));
    CHECK(report.rows[0].anchors == 5);
    CHECK(report.rows[1].state == "OUTSIDE");
    CHECK(report.rows[2].state == "INVALID");
    CHECK(report.rows[3].state == "SILENT");
    const LabForecast forecast = forecast_rounds(file, Borders::world(), Nanoseconds{0});
    for (std::size_t chip = 0; chip < 4; ++chip) CHECK(forecast[chip].back() == report.rows[chip].state);
  }
}

TEST_CASE("simulated lab: outages and fast paths of a parametric network come and go with lab time",
          "[sim][lab]") {
  LabFile file = lab_from_tree("small.toml",
                               "[network]\nmodel = \"parametric\"\n[paths]\nchanges_per_day = 0\n"
                               "[[paths_outage]]\na = \"SMALL-1\"\nfrom_h = 10\nto_h = 20\n"
                               "[[paths_outage]]\na = \"SMALL-1\"\nb = \"syd1\"\nfrom_h = 22\nto_h = 26\n"
                               "[[paths_fast]]\na = \"SMALL-1\"\nkind = \"hollow-core\"\nfrom_h = 30\n");
  file.chips.erase(file.chips.begin() + 1, file.chips.end());
  file.knock_interval_ms = 60'000;
  file.policy.speed = "fibre";
  for (const int hour : {0, 12, 24, 36})
    file.schedule.push_back({.at = std::chrono::hours{hour}, .chips = {0}});
  const LabReport report = simulated(file);
  const std::vector<LabTurn>& turns = report.rows[0].turns;
  REQUIRE(turns.size() == 4);
  CHECK(turns[0].state == "VERIFIED");
  CHECK(turns[1].state == "SILENT");
  CHECK(turns[2].state == "VERIFIED");
  // Frankfurt is so far, and hollow core so fast, that a proof at the speed of fibre leaves the truth out; one such anchor is
  // borne, and the one in Brazil is another.
  CHECK(turns[3].state == "UNRESOLVED");
  const LabForecast forecast = forecast_rounds(file, Borders::world(), Nanoseconds{0});
  for (std::size_t turn = 0; turn < 4; ++turn) CHECK(forecast[0][turn] == turns[turn].state);
}

TEST_CASE("simulated lab: over a matrix of measurements, as its folder has them", "[sim][lab]") {
  const TempDir folder;
  folder.write("nodes.csv",
               "id,name,lat,lon,country_iso2\n1,Sydney,-33.87,151.21,AU\n2,Wollongong,-34.42,150.89,AU\n"
               "3,Newcastle,-32.93,151.78,AU\n4,Sao Paulo,-23.55,-46.63,BR\n5,Frankfurt,50.11,8.68,DE\n"
               "6,Parramatta,-33.82,151.0,AU\n");
  folder.write("rtt.csv",
               "src,dst,min_ms,avg_ms,max_ms,mdev_ms\n6,1,1.237,1.31,9.2,0.4\n6,2,2.519,2.62,12.1,0.5\n"
               "3,6,3.873,3.93,11.4,0.6\n4,6,311.263,312.4,350.3,3.1\n6,5,281.741,282.9,300.2,2.2\n");
  auto matrix = read_lab_matrix({.folder = folder.path(), .resolution_ms = 0.0});
  if (!matrix) FAIL(matrix.error().front());
  LabFile file = lab_from_tree("small.toml");
  file.chips.erase(file.chips.begin() + 1, file.chips.end());
  file.network_model = LabNetworkModel::kMatrix;
  file.network.loss = 0.0;
  file.paths = std::make_shared<const NearestPaths>(*MatrixPaths::create(*std::move(matrix)));
  const LabReport report = simulated(file);
  CHECK(report.rows[0].state == "VERIFIED");
  CHECK(report.rows[0].anchors == 5);
  CHECK(json_of(report) == json_of(simulated(file)));
  // All that is lost is lost besides: folders say nothing of it.
  file.network.loss = 1.0;
  const auto deaf = simulate_lab(plan_lab(file, 0, "/simulated"), Borders::world());
  REQUIRE(deaf.has_value());
  CHECK(deaf->rows[0].state == "SILENT");
  CHECK_FALSE(deaf->rows[0].turns[0].ok);  // a network that loses all is no excuse; an outage of it is
  CHECK(read_lab_matrix({.folder = folder.path() / "none"}).error().front().find("no such folder") !=
        std::string::npos);
}

TEST_CASE("lab matrix: faults of a folder name the lab file's keys, which mend them", "[sim][lab]") {
  // Places a degree apart on the equator, whole milliseconds between them: rounded, as it seems.
  const TempDir folder;
  std::string nodes = "id,name,lat,lon,country_iso2\n", rtt = "src,dst,min_ms\n";
  constexpr int kNodes = 12;
  for (int n = 0; n < kNodes; ++n) {
    nodes += std::to_string(n) + ",N" + std::to_string(n) + ",0.0," + std::to_string(10 + n) + ".0,CD\n";
    for (int to = 0; to < n; ++to)
      rtt += std::to_string(n) + "," + std::to_string(to) + "," + std::to_string(2 * (n - to) + 1) + "\n";
  }
  folder.write("nodes.csv", nodes);
  folder.write("rtt.csv", rtt);
  const auto fault = read_lab_matrix({.folder = folder.path()});
  REQUIRE_FALSE(fault);
  CAPTURE(fault.error().front());
  CHECK(
      fault.error().front().find("give network.resolution_ms = 1 (adds half of it to every round trip; with "
                                 "network.truncated = true, if they") != std::string::npos);
  CHECK(fault.error().front().find("--") == std::string::npos);
  const auto least = [&](const LabMeasured& what) {
    const auto matrix = read_lab_matrix(what);
    if (!matrix) FAIL(matrix.error().front());
    double out = 1e9;
    for (const MatrixPair& pair : matrix->pairs) {
      if (pair.min_ms >= 0.0) out = std::min(out, pair.min_ms);
    }
    return out;
  };
  CHECK(least({.folder = folder.path(), .resolution_ms = 1.0}) == 3.5);
  CHECK(least({.folder = folder.path(), .resolution_ms = 1.0, .truncated = true}) == 4.0);
}

TEST_CASE("simulated lab: every behaviour of the sample comes out as it may, the same in two runs",
          "[sim][lab]") {
  const LabFile file = lab_from_tree("sample.toml");
  const LabReport first = simulated(file);
  CHECK(json_of(first) == json_of(simulated(file)));
  std::map<std::string, std::string> last;
  for (const LabRow& row : first.rows) last[row.serial] = row.state;
  CHECK(first.honest_in("VERIFIED") >= 6);
  CHECK(last["LAB-0017"] == "OUTSIDE");
  CHECK(last["LAB-0021"] == "INVALID");
  CHECK(last["LAB-0022"] == "INVALID");
  CHECK(last["LAB-0023"] == "INVALID");
  CHECK(last["LAB-0020"] == "SILENT");
}

TEST_CASE("simulated lab: events come at their time, for chips, orders, anchors and paths", "[sim][lab]") {
  const LabFile file = lab_from_tree("relays.toml");
  const LabReport report = simulated(file);
  REQUIRE(report.rows.size() == 5);
  const auto behaviours = [&](std::size_t chip) {
    std::vector<std::string> out;
    for (const LabTurn& turn : report.rows[chip].turns) out.push_back(turn.behaviour);
    return out;
  };
  using Words = std::vector<std::string>;
  CHECK(behaviours(0) == Words{"honest", "honest", "honest"});
  CHECK(behaviours(1) == Words{"honest", "relayed", "stalled"});
  CHECK(behaviours(2) == Words{"honest", "honest", "honest"});
  CHECK(behaviours(3) == Words{"honest", "moved", "moved"});
  CHECK(behaviours(4) == Words{"moved", "moved", "moved"});
  CHECK(report.rows[1].turns[0].state == "VERIFIED");
  CHECK(report.rows[1].turns[1].state != "VERIFIED");
  CHECK(report.rows[3].turns[0].state != "OUTSIDE");
  CHECK(report.rows[3].turns[1].state == "OUTSIDE");
  CHECK(report.rows[4].turns[0].state == "OUTSIDE");
  CHECK(report.rows[1].turns[1].at >= 8s);
  LabTally tally;
  tally.add(1, report, {});
  CHECK(tally.orders().at("SHIP-7").noticed.hits == 1);
  CHECK(tally.wrong_total() == 0);
}

TEST_CASE("simulated lab: an anchor that is down does not count, and does again when it is up",
          "[sim][lab]") {
  LabFile file = lab_from_tree("small.toml");
  file.chips.erase(file.chips.begin() + 1, file.chips.end());
  file.schedule = {{.at = 0s, .chips = {0}}, {.at = 20s, .chips = {0}}, {.at = 40s, .chips = {0}}};
  LabAnchor down = file.anchors[4];
  down.down = true;
  file.events = {{.at = 10s, .index = 4, .after = down}, {.at = 30s, .index = 4, .after = file.anchors[4]}};
  CHECK(simulated(file).rows[0].anchors == 5);
  file.schedule.pop_back();
  file.events.pop_back();
  CHECK(simulated(file).rows[0].anchors == 4);
}

TEST_CASE("simulated lab: the clocks of an anchor go on while its program is down", "[sim][lab]") {
  LabFile file = lab_from_tree("small.toml");
  file.chips.erase(file.chips.begin() + 1, file.chips.end());
  file.chips[0].inbound = true;
  file.knock_interval_ms = 60'000;
  file.anchors[4].clocks.drift_ppm =
      100'000.0;  // in a day two hours and more: no ticket is valid by such a clock
  LabAnchor down = file.anchors[4], right = file.anchors[4];
  down.down = true;
  right.clocks.drift_ppm = 0.0;
  for (const Nanoseconds at : {Nanoseconds{0}, Nanoseconds{24h}, Nanoseconds{24h + 3min}})
    file.schedule.push_back({.at = at, .chips = {0}});
  file.events = {{.at = 24h + 1min, .index = 4, .after = down},
                 {.at = 24h + 2min, .index = 4, .after = file.anchors[4]}};
  const auto anchors = [&] {
    std::vector<std::size_t> out;
    const LabReport report = simulated(file);  // outlives the loop over a part of it
    for (const LabTurn& turn : report.rows[0].turns)
      out.push_back(static_cast<std::size_t>(
          std::count_if(turn.rtt_ms.begin(), turn.rtt_ms.end(), [](double ms) { return !std::isnan(ms); })));
    return out;
  };
  using Numbers = std::vector<std::size_t>;
  CHECK(anchors() == Numbers{5, 4, 4});
  // What is done to them meanwhile is done.
  LabAnchor set = down;
  set.clocks.drift_ppm = 0.0;
  set.clocks.off = -8'640s;  // what the day of 0.1 s a second came to
  LabAnchor up = set;
  up.down = false;
  file.events = {{.at = 24h + 1min, .index = 4, .after = down},
                 {.at = 24h + 90s, .index = 4, .after = set},
                 {.at = 24h + 2min, .index = 4, .after = up}};
  CHECK(anchors() == Numbers{5, 4, 5});
}

TEST_CASE("simulated lab: what is lost on purpose is lost", "[sim][lab]") {
  LabFile file = lab_from_tree("small.toml");
  file.chips.erase(file.chips.begin() + 1, file.chips.end());
  file.rounds = 1;
  file.pairs = {{.a = "syd1", .b = "SMALL-1", .round_trip = {}, .extra = {.loss = 1.0}}};
  CHECK(simulated(file).rows[0].anchors == 4);
  file.pairs.clear();
  file.chips[0].extra.loss = 1.0;
  CHECK(simulated(file).rows[0].state == "SILENT");
}

TEST_CASE("simulated lab: days of rounds, an anchor that is elsewhere, and what reports carry",
          "[sim][lab]") {
  LabFile file = lab_from_tree("small.toml");
  file.knock_interval_ms = 60'000;
  LabRound round;
  for (std::size_t i = 0; i < file.chips.size(); ++i) round.chips.push_back(i);
  for (const Nanoseconds at : {Nanoseconds{0}, Nanoseconds{24h}, Nanoseconds{72h}}) {
    round.at = at;
    file.schedule.push_back(round);
  }
  const LabReport report = simulated(file);
  REQUIRE(report.rows[0].turns.size() == 3);
  CHECK(report.rows[0].turns[2].at >= Nanoseconds{72h});
  CHECK(report.rows[0].turns[2].ended > report.rows[0].turns[2].at);
  CHECK(report.rows[0].turns[2].state == "VERIFIED");
  CHECK(report.rows[0].turns[2].decided >= report.began + 72h);
  CHECK(report.rows[0].turns[2].expires > report.rows[0].turns[2].decided);
  CHECK(report.rows[0].turns[2].anchors == 5);
  CHECK_FALSE(report.rows[2].turns[0].code.empty());
  // The two anchors nearest to the chip truly stand in Brazil: nothing near it is left but one.
  file.schedule.resize(1);
  for (const std::size_t anchor : {0U, 1U}) file.anchors[anchor].true_place = file.anchors[3].place;
  CHECK(simulated(file).rows[0].state != "VERIFIED");
}

}  // namespace
}  // namespace chiploc
