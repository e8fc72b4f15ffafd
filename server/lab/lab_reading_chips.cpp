#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "server/lab/lab_reading.hpp"

namespace chiploc {
namespace {

/// Keys of how a chip behaves: of an order they are about its diverted part.
constexpr std::array<std::string_view, 11> kConduct{
    "behaviour", "at",       "via",       "via_delay_ms",    "via_last_mile_ms",
    "clone_at",  "stall_ms", "stall_law", "stall_spread_ms", "early_answers",
    "exits"};
constexpr double kWaitMsMax = 10'000.0;
constexpr std::int64_t kEarlyMax = 16;
constexpr std::size_t kExitsMax = 32;

std::string numbered(const std::string& id, std::size_t number, std::size_t count) {
  std::string digits = std::to_string(number);
  const std::size_t width = std::to_string(count).size();
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return id + "-" + digits;
}

}  // namespace

std::optional<LabChip> LabReading::read_delivered(TomlSection& section, const std::string& serial) {
  const std::string licence_id = section.text("licence");
  const std::string site_name = section.text("site");
  const auto site = place_named(section, "site", site_name);
  const auto last_mile = last_mile_of(section, "last_mile_ms");
  const bool inbound = section.choice("reach", {"knock", "inbound"}) == "inbound";
  const PathExtra worse = extra(section, {});
  const std::string model = section.text("model", "");
  const std::string route = section.text("route", "");
  const bool plain = std::all_of(route.begin(), route.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
  });
  if (!plain || route.size() > 32)
    section.fault("route", "\"" + route + "\" is no plain name; use at most 32 letters, digits and . _ -");
  if (section.has("route") && file_.network_model != LabNetworkModel::kLab)
    section.fault("route", "does nothing with model = \"" + std::string{name_of(file_.network_model)} +
                               "\": only the lab's own network has cables of a name; remove it, or use "
                               "model = \"lab\"");
  if (!model.empty() && file_.model(model) == nullptr)
    section.fault("model", "no [[model]] is named \"" + model + "\"");
  const LabLicence* licence = file_.licence(licence_id);
  if (licence == nullptr && !licence_id.empty())
    section.fault("licence", "no [[licence]] has the id \"" + licence_id + "\"");
  if (!site) return std::nullopt;
  const auto country = land(section, "site", *site);
  if (!country) return std::nullopt;
  LabChip chip{.serial = serial,
               .behaviour = Behaviour::kHonest,
               .licence = licence_id,
               .site_name = site_name,
               .site = *site,
               .at = *site,
               .via = {},
               .clone_at = {},
               .inbound = inbound,
               .last_mile = last_mile,
               .true_country = *country,
               .claimants = claimants_at(*site),
               .territories = territories_at(*site, country),
               .extra = worse,
               .model = model,
               .route = plain ? route : std::string{}};
  if (licence == nullptr) return chip;
  const auto licensed = [&](CountryCode code) {
    const auto& codes = licence->places.countries;
    return std::find(codes.begin(), codes.end(), code) != codes.end();
  };
  const bool in_territory = std::any_of(
      licence->places.territories.begin(), licence->places.territories.end(), [&](const std::string& name) {
        return std::find(chip.territories.begin(), chip.territories.end(), name) != chip.territories.end();
      });
  if (!licensed(*country) && !in_territory &&
      std::none_of(chip.claimants.begin(), chip.claimants.end(), licensed)) {
    section.fault("site", "\"" + site_name + "\" is in " + country->text() + ", which licence " + licence_id +
                              " does not name; mend one of them");
  }
  return chip;
}

Behaviour LabReading::read_behaviour(TomlSection& section, Behaviour otherwise) {
  if (!section.has("behaviour")) return otherwise;
  const std::string text =
      section.choice("behaviour", {"honest", "moved", "relayed", "stalled", "silent", "cloned", "forged",
                                   "replaying", "lying", "extracted", "early"});
  for (std::size_t i = 0; i < kBehaviours; ++i) {
    if (name_of(static_cast<Behaviour>(i)) == text) return static_cast<Behaviour>(i);
  }
  return otherwise;
}

