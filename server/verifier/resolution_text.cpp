#include <cmath>
#include <cstdio>

#include "proto/base/joined.hpp"
#include "server/verifier/resolution.hpp"

namespace chiploc {
namespace {

using Kind = Resolution::Kind;

constexpr std::size_t kNamed = 8;

std::string ms_text(Nanoseconds rtt) {
  char text[40];
  std::snprintf(text, sizeof text, "%.1f ms", static_cast<double>(rtt.count()) / 1e6);
  return text;
}

/// "lux near 49.6 N 6.1 E (LU; below 9.0 ms, usual 3.1 ms)"
std::string anchor_text(const Resolution::By& by, Kind kind) {
  char place[64];
  std::snprintf(place, sizeof place, "near %.1f %c %.1f %c", std::abs(by.place.lat_deg()),
                by.place.lat_deg() < 0 ? 'S' : 'N', std::abs(by.place.lon_deg()),
                by.place.lon_deg() < 0 ? 'W' : 'E');
  std::string out = by.anchor;
  if (kind != Kind::kBetterPath) out += (out.empty() ? "" : " ") + std::string{place};
  out += " (";
  if (by.country && kind != Kind::kBetterPath) out += by.country->text() + "; ";
  if (by.below) out += "below " + ms_text(*by.below) + ", ";
  if (by.has) out += "has " + ms_text(*by.has) + ", ";
  return out + "usual " + ms_text(by.usual) + ")";
}

std::string listed(const std::vector<std::string>& texts) {
  std::string out;
  for (std::size_t i = 0; i < texts.size(); ++i)
    out += (i == 0 ? "" : i + 1 == texts.size() ? " and " : ", ") + texts[i];
  return out;
}

/// What is gained: that no place is left in some territories, or less.
std::string gain_text(const Resolution& resolution) {
  const std::string what = (resolution.if_licensed ? "" : "what the licence names: ") +
                           first_joined(resolution.excludes, ", ", kNamed);
  std::size_t limited = 0;
  for (const Resolution::By& by : resolution.by) limited += by.below ? 1U : 0U;
  const bool enough = resolution.kind == Kind::kNewAnchor || resolution.by.size() >= resolution.anchors;
  const std::size_t wanted = resolution.kind == Kind::kNewAnchor ? 1 : resolution.anchors;
  if (!enough) {
    return "the region gets smaller; it takes " + std::to_string(resolution.anchors) +
           " independent ones to leave no place in " + what + ".";
  }
  if (limited < wanted)
    return "the region gets smaller, though no such round trip is short enough to leave no place in " + what +
           ".";
  const std::string with = limited > wanted ? "any " + std::to_string(wanted) + " of them below that"
                           : limited < resolution.by.size() ? "those below that"
                                                            : "round trips below that";
  return "with " + with + " no place is left in " + what + ".";
}

/// For which chip that is usual.
std::string usual_text(const Resolution& resolution) {
  const std::string country = resolution.chip_in ? " in " + resolution.chip_in->text() : "";
  return " Usual means: for a chip" + country +
         (resolution.if_licensed ? ", where the licence has it." : ", where delays suggest that it is.");
}

}  // namespace

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::kBetterPath:
      return "better_path";
    case Kind::kExistingAnchor:
      return "existing_anchor";
    case Kind::kNewAnchor:
      break;
  }
  return "new_anchor";
}

std::string text_of(const Resolution& resolution) {
  std::vector<std::string> anchors;
  for (const Resolution::By& by : resolution.by) anchors.push_back(anchor_text(by, resolution.kind));
  const std::string rest = listed(anchors) + ": " + gain_text(resolution) + usual_text(resolution);
  switch (resolution.kind) {
    case Kind::kBetterPath:
      return "A better path to " + rest +
             " Look for what makes the chip's paths long: a tunnel, a relay, a busy host.";
    case Kind::kExistingAnchor:
      return "Measure also with " + rest;
    case Kind::kNewAnchor:
      break;
  }
  const std::string number = resolution.anchors == 1
                                 ? "A new anchor"
                                 : std::to_string(resolution.anchors) + " new independent anchors";
  return number + " in or by the city " + rest;
}

}  // namespace chiploc
