#include "server/sim/paths/path_parameters.hpp"

#include <fstream>
#include <set>
#include <sstream>

#include "server/sim/paths/parametric_paths.hpp"
#include "tests/server/sim/paths/test_network.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/paths.hpp"

namespace chiploc::test::path_parameters_test {
namespace {

std::string first_fault(const std::string& text) {
  const auto parsed = parse_paths(text, "net.toml");
  return parsed ? std::string{"none"} : parsed.error().front();
}

PathParameters everything() {
  PathParameters out = lively();
  out.ends = {{"lisbon", 0.25, -0.5}, {"a \"quoted\\ name\"\n", 1.0 / 3.0, 2.0}};
  CableCut cut;
  cut.centre = at(12.5, 43.3);
  cut.span = {std::chrono::hours{24}, std::chrono::hours{48}};
  out.cuts = {cut};
  out.outages = {{"lisbon", "", {std::chrono::hours{1}, Nanoseconds::max()}}, {"lisbon", "x", {}}};
  out.fast = {{"lisbon", "x", 0.997, 1.2, 0.0, {}}};
  out.changes_per_day = 0.7;
  out.asymmetry = 0.1;
  return out;
}

TEST_CASE("path parameters: the text reads back to the same parameters", "[sim][paths]") {
  for (const PathParameters& parameters : {everything(), default_paths(), bare()}) {
    const std::string text = paths_text(parameters);
    const auto back = parse_paths(text, "net.toml");
    if (!back) FAIL(back.error().front());
    PathParameters expected = parameters;
    // With no band in the file those of the defaults hold.
    if (expected.bands.empty()) expected.bands = default_paths().bands;
    CHECK(*back == expected);
    CHECK(paths_text(*back) == paths_text(expected));
  }
}

TEST_CASE("path parameters: times of many weeks read back to the nanosecond", "[sim][paths]") {
  for (const char* from : {"1068.0947529308046", "2240.6931775329358", "2313.9570167268375", "87839.999"}) {
    const auto read =
        parse_paths("[[paths_outage]]\na = \"x\"\nfrom_h = " + std::string{from} + "\n", "net.toml");
    if (!read) FAIL(read.error().front());
    const auto back = parse_paths(paths_text(*read), "net.toml");
    if (!back) FAIL(back.error().front());
    CAPTURE(from);
    CHECK(back->outages.front().span.from.count() == read->outages.front().span.from.count());
  }
}

TEST_CASE("path parameters: an empty file is the defaults, which are usable", "[sim][paths]") {
  const auto empty = parse_paths("", "net.toml");
  REQUIRE(empty.has_value());
  CHECK(*empty == default_paths());
  CHECK(empty->bands.size() >= 8);
  double before = 5.0;  // of the nearest: twelve milliseconds between two ends 150 km apart
  for (const DistanceBand& band : empty->bands) {
    CHECK(band.extra.rising());
    CHECK(band.extra.at[5] > 0.3);
    CHECK(band.extra.at[5] < 5.0);
    if (band.km < kNearKm) continue;
    // The farther, the straighter: what a path goes round by grows less than its length.
    CHECK(band.extra.at[5] < before);
    before = band.extra.at[5];
  }
  CHECK(empty->last_mile_ms.rising());
  CHECK(empty->queue_ms.rising());
}

TEST_CASE("path parameters: faults have their line, key and remedy", "[sim][paths]") {
  CHECK(first_fault("[paths]\nloss = 1.5\n").find("net.toml:2: paths.loss: ") == 0);
  CHECK(first_fault("[paths]\nlos = 0.5\n").find("net.toml:2: paths.los: unknown") == 0);
  CHECK(first_fault("[paths]\nnode_share = nan\n").find("net.toml:2: paths.node_share") == 0);
  CHECK(first_fault("[[paths_outage]]\nto_h = 3\n").find("net.toml:1: paths_outage.a: ") == 0);
  CHECK(first_fault("[[paths_outage]]\na = \"x\"\nfrom_h = 3\nto_h = 3\n") ==
        "net.toml:4: paths_outage.to_h: is not after from_h; give a later time, or drop it");
  CHECK(first_fault("[[paths_fast]]\na = \"x\"\nb = \"x\"\n")
            .find("net.toml:3: paths_fast.b: is the same end") == 0);
  CHECK(first_fault("[[paths_fast]]\na = \"x\"\nkind = \"wire\"\n").find("net.toml:3: paths_fast.kind") == 0);
  CHECK(first_fault("[[paths_fast]]\na = \"x\"\nshare_of_c = 1.01\n")
            .find("net.toml:3: paths_fast.share_of_c") == 0);
  CHECK(first_fault("[[paths_cut]]\nlat = 91\nlon = 0\nradius_km = 5\n").find("net.toml:2: paths_cut.lat") ==
        0);
  const std::string end = "[[paths_end]]\nname = \"x\"\nlast_mile_ms = 1\nrank = 0\n";
  CHECK(first_fault(end + end).find("net.toml:6: paths_end.name: stands there twice") == 0);
  std::string band = "[[paths_band]]\nkm = 100\n";
  for (std::size_t k = 0; k < kKnotKeys.size(); ++k) band += std::string{kKnotKeys[k]} + " = 1\n";
  CHECK(first_fault(band) == "none");
  CHECK(first_fault(band + band).find("net.toml:17: paths_band.km: is not above") == 0);
  CHECK(first_fault("[paths_queue]\nq0 = 1\n").find("net.toml:1: paths_queue.q1: ") == 0);
  std::string falling = band;
  falling.replace(falling.find("q50 = 1"), 7, "q50 = 0.5");
  CHECK(
      first_fault(falling) ==
      "net.toml:8: paths_band.q50: is below q25; quantiles rise with their share: correct the one or the other");
}

TEST_CASE("path parameters: fast paths have the speed of their kind", "[sim][paths]") {
  const auto both =
      parse_paths("[[paths_fast]]\na = \"x\"\n[[paths_fast]]\na = \"y\"\nkind = \"hollow-core\"\n", "n");
  REQUIRE(both.has_value());
  CHECK(both->fast[0].share_of_c == 1.0);
  CHECK(both->fast[0].extra_km > 1'000.0);
  CHECK(both->fast[1].share_of_c == 0.997);
  CHECK(both->fast[1].extra_km == 0.0);
}

TEST_CASE("path parameters: the README names every key", "[sim][paths]") {
  std::ifstream file{source_dir() / "server/sim/paths/README.md"};
  std::ostringstream text;
  text << file.rdbuf();
  TomlReader reader = TomlReader::parse(paths_text(everything()) + "kind = \"leo\"\n", "n");
  static_cast<void>(read_paths(reader));
  const auto asked = reader.asked();
  CHECK(asked.size() > 50);
  for (const std::string& key : asked) {
    const std::string bare_key = key.substr(key.find('.') + 1);
    INFO(key);
    if (bare_key.front() == 'q') continue;  // named together
    CHECK(text.str().find("`" + key + "`") != std::string::npos);
  }
}

}  // namespace
}  // namespace chiploc::test::path_parameters_test
