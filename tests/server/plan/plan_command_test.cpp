#include "server/plan/plan_command.hpp"

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/server/plan/plan_told.hpp"

namespace chiploc::test::plan_command_test {
namespace {

TEST_CASE("plan command: sites, anchors and candidates of files", "[plan]") {
  const PlanFolder files;
  const Told told = plan({"--sites", files.sites(), "--anchors", files.anchors(), "--candidates",
                          files.candidates(), "--faults", "0", "--add", "2", "-o", "json"});
  INFO(told.err);
  REQUIRE(told.code == 0);
  CHECK(told.err.empty());
  const auto json = nlohmann::json::parse(told.out);
  CHECK(json["sites"] == 3);
  CHECK(json["anchors"] == 1);
  CHECK(json["candidates"] == 3);
  CHECK(json["goal"] == "VERIFIED");
  CHECK_THAT(json["round_trips"].get<std::string>(),
             Catch::StartsWith("Round trips: 0 measured, 12 guessed: "));
}

TEST_CASE("plan command: the same for any number of threads", "[plan]") {
  const PlanFolder files;
  const auto with = [&](const char* threads) {
    return plan({"--sites", files.sites(), "--candidates", "cities", "--people", "3000000", "--prohibited",
                 "RU,CN", "--add", "4", "--goal", "cleared", "--threads", threads, "-o", "json"});
  };
  const Told one = with("1");
  REQUIRE(one.code == 0);
  CHECK(one.out == with("3").out);
}

TEST_CASE("plan command: measured round trips of nodes with these names count instead of the model",
          "[plan]") {
  const PlanFolder files;
  const auto told = plan({"--sites", files.folder_sites(), "--candidates", files.folder_places(),
                          "--measured", files.measured(), "--faults", "0", "--add", "1", "-o", "json"});
  INFO(told.err);
  REQUIRE(told.code == 0);
  // Berlin's own site is the same node; of the two others Vienna is known and Nowhere is not.
  CHECK_THAT(nlohmann::json::parse(told.out)["round_trips"].get<std::string>(),
             Catch::StartsWith("Round trips: 3 measured, 2 guessed: "));
}

TEST_CASE("plan command: over a folder, with all that is compared", "[plan]") {
  const PlanFolder files;
  const Told told =
      plan({"--measured", files.measured(), "--start", "three", "--faults", "0", "--add", "2", "--prohibited",
            "PL,CZ,HU,SK", "--goal", "cleared", "--compare", "population,random-2", "-o", "json"});
  INFO(told.err);
  REQUIRE(told.code == 0);
  const auto json = nlohmann::json::parse(told.out);
  REQUIRE(json["compared"].size() == 6);
  CHECK(json["compared"][0]["chosen_by"] == "plan, by model");
  CHECK(json["compared"][1]["chosen_by"] == "population");
  CHECK(json["compared"][3]["chosen_by"] == "random 2");
  CHECK(json["compared"][4]["chosen_by"] == "oracle: plan, by measured");
  const auto bound = json["compared"][5]["proved"].get<int>();
  for (const auto& choice : json["compared"]) CHECK(choice["proved"].get<int>() <= bound);
}

TEST_CASE("plan command: a map and a list beside the answer", "[plan]") {
  const PlanFolder files;
  const TempDir out;
  const Told told = plan({"--sites", files.sites(), "--candidates", files.candidates(), "--map",
                          (out / "p.svg").string(), "--list", (out / "p.csv").string()});
  CHECK(told.code == 0);
  CHECK_THAT(read_file(out / "p.svg"), Catch::StartsWith("<svg "));
  CHECK_THAT(read_file(out / "p.csv"), Catch::StartsWith("site,"));
}

TEST_CASE("plan command: territories that are drawn", "[plan]") {
  const PlanFolder files;
  const Told told = plan({"--sites", files.campus_sites(), "--candidates", files.candidates(), "--territory",
                          "campus=" + files.campus(), "--faults", "0", "-o", "json"});
  INFO(told.err);
  CHECK(told.code == 0);
}

TEST_CASE("plan command: exit codes and remedies", "[plan]") {
  const PlanFolder files;
  const auto check = [](const std::vector<std::string>& arguments, int code, const std::string& part) {
    const Told told = plan(arguments);
    INFO(told.err);
    CHECK(told.code == code);
    CHECK_THAT(told.err, Catch::Contains(part));
    CHECK(told.out.empty());
  };
  check({}, 64, "name --sites FILE");
  check({"--sites", files.sites()}, 64, "--candidates");
  check({"--start", "3"}, 64, "--measured DIR");
  check({"--start", "3", "--measured", files.measured(), "--sites", files.sites()}, 64, "leave it out");
  check({"--sites", files.sites(), "--candidates", "cities", "--compare", "population"}, 64, "--start");
  check({"--sites", files.sites(), "--candidates", "cities", "--goal", "cleared"}, 64, "--prohibited");
  check({"--sites", files.sites(), "--candidates", "cities", "--prohibited", "UK"}, 64, "GB");
  check({"--sites", files.sites(), "--candidates", "cities", "--delay-model", "fast"}, 64, "INFLATION+MS");
  check({"--sites", files.sites(), "--candidates", "cities", "--people", "5000"}, 64, "raise --people");
  check({"--sites", files.sites(), "--candidates", "grid", "--grid-deg", "0.5"}, 64, "raise --grid-deg");
  check({"--sites", files.sites(), "--candidates", "cities", "--territory", "campus"}, 64, "NAME=FILE");
  check({"--sites", files.sites(), "--candidates", "cities", "--territory", "campus=" + files.sites()}, 65,
        ":1: ");
  check({"--sites", files.sites(), "--candidates", "cities", "--territory", "campus=/nowhere"}, 66,
        "/nowhere");
  check({"--sites", files.sites(), "--candidates", files.candidates(), "--map", "/nowhere/p.svg"}, 64,
        "cannot be written");
  check({"--sites", "/nowhere.csv", "--candidates", "cities"}, 66, "/nowhere.csv: cannot be read");
  check({"--sites", files.anchors(), "--candidates", "cities"}, 65, "anchors.csv:1: ");
  check({"--sites", files.bad_sites(), "--candidates", "cities"}, 65, "bad.csv:3: lat: ");
  check({"--sites", files.sites(), "--anchors", files.candidates(), "--candidates", files.candidates()}, 65,
        "candidates.csv:1: name: the candidate");
  check({"--measured", "/nowhere", "--start", "2"}, 66, "no such folder");
  check({"--measured", files.measured(), "--start", "99"}, 64, "--start 99");
  check({"--measured", files.measured(), "--start", "2", "--compare", "size"}, 64, "random-K");
  check({"--sites", files.sites(), "--candidates", "cities", "--add", "0"}, 64, "--add");
  check({"--sites", files.sites(), "--candidates", "cities", "--quantile", "nan"}, 64, "--quantile");
  check({"--site"}, 64, "chiploc plan --help");
}

TEST_CASE("plan command: the help has the exit codes", "[plan]") {
  const Told told = plan({"--help"});
  CHECK(told.code == 0);
  CHECK_THAT(told.out, Catch::Contains("65 a fault in a file"));
}

}  // namespace
}  // namespace chiploc::test::plan_command_test
