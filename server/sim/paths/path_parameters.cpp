#include "server/sim/paths/path_parameters.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <utility>

namespace chiploc {
namespace {

constexpr double kHoursMost = 24.0 * 366.0 * 10.0;

QuantileKnots read_knots(TomlSection section, double softness, double most, const QuantileKnots& otherwise) {
  QuantileKnots knots{{}, softness};
  if (!section.present()) return otherwise;
  for (std::size_t k = 0; k < kKnotKeys.size(); ++k)
    knots.at[k] = section.number(kKnotKeys[k], 0.0, most, std::nullopt);
  for (std::size_t k = 1; k < kKnotKeys.size(); ++k) {
    if (knots.at[k] >= knots.at[k - 1]) continue;
    section.fault(kKnotKeys[k], "is below " + std::string{kKnotKeys[k - 1]} +
                                    "; quantiles rise with their share: correct the one or the other");
    return otherwise;
  }
  return knots;
}

Nanoseconds from_hours(double hours) {
  return Nanoseconds{static_cast<std::int64_t>(std::floor(hours * 3.6e12 + 0.5))};
}

/// The hours of which from_hours() makes just this time: from some weeks on the quotient alone may be off by its last digit.
double in_hours(Nanoseconds t) {
  const double hours = static_cast<double>(t.count()) / 3.6e12;
  for (const double one : {hours, std::nextafter(hours, 0.0), std::nextafter(hours, kHoursMost)})
    if (from_hours(one) == t) return one;
  return hours;
}

PathSpan read_span(TomlSection section) {
  PathSpan span;
  span.from = from_hours(section.number("from_h", 0.0, kHoursMost, 0.0));
  if (section.has("to_h")) {
    span.to = from_hours(section.number("to_h", 0.0, kHoursMost, std::nullopt));
    if (span.to <= span.from) section.fault("to_h", "is not after from_h; give a later time, or drop it");
  }
  return span;
}

/// `a` and `b`, of which the second may be anybody.
template <class Which>
void read_ends(TomlSection section, Which& which) {
  which.a = section.text("a");
  which.b = section.text("b", "");
  if (!which.b.empty() && which.a == which.b)
    section.fault("b", "is the same end as a; name the other one, or drop it: then it is everybody");
}

void read_bands(TomlReader& file, std::vector<DistanceBand>& bands) {
  auto sections = file.sections("paths_band");
  if (sections.empty()) return;
  bands.clear();
  for (TomlSection& section : sections) {
    DistanceBand band;
    band.km = section.number("km", 0.0, 20'100.0, std::nullopt);
    band.extra = read_knots(section, 0.1, 10'000.0, {});
    if (!bands.empty() && band.km <= bands.back().km)
      section.fault("km", "is not above that of the section before it; order them by distance");
    bands.push_back(band);
  }
}

LatLon read_place(TomlSection section) {
  const double lat = section.number("lat", -90.0, 90.0, std::nullopt);
  const double lon = section.number("lon", -180.0, 180.0, std::nullopt);
  return LatLon::from_degrees({lat, lon}).value_or(LatLon::from_degrees({}).value());
}

void read_events(TomlReader& file, PathParameters& to) {
  for (TomlSection& section : file.sections("paths_end")) {
    KnownEnd end{section.text("name"), section.number("last_mile_ms", 0.0, 1'000.0, std::nullopt),
                 section.number("rank", -6.0, 6.0, std::nullopt)};
    if (std::any_of(to.ends.begin(), to.ends.end(), [&](const KnownEnd& it) { return it.name == end.name; }))
      section.fault("name", "stands there twice; keep one of the two sections");
    to.ends.push_back(std::move(end));
  }
  for (TomlSection& section : file.sections("paths_cut")) {
    CableCut cut;
    cut.centre = read_place(section);
    cut.radius_km = section.number("radius_km", 0.0, 5'000.0, std::nullopt);
    cut.longer = section.number("longer", 0.0, 20.0, 0.5);
    cut.span = read_span(section);
    to.cuts.push_back(cut);
  }
  for (TomlSection& section : file.sections("paths_outage")) {
    PathOutage outage;
    read_ends(section, outage);
    outage.span = read_span(section);
    to.outages.push_back(std::move(outage));
  }
  for (TomlSection& section : file.sections("paths_fast")) {
    FastPath fast;
    read_ends(section, fast);
    const bool leo = section.choice("kind", {"leo", "hollow-core"}) == "leo";
    // Low orbit: 550 km up and down at a slant, hops between satellites that follow no geodesic.
    // Hollow core: 99.7 % of c in the fibre, along roads.
    fast.share_of_c = section.number("share_of_c", 0.1, 1.0, leo ? 1.0 : 0.997);
    fast.inflation = section.number("inflation", 1.0, 20.0, leo ? 1.3 : 1.2);
    fast.extra_km = section.number("extra_km", 0.0, 100'000.0, leo ? 1'600.0 : 0.0);
    fast.span = read_span(section);
    to.fast.push_back(std::move(fast));
  }
}

/// The shortest digits that read back to the same bits, with a point so that TOML takes them for no integer.
std::string number_text(double x) {
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, x).ptr;
  std::string text{buffer, end};
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string toml_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04X", byte);
      out += escaped;
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string knots_lines(const QuantileKnots& knots) {
  std::string out;
  for (std::size_t k = 0; k < knots.at.size(); ++k)
    out += std::string{kKnotKeys[k]} + " = " + number_text(knots.at[k]) + '\n';
  return out;
}

std::string span_lines(const PathSpan& span) {
  std::string out = "from_h = " + number_text(in_hours(span.from)) + '\n';
  if (span.to != Nanoseconds::max()) out += "to_h = " + number_text(in_hours(span.to)) + '\n';
  return out;
}

template <class Which>
std::string end_lines(const Which& which) {
  return "a = " + toml_text(which.a) + '\n' + (which.b.empty() ? "" : "b = " + toml_text(which.b) + '\n');
}

}  // namespace

PathParameters read_paths(TomlReader& file, PathParameters otherwise) {
  PathParameters out = std::move(otherwise);
  TomlSection paths = file.section("paths");
  out.loss = paths.number("loss", 0.0, 1.0, out.loss);
  out.asymmetry = paths.number("asymmetry", 0.0, 1.0, out.asymmetry);
  out.node_share = paths.number("node_share", 0.0, 0.95, out.node_share);
  out.chip_last_mile_ms = paths.number("chip_last_mile_ms", 0.0, 1'000.0, out.chip_last_mile_ms);
  out.burst_share = paths.number("burst_share", 0.0, 1.0, out.burst_share);
  out.burst_ratio = paths.number("burst_ratio", 0.0, 100'000.0, out.burst_ratio);
  out.diurnal_peak = paths.number("diurnal_peak", 0.0, 100.0, out.diurnal_peak);
  out.peak_hour = paths.number("peak_hour", 0.0, 24.0, out.peak_hour);
  out.changes_per_day = paths.number("changes_per_day", 0.0, 100.0, out.changes_per_day);
  out.change_hours = paths.number("change_hours", 0.1, 1'000.0, out.change_hours);
  out.change_extra = paths.number("change_extra", 0.0, 100.0, out.change_extra);
  out.last_mile_ms = read_knots(file.section("paths_last_mile"), 0.1, 1'000.0, out.last_mile_ms);
  out.queue_ms = read_knots(file.section("paths_queue"), 0.01, 10'000.0, out.queue_ms);
  read_bands(file, out.bands);
  read_events(file, out);
  return out;
}

Result<PathParameters, std::vector<std::string>> parse_paths(std::string_view text,
                                                             const std::filesystem::path& name) {
  TomlReader file = TomlReader::parse(text, name);
  PathParameters out = read_paths(file);
  auto faults = file.finish();
  if (!faults.empty()) return Fail{std::move(faults)};
  return out;
}

std::string paths_text(const PathParameters& p) {
  std::string out = "[paths]\n";
  const auto line = [&out](const char* key, double value) {
    out += std::string{key} + " = " + number_text(value) + '\n';
  };
  line("loss", p.loss);
  line("asymmetry", p.asymmetry);
  line("node_share", p.node_share);
  line("chip_last_mile_ms", p.chip_last_mile_ms);
  line("burst_share", p.burst_share);
  line("burst_ratio", p.burst_ratio);
  line("diurnal_peak", p.diurnal_peak);
  line("peak_hour", p.peak_hour);
  line("changes_per_day", p.changes_per_day);
  line("change_hours", p.change_hours);
  line("change_extra", p.change_extra);
  out +=
      "\n[paths_last_mile]\n" + knots_lines(p.last_mile_ms) + "\n[paths_queue]\n" + knots_lines(p.queue_ms);
  for (const DistanceBand& band : p.bands)
    out += "\n[[paths_band]]\nkm = " + number_text(band.km) + '\n' + knots_lines(band.extra);
  for (const KnownEnd& end : p.ends)
    out += "\n[[paths_end]]\nname = " + toml_text(end.name) +
           "\nlast_mile_ms = " + number_text(end.last_mile_ms) + "\nrank = " + number_text(end.rank) + '\n';
  for (const CableCut& cut : p.cuts)
    out += "\n[[paths_cut]]\nlat = " + number_text(cut.centre.lat_deg()) +
           "\nlon = " + number_text(cut.centre.lon_deg()) + "\nradius_km = " + number_text(cut.radius_km) +
           "\nlonger = " + number_text(cut.longer) + '\n' + span_lines(cut.span);
  for (const PathOutage& outage : p.outages)
    out += "\n[[paths_outage]]\n" + end_lines(outage) + span_lines(outage.span);
  for (const FastPath& fast : p.fast)
    out += "\n[[paths_fast]]\n" + end_lines(fast) + "share_of_c = " + number_text(fast.share_of_c) +
           "\ninflation = " + number_text(fast.inflation) + "\nextra_km = " + number_text(fast.extra_km) +
           '\n' + span_lines(fast.span);
  return out;
}

}  // namespace chiploc
