#include "server/sim/fit/measured_paths.hpp"

#include <zlib.h>

#include "tests/server/eval/small_set.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::test::measured_paths_test {
namespace {

const std::string kRows =
    "src,dst,min_ms,avg_ms,max_ms,mdev_ms\n"
    "b,f,14.5,15.0,40,1.5\n"
    "f,b,14.4,15.9,42,2.5\n"
    "b,w,9,,,\n";

/// Rows of few digits that are exact.
RttReading exact() {
  RttReading reading;
  reading.resolution_ms = 0.0;
  return reading;
}

RttSet set_of(const std::string& rows, const std::string& nodes = kSmallNodes) {
  auto set = parse_rtt_files({nodes, rows, {}, {}, {}}, "small", Borders::world(), exact());
  if (!set) FAIL(set.error().front());
  return std::move(set).value();
}

std::optional<HoursText> hours(const std::string& text) { return HoursText{"hourly.csv", text}; }

std::string fault(const std::string& rows, const std::optional<HoursText>& hourly = {}) {
  const RttSet set = set_of("src,dst,min_ms\nb,f,14.4\nb,w,9\n");
  const auto measured = measured_of(set, rows, hourly);
  return measured ? std::string{"none"} : measured.error().front();
}

TEST_CASE("measured paths: a pair once, with the lesser minimum and the mean of what is above it", "[sim]") {
  const RttSet set = set_of(kRows);
  const auto measured = measured_of(set, kRows);
  REQUIRE(measured.has_value());
  REQUIRE(measured->input.pairs.size() == 2);
  const FitPair& pair = measured->input.pairs.front();
  CHECK(measured->input.ends[pair.a].name == "Berlin");
  CHECK(measured->input.ends[pair.b].name == "Paris");
  CHECK(pair.min_ms == 14.4);
  CHECK(pair.avg_ms == Approx(14.4 + 1.0));  // 0.5 and 1.5
  CHECK(pair.mdev_ms == 2.0);
  CHECK(pair.km == Approx(878.0).margin(5.0));
  CHECK(measured->input.pairs.back().avg_ms < 0.0);
  CHECK(measured->input.hours.empty());
  const auto paths = MatrixPaths::create(measured->matrix);
  REQUIRE(paths.has_value());
  CHECK(paths->pair_between("Paris", "Berlin")->min_ms == 14.4);
}

TEST_CASE("measured paths: a node whose place the others contradict is no end and no node", "[sim]") {
  RttSet set = set_of(kRows);
  set.nodes[number_of(set, "f")].doubt = NodeDoubt::kPlace;
  const auto measured = measured_of(set, kRows, hours("hour,src,dst,min_ms\n0,b,f,14.5\n0,b,w,9\n"));
  REQUIRE(measured.has_value());
  REQUIRE(measured->input.pairs.size() == 1);
  CHECK(measured->input.ends[measured->input.pairs[0].b].name == "Vienna");
  CHECK(measured->input.ends.size() == set.nodes.size() - 1);
  CHECK(measured->input.hours.size() == 1);
  for (const RttMatrix::Node& node : measured->matrix.nodes) CHECK(node.name != "Paris");
  CHECK(MatrixPaths::create(measured->matrix)->pair_between("Berlin", "Vienna")->min_ms == 9.0);
}

TEST_CASE("measured paths: two nodes of one name go by their ids", "[sim]") {
  const std::string nodes = "id,name,lat,lon,country_iso2\n1,X,50,8,DE\n2,X,49,8,DE\n";
  const RttSet set = set_of("src,dst,min_ms\n1,2,3\n", nodes);
  const auto measured = measured_of(set, "src,dst,min_ms\n1,2,3\n");
  REQUIRE(measured.has_value());
  CHECK(measured->input.ends[1].name == "2");
}

TEST_CASE("measured paths: hours of each direction, in the solar time between the two", "[sim]") {
  const std::string hourly = "hour,src,dst,min_ms\n0,b,f,14.5\n2,b,f,15\n1,f,b,14.4\n";
  const RttSet set = set_of(kRows);
  const auto measured = measured_of(set, kRows, hours(hourly));
  REQUIRE(measured.has_value());
  REQUIRE(measured->input.hours.size() == 2);
  CHECK(measured->input.hours[0].ms == std::vector<float>{14.5F, -1.0F, 15.0F});
  CHECK(measured->input.hours[0].middle_lon_deg == Approx(0.5 * (13.40 + 2.35)));
  CHECK(MatrixPaths::create(measured->matrix).has_value());
}

TEST_CASE("measured paths: a few rows make no gigabytes of hours", "[sim]") {
  // A hundred nodes, and the last hour of a year for every directed pair: 87 million hours.
  std::string nodes = "id,name,lat,lon,country_iso2\n", rows = "src,dst,min_ms\n",
              last = "hour,src,dst,min_ms\n";
  for (int a = 0; a < 100; ++a) {
    const std::string from = "n" + std::to_string(a);
    nodes += from + "," + from + ",50," + std::to_string(8 + 0.01 * a) + ",DE\n";
    for (int b = 0; b < 100; ++b) {
      if (a == b) continue;
      rows += from + ",n" + std::to_string(b) + "," + std::to_string(20.0 + 0.137 * (a + b)) + "\n";
      last += "8783," + from + ",n" + std::to_string(b) + ",60\n";
    }
  }
  const auto measured = measured_of(set_of(rows, nodes), rows, hours(last));
  REQUIRE_FALSE(measured.has_value());
  CHECK(
      measured.error().front() ==
      "hourly.csv:7287: hour: makes more hours of all pairs than 64000000, gaps included; leave some hours or "
      "nodes out");
}

TEST_CASE("measured paths: faults have file, line, field and remedy", "[sim]") {
  CHECK(fault("src,dst,min_ms,avg_ms\nb,f,14.4,14.3\n") ==
        "rtt.csv:2: avg_ms: is below min_ms; no mean is below the least: swap the two");
  CHECK(fault("src,dst,min_ms,avg_ms,max_ms\nb,f,14.4,14.5,14.45\n").find("rtt.csv:2: max_ms: is below") ==
        0);
  CHECK(fault("src,dst,min_ms,avg_ms\nb,f,14.4,many\n").find("rtt.csv:2: avg_ms: ") == 0);
  CHECK(fault("src,dst,min_ms,avg_ms\nb,q,14.4,20\n").find("rtt.csv:2: dst: \"q\" is no node") == 0);
  CHECK(fault("src,dst,min_ms\nb,f,14.4\n", hours("hour,src,dst,min_ms\n0.5,b,f,15\n"))
            .find("hourly.csv:2: hour: \"0.5\" is no hour") == 0);
  CHECK(fault("src,dst,min_ms\nb,f,14.4\n", hours("hour,src,dst,min_ms\n9999999,b,f,15\n"))
            .find("hourly.csv:2: hour: ") == 0);
  CHECK(fault("src,dst,min_ms\nb,f,14.4\n", hours("hour,src,dst,min_ms\n0,b,f,15\n0,b,f,15\n"))
            .find("hourly.csv:3: this hour of the pair") == 0);
  CHECK(fault("src,dst,min_ms\nb,f,14.4\n", hours("hour,src,dst,min_ms\n0,b,f,14\n"))
            .find("hourly.csv:2: min_ms: is below the pair's") == 0);
  CHECK(fault("src,dst,min_ms\nb,f,14.4\n", hours("hour,src,min_ms\n0,b,15\n")).find("hourly.csv:1: dst: ") ==
        0);
  CHECK(fault("src,dst,min_ms\nb,f,14.4\n", hours("hour,src,dst,min_ms\n"))
            .find("hourly.csv:1: has no hours") == 0);
}

TEST_CASE("measured paths: hours are read packed or not; a broken file says so", "[sim]") {
  TempDir folder;
  folder.write("nodes.csv", kSmallNodes);
  folder.write("rtt.csv", kRows);
  const std::string hourly = "hour,src,dst,min_ms\n0,b,f,14.5\n";
  const auto packed = (folder.path() / "hourly.csv.gz").string();
  const gzFile file = gzopen(packed.c_str(), "wb");
  REQUIRE(gzwrite(file, hourly.data(), static_cast<unsigned>(hourly.size())) > 0);
  gzclose(file);
  auto measured = load_measured(folder.path(), exact());
  if (!measured) FAIL(measured.error().lines.front());
  CHECK(measured->input.hours.size() == 1);
  std::filesystem::resize_file(packed, std::filesystem::file_size(packed) - 6);
  measured = load_measured(folder.path(), exact());
  REQUIRE_FALSE(measured.has_value());
  CHECK(measured.error().code == EvalExit::kBadData);
  CHECK(measured.error().lines.front() == packed + ": is no whole gzip file; copy it again");
  folder.write("hourly.csv", hourly);
  measured = load_measured(folder.path(), exact());  // which of the two holds is not ours to say
  REQUIRE_FALSE(measured.has_value());
  CHECK(measured.error().lines.front() == packed + ":1: hourly.csv is there as well; remove one of them");
  std::filesystem::remove(packed);
  measured = load_measured(folder.path(), exact());
  REQUIRE(measured.has_value());
  CHECK(measured->input.hours.size() == 1);
  CHECK(load_measured(folder.path() / "none", exact()).error().code == EvalExit::kNotFound);
}

}  // namespace
}  // namespace chiploc::test::measured_paths_test
