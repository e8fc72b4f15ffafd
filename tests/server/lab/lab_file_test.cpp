#include "server/lab/lab_file.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "geo/geodesic.hpp"
#include "tests/server/lab/lab_text.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/paths.hpp"

namespace chiploc {
namespace {

const char* const kGood = R"([lab]
name = "t"
prohibited = ["CN"]
[[place]]
name = "Bonn"
lat = 50.7
lon = 7.1
[[place]]
name = "Perth"
lat = -31.9
lon = 115.8
[[place]]
name = "Ocean"
lat = 30
lon = -40
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
last_mile_ms = 0.2
[[chip]]
serial = "T-1"
behaviour = "honest"
licence = "L-DE"
site = "Bonn"
[[chip]]
serial = "T-2"
behaviour = "relayed"
licence = "L-DE"
site = "Bonn"
at = "Perth"
[[chip]]
serial = "T-3"
behaviour = "stalled"
licence = "L-DE"
site = "Bonn"
stall_ms = 20
reach = "inbound"
)";

/// kGood with one line replaced; the fault has to name that line and key.
std::vector<std::string> faults_with(const std::string& line, const std::string& instead) {
  std::string text = kGood;
  const auto at = text.find(line);
  REQUIRE(at != std::string::npos);
  return faults_of(text.replace(at, line.size(), instead));
}

TEST_CASE("lab file: a good one is read whole", "[sim][lab]") {
  const LabWorld world = small_world();
  const auto read = parse_lab_file(kGood, "t.toml", world);
  if (!read) FAIL(read.error().front());
  const LabFile& file = read.value();
  REQUIRE(file.chips.size() == 3);
  CHECK(file.anchors.at(0).last_mile == Nanoseconds{200'000});
  CHECK(file.anchors[0].rendezvous);
  CHECK(file.chips[0].at == file.chips[0].site);
  CHECK(file.chips[1].behaviour == Behaviour::kRelayed);
  CHECK(file.chips[1].via == file.chips[1].site);
  CHECK(file.chips[1].true_country.view() == "AU");
  CHECK(file.chips[2].stall == Nanoseconds{20'000'000});
  CHECK(file.chips[2].inbound);
  CHECK(file.licence("L-DE") != nullptr);
  CHECK(file.policy.faults == 1);
}

TEST_CASE("lab file: what the policy asks of each kind of verdict", "[sim][lab]") {
  const auto read = [](const std::string& keys) {
    return parse_lab_file(std::string{kGood} + "[policy]\nfaults = 1\n" + keys, "t.toml", small_world());
  };
  auto file = read("");
  REQUIRE(file);
  CHECK(file->policy.more_to_clear + file->policy.more_to_accuse == 0);
  file = read("faults_to_clear = 2\nfaults_to_accuse = 4\n");
  REQUIRE(file);
  CHECK(file->policy.more_to_clear == 1);
  CHECK(file->policy.more_to_accuse == 2);
  CHECK_FALSE(read("faults_to_clear = 0\n"));
  CHECK_FALSE(read("faults_to_clear = 2\nfaults_to_accuse = 1\n"));
}

TEST_CASE("lab file: a place is told from another, an anchor is elsewhere than registered", "[sim][lab]") {
  const auto with = [](const std::string& line, const std::string& instead) {
    std::string text = kGood;
    const auto at = text.find(line);
    REQUIRE(at != std::string::npos);
    return text.replace(at, line.size(), instead);
  };
  const std::string place = "[[place]]\nname = \"Further\"\n";
  const LabFile file = lab_of(with("operator", "true_lat = 51.0\ntrue_lon = 8.0\noperator"));
  REQUIRE(file.anchors[0].true_place.has_value());
  CHECK(file.anchors[0].true_place->lat_deg() == Approx(51.0));
  CHECK(file.anchors[0].place.lat_deg() == Approx(50.8));
  check_fault(with("operator", "true_lat = 51.0\noperator"), "anchor.true_lon: missing");
  const std::string whole{kGood};
  check_fault(whole + place + "from = \"Nowhere\"\nkm = 3\nbearing_deg = 0\n",
              "place.from: no [[place]] is named");
  check_fault(whole + place + "from = \"Bonn\"\nkm = 3\n", "place.bearing_deg: missing");
  check_fault(whole + place + "from = \"Bonn\"\nkm = 3\nbearing_deg = 0\nlat = 1\n",
              "place.lat: the place is told from another");
  check_fault(whole + place + "lat = 50\nlon = 7\nkm = 3\n",
              "place.km: is of a place that is told from another");
  const LabFile far = lab_of(
      whole + place +
      "from = \"Bonn\"\nkm = 100\nbearing_deg = 0\n[[chip]]\nserial = \"far\"\nlicence = \"L-DE\"\nsite = \"Further\"\n");
  CHECK(geodesic_distance(far.chips.back().site, far.chips.front().site).km() == Approx(100.0));
  CHECK(far.chips.back().site.lat_deg() > far.chips.front().site.lat_deg());
}

TEST_CASE("lab file: a site on contested land is any claimant's", "[sim][lab]") {
  LabWorld world = small_world();
  std::string text = kGood;
  const std::string de = "countries = [\"DE\"]";
  text.replace(text.find(de), de.size(), "countries = [\"SG\"]");
  CHECK_FALSE(parse_lab_file(text, "t.toml", world));
  world.claimants_at = [](LatLon) {
    return std::vector<CountryCode>{*CountryCode::from_text("DE"), *CountryCode::from_text("SG")};
  };
  const auto read = parse_lab_file(text, "t.toml", world);
  if (!read) FAIL(read.error().front());
  CHECK(read->chips.at(0).claimants.size() == 2);
}

TEST_CASE("lab file: each fault names file, line, key and what to do", "[sim][lab]") {
  struct Case {
    const char* line;
    const char* instead;
    const char* fault;
  };
  const Case cases[] = {
      {"lat = 50.8", "lat = 95", "t.toml:22: anchor.lat: "},
      {"prohibited = [\"CN\"]", "prohibited = [\"QQ\"]", "t.toml:3: lab.prohibited: \"QQ\" is no country"},
      {"prohibited = [\"CN\"]", "prohibited = [\"UK\"]",
       "no country of the map; use GB for the United Kingdom"},
      {"countries = [\"DE\"]", "countries = [\"AU\"]",
       "t.toml:31: chip.site: \"Bonn\" is in DE, which licence L-DE does not name"},
      {"[[place]]", "[policy]\nround_deadline_ms = 2500\n[[place]]",
       "t.toml:5: policy.round_deadline_ms: is too short for an honest chip to answer in; make it "},
      {"[[place]]", "[policy]\nlinger_ms = 10000\n[[place]]", "policy.round_deadline_ms: is too short"},
      {"last_mile_ms = 0.2", "last_mile_ms = 0.01", "t.toml:26: anchor.last_mile_ms: "},
      {"behaviour = \"honest\"", "behaviour = \"nice\"", "t.toml:29: chip.behaviour: "},
      {"behaviour = \"honest\"", "behaviour = \"moved\"", "chip.at: a moved chip is elsewhere"},
      {"behaviour = \"honest\"", "behaviour = \"honest\"\nat = \"Perth\"",
       "t.toml:30: chip.at: an honest chip is at its site"},
      {"behaviour = \"honest\"", "behaviour = \"honest\"\nstall_ms = 4",
       "t.toml:30: chip.stall_ms: only a stalled chip waits"},
      {"behaviour = \"honest\"", "behaviour = \"cloned\"", "chip.clone_at: a cloned chip has a second place"},
      {"stall_ms = 20", "", "chip.stall_ms: a stalled chip waits"},
      {"at = \"Perth\"", "at = \"Atlantis\"", "t.toml:37: chip.at: no [[place]] is named \"Atlantis\""},
      {"at = \"Perth\"", "at = \"Ocean\"", "t.toml:37: chip.at: lies at sea"},
      {"serial = \"T-2\"", "serial = \"T-1\"", "t.toml:33: chip.serial: \"T-1\" is there twice"},
      {"serial = \"T-2\"", "serial = \"../x\"", "t.toml:33: chip.serial: \"../x\" is no plain name"},
      {"network = \"AS64500\"", "network = \"AS64500\"\nrendezvous = false",
       "lab.name: some chips knock, but no anchor"},
      {"reach = \"inbound\"", "reach = \"inbound\"\ncolour = \"blue\"", "t.toml:45: chip.colour: "},
  };
  for (const Case& c : cases) {
    const auto faults = faults_with(c.line, c.instead);
    CAPTURE(c.line, c.instead, faults);
    REQUIRE_FALSE(faults.empty());
    CHECK(faults.front().find(c.fault) != std::string::npos);
  }
}

TEST_CASE("lab file: all faults are told at once, in the order of their lines", "[sim][lab]") {
  std::string text = kGood;
  text.replace(text.find("lat = 50.8"), 10, "lat = \"x\"");
  text.replace(text.find("site = \"Bonn\""), 13, "site = \"Bern\"");
  const auto faults = faults_of(text);
  REQUIRE(faults.size() == 2);
  CHECK(faults[0].find("t.toml:22:") == 0);
  CHECK(faults[1].find("t.toml:31:") == 0);
}

TEST_CASE("lab file: a pair has to join two ends of the lab", "[sim][lab]") {
  const std::string pair = std::string{kGood} + "[[pair]]\na = \"bonn1\"\nb = \"T-9\"\nrtt_ms = 3\n";
  const auto faults = faults_of(pair);
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].find("t.toml:47: pair.b: \"T-9\" is neither an anchor nor a chip") == 0);
}

TEST_CASE("lab file: a pair states a round trip, or what is added to the model's", "[sim][lab]") {
  const auto with = [](const std::string& keys) {
    return std::string{kGood} + "[[pair]]\na = \"bonn1\"\nb = \"T-1\"\n" + keys;
  };
  const LabFile file = lab_of(with("loss = 0.25\nadded_rtt_ms = 3.5\n"));
  REQUIRE(file.pairs.size() == 1);
  CHECK_FALSE(file.pairs[0].round_trip.has_value());
  CHECK(file.pairs[0].extra.loss == 0.25);
  CHECK(file.pairs[0].extra.added_round_trip == Nanoseconds{3'500'000});
  CHECK(lab_of(with("rtt_ms = 3\n")).pairs.at(0).round_trip == Nanoseconds{3'000'000});
  check_fault(with(""), "t.toml:46: pair.a: the pair is as modelled; give rtt_ms, added_rtt_ms or loss");
  check_fault(with("loss = 1.5\n"), "t.toml:48: pair.loss: 1.5 is out of range");
  check_fault(with("rtt_ms = 3\n[[pair]]\na = \"T-1\"\nb = \"bonn1\"\nloss = 0.1\n"),
              "t.toml:50: pair.a: the pair is there twice");
}

const char* const kSquare =
    R"({\"type\":\"Polygon\",\"coordinates\":[[[7,50],[8,50],[8,51],[7,51],[7,50]]]})";

TEST_CASE("lab file: licences and the prohibited list may name territories", "[sim][lab]") {
  std::string text = std::string{kGood} + "[[territory]]\nname = \"rhine\"\ngeojson = \"" + kSquare +
                     "\"\n[[territory]]\nname = \"south\"\ncountries = [\"AU\", \"SG\"]\n";
  text.replace(text.find("countries = [\"DE\"]"), 18, "countries = [\"rhine\"]");
  text.replace(text.find("prohibited = [\"CN\"]"), 19, "prohibited = [\"CN\", \"south\"]");
  const LabFile file = lab_of(text);
  REQUIRE(file.territories.size() == 2);
  CHECK(file.territory("rhine")->area != nullptr);
  CHECK(file.licence("L-DE")->places.territories == std::vector<std::string>{"rhine"});
  CHECK(file.licence("L-DE")->places.countries.empty());
  CHECK(file.prohibited.territories == std::vector<std::string>{"south"});
  CHECK(file.chips[0].territories == std::vector<std::string>{"rhine"});  // Bonn, 50.7 N 7.1 E
  CHECK(file.chips[1].territories == std::vector<std::string>{"south"});  // Perth
}

TEST_CASE("lab file: an area may stand in a file beside it", "[sim][lab]") {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("lab_file_test." + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream{folder / "rhine.geojson"}
      << R"({"type":"Polygon","coordinates":[[[7,50],[8,50],[8,51],[7,51],[7,50]]]})";
  std::ofstream{folder / "open.geojson"}
      << R"({"type":"Polygon","coordinates":[[[7,50],[8,50],[8,51],[7,51]]]})";
  const auto with = [&](const char* file) {
    const std::string text =
        std::string{kGood} + "[[territory]]\nname = \"rhine\"\nfile = \"" + file + "\"\n";
    return parse_lab_file(text, folder / "lab.toml", small_world());
  };
  const auto good = with("rhine.geojson");
  if (!good) FAIL(good.error().front());
  CHECK(good->territory("rhine")->area->contains(*LatLon::from_degrees({.lat = 50.5, .lon = 7.5})));
  const auto missing = with("nowhere.geojson");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().front().find("lab.toml:47: territory.file: there is no file ") != std::string::npos);
  const auto unclosed = with("open.geojson");
  REQUIRE_FALSE(unclosed);
  CHECK(unclosed.error().front().find("lab.toml:47: territory.file: ") != std::string::npos);
  const auto device = with("/dev/zero");
  REQUIRE_FALSE(device);
  CHECK(device.error().front().find("there is no file /dev/zero") != std::string::npos);
  std::filesystem::remove_all(folder);
}

TEST_CASE("lab file: a territory that is none says so", "[sim][lab]") {
  const auto with = [](const std::string& keys) { return std::string{kGood} + "[[territory]]\n" + keys; };
  check_fault(with("name = \"XY\"\ncountries = [\"AU\"]\n"),
              "t.toml:46: territory.name: \"XY\" could be taken for a country's code");
  check_fault(with("name = \"rhine\"\n"),
              "territory.name: a territory is a group of countries or an area; give one of");
  check_fault(with("name = \"rhine\"\ncountries = [\"AU\"]\ngeojson = \"{}\"\n"), "give one of countries");
  check_fault(with("name = \"rhine\"\ngeojson = \"{\"\n"), "t.toml:47: territory.geojson: ");
  check_fault(with("name = \"T-1\"\ncountries = [\"AU\"]\n"), "\"T-1\" is there twice");
  std::string text = kGood;
  text.replace(text.find("prohibited = [\"CN\"]"), 19, "prohibited = [\"rhine\"]");
  check_fault(
      text,
      "t.toml:3: lab.prohibited: \"rhine\" is neither a country's code nor the name of a [[territory]]");
}

TEST_CASE("lab file: README.md has every key that the parser takes, and no other", "[sim][lab]") {
  std::ifstream in{source_dir() / "server/lab/README.md"};
  std::set<std::string> documented;
  const std::regex row{R"(^\| `([a-z]+\.[a-z_]+)` \|.*)"};
  for (std::string line; std::getline(in, line);) {
    std::smatch found;
    if (std::regex_match(line, found, row)) CHECK(documented.insert(found[1]).second);
  }
  const std::set<std::string> taken = lab_file_keys();
  CHECK(taken.size() > 70);
  for (const std::string& key : taken) {
    CAPTURE(key);
    CHECK(documented.count(key) == 1);
  }
  for (const std::string& key : documented) {
    CAPTURE(key);
    CHECK(taken.count(key) == 1);
  }
}

TEST_CASE("lab file: one that is missing or no TOML is one fault", "[sim][lab]") {
  const LabWorld world = small_world();
  CHECK(faults_of("[lab\n").size() == 1);
  const auto read = load_lab_file("/nonexistent/lab.toml", world);
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().size() == 1);
}

}  // namespace
}  // namespace chiploc
