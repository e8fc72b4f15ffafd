#include "server/lab/lab_reading.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "geo/borders/country_meant.hpp"
#include "server/lab/milliseconds.hpp"

namespace chiploc {
namespace {

bool plain(std::string_view name) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= 32 && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), good);
}

}  // namespace

std::optional<Nanoseconds> lab_time_of(std::string_view text) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view unit{end, static_cast<std::size_t>(text.data() + text.size() - end)};
  const double ms = unit == "ms"    ? 1.0
                    : unit == "s"   ? 1e3
                    : unit == "min" ? 6e4
                    : unit == "h"   ? 3.6e6
                    : unit == "d"   ? 8.64e7
                                    : 0.0;
  if (error != std::errc{} || ms == 0.0 || !(value >= 0.0 && value * ms <= to_ms(kLabTimeMax)))
    return std::nullopt;
  return from_ms(value * ms);
}

int LabReading::whole(TomlSection& section, std::string_view key, int min, int max, int otherwise) {
  return static_cast<int>(section.integer(key, {.min = min, .max = max, .otherwise = otherwise}));
}

Nanoseconds LabReading::duration_ms(TomlSection& section, std::string_view key, double max,
                                    Nanoseconds otherwise) {
  if (!section.has(key)) return otherwise;
  return from_ms(section.number(key, 0.0, max, 0.0));
}

Nanoseconds LabReading::lab_time(TomlSection& section, std::string_view key, std::string_view otherwise) {
  const std::string text = otherwise.empty() ? section.text(key) : section.text(key, otherwise);
  if (text.empty()) return Nanoseconds{0};
  if (const auto time = lab_time_of(text)) return *time;
  section.fault(key, "\"" + text +
                         "\" is no time of the lab; write a number and ms, s, min, h or d, up to 60 days: "
                         "\"60s\"");
  return Nanoseconds{0};
}

std::vector<Nanoseconds> LabReading::times_of(TomlSection& section, Nanoseconds first, std::size_t most) {
  const bool repeats = section.has("every");
  if (repeats != section.has("count")) {
    section.fault(repeats ? "every" : "count",
                  "every and count belong together: so often, so long apart; give both or none");
    return {first};
  }
  if (!repeats) return {first};
  const Nanoseconds every = lab_time(section, "every");
  const auto count =
      section.integer("count", {.min = 1, .max = static_cast<std::int64_t>(most), .otherwise = 1});
  if (every <= Nanoseconds{0}) {
    section.fault("every", "is no time; say how long apart, as in \"6h\"");
    return {first};
  }
  if (count - 1 > (kLabTimeMax - first) / every) {
    section.fault("count", "the last one would come after more than 60 days; make it less");
    return {first};
  }
  std::vector<Nanoseconds> out;
  for (std::int64_t i = 0; i < count; ++i) out.push_back(first + i * every);
  return out;
}

LabClocks LabReading::clocks(TomlSection& section, const LabClocks& otherwise) {
  constexpr double kMost = 100'000.0;  // adjtimex(2) slews by no more
  LabClocks out = otherwise;
  out.drift_ppm = section.number("drift_ppm", -kMost, kMost, otherwise.drift_ppm);
  out.slew_ppm = section.number("slew_ppm", -kMost, kMost, otherwise.slew_ppm);
  const double off_ms = section.number("clock_off_ms", -60'000.0, 60'000.0, to_ms(otherwise.off));
  if (section.has("clock_off_ms")) out.off = from_ms(off_ms);
  return out;
}

