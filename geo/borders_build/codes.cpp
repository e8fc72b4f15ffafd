#include "geo/borders_build/codes.hpp"

#include <set>
#include <stdexcept>

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
      {"Indian Ocean Ter.", {"AU", nullptr}},
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
  std::vector<Territory> territories;
  for (auto& [code, territory] : by_code) territories.push_back(std::move(territory));
  return territories;
}

}  // namespace chiploc::borders_build
