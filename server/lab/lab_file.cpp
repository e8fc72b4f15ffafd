#include "server/lab/lab_file.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "server/config/toml_reader.hpp"
#include "server/rounds/round.hpp"

namespace chiploc {
namespace {

using Places = std::map<std::string, LatLon, std::less<>>;

constexpr std::array<std::string_view, 9> kBehaviours{"honest", "moved",  "relayed",   "stalled", "silent",
                                                      "cloned", "forged", "replaying", "lying"};

Nanoseconds from_ms(double ms) { return Nanoseconds{static_cast<std::int64_t>(std::llround(ms * 1e6))}; }

bool plain(std::string_view name) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= 32 && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), good);
}

/// Reads one file. Faults are collected by the reader; values of faulty keys are never used, because the
/// caller gets nothing when there is a fault.
class Reading {
 public:
  Reading(TomlReader reader, const LabWorld& world)
      : reader_{std::move(reader)},
        lab_{reader_.section("lab")},
        policy_{reader_.section("policy")},
        world_{world} {}

  Result<LabFile, std::vector<std::string>> run() {
    read_general();
    for (TomlSection& section : reader_.sections("place")) read_place(section);
    for (TomlSection& section : reader_.sections("licence")) read_licence(section);
    std::vector<TomlSection> anchors = reader_.sections("anchor");
    for (TomlSection& section : anchors) read_anchor(section);
    for (TomlSection& section : reader_.sections("chip")) read_chip(section);
    for (TomlSection& section : reader_.sections("pair")) read_pair(section);
    check_whole();
    if (auto faults = reader_.finish(); !faults.empty()) return Fail{std::move(faults)};
    return std::move(file_);
  }

