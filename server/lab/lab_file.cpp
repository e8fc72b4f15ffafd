#include "server/lab/lab_file.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <utility>

#include "geo/geodesic.hpp"
#include "server/lab/lab_reading.hpp"
#include "server/lab/milliseconds.hpp"
#include "server/rounds/round.hpp"

namespace chiploc {
namespace {

constexpr std::array<std::string_view, kBehaviours> kBehaviourNames{
    "honest", "moved",     "relayed", "stalled",   "silent", "cloned",
    "forged", "replaying", "lying",   "extracted", "early"};
constexpr std::array<std::string_view, 3> kStallLaws{"fixed", "uniform", "exponential"};

constexpr std::array<std::string_view, 3> kNetworkModels{"lab", "parametric", "matrix"};

constexpr std::size_t kAreaBytesMax = AreaLimits{}.bytes;

/// A regular file of a decent size; the fault is a phrase.
Result<std::string, std::string> read_area_file(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error))
    return Fail{"there is no file " + file.string() +
                "; correct the path, it starts from this file's folder"};
  if (std::filesystem::file_size(file, error) > kAreaBytesMax || error)
    return Fail{file.string() + " is larger than 1 MiB; simplify the drawing"};
  std::ifstream in{file, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  if (!in.is_open() || in.bad()) return Fail{file.string() + " cannot be read; check its permissions"};
  return text;
}

}  // namespace

LabReading::LabReading(TomlReader reader, const LabWorld& world, std::filesystem::path name)
    : reader_{std::move(reader)},
      lab_{reader_.section("lab")},
      policy_{reader_.section("policy")},
      world_{world},
      name_{std::move(name)} {}

Result<LabFile, std::vector<std::string>> LabReading::run() {
  read_network();
  for (TomlSection& section : reader_.sections("place")) read_place(section);
  for (TomlSection& section : reader_.sections("territory")) read_territory(section);
  read_general();
  for (TomlSection& section : reader_.sections("maker")) read_maker(section);
  for (TomlSection& section : reader_.sections("model")) read_model(section);
  for (TomlSection& section : reader_.sections("entity")) read_entity(section);
  for (TomlSection& section : reader_.sections("licence")) read_licence(section);
  for (TomlSection& section : reader_.sections("anchor")) read_anchor(section);
  for (TomlSection& section : reader_.sections("chip")) read_chip(section);
  for (TomlSection& section : reader_.sections("order")) read_order(section);
  for (TomlSection& section : reader_.sections("pair")) read_pair(section);
  for (TomlSection& section : reader_.sections("round")) read_round(section);
  read_events(reader_.sections("event"));
  read_daemon(name_);
  check_times();
  check_path_ends();
  check_whole();
  auto faults = reader_.finish();
  faults.insert(faults.end(), daemon_.faults.begin(), daemon_.faults.end());
  if (!faults.empty()) return Fail{std::move(faults)};
  return std::move(file_);
}