void LabReading::read_conduct(TomlSection& section, std::string_view place_key, LabChip& chip) {
  // Keys that would do nothing are faults: whoever wrote them expects something else to happen.
  const Behaviour behaviour = chip.behaviour;
  const auto at = optional_place(section, place_key, behaviour != Behaviour::kHonest,
                                 "an honest chip is at its site; remove the key or choose another behaviour");
  const auto clone_at = optional_place(section, "clone_at", behaviour == Behaviour::kCloned,
                                       "only a cloned chip has a second place; remove the key");
  const bool stays = section.text(place_key, "").empty() && chip.at == chip.site;
  if (behaviour == Behaviour::kMoved && stays)
    section.fault(place_key, "a moved chip is elsewhere; name the place");
  if (behaviour == Behaviour::kRelayed && stays)
    section.fault(place_key, "a relayed chip is elsewhere; name the place");
  if (behaviour == Behaviour::kExtracted && stays)
    section.fault(place_key, "a chip whose key was taken out is elsewhere; name the place");
  if (clone_at) chip.clone_at = clone_at;
  if (behaviour == Behaviour::kCloned && section.text("clone_at", "").empty() && !chip.clone_at)
    section.fault("clone_at", "a cloned chip has a second place; name it");
  if (clone_at) land(section, "clone_at", *clone_at);
  read_proxy(section, chip);
  read_stall(section, chip);
  if (behaviour == Behaviour::kEarly) {
    const auto before = std::max<std::int64_t>(1, chip.early_answers);
    chip.early_answers = static_cast<std::uint32_t>(
        section.integer("early_answers", {.min = 1, .max = kEarlyMax, .otherwise = before}));
  } else if (section.has("early_answers")) {
    section.fault("early_answers", "only an early chip answers pings to come; remove the key");
  }
  if (!at) return;
  chip.at = *at;
  if (const auto country = land(section, place_key, *at)) {
    chip.true_country = *country;
    chip.claimants = claimants_at(*at);
    chip.territories = territories_at(*at, country);
  }
}

void LabReading::read_proxy(TomlSection& section, LabChip& chip) {
  constexpr std::string_view kOnly = "only a relayed chip has a proxy; remove the key";
  const bool relayed = chip.behaviour == Behaviour::kRelayed;
  const auto via = optional_place(section, "via", relayed, kOnly);
  const Nanoseconds delay = duration_ms(section, "via_delay_ms", kWaitMsMax, chip.via_delay);
  const auto last_mile = last_mile_of(section, "via_last_mile_ms");
  std::vector<LatLon> exits;
  for (const std::string& name : section.texts("exits", false)) {
    if (const auto place = place_named(section, "exits", name)) exits.push_back(*place);
  }
  if (exits.size() > kExitsMax)
    section.fault("exits", "more than " + std::to_string(kExitsMax) + " places; leave some out");
  if (!relayed) {
    if (section.has("exits")) section.fault("exits", kOnly);
    if (section.has("via_delay_ms")) section.fault("via_delay_ms", kOnly);
    if (section.has("via_last_mile_ms")) section.fault("via_last_mile_ms", kOnly);
    return;
  }
  if (via) chip.via = via;
  if (!chip.via) chip.via = chip.site;
  if (section.has("exits")) chip.exits = std::move(exits);
  chip.via_delay = delay;
  if (last_mile) chip.via_last_mile = last_mile;
}

