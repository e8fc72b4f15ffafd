// Which network a lab has, as its file says it.
#include <cmath>

#include "geo/geodesic.hpp"
#include "server/sim/paths/parametric_paths.hpp"
#include "tests/server/lab/lab_text.hpp"
#include "tests/support/temp_dir.hpp"

namespace chiploc::test::lab_reading_network_test {
namespace {

/// Line 1 is [network].
std::string with_network(const std::string& network, const std::string& more = "") {
  return "[network]\n" + network + R"([lab]
name = "t"
[[place]]
name = "Bonn"
lat = 50.7
lon = 7.1
[[licence]]
id = "L-DE"
holder = "Rhein Rechenzentrum"
countries = ["DE"]
[[anchor]]
name = "bonn1"
lat = 50.8
lon = 7.0
operator = "Alpha"
network = "AS64500"
[[chip]]
serial = "T-1"
licence = "L-DE"
site = "Bonn"
)" + more;
}

/// The anchor is in Mainz, where no chip is.
std::string beside(const std::string& network, const std::string& more = "") {
  std::string text = with_network(network, more);
  const std::string there = "lat = 50.8\nlon = 7.0\n";
  return text.replace(text.find(there), there.size(), "lat = 50.0\nlon = 8.2\n");
}

const ParametricPaths& parametric(const LabFile& file) {
  const auto* paths = dynamic_cast<const ParametricPaths*>(file.paths.get());
  REQUIRE(paths != nullptr);
  return *paths;
}

/// Cologne and Perth, 240 ms; Cologne and Mainz, 5 ms. Bonn is near Cologne.
LabWorld measured_world(std::vector<std::string> faults = {}) {
  LabWorld world = small_world();
  world.measured = [faults](const LabMeasured& what) -> Result<RttMatrix, std::vector<std::string>> {
    if (!faults.empty()) return Fail{faults};
    CHECK(what.folder.filename() == "data");
    CHECK(what.resolution_ms.value_or(-1.0) == 0.5);
    RttMatrix matrix{{{"Cologne", *LatLon::from_degrees({.lat = 50.9, .lon = 7.0})},
                      {"Perth", *LatLon::from_degrees({.lat = -31.9, .lon = 115.8})},
                      {"Mainz", *LatLon::from_degrees({.lat = 50.0, .lon = 8.3})}},
                     std::vector<MatrixPair>(9)};
    matrix.pairs[1].min_ms = 240.0;
    matrix.pairs[2].min_ms = 5.0;
    return matrix;
  };
  return world;
}

TEST_CASE("lab network: the lab's own without a word", "[sim][lab]") {
  const LabFile file = lab_of(with_network("loss = 0.1\nburst = 0.2\n"));
  CHECK(file.network_model == LabNetworkModel::kLab);
  CHECK(file.paths == nullptr);
  CHECK(file.network.loss == 0.1);
  CHECK(file.network.burst == 0.2);
  check_fault(with_network("model = \"cubic\"\n"), "t.toml:2: network.model: ");
  check_fault(with_network("paths = \"x.toml\"\n"), "t.toml:2: network.paths: is of model = \"parametric\"");
  check_fault(with_network("folder = \"data\"\n"), "t.toml:2: network.folder: is of model = \"matrix\"");
}

TEST_CASE("lab network: a parametric one has the file's sections over its file over the defaults",
          "[sim][lab]") {
  const LabFile plain = lab_of(with_network("model = \"parametric\"\n"));
  CHECK(plain.network_model == LabNetworkModel::kParametric);
  CHECK(parametric(plain).parameters() == default_paths());
  const TempDir folder;
  folder.write("net.toml",
               "[paths]\nloss = 0.25\nasymmetry = 0.5\n"
               "[[paths_end]]\nname = \"elsewhere\"\nlast_mile_ms = 1\nrank = 0\n");
  const std::string text = with_network("model = \"parametric\"\npaths = \"net.toml\"\n",
                                        "[paths]\nasymmetry = 0.125\n[[paths_outage]]\na = \"bonn1\"\n");
  const auto read = parse_lab_file(text, folder / "lab.toml", small_world());
  if (!read) FAIL(read.error().front());
  const PathParameters& parameters = parametric(*read).parameters();
  CHECK(parameters.loss == 0.25);
  CHECK(parameters.asymmetry == 0.125);
  CHECK(parameters.ends.size() == 1);  // of that file, and of no lab: a fit with --ends has such
  CHECK(parameters.outages.size() == 1);
  CHECK(parameters.bands == default_paths().bands);
}

TEST_CASE("lab network: faults of a parametric one have their file, line and key", "[sim][lab]") {
  const std::string model = "model = \"parametric\"\n";
  for (const char* key : {"loss", "reorder", "queue_mean_us", "burst", "burst_mean_us", "asymmetry"})
    check_fault(with_network(model + key + " = 0\n"),
                std::string{"t.toml:3: network."} + key + ": does nothing with model = \"parametric\"");
  check_fault(with_network(model, "[paths]\nloss = 2\n"), "t.toml:24: paths.loss: 2 is out of range");
  check_fault(with_network(model, "[paths]\nlos = 0.2\n"), "t.toml:24: paths.los: unknown");
  check_fault(with_network(model, "[[paths_fast]]\na = \"nobody\"\n"),
              "t.toml:24: paths_fast.a: \"nobody\" is no end of this lab");
  check_fault(with_network(model, "[[paths_outage]]\na = \"bonn1\"\nb = \"T-2\"\n"),
              "t.toml:25: paths_outage.b: \"T-2\" is no end of this lab");
  check_fault(with_network(model, "[[paths_end]]\nname = \"x\"\nlast_mile_ms = 1\nrank = 0\n"),
              "t.toml:24: paths_end.name: \"x\" is no end");
  for (const char* end : {"T-1", "bonn1", "T-1/via", "T-1-clone"})
    CHECK(faults_of(with_network(model, std::string{"[[paths_outage]]\na = \""} + end + "\"\n")).empty());
  const TempDir folder;
  folder.write("net.toml", "[paths]\nloss = 7\n");
  folder.write("big.toml", std::string((1U << 20U) + 1, '#'));
  const auto fault = [&](const std::string& file) {
    const auto read = parse_lab_file(with_network(model + "paths = \"" + file + "\"\n"), folder / "lab.toml",
                                     small_world());
    return read ? std::string{"none"} : read.error().front();
  };
  CHECK(fault("net.toml")
            .find((folder / "lab.toml").string() + ":3: network.paths: " + (folder / "net.toml").string() +
                  ":2: paths.loss: 7 is out of range") == 0);
  CHECK(fault("none.toml").find("lab.toml:3: network.paths: there is no file ") != std::string::npos);
  CHECK(fault("big.toml").find("is larger than 1 MiB") != std::string::npos);
}

TEST_CASE("lab network: a matrix is read from its folder, and each end is near a node of it", "[sim][lab]") {
  const std::string model = "model = \"matrix\"\nfolder = \"data\"\nresolution_ms = 0.5\nloss = 0.1\n";
  const auto read = parse_lab_file(beside(model), "t.toml", measured_world());
  if (!read) FAIL(read.error().front());
  CHECK(read->network_model == LabNetworkModel::kMatrix);
  CHECK(read->network.loss == 0.1);
  const PathEnd bonn{"x", read->chips[0].site},
      perth{"y", *LatLon::from_degrees({.lat = -31.9, .lon = 115.8})};
  CHECK(read->paths->fate(bonn, perth, {}).delay == Nanoseconds{120'000'000});
  const auto faults = [&](const std::string& network, const std::string& more) {
    const auto file = parse_lab_file(beside(network, more), "t.toml", measured_world());
    return file ? std::string{"none"} : file.error().front();
  };
  const std::string away =
      std::to_string(std::lround(geodesic_distance(*LatLon::from_degrees({.lat = 50.0, .lon = 8.3}),
                                                   *LatLon::from_degrees({.lat = 48.1, .lon = 11.6}))
                                     .km()));
  CHECK(faults(model, "[[place]]\nname = \"Munich\"\nlat = 48.1\nlon = 11.6\n")
            .find("t.toml:27: place.name: stands " + away + " km from Mainz, the nearest node") == 0);
  CHECK(
      faults(model, "[[anchor]]\nname = \"muc\"\nlat = 48.1\nlon = 11.6\noperator = \"A\"\nnetwork = \"B\"\n")
          .find("t.toml:27: anchor.name: stands " + away + " km") == 0);
  // Where it truly stands is what counts.
  CHECK(faults(model,
               "[[anchor]]\nname = \"muc\"\nlat = 48.1\nlon = 11.6\noperator = \"A\"\nnetwork = \"B\"\n"
               "true_lat = 50.1\ntrue_lon = 8.2\n") == "none");
  CHECK(faults(model, "[[chip]]\nserial = \"T-2\"\nlicence = \"L-DE\"\nsite = \"Bonn\"\nlast_mile_ms = 0.2\n")
            .find("t.toml:30: chip.last_mile_ms: does nothing with model = \"matrix\"") == 0);
  CHECK(faults(model + "burst = 0.1\n", "").find("t.toml:6: network.burst: does nothing with model") == 0);
  CHECK(faults("model = \"matrix\"\n", "").find("t.toml:1: network.folder: ") == 0);
}

TEST_CASE("lab network: what a folder has wrong is told in its files' lines, and who names it",
          "[sim][lab]") {
  const std::string text = with_network("model = \"matrix\"\nfolder = \"data\"\n");
  auto read = parse_lab_file(
      text, "t.toml",
      measured_world({"data/rtt.csv:3: min_ms: is none", "data/nodes.csv:1: lat: is missing"}));
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error() ==
        std::vector<std::string>{"t.toml:3: network.folder: data/rtt.csv:3: min_ms: is none",
                                 "t.toml:3: network.folder: data/nodes.csv:1: lat: is missing"});
  read = parse_lab_file(text, "t.toml", small_world());
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().front().find("t.toml:3: network.folder: this program reads no measurements") == 0);
}

