#include "server/eval/cases.hpp"

#include "tests/server/eval/small_set.hpp"

namespace chiploc::test::cases_test {
namespace {

CaseRow row_of(const RttSet& set, const std::string& label) {
  const auto rows = build_rows(set, {label});
  REQUIRE(rows.has_value());
  REQUIRE(rows->size() == 1);
  return rows->front();
}

TEST_CASE("cases: nodes with too few round trips serve neither as anchors nor as targets", "[eval]") {
  const RttSet set = small_set();  // Fiji has one partner of six
  CHECK(ids_of(set, serving_nodes(set)) == "bpfcwm");
  RttFiles files = small_files();
  files.rtt += "p,s,250,0\nf,s,250,0\n";  // now three: one direction is enough
  const RttSet more = parse(files);
  CHECK(ids_of(more, serving_nodes(more)) == "bpfcwms");
}

TEST_CASE("cases: all measures every target by every other node", "[eval]") {
  const RttSet set = small_set();
  const CaseRow row = row_of(set, "all");
  CHECK(row.cases() == 6);
  REQUIRE(row.groups.size() == 6);
  CHECK(ids_of(set, row.groups[0].targets) == "b");
  CHECK(ids_of(set, row.groups[0].anchors) == "pfcwm");
  CHECK(ids_of(set, row.groups[5].targets) == "m");
  CHECK(ids_of(set, row.groups[5].anchors) == "bpfcw");
}

TEST_CASE("cases: all-100km leaves near anchors out of measurement and calibration", "[eval]") {
  const RttSet set = small_set();
  const CaseRow row = row_of(set, "all-100km");
  CHECK(row.cases() == 6);
  CHECK(ids_of(set, row.groups[0].anchors) == "fcwm");   // Berlin without Potsdam
  CHECK(ids_of(set, row.groups[1].anchors) == "fcwm");   // and the reverse
  CHECK(ids_of(set, row.groups[2].anchors) == "bpcwm");  // Paris has nobody near
}

TEST_CASE("cases: the draws of a label are pooled, and their anchors are no targets", "[eval]") {
  const RttSet set = small_set();
  const CaseRow row = row_of(set, "three");
  REQUIRE(row.groups.size() == 2);
  CHECK(row.cases() == 7);
  CHECK(ids_of(set, row.groups[0].anchors) == "bc");  // Fiji does not serve
  CHECK(ids_of(set, row.groups[0].targets) == "pfwm");
  CHECK(row.groups[1].draw == 1);
  CHECK(ids_of(set, row.groups[1].anchors) == "fmw");
  CHECK(ids_of(set, row.groups[1].targets) == "bpc");
}

TEST_CASE("cases: faulty nodes measure and are not measured", "[eval]") {
  RttFiles files = small_files();
  files.faulty_nodes = "id,name,lat,lon,country_iso2\nx,Prague,50.08,14.42,CZ\n";
  files.faulty_rtt = "src,dst,min_ms\nx,b,9\nx,p,9\nx,f,9\nx,c,9\nb,x,9\n";
  const RttSet set = parse(files);
  const CaseRow row = row_of(set, "all");
  CHECK(row.cases() == 6);
  CHECK(ids_of(set, row.groups[0].anchors) == "pfcwmx");
}

TEST_CASE("cases: a target that no anchor of its row measured is none", "[eval]") {
  RttFiles files = small_files();
  files.rtt =
      "src,dst,min_ms\nb,p,1.013\np,b,1.017\nb,f,9.011\nb,c,9.012\nb,w,9.013\np,c,9.014\np,w,9.015\nf,c,"
      "9.016\nm,b,9.017\nm,f,9.018\nm,c,9.019\n";
  files.subsets = "label,draw,anchor_id\none,0,p\n";
  const RttSet set = parse(files);
  const CaseRow row = row_of(set, "one");
  REQUIRE(row.groups.size() == 1);
  CHECK(ids_of(set, row.groups[0].targets) == "bc");  // f and m were never measured by p; w serves nobody
}

TEST_CASE("cases: a label that the folder has not is refused with those it has", "[eval]") {
  const RttSet set = small_set();
  CHECK(supported_rows(set) == std::vector<std::string>{"three", "all", "all-100km"});
  const auto rows = build_rows(set, {"all", "random-8"});
  REQUIRE_FALSE(rows.has_value());
  CHECK_THAT(rows.error(), Catch::Contains("random-8") && Catch::Contains("three, all, all-100km"));
}

/// Four anchors that do not measure each other, and two targets that measure nobody.
RttFiles anchors_and_targets() {
  return {
      "id,name,lat,lon,country_iso2,role\nb,Berlin,52.52,13.40,DE,anchor\nf,Paris,48.86,2.35,FR,anchor\n"
      "c,Bern,46.95,7.45,CH,anchor\nw,Vienna,48.21,16.37,AT,anchor\nm,Milan,45.46,9.19,IT,target\n"
      "p,Potsdam,52.40,13.06,DE,target\n",
      "src,dst,min_ms\nb,m,14.501\nf,m,12.203\nc,m,4.307\nw,m,11.409\nb,p,1.311\nf,p,16.207\nc,p,13.609\n",
      "label,draw,anchor_id\nx,0,b\nx,0,c\n",
      {},
      {}};
}

TEST_CASE("cases: anchors and targets that are nothing else are measured by one group", "[eval]") {
  const RttSet set = parse(anchors_and_targets());
  CHECK(ids_of(set, serving_nodes(set)) == "bfcwmp");
  const CaseRow all = row_of(set, "all");
  REQUIRE(all.groups.size() == 1);
  CHECK(ids_of(set, all.groups[0].anchors) == "bfcw");
  CHECK(ids_of(set, all.groups[0].targets) == "mp");
  const CaseRow far = row_of(set, "all-100km");
  REQUIRE(far.groups.size() == 2);
  CHECK(ids_of(set, far.groups[1].anchors) == "fcw");  // Berlin is 27 km from Potsdam
  const CaseRow drawn = row_of(set, "x");
  CHECK(ids_of(set, drawn.groups[0].anchors) == "bc");
  CHECK(ids_of(set, drawn.groups[0].targets) == "mp");
}

TEST_CASE("cases: a node in doubt, and a target that --targets leaves out, are neither", "[eval]") {
  RttSet set = small_set();
  set.nodes[number_of(set, "c")].doubt = NodeDoubt::kPlace;
  set.nodes[number_of(set, "m")].role = NodeRole::kNeither;
  for (const char* const label : {"all", "three"}) {
    for (const CaseGroup& group : row_of(set, label).groups) {
      for (const std::string& ids : {ids_of(set, group.anchors), ids_of(set, group.targets)})
        CHECK(ids.find_first_of("cm") == std::string::npos);
    }
  }
}

TEST_CASE("cases: a node that is both is measured by the others, and measures", "[eval]") {
  RttFiles files = anchors_and_targets();
  files.nodes.replace(files.nodes.find("DE,anchor"), 9, "DE,both");
  files.rtt += "f,b,16.103\n";
  const RttSet set = parse(files);
  const CaseRow all = row_of(set, "all");
  REQUIRE(all.groups.size() == 2);
  CHECK(ids_of(set, all.groups[0].targets) == "b");
  CHECK(ids_of(set, all.groups[0].anchors) == "fcw");
  CHECK(ids_of(set, all.groups[1].anchors) == "bfcw");
  CHECK(ids_of(set, all.groups[1].targets) == "mp");
}

}  // namespace
}  // namespace chiploc::test::cases_test
