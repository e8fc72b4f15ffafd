#include "geo/borders/build/codes.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <stdexcept>
#include <utility>

namespace chiploc::borders_build {
namespace {

struct Assigned {
  const char* code;
  const char* own_name;  // set when the code is not in ISO 3166-1
};

/// Natural Earth's -99. Territories that a state administers or claims alone go with that state, Kosovo has
/// the user-assigned XK, and land that no list gives to anybody gets a private code of the user-assigned
/// range, so that no region can lose it.
const std::map<std::string, Assigned>& assigned_codes() {
  static const std::map<std::string, Assigned> table{
      {"N. Cyprus", {"CY", nullptr}},
      {"Cyprus U.N. Buffer Zone", {"CY", nullptr}},
      {"Dhekelia", {"CY", nullptr}},
      {"Akrotiri", {"CY", nullptr}},
      {"Somaliland", {"SO", nullptr}},
      {"USNB Guantanamo Bay", {"CU", nullptr}},
      {"Baikonur", {"KZ", nullptr}},
      {"Indian Ocean Ter.", {"AU", nullptr}},  // carved() gives its islands to CC and CX
      {"Coral Sea Is.", {"AU", nullptr}},
      {"Clipperton I.", {"FR", nullptr}},
      {"Kosovo", {"XK", "Kosovo"}},
      {"Siachen Glacier", {"XA", "Siachen Glacier"}},
      {"Spratly Is.", {"XB", "Spratly Islands"}},
      {"Scarborough Reef", {"XC", "Scarborough Reef"}},
      {"Bajo Nuevo Bank", {"XD", "Bajo Nuevo Bank"}},
      {"Serranilla Bank", {"XE", "Serranilla Bank"}},
  };
  return table;
}

/// The Vatican is smaller than the source's grid cell and collapses to a line there. Eight points of its
/// wall, good to about 100 m, read off public maps.
Ring vatican() {
  return {{12.4457, 41.9012}, {12.4489, 41.9003}, {12.4535, 41.9001}, {12.4575, 41.9016}, {12.4584, 41.9024},
          {12.4578, 41.9061}, {12.4550, 41.9073}, {12.4508, 41.9075}, {12.4468, 41.9042}, {12.4457, 41.9012}};
}

/// Land with an ISO code of its own that the source draws as parts of another country's feature. A part is a
/// whole polygon there, an island or (GF) a land across an ocean: one that lies in the box is the code's.
/// Boxes are in degrees, around the territories' extents in the CIA World Factbook and GeoNames, with the sea
/// around them and no other land.
struct Carved {
  const char* whole;
  const char* part;
  double west, south, east, north;
};
constexpr std::array<Carved, 13> kCarved{{{"FR", "GF", -55.0, 2.0, -51.0, 6.0},
                                          {"FR", "GP", -61.9, 15.8, -60.9, 16.6},
                                          {"FR", "MQ", -61.3, 14.3, -60.7, 15.0},
                                          {"FR", "RE", 55.1, -21.5, 56.0, -20.8},
                                          {"FR", "YT", 44.9, -13.1, 45.4, -12.6},
                                          {"NO", "SJ", 10.0, 74.0, 34.0, 81.0},   // Svalbard
                                          {"NO", "SJ", -10.0, 70.5, -7.5, 71.5},  // Jan Mayen
                                          {"NO", "BV", 3.0, -55.0, 4.0, -54.0},
                                          {"NL", "BQ", -68.6, 11.9, -68.0, 12.5},  // Bonaire
                                          {"NL", "BQ", -63.4, 17.3, -62.8, 17.8},  // Saba and Sint Eustatius
                                          {"AU", "CC", 96.5, -12.4, 97.2, -11.6},
                                          {"AU", "CX", 105.3, -10.8, 105.9, -10.2},
                                          {"NZ", "TK", -173.0, -10.0, -170.5, -8.0}}};

bool lies_in(const std::vector<Ring>& polygon, const Carved& box) {
  return std::all_of(polygon.front().begin(), polygon.front().end(), [&](Point p) {
    return p.lon >= box.west && p.lon <= box.east && p.lat >= box.south && p.lat <= box.north;
  });
}

/// Moves the parts to codes of their own.
void carve(std::map<std::string, Territory>& by_code, const std::map<std::string, std::string>& names) {
  for (const Carved& box : kCarved) {
    auto& whole = by_code.at(box.whole).polygons;
    const auto rest = std::stable_partition(whole.begin(), whole.end(),
                                            [&](const auto& polygon) { return !lies_in(polygon, box); });
    if (rest == whole.end()) {
      throw std::runtime_error{std::string{"nothing of "} + box.whole + " lies where " + box.part +
                               " is: look at the boxes in geo/borders/build/codes.cpp"};
    }
    Territory& part = by_code[box.part];
    part.code = box.part;
    part.name = names.at(box.part);
    std::move(rest, whole.end(), std::back_inserter(part.polygons));
    whole.erase(rest, whole.end());
  }
}

/// Land that neither map draws, since it is smaller than what the second one keeps (some 0.5 km2), and an
/// island whose country changed after it was drawn. Each is a place on it: the ambiguity band does the rest.
/// People live on most of them: the check of the cities found these. Places from GeoNames, the last ten rows
/// from Wikipedia's articles on the islands.
struct Islet {
  const char* code;
  const char* name;
  double lat, lon;
};
constexpr std::array<Islet, 39> kIslets{{
    {"FM", "Kapingamarangi", 1.0786, 154.8075},
    {"FM", "Onou", 8.7990, 150.2915},
    {"FM", "Unanu", 8.7500, 150.3410},
    {"FM", "Ettal", 5.5920, 153.5640},
    {"FM", "Lamotrek", 7.4910, 146.3050},
    {"FM", "Faraulep", 8.5880, 144.5080},
    {"FM", "Eauripik", 6.6870, 143.0375},
    {"FM", "Ngulu, the north of the atoll", 8.4500, 137.4840},
    {"FM", "Ngulu", 8.3030, 137.4880},
    {"ID", "Pulau Pramuka", -5.7458, 106.6139},
    {"IT", "San Pietro in Volta", 45.3154, 12.3152},
    {"MU", "Cargados Carajos", -16.6033, 59.6585},
    {"MV", "Mahibadhoo", 3.7571, 72.9689},
    {"MV", "Felidhoo", 3.4718, 73.5470},
    {"MV", "Guraidhoo", 3.9005, 73.4662},
    {"PA", "Tubuala", 9.5167, -79.0333},
    {"PG", "Samarai", -10.6104, 150.6621},
    {"PH", "Manubul", 5.4732, 120.7986},
    {"PH", "Calituban", 10.2400, 124.2919},
    {"SY", "Arwad", 34.8560, 35.8585},
    {"TK", "Fale, Fakaofo", -9.3852, -171.2468},
    {"TK", "Fenua Fala, Fakaofo", -9.3700, -171.2630},
    {"TK", "Fakaofo, the atoll's east", -9.3650, -171.2150},
    {"TK", "Nukunonu", -9.2005, -171.8480},
    {"TK", "Nukunonu, the atoll's south", -9.1200, -171.8000},
    {"TV", "Tanrake, Nui", -7.2456, 177.1451},
    {"CK", "Pukapuka", -10.8800, -165.8500},
    {"AS", "Rose Atoll", -14.5470, -168.1500},
    {"AE", "The World", 25.2220, 55.1680},
    {"CA", "Machias Seal Island, claimed by both", 44.5020, -67.1010},
    {"US", "Machias Seal Island, claimed by both", 44.5020, -67.1010},
    {"ES", "Alboran", 35.9400, -3.0350},
    {"GQ", "Mbanie, Equatorial Guinea's by judgment of 2025", 0.8080, 9.3810},
    {"JP", "Uotsuri", 25.7450, 123.4750},
    {"MY", "Sipadan", 4.1150, 118.6290},
    {"SA", "Tiran, Saudi since 2017", 27.9500, 34.5600},
    {"SA", "Sanafir, Saudi since 2017", 27.9330, 34.7000},
    {"SG", "Pedra Branca", 1.3304, 104.4056},
    {"VE", "Aves", 15.6680, -63.6180},
}};

}  // namespace

std::vector<Territory> assign_codes(const std::vector<Feature>& features,
                                    const std::map<std::string, IsoCountry>& iso) {
  std::map<std::string, std::string> names;
  for (const auto& [number, country] : iso) names[country.alpha_2] = country.name;
  std::map<std::string, Territory> by_code;
  std::set<std::string> used;
  for (const Feature& feature : features) {
    std::string code;
    if (const auto listed = iso.find(feature.id); listed != iso.end()) {
      code = listed->second.alpha_2;
    } else {
      const auto assigned = assigned_codes().find(feature.name);
      if (assigned == assigned_codes().end()) {
        throw std::runtime_error{"feature '" + feature.name + "' with id '" + feature.id +
                                 "' has no code: add it to geo/borders/build/codes.cpp"};
      }
      used.insert(feature.name);
      code = assigned->second.code;
      if (assigned->second.own_name != nullptr) names[code] = assigned->second.own_name;
    }
    Territory& territory = by_code[code];
    territory.code = code;
    territory.name = names.at(code);
    if (code == "VA") {
      territory.polygons = {{vatican()}};
    } else {
      territory.polygons.insert(territory.polygons.end(), feature.polygons.begin(), feature.polygons.end());
    }
  }
  for (const auto& [name, assigned] : assigned_codes()) {
    if (!used.contains(name)) throw std::runtime_error{"no feature is called '" + name + "' any more"};
  }
  carve(by_code, names);
  // A licence may name every code of the list, and means that code's land.
  for (const auto& [number, country] : iso) {
    if (!by_code.contains(country.alpha_2)) {
      throw std::runtime_error{country.alpha_2 + " (" + country.name +
                               ") has no land: say in geo/borders/build/codes.cpp where it is drawn"};
    }
  }
  std::vector<Territory> territories;
  for (auto& [code, territory] : by_code) territories.push_back(std::move(territory));
  return territories;
}

void join_second_map(std::vector<Territory>& territories, std::vector<GeoMapsCountry> countries,
                     const std::map<std::string, IsoCountry>& iso) {
  std::map<std::string, std::string> alpha_2{{"XKX", "XK"}};
  for (const auto& [number, country] : iso) alpha_2[country.alpha_3] = country.alpha_2;
  std::map<std::string, std::vector<std::vector<Ring>>> land;
  for (GeoMapsCountry& country : countries) {
    const auto code = alpha_2.find(country.alpha_3);
    if (code == alpha_2.end())
      throw std::runtime_error{"the second map has " + country.alpha_3 + ", the list has not"};
    land[code->second] = std::move(country.polygons);
  }
  for (Territory& territory : territories) {
    const auto found = land.find(territory.code);
    if (found != land.end()) territory.surveyed = std::move(found->second);
  }
  for (const Islet& islet : kIslets) {
    const auto territory = std::find_if(territories.begin(), territories.end(),
                                        [&](const Territory& t) { return t.code == islet.code; });
    if (territory == territories.end()) throw std::runtime_error{std::string{islet.name} + " has no country"};
    territory->surveyed.push_back({{{islet.lon, islet.lat}}});
  }
  for (const auto& [three, two] : alpha_2) {
    if (!land.contains(two)) throw std::runtime_error{"the second map has no land for " + two};
  }
}

}  // namespace chiploc::borders_build