const std::string kMatrix = "model = \"matrix\"\nfolder = \"data\"\nresolution_ms = 0.5\n";

std::string fault_of_matrix(const std::string& text) {
  const auto file = parse_lab_file(text, "t.toml", measured_world());
  return file ? std::string{"none"} : file.error().front();
}

TEST_CASE("lab network: no chip, proxy or clone is at the node of an anchor, at any time", "[sim][lab]") {
  const std::string why = "is at the network's node ";
  // The lab's anchor and its chip's site are both nearest to Cologne; line 24 has the site.
  CHECK(fault_of_matrix(with_network(kMatrix))
            .find("t.toml:24: chip.site: " + why + "Cologne, as anchor bonn1 is") == 0);
  CHECK(fault_of_matrix(beside(kMatrix)) == "none");
  // Line 25 begins what follows; Mainz is where the anchor is.
  const std::string mainz = "[[place]]\nname = \"Mainz\"\nlat = 50.1\nlon = 8.2\n";
  const std::string perth = "[[place]]\nname = \"Perth\"\nlat = -31.8\nlon = 115.8\n";
  const std::string chip = "[[chip]]\nserial = \"T-2\"\nlicence = \"L-DE\"\nsite = \"Bonn\"\n";
  const auto fault = [&](const std::string& more) {
    return fault_of_matrix(beside(kMatrix, mainz + perth + chip + more));
  };
  CHECK(fault("behaviour = \"moved\"\nat = \"Mainz\"\n").find("t.toml:38: chip.at: " + why + "Mainz") == 0);
  CHECK(fault("behaviour = \"moved\"\nat = \"Perth\"\n") == "none");
  CHECK(fault("behaviour = \"relayed\"\nat = \"Perth\"\nvia = \"Mainz\"\n")
            .find("t.toml:39: chip.via: " + why) == 0);
  CHECK(fault("behaviour = \"cloned\"\nclone_at = \"Mainz\"\n").find("t.toml:38: chip.clone_at: " + why) ==
        0);
  // A key that was taken out answers from the site, and its chip may be anywhere.
  CHECK(fault("behaviour = \"extracted\"\nat = \"Mainz\"\n") == "none");
  CHECK(
      fault(
          "[[order]]\nid = \"O\"\nchips = 2\ndiverted = 1\nlicence = \"L-DE\"\nsite = \"Mainz\"\nat = \"Perth\"\n")
          .find("t.toml:42: order.site: " + why) == 0);
  CHECK(
      fault(
          "[[order]]\nid = \"O\"\nchips = 2\ndiverted = 1\nlicence = \"L-DE\"\nsite = \"Bonn\"\nat = \"Mainz\"\n")
          .find("t.toml:43: order.at: " + why) == 0);
  CHECK(
      fault(
          "[[order]]\nid = \"O\"\nchips = 2\ndiverted = 2\nlicence = \"L-DE\"\nsite = \"Mainz\"\nat = \"Perth\"\n") ==
      "none");
  const std::string event =
      "[[round]]\nat = \"1min\"\n[[event]]\nchip = \"T-2\"\nat = \"1s\"\nbehaviour = \"moved\"\nplace = ";
  CHECK(fault(event + "\"Mainz\"\n").find("t.toml:43: event.place: " + why) == 0);
  CHECK(fault(event + "\"Perth\"\n") == "none");
  const std::string relayed = "behaviour = \"relayed\"\nat = \"Perth\"\n";
  CHECK(fault(relayed + "exits = [\"Perth\", \"Mainz\"]\n").find("t.toml:39: chip.exits: " + why) == 0);
  const std::string later = "[[round]]\nat = \"1min\"\n[[event]]\nchip = \"T-2\"\nat = \"1s\"\nexits = ";
  CHECK(fault(relayed + later + "[\"Mainz\"]\n").find("t.toml:44: event.exits: " + why) == 0);
}

