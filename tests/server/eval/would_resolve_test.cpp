#include "server/eval/would_resolve.hpp"

#include <filesystem>
#include <sstream>

#include "tests/server/eval/small_set.hpp"
#include "tests/support/paths.hpp"

namespace chiploc::test::would_resolve_test {
namespace {

WouldResolveRow run(const RttSet& set, const std::string& label, const FixOptions& options,
                    unsigned threads = 1) {
  const auto rows = build_rows(set, {label});
  REQUIRE(rows);
  const auto out = run_would_resolve(set, *rows, Borders::world(), options, threads);
  REQUIRE(out.size() == 1);
  return out.front();
}

TEST_CASE("would resolve: every case is counted once, and what is added is what was left out", "[eval]") {
  const RttSet set = small_set();
  FixOptions options;
  options.prohibited = {code("PL"), code("SK"), code("HU"), code("SI"), code("HR"), code("BY")};
  const WouldResolveRow row = run(set, "three", options);
  CHECK(row.anchors == "three");
  CHECK(row.cases == 7);
  REQUIRE(row.unresolved > 0);
  CHECK(row.unresolved <= row.cases);
  CHECK(row.named <= row.asked);
  CHECK(row.asked <= row.unresolved);
  CHECK(row.resolved + row.narrowed + row.unchanged == row.named);
  // Somebody near measures Potsdam, Berlin and Paris among those that are left out: it helps.
  REQUIRE(row.named > 0);
  CHECK(row.helped() > 0.5);
  CHECK(row.left_median < 1.0);

  const WouldResolveRow again = run(set, "three", options, 3);
  CHECK(again.resolved == row.resolved);
  CHECK(again.narrowed == row.narrowed);
  CHECK(again.left_median == row.left_median);

  std::ostringstream json;
  write_would_resolve(json, OutputFormat::kJson, "small", {row});
  const Json told = Json::parse(json.str());
  REQUIRE(told.size() == 1);
  CHECK(told[0].at("set") == "small");
  CHECK(told[0].at("named") == row.named);
  CHECK(told[0].at("helped_pct").get<double>() == Approx(100.0 * row.helped()).margin(0.005));
}

TEST_CASE("would resolve: where nothing is prohibited nothing is open, and all anchors leave none to add",
          "[eval]") {
  const RttSet set = small_set();
  const WouldResolveRow nothing = run(set, "three", {});
  CHECK(nothing.named == 0);
  CHECK(nothing.helped() == 1.0);
  FixOptions options;
  options.prohibited = {code("PL"), code("CZ"), code("SK")};
  CHECK(run(set, "all", options).named == 0);
}

TEST_CASE("would resolve: on the real mesh the anchors that are named help in four of five cases at least",
          "[eval]") {
  const auto folder = source_dir().parent_path() / "shared" / "data" / "rtt" / "wonderproxy-2020";
  if (!std::filesystem::is_directory(folder)) {
    WARN("skipped: no " << folder.string() << " here");
    return;
  }
  const auto set = load_rtt_folder(folder, false, Borders::world());
  REQUIRE(set);
  FixOptions options;
  options.prohibited = {code("CN"), code("RU"), code("IR")};
  const WouldResolveRow row = run(*set, "spread-16", options, 0);
  CAPTURE(row.unresolved, row.asked, row.named, row.resolved, row.narrowed, row.unchanged, row.left_median);
  CHECK(row.unresolved > 50);
  CHECK(row.named * 10 >= row.unresolved * 9);
  CHECK(row.helped() >= 0.8);
}

}  // namespace
}  // namespace chiploc::test::would_resolve_test
