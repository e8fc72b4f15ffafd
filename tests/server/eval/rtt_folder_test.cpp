#include "server/eval/rtt_folder.hpp"

#include <cmath>

#include "tests/server/eval/small_set.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::test::rtt_folder_test {
namespace {

const std::string kTwo = "id,name,lat,lon,country_iso2\na,A,50,10,DE\nb,B,48,2,FR\n";
const std::string kRtt = "src,dst,min_ms\na,b,20.013\nb,a,21.027\n";

/// The one fault of these files has this place, and says this.
void check_fault(const RttFiles& files, const std::string& place, const std::string& part) {
  const auto set = parse_rtt_files(files, "t", Borders::world());
  REQUIRE_FALSE(set.has_value());
  INFO(set.error().front());
  REQUIRE(set.error().size() == 1);
  CHECK_THAT(set.error().front(), Catch::StartsWith(place + ": ") && Catch::Contains(part));
}
void check_node_fault(const std::string& row, const std::string& field, const std::string& part) {
  check_fault({kTwo + row + "\n", kRtt, {}, {}, {}}, "nodes.csv:4" + (field.empty() ? "" : ": " + field),
              part);
}
void check_rtt_fault(const std::string& row, const std::string& field, const std::string& part) {
  check_fault({kTwo, kRtt + row + "\n", {}, {}, {}}, "rtt.csv:4" + (field.empty() ? "" : ": " + field), part);
}
void check_ms_fault(const std::string& ms, const std::string& part) {
  check_fault({kTwo, kRtt + "a,b," + ms + "\n", {}, {}, {}}, "rtt.csv:4: min_ms", part);
}
void check_subset_fault(const std::string& row, const std::string& field, const std::string& part) {
  check_fault({kTwo, kRtt, "label,draw,anchor_id\nx,0,a\n" + row + "\n", {}, {}}, "subsets.csv:3: " + field,
              part);
}

TEST_CASE("rtt folder: nodes, round trips and draws arrive as they stand", "[eval]") {
  const RttSet set = parse({kTwo,
                            "min_ms,src,extra,dst\n20.513,a,x,b\n",
                            "label,draw,anchor_id\nx,0,b\ny,3,a\nx,1,a\nx,0,a\n",
                            {},
                            {}});
  REQUIRE(set.nodes.size() == 2);
  CHECK(set.nodes[1].name == "B");
  CHECK(set.nodes[1].place.lat_deg() == 48.0);
  CHECK(set.nodes[1].country == code("FR"));
  CHECK(set.rtt_ms(0, 1) == 20.513);
  CHECK(std::isnan(set.rtt_ms(1, 0)));
  CHECK(std::isnan(set.rtt_ms(0, 0)));
  REQUIRE(set.draws.size() == 3);
  CHECK(set.draws[0].label == "x");
  CHECK(set.draws[0].anchors == std::vector<std::size_t>{1, 0});
  CHECK(set.draws[1].draw == 3);
  CHECK(set.draws[2].anchors == std::vector<std::size_t>{0});
}

TEST_CASE("rtt folder: a dependent territory is a country of its own", "[eval]") {
  const RttSet set = parse({kTwo + "r,Reunion,-21.1,55.5,RE\n", kRtt, {}, {}, {}});
  CHECK(set.nodes[2].country == code("RE"));
}

TEST_CASE("rtt folder: each fault of a node names line and field", "[eval]") {
  check_node_fault("a,C,1,1,DE", "id", "\"a\" stands twice");
  check_node_fault(",C,1,1,DE", "id", "is empty");
  check_node_fault("c,,1,1,DE", "name", "is empty");
  check_node_fault("c,C,90.1,1,DE", "lat", "from -90 to 90");
  check_node_fault("c,C,nan,1,DE", "lat", "not a number");
  check_node_fault("c,C,1,180.5,DE", "lon", "from -180 to 180");
  check_node_fault("c,C,1,inf,DE", "lon", "not a number");
  check_node_fault("c,C,1,1x,DE", "lon", "not a number");
  check_node_fault("c,C,1,1,de", "country_iso2", "two capitals");
  check_node_fault("c,C,1,1,QQ", "country_iso2", "not a territory");
  check_node_fault("c,C,1,1", "", "has 4 fields");
  check_fault({"id,name,lat,lon\na,A,1,1\n", kRtt, {}, {}, {}}, "nodes.csv:1: country_iso2", "missing");
  check_fault({"id,name,lat,lon,country_iso2\na,A,50,10,DE\n", kRtt, {}, {}, {}}, "nodes.csv:1",
              "fewer than two");
  check_fault({"", kRtt, {}, {}, {}}, "nodes.csv:1", "empty");
}

TEST_CASE("rtt folder: each fault of a round trip names line and field", "[eval]") {
  check_rtt_fault("a,z,5", "dst", "\"z\" is no node");
  check_rtt_fault("z,a,5", "src", "\"z\" is no node");
  check_rtt_fault("a,b,22", "", "stands twice");
  for (const char* const zero : {"0", "0.0", "-0", "0e9"})
    check_ms_fault(zero, "0 is no round trip; drop the row if nothing came back");
  check_ms_fault("0", "--resolution-ms");
  check_ms_fault("-0.1", "is negative");
  check_ms_fault("-1", "drop the row if nothing came back");
  check_ms_fault("nan", "is not a number from 0.001 to 60000; drop the row if nothing came back");
  check_ms_fault("inf", "is not a number");
  check_ms_fault("*", "is not a number");
  check_ms_fault("60000.1", "longer than a minute");
  check_ms_fault("0.0009", "less than a microsecond");
  check_fault({kTwo, "src,dst\na,b\n", {}, {}, {}}, "rtt.csv:1: min_ms", "missing");
}

TEST_CASE("rtt folder: round trips of a node to itself are ignored and counted", "[eval]") {
  const RttSet set = parse({kTwo, kRtt + "a,a,0\nb,b,0.05\n", {}, {}, {}});
  CHECK(set.self_rows == 2);
  CHECK(set.rows == 4);
  CHECK(std::isnan(set.rtt_ms(0, 0)));
}

TEST_CASE("rtt folder: the statistic chooses the column, and says so", "[eval]") {
  const std::string both = "src,dst,min_ms,avg_ms\na,b,20.013,22.013\nb,a,21.027,23.019\n";
  const auto read = [](const std::string& rtt, RttStatistic statistic) {
    RttReading reading;
    reading.statistic = statistic;
    return parse_rtt_files({kTwo, rtt, {}, {}, {}}, "t", Borders::world(), reading);
  };
  CHECK(read(both, RttStatistic::kMinimum)->rtt_ms(0, 1) == 20.013);
  CHECK(read(both, RttStatistic::kMean)->rtt_ms(0, 1) == 22.013);
  CHECK(read(both, RttStatistic::kMean)->column == "avg_ms");
  CHECK(read(both, RttStatistic::kMedian)->column == "min_ms");
  CHECK(read(both, RttStatistic::kMedian)->statistic == RttStatistic::kMedian);
  const auto absent = read("src,dst,avg_ms\na,b,20.013\n", RttStatistic::kMinimum);
  REQUIRE_FALSE(absent.has_value());
  CHECK_THAT(absent.error().front(),
             Catch::StartsWith("rtt.csv:1: min_ms: is missing") && Catch::Contains("--statistic mean"));
}

TEST_CASE("rtt folder: a role makes a node an anchor or a target only", "[eval]") {
  const std::string nodes =
      "id,name,lat,lon,country_iso2,role\na,A,50,10,DE,anchor\nb,B,48,2,FR,target\nc,C,47,8,CH,\nd,D,45,9,IT,"
      "both\n";
  const RttSet set = parse({nodes, kRtt, {}, {}, {}});
  CHECK(set.has_roles);
  CHECK(set.nodes[0].role == NodeRole::kAnchor);
  CHECK(set.nodes[1].role == NodeRole::kTarget);
  CHECK(set.nodes[2].role == NodeRole::kBoth);
  CHECK(set.nodes[3].role == NodeRole::kBoth);
  CHECK_FALSE(parse({kTwo, kRtt, {}, {}, {}}).has_roles);
  check_fault(
      {"id,name,lat,lon,country_iso2,role\na,A,50,10,DE,server\nb,B,48,2,FR,target\n", kRtt, {}, {}, {}},
      "nodes.csv:2: role", "none of anchor, target and both");
}

TEST_CASE("rtt folder: a file of targets names all of them, and may bring their places", "[eval]") {
  const auto read = [](const std::string& targets, const std::string& rtt = kRtt) {
    RttReading reading;
    reading.targets = targets;
    return parse_rtt_files({kTwo, rtt, {}, {}, {}}, "t", Borders::world(), reading);
  };
  const auto known = read("kind,id\nx,b\n");
  REQUIRE(known.has_value());
  CHECK(known->nodes[0].role == NodeRole::kAnchor);
  CHECK(known->nodes[1].role == NodeRole::kTarget);
  const auto brought = read("id,name,lat,lon,country_iso2\nz,Z,47,8,CH\n", kRtt + "a,z,9.011\n");
  REQUIRE(brought.has_value());
  REQUIRE(brought->nodes.size() == 3);
  CHECK(brought->nodes[2].role == NodeRole::kTarget);
  CHECK(brought->nodes[1].role == NodeRole::kAnchor);
  CHECK_THAT(read("id\nz\n").error().front(),
             Catch::StartsWith("targets.csv:2: id: \"z\" is no node of nodes.csv, and without a place"));
  CHECK_THAT(read("id\nb\nb\n").error().front(), Catch::StartsWith("targets.csv:3: id: \"b\" stands twice"));
  CHECK_THAT(read("id\n").error().front(), Catch::StartsWith("targets.csv:1: names no target"));
  CHECK_THAT(read("name\nb\n").error().front(), Catch::StartsWith("targets.csv:1: id"));
}

TEST_CASE("rtt folder: a file of targets may not say otherwise than nodes.csv", "[eval]") {
  const auto read = [](const std::string& targets, const std::string& roles = ",") {
    RttReading reading;
    reading.targets = targets;
    const std::string nodes = "id,name,lat,lon,country_iso2,role\na,A,50,10,DE" + roles + "\nb,B,48,2,FR" +
                              roles + "\nc,C,47,8,CH,\n";
    return parse_rtt_files({nodes, kRtt, {}, {}, {}}, "t", Borders::world(), reading);
  };
  const std::string header = "id,name,lat,lon,country_iso2\n";
  CHECK(read(header + "b,Other name,48.0,2.0,FR\n").has_value());
  CHECK(read(header + "b,B,,,\n").has_value());
  CHECK_THAT(read(header + "b,B,48.1,2,FR\n").error().front(),
             Catch::StartsWith("targets.csv:2: lat: \"48.1\", but nodes.csv has 48 for \"b\"") &&
                 Catch::Contains("or leave the column out"));
  CHECK_THAT(read(header + "b,B,48,-2,FR\n").error().front(), Catch::StartsWith("targets.csv:2: lon: "));
  CHECK_THAT(read(header + "b,B,48,2,DE\n").error().front(),
             Catch::StartsWith("targets.csv:2: country_iso2: ") && Catch::Contains("has FR"));
  CHECK_THAT(read("id,country_iso2\nb,DE\n").error().front(),
             Catch::StartsWith("targets.csv:2: country_iso2"));
  CHECK_THAT(read("id\nb\n", ",anchor").error().front(),
             Catch::StartsWith("targets.csv:2: id: \"b\" has role anchor in nodes.csv"));
  const auto fewer = read("id\nb\n", ",target");
  REQUIRE(fewer.has_value());
  CHECK(fewer->nodes[0].role == NodeRole::kNeither);
  CHECK(fewer->nodes[1].role == NodeRole::kTarget);
  CHECK(fewer->nodes[2].role == NodeRole::kAnchor);
}

TEST_CASE("rtt folder: a draw may not name a target, and one of --targets is noted", "[eval]") {
  const std::string nodes =
      "id,name,lat,lon,country_iso2,role\na,A,50,10,DE,\nb,B,48,2,FR,target\nc,C,47,8,CH,\n";
  const std::string subsets = "label,draw,anchor_id\nx,0,a\nx,0,b\n";
  check_fault({nodes, kRtt, subsets, {}, {}}, "subsets.csv:3: anchor_id",
              "\"b\" has role target in nodes.csv, and targets measure nobody");
  RttReading reading;
  reading.targets = "id\nb\n";
  const auto set = parse_rtt_files({kTwo, kRtt, subsets, {}, {}}, "t", Borders::world(), reading);
  REQUIRE(set.has_value());
  REQUIRE(set->notes.size() == 1);
  CHECK_THAT(set->notes[0], Catch::StartsWith("subsets.csv: 1 of its rows name targets of --targets"));
}

TEST_CASE("rtt folder: each fault of a subset names line and field", "[eval]") {
  check_subset_fault("x,0,z", "anchor_id", "no node");
  check_subset_fault("x,0,a", "anchor_id", "stands twice");
  check_subset_fault("x,0.5,b", "draw", "not a whole number");
  check_subset_fault("x,-1,b", "draw", "not a number from 0");
  check_subset_fault("all,0,b", "label", "meaning of its own");
  check_subset_fault("a b,0,b", "label", "names may not have");
}

TEST_CASE("rtt folder: faulty nodes come last, and their ids are the folder's too", "[eval]") {
  const std::string faulty = "id,name,lat,lon,country_iso2,reason\nq,Q,1,1,CD,\"elsewhere, surely\"\n";
  const RttSet set = parse({kTwo, kRtt, {}, faulty, "src,dst,min_ms\nq,a,90.037\n"});
  REQUIRE(set.nodes.size() == 3);
  CHECK(set.nodes[2].faulty);
  CHECK_FALSE(set.nodes[1].faulty);
  CHECK(set.rtt_ms(2, 0) == 90.037);
  check_fault({kTwo, kRtt, {}, "id,name,lat,lon,country_iso2\na,A,1,1,CD\n", {}}, "faulty_nodes.csv:2: id",
              "twice");
  check_fault({kTwo, kRtt, {}, faulty, "src,dst,min_ms\na,b,90.037\n"}, "faulty_rtt.csv:2", "twice");
}

TEST_CASE("rtt folder: sizes have limits, and faults beyond those shown are counted", "[eval]") {
  RttLimits limits;
  limits.nodes = 1;
  auto set = parse_rtt_files({kTwo, kRtt, {}, {}, {}}, "t", Borders::world(), {}, limits);
  REQUIRE_FALSE(set.has_value());
  CHECK_THAT(set.error().front(), Catch::StartsWith("nodes.csv:3: more than 1 nodes"));
  limits = {};
  limits.rows = 3;
  set = parse_rtt_files({kTwo, kRtt, {}, {}, {}}, "t", Borders::world(), {}, limits);
  REQUIRE_FALSE(set.has_value());
  CHECK_THAT(set.error().front(), Catch::StartsWith("rtt.csv:3: more than 3 rows in one folder"));
  limits = {};
  limits.faults = 2;
  set = parse_rtt_files({kTwo, "src,dst,min_ms\na,b,x\na,b,x\na,b,x\na,b,x\n", {}, {}, {}}, "t",
                        Borders::world(), {}, limits);
  REQUIRE_FALSE(set.has_value());
  REQUIRE(set.error().size() == 3);
  CHECK_THAT(set.error().back(), Catch::Contains("2 more faults"));
}

TEST_CASE("rtt folder: a missing file is another exit code than a bad one", "[eval]") {
  const TempDir folder;
  const Borders& borders = Borders::world();
  CHECK(load_rtt_folder(folder / "none", false, borders).error().code == EvalExit::kNotFound);
  CHECK(load_rtt_folder(folder.path(), false, borders).error().code == EvalExit::kNotFound);
  folder.write("nodes.csv", kTwo);
  CHECK(load_rtt_folder(folder.path(), false, borders).error().code == EvalExit::kNotFound);
  folder.write("rtt.csv", kRtt);
  const auto set = load_rtt_folder(folder.path() / "", false, borders);
  REQUIRE(set.has_value());
  CHECK(set->name == folder.path().filename().string());
  CHECK(load_rtt_folder(folder.path(), true, borders).error().code == EvalExit::kNotFound);
  folder.write("subsets.csv", "label,draw,anchor_id\nx,0,z\n");
  const auto bad = load_rtt_folder(folder.path(), false, borders);
  REQUIRE_FALSE(bad.has_value());
  CHECK(bad.error().code == EvalExit::kBadData);
  CHECK_THAT(bad.error().lines.front(),
             Catch::StartsWith((folder / "subsets.csv").string() + ":2: anchor_id: "));
  RttLimits limits;
  limits.file_bytes = 10;
  CHECK(load_rtt_folder(folder.path(), false, borders, {}, limits).error().code == EvalExit::kBadData);
}

}  // namespace
}  // namespace chiploc::test::rtt_folder_test
