#include "server/lab/lab_file.hpp"

#include <string>
#include <vector>

#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

/// A world of three bands: north of 40 degrees DE, south of -10 AU, sea between but for SG within a degree of
/// 1 N, 103 E.
LabWorld small_world() {
  const auto code = [](const char* text) { return *CountryCode::from_text(text); };
  return {.country_at = [code](LatLon p) -> std::optional<CountryCode> {
            if (p.lat_deg() > 40.0) return code("DE");
            if (p.lat_deg() < -10.0) return code("AU");
            if (p.lat_deg() > 0.0 && p.lat_deg() < 2.0 && p.lon_deg() > 102.0 && p.lon_deg() < 104.0)
              return code("SG");
            return std::nullopt;
          },
          .known =
              [code](CountryCode c) {
                return c == code("DE") || c == code("AU") || c == code("SG") || c == code("CN");
              }};
}

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

std::vector<std::string> faults_of(const std::string& text) {
  const LabWorld world = small_world();
  const auto read = parse_lab_file(text, "t.toml", world);
  return read ? std::vector<std::string>{} : read.error();
}

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

TEST_CASE("lab file: one that is missing or no TOML is one fault", "[sim][lab]") {
  const LabWorld world = small_world();
  CHECK(faults_of("[lab\n").size() == 1);
  const auto read = load_lab_file("/nonexistent/lab.toml", world);
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().size() == 1);
}

}  // namespace
}  // namespace chiploc
