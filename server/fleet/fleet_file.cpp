#include "server/fleet/fleet_file.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "server/config/toml_reader.hpp"
#include "server/lab/milliseconds.hpp"
#include "server/policy/policy_file.hpp"
#include "server/policy/rules_file.hpp"

namespace chiploc::fleet {
namespace {

constexpr std::array<std::string_view, 5> kOwn{"fleet", "network", "anchor", "site", "diversion"};
constexpr std::array<std::string_view, 4> kConducts{"moved", "relayed", "stalled", "silent"};

class FleetReading {
 public:
  FleetReading(std::string_view text, const std::filesystem::path& name, const Borders& borders)
      : reader_{TomlReader::parse(text, name)}, borders_{borders} {}

  void run() {
    TomlSection head = reader_.section("fleet");
    read_head(head);
    read_network(reader_.section("network"));
    read_policy(reader_.section("policy"));
    for (TomlSection& section : reader_.sections("anchor")) read_anchor(section);
    std::vector<TomlSection> sites = reader_.sections("site");
    for (TomlSection& section : sites) read_site(section);
    for (TomlSection& section : reader_.sections("diversion")) read_diversion(section);
    if (file_.anchors.empty())
      head.fault("name", "the fleet has no [[anchor]]; add some, or nothing is measured");
    if (file_.sites.empty()) head.fault("name", "the fleet has no [[site]]; add one, or there is no chip");
    if (file_.anchors.size() > kFleetAnchorsMax) head.fault("name", "there are more than 4096 anchors");
    if (file_.sites.size() > kFleetSitesMax) head.fault("name", "there are more than 10000 sites");
    if (file_.chips() > kFleetChipsMax)
      head.fault("name", "there are more than 100000000 chips; leave some out");
    bound_memory(head, sites);
    if (file_.cadence > file_.length()) {
      head.fault("cadence_hours", "is longer than the run; measure more often, or for more days");
    } else if (file_.length() % file_.cadence != Nanoseconds{0}) {
      head.fault("cadence_hours",
                 "does not divide the run: its end would have no round, and rates would be "
                 "too low; write " +
                     hours_that_divide() + ", or run for other days");
    }
  }
  [[nodiscard]] std::vector<std::string> faults() { return reader_.finish(); }
  [[nodiscard]] std::set<std::string> asked() const { return reader_.asked(); }
  [[nodiscard]] FleetFile take() { return std::move(file_); }

 private:
  void read_head(TomlSection& head) {
    file_.name = head.text("name");
    file_.seed = static_cast<std::uint64_t>(head.integer("seed", {.min = 0, .otherwise = 1}));
    file_.days = static_cast<unsigned>(head.integer("days", {.min = 1, .max = 366, .otherwise = 1}));
    file_.cadence = head.hours("cadence_hours", std::chrono::hours{1});
    if (file_.cadence < std::chrono::minutes{1}) {
      head.fault("cadence_hours", "is less than a minute, within which no round ends; write 0.02 or more");
      file_.cadence = std::chrono::minutes{1};
    }
    file_.prohibited = countries(head, "prohibited", false);
  }

  /// A few lines can ask for more sums than a machine has memory for.
  void bound_memory(TomlSection& head, std::vector<TomlSection>& sites) {
    const std::size_t situations = file_.situations(), cells = file_.tally_cells();
    if (situations > kFleetSituationsMax) {
      const auto most = std::max_element(
          file_.sites.begin(), file_.sites.end(),
          [](const FleetSite& a, const FleetSite& b) { return a.situations() < b.situations(); });
      sites[static_cast<std::size_t>(most - file_.sites.begin())].fault(
          "uplinks", "all sites have " + std::to_string(situations) +
                         " uplinks, those of a diversion twice, and 50000 are the most; lower the number");
    } else if (cells > kFleetCellsMax) {
      head.fault("days",
                 "an hour of each uplink, those of a diversion twice, and of each anchor is a sum, and " +
                     std::to_string(cells) +
                     " sums are more than 50000000; run for fewer days, or lower site.uplinks");
    }
  }

  /// The next shorter cadence of whole seconds.
  [[nodiscard]] std::string hours_that_divide() const {
    std::int64_t rounds = file_.length() / file_.cadence + 1;
    while (file_.length() % (rounds * std::chrono::seconds{1}) != Nanoseconds{0}) ++rounds;
    std::array<char, 40> out{};
    const std::chrono::duration<double, std::ratio<3'600>> hours = file_.length() / rounds;
    std::snprintf(out.data(), out.size(), "%.9g", hours.count());
    return out.data();
  }

