// Figures of a fleet as people and programs get them.
#include "server/scenario/fleet_output.hpp"

#include <nlohmann/json.hpp>

#include "tests/server/fleet/fleet_text.hpp"

namespace chiploc {
namespace {

bool has_part(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// 100 chips over 72 hours: one round each in each hour, 3 of the first hour flagged, and sizes that are easy to multiply.
FleetReport made_report() {
  fleet::FleetPlan plan{fleet::fleet_of(fleet::kSmallFleet), Borders::world()};
  fleet::FleetTally tally{plan.situations().size(), 72};
  tally.chips = 100;
  tally.rounds = 7'200;
  tally.honest[1] = 7'197;
  tally.honest[4] = 3;
  tally.false_flags = 3;
  tally.honest_seconds = static_cast<std::uint64_t>(100.0 * 365.25 * 86'400.0);
  tally.diverted = 4;
  tally.detected.add(std::chrono::minutes{90});
  tally.detected.add(std::chrono::minutes{30});
  tally.detected.add(std::chrono::minutes{30});
  tally.detected.add(std::nullopt);
  tally.at_end[1] = 100;
  for (std::size_t hour = 0; hour < 72; ++hour) tally.rounds_by_hour[hour] = 100;
  tally.rounds_by_hour[0] = 360;
  fleet::RoundSizes sizes;
  sizes.rounds = 40;
  sizes.evidence_bytes = 1'000.0;
  sizes.rows = 10.0;
  sizes.store_bytes = 2'000.0;
  sizes.session_bytes = 3'600.0;
  return fleet_report_of(plan, tally, sizes);
}

TEST_CASE("fleet output: loads are by the hour, a second", "[fleet]") {
  std::vector<std::uint64_t> hours(100, 36);
  hours[7] = 7'200;
  hours[8] = 3'600;
  const HourlyLoad load = load_of(hours, 10.0);
  CHECK(load.most == Approx(20.0));
  CHECK(load.most_of_99 == Approx(10.0));
  CHECK(load.mean == Approx((98 * 36 + 7'200 + 3'600) / 100.0 * 10.0 / 3'600.0));
  CHECK(load_of({}, 1.0).most == 0.0);
}

TEST_CASE("fleet output: rates, loads and the store follow from what was counted", "[fleet]") {
  const FleetReport report = made_report();
  CHECK(report.round_anchors == 8);
  CHECK(report.false_flags.rate() == Approx(0.03));
  CHECK(report.false_flags.high() == Approx(0.0877).epsilon(0.01));
  CHECK(report.rounds.most == Approx(0.1));
  CHECK(report.evidence.most == Approx(100.0));
  CHECK(report.rows_a_day == Approx(24'000.0));
  CHECK(report.store_a_day == Approx(4'800'000.0));
  REQUIRE(report.anchors.size() == 9);
  CHECK(report.anchors[0].pings.most == Approx(0.8));  // 360 sessions of 8
  CHECK(report.anchors[0].bytes.most == Approx(360.0));
  CHECK(report.anchors[8].pings.most == 0.0);
}

TEST_CASE("fleet output: the table says what form of simulation it is, and how long detection takes",
          "[fleet]") {
  const std::string table = table_of(made_report());
  CAPTURE(table);
  CHECK(has_part(table, "no datagram is sent and nothing is signed"));
  CHECK(has_part(table, "VERIFIED 7197 (99.96 %), OUTSIDE 3 (0.04167 %)"));
  CHECK(has_part(table, "3 in 100 chip-years: 0.03 a chip-year (0.006187 to 0.08767)"));
  CHECK(has_part(table, "3 of 4"));
  CHECK(has_part(table, "median within 1 h, 90 % never"));
  CHECK(has_part(table, "compliant 100 (100 %)"));
  CHECK(has_part(table, "40 real rounds of 8 anchors and 8 pings"));
}

TEST_CASE("fleet output: json and csv have every anchor and the same figures", "[fleet]") {
  const FleetReport report = made_report();
  const auto json = nlohmann::json::parse(json_of(report));
  CHECK(json["false_flags"]["events"] == 3U);
  CHECK(json["anchors"].size() == 9);
  CHECK(json["detected"]["p90_h"].is_null());
  CHECK(json["detected"]["median_h"] == 1U);
  CHECK(json["store"]["rows_a_day"].get<double>() == Approx(24'000.0));
  const std::string csv = csv_of(report);
  CHECK(has_part(csv, "figure,part,value\n"));
  CHECK(has_part(csv, "\nchips,,100\n"));
  CHECK(has_part(csv, "\nfalse_flags,events,3\n"));
  CHECK(has_part(csv, "\nanchors,fra.pings_per_s.max_hour,0.8\n"));
  CHECK(has_part(csv, "\ndetected,p90_h,\n"));
}

}  // namespace
}  // namespace chiploc
