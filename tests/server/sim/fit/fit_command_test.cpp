#include "server/sim/fit/fit_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "geo/borders/borders.hpp"
#include "server/scenario/sim_command.hpp"
#include "server/sim/fit/measured_paths.hpp"
#include "server/sim/paths/path_parameters.hpp"
#include "tests/server/eval/small_set.hpp"
#include "tests/server/sim/paths/simulated_folder.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/told.hpp"

namespace chiploc::test::fit_command_test {
namespace {

Told sim(const std::vector<std::string>& arguments) {
  return test::told([&] { return run_sim_command(arguments); });
}

/// On land: nodes at sea are left out of a fit.
Ends ashore(std::size_t count) {
  Ends all = scattered(20 * count, 4), out;
  for (const PathEnd& end : all.ends) {
    if (out.ends.size() == count || !Borders::world().country_at(end.place)) continue;
    out.names.push_back("end-" + std::to_string(out.names.size()));
    out.ends.push_back({out.names.back(), end.place});
  }
  REQUIRE(out.ends.size() == count);
  return out;
}
std::string row_of(const PathFitInput::End& end) {
  char row[160];
  std::snprintf(row, sizeof row, "%s,%s,%.6f,%.6f,%s\n", end.name.c_str(), end.name.c_str(),
                end.place.lat_deg(), end.place.lon_deg(),
                Borders::world().country_at(end.place).value().text().c_str());
  return row;
}

/// A folder that the network itself was measured in.
class FolderOf {
 public:
  explicit FolderOf(std::size_t count) {
    PathParameters parameters = lively();
    parameters.last_mile_ms = spread(0.05, 0.5);
    const PathFitInput input = simulated(parameters, ashore(count), 4, 50);
    std::string nodes = "id,name,lat,lon,country_iso2\n", rows = "src,dst,min_ms,avg_ms,max_ms,mdev_ms\n";
    for (const PathFitInput::End& end : input.ends) nodes += row_of(end);
    for (const FitPair& pair : input.pairs) {
      char line[160];
      std::snprintf(line, sizeof line, "%s,%s,%.6f,%.6f,%.6f,%.6f\n", input.ends[pair.a].name.c_str(),
                    input.ends[pair.b].name.c_str(), pair.min_ms, pair.avg_ms, 4.0 * pair.avg_ms,
                    pair.mdev_ms);
      rows += line;
    }
    folder_.write("nodes.csv", nodes);
    folder_.write("rtt.csv", rows);
  }
  [[nodiscard]] std::string path() const { return folder_.path().string(); }
  [[nodiscard]] std::string file(std::string_view name) const { return (folder_ / name).string(); }
  [[nodiscard]] std::string text(std::string_view name) const {
    std::ostringstream all;
    all << std::ifstream{folder_ / name}.rdbuf();
    return all.str();
  }
  [[nodiscard]] const TempDir& folder() const { return folder_; }

