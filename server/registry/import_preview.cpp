#include "server/registry/import_preview.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "geo/area/area_land.hpp"
#include "geo/geodesic.hpp"
#include "proto/base/joined.hpp"
#include "server/registry/import_preview_parts.hpp"

namespace chiploc {
namespace {

constexpr Kilometers kNearLand{5.0};
constexpr Kilometers kSmall{50.0};  // from an area's middle to the corners of its box
constexpr double kNullIslandDeg = 0.01;

class Preview {
 public:
  Preview(const ImportPlan& plan, const Borders& borders, WallTime now, const PreviewLimits& limits)
      : plan_{plan},
        registry_{*plan.registry},
        borders_{borders},
        limits_{limits},
        land_{borders, limits.drawings} {
    find_wanted();
    for (const auto& territory : plan.territories) add_area(*territory);
    check_named_areas();
    find_operators();
    for (const auto& anchor : plan.anchors) add_anchor(*anchor);
    out.licences = understand_licences(plan, land_, now, limits.listed);
  }

  ImportPreview out;

 private:
  using Codes = std::vector<CountryCode>;
  /// Where the anchors of an operator stand.
  struct Standing {
    std::map<CountryCode, int> count;
    bool of_this_import = false;  // for it has no others
  };

  /// Countries that a place may be in: where it lies, else those within so many kilometres.
  Codes countries_near(LatLon place, Kilometers near) const {
    if (const auto country = borders_.country_at(place)) return {*country};
    const std::array<AnchorBound, 1> bounds{{{place, Kilometers{0.0}, near, 0}}};
    const CountrySet met = borders_.countries_met(Region::from_bounds(bounds, 0));
    return {met.begin(), met.end()};
  }

  /// Where a place would be with its numbers swapped; nobody's where that is no place, or at sea.
  Codes swapped(Degrees place) const {
    const auto other = LatLon::from_degrees({.lat = place.lon, .lon = place.lat});
    return other ? countries_near(*other, kNearLand) : Codes{};
  }

  static Kilometers radius_of(const AreaBox& box, LatLon middle) {
    Kilometers most{0.0};
    for (const double lat : {box.south, box.north}) {
      for (const double lon : {box.west, box.east}) {
        const auto corner = LatLon::from_degrees({.lat = lat, .lon = lon});
        if (corner) most = std::max(most, geodesic_distance(middle, *corner));
      }
    }
    return most;
  }

  static bool at_null_island(Degrees place) {
    return std::abs(place.lat) < kNullIslandDeg && std::abs(place.lon) < kNullIslandDeg;
  }

  static bool nothing_but_ice(const Codes& codes) {
    return codes.size() == 1 && codes.front().view() == "AQ";
  }

  /// What the licences of new and changed areas, and new and changed licences, name beside each of their
  /// areas.
  void find_wanted() {
    std::set<std::string_view> drawn;
    for (const auto& territory : plan_.territories) drawn.insert(territory->name);
    for (const auto& licence : plan_.licences)
      drawn.insert(licence->places.territories.begin(), licence->places.territories.end());
    if (drawn.empty()) return;
    for (const auto& [id, licence] : registry_.licences()) add_wanted(*licence, drawn);
  }

  void add_wanted(const LicenceRecord& licence, const std::set<std::string_view>& drawn) {
    const auto& names = licence.places.territories;
    if (std::none_of(names.begin(), names.end(), [&](const auto& name) { return drawn.count(name) > 0; }))
      return;
    std::set<CountryCode> countries(licence.places.countries.begin(), licence.places.countries.end());
    std::map<CountryCode, std::size_t> of_areas;  // how many have their middle there
    std::map<std::string_view, CountryCode> middles;
    for (const std::string& name : names) {
      const TerritoryRecord* territory = registry_.territory(name);
      if (territory == nullptr) continue;
      countries.insert(territory->countries.begin(), territory->countries.end());
      if (!land_.readable(*territory)) continue;
      const auto country = borders_.country_at(middle_of(territory->area->box()));
      if (!country) continue;
      middles.emplace(territory->name, *country);
      ++of_areas[*country];
    }
    for (const std::string& name : names) {
      if (drawn.count(name) == 0) continue;
      auto& wanted = wanted_[name];
      wanted.insert(countries.begin(), countries.end());
      const auto own = middles.find(name);
      for (const auto& [code, count] : of_areas) {
        if (count > (own != middles.end() && own->second == code ? 1U : 0U)) wanted.insert(code);
      }
    }
  }

  /// Registered areas that a new or changed licence names.
  void check_named_areas() {
    std::set<std::string_view> done;
    for (const auto& territory : plan_.territories) done.insert(territory->name);
    for (const auto& licence : plan_.licences) {
      for (const std::string& name : licence->places.territories) {
        const TerritoryRecord* territory = registry_.territory(name);
        if (!done.insert(name).second || territory == nullptr || !land_.readable(*territory)) continue;
        const LatLon middle = middle_of(territory->area->box());
        const auto here = borders_.country_at(middle);
        if (here) check_area(*territory, {*here}, {.lat = middle.lat_deg(), .lon = middle.lon_deg()});
      }
    }
  }