  void read_network(TomlSection network) {
    NetworkOptions& out = file_.network;
    out.seed = file_.seed;
    const auto microseconds = [&](std::string_view key, double most, Nanoseconds otherwise) {
      const double usual = static_cast<double>(otherwise.count()) / 1e3;
      return Nanoseconds{static_cast<std::int64_t>(network.number(key, 0.0, most, usual) * 1e3)};
    };
    out.loss = network.number("loss", 0.0, 0.5, out.loss);
    out.reorder = network.number("reorder", 0.0, 0.5, out.reorder);
    out.burst = network.number("burst", 0.0, 1.0, out.burst);
    out.queue_mean = microseconds("queue_mean_us", 1e5, out.queue_mean);
    out.burst_mean = microseconds("burst_mean_us", 1e6, out.burst_mean);
  }

  void read_policy(TomlSection section) {
    const PolicyKeys keys = read_policy_keys(section, {.pings = 8, .anchors_per_round = 8});
    file_.policy = keys.policy;
    file_.pings = keys.measuring.pings;
    file_.anchors_per_round = keys.measuring.anchors_per_round;
    for (const char* key : {"ping_interval_ms", "prepare_deadline_ms", "round_deadline_ms", "linger_ms",
                            "knock_interval_ms", "knock_wait_ms"}) {
      if (section.has(key)) section.fault(key, "would do nothing here, where rounds take no time; remove it");
    }
    const RulesRead rules = read_rules(reader_);
    file_.keeping = rules.rules.status;
    for (const RuleSection other : rules.has) {
      if (other == RuleSection::kStatus) continue;
      TomlSection wrong = reader_.section(name_of(other));
      const auto named = wrong.keys();
      wrong.fault(
          named.empty() ? "" : named.front(),
          "would do nothing here; remove the section. How often chips are measured: fleet.cadence_hours");
    }
  }

  void read_anchor(TomlSection& section) {
    const auto place = place_of(section, "lat", "lon", true);
    FleetAnchor anchor{.name = named(section),
                       .place = place.value_or(kNowhere),
                       .stands = place.value_or(kNowhere),
                       .uncertainty = Kilometers{section.number("uncertainty_km", 0.0, 1000.0, 1.0)},
                       .operator_name = section.text("operator"),
                       .network = section.text("network"),
                       .last_mile = last_mile_of(section)};
    if (const auto stands = place_of(section, "true_lat", "true_lon", false)) anchor.stands = *stands;
    file_.anchors.push_back(std::move(anchor));
  }

