#include "server/eval/others_set.hpp"

#include <cmath>

#include "tests/server/eval/small_set.hpp"

namespace chiploc::test::others_set_test {
namespace {

OthersFile file(const std::string& name, const std::string& text, const std::string& source = "") {
  return {name, source, text};
}
OthersInput input_of(std::vector<OthersFile> files) {
  OthersInput input;
  input.files = std::move(files);
  input.nodes = file("nodes.txt", kSmallNodes);
  return input;
}
OthersSet made(const OthersInput& input) {
  auto set = read_others(input);
  if (!set) FAIL(set.error().front());
  return std::move(set).value();
}
std::string fault(const OthersInput& input) {
  const auto set = read_others(input);
  REQUIRE(!set.has_value());
  std::string out;
  for (const std::string& line : set.error()) out += line + "\n";
  return out;
}

const std::string kMatrix = "x,b,p,f\nb,0,1.234,12.345\np,1.321,0,-\nf,12.543,13.117,0\n";

TEST_CASE("others set: a matrix as a folder", "[eval][others]") {
  const OthersSet set = made(input_of({file("m.csv", kMatrix)}));
  CHECK(set.format == OthersFormat::kMatrix);
  CHECK(set.files.rtt == "src,dst,min_ms\nb,p,1.234\nb,f,12.345\np,b,1.321\nf,b,12.543\nf,p,13.117\n");
  CHECK(
      set.files.nodes ==
      "id,name,lat,lon,country_iso2\nb,Berlin,52.52,13.40,DE\np,Potsdam,52.40,13.06,DE\nf,Paris,48.86,2.35,FR\n");
  REQUIRE(set.notes.size() == 1);
  CHECK(
      set.notes[0] ==
      "read as matrix: 5 round trips between 3 nodes; 1 missing or lost; 3 of a node to itself; 4 nodes of --nodes "
      "that no row names");
}

TEST_CASE("others set: the five formats of one network are one set", "[eval][others]") {
  const std::string nodes = kSmallNodes;
  const auto texts = [](const OthersSet& set) { return set.files.nodes + set.files.rtt; };
  const std::string matrix = texts(made(input_of({file("m", "x\tb\tf\nb\t\t12.3\nf\t12.5\t\n")})));
  OthersInput table = input_of({file("t", "b;f;12.3\nf;b;12.5\n")});
  table.columns = OthersColumns{"1", "2", "3"};
  CHECK(texts(made(table)) == matrix);
  const auto ping = [](const std::string& to, const std::string& ms) {
    return "PING " + to + " (192.0.2.1): 56 data bytes\nrtt min/avg/max/mdev = " + ms + "/20/30/1 ms\n";
  };
  CHECK(texts(made(input_of({file("1", ping("f", "12.3"), "b"), file("2", ping("b", "12.5"), "f")}))) ==
        matrix);
  CHECK(texts(made(input_of({file("1", "f : 12.3 15\n", "b"), file("2", "b : - 12.5\n", "f")}))) == matrix);
  OthersInput atlas = input_of({file("a",
                                     "{\"prb_id\":1,\"dst_name\":\"f\",\"min\":12.3}\n"
                                     "{\"prb_id\":2,\"dst_name\":\"b\",\"min\":12.5}\n")});
  atlas.nodes = file("n", "id,name,lat,lon,country_iso2\n1,b,52.52,13.40,DE\n2,f,48.86,2.35,FR\n");
  CHECK(made(atlas).files.rtt == "src,dst,min_ms\n1,2,12.3\n2,1,12.5\n");
}

TEST_CASE("others set: several rows of a pair", "[eval][others]") {
  const std::string twice = "f : 15\nf : 12.3\nf : 14\n";
  const OthersSet least = made(input_of({file("a.log", twice, "b")}));
  CHECK(least.files.rtt == "src,dst,min_ms\nb,f,12.3\n");
  CHECK_THAT(least.notes[0], Catch::Contains("2 more of the same pairs"));
  OthersInput table = input_of({file("t", "b,f,15\nb,f,12.3\n")});
  table.columns = OthersColumns{"1", "2", "3"};
  CHECK_THAT(fault(table),
             Catch::StartsWith("t:2: \"b\" to \"f\" stands in t:1 too; ") && Catch::Contains("--least"));
  table.least = true;
  CHECK(made(table).files.rtt == "src,dst,min_ms\nb,f,12.3\n");
  // Of a matrix never: by id and by name it is one node.
  CHECK_THAT(fault(input_of({file("m", "x,b,f\nb,0,1\nBerlin,0,2\n")})),
             Catch::Contains("m:3: \"Berlin\" to \"f\""));
}

TEST_CASE("others set: roles are those that the rows show, or that the nodes state", "[eval][others]") {
  const OthersSet shown_roles =
      made(input_of({file("a.log", "f : 12.3\np : 1.2\n", "b"), file("b.log", "b : 1.3\n", "p")}));
  CHECK(shown_roles.files.nodes ==
        "id,name,lat,lon,country_iso2,role\nb,Berlin,52.52,13.40,DE,both\nf,Paris,48.86,2.35,FR,target\n"
        "p,Potsdam,52.40,13.06,DE,both\n");
  OthersInput stated = input_of({file("a.log", "f : 12.3\n", "b")});
  stated.nodes =
      file("n", "id,name,lat,lon,country_iso2,role\nb,B,52.52,13.4,DE,anchor\nf,F,48.86,2.35,FR,\n");
  CHECK_THAT(made(stated).files.nodes, Catch::Contains("b,B,52.52,13.4,DE,anchor\nf,F,48.86,2.35,FR,\n"));
}

TEST_CASE("others set: what it makes is a set, and complaints about it name the lines they come from",
          "[eval][others]") {
  const OthersSet set = made(input_of({file("m.csv", kMatrix)}));
  const RttSet read = parse(set.files);
  CHECK(read.rtt_ms(0, 2) == 12.345);
  CHECK(std::isnan(read.rtt_ms(1, 2)));
  OthersInput wrong = input_of({file("m.csv", "x,b,f\nb,0,0.513\nf,12.117,0\n")});
  wrong.nodes->text.replace(wrong.nodes->text.find("48.86"), 5, "98.86");
  const OthersSet bad = made(wrong);
  auto parsed = parse_rtt_files(bad.files, "x", Borders::world());
  REQUIRE(!parsed.has_value());
  CHECK_THAT(in_their_lines(bad, parsed.error()).front(), Catch::StartsWith("nodes.txt:4: lat: \"98.86\""));
  wrong.nodes = file("nodes.txt", kSmallNodes);
  const OthersSet light = made(wrong);
  parsed = parse_rtt_files(light.files, "x", Borders::world());
  REQUIRE(!parsed.has_value());
  CHECK_THAT(in_their_lines(light, parsed.error()).front(),
             Catch::StartsWith("m.csv:2: min_ms: 0.513 ms from b (Berlin)"));
  CHECK(in_their_lines(light, {"other.csv:2: x", "rtt.csv:99: x", "rtt.csv: x"}) ==
        std::vector<std::string>{"other.csv:2: x", "rtt.csv:99: x", "rtt.csv: x"});
}

TEST_CASE("others set: whose format is not clear is asked about", "[eval][others]") {
  OthersInput input = input_of({file("a", "probe,target,rtt\n17,42,3.5\n")});
  CHECK(fault(input) == "a:1: may be any of matrix, table; say which with --format\n");
  input.files = {file("a", "from,to,ms\nb,f,3.5\n")};
  CHECK_THAT(fault(input), Catch::StartsWith("a:1: looks like a table; ") &&
                               Catch::Contains("--columns source,target,rtt"));
  input.files = {file("a", "hello")};
  CHECK_THAT(fault(input), Catch::StartsWith("a:1: looks like none of matrix, table, ping, fping, atlas"));
  input.files = {file("a", "f : 1\n"), file("b", kMatrix)};
  CHECK_THAT(fault(input), Catch::StartsWith("b:1: is matrix, and a is fping"));
  input.format = OthersFormat::kTable;
  CHECK_THAT(fault(input), Catch::StartsWith("--format table needs --columns"));
  input.format = OthersFormat::kPing;
  input.columns = OthersColumns{"1", "2", "3"};
  CHECK_THAT(fault(input), Catch::StartsWith("--columns is for tables"));
}

TEST_CASE("others set: faults of all files, a file without a round trip, what fping rounds",
          "[eval][others]") {
  OthersInput damaged = input_of({file("m", "x,b,f\nb,0,y\n")});
  damaged.format = OthersFormat::kMatrix;
  CHECK_THAT(fault(damaged), Catch::StartsWith("m:2: \"f\": \"y\" is not a number"));
  CHECK_THAT(fault(input_of({file("m", "x,b,f\nb,0,-\n")})),
             Catch::StartsWith("m:1: holds no round trip: 1 are missing or lost, 1 of a node to itself"));
  CHECK_THAT(fault(input_of({file("m", "x,b,q\nb,0,1\n")})),
             Catch::StartsWith("1 nodes have no place: \"q\""));
  const OthersSet cut = made(input_of({file("a.log", "p : 1.2\nf : 151\n", "b")}));
  CHECK_THAT(cut.cut_by_fping,
             Catch::StartsWith("a.log:2: \"f\": 151 ms is rounded: fping prints three digits") &&
                 Catch::Contains("--resolution-ms 1"));
  CHECK(made(input_of({file("a.log", "p : 1.2\nf : 51\n", "b")})).cut_by_fping.empty());
}

}  // namespace
}  // namespace chiploc::test::others_set_test
