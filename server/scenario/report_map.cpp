#include "server/scenario/report_map.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <string>

#include "geo/vec3.hpp"
#include "server/picture/font.hpp"
#include "server/picture/inks.hpp"
#include "server/picture/land.hpp"
#include "server/picture/map_items.hpp"
#include "server/scenario/expectation.hpp"

namespace chiploc {
namespace {

constexpr double kMapWidth = 1100.0, kMapHeight = 600.0, kMapEdge = 12.0, kLegendHeight = 76.0;
constexpr Frame kMapWindow{kMapEdge, kMapEdge, kMapWidth - 2.0 * kMapEdge, kMapHeight - 2.0 * kMapEdge};
constexpr double kMapDetail = 0.5, kMapReachMost = 2.9, kMapRoom = 1.25, kMapLeastKm = 400.0;

struct MapSign {
  DrawnMark::Shape shape;
  double size;
  Ink fill, edge;
  const char* role;
  const char* words;
};
using MarkShape = DrawnMark::Shape;
constexpr MapSign kAnchorSign{MarkShape::kTriangle, 10.0, ink::kAnchor, ink::kHollow, "anchor", "anchor"};
constexpr MapSign kTrueAnchorSign{
    MarkShape::kTriangle, 10.0, ink::kHollow, ink::kBad, "true-anchor", "where such an anchor truly stands"};
constexpr MapSign kSiteSign{MarkShape::kSquare, 9.0, ink::kRegionEdge, ink::kHollow, "site", "licensed site"};
constexpr MapSign kAwaySign{MarkShape::kDiamond, 12.0,   ink::kSuggested,
                            ink::kHollow,        "away", "where a chip truly is"};
constexpr MapSign kProxySign{MarkShape::kDot, 8.0,     ink::kHollow,
                             ink::kSuggested, "proxy", "proxy of a relay"};
constexpr MapSign kCloneSign{MarkShape::kCross, 9.0, ink::kBad, ink::kBad, "clone", "second holder of a key"};
constexpr std::array<const MapSign*, 6> kMapSigns{&kAnchorSign, &kTrueAnchorSign, &kSiteSign,
                                                  &kAwaySign,   &kProxySign,      &kCloneSign};

/// A place, rounded so that equal ones are one.
using PlaceKey = std::pair<long, long>;
PlaceKey key_of(LatLon place) {
  return {std::lround(place.lat_deg() * 1e4), std::lround(place.lon_deg() * 1e4)};
}

struct Marked {
  LatLon place;
  std::set<std::string> names;
};
/// What is marked, by sign and place; and which places are joined.
struct LabPlacesSeen {
  std::map<const MapSign*, std::map<PlaceKey, Marked>> marks;
  std::map<std::pair<PlaceKey, PlaceKey>, std::pair<LatLon, LatLon>> lines;
  std::set<std::string> licensed, prohibited;

