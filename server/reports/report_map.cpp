#include "server/reports/report_map.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "server/picture/font.hpp"
#include "server/picture/inks.hpp"
#include "server/picture/map_items.hpp"

namespace chiploc {
namespace {

constexpr double kLeastReach = 0.12;  // some 750 km: a small country with what is around it
constexpr double kMostReach = 2.6;
constexpr double kDetail = 0.7;
constexpr double kLabelSize = 8.0;

/// The corners of the boxes, and points between them, that the map has to show.
std::vector<Vec3> points_to_show(const ReportTotals& totals) {
  std::vector<Vec3> out;
  for (const auto& [code, place] : totals.places) {
    const auto box = main_land_box(code);
    if (!box) continue;
    const double width = box->east - box->west;
    constexpr int kSteps = 4;
    for (int i = 0; i <= kSteps; ++i) {
      for (const double lat : {box->south, (box->south + box->north) / 2.0, box->north})
        out.push_back(to_sphere(Degrees{lat, box->west + width * i / kSteps}));
    }
  }
  return out;
}

/// From the middle of what is to be shown, as far as all of it.
struct LookedAt {
  LatLon centre;
  double reach;
};
std::optional<LookedAt> look_at(const std::vector<Vec3>& points) {
  Vec3 sum;
  for (const Vec3& point : points) sum = sum + point;
  if (points.empty()) return std::nullopt;
  // Points all round the globe have no middle; any will do.
  const Vec3 middle = norm(sum) < 1e-6 ? points.front() : normalized(sum);
  double reach = 0.0;
  for (const Vec3& point : points) reach = std::max(reach, angle_between(normalized(point), middle));
  return LookedAt{from_sphere(middle), std::clamp(reach * 1.15, kLeastReach, kMostReach)};
}

}  // namespace

std::vector<DrawnItem> report_map(const ReportTotals& totals, const Frame& frame) {
  std::vector<DrawnItem> items;
  const auto look = look_at(points_to_show(totals));
  if (!look) return items;
  // Drawn beyond what has to be seen, as far as the corners of the frame.
  const double half = std::min(frame.width, frame.height) / 2.0;
  const double scale = half / AzimuthalProjection::radius_km(look->reach);
  const double corner = std::hypot(frame.width, frame.height) / 2.0 / scale;
  const double reach = std::min(3.1, AzimuthalProjection::angle_of(corner) + 0.01);
  const AzimuthalProjection projection{look->centre, reach};
  const PlaneToPixels pixels{{frame.x + frame.width / 2.0, frame.y + frame.height / 2.0}, scale};
  items.emplace_back(
      DrawnPath{{thinned(projection.rim(), pixels, kDetail)}, true, ink::kSea, std::nullopt, "sea", ""});
  std::vector<DrawnItem> words;
  for (const DrawnCountry& country : drawn_countries(projection, pixels, kDetail)) {
    const auto place = totals.places.find(country.code);
    const bool counted = place != totals.places.end();
    const bool against = counted && place->second.contradicted > 0;
    const auto& rings = country.surveyed.empty() ? country.generalised : country.surveyed;
    const Ink& fill = against ? ink::kProhibited : counted ? ink::kLicensed : ink::kLand;
    items.emplace_back(DrawnPath{rings, true, fill, Stroke{ink::kBorder, 0.4}, "land", ""});
    if (against) {
      items.emplace_back(
          DrawnPath{hatching(rings, frame, 4.0), false, std::nullopt, Stroke{ink::kHatch, 0.5}, "hatch", ""});
    }
    if (!counted) continue;
    const std::string label = country.code + " " + std::to_string(place->second.chips);
    const auto at = place_for_words(rings, frame, width_of(label, kLabelSize), kLabelSize);
    // A country that is too small for its number has it all the same, over its middle.
    const auto box = main_land_box(country.code);
    if (!at && !box) continue;
    const DrawnPoint middle = at ? *at
                                 : pixels(projection.project(to_sphere(Degrees{
                                       (box->south + box->north) / 2.0, (box->west + box->east) / 2.0})));
    words.emplace_back(DrawnWords{{middle.x, middle.y + kLabelSize / 3.0},
                                  label,
                                  ink::kText,
                                  kLabelSize,
                                  DrawnWords::Align::kMiddle,
                                  false,
                                  std::nullopt,
                                  "country",
                                  ""});
  }
  items.insert(items.end(), words.begin(), words.end());
  items.push_back(frame_around(frame, 0.8));
  return items;
}

}  // namespace chiploc
