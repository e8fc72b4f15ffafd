#include "server/registry/change_warnings.hpp"

#include <algorithm>
#include <cstdio>

#include "geo/geodesic.hpp"
#include "proto/base/joined.hpp"
#include "server/registry/import_preview_parts.hpp"
#include "server/registry/order_warnings.hpp"

namespace chiploc {
namespace {

std::vector<std::string> names_of(const NamedPlaces& places) {
  std::vector<std::string> out;
  for (const CountryCode code : places.countries) out.push_back(code.text());
  out.insert(out.end(), places.territories.begin(), places.territories.end());
  return out;
}

bool holds(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

/// As the files have it, to 0.1 m: "50.12, 8.68".
std::string place_text(Degrees place) {
  char text[64];
  std::snprintf(text, sizeof text, "%.9g, %.9g", place.lat, place.lon);
  return text;
}

std::string km_text(double km) {
  char text[40];
  std::snprintf(text, sizeof text, km < 999.5 ? "%.3g km" : "%.0f km", km);
  return text;
}

}  // namespace

Shortened<ImportWarning> change_warnings(const Registry& base, const ImportPlan& plan, std::size_t most) {
  Shortened<ImportWarning> out;
  const auto warn = [&](ImportKind kind, const std::string& key, std::string text) {
    add_to(out, most, ImportWarning{kind, key, std::move(text)});
  };
  const auto had = names_of(base.prohibited());
  if (plan.prohibited_differs && !had.empty()) {
    const auto has = names_of(plan.registry->prohibited());
    if (has.empty())
      warn(ImportKind::kProhibitedTerritories, "",
           "the list is emptied: nothing is prohibited any more; it was " + joined(had, " "));
    for (const std::string& name : had) {
      if (!holds(has, name))
        warn(ImportKind::kProhibitedTerritories, name, "was prohibited, is not prohibited any more");
    }
    for (const std::string& name : has) {
      if (!holds(had, name))
        warn(ImportKind::kProhibitedTerritories, name, "was not prohibited, is prohibited from now on");
    }
  }
  for (const auto& anchor : plan.anchors) {
    const AnchorRecord* old = base.anchor(anchor->name);
    if (old == nullptr || (old->place.lat == anchor->place.lat && old->place.lon == anchor->place.lon))
      continue;
    const auto from = LatLon::from_degrees(old->place);
    const auto to = LatLon::from_degrees(anchor->place);
    if (!from || !to) continue;
    warn(ImportKind::kAnchors, anchor->name,
         "moves " + km_text(geodesic_distance(*from, *to).km()) + ", from " + place_text(old->place) +
             " to " + place_text(anchor->place) + " (anchor id " + anchor->id.hex() +
             "): every proof with it rests on that place");
  }
  warn_of_orders(base, plan, warn);
  return out;
}

}  // namespace chiploc