TEST_CASE("lab network: how a folder's numbers are to be read is told to its reader", "[sim][lab]") {
  LabWorld world = small_world();
  LabMeasured told;
  world.measured = [&](const LabMeasured& what) -> Result<RttMatrix, std::vector<std::string>> {
    told = what;
    return Fail{std::vector<std::string>{"data/rtt.csv:1: min_ms: so"}};
  };
  const auto read = [&](const std::string& keys) {
    return parse_lab_file(with_network("model = \"matrix\"\nfolder = \"data\"\n" + keys), "t.toml", world)
        .error();
  };
  static_cast<void>(read(""));
  CHECK_FALSE(told.resolution_ms.has_value());
  CHECK_FALSE((told.truncated || told.believe_order || told.believe_fast));
  CHECK(told.believe_ms.empty());
  static_cast<void>(read(
      "resolution_ms = 1\ntruncated = true\nbelieve_ms = [999, 0.5]\nbelieve_order = true\nbelieve_fast = true\n"));
  CHECK(told.resolution_ms == 1.0);
  CHECK((told.truncated && told.believe_order && told.believe_fast));
  CHECK(told.believe_ms == std::vector<double>{999.0, 0.5});
  CHECK(
      read("truncated = true\n").back().find("t.toml:4: network.truncated: says how a step was rounded to") ==
      0);
  CHECK(read("believe_ms = [1, -2]\n")
            .back()
            .find("t.toml:4: network.believe_ms: holds -2; use numbers from 0") == 0);
  for (const char* key :
       {"truncated = true", "believe_ms = [1]", "believe_order = true", "believe_fast = false"}) {
    const std::string name{key, std::string_view{key}.find(' ')};
    check_fault(with_network(std::string{key} + "\n"),
                "t.toml:2: network." + name + ": is of model = \"matrix\"");
  }
}