  void add_area(const TerritoryRecord& territory) {
    if (!land_.readable(territory)) return;
    const bool listed = out.areas.shown.size() < limits_.listed;
    const AreaBox box = territory.area->box();
    const LatLon middle = middle_of(box);
    const Degrees centre{.lat = middle.lat_deg(), .lon = middle.lon_deg()};
    // Beyond those listed what lies around the middle of a small one says enough.
    const bool small = !listed && radius_of(box, middle) <= kSmall;
    const Codes* looked_up = small ? nullptr : land_.of(territory);
    if (looked_up == nullptr && !small) {
      ++out.areas.total;
      ++out.areas.unchecked;
      return;
    }
    const Codes countries = small ? countries_near(middle, radius_of(box, middle)) : *looked_up;
    if (listed) {
      add_to(out.areas, limits_.listed,
             AreaUnderstood{territory.name, territory.area->area_km2(), countries, box, centre});
    } else {
      ++out.areas.total;
    }
    check_area(territory, countries, centre);
  }

  void check_area(const TerritoryRecord& territory, const Codes& countries, Degrees centre) {
    constexpr const char* kLongitudeFirst = ": GeoJSON has longitude first";
    const auto warn_of = [&](std::string text) {
      warn(ImportKind::kTerritories, territory.name, std::move(text));
    };
    if (countries.empty() && at_null_island(centre))
      return warn_of("lies around latitude 0, longitude 0, where nothing is: was a place left out?");
    const Codes other = swapped(centre);
    if (countries.empty())
      return warn_of("meets no land" + (other.empty() ? ""
                                                      : "; with the two numbers swapped it would be in " +
                                                            text_of(other) + kLongitudeFirst));
    if (nothing_but_ice(countries) && !other.empty() && !nothing_but_ice(other))
      return warn_of("lies in Antarctica (AQ); with the two numbers swapped it would be in " +
                     text_of(other) + kLongitudeFirst);
    const auto at = wanted_.find(territory.name);
    if (at == wanted_.end() || fits(countries, at->second) || !fits(other, at->second)) return;
    warn_of("meets " + text_of(countries) +
            ", which no licence has that names it; with the two numbers swapped it would be in " +
            text_of(other) + ", which one has" + kLongitudeFirst);
  }

  /// In which countries the anchors of each operator stand: those that this import leaves as they are, or,
  /// where there are none, its own.
  void find_operators() {
    std::set<std::string_view> changed;
    for (const auto& anchor : plan_.anchors) {
      changed.insert(anchor->name);
      operators_.try_emplace(anchor->operator_name);
    }
    if (changed.empty()) return;
    std::map<std::string_view, std::map<CountryCode, int>> fresh;
    for (const auto& [name, anchor] : registry_.anchors()) {
      const auto known = operators_.find(anchor->operator_name);
      const auto place = LatLon::from_degrees(anchor->place);
      if (known == operators_.end() || !place) continue;
      const auto country = borders_.country_at(*place);
      if (country) ++(changed.count(name) > 0 ? fresh[anchor->operator_name] : known->second.count)[*country];
    }
    for (auto& [name, at] : operators_) {
      at.of_this_import = at.count.empty();
      if (at.of_this_import) at.count = fresh[name];
    }
  }

  void add_anchor(const AnchorRecord& anchor) {
    const auto place = LatLon::from_degrees(anchor.place);
    if (!place) return;
    const auto country = borders_.country_at(*place);
    add_to(out.anchors, limits_.listed, AnchorUnderstood{anchor.name, anchor.place, country});
    const auto warn_of = [&](std::string text) { warn(ImportKind::kAnchors, anchor.name, std::move(text)); };
    if (at_null_island(anchor.place))
      return warn_of("stands at latitude 0, longitude 0, where nothing is: was its place left out?");
    const Kilometers near = std::max(anchor.uncertainty, kNearLand);
    const Codes countries = countries_near(*place, near);
    const Codes other = swapped(anchor.place);
    const std::string would = "with latitude and longitude swapped it would be in " + text_of(other);
    if (countries.empty())
      return warn_of("stands at sea, no land within " + std::to_string(std::lround(near.km())) + " km" +
                     (other.empty() ? "" : "; " + would));
    if (nothing_but_ice(countries) && !other.empty() && !nothing_but_ice(other))
      return warn_of("stands in Antarctica (AQ); " + would);
    const Standing& others = operators_.at(anchor.operator_name);
    const auto count = [&](const Codes& codes) {
      int sum = 0;
      for (const CountryCode code : codes) {
        const auto at = others.count.find(code);
        sum += at == others.count.end() ? 0 : at->second;
      }
      return sum;
    };
    const int beside = count(countries) - (others.of_this_import && country ? 1 : 0);
    if (beside == 0 && count(other) > 0)
      warn_of("stands in " + text_of(countries) + ", where no other anchor of its operator does; " + would +
              ", where others do");
  }

  static bool fits(const Codes& codes, const std::set<CountryCode>& wanted) {
    return std::any_of(codes.begin(), codes.end(), [&](CountryCode code) { return wanted.count(code) > 0; });
  }

  static std::string text_of(const Codes& codes) { return joined(codes, " "); }

  void warn(ImportKind kind, const std::string& key, std::string text) {
    add_to(out.warnings, limits_.warnings, ImportWarning{kind, key, std::move(text)});
  }

  const ImportPlan& plan_;
  const Registry& registry_;
  const Borders& borders_;
  const PreviewLimits& limits_;
  AreaLand land_;
  std::map<std::string_view, std::set<CountryCode>> wanted_;  // by area
  std::map<std::string_view, Standing> operators_;
};

}  // namespace

ImportPreview preview_of(const ImportPlan& plan, const Borders& borders, WallTime now,
                         const PreviewLimits& limits) {
  return Preview{plan, borders, now, limits}.out;
}

}  // namespace chiploc
