// Fleet files: what is read, and every fault with its line.
#include "server/fleet/fleet_file.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>

#include "tests/server/fleet/fleet_text.hpp"
#include "tests/support/paths.hpp"

namespace chiploc::fleet {
namespace {

std::string faults_of(const std::string& text) {
  const auto file = parse_fleet(text, "fleet.toml", Borders::world());
  if (file) return "none";
  std::string out;
  for (const std::string& fault : file.error()) out += fault + "\n";
  return out;
}
/// The line in which this stands, from 1.
std::string line_of(const std::string& text, const std::string& part) {
  const std::size_t at = text.find(part);
  REQUIRE(at != std::string::npos);
  return std::to_string(1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

TEST_CASE("fleet file: a good one is read whole", "[fleet]") {
  const FleetFile file = fleet_of(kSmallFleet);
  CHECK(file.name == "small");
  CHECK(file.network.seed == 3);
  CHECK(file.network.loss == 0.01);
  CHECK(file.network.queue_mean == NetworkOptions{}.queue_mean);
  CHECK(file.days == 3);
  CHECK(file.chips() == 100);
  CHECK(file.rounds_of_a_chip() == 72);
  CHECK(file.policy.fault_budget == 1);
  CHECK(file.pings == 8);
  CHECK(file.anchors_per_round == 8);
  CHECK(file.keeping.rules.silent_after == std::chrono::hours{12});
  REQUIRE(file.anchors.size() == 9);
  REQUIRE(file.sites.size() == 2);
  REQUIRE(file.sites[0].diversion);
  CHECK(file.sites[0].diversion->conduct == Conduct::kMoved);
  CHECK(file.sites[1].diversion->conduct == Conduct::kSilent);
  CHECK(file.sites[1].diversion->at == std::chrono::hours{20});
}

TEST_CASE("fleet file: every fault names its line and key", "[fleet]") {
  const auto check = [](const std::string& from, const std::string& to, const std::string& at,
                        const std::string& says) {
    const std::string text = changed(kSmallFleet, from, to);
    const std::string faults = faults_of(text);
    CAPTURE(from, to, faults);
    CHECK(faults.find("fleet.toml:" + line_of(text, at) + ": ") != std::string::npos);
    CHECK(faults.find(says) != std::string::npos);
  };
  check("days = 3", "days = 0", "days = 0", "fleet.days");
  check("days = 3", "dayz = 3", "dayz", "dayz");
  check("cadence_hours = 1", "cadence_hours = 0.01", "cadence_hours", "less than a minute");
  check("cadence_hours = 1", "cadence_hours = 100", "cadence_hours", "longer than the run");
  check("cadence_hours = 1", "cadence_hours = 5", "cadence_hours", "write 4.8, or run for other days");
  check("cadence_hours = 1", "cadence_hours = 71", "cadence_hours", "write 36, or");
  check("prohibited = [\"RU\"]", "prohibited = [\"QQ\"]", "prohibited", "no country of the map");
  check("pings = 8", "ping_interval_ms = 5", "ping_interval_ms", "would do nothing");
  check("[status]", "[orders]\nhold_least = 3\n[status]", "hold_least", "remove the section");
  check("loss = 0.01", "loss = 0.9", "loss = 0.9", "network.loss");
  check("operator = \"b\"", "", "[[anchor]]\nname = \"ber\"", "anchor.operator");
  check("chips = 40", "chips = 0", "chips = 0", "site.chips");
  check("licensed = [\"DE\"]", "licensed = []", "licensed = []", "site.licensed");
  check("share = 0.1", "share = 1.5", "share = 1.5", "diversion.share");
  check("share = 0.1", "share = 0.008", "share = 0.008", "diversion.share: of 60 chips is none");
  check("share = 0.1", "share = 0", "share = 0\n", "diversion.share: of 60 chips is none");
  check("lat = 55.76\nlon = 37.62", "lat = 30.0\nlon = -40.0", "lat = 30.0", "lies at sea");
  check("lat = 55.76\nlon = 37.62", "behaviour = \"stalled\"", "[[diversion]]", "stall_ms");
  check("behaviour = \"silent\"", "behaviour = \"silent\"\nlat = 50.0\nlon = 9.0", "lat = 50.0\nlon = 9.0",
        "a silent chip is nowhere");
  check("behaviour = \"silent\"", "behaviour = \"silent\"\nstall_ms = 3", "stall_ms", "stalled");
  check("after_hours = 20", "after_hours = 72", "after_hours = 72", "after the run");
  check("site = \"Dresden\"", "site = \"Mainz\"", "site = \"Mainz\"\nshare = 0.25", "a diversion already");
  check("site = \"Dresden\"", "site = \"Dresdn\"", "site = \"Dresdn\"", "no [[site]] is named");
}

TEST_CASE("fleet file: a cadence divides the days, and what a fault proposes does", "[fleet]") {
  for (const char* hours : {"36", "4.8", "0.02", "72"}) {
    CAPTURE(hours);
    CHECK(faults_of(changed(kSmallFleet, "cadence_hours = 1", std::string{"cadence_hours = "} + hours)) ==
          "none");
  }
  for (const char* hours : {"35", "0.0213", "7.77", "1.0003"}) {
    const std::string faults =
        faults_of(changed(kSmallFleet, "cadence_hours = 1", std::string{"cadence_hours = "} + hours));
    CAPTURE(hours, faults);
    std::smatch proposed;
    REQUIRE(std::regex_search(faults, proposed, std::regex{"write ([0-9.]+), or run"}));
    CHECK(faults_of(changed(kSmallFleet, "cadence_hours = 1", "cadence_hours = " + proposed[1].str())) ==
          "none");
  }
}

TEST_CASE("fleet file: a share is of whole chips, to the nearest", "[fleet]") {
  CHECK(fleet_of(changed(kSmallFleet, "share = 0.1", "share = 0.009")).sites[0].diverted_chips() == 1);
  CHECK(fleet_of(kSmallFleet).sites[1].diverted_chips() == 10);
  const std::string faults = faults_of(changed(kSmallFleet, "share = 0.1", "share = 1.5"));
  CHECK(std::count(faults.begin(), faults.end(), '\n') == 1);
}

TEST_CASE("fleet file: what has no anchor, no site, or far too much is refused", "[fleet]") {
  CHECK(faults_of("[fleet]\nname = \"x\"\n").find("no [[anchor]]") != std::string::npos);
  CHECK(faults_of("[fleet]\nname = \"x\"\n").find("no [[site]]") != std::string::npos);
  CHECK(faults_of("[fleet\n").find("fleet.toml:1") != std::string::npos);
  CHECK(faults_of(std::string(kFleetFileMax + 1, '#')).find("larger than 4 MiB") != std::string::npos);
  std::string many = kSmallFleet;
  many = changed(many, "chips = 60", "chips = 100000000");
  CHECK(faults_of(many).find("more than 100000000 chips") != std::string::npos);
}

TEST_CASE("fleet file: a few lines that ask for more memory than there is are refused", "[fleet]") {
  const auto with_sites = [](std::string text, int sites) {
    for (int i = 0; i < sites; ++i)
      text += "[[site]]\nname = \"s" + std::to_string(i) +
              "\"\nlat = 50.0\nlon = 8.3\nchips = 1000\nlicensed = [\"DE\"]\nuplinks = 1000\n";
    return text;
  };
  // 20 of the small fleet and 5,000, and 9 anchors, 8,784 hours each: 44 million. With 1,000 more, 53 million.
  const std::string year = changed(kSmallFleet, "days = 3", "days = 366");
  CHECK(fleet_of(with_sites(year, 5)).tally_cells() == std::size_t{5'029} * 8'784);
  const std::string long_one = with_sites(year, 6);
  CHECK(long_one.size() < 3'500);
  CHECK(faults_of(long_one).find("fleet.toml:" + line_of(long_one, "days = 366") + ": fleet.days: ") == 0);
  CHECK(faults_of(long_one).find("52958736 sums are more than 50000000") != std::string::npos);
  // A diversion has every uplink again.
  const std::string twice =
      with_sites(year, 5) + "[[diversion]]\nsite = \"s3\"\nshare = 0.5\nbehaviour = \"silent\"\n";
  CHECK(faults_of(twice).find("52958736 sums") != std::string::npos);
  CHECK(fleet_of(with_sites(kSmallFleet, 49)).situations() == 49'020);
  const std::string broad = with_sites(kSmallFleet, 50);
  CAPTURE(faults_of(broad));
  CHECK(faults_of(broad).find("fleet.toml:" + line_of(broad, "uplinks = 1000") + ": site.uplinks: ") == 0);
  CHECK(faults_of(broad).find("50020 uplinks") != std::string::npos);
}

TEST_CASE("fleet file: README.md has every key that the parser takes, and no other", "[fleet]") {
  std::ifstream in{source_dir() / "server/fleet/README.md"};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  const std::regex row{R"(\n\| `((?:fleet|network|anchor|site|diversion)\.[a-z_]+)` \|)"};
  std::set<std::string> documented;
  for (std::sregex_iterator it{text.begin(), text.end(), row}, end; it != end; ++it)
    documented.insert((*it)[1]);
  CHECK(documented == fleet_keys());
}

}  // namespace
}  // namespace chiploc::fleet
