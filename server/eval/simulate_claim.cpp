#include "server/eval/simulate_claim.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <utility>
#include <vector>

#include "geo/estimate/city_table.hpp"

namespace chiploc {
namespace {

CountryCode code(std::string_view text) { return CountryCode::from_text(text).value(); }

/// Codes that many maps draw within another country: whether the larger one's name means them is open.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kParts{{{"GF", "FR"},
                                                                                {"GP", "FR"},
                                                                                {"MQ", "FR"},
                                                                                {"RE", "FR"},
                                                                                {"YT", "FR"},
                                                                                {"SJ", "NO"},
                                                                                {"BV", "NO"},
                                                                                {"BQ", "NL"},
                                                                                {"CC", "AU"},
                                                                                {"CX", "AU"},
                                                                                {"TK", "NZ"}}};

/// A place in each of the codes without a city in the table, to a hundredth of a degree.
struct Station {
  std::string_view country;
  Degrees place;
};
constexpr std::array<Station, 4> kStations{{{"BV", {.lat = -54.42, .lon = 3.36}},
                                            {"HM", {.lat = -53.10, .lon = 73.51}},
                                            {"IO", {.lat = -7.31, .lon = 72.41}},     // Diego Garcia
                                            {"UM", {.lat = 19.28, .lon = 166.65}}}};  // Wake Island

using PlacesByCode = std::vector<std::pair<CountryCode, std::vector<LatLon>>>;
const PlacesByCode& places_by_code() {
  static const PlacesByCode places = [] {
    std::map<CountryCode, std::vector<LatLon>> by_code;
    for (const City& city : CityTable::world().cities) by_code[city.country].push_back(city.place);
    for (const Station& station : kStations) {
      std::vector<LatLon>& known = by_code[code(station.country)];
      if (known.empty()) known.push_back(LatLon::from_degrees(station.place).value());
    }
    return PlacesByCode{by_code.begin(), by_code.end()};
  }();
  return places;
}

CountryCode any_code(Dice& dice) {
  const PlacesByCode& places = places_by_code();
  return places[dice.below(static_cast<unsigned>(places.size()))].first;
}

/// Whether a list of codes names the one that a place is in.
Truth named(const std::vector<CountryCode>& list, CountryCode country) {
  if (std::find(list.begin(), list.end(), country) != list.end()) return Truth::kYes;
  for (const auto& part : kParts) {
    if (code(part.first) == country && std::find(list.begin(), list.end(), code(part.second)) != list.end())
      return Truth::kPerhaps;
  }
  return Truth::kNo;
}

/// Some codes; the place's own one, what it is drawn in, or what is drawn in it among them as often as not.
std::vector<CountryCode> draw_codes(Dice& dice, CountryCode own) {
  std::vector<CountryCode> out;
  if (dice.chance(0.4)) out.push_back(own);
  if (dice.chance(0.3)) {
    for (const auto& [part, whole] : kParts) {
      if (code(part) == own) out.push_back(code(whole));
      if (code(whole) == own && dice.chance(0.5)) out.push_back(code(part));
    }
  }
  for (unsigned more = dice.below(4); more > 0; --more) {
    if (const CountryCode other = any_code(dice); other != own) out.push_back(other);
  }
  return out;
}

/// West, south, east and north of the truth, in units of the drawing's half width.
struct Box {
  double west, south, east, north;
};
struct Part {
  Box outer;
  std::optional<Box> hole;
};

/// A box that holds the truth, with this much to spare.
Box around(Dice& dice, double least, double most) {
  return {-dice.between(least, most), -dice.between(least, most), dice.between(least, most),
          dice.between(least, most)};
}

struct DrawnParts {
  std::vector<Part> parts;
  bool inside = false;
  const char* what = "";
};

DrawnParts draw_parts(Dice& dice) {
  switch (dice.below(9)) {
    case 0:
      return {{{around(dice, 0.1, 1.0), {}}, {around(dice, 0.1, 1.0), {}}}, true, "two parts overlap"};
    case 1: {
      DrawnParts out{{}, true, "several parts overlap"};
      for (unsigned i = 3 + dice.below(4); i > 0; --i) out.parts.push_back({around(dice, 0.1, 1.0), {}});
      return out;
    }
    case 2: {
      const Box box = around(dice, 0.1, 1.0);
      return {{{around(dice, 1.1, 2.0), {}}, {box, {}}}, true, "one part lies in the other"};
    }
    case 3: {  // the border is beside the truth, and no edge of the area
      Box left = around(dice, 0.3, 1.0);
      left.east = dice.between(0.02, 0.2);
      return {{{left, {}}, {{left.east, left.south, left.east + dice.between(0.3, 1.0), left.north}, {}}},
              true,
              "two parts share a border"};
    }
    case 4: {
      const Box hole = around(dice, 0.1, 0.4);
      const Box filling = dice.chance(0.5) ? hole : around(dice, 0.45, 0.6);
      return {{{around(dice, 0.7, 1.0), hole}, {filling, {}}}, true, "a part fills the other's hole"};
    }
    case 5: {
      const Box hole = around(dice, 0.1, 0.5);
      return {{{around(dice, 0.6, 1.0), hole}, {{0.55, -0.9, 1.5, 0.9}, {}}}, false, "a hole"};
    }
    case 6:
      return {{{around(dice, 0.6, 1.0), around(dice, 0.1, 0.5)},
               {around(dice, 0.6, 1.0), around(dice, 0.1, 0.5)}},
              false,
              "a hole in both of two parts"};
    case 7: {
      const double near = dice.between(0.05, 0.3);
      return {
          {{{near, -1.0, 1.0, 1.0}, {}}, {{near + 0.1, -1.5, 1.2, 0.5}, {}}}, false, "two parts beside it"};
    }
    default: {  // a horseshoe of three that share borders
      const double gap = dice.between(0.05, 0.3);
      return {{{{-1.0, -1.0, -gap, 1.0}, {}}, {{gap, -1.0, 1.0, 1.0}, {}}, {{-gap, -1.0, gap, -gap}, {}}},
              false,
              "parts around it"};
    }
  }
}