  void mark(const MapSign& sign, LatLon place, const std::string& name) {
    marks[&sign].try_emplace(key_of(place), Marked{place, {}}).first->second.names.insert(name);
  }
  void line(LatLon from, LatLon to) {
    if (key_of(from) != key_of(to)) lines.try_emplace({key_of(from), key_of(to)}, std::pair{from, to});
  }
};

void see(const LabAnchor& anchor, LabPlacesSeen& seen) {
  seen.mark(kAnchorSign, anchor.place, anchor.name);
  if (!anchor.true_place || key_of(*anchor.true_place) == key_of(anchor.place)) return;
  seen.mark(kTrueAnchorSign, *anchor.true_place, anchor.name);
  seen.line(anchor.place, *anchor.true_place);
}

void see(const LabChip& chip, LabPlacesSeen& seen) {
  seen.mark(kSiteSign, chip.site, chip.site_name);
  if (key_of(chip.at) != key_of(chip.site)) {
    seen.mark(kAwaySign, chip.at, chip.serial);
    seen.line(chip.site, chip.at);
  }
  if (chip.via && key_of(*chip.via) != key_of(chip.site)) {
    seen.mark(kProxySign, *chip.via, chip.serial);
    seen.line(*chip.via, chip.at);
  }
  for (const LatLon exit : chip.exits) {
    seen.mark(kProxySign, exit, chip.serial);
    seen.line(exit, chip.at);
  }
  if (chip.clone_at) {
    seen.mark(kCloneSign, *chip.clone_at, chip.serial);
    seen.line(chip.site, *chip.clone_at);
  }
}

void tint(const LabFile& lab, const LabPlaces& places, std::set<std::string>& into) {
  for (const CountryCode code : places.countries) into.emplace(code.text());
  for (const std::string& name : places.territories) {
    const LabTerritory* const territory = lab.territory(name);
    if (territory == nullptr) continue;
    for (const CountryCode code : territory->countries) into.emplace(code.text());
  }
}

LabPlacesSeen places_in(const std::vector<const LabFile*>& labs) {
  LabPlacesSeen out;
  for (const LabFile* lab : labs) {
    for (const LabAnchor& anchor : lab->anchors) see(anchor, out);
    for (const LabChip& chip : lab->chips) see(chip, out);
    for (const LabEvent& event : lab->events) {
      if (const auto* chip = std::get_if<LabChip>(&event.after)) see(*chip, out);
      if (const auto* anchor = std::get_if<LabAnchor>(&event.after)) see(*anchor, out);
    }
    for (const LabLicence& licence : lab->licences) tint(*lab, licence.places, out.licensed);
    tint(*lab, lab->prohibited, out.prohibited);
  }
  return out;
}

/// All marked places in the window, north upwards, and land to its corners.
struct LabView {
  AzimuthalProjection projection;
  PlaneToPixels pixels;
};
LabView view_over(const LabPlacesSeen& seen) {
  std::vector<Vec3> points;
  for (const auto& [sign, marks] : seen.marks) {
    for (const auto& [key, marked] : marks) points.push_back(to_sphere(marked.place));
  }
  Vec3 sum;
  for (const Vec3 point : points) sum = sum + point;
  const LatLon centre = from_sphere(norm(sum) > 1e-6 ? normalized(sum) : points.front());
  const AzimuthalProjection whole{centre, kMapReachMost};
  PlanePoint least{1e9, 1e9}, most{-1e9, -1e9};
  for (const Vec3 point : points) {
    const PlanePoint p = whole.project(point);
    least = {std::min(least.x, p.x), std::min(least.y, p.y)};
    most = {std::max(most.x, p.x), std::max(most.y, p.y)};
  }
  const double wide = std::max((most.x - least.x) * kMapRoom, kMapLeastKm),
               high = std::max((most.y - least.y) * kMapRoom, kMapLeastKm);
  const double pixels_per_km = std::min(kMapWindow.width / wide, kMapWindow.height / high);
  const DrawnPoint middle{kMapWindow.x + kMapWindow.width / 2.0 - (least.x + most.x) / 2.0 * pixels_per_km,
                          kMapWindow.y + kMapWindow.height / 2.0 + (least.y + most.y) / 2.0 * pixels_per_km};
  const double across = std::max(std::abs(middle.x - kMapWindow.x),
                                 std::abs(kMapWindow.x + kMapWindow.width - middle.x)),
               along = std::max(std::abs(middle.y - kMapWindow.y),
                                std::abs(kMapWindow.y + kMapWindow.height - middle.y));
  const double reach = AzimuthalProjection::angle_of(std::hypot(across, along) / pixels_per_km);
  return {AzimuthalProjection{centre, std::min(reach, kMapReachMost)}, {middle, pixels_per_km}};
}

/// "LAB-1, LAB-2 and 30 more".
std::string some_of(const std::set<std::string>& names) {
  constexpr std::size_t kNamed = 6;
  std::string out;
  std::size_t shown = 0;
  for (const std::string& name : names) {
    if (shown == kNamed) return out + " and " + std::to_string(names.size() - kNamed) + " more";
    out += (shown++ == 0 ? "" : ", ") + name;
  }
  return out;
}

class LabPainter {
 public:
  explicit LabPainter(LabPlacesSeen seen) : seen_{std::move(seen)}, view_{view_over(seen_)} {}

  Drawing paint() {
    drawing_.width = kMapWidth;
    drawing_.height = kMapHeight + kLegendHeight;
    drawing_.title = "Map: anchors, licensed sites, and where chips truly are";
    drawing_.window.emplace();
    drawing_.window->x = kMapWindow.x;
    drawing_.window->y = kMapWindow.y;
    drawing_.window->width = kMapWindow.width;
    drawing_.window->height = kMapWindow.height;
    land();
    for (const auto& [keys, ends] : seen_.lines)
      on_map(DrawnPath{{{at(ends.first), at(ends.second)}},
                       false,
                       std::nullopt,
                       Stroke{ink::kSuggested, 1.4, Dash::kLong},
                       "way",
                       ""});
    for (const MapSign* sign : kMapSigns) marks(*sign);
    labels();
    legend();
    return std::move(drawing_);
  }

 private:
  void on_map(DrawnItem item) { drawing_.window->items.push_back(std::move(item)); }
  [[nodiscard]] DrawnPoint at(LatLon place) const {
    return view_.pixels(view_.projection.project(to_sphere(place)));
  }

  void land() {
    on_map(DrawnPath{{thinned(view_.projection.rim(), view_.pixels, kMapDetail)},
                     true,
                     ink::kSea,
                     std::nullopt,
                     "sea",
                     ""});
    for (const DrawnCountry& country : drawn_countries(view_.projection, view_.pixels, kMapDetail)) {
      const bool licensed = seen_.licensed.contains(country.code);
      const bool prohibited = seen_.prohibited.contains(country.code) && !licensed;
      const auto& outline = country.surveyed.empty() ? country.generalised : country.surveyed;
      on_map(DrawnPath{outline, true,
                       licensed     ? ink::kLicensed
                       : prohibited ? ink::kProhibited
                                    : ink::kLand,
                       Stroke{ink::kBorder, 0.5},
                       licensed     ? "land licensed"
                       : prohibited ? "land prohibited"
                                    : "land",
                       country.name + " (" + country.code + ")" +
                           (licensed     ? ": licensed"
                            : prohibited ? ": prohibited"
                                         : "")});
      if (prohibited)
        on_map(DrawnPath{hatching(outline, kMapWindow, 9.0), false, std::nullopt, Stroke{ink::kHatch, 0.8},
                         "hatch", ""});
    }
  }

