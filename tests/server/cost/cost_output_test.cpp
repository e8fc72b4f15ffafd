#include "server/cost/cost_output.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/server/cost/cost_told.hpp"

namespace chiploc {
namespace {

CostReport report_of(CostCase wanted = {}, const std::string& policy = "[scheduler]\ncadence_s = 86400\n") {
  CostReport out;
  out.policy = "p.toml (policy-2 vacuum)";
  out.assumptions = built_in_assumptions();
  out.answer = cost_answer(wanted, test::facts_in(policy, wanted), out.assumptions);
  return out;
}

template <class Write>
std::string written(Write write, const CostReport& report) {
  std::ostringstream out;
  write(out, report);
  return out.str();
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST_CASE("cost output: money has three digits that count", "[cost]") {
  CHECK(money_text(0) == "0");
  CHECK(money_text(12.345) == "12.3");
  CHECK(money_text(999.4) == "999");
  CHECK(money_text(999.6) == "1,000");
  CHECK(money_text(1'234) == "1,230");
  CHECK(money_text(9'996) == "10,000");
  CHECK(money_text(1'234'567) == "1,230,000");
  CHECK(money_text(98'765'432'100.0) == "98,800,000,000");
}

TEST_CASE("cost output: the sentences say who pays what for what", "[cost]") {
  CostCase wanted;
  wanted.distance_km = 40;
  wanted.third_country = true;
  const std::string cleared = "[scheduler]\ncadence_s = 86400\n[status]\ncleared_is_enough = true\n";
  const auto near_by = sentences_of(report_of(wanted, cleared));
  REQUIRE(near_by.size() == 2);  // the cheapest of all is unseen as well
  CHECK(
      near_by[0] ==
      "Unseen for all 12 months, 1,000 chips 40 km from the licensed site, in a third country, cost at the least 7,740 USD (660 at the "
      "cheapest values, not at all at the dearest), 0.645 a chip and month, by relay-public: a machine in the licensed country passes on what the chip "
      "answers over the public network.");
  CHECK(near_by[1].find("21,900,000 USD, which no timing sees") != std::string::npos);
  CHECK(near_by[1].find("15,000,000 USD more than licensed ones") != std::string::npos);
  wanted.third_country = false;
  wanted.distance_km = 1'000;
  wanted.chips = 20;
  const auto far_off = sentences_of(report_of(wanted));
  REQUIRE(far_off.size() == 3);
  CHECK(far_off[1].find("by stall: it answers so late") != std::string::npos);
  CHECK(far_off[1].find("Nobody is called for 96 h, then the chips are unproven; 105,000 of it") !=
        std::string::npos);
  // A month in which too few perspectives prove anything: nobody needs to hide.
  wanted.anchors = 1;
  CHECK(sentences_of(report_of(wanted))[0].find("by elsewhere") != std::string::npos);
}

TEST_CASE("cost output: what has to be known is said", "[cost]") {
  CHECK(warnings_of(report_of()).empty());
  CHECK(warnings_of(report_of({}, ""))[0].find("No round comes by itself") == 0);
  CHECK(warnings_of(report_of({}, "[scheduler]\ncadence_s = 864000\n"))[0].find(
            "Honest chips come to be overdue") == 0);
  CHECK(
      warnings_of(report_of({}, "[scheduler]\ncadence_s = 864000\n[status]\noverdue_after_hours = 8000\n"))[0]
          .find("Honest chips come to be unproven") == 0);
  CostCase wanted;
  wanted.anchors = 1;
  CHECK(
      warnings_of(report_of(wanted))[0] ==
      "With 1 perspectives of which 1 may lie nothing is proved of any chip: who stalls is as everybody else.");
  CHECK(
      warnings_of(report_of(
          {}, "[scheduler]\ncadence_s = 86400\n[orders]\nunproven_counts = true\nsilent_counts = false\n"))[0]
          .find("who answers no more is better off") != std::string::npos);
  CostReport report = report_of();
  report.defaults = {"[status]", "[orders]"};
  CHECK(warnings_of(report)[0] == "Taken as their defaults, since the file has none: [status], [orders].");
}

TEST_CASE("cost output: the table has every way and every assumption with its source", "[cost]") {
  const std::string text = written(write_cost_table, report_of());
  for (const WayId id : kAllWays)
    CHECK(text.find("- " + std::string{name_of(id)} + ": ") != std::string::npos);
  for (std::size_t i = 0; i < kCostKeys; ++i)
    CHECK(text.find("\n" + std::string{name_of(static_cast<CostKey>(i))} + " ") != std::string::npos);
  CHECK(text.find("Not here: the region grows by 3,015 km") ==
        std::string::npos);  // numbers of km have no commas
  CHECK(text.find("Not here: VERIFIED is proved of where the chip is, not of where its relay stands.") !=
        std::string::npos);
  CHECK(count_of(text, "assumption, ours") > 20);
  CHECK(text.find("WireTap") != std::string::npos);
  CHECK(text.find("\x1b") == std::string::npos);
}

TEST_CASE("cost output: markdown's rows have as many cells as their head, whatever the texts", "[cost]") {
  CostReport report = report_of();
  report.policy = "a|b<c>.toml\n# x";
  report.assumptions[CostKey::kRentHour].source = "a | b \\ `c` <script>";
  report.assumptions[CostKey::kRentHour].url = "https://x.example/|";
  std::istringstream lines{written(write_cost_markdown, report)};
  std::size_t cells = 0, rows = 0;
  for (std::string line; std::getline(lines, line);) {
    CHECK(line.find("<script") ==
          line.find("\\<script") + (line.find("\\<script") == std::string::npos ? 0 : 1));
    if (!line.starts_with("|")) {
      cells = 0;
      continue;
    }
    std::size_t here = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (line[i] == '\\')
        ++i;
      else if (line[i] == '|')
        ++here;
    }
    if (cells == 0) cells = here;
    CHECK(here == cells);
    ++rows;
  }
  CHECK(rows > kCostKeys + 2 * kWays);
}

TEST_CASE("cost output: JSON and CSV have the figures unrounded", "[cost]") {
  const CostReport report = report_of();
  const auto json = nlohmann::json::parse(written(write_cost_json, report));
  CHECK(json["ways"].size() == kWays);
  CHECK(json["assumptions"].size() == kCostKeys);
  REQUIRE(report.answer.unseen);
  const Way& best = report.answer.ways[*report.answer.unseen].way;
  CHECK(json["cheapest_unseen"].get<std::string>() == name_of(best.id));
  const auto& first = json["ways"][*report.answer.unseen];
  CHECK(first["usd"].get<double>() == Approx(best.price.total(report.answer.wanted)));
  CHECK(first["unseen_hours"].is_null());
  for (const auto& way : json["ways"]) {
    CHECK(way["possible"].get<bool>() == way["why_not"].is_null());
    CHECK(way["possible"].get<bool>() == way["usd"].is_number());
  }
  for (const auto& one : json["assumptions"])
    CHECK(one["ours"].get<bool>() == (one["source"].get<std::string>() == "assumption, ours"));
  const std::string csv = written(write_cost_csv, report);
  CHECK(csv.starts_with("way,what,shows,possible,why_not,unseen_hours,then,usd,"));
  CHECK(static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n')) == kWays + 1);
  CHECK(written(write_cost_json, report_of()) == written(write_cost_json, report));
}

}  // namespace
}  // namespace chiploc
