#include "geo/borders_build/codes.hpp"

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
                               " is: look at the boxes in geo/borders_build/codes.cpp"};
    }
    Territory& part = by_code[box.part];
    part.code = box.part;
    part.name = names.at(box.part);
    std::move(rest, whole.end(), std::back_inserter(part.polygons));
    whole.erase(rest, whole.end());
  }
}

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
                                 "' has no code: add it to geo/borders_build/codes.cpp"};
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
                               ") has no land: say in geo/borders_build/codes.cpp where it is drawn"};
    }
  }
  std::vector<Territory> territories;
  for (auto& [code, territory] : by_code) territories.push_back(std::move(territory));
  return territories;
}

}  // namespace chiploc::borders_build