  void marks(const MapSign& sign) {
    const auto found = seen_.marks.find(&sign);
    if (found == seen_.marks.end()) return;
    for (const auto& [key, marked] : found->second)
      on_map(DrawnMark{at(marked.place), sign.shape, sign.size, sign.fill, sign.edge, sign.role,
                       std::string{sign.words} + ": " + some_of(marked.names)});
  }

  /// Names of sites and of places where chips are, as long as they do not lie on each other.
  void labels() {
    std::vector<Frame> taken;
    for (const MapSign* sign : {&kSiteSign, &kAwaySign, &kCloneSign, &kTrueAnchorSign}) {
      const auto found = seen_.marks.find(sign);
      if (found == seen_.marks.end()) continue;
      for (const auto& [key, marked] : found->second) {
        const std::string said = words_within(
            marked.names.size() == 1
                ? *marked.names.begin()
                : *marked.names.begin() + " and " + std::to_string(marked.names.size() - 1) + " more",
            11.0, 190.0);
        const DrawnPoint p = at(marked.place);
        const Frame box{p.x + 8.0, p.y - 14.0, width_of(said, 11.0), 13.0};
        const bool clashes = std::any_of(taken.begin(), taken.end(), [&](const Frame& other) {
          return box.x < other.x + other.width && other.x < box.x + box.width &&
                 box.y < other.y + other.height && other.y < box.y + box.height;
        });
        if (clashes) continue;
        taken.push_back(box);
        on_map(DrawnWords{{p.x + 8.0, p.y - 4.0},
                          said,
                          ink::kText,
                          11.0,
                          DrawnWords::Align::kStart,
                          false,
                          ink::kHalo,
                          "name",
                          ""});
      }
    }
  }

  void legend() {
    drawing_.above.push_back(frame_around(kMapWindow));
    double right = kMapEdge + 8.0, line = kMapHeight + 14.0;
    const auto next = [&](const std::string& words, const auto& add_sign) {
      const double wide = 18.0 + width_of(words, 12.0) + 26.0;
      if (right + wide > kMapWidth) {
        right = kMapEdge + 8.0;
        line += 20.0;
      }
      add_sign(DrawnPoint{right, line - 4.0});
      drawing_.above.emplace_back(DrawnWords{{right + 14.0, line},
                                             words,
                                             ink::kText,
                                             12.0,
                                             DrawnWords::Align::kStart,
                                             false,
                                             std::nullopt,
                                             "legend",
                                             ""});
      right += wide;
    };
    for (const MapSign* sign : kMapSigns) {
      if (!seen_.marks.contains(sign)) continue;
      next(sign->words, [&](DrawnPoint p) {
        drawing_.above.emplace_back(
            DrawnMark{p, sign->shape, sign->size, sign->fill, sign->edge, sign->role, ""});
      });
    }
    const auto patch = [&](const Ink& fill, bool hatched) {
      return [this, fill, hatched](DrawnPoint p) {
        const DrawnLine box{
            {p.x - 7.0, p.y - 6.0}, {p.x + 7.0, p.y - 6.0}, {p.x + 7.0, p.y + 6.0}, {p.x - 7.0, p.y + 6.0}};
        drawing_.above.emplace_back(DrawnPath{{box}, true, fill, Stroke{ink::kBorder, 0.5}, "patch", ""});
        if (hatched)
          drawing_.above.emplace_back(DrawnPath{hatching({box}, {p.x - 7.0, p.y - 6.0, 14.0, 12.0}, 5.0),
                                                false, std::nullopt, Stroke{ink::kHatch, 0.8}, "hatch", ""});
      };
    };
    next("licensed country", patch(ink::kLicensed, false));
    if (!seen_.prohibited.empty()) next("prohibited country", patch(ink::kProhibited, true));
    drawing_.above.emplace_back(DrawnWords{{kMapEdge, kMapHeight + kLegendHeight - 10.0},
                                           words_within(land_notice(), 10.0, kMapWidth - 2.0 * kMapEdge),
                                           ink::kFaint,
                                           10.0,
                                           DrawnWords::Align::kStart,
                                           false,
                                           std::nullopt,
                                           "notice",
                                           ""});
  }

  LabPlacesSeen seen_;
  LabView view_;
  Drawing drawing_;
};

}  // namespace

Drawing draw_lab_map(const std::vector<const LabFile*>& labs) { return LabPainter{places_in(labs)}.paint(); }

}  // namespace chiploc
