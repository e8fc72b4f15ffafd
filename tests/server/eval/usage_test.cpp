#include "server/eval/usage.hpp"

#include "tests/server/eval/small_set.hpp"

namespace chiploc::test::usage_test {
namespace {

std::vector<CaseRow> rows_of(const RttSet& set, const std::vector<std::string>& labels) {
  const auto rows = build_rows(set, labels);
  REQUIRE(rows.has_value());
  return *rows;
}

TEST_CASE("usage: what is used, and what not and why, in one line", "[eval]") {
  const RttSet set = small_set();  // Fiji has one partner of six
  CHECK(describe_usage(set, rows_of(set, {"all"})) ==
        "uses 6 of 7 nodes and 30 of 32 rows; unused nodes: 1 with round trips to fewer than half of the "
        "others (s (Suva)); unused rows: 2 of unused nodes");
  RttFiles files = small_files();
  files.rtt += "b,b,0.1,0\n";
  files.nodes += "x,Oslo,59.91,10.75,NO\n";
  const RttSet more = parse(files);
  CHECK_THAT(describe_usage(more, rows_of(more, {"all"})),
             Catch::StartsWith("uses 6 of 8 nodes and 30 of 33 rows; ") &&
                 Catch::Contains("1 without a round trip (x (Oslo))") &&
                 Catch::Contains("1 of a node to itself") && Catch::Contains("2 of unused nodes"));
}

TEST_CASE("usage: rows between nodes that no draw makes anchors are unused", "[eval]") {
  RttFiles files = small_files();
  files.subsets = "label,draw,anchor_id\ntwo,0,b\ntwo,0,f\n";
  const RttSet set = parse(files);
  CHECK(describe_usage(set, rows_of(set, {"two"})) ==
        "uses 6 of 7 nodes and 10 of 32 rows; unused nodes: 1 with round trips to fewer than half of the "
        "others (s (Suva)); unused rows: 20 not from an anchor, 2 of unused nodes");
}

TEST_CASE("usage: nodes that measure nobody are named", "[eval]") {
  RttFiles files = small_files();
  std::string kept;
  for (std::size_t at = 0; at < files.rtt.size();) {
    const std::size_t end = files.rtt.find('\n', at) + 1;
    if (files.rtt.compare(at, 2, "m,") != 0) kept += files.rtt.substr(at, end - at);
    at = end;
  }
  files.rtt = kept;
  const RttSet set = parse(files);
  CHECK_THAT(describe_usage(set, rows_of(set, {"all"})),
             Catch::EndsWith("; measuring nobody, targets only: 1 (m (Milan))"));
}

TEST_CASE("usage: nodes that look like targets and are in no case are asked about", "[eval]") {
  RttFiles files = small_files();  // two anchors measure each other and four others
  std::string kept = "src,dst,min_ms\n";
  for (const char* const from : {"b", "f"}) {
    for (const char* const to : {"b", "f", "p", "c", "w", "m"}) {
      if (std::string{from} != to)
        kept += std::string{from} + "," + to + ",19." + std::to_string(kept.size()) + "1\n";
    }
  }
  files.rtt = kept;
  files.subsets.reset();
  const RttSet set = parse(files);
  const auto rows = rows_of(set, {"all"});
  CHECK(rows[0].cases() == 2);
  CHECK_THAT(describe_usage(set, rows), Catch::Contains("; measuring nobody, in no case: 4 (p (Potsdam)") &&
                                            !Catch::Contains("targets only"));
  CHECK_THAT(
      lost_targets(set, rows),
      Catch::StartsWith("4 nodes (p (Potsdam), c (Bern), w (Vienna), m (Milan)) are measured by half or "
                        "more of the 2 that measure") &&
          Catch::Contains("a column role in nodes.csv") && Catch::Contains("--targets FILE") &&
          Catch::Contains("drop them"));
  const RttSet small = small_set();
  CHECK(lost_targets(small, rows_of(small, {"all"})).empty());
}

TEST_CASE("usage: nodes left out for their place or label are counted as such", "[eval]") {
  RttSet set = small_set();
  set.nodes[number_of(set, "c")].doubt = NodeDoubt::kPlace;
  set.nodes[number_of(set, "m")].doubt = NodeDoubt::kLabel;
  set.nodes[number_of(set, "w")].role = NodeRole::kNeither;
  CHECK_THAT(describe_usage(set, rows_of(set, {"all"})),
             Catch::Contains("1 left out for their place (c (Bern))") &&
                 Catch::Contains("1 left out for their label (m (Milan))") &&
                 Catch::Contains("1 not in --targets (w (Vienna))") && Catch::Contains("uses 3 of 7 nodes"));
  for (EvalNode& node : set.nodes) node.doubt = NodeDoubt::kPlace;
  CHECK_THAT(no_cases(set, rows_of(set, {"all"}), true), Catch::EndsWith("that the others contradict"));
}

TEST_CASE("usage: no case is an error that names the remedy", "[eval]") {
  const RttSet set =
      parse({"id,name,lat,lon,country_iso2\nb,Berlin,52.52,13.40,DE\nf,Paris,48.86,2.35,FR\n"
             "c,Bern,46.95,7.45,CH\nw,Vienna,48.21,16.37,AT\nm,Milan,45.46,9.19,IT\n",
             "src,dst,min_ms\nb,m,14.501\nf,m,12.203\nc,m,4.307\nw,m,11.409\n",
             {},
             {},
             {}});
  const auto rows = rows_of(set, {"all", "all-100km"});
  CHECK(rows[0].cases() == 0);
  const std::string why = no_cases(set, rows, false);
  CHECK_THAT(why, Catch::StartsWith("--anchors all, all-100km: 0 cases") &&
                      Catch::Contains("uses 0 of 5 nodes") && Catch::Contains("column role in nodes.csv") &&
                      Catch::Contains("--targets FILE"));
  const RttSet small = small_set();
  CHECK(no_cases(small, rows_of(small, {"all"}), true).empty());
}

TEST_CASE("usage: a row without a case counts where it was asked for", "[eval]") {
  const RttSet set =
      parse({"id,name,lat,lon,country_iso2\nb,Berlin,52.52,13.40,DE\np,Potsdam,52.40,13.06,DE\n",
             "src,dst,min_ms\nb,p,1.311\np,b,1.317\n",
             {},
             {},
             {}});
  const auto rows = rows_of(set, {"all", "all-100km"});
  CHECK(rows[0].cases() == 2);
  CHECK(rows[1].cases() == 0);
  CHECK(no_cases(set, rows, false).empty());
  CHECK_THAT(no_cases(set, rows, true), Catch::StartsWith("--anchors all-100km: 0 cases"));
}

}  // namespace
}  // namespace chiploc::test::usage_test