PathExtra LabReading::extra(TomlSection& section, const PathExtra& otherwise) {
  return {.loss = section.number("loss", 0.0, 1.0, otherwise.loss),
          .added_round_trip = duration_ms(section, "added_rtt_ms", 60'000.0, otherwise.added_round_trip)};
}

std::string LabReading::unique_name(TomlSection& section, std::string_view key) {
  std::string name = section.text(key);
  if (name.empty()) return name;
  if (!plain(name))
    section.fault(key, "\"" + name + "\" is no plain name; use up to 32 letters, digits and . _ -");
  else if (!names_.insert(name).second)
    section.fault(key, "\"" + name + "\" is there twice; rename one");
  return name;
}

std::optional<LatLon> LabReading::position(TomlSection& section) {
  const double lat = section.number("lat", -90.0, 90.0, std::nullopt);
  const double lon = section.number("lon", -180.0, 180.0, std::nullopt);
  return LatLon::from_degrees({.lat = lat, .lon = lon});
}

std::optional<Nanoseconds> LabReading::last_mile_of(TomlSection& section, std::string_view key) {
  if (matrix_ && section.has(key))
    section.fault(key, "does nothing with model = \"matrix\", whose round trips have it in them; remove it");
  constexpr double kUnset = -1.0;
  const double ms = section.number(key, 0.1, 2.0, kUnset);
  return ms == kUnset ? std::nullopt : std::optional{from_ms(ms)};
}

std::optional<LatLon> LabReading::place_named(TomlSection& section, std::string_view key,
                                              const std::string& name) {
  if (name.empty()) return std::nullopt;
  const auto place = places_.find(name);
  if (place != places_.end()) return place->second;
  section.fault(key, "no [[place]] is named \"" + name + "\"");
  return std::nullopt;
}

std::optional<LatLon> LabReading::optional_place(TomlSection& section, std::string_view key, bool allowed,
                                                 std::string_view why_not) {
  const std::string name = section.text(key, "");
  if (name.empty()) return std::nullopt;
  if (!allowed) section.fault(key, why_not);
  return place_named(section, key, name);
}

std::optional<CountryCode> LabReading::country(TomlSection& section, std::string_view key,
                                               const std::string& text) {
  const auto code = CountryCode::from_text(text);
  if (code && world_.known(*code)) return code;
  section.fault(key, "\"" + text + "\" is no country of the map; use " +
                         country_meant(text).value_or("ISO 3166-1 codes such as \"DE\""));
  return std::nullopt;
}

std::vector<CountryCode> LabReading::countries(TomlSection& section, std::string_view key) {
  std::vector<CountryCode> codes;
  for (const std::string& text : section.texts(key, false)) {
    if (const auto code = country(section, key, text)) codes.push_back(*code);
  }
  return codes;
}

LabPlaces LabReading::places(TomlSection& section, std::string_view key, bool required) {
  LabPlaces out;
  for (const std::string& text : section.texts(key, required)) {
    if (text.size() <= 2) {
      if (const auto code = country(section, key, text)) out.countries.push_back(*code);
    } else if (file_.territory(text) != nullptr) {
      out.territories.push_back(text);
    } else {
      section.fault(key, "\"" + text +
                             "\" is neither a country's code nor the name of a [[territory]]; correct it, or "
                             "add the territory");
    }
  }
  return out;
}

std::optional<CountryCode> LabReading::land(TomlSection& section, std::string_view key, LatLon place) {
  const auto country = world_.country_at(place);
  if (!country) section.fault(key, "lies at sea, where no chip can be; move the place onto land");
  return country;
}

std::vector<std::string> LabReading::territories_at(LatLon place, std::optional<CountryCode> country) const {
  std::vector<std::string> out;
  for (const LabTerritory& territory : file_.territories) {
    const auto& codes = territory.countries;
    const bool named = country && std::find(codes.begin(), codes.end(), *country) != codes.end();
    if (territory.area ? territory.area->contains(place) : named) out.push_back(territory.name);
  }
  return out;
}

std::vector<CountryCode> LabReading::claimants_at(LatLon place) const {
  return world_.claimants_at ? world_.claimants_at(place) : std::vector<CountryCode>{};
}

std::optional<std::size_t> LabReading::chip_index(std::string_view serial) const {
  const auto at = std::find_if(file_.chips.begin(), file_.chips.end(),
                               [&](const LabChip& c) { return c.serial == serial; });
  if (at == file_.chips.end()) return std::nullopt;
  return static_cast<std::size_t>(at - file_.chips.begin());
}

std::optional<std::size_t> LabReading::anchor_index(std::string_view name) const {
  const auto at = std::find_if(file_.anchors.begin(), file_.anchors.end(),
                               [&](const LabAnchor& a) { return a.name == name; });
  if (at == file_.anchors.end()) return std::nullopt;
  return static_cast<std::size_t>(at - file_.anchors.begin());
}

}  // namespace chiploc