 private:
  TempDir folder_;
};

TEST_CASE("sim fit: figures with standard errors, as table and JSON", "[sim]") {
  const FolderOf folder{20};
  const Told table = sim({"fit", folder.path(), "--resamples", "10"});
  INFO(table.err);
  REQUIRE(table.code == 0);
  CHECK(table.out.find("20 ends, 190 pairs\n") != std::string::npos);
  CHECK(table.out.find("STANDARD ERROR") != std::string::npos);
  CHECK(table.out.find("not told by this folder, and left as they are: loss") != std::string::npos);
  const Told json = sim({"fit", folder.path(), "--resamples", "10", "-o", "json"});
  const auto fit = nlohmann::json::parse(json.out);
  CHECK(fit["pairs"] == 190);
  CHECK(fit["figures"][0]["name"] == "node_share");
  CHECK(fit["figures"][0]["standard_error"].get<double>() > 0.0);
  CHECK(sim({"fit", folder.path(), "--resamples", "10", "-o", "json"}).out == json.out);
  const auto bare_fit =
      nlohmann::json::parse(sim({"fit", folder.path(), "--resamples", "0", "-o", "json"}).out);
  CHECK(bare_fit["figures"][0]["standard_error"].is_null());
}

TEST_CASE("sim fit: the halves are two parts of the pairs", "[sim]") {
  const FolderOf folder{20};
  const auto half = [&](const std::string& which) {
    return nlohmann::json::parse(
        sim({"fit", folder.path(), "--half", which, "--resamples", "0", "-o", "json"}).out);
  };
  CHECK(half("first")["pairs"] == 95);
  CHECK(half("second")["pairs"] == 95);
  CHECK(half("first")["figures"] != half("second")["figures"]);
  CHECK(half("all")["pairs"] == 190);
}

TEST_CASE("sim fit: what it writes is a network, with its ends if they are asked for", "[sim]") {
  const FolderOf folder{20};
  REQUIRE(sim({"fit", folder.path(), "--resamples", "0", "--write", folder.file("n.toml")}).code == 0);
  const auto without = parse_paths(folder.text("n.toml"), "n.toml");
  if (!without) FAIL(without.error().front());
  CHECK(without->ends.empty());
  CHECK(without->bands.size() >= 2);
  REQUIRE(sim({"fit", folder.path(), "--resamples", "0", "--write", folder.file("n.toml"), "--ends"}).code ==
          0);
  CHECK(parse_paths(folder.text("n.toml"), "n.toml")->ends.size() == 20);
}

TEST_CASE("sim fit: --hold-out says how far off, and draws it", "[sim]") {
  const FolderOf folder{30};
  const Told told =
      sim({"fit", folder.path(), "--hold-out", "--splits", "2", "--plot", folder.file("h.svg")});
  INFO(told.err);
  REQUIRE(told.code == 0);
  CHECK(told.out.find("SHARE  MEASURED  SIMULATED  ERROR %  OTHER HALF %  MEDIAN ERROR %") !=
        std::string::npos);
  CHECK(told.out.find("largest error ") != std::string::npos);
  CHECK(told.out.find("of 2 splits, all errors within 10 %: ") != std::string::npos);
  CHECK(told.out.find("beyond 8000 km") != std::string::npos);
  const std::string svg = folder.text("h.svg");
  CHECK(svg.find("<svg") != std::string::npos);
  CHECK(svg.find("simulated over measured (%)") != std::string::npos);
  const auto json =
      nlohmann::json::parse(sim({"fit", folder.path(), "--hold-out", "--splits", "2", "-o", "json"}).out);
  CHECK(json["ratio"]["quantiles"].size() == 7);
  CHECK(json["splits"]["count"] == 2);
  double largest = 0.0;
  for (const auto& quantile : json["ratio"]["quantiles"])
    largest = std::max(largest, std::abs(quantile["error_pct"].get<double>()));
  CHECK(json["ratio"]["largest_error_pct"].get<double>() == Approx(largest));
}

TEST_CASE("sim fit: reads what chiploc eval reads, as it comes", "[sim]") {
  const FolderOf folder{20};
  // The same measurements as a matrix, places apart.
  const PathFitInput input = load_measured(std::filesystem::path{folder.path()}).value().input;
  std::string matrix = "-", nodes = "id,name,lat,lon,country_iso2\n";
  for (const PathFitInput::End& end : input.ends) {
    matrix += "," + end.name;
    nodes += row_of(end);
  }
  for (std::size_t a = 0; a < input.ends.size(); ++a) {
    matrix += "\n" + input.ends[a].name;
    for (std::size_t b = 0; b < input.ends.size(); ++b) {
      const auto pair = std::find_if(input.pairs.begin(), input.pairs.end(),
                                     [&](const FitPair& it) { return it.a == a && it.b == b; });
      char cell[32] = ",";
      if (pair != input.pairs.end()) std::snprintf(cell, sizeof cell, ",%.6f", pair->min_ms);
      matrix += cell;
    }
  }
  folder.folder().write("matrix.csv", matrix + "\n");
  folder.folder().write("places.csv", nodes);
  const Told told = sim({"fit", folder.file("matrix.csv"), "--nodes", folder.file("places.csv"),
                         "--resamples", "0", "-o", "json"});
  INFO(told.err);
  REQUIRE(told.code == 0);
  const auto of_matrix = nlohmann::json::parse(told.out);
  const auto of_folder =
      nlohmann::json::parse(sim({"fit", folder.path(), "--resamples", "0", "-o", "json"}).out);
  CHECK(of_matrix["pairs"] == 190);
  CHECK(of_matrix["figures"][0] == of_folder["figures"][0]);
  // Minima alone tell nothing of queues.
  CHECK(std::count(of_matrix["kept"].begin(), of_matrix["kept"].end(), "paths_queue") == 1);
  CHECK(std::count(of_folder["kept"].begin(), of_folder["kept"].end(), "paths_queue") == 0);
}

TEST_CASE("sim fit: a stated resolution makes every column longer by half of it", "[sim]") {
  const FolderOf folder{20};
  RttReading reading;
  reading.resolution_ms = 0.5;
  const MeasuredPaths exact = load_measured(std::filesystem::path{folder.path()}).value(),
                      rounded = load_measured(std::filesystem::path{folder.path()}, reading).value();
  REQUIRE(rounded.input.pairs.size() == exact.input.pairs.size());
  for (std::size_t p = 0; p < exact.input.pairs.size(); ++p) {
    CHECK(rounded.input.pairs[p].min_ms == Approx(exact.input.pairs[p].min_ms + 0.25));
    CHECK(rounded.input.pairs[p].avg_ms == Approx(exact.input.pairs[p].avg_ms + 0.25));
    CHECK(rounded.input.pairs[p].mdev_ms == exact.input.pairs[p].mdev_ms);
  }
  CHECK(MatrixPaths::create(rounded.matrix).has_value());
  CHECK(std::count(rounded.notes.begin(), rounded.notes.end(),
                   "0.25 ms added to every round trip, for a resolution of 0.5 ms") == 1);
}

TEST_CASE("sim fit: exit codes and remedies", "[sim]") {
  const FolderOf folder{20};
  const auto refused = [](const std::vector<std::string>& arguments, int code) {
    const Told told = sim(arguments);
    INFO(told.err);
    CHECK(told.code == code);
    CHECK(told.out.empty());
    return told.err;
  };
  CHECK(refused({}, 64).find("fit") != std::string::npos);  // among the commands that there are
  static_cast<void>(refused({"fit"}, 64));
  static_cast<void>(refused({"fit", folder.path(), "--half", "third"}, 64));
  static_cast<void>(refused({"fit", folder.path(), "--plot", "x.svg"}, 64));  // without --hold-out
  static_cast<void>(refused({"fit", folder.path(), "--hold-out", "--half", "first"}, 64));
  static_cast<void>(refused({"fit", folder.path(), "--splits", "0", "--hold-out"}, 64));
  CHECK(refused({"fit", "/nowhere/at/all"}, 66).find("/nowhere/at/all: no such folder") == 0);
  CHECK(refused({"fit", folder.path(), "--write", "/nowhere/n.toml"}, 64).find("cannot be written") !=
        std::string::npos);
  const FolderOf few{6};
  CHECK(refused({"fit", few.path()}, 65).find("has 6 ends and 15 pairs; a fit takes 3 and 30") !=
        std::string::npos);
  few.folder().write("rtt.csv", "src,dst,min_ms,avg_ms\nend-0,end-1,500,1\n");
  CHECK(refused({"fit", few.path(), "--resolution-ms", "0"}, 65).find("rtt.csv:2: avg_ms: is below min_ms") !=
        std::string::npos);
  const Told help = sim({"fit", "--help"});
  CHECK(help.code == 0);
  CHECK(help.out.find("chiploc sim fit data/rtt/aws-2020 --write network.toml") != std::string::npos);
}

TEST_CASE("sim: shows its command line for completions", "[sim]") {
  bool seen = false;
  with_sim_line(
      [&](const CLI::App& app) { seen = app.get_subcommand("fit")->get_option("--hold-out") != nullptr; });
  CHECK(seen);
}

}  // namespace
}  // namespace chiploc::test::fit_command_test