TEST_CASE("lab network: sections of paths without a parametric network say what they need", "[sim][lab]") {
  const std::string problem = ": is of a network with model = \"parametric\"; set network.model to it";
  struct Row {
    const char *name, *text;
  };
  const Row row = GENERATE(
      Row{"paths", "[paths]\nloss = 0.1\n"}, Row{"paths", "[paths]\n"},
      Row{"paths_queue", "[paths_queue]\nq0 = 1\n"}, Row{"paths_last_mile", "[paths_last_mile]\n"},
      Row{"paths_band", "[[paths_band]]\nkm = 1\n[[paths_band]]\nkm = 2\n"},
      Row{"paths_end", "[[paths_end]]\nname = \"bonn1\"\n"}, Row{"paths_cut", "[[paths_cut]]\nlat = 1\n"},
      Row{"paths_outage", "[[paths_outage]]\na = \"x\"\n"}, Row{"paths_fast", "[[paths_fast]]\na = \"x\"\n"});
  const std::string fault = "t.toml:22: " + std::string{row.name} + problem;
  CAPTURE(row.text);
  const auto faults = faults_of(with_network("", row.text));
  REQUIRE(faults.size() == 1);
  CHECK(faults.front().find(fault) == 0);
  const auto matrix = parse_lab_file(beside(kMatrix, row.text), "t.toml", measured_world());
  REQUIRE_FALSE(matrix.has_value());
  CHECK(matrix.error().size() == 1);
  CHECK(matrix.error().front().find(std::string{row.name} + problem) != std::string::npos);
}

TEST_CASE("lab network: a route is of the lab's own network alone", "[sim][lab]") {
  const std::string chip =
      "[[chip]]\nserial = \"T-2\"\nlicence = \"L-DE\"\nsite = \"Bonn\"\nroute = \"hall\"\n";
  const std::string order =
      "[[order]]\nid = \"O\"\nchips = 2\nlicence = \"L-DE\"\nsite = \"Bonn\"\nroute = \"hall\"\n";
  CHECK(lab_of(with_network("", chip)).chips.at(1).route == "hall");
  check_fault(with_network("model = \"parametric\"\n", chip),
              "t.toml:27: chip.route: does nothing with model = \"parametric\"");
  check_fault(with_network("model = \"parametric\"\n", order),
              "t.toml:28: order.route: does nothing with model = \"parametric\"");
  CHECK(fault_of_matrix(beside(kMatrix, chip))
            .find("t.toml:29: chip.route: does nothing with model = \"matrix\"") == 0);
}

}  // namespace
}  // namespace chiploc::test::lab_reading_network_test
