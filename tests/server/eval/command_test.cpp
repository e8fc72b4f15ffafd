#include "server/eval/eval_command.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/server/eval/small_set.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/told.hpp"

namespace chiploc::test::command_test {
namespace {

/// Runs the command with standard output and error caught.
Told eval(const std::vector<std::string>& arguments) {
  return test::told([&] { return run_eval_command(arguments); });
}

class SmallFolder {
 public:
  SmallFolder() {
    const RttFiles files = small_files();
    folder_.write("nodes.csv", files.nodes);
    folder_.write("rtt.csv", files.rtt);
    folder_.write("subsets.csv", *files.subsets);
  }
  [[nodiscard]] std::string path() const { return folder_.path().string(); }
  [[nodiscard]] const TempDir& folder() const { return folder_; }

 private:
  TempDir folder_;
};

TEST_CASE("eval command: rows in the order asked for, two grades each", "[eval]") {
  const SmallFolder small;
  const Told told = eval({"--anchors", "all,three", small.path(), "-o", "json", "--threads", "2"});
  INFO(told.err);
  REQUIRE(told.code == 0);
  const auto rows = nlohmann::json::parse(told.out);
  REQUIRE(rows.size() == 4);
  CHECK(rows[0]["anchors"] == "all");
  CHECK(rows[0]["grade"] == "proof");
  CHECK(rows[1]["grade"] == "estimate");
  CHECK(rows[2]["anchors"] == "three");
  CHECK(rows[0]["cases"] == 6);
  CHECK(rows[2]["cases"] == 7);
  CHECK(rows[2]["claims_false"] == 140);
  CHECK(rows[0]["region_contains_truth_pct"] == 100.0);
  CHECK(rows[0]["statistic"] == "minimum");
  CHECK(rows[0]["resolution_added_ms"] == 0.0);
  // No bar where there is no terminal, and nothing but what is used.
  CHECK_THAT(told.err, Catch::StartsWith("chiploc eval: uses 6 of 7 nodes and 30 of 32 rows; "));
  CHECK(std::count(told.err.begin(), told.err.end(), '\n') == 1);
}

TEST_CASE("eval command: without --anchors, every row that the folder supports", "[eval]") {
  const SmallFolder small;
  const Told told = eval({small.path(), "-o", "csv"});
  CHECK(told.code == 0);
  CHECK(std::count(told.out.begin(), told.out.end(), '\n') == 7);
  CHECK(eval({small.path(), "--anchors", "all", "--anchors", "three", "-o", "csv"}).code == 0);
}

TEST_CASE("eval command: the digest is one line, and the same for any number of threads", "[eval]") {
  const SmallFolder small;
  const Told one = eval({small.path(), "--digest", "--threads", "1"});
  const Told four = eval({small.path(), "--digest", "--threads", "4"});
  CHECK(one.code == 0);
  CHECK(one.out.size() == 7 + 64 + 1);
  CHECK(one.out == four.out);
  CHECK(one.out != eval({small.path(), "--digest", "--speed", "fibre"}).out);
}

TEST_CASE("eval command: plot and list are written beside the answer", "[eval]") {
  const SmallFolder small;
  const TempDir out;
  const Told told = eval({small.path(), "--anchors", "all", "--plot", (out / "e.svg").string(), "--list",
                          (out / "e.csv").string()});
  CHECK(told.code == 0);
  CHECK_THAT(read_file(out / "e.svg"), Catch::StartsWith("<svg "));
  const std::string list = read_file(out / "e.csv");
  CHECK(std::count(list.begin(), list.end(), '\n') == 7);
}

TEST_CASE("eval command: --would-resolve answers instead of the rows", "[eval]") {
  const SmallFolder small;
  const Told told = eval(
      {small.path(), "--anchors", "three", "--prohibited", "PL,SK,HU,SI,HR", "--would-resolve", "-o", "csv"});
  INFO(told.err);
  REQUIRE(told.code == 0);
  CHECK(
      told.out.starts_with("set,anchors,cases,unresolved,asked,named,resolved,narrowed,unchanged,helped_pct,"
                           "first_helped_pct,area_left_median_pct\n"));
  CHECK(std::count(told.out.begin(), told.out.end(), '\n') == 2);
  CHECK(eval({small.path(), "--would-resolve", "--digest"}).code == 64);
}

TEST_CASE("eval command: exit codes and remedies", "[eval]") {
  const SmallFolder small;
  const auto check = [](const std::vector<std::string>& arguments, int code, const std::string& part) {
    const Told told = eval(arguments);
    INFO(told.err);
    CHECK(told.code == code);
    CHECK_THAT(told.err, Catch::Contains(part));
    CHECK(told.out.empty());
  };
  check({}, 64, "name a folder");
  check({small.path(), "--anchors", "some"}, 64, "three, all, all-100km");
  check({small.path(), "--speed", "sound"}, 64, "--speed");
  check({small.path(), "--prohibited", "CN,QQ"}, 64,
        "QQ: not a territory that the borders know; give ISO 3166-1 codes");
  check({small.path(), "--prohibited", "UK"}, 64, "give GB for the United Kingdom");
  check({small.path(), "--accept", "0.1", "--flag", "0.2"}, 64, "--flag (0.2) must be below --accept (0.1)");
  check({small.path(), "--accept", "0.01"}, 64, "--flag (0.018) must be below --accept (0.01)");
  check({small.path(), "--accept", "1.5"}, 64, "--accept");
  for (const char* const option : {"--accept", "--flag", "--added-delay-ms", "--resolution-ms",
                                   "--anchor-uncertainty-km", "--believe-ms"}) {
    for (const char* const value : {"nan", "NaN", "-nan", "inf"})
      check({small.path(), option, value}, 64, std::string{option} + ": " + value + " is no number");
  }
  check({small.path(), "--plot", "/no/such/folder/x.svg"}, 64, "cannot be written");
  check({small.path(), "--soundness", "5"}, 64, "--soundness");
  check({small.path(), "--liars", "5"}, 64, "--liars");
  check({small.path(), "--with-faulty"}, 66, "faulty_nodes.csv");
  check({small.path() + "/none"}, 66, "no such folder");
  small.folder().write("rtt.csv", "src,dst,min_ms\nb,x,1\n");
  check({small.path()}, 65, "rtt.csv:2: dst: \"x\"");
}

TEST_CASE("eval command: the statistic and what rounding adds stand in every row", "[eval]") {
  const SmallFolder small;
  const Told told = eval({"--anchors", "all", small.path(), "-o", "json", "--statistic", "median",
                          "--resolution-ms", "0.01", "--list", (small.folder() / "cases.csv").string()});
  INFO(told.err);
  REQUIRE(told.code == 0);
  for (const auto& row : nlohmann::json::parse(told.out)) {
    CHECK(row["statistic"] == "median");
    CHECK(row["column"] == "min_ms");
    CHECK(row["resolution_ms"] == 0.01);
    CHECK(row["resolution_added_ms"] == 0.005);
  }
  CHECK_THAT(told.err, Catch::Contains("0.005 ms added to every round trip, for a resolution of 0.01 ms") &&
                           Catch::Contains("column min_ms read as the median"));
  CHECK_THAT(read_file(small.folder() / "cases.csv"),
             Catch::Contains(",statistic,resolution_added_ms\n") && Catch::Contains(",median,0.005\n"));
  const Told cut =
      eval({"--anchors", "all", small.path(), "-o", "csv", "--resolution-ms", "0.01", "--truncated"});
  CHECK_THAT(cut.out, Catch::Contains(",minimum,min_ms,0.01,0.01\n"));
  CHECK(eval({"--anchors", "all", small.path(), "--truncated"}).code == 64);
}

TEST_CASE("eval command: zero, light, rounding and shapes without a case are exit code 65", "[eval]") {
  const std::string cities =
      "id,name,lat,lon,country_iso2\n1,Warsaw,52.23,21.01,PL\n2,Moscow,55.75,37.62,RU\n"
      "3,Berlin,52.52,13.40,DE\n4,Bern,46.95,7.45,CH\n5,Milan,45.46,9.19,IT\n";
  const auto check = [&](const std::string& rows, const std::string& part) {
    const TempDir folder;
    folder.write("nodes.csv", cities);
    folder.write("rtt.csv", "src,dst,min_ms\n" + rows);
    const Told told = eval({folder.path().string(), "--anchors", "all"});
    INFO(told.err);
    CHECK(told.code == 65);
    CHECK(told.out.empty());
    CHECK_THAT(told.err, Catch::Contains(part));
  };
  check("1,2,0\n2,1,26.1\n1,3,12.4\n3,1,12.4\n2,3,36.0\n3,2,36.0\n",
        "rtt.csv:2: min_ms: 0 is no round trip; drop the row if nothing came back");
  check("1,2,0.513\n2,1,26.117\n", "rtt.csv:2: min_ms: 0.513 ms from 1 (Warsaw) to 2 (Moscow) beats light");
  check("1,2,27\n2,1,26\n", "rtt.csv:2: min_ms: all 2 values are multiples of 1 ms");
  check("3,1,26.117\n", "--anchors all: 0 cases");
}

TEST_CASE("eval command: targets that measure nobody are cases once they are called targets", "[eval]") {
  const TempDir folder;
  folder.write("nodes.csv", kSmallNodes);
  std::string rows = "src,dst,min_ms\n";
  const std::string all = small_rtt();
  for (std::size_t at = all.find('\n') + 1; at < all.size(); at = all.find('\n', at) + 1) {
    const std::string row = all.substr(at, all.find(',', all.find(',', at + 2) + 1) - at) + "\n";
    if (row[0] != 's' && row[2] != 's' && std::string{"bfcw"}.find(row[0]) != std::string::npos &&
        std::string{"pm"}.find(row[2]) != std::string::npos)
      rows += row;
  }
  folder.write("rtt.csv", rows);
  folder.write("mine.csv", "id,why\np,x\nm,y\n");
  const std::string path = folder.path().string();
  const Told asked = eval({path, "--anchors", "all"});
  INFO(rows << asked.err);
  CHECK(asked.code == 65);
  CHECK_THAT(asked.err, Catch::Contains("0 cases") && Catch::Contains("--targets FILE"));
  const Told told = eval({path, "--anchors", "all", "--targets", "mine.csv", "-o", "json"});  // in the folder
  INFO(told.err);
  REQUIRE(told.code == 0);
  const auto row = nlohmann::json::parse(told.out)[1];
  CHECK(row["cases"] == 2);
  CHECK(row["region_contains_truth_pct"] == 100.0);
  CHECK_THAT(told.err,
             Catch::Contains("uses 6 of 7 nodes and 8 of 8 rows; unused nodes: 1 without a round trip"));
  folder.write("bad.csv", "id\nq\n");
  const Told bad = eval({path, "--targets", (folder / "bad.csv").string()});
  CHECK(bad.code == 65);
  CHECK_THAT(bad.err, Catch::Contains("bad.csv:2: id: \"q\" is no node"));
  CHECK(eval({path, "--targets", "none.csv"}).code == 66);
}

TEST_CASE("eval command: a node with a wrong label or place is no target, and named with the ways out",
          "[eval]") {
  const auto run = [](const std::string& from, const std::string& to) {
    RttFiles files = small_files();
    files.nodes.replace(files.nodes.find(from), from.size(), to);
    const TempDir folder;
    folder.write("nodes.csv", files.nodes);
    folder.write("rtt.csv", files.rtt);
    return eval({folder.path().string(), "--anchors", "all", "-o", "json"});
  };
  const Told label = run("Bern,46.95,7.45,CH", "Bern,46.95,7.45,FR");
  INFO(label.err);
  REQUIRE(label.code == 0);
  CHECK(nlohmann::json::parse(label.out)[0]["cases"] == 5);
  CHECK_THAT(label.err,
             Catch::Contains("left out, neither anchors nor targets: c (Bern): label (its place is not "
                             "in FR); correct nodes.csv") &&
                 Catch::Contains("uses 5 of 7 nodes and 20 of 32 rows; unused nodes: 1 left "
                                 "out for their label (c (Bern))") &&
                 !Catch::Contains("cannot be where"));
  // Too far from all others for light in fibre, not for light in vacuum: only the mesh says so.
  const Told place = run("Vienna,48.21,16.37,AT", "Vienna,48.21,24.20,UA");
  INFO(place.err);
  REQUIRE(place.code == 0);
  CHECK(nlohmann::json::parse(place.out)[0]["cases"] == 5);
  CHECK_THAT(place.err, Catch::Contains("targets: w (Vienna): place (") &&
                            Catch::Contains(" contradict it, by up to") &&
                            Catch::Contains("1 left out for their place (w (Vienna))"));
}

TEST_CASE("eval command: --help has examples and is no error", "[eval]") {
  const Told told = eval({"--help"});
  CHECK(told.code == 0);
  CHECK_THAT(told.out, Catch::Contains("--soundness 1000000") && Catch::Contains("Exit codes"));
}

TEST_CASE("eval command: --soundness says how many rounds and misses", "[eval]") {
  const Told told = eval({"--soundness", "500", "--seed", "9", "--liars", "1", "-o", "json"});
  CHECK(told.code == 0);
  const auto report = nlohmann::json::parse(told.out);
  CHECK(report["rounds"] == 500);
  CHECK(report["misses_total"] == 0);
  CHECK(report["misses"].empty());
  CHECK_THAT(eval({"--soundness", "10"}).out,
             Catch::Contains("10 rounds") && Catch::Contains("0 misses") && Catch::Contains("claims: "));
}

}  // namespace
}  // namespace chiploc::test::command_test
