#include "server/registry/import_preview.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "geo/area_land.hpp"

namespace chiploc {
namespace {

constexpr Kilometers kNearLand{5.0};
constexpr double kNullIslandDeg = 0.01;

class Preview {
 public:
  Preview(const ImportPlan& plan, const Borders& borders, std::size_t most)
      : registry_{*plan.registry}, borders_{borders}, most_{most} {
    for (const auto& territory : plan.territories) add_area(*territory);
    for (const auto& anchor : plan.anchors) add_anchor(*anchor);
    find_prohibited();
    if (plan.prohibited_differs || !plan.territories.empty()) {
      for (const auto& [id, licence] : registry_.licences()) add_licence(*licence);
    } else {
      for (const auto& licence : plan.licences) add_licence(*licence);
    }
  }

  ImportPreview out;

 private:
  template <class T>
  void add(Shortened<T>& list, T item) {
    ++list.total;
    if (list.shown.size() < most_) list.shown.push_back(std::move(item));
  }

  const std::vector<CountryCode>& land(const TerritoryRecord& territory) {
    const auto [at, fresh] = land_.try_emplace(territory.name);
    if (fresh) at->second = land_of(*territory.area, borders_);
    return at->second;
  }

  /// The country where a place would be with its numbers swapped.
  std::optional<CountryCode> swapped(Degrees place) const {
    const auto other = LatLon::from_degrees({.lat = place.lon, .lon = place.lat});
    return other ? borders_.country_at(*other) : std::nullopt;
  }

  static bool at_null_island(Degrees place) {
    return std::abs(place.lat) < kNullIslandDeg && std::abs(place.lon) < kNullIslandDeg;
  }

  void add_area(const TerritoryRecord& territory) {
    if (!territory.area || !territory.unreadable.empty()) return;
    if (out.areas.shown.size() >= most_) {
      ++out.areas.total;
      return;
    }
    const AreaBox box = territory.area->box();
    const LatLon middle = middle_of(box);
    const Degrees centre{.lat = middle.lat_deg(), .lon = middle.lon_deg()};
    add(out.areas, {territory.name, territory.area->area_km2(), land(territory), box, centre});
    if (!land(territory).empty()) return;
    if (at_null_island(centre)) {
      warn(ImportKind::kTerritories, territory.name,
           "lies around latitude 0, longitude 0, where nothing is: was a place left out?");
      return;
    }
    const auto other = swapped(centre);
    warn(ImportKind::kTerritories, territory.name,
         "meets no land" + (other ? "; with the two numbers swapped it would be in " + other->text() +
                                        ": GeoJSON has longitude first"
                                  : std::string{}));
  }

  void add_anchor(const AnchorRecord& anchor) {
    const auto place = LatLon::from_degrees(anchor.place);
    if (!place) return;
    const auto country = borders_.country_at(*place);
    add(out.anchors, {anchor.name, anchor.place, country});
    if (at_null_island(anchor.place)) {
      warn(ImportKind::kAnchors, anchor.name,
           "stands at latitude 0, longitude 0, where nothing is: was its place left out?");
      return;
    }
    if (country) return;
    const Kilometers near = std::max(anchor.uncertainty, kNearLand);
    const std::array<AnchorBound, 1> bounds{{{*place, Kilometers{0.0}, near, 0}}};
    if (borders_.countries_met(Region::from_bounds(bounds, 0)).meets_land()) return;
    const auto other = swapped(anchor.place);
    warn(ImportKind::kAnchors, anchor.name,
         "stands at sea, no land within " + std::to_string(std::lround(near.km())) + " km" +
             (other ? "; with latitude and longitude swapped it would be in " + other->text()
                    : std::string{}));
  }

  void warn(ImportKind kind, const std::string& key, std::string text) {
    add(out.warnings, {kind, key, std::move(text)});
  }

  void find_prohibited() {
    const NamedPlaces& places = registry_.prohibited();
    prohibited_.insert(places.countries.begin(), places.countries.end());
    for (const std::string& name : places.territories) {
      if (const TerritoryRecord* group = registry_.territory(name))
        prohibited_.insert(group->countries.begin(), group->countries.end());
    }
  }

  void keep_prohibited(const std::vector<CountryCode>& codes, std::vector<CountryCode>& list) const {
    for (const CountryCode code : codes) {
      if (prohibited_.count(code) > 0 && std::find(list.begin(), list.end(), code) == list.end())
        list.push_back(code);
    }
  }

  void add_licence(const LicenceRecord& licence) {
    if (prohibited_.empty()) return;
    LicenceUnderstood understood{licence.id, {}, {}};
    keep_prohibited(licence.places.countries, understood.exempts);
    for (const std::string& name : licence.places.territories) {
      const TerritoryRecord* territory = registry_.territory(name);
      if (territory == nullptr) continue;
      keep_prohibited(territory->countries, understood.exempts);
      // One by one, so that a file of many licences over many areas ends.
      if (territory->area && territory->unreadable.empty() && land_.size() <= 2 * most_)
        keep_prohibited(land(*territory), understood.within);
    }
    std::sort(understood.exempts.begin(), understood.exempts.end());
    std::sort(understood.within.begin(), understood.within.end());
    if (!understood.exempts.empty() || !understood.within.empty()) add(out.licences, std::move(understood));
  }

  const Registry& registry_;
  const Borders& borders_;
  std::size_t most_;
  std::set<CountryCode> prohibited_;
  std::map<std::string, std::vector<CountryCode>> land_;  // by territory
};

}  // namespace

ImportPreview preview_of(const ImportPlan& plan, const Borders& borders, std::size_t most) {
  return Preview{plan, borders, most}.out;
}

}  // namespace chiploc
