// `chiploc eval convert`, and `chiploc eval` on the same files, by their command line.
#include "server/eval/convert_command.hpp"

#include <nlohmann/json.hpp>

#include "server/eval/eval_command.hpp"
#include "tests/server/eval/small_set.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/told.hpp"

namespace chiploc::test::convert_command_test {
namespace {

Told eval(const std::vector<std::string>& arguments) {
  return test::told([&] { return run_eval_command(arguments); });
}

/// The small set's network (small_set.hpp) as a matrix.
std::string small_matrix() {
  const RttSet set = parse(small_files());
  std::string text = "from";
  for (const EvalNode& node : set.nodes) text += "," + node.id;
  text += "\n";
  for (std::size_t a = 0; a < set.nodes.size(); ++a) {
    text += set.nodes[a].id;
    for (std::size_t b = 0; b < set.nodes.size(); ++b) {
      const double ms = set.rtt_ms(a, b);
      text += a == b ? ",0" : std::isnan(ms) ? ",NA" : "," + exact_number(ms);
    }
    text += "\n";
  }
  return text;
}

struct World {
  TempDir folder;
  std::string matrix = folder.write("m.csv", small_matrix()).string();
  std::string nodes = folder.write("nodes.csv", kSmallNodes).string();
  std::string to = (folder / "out").string();
};

TEST_CASE("eval convert: the folder reads back as the set that was measured, byte for byte the same",
          "[eval][others]") {
  const World world;
  const Told told = eval({"convert", world.matrix, "--nodes", world.nodes, "--to", world.to});
  INFO(told.err);
  REQUIRE(told.code == 0);
  CHECK(told.out.empty());
  CHECK_THAT(told.err, Catch::Contains("read as matrix: 32 round trips between 7 nodes") &&
                           Catch::Contains("wrote " + world.to) && !Catch::Contains("will ask"));
  const auto read = load_rtt_folder(world.to, false, Borders::world());
  REQUIRE(read.has_value());
  const RttSet before = parse(small_files());
  REQUIRE(read->nodes.size() == before.nodes.size());
  for (const EvalNode& a : before.nodes) {
    const std::size_t i = number_of(*read, a.id);
    CHECK(read->nodes[i].name == a.name);
    CHECK(read->nodes[i].place.lat_deg() == a.place.lat_deg());
    CHECK(read->nodes[i].country == a.country);
    for (const EvalNode& b : before.nodes) {
      const double was = before.rtt_ms(number_of(before, a.id), number_of(before, b.id));
      const double is = read->rtt_ms(i, number_of(*read, b.id));
      CHECK(((std::isnan(was) && std::isnan(is)) || was == is));
    }
  }
  REQUIRE(eval({"convert", world.matrix, "--nodes", world.nodes, "--to", world.to + "2"}).code == 0);
  for (const char* const name : {"nodes.csv", "rtt.csv"})
    CHECK(read_file(world.folder / "out" / name) == read_file(world.folder / "out2" / name));
}

TEST_CASE("eval: files of others answer as the folder that convert makes of them", "[eval][others]") {
  const World world;
  REQUIRE(eval({"convert", world.matrix, "--nodes", world.nodes, "--to", world.to}).code == 0);
  const Told files = eval({world.matrix, "--nodes", world.nodes, "--digest", "--anchors", "all"});
  INFO(files.err);
  REQUIRE(files.code == 0);
  CHECK(files.out == eval({world.to, "--digest", "--anchors", "all"}).out);
  CHECK_THAT(files.err, Catch::Contains("read as matrix"));
  const Told rows = eval({world.matrix, "--nodes", world.nodes, "--anchors", "all", "-o", "json"});
  REQUIRE(rows.code == 0);
  CHECK(nlohmann::json::parse(rows.out)[0]["set"].get<std::string>() == "m");
}

TEST_CASE("eval convert: nothing is left where something is wrong, and nothing overwritten",
          "[eval][others]") {
  const World world;
  const auto check = [&](const std::vector<std::string>& arguments, int code, const std::string& part) {
    std::vector<std::string> all{"convert", "--to", world.to};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const Told told = eval(all);
    INFO(told.err);
    CHECK(told.code == code);
    CHECK_THAT(told.err, Catch::Contains(part));
    CHECK(!std::filesystem::exists(world.to));
    std::size_t left = 0;
    for (const auto& entry : std::filesystem::directory_iterator{world.folder.path()})
      left += entry.path().filename().string().find("out") != std::string::npos ? 1U : 0U;
    CHECK(left == 0);
  };
  check({world.matrix}, 65, "7 nodes have no place: \"b\", \"p\"");
  check({world.matrix + "x"}, 66, "m.csvx: cannot be read");
  check({world.matrix, "--format", "ping", "--nodes", world.nodes}, 65, "m.csv:1: holds no run of ping");
  check({world.matrix, "--format", "pong"}, 64, "--format");
  const std::string bad =
      world.folder.write("bad.csv", "id,name,lat,lon,country_iso2\nb,B,99,0,DE\np,P,0,0,DE\n").string();
  const std::string two = world.folder.write("two.csv", "x,b,p\nb,0,1.5\np,1,0\n").string();
  check({two, "--nodes", bad}, 65, "bad.csv:2: lat: \"99\"");
  CHECK(eval({"convert", world.matrix}).code == 64);
  std::filesystem::create_directory(world.to);
  const Told there = eval({"convert", world.matrix, "--nodes", world.nodes, "--to", world.to + "/"});
  CHECK(there.code == 64);
  CHECK_THAT(there.err, Catch::Contains("is there already"));
  CHECK(std::filesystem::is_empty(world.to));
}

TEST_CASE("eval convert: what eval will ask is told beforehand, by the lines of the files",
          "[eval][others]") {
  const World world;
  const std::string zero = world.folder.write("z.csv", "x,b,w\nb,0,0\nw,12.123,0\n").string();
  const Told told = eval({"convert", zero, "--nodes", world.nodes, "--to", world.to});
  INFO(told.err);
  CHECK(told.code == 0);
  CHECK_THAT(told.err, Catch::Contains("chiploc eval will ask: " + zero + ":2: min_ms: 0 is no round trip"));
  const Told asked = eval({zero, "--nodes", world.nodes});
  CHECK(asked.code == 65);
  CHECK_THAT(asked.err, Catch::StartsWith(zero + ":2: min_ms: 0 is no round trip"));
  const std::string fping = world.folder.write("b.log", "w : 151\n").string();
  const Told cut = eval({"convert", fping, "--nodes", world.nodes, "--to", world.to + "3"});
  CHECK(cut.code == 0);
  CHECK_THAT(cut.err, Catch::Contains("fping prints three digits"));
  CHECK(eval({fping, "--nodes", world.nodes, "--anchors", "all"}).code == 65);
  const Told stated = eval({fping, "--nodes", world.nodes, "--anchors", "all", "--resolution-ms", "1"});
  INFO(stated.err);
  CHECK(stated.code == 0);
}

TEST_CASE("eval: options of files are not for folders", "[eval][others]") {
  const World world;
  REQUIRE(eval({"convert", world.matrix, "--nodes", world.nodes, "--to", world.to}).code == 0);
  CHECK(eval({world.to, "--nodes", world.nodes}).code == 64);
  CHECK(eval({world.to, world.matrix}).code == 64);
  CHECK(eval({world.matrix, "--nodes", world.nodes, "--with-faulty"}).code == 64);
  CHECK(eval({"--folde"}).err == "chiploc eval: --folde is no option; see: chiploc eval --help\n");
  CHECK_THAT(eval({"convert", "a.csv"}).err,
             Catch::EndsWith("--to is required; see: chiploc eval convert --help\n"));
  CHECK_THAT(eval({"convert", "--help"}).out, Catch::Contains("--to") && Catch::Contains("NAME=FILE"));
}

}  // namespace
}  // namespace chiploc::test::convert_command_test
