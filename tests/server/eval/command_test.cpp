#include "server/eval/eval_command.hpp"

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/server/eval/small_set.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::test {
namespace {

struct Told {
  int code = -1;
  std::string out, err;
};

/// Runs the command with standard output and error caught.
Told eval(const std::vector<std::string>& arguments) {
  std::ostringstream out, err;
  std::streambuf* const real_out = std::cout.rdbuf(out.rdbuf());
  std::streambuf* const real_err = std::cerr.rdbuf(err.rdbuf());
  const int code = run_eval_command(arguments);
  std::cout.rdbuf(real_out);
  std::cerr.rdbuf(real_err);
  return {code, out.str(), err.str()};
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
  CHECK(told.err.empty());  // no bar where there is no terminal
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
  check({small.path(), "--prohibited", "CN,QQ"}, 64, "QQ");
  check({small.path(), "--accept", "0.1", "--flag", "0.2"}, 64, "--flag (0.2) must be below --accept (0.1)");
  check({small.path(), "--accept", "0.01"}, 64, "--flag (0.018) must be below --accept (0.01)");
  check({small.path(), "--accept", "1.5"}, 64, "--accept");
  check({small.path(), "--plot", "/no/such/folder/x.svg"}, 64, "cannot be written");
  check({small.path(), "--soundness", "5"}, 64, "--soundness");
  check({small.path(), "--liars", "5"}, 64, "--liars");
  check({small.path(), "--with-faulty"}, 66, "faulty_nodes.csv");
  check({small.path() + "/none"}, 66, "no such folder");
  small.folder().write("rtt.csv", "src,dst,min_ms\nb,x,1\n");
  check({small.path()}, 65, "rtt.csv:2: dst: \"x\"");
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
  CHECK_THAT(eval({"--soundness", "10"}).out, Catch::Contains("10 rounds") && Catch::Contains("0 misses"));
}

}  // namespace
}  // namespace chiploc::test