void LabReading::read_general() {
  TomlSection& lab = lab_;
  file_.name = unique_name(lab, "name");
  file_.network.seed = static_cast<std::uint64_t>(lab.integer("seed", {.min = 0, .otherwise = 1}));
  rounds_given_ = lab.has("rounds");
  file_.rounds = whole(lab, "rounds", 1, 100, file_.rounds);
  file_.parallel = whole(lab, "parallel", 1, 64, file_.parallel);
  file_.knock_interval_ms = whole(lab, "knock_interval_ms", 100, 600'000, file_.knock_interval_ms);
  file_.prohibited = places(lab, "prohibited", false);

  TomlSection& policy = policy_;
  LabPolicy& p = file_.policy;
  p.speed = policy.choice("speed", {"vacuum", "fibre"});
  p.faults = whole(policy, "faults", 0, 8, p.faults);
  const int to_clear = whole(policy, "faults_to_clear", p.faults, 8, p.faults);
  p.more_to_clear = to_clear - p.faults;
  p.more_to_accuse = whole(policy, "faults_to_accuse", to_clear, 8, to_clear) - to_clear;
  p.pings = whole(policy, "pings", 2, 64, p.pings);
  p.ping_interval_ms = whole(policy, "ping_interval_ms", 1, 10'000, p.ping_interval_ms);
  p.prepare_deadline_ms = whole(policy, "prepare_deadline_ms", 100, 60'000, p.prepare_deadline_ms);
  p.round_deadline_ms = whole(policy, "round_deadline_ms", 2000, 600'000, p.round_deadline_ms);
  p.linger_ms = whole(policy, "linger_ms", 0, 60'000, p.linger_ms);
}

void LabReading::read_place(TomlSection& section) {
  const std::string name = section.text("name");
  const auto place = place_of(section);
  if (name.empty() || !place) return;
  check_node(section, "name", *place);
  if (!places_.emplace(name, *place).second)
    section.fault("name", "\"" + name + "\" is there twice; rename one");
}

std::optional<LatLon> LabReading::place_of(TomlSection& section) {
  for (const std::string_view key : {"lat", "lon", "km", "bearing_deg"}) static_cast<void>(section.has(key));
  if (!section.has("from")) {
    refuse_keys(section, {"km", "bearing_deg"}, "is of a place that is told from another, by `from`");
    return position(section);
  }
  refuse_keys(section, {"lat", "lon"}, "the place is told from another");
  const auto from = place_named(section, "from", section.text("from"));
  const double km = section.number("km", 0.0, 20'000.0, std::nullopt);
  const double bearing = section.number("bearing_deg", 0.0, 360.0, std::nullopt);
  if (!from) return std::nullopt;
  return geodesic_direct(*from, bearing, Kilometers{km});
}

void LabReading::read_territory(TomlSection& section) {
  LabTerritory territory;
  territory.name = unique_name(section, "name");
  if (!territory.name.empty() && territory.name.size() <= 2) {
    section.fault("name", "\"" + territory.name +
                              "\" could be taken for a country's code; give three characters or more");
  }
  territory.countries = countries(section, "countries");
  territory.geojson = section.text("geojson", "");
  const std::string file = section.text("file", "");
  const int ways =
      (section.has("countries") ? 1 : 0) + (territory.geojson.empty() ? 0 : 1) + (file.empty() ? 0 : 1);
  if (ways != 1) {
    section.fault("name",
                  "a territory is a group of countries or an area; give one of countries, geojson and file");
    return;
  }
  if (!file.empty()) {
    auto text = read_area_file(section.path("file"));
    if (!text) return section.fault("file", text.error());
    territory.geojson = std::move(text).value();
  }
  if (!territory.geojson.empty()) {
    auto parsed = Area::from_geojson(territory.geojson);
    if (!parsed.area) return section.fault(file.empty() ? "geojson" : "file", parsed.fault);
    territory.area = std::make_shared<const Area>(*std::move(parsed.area));
  } else if (territory.countries.empty()) {
    return section.fault("countries", "names no country of the map; name at least one");
  }
  file_.territories.push_back(std::move(territory));
  if (file_.territories.size() == kLabTerritoriesMax + 1)
    section.fault("name", "more than 100 territories; leave some out");
}

void LabReading::read_licence(TomlSection& section) {
  LabLicence licence;
  licence.id = unique_name(section, "id");
  licence.holder = section.text("holder");
  licence.places = places(section, "countries", true);
  licence.end_user = party(section, "end_user", "end_user", false);
  file_.licences.push_back(std::move(licence));
}

void LabReading::read_anchor(TomlSection& section) {
  const std::string name = unique_name(section, "name");
  const std::string operator_name = section.text("operator");
  const std::string network = section.text("network");
  const bool rendezvous = section.boolean("rendezvous", true);
  const double uncertainty_km = section.number("uncertainty_km", 0.0, 1000.0, 1.0);
  const auto own_last_mile = last_mile_of(section, "last_mile_ms");
  const PathExtra worse = extra(section, {});
  const auto place = position(section);
  std::optional<LatLon> truly;
  if (section.has("true_lat") || section.has("true_lon")) {
    truly = LatLon::from_degrees({.lat = section.number("true_lat", -90.0, 90.0, std::nullopt),
                                  .lon = section.number("true_lon", -180.0, 180.0, std::nullopt)});
  }
  const LabClocks own_clocks = clocks(section, {});
  if (!place) return;
  check_node(section, "name", truly.value_or(*place));
  file_.anchors.push_back({.name = name,
                           .place = *place,
                           .operator_name = operator_name,
                           .network = network,
                           .rendezvous = rendezvous,
                           .uncertainty_km = uncertainty_km,
                           .last_mile = own_last_mile,
                           .extra = worse,
                           .true_place = truly,
                           .clocks = own_clocks});
  if (file_.anchors.size() == kLabAnchorsMax + 1)
    section.fault("name", "more than 64 anchors; a round can use no more");
}

void LabReading::read_pair(TomlSection& section) {
  LabPair pair;
  pair.a = section.text("a");
  pair.b = section.text("b");
  if (section.has("rtt_ms")) pair.round_trip = duration_ms(section, "rtt_ms", 60'000.0, Nanoseconds{0});
  pair.extra = extra(section, {});
  if (!section.has("rtt_ms") && !section.has("loss") && !section.has("added_rtt_ms"))
    section.fault("a", "the pair is as modelled; give rtt_ms, added_rtt_ms or loss");
  const auto known = [this](const std::string& name) { return anchor_index(name) || chip_index(name); };
  if (!known(pair.a)) section.fault("a", "\"" + pair.a + "\" is neither an anchor nor a chip");
  if (!known(pair.b)) section.fault("b", "\"" + pair.b + "\" is neither an anchor nor a chip");
  if (pair.a == pair.b) section.fault("b", "a pair has two ends");
  const bool twice = std::any_of(file_.pairs.begin(), file_.pairs.end(), [&](const LabPair& other) {
    return (other.a == pair.a && other.b == pair.b) || (other.a == pair.b && other.b == pair.a);
  });
  if (twice) section.fault("a", "the pair is there twice; put its keys into one [[pair]]");
  file_.pairs.push_back(std::move(pair));
}

void LabReading::check_whole() {
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
void LabReading::check_deadline() {
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

std::string_view name_of(Behaviour behaviour) { return kBehaviourNames[static_cast<std::size_t>(behaviour)]; }
bool needs_rogue(Behaviour behaviour) {
  return behaviour == Behaviour::kStalled || behaviour == Behaviour::kForged ||
         behaviour == Behaviour::kReplaying || behaviour == Behaviour::kLying ||
         behaviour == Behaviour::kEarly;
}
std::string_view name_of(LabNetworkModel model) { return kNetworkModels[static_cast<std::size_t>(model)]; }
std::string_view name_of(LabStallLaw law) { return kStallLaws[static_cast<std::size_t>(law)]; }

const LabLicence* LabFile::licence(std::string_view id) const {
  const auto at =
      std::find_if(licences.begin(), licences.end(), [&](const LabLicence& l) { return l.id == id; });
  return at == licences.end() ? nullptr : &*at;
}

const LabTerritory* LabFile::territory(std::string_view wanted) const {
  const auto at = std::find_if(territories.begin(), territories.end(),
                               [&](const LabTerritory& t) { return t.name == wanted; });
  return at == territories.end() ? nullptr : &*at;
}

const LabModel* LabFile::model(std::string_view wanted) const {
  const auto at =
      std::find_if(models.begin(), models.end(), [&](const LabModel& m) { return m.name == wanted; });
  return at == models.end() ? nullptr : &*at;
}

const LabEntity* LabFile::entity(std::string_view wanted) const {
  const auto at =
      std::find_if(entities.begin(), entities.end(), [&](const LabEntity& e) { return e.name == wanted; });
  return at == entities.end() ? nullptr : &*at;
}

const LabOrder* LabFile::order(std::string_view id) const {
  const auto at = std::find_if(orders.begin(), orders.end(), [&](const LabOrder& o) { return o.id == id; });
  return at == orders.end() ? nullptr : &*at;
}

Result<LabFile, std::vector<std::string>> load_lab_file(const std::filesystem::path& file,
                                                        const LabWorld& world) {
  return LabReading{TomlReader::load(file), world, file}.run();
}

Result<LabFile, std::vector<std::string>> parse_lab_file(std::string_view text,
                                                         const std::filesystem::path& name,
                                                         const LabWorld& world) {
  return LabReading{TomlReader::parse(text, name), world, name}.run();
}

std::set<std::string> lab_file_keys() {
  // One of each section, and of events one of each kind; what is wrong with them is not asked here.
  constexpr std::string_view kEach = R"([lab]
[network]
[policy]
[[place]]
[[territory]]
[[maker]]
[[model]]
[[entity]]
[[licence]]
[[anchor]]
name = "a"
lat = 0
lon = 0
[[place]]
name = "p"
lat = 0
lon = 0
[[chip]]
serial = "c"
site = "p"
[[order]]
id = "o"
site = "p"
chips = 2
diverted = 1
exporter = "e"
[[pair]]
[[round]]
[[event]]
chip = "c"
[[event]]
order = "o"
[[event]]
anchor = "a"
[[event]]
pair = ["a", "c"]
)";
  const LabWorld anywhere{.country_at = [](LatLon) { return CountryCode::from_text("DE"); },
                          .known = [](CountryCode) { return true; }};
  return LabReading{TomlReader::parse(kEach, "keys"), anywhere, "keys"}.asked();
}

}  // namespace chiploc