  void read_site(TomlSection& section) {
    const auto place = place_of(section, "lat", "lon", true);
    FleetSite site{
        .name = named(section),
        .place = place.value_or(kNowhere),
        .chips = static_cast<std::uint64_t>(section.integer(
            "chips", {.min = 1, .max = static_cast<std::int64_t>(kFleetChipsMax), .otherwise = {}})),
        .licensed = countries(section, "licensed", true),
        .uplinks =
            static_cast<unsigned>(section.integer("uplinks", {.min = 1, .max = 1'000, .otherwise = 1})),
        .last_mile = last_mile_of(section)};
    file_.sites.push_back(std::move(site));
  }

  void read_diversion(TomlSection& section) {
    const std::string name = section.text("site");
    FleetDiversion out;
    const bool shared = section.has("share");
    out.share = section.number("share", 0.0, 1.0, shared ? std::optional{1.0} : std::nullopt);
    out.at = section.hours("after_hours", Nanoseconds{0});
    const std::string conduct = section.choice("behaviour", {"moved", "relayed", "stalled", "silent"});
    out.conduct =
        static_cast<Conduct>(std::find(kConducts.begin(), kConducts.end(), conduct) - kConducts.begin());
    const bool goes = out.conduct == Conduct::kMoved || out.conduct == Conduct::kRelayed;
    out.to = place_of(section, "lat", "lon", goes);
    if (out.to && out.conduct == Conduct::kSilent)
      section.fault("lat", "would do nothing: a silent chip is nowhere; remove lat and lon");
    if (out.to && !borders_.country_at(*out.to))
      section.fault("lat", "lies at sea, where no chip can be; move the place onto land");
    if (out.conduct == Conduct::kStalled) {
      out.stall = from_ms(section.number("stall_ms", 0.001, 10'000.0, std::nullopt));
    } else if (section.has("stall_ms")) {
      section.fault("stall_ms", "is of behaviour = \"stalled\"; remove the key");
    }
    if (out.at >= file_.length())
      section.fault("after_hours", "is after the run; begin earlier, or run for more days");
    const auto site = std::find_if(file_.sites.begin(), file_.sites.end(),
                                   [&](const FleetSite& each) { return each.name == name; });
    if (site == file_.sites.end()) {
      if (!name.empty()) section.fault("site", "no [[site]] is named \"" + name + "\"");
      return;
    }
    if (site->diversion)
      return section.fault("site", "\"" + name + "\" has a diversion already; keep one of them");
    site->diversion = out;
    if (shared && site->diverted_chips() == 0)
      section.fault("share", "of " + std::to_string(site->chips) +
                                 " chips is none; write a greater one, or remove the diversion");
  }

  /// Sites and anchors are names of the network model: two of one name would have the same cables.
  std::string named(TomlSection& section) {
    std::string name = section.text("name");
    if (!name.empty() && !names_.insert(name).second)
      section.fault("name", "\"" + name + "\" is there already; names of anchors and sites differ");
    return name;
  }

  std::optional<LatLon> place_of(TomlSection& section, std::string_view lat, std::string_view lon,
                                 bool required) {
    const bool has_lat = section.has(lat), has_lon = section.has(lon);
    if (!required && !has_lat && !has_lon) return std::nullopt;
    const double north = section.number(lat, -90.0, 90.0, std::nullopt);
    const double east = section.number(lon, -180.0, 180.0, std::nullopt);
    return LatLon::from_degrees({.lat = north, .lon = east});
  }

  std::optional<Nanoseconds> last_mile_of(TomlSection& section) {
    const bool stated = section.has("last_mile_ms");
    const double ms = section.number("last_mile_ms", 0.0, 2.0, 0.1);
    return stated ? std::optional{from_ms(ms)} : std::nullopt;
  }

  std::vector<CountryCode> countries(TomlSection& section, std::string_view key, bool required) {
    std::vector<CountryCode> out;
    for (const std::string& text : section.texts(key, required)) {
      const auto code = CountryCode::from_text(text);
      if (code && borders_.knows(*code)) {
        out.push_back(*code);
      } else {
        section.fault(key, "\"" + text + "\" is no country of the map; use ISO 3166-1 codes such as \"DE\"");
      }
    }
    return out;
  }

  static inline const LatLon kNowhere = *LatLon::from_degrees({.lat = 0.0, .lon = 0.0});

  TomlReader reader_;
  const Borders& borders_;
  FleetFile file_;
  std::set<std::string> names_;
};

}  // namespace

std::string_view name_of(Conduct conduct) { return kConducts.at(static_cast<std::size_t>(conduct)); }

std::uint64_t FleetFile::chips() const {
  std::uint64_t sum = 0;
  for (const FleetSite& site : sites) sum += site.chips;
  return sum;
}

std::uint64_t FleetSite::diverted_chips() const {
  if (!diversion) return 0;
  return static_cast<std::uint64_t>(std::llround(diversion->share * static_cast<double>(chips)));
}

std::size_t FleetFile::situations() const {
  std::size_t sum = 0;
  for (const FleetSite& site : sites) sum += site.situations();
  return sum;
}

Result<FleetFile, std::vector<std::string>> parse_fleet(std::string_view text,
                                                        const std::filesystem::path& name,
                                                        const Borders& borders) {
  if (text.size() > kFleetFileMax)
    return Fail{std::vector{name.string() + ": is larger than 4 MiB; leave sites out"}};
  FleetReading reading{text, name, borders};
  reading.run();
  std::vector<std::string> faults = reading.faults();
  if (!faults.empty()) return Fail{std::move(faults)};
  return reading.take();
}

std::set<std::string> fleet_keys() {
  FleetReading reading{"[[anchor]]\n[[site]]\n[[diversion]]\nbehaviour = \"stalled\"\n", "fleet.toml",
                       Borders::world()};
  reading.run();
  std::set<std::string> out;
  for (const std::string& key : reading.asked()) {
    const std::string section = key.substr(0, key.find('.'));
    if (std::find(kOwn.begin(), kOwn.end(), section) != kOwn.end()) out.insert(key);
  }
  return out;
}

}  // namespace chiploc::fleet