 private:
  void read_general() {
    TomlSection& lab = lab_;
    file_.name = unique_name(lab, "name");
    file_.network.seed = static_cast<std::uint64_t>(lab.integer("seed", {.min = 0, .otherwise = 1}));
    file_.rounds = whole(lab, "rounds", 1, 100, file_.rounds);
    file_.parallel = whole(lab, "parallel", 1, 64, file_.parallel);
    file_.knock_interval_ms = whole(lab, "knock_interval_ms", 100, 600'000, file_.knock_interval_ms);
    for (const CountryCode code : countries(lab, "prohibited", false)) file_.prohibited.insert(code);

    TomlSection network = reader_.section("network");
    NetworkOptions& o = file_.network;
    o.loss = network.number("loss", 0.0, 0.5, o.loss);
    o.reorder = network.number("reorder", 0.0, 0.5, o.reorder);
    o.queue_mean = from_ms(network.number("queue_mean_us", 0.0, 1e5, 30.0) / 1e3);
    o.burst = network.number("burst", 0.0, 1.0, o.burst);
    o.burst_mean = from_ms(network.number("burst_mean_us", 0.0, 1e6, 2000.0) / 1e3);
    o.asymmetry = network.number("asymmetry", 0.0, 0.5, o.asymmetry);

    TomlSection& policy = policy_;
    LabPolicy& p = file_.policy;
    p.speed = policy.choice("speed", {"vacuum", "fibre"});
    p.faults = whole(policy, "faults", 0, 8, p.faults);
    p.pings = whole(policy, "pings", 2, 64, p.pings);
    p.ping_interval_ms = whole(policy, "ping_interval_ms", 1, 10'000, p.ping_interval_ms);
    p.prepare_deadline_ms = whole(policy, "prepare_deadline_ms", 100, 60'000, p.prepare_deadline_ms);
    p.round_deadline_ms = whole(policy, "round_deadline_ms", 2000, 600'000, p.round_deadline_ms);
    p.linger_ms = whole(policy, "linger_ms", 0, 60'000, p.linger_ms);
  }

  void read_place(TomlSection& section) {
    const std::string name = section.text("name");
    const auto place = position(section);
    if (name.empty() || !place) return;
    if (!places_.emplace(name, *place).second)
      section.fault("name", "\"" + name + "\" is there twice; rename one");
  }

  void read_licence(TomlSection& section) {
    LabLicence licence;
    licence.id = unique_name(section, "id");
    licence.holder = section.text("holder");
    licence.countries = countries(section, "countries", true);
    file_.licences.push_back(std::move(licence));
  }

  void read_anchor(TomlSection& section) {
    const std::string name = unique_name(section, "name");
    const std::string operator_name = section.text("operator");
    const std::string network = section.text("network");
    const bool rendezvous = section.boolean("rendezvous", true);
    const double uncertainty_km = section.number("uncertainty_km", 0.0, 1000.0, 1.0);
    const auto own_last_mile = last_mile_of(section);
    const auto place = position(section);
    if (!place) return;
    file_.anchors.push_back({.name = name,
                             .place = *place,
                             .operator_name = operator_name,
                             .network = network,
                             .rendezvous = rendezvous,
                             .uncertainty_km = uncertainty_km,
                             .last_mile = own_last_mile});
    if (file_.anchors.size() == kLabAnchorsMax + 1)
      section.fault("name", "more than 64 anchors; a round can use no more");
  }

  void read_chip(TomlSection& section) {
    const std::string serial = unique_name(section, "serial");
    const Behaviour behaviour = read_behaviour(section);
    const std::string licence_id = section.text("licence");
    const std::string site_name = section.text("site");
    const auto site = place_named(section, "site", site_name);
    const auto last_mile = last_mile_of(section);
    const bool inbound = section.choice("reach", {"knock", "inbound"}) == "inbound";

    // Keys that would do nothing are faults: whoever wrote them expects something else to happen.
    const bool elsewhere = behaviour != Behaviour::kHonest;
    const auto at =
        optional_place(section, "at", elsewhere,
                       "an honest chip is at its site; remove the key or choose another behaviour");
    const auto via = optional_place(section, "via", behaviour == Behaviour::kRelayed,
                                    "only a relayed chip has a proxy; remove the key");
    const auto clone_at = optional_place(section, "clone_at", behaviour == Behaviour::kCloned,
                                         "only a cloned chip has a second place; remove the key");
    const double stall_ms = section.number("stall_ms", 0.0, 10'000.0, 0.0);
    if (stall_ms > 0.0 && behaviour != Behaviour::kStalled)
      section.fault("stall_ms", "only a stalled chip waits; remove the key");
    if (stall_ms <= 0.0 && behaviour == Behaviour::kStalled)
      section.fault("stall_ms", "a stalled chip waits; give milliseconds above 0");
    const auto absent = [&section](std::string_view key) { return section.text(key, "").empty(); };
    if (behaviour == Behaviour::kMoved && absent("at"))
      section.fault("at", "a moved chip is elsewhere; name the place");
    if (behaviour == Behaviour::kRelayed && absent("at"))
      section.fault("at", "a relayed chip is elsewhere; name the place");
    if (behaviour == Behaviour::kCloned && absent("clone_at"))
      section.fault("clone_at", "a cloned chip has a second place; name it");

    const LabLicence* licence = file_.licence(licence_id);
    if (licence == nullptr && !licence_id.empty())
      section.fault("licence", "no [[licence]] has the id \"" + licence_id + "\"");
    if (!site) return;
    const auto site_country = land(section, "site", *site);
    const auto true_country = at ? land(section, "at", *at) : site_country;
    if (clone_at) land(section, "clone_at", *clone_at);
    const auto licensed = [&](CountryCode code) {
      return std::find(licence->countries.begin(), licence->countries.end(), code) !=
             licence->countries.end();
    };
    const std::vector<CountryCode> site_claimants = claimants_at(*site);
    if (licence != nullptr && site_country && !licensed(*site_country) &&
        std::none_of(site_claimants.begin(), site_claimants.end(), licensed)) {
      section.fault("site", "\"" + site_name + "\" is in " + site_country->text() + ", which licence " +
                                licence_id + " does not name; mend one of them");
    }
    if (!true_country) return;
    LabChip chip{.serial = serial,
                 .behaviour = behaviour,
                 .licence = licence_id,
                 .site_name = site_name,
                 .site = *site,
                 .at = at.value_or(*site),
                 .via = via,
                 .clone_at = clone_at,
                 .stall = from_ms(stall_ms),
                 .inbound = inbound,
                 .last_mile = last_mile,
                 .true_country = *true_country,
                 .claimants = claimants_at(at.value_or(*site))};
    if (behaviour == Behaviour::kRelayed && !via) chip.via = *site;
    file_.chips.push_back(std::move(chip));
    if (file_.chips.size() == kLabChipsMax + 1)
      section.fault("serial", "more than 1000 chips; a lab runs a program for each");
  }

  void read_pair(TomlSection& section) {
    LabPair pair;
    pair.a = section.text("a");
    pair.b = section.text("b");
    pair.round_trip = from_ms(section.number("rtt_ms", 0.0, 60'000.0, std::nullopt));
    const auto known = [this](const std::string& name) {
      return std::any_of(file_.anchors.begin(), file_.anchors.end(),
                         [&](const LabAnchor& a) { return a.name == name; }) ||
             std::any_of(file_.chips.begin(), file_.chips.end(),
                         [&](const LabChip& c) { return c.serial == name; });
    };
    if (!known(pair.a)) section.fault("a", "\"" + pair.a + "\" is neither an anchor nor a chip");
    if (!known(pair.b)) section.fault("b", "\"" + pair.b + "\" is neither an anchor nor a chip");
    if (pair.a == pair.b) section.fault("b", "a pair has two ends");
    file_.pairs.push_back(std::move(pair));
  }

  void check_whole() {
    TomlSection& lab = lab_;
    if (file_.anchors.empty()) lab.fault("name", "the lab has no [[anchor]]; add one");
    if (file_.chips.empty()) lab.fault("name", "the lab has no [[chip]]; add one");
    const bool meeting_point = std::any_of(file_.anchors.begin(), file_.anchors.end(),
                                           [](const LabAnchor& a) { return a.rendezvous; });
    const bool knocking =
        std::any_of(file_.chips.begin(), file_.chips.end(), [](const LabChip& c) { return !c.inbound; });
    if (knocking && !meeting_point && !file_.anchors.empty()) {
      lab.fault("name", "some chips knock, but no anchor has rendezvous = true; set it for one");
    }
    check_deadline();
  }

  /// chiplocd starts with no deadline in which no honest chip could answer; for chips that knock it takes
  /// longer.
  void check_deadline() {
    using std::chrono::milliseconds;
    const LabPolicy& p = file_.policy;
    RoundOptions round;
    round.pings = static_cast<std::uint8_t>(p.pings);
    round.ping_interval = milliseconds{p.ping_interval_ms};
    round.prepare_deadline = milliseconds{p.prepare_deadline_ms};
    round.deadline = milliseconds{p.round_deadline_ms};
    round.linger = milliseconds{p.linger_ms};
    const Nanoseconds least = least_deadline(round, ChipReach::kInbound);
    if (round.deadline >= least) return;
    policy_.fault("round_deadline_ms", "is too short for an honest chip to answer in; make it " +
                                           std::to_string(std::chrono::ceil<milliseconds>(least).count()) +
                                           " or more, or linger_ms shorter");
  }

  // Fields -----------------------------------------------------------------------------------------
  static int whole(TomlSection& section, std::string_view key, int min, int max, int otherwise) {
    return static_cast<int>(section.integer(key, {.min = min, .max = max, .otherwise = otherwise}));
  }

  /// Endpoint names share one space: the relay, the log files and the folders are named after them.
  std::string unique_name(TomlSection& section, std::string_view key) {
    std::string name = section.text(key);
    if (name.empty()) return name;
    if (!plain(name))
      section.fault(key, "\"" + name + "\" is no plain name; use up to 32 letters, digits and . _ -");
    else if (!names_.insert(name).second)
      section.fault(key, "\"" + name + "\" is there twice; rename one");
    return name;
  }

  static std::optional<LatLon> position(TomlSection& section) {
    const double lat = section.number("lat", -90.0, 90.0, std::nullopt);
    const double lon = section.number("lon", -180.0, 180.0, std::nullopt);
    return LatLon::from_degrees({.lat = lat, .lon = lon});
  }

  static std::optional<Nanoseconds> last_mile_of(TomlSection& section) {
    constexpr double kUnset = -1.0;
    const double ms = section.number("last_mile_ms", 0.1, 2.0, kUnset);
    return ms == kUnset ? std::nullopt : std::optional{from_ms(ms)};
  }

  Behaviour read_behaviour(TomlSection& section) {
    const std::string text = section.choice("behaviour", {"honest", "moved", "relayed", "stalled", "silent",
                                                          "cloned", "forged", "replaying", "lying"});
    const auto at = std::find(kBehaviours.begin(), kBehaviours.end(), text);
    return static_cast<Behaviour>(at - kBehaviours.begin());
  }

  std::optional<LatLon> place_named(TomlSection& section, std::string_view key, const std::string& name) {
    if (name.empty()) return std::nullopt;
    const auto place = places_.find(name);
    if (place != places_.end()) return place->second;
    section.fault(key, "no [[place]] is named \"" + name + "\"");
    return std::nullopt;
  }

  std::optional<LatLon> optional_place(TomlSection& section, std::string_view key, bool allowed,
                                       std::string_view why_not) {
    const std::string name = section.text(key, "");
    if (name.empty()) return std::nullopt;
    if (!allowed) section.fault(key, why_not);
    return place_named(section, key, name);
  }

  std::vector<CountryCode> claimants_at(LatLon place) const {
    return world_.claimants_at ? world_.claimants_at(place) : std::vector<CountryCode>{};
  }

  std::optional<CountryCode> land(TomlSection& section, std::string_view key, LatLon place) {
    const auto country = world_.country_at(place);
    if (!country) section.fault(key, "lies at sea, where no chip can be; move the place onto land");
    return country;
  }

  std::vector<CountryCode> countries(TomlSection& section, std::string_view key, bool required) {
    std::vector<CountryCode> codes;
    for (const std::string& text : section.texts(key, required)) {
      const auto code = CountryCode::from_text(text);
      if (code && world_.known(*code))
        codes.push_back(*code);
      else
        section.fault(key, "\"" + text + "\" is no country of the map; use ISO 3166-1 codes such as \"DE\"");
    }
    return codes;
  }

  TomlReader reader_;
  TomlSection lab_;
  TomlSection policy_;
  const LabWorld& world_;
  LabFile file_;
  Places places_;
  std::set<std::string> names_;
};

}  // namespace

std::string_view name_of(Behaviour behaviour) { return kBehaviours[static_cast<std::size_t>(behaviour)]; }

const LabLicence* LabFile::licence(std::string_view id) const {
  const auto at =
      std::find_if(licences.begin(), licences.end(), [&](const LabLicence& l) { return l.id == id; });
  return at == licences.end() ? nullptr : &*at;
}

Result<LabFile, std::vector<std::string>> load_lab_file(const std::filesystem::path& file,
                                                        const LabWorld& world) {
  return Reading{TomlReader::load(file), world}.run();
}

Result<LabFile, std::vector<std::string>> parse_lab_file(std::string_view text,
                                                         const std::filesystem::path& name,
                                                         const LabWorld& world) {
  return Reading{TomlReader::parse(text, name), world}.run();
}

}  // namespace chiploc