void LabReading::read_stall(TomlSection& section, LabChip& chip) {
  const Nanoseconds stall = duration_ms(section, "stall_ms", kWaitMsMax, chip.stall);
  const Nanoseconds spread = duration_ms(section, "stall_spread_ms", kWaitMsMax, chip.stall_spread);
  LabStallLaw law = chip.stall_law;
  if (section.has("stall_law")) {
    const std::string text = section.choice("stall_law", {"fixed", "uniform", "exponential"});
    law = text == "uniform"       ? LabStallLaw::kUniform
          : text == "exponential" ? LabStallLaw::kExponential
                                  : LabStallLaw::kFixed;
  }
  if (chip.behaviour != Behaviour::kStalled) {
    for (const std::string_view key : {"stall_ms", "stall_spread_ms", "stall_law"}) {
      if (section.has(key)) section.fault(key, "only a stalled chip waits; remove the key");
    }
    return;
  }
  if (stall <= Nanoseconds{0}) section.fault("stall_ms", "a stalled chip waits; give milliseconds above 0");
  if (law == LabStallLaw::kFixed && spread > Nanoseconds{0}) {
    section.fault(
        "stall_spread_ms",
        "a fixed stall has no spread; add stall_law = \"uniform\" or \"exponential\", or remove the "
        "key");
  }
  if (law != LabStallLaw::kFixed && spread <= Nanoseconds{0}) {
    section.fault("stall_spread_ms", "a stall that is " + std::string{name_of(law)} +
                                         " has a spread; give milliseconds above 0");
  }
  chip.stall = stall;
  chip.stall_spread = spread;
  chip.stall_law = law;
}

void LabReading::add_chip(TomlSection& section, std::string_view key, LabChip chip) {
  file_.chips.push_back(std::move(chip));
  if (file_.chips.size() == kLabChipsMax + 1)
    section.fault(key, "more than 10000 chips; take fewer, chiploc sim fleet counts millions");
}

void LabReading::read_chip(TomlSection& section) {
  const std::string serial = unique_name(section, "serial");
  const Behaviour behaviour = read_behaviour(section, Behaviour::kHonest);
  auto chip = read_delivered(section, serial);
  // Without a site there is no chip; its other keys are looked at all the same.
  const LatLon nowhere = *LatLon::from_degrees({});
  LabChip stand_in{.serial = serial,
                   .licence = {},
                   .site_name = {},
                   .site = nowhere,
                   .at = nowhere,
                   .via = {},
                   .clone_at = {},
                   .last_mile = {},
                   .true_country = *CountryCode::from_text("ZZ")};
  LabChip& read = chip ? *chip : stand_in;
  read.behaviour = behaviour;
  read_conduct(section, "at", read);
  if (!chip) return;
  check_apart(section, "at", *chip);
  add_chip(section, "serial", std::move(*chip));
}

void LabReading::read_order(TomlSection& section) {
  const std::string id = unique_name(section, "id");
  const auto count =
      static_cast<std::size_t>(section.integer("chips", {.min = 1, .max = kLabChipsMax, .otherwise = {}}));
  const auto diverted =
      static_cast<std::size_t>(section.integer("diverted", {.min = 0, .max = kLabChipsMax, .otherwise = 0}));
  const Behaviour behaviour = read_behaviour(section, Behaviour::kMoved);
  const auto chip = read_delivered(section, id);
  if (diverted > count) section.fault("diverted", "is more than the order has chips; make it less");
  for (const std::string_view key : kConduct) {
    if (section.has(key) && diverted == 0)
      section.fault(key, "says what diverted chips do, and none is; set diverted, or remove the key");
  }
  LabOrder order{.id = id, .first = file_.chips.size(), .count = count, .diverted = diverted};
  read_parties(section, order, section.text("site", ""));
  if (!chip || id.empty() || diverted > count) return;
  order.country = chip->true_country;
  LabChip elsewhere = *chip;
  elsewhere.behaviour = behaviour;
  if (diverted < count) check_apart(section, "site", *chip);
  if (diverted > 0) {
    read_conduct(section, "at", elsewhere);
    check_apart(section, "at", elsewhere);
  }
  file_.orders.push_back(std::move(order));
  for (std::size_t i = 0; i < count && file_.chips.size() <= kLabChipsMax; ++i) {
    LabChip one = i < count - diverted ? *chip : elsewhere;
    one.serial = numbered(id, i + 1, count);
    one.order = id;
    if (one.serial.size() > 32 || !names_.insert(one.serial).second)
      section.fault("id", "makes the serial number \"" + one.serial +
                              "\", which is longer than 32 characters or there already; choose another id");
    add_chip(section, "chips", std::move(one));
  }
}

}  // namespace chiploc
