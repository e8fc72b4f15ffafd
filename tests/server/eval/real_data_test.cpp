// On the measurements that lie beside the checkout; they may not be redistributed, so they may be absent.
#include <algorithm>
#include <filesystem>
#include <functional>
#include <numeric>
#include <set>
#include <sstream>

#include "geo/estimate/mesh_check.hpp"
#include "server/eval/misplaced.hpp"
#include "server/eval/rtt_check.hpp"
#include "server/eval/runner.hpp"
#include "server/eval/summary.hpp"
#include "tests/server/eval/small_set.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::test::real_data_test {
namespace {

std::optional<RttSet> real_set(const std::string& name) {
  const auto folder = source_dir().parent_path() / "shared" / "data" / "rtt" / name;
  if (!std::filesystem::is_directory(folder)) {
    WARN("skipped: no " << folder.string() << " here");
    return std::nullopt;
  }
  auto set = load_rtt_folder(folder, false, Borders::world());
  if (!set) FAIL(set.error().lines.front());
  return std::move(set).value();
}

TEST_CASE("real data: the cases are those of the published baselines", "[eval]") {
  const auto set = real_set("wonderproxy-2020");
  if (!set) return;
  const auto rows = build_rows(*set, {"random-8", "random-16", "random-32", "random-64", "spread-16",
                                      "spread-32", "spread-64", "all", "all-100km"});
  REQUIRE(rows.has_value());
  std::vector<std::size_t> counts;
  for (const CaseRow& row : *rows) counts.push_back(row.cases());
  CHECK(counts == std::vector<std::size_t>{2310, 2230, 2070, 1750, 223, 207, 175, 239, 239});
}

TEST_CASE("real data: faulty nodes come back as anchors alone", "[eval]") {
  const auto folder = source_dir().parent_path() / "shared" / "data" / "rtt" / "wonderproxy-2020";
  if (!std::filesystem::is_directory(folder)) {
    WARN("skipped: no " << folder.string() << " here");
    return;
  }
  const auto set = load_rtt_folder(folder, true, Borders::world());
  REQUIRE(set.has_value());
  CHECK(set->nodes.size() == 246);
  const CaseRow row = build_rows(*set, {"all"}).value().front();
  CHECK(row.cases() == 239);
  CHECK(row.groups.front().anchors.size() == 245);
}

TEST_CASE("real data: the seven misplaced nodes are named, and nobody else", "[eval]") {
  const auto names_in = [](const RttSet& set) {
    std::vector<std::size_t> all(set.nodes.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    std::vector<std::optional<CountryCode>> countries;
    for (const EvalNode& node : set.nodes) countries.emplace_back(node.country);
    std::set<std::string> names;
    for (const MeshSuspect& suspect : check_mesh(mesh_of(set, all), countries, Borders::world()))
      names.insert(set.nodes[suspect.node].name);
    return names;
  };
  for (const char* name : {"wonderproxy-2020", "ripe-us-2024"}) {
    if (const auto clean = real_set(name)) CHECK(names_in(*clean).empty());
  }
  const auto folder = source_dir().parent_path() / "shared" / "data" / "rtt" / "wonderproxy-2020";
  if (!std::filesystem::is_directory(folder)) return;
  const auto set = load_rtt_folder(folder, true, Borders::world());
  REQUIRE(set.has_value());
  CHECK(names_in(*set) ==
        std::set<std::string>{"Belfast", "Guatemala", "LaCeiba", "Panama", "Prague", "Rome", "Wellington"});
}

TEST_CASE("real data: nobody of the clean sets is in doubt, and a wrong label or place is told apart",
          "[eval]") {
  for (const char* name : {"aws-2020", "ripe-us-2024", "wonderproxy-2020"}) {
    auto set = real_set(name);
    if (set) CHECK(mark_misplaced(*set, Borders::world()).empty());
  }
  const auto clean = real_set("aws-2020");
  if (!clean) return;
  for (std::size_t node = 0; node < clean->nodes.size(); ++node) {
    RttSet set = *clean;
    set.nodes[node].country = code(set.nodes[node].country == code("BR") ? "ZA" : "BR");
    const std::string said = mark_misplaced(set, Borders::world());
    INFO(said);
    CHECK(set.nodes[node].doubt == NodeDoubt::kLabel);
    set = *clean;
    set.nodes[node].place = LatLon::from_degrees({.lat = 0.0, .lon = 0.0}).value();
    CHECK_FALSE(mark_misplaced(set, Borders::world()).empty());
    CHECK(set.nodes[node].doubt == NodeDoubt::kPlace);
    CHECK(std::count_if(set.nodes.begin(), set.nodes.end(),
                        [](const EvalNode& it) { return it.doubt != NodeDoubt::kNone; }) == 1);
  }
}

TEST_CASE("real data: at c every target lies in its region, whatever a single anchor says", "[eval]") {
  for (const char* name : {"wonderproxy-2020", "ripe-us-2024"}) {
    const auto set = real_set(name);
    if (!set) continue;
    std::vector<CaseRow> rows = build_rows(*set, {"all-100km"}).value();
    rows[0].groups.resize(std::min<std::size_t>(rows[0].groups.size(), 8));
    const auto outcomes = run_rows(*set, rows, Borders::world(), {}, 2);
    for (const CaseOutcome& outcome : outcomes[0].cases) {
      INFO(name << " " << set->nodes[outcome.target].name);
      CHECK(outcome.region_contains_truth);
      CHECK(outcome.true_claim.state != VerdictState::kOutside);
    }
  }
}

TEST_CASE("real data: 30 ms on every round trip leave the estimate where it was, nearly", "[eval]") {
  const auto set = real_set("aws-2020");
  if (!set) return;
  const auto rows = build_rows(*set, {"all"}).value();
  FixOptions options;
  options.added_ms = 30.0;
  const auto outcomes = run_rows(*set, rows, Borders::world(), options, 2);
  std::vector<double> errors, delays;
  for (const CaseOutcome& outcome : outcomes[0].cases) {
    errors.push_back(outcome.error_km);
    delays.push_back(outcome.common_delay_ms);
  }
  REQUIRE(errors.size() == 19);
  CHECK(*quantile(errors, 0.5) < 2.0 * 281.0);  // undisturbed: 281 km; 1,674 if nothing is made of the delay
  CHECK(*quantile(delays, 0.5) == Approx(30.0).margin(5.0));
}

/// The files of a set, with each round trip as `edit` has it; an empty text drops the row.
std::optional<RttFiles> edited(const std::string& name, const std::function<std::string(double)>& edit) {
  const auto folder = source_dir().parent_path() / "shared" / "data" / "rtt" / name;
  if (!std::filesystem::is_directory(folder)) {
    WARN("skipped: no " << folder.string() << " here");
    return std::nullopt;
  }
  std::istringstream in{read_file(folder / "rtt.csv")};
  std::string rows = "src,dst,min_ms\n";
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    const std::size_t second = line.find(',', line.find(',') + 1) + 1;
    const std::string text = edit(std::stod(line.substr(second)));
    if (!text.empty()) rows += line.substr(0, second) + text + "\n";
  }
  return RttFiles{read_file(folder / "nodes.csv"), rows, {}, {}, {}};
}

TEST_CASE("real data: whole milliseconds leave every target in its region, once their resolution is stated",
          "[eval]") {
  const auto cut = [](double ms) { return std::to_string(static_cast<int>(ms)); };
  const auto round = [](double ms) { return std::to_string(std::lround(ms)); };
  for (const bool truncated : {false, true}) {
    const auto files = truncated ? edited("ripe-us-2024", cut) : edited("ripe-us-2024", round);
    if (!files) return;
    RttReading reading;
    const auto asked = parse_rtt_files(*files, "t", Borders::world(), reading);
    REQUIRE_FALSE(asked.has_value());
    CHECK(std::any_of(asked.error().begin(), asked.error().end(), [](const std::string& line) {
      return line.find("are multiples of 1 ms") != std::string::npos;
    }));
    reading.resolution_ms = 1.0;
    reading.truncated = truncated;
    const auto set = parse_rtt_files(*files, "t", Borders::world(), reading);
    INFO((set ? std::string{} : set.error().front()));
    REQUIRE(set.has_value());
    const auto rows = build_rows(*set, {"all"}).value();
    const auto outcomes = run_rows(*set, rows, Borders::world(), {}, 2);
    for (const CaseOutcome& outcome : outcomes[0].cases) {
      INFO(set->nodes[outcome.target].name << (truncated ? ", cut off" : ", rounded"));
      CHECK(outcome.region_contains_truth);
    }
  }
}

TEST_CASE("real data: coarse steps that are stated leave no placeholder to be seen", "[eval]") {
  struct Kind {
    const char* set;
    double step;
    bool truncated;
  };
  for (const Kind& kind : {Kind{"ripe-us-2024", 5.0, true}, Kind{"ripe-us-2024", 10.0, true},
                           Kind{"aws-2020", 1.0, false}, Kind{"wonderproxy-2020", 2.0, false}}) {
    const auto files = edited(kind.set, [&kind](double ms) {
      return std::to_string(kind.step *
                            (kind.truncated ? std::floor(ms / kind.step) : std::round(ms / kind.step)));
    });
    if (!files) return;
    RttReading reading;
    reading.resolution_ms = kind.step;
    reading.truncated = kind.truncated;
    const auto set = parse_rtt_files(*files, "t", Borders::world(), reading);
    INFO(kind.set << ' ' << kind.step << ": " << (set ? std::string{} : set.error().front()));
    CHECK(set.has_value());
  }
}

TEST_CASE("real data: one-way delays are asked about before anything else", "[eval]") {
  for (const char* name : {"aws-2020", "ripe-us-2024", "wonderproxy-2020"}) {
    const auto files = edited(name, [](double ms) { return std::to_string(ms / 2.0); });
    if (!files) return;
    const auto set = parse_rtt_files(*files, "t", Borders::world());
    REQUIRE_FALSE(set.has_value());
    CHECK_THAT(set.error().front(), Catch::Contains("are these one-way delays"));
  }
}

TEST_CASE("real data: an added row that stands one column off is named on real meshes", "[eval]") {
  for (const char* name : {"aws-2020", "ripe-us-2024"}) {
    const auto clean = real_set(name);
    if (!clean) continue;
    int named = 0;
    constexpr std::size_t kRowsTried = 12;
    for (std::size_t source = 0; source < kRowsTried; ++source) {
      RttSet set = *clean;
      const std::size_t n = set.nodes.size();
      std::vector<RttRow> rows;
      for (std::size_t a = 0; a < n; ++a) {
        for (std::size_t b = 0; b < n; ++b) {
          const std::size_t from = a == source && b >= n / 3 ? b + 1 : b;
          if (from < n && from != a && a != b && !std::isnan(clean->rtt_ms(a, from)))
            rows.push_back(
                {static_cast<std::uint32_t>(rows.size() + 2), false, a, b, clean->rtt_ms(a, from)});
        }
      }
      FileFaults rtt{"rtt.csv", 20}, faulty{"faulty_rtt.csv", 20};
      check_columns(set, rows, {}, 0.0, {rtt, faulty});
      const std::string who = "rows from " + label_of(set.nodes[source]);
      for (const RowFault& fault : rtt.about_all.take())
        named += fault.problem.find(who) != std::string::npos ? 1 : 0;
    }
    INFO(name);
    CHECK(named >= 10);
  }
}

}  // namespace
}  // namespace chiploc::test::real_data_test