std::string ring_of(const Box& box, LatLon truth, double lat_unit, double lon_unit) {
  std::string out = "[";
  const std::array<std::pair<double, double>, 5> corners{{{box.west, box.south},
                                                          {box.east, box.south},
                                                          {box.east, box.north},
                                                          {box.west, box.north},
                                                          {box.west, box.south}}};
  for (std::size_t i = 0; i < corners.size(); ++i) {
    char position[80];
    std::snprintf(position, sizeof position, "%s[%.9f,%.9f]", i == 0 ? "" : ",",
                  truth.lon_deg() + corners[i].first * lon_unit,
                  truth.lat_deg() + corners[i].second * lat_unit);
    out += position;
  }
  return out + "]";
}

}  // namespace

KnownPlace draw_place(Dice& dice) {
  const PlacesByCode& places = places_by_code();
  const auto& [country, known] = places[dice.below(static_cast<unsigned>(places.size()))];
  return {known[dice.below(static_cast<unsigned>(known.size()))], country};
}

SimulatedClaim draw_country_claim(Dice& dice, const KnownPlace& place) {
  SimulatedClaim out;
  if (dice.chance(0.7)) out.claim.licensed = draw_codes(dice, place.country);
  if (dice.chance(0.7)) out.claim.prohibited = draw_codes(dice, place.country);
  out.licensed = named(out.claim.licensed, place.country);
  out.prohibited = named(out.claim.prohibited, place.country);
  // A code that either list names itself is no longer in doubt in the other; what is licensed is exempt.
  if (out.licensed == Truth::kYes) out.prohibited = Truth::kNo;
  if (out.prohibited == Truth::kYes && out.licensed == Truth::kPerhaps) out.licensed = Truth::kNo;
  out.what = "in " + place.country.text() + ", licensed";
  for (const CountryCode one : out.claim.licensed) out.what += " " + one.text();
  out.what += ", prohibited";
  for (const CountryCode one : out.claim.prohibited) out.what += " " + one.text();
  return out;
}

std::optional<SimulatedClaim> draw_area_claim(Dice& dice, LatLon truth, bool* refused) {
  const double half_km = dice.logarithmic(1.0, 1'000.0);
  const double lat_unit = half_km / 111.0;
  const double lon_unit = lat_unit / std::cos(truth.lat_deg() / 57.3);
  const DrawnParts drawing = draw_parts(dice);
  if (std::abs(truth.lat_deg()) + 2.0 * lat_unit > 80.0 || std::abs(truth.lon_deg()) + 2.0 * lon_unit > 179.0)
    return std::nullopt;
  const bool collection = dice.chance(0.5);
  std::string text = collection ? R"({"type":"GeometryCollection","geometries":[)"
                                : R"({"type":"MultiPolygon","coordinates":[)";
  for (std::size_t i = 0; i < drawing.parts.size(); ++i) {
    const Part& part = drawing.parts[i];
    std::string rings = "[" + ring_of(part.outer, truth, lat_unit, lon_unit);
    if (part.hole) rings += "," + ring_of(*part.hole, truth, lat_unit, lon_unit);
    rings += "]";
    text += i == 0 ? "" : ",";
    text += collection ? R"({"type":"Polygon","coordinates":)" + rings + "}" : rings;
  }
  Area::Parsed parsed = Area::from_geojson(text + "]}");
  if (!parsed.area) {
    if (refused != nullptr) *refused = true;
    return std::nullopt;
  }
  SimulatedClaim out;
  const NamedArea area{"drawn", std::make_shared<const Area>(std::move(*parsed.area)), {}};
  const bool licensed = dice.chance(0.5);
  (licensed ? out.claim.licensed_areas : out.claim.prohibited_areas).push_back(area);
  (licensed ? out.licensed : out.prohibited) = drawing.inside ? Truth::kYes : Truth::kNo;
  char size[32];
  std::snprintf(size, sizeof size, "%.3g", half_km);
  out.what = std::string{licensed ? "licensed" : "prohibited"} + " area of half width " + size +
             " km, truth " + (drawing.inside ? "inside" : "outside") + ", " + drawing.what + ": " + text +
             "]}";
  return out;
}

std::optional<std::string> find_false_proof(const SimulatedClaim& simulated, VerdictState state) {
  const auto fault = [&](const char* truth) {
    return std::string{name_of(state)} + " is proved of a chip that " + truth + " (" + simulated.what + ")";
  };
  switch (state) {
    case VerdictState::kVerified:
      if (simulated.licensed != Truth::kYes) return fault("is not surely where it is licensed");
      break;
    case VerdictState::kOutside:
      if (simulated.licensed != Truth::kNo) return fault("may be where it is licensed");
      break;
    case VerdictState::kProhibited:
      if (simulated.prohibited != Truth::kYes) return fault("is not surely where it is prohibited");
      break;
    case VerdictState::kCleared:
      if (simulated.prohibited != Truth::kNo) return fault("may be where it is prohibited");
      break;
    case VerdictState::kUnresolved:
    case VerdictState::kSilent:
    case VerdictState::kInvalid:
      break;
  }
  return std::nullopt;
}

}  // namespace chiploc
