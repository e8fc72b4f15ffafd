#include "server/picture/map_items.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numbers>

#include "server/picture/font.hpp"
#include "server/picture/territory_items.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kMostLabels = 64;  // of anchors; all are in the list beside

bool holds(const std::vector<std::string>& list, const std::string& code) {
  return std::find(list.begin(), list.end(), code) != list.end();
}

std::string with_decimals(double value, int decimals) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

/// Rectangles that words have taken, so that others go elsewhere.
class TakenRoom {
 public:
  explicit TakenRoom(const Frame& frame) : frame_{frame} {}
  /// False, and nothing taken, if it is taken already or leaves the frame.
  bool take(const Frame& box) {
    if (box.x < frame_.x || box.y < frame_.y || box.x + box.width > frame_.x + frame_.width ||
        box.y + box.height > frame_.y + frame_.height)
      return false;
    for (const Frame& other : taken_) {
      if (box.x < other.x + other.width && other.x < box.x + box.width && box.y < other.y + other.height &&
          other.y < box.y + box.height)
        return false;
    }
    taken_.push_back(box);
    return true;
  }

 private:
  Frame frame_;
  std::vector<Frame> taken_;
};

class MapPainter {
 public:
  MapPainter(std::span<const MapFeature> features, const TerritoryTints& tints, const MapView& view,
             const Frame& frame, double detail)
      : features_{features},
        tints_{tints},
        view_{view},
        frame_{frame},
        detail_{detail},
        holders_{holders_in(features)},
        room_{frame} {
    room_.take({frame.x + 1.0, frame.y + frame.height - 52.0, 200.0, 34.0});  // the scale bar's
  }

  std::vector<DrawnItem> items() {
    const DrawnLine globe = thinned(view_.projection.rim(), view_.pixels, detail_);
    add(DrawnPath{{globe}, true, ink::kSea, std::nullopt, "sea", ""});
    land();
    // What is licensed shows over what is prohibited, as with countries.
    for (const bool prohibited : {true, false}) {
      for (const MapFeature& feature : features_) {
        if (is_territory(feature) && feature.flag("prohibited") == prohibited) territory(feature, prohibited);
      }
    }
    degrees();
    for (const MapFeature& feature : features_) {
      if (feature.role == "disk") disk(feature);
    }
    for (const MapFeature& feature : features_) {
      if (!feature.rings.empty() && feature.role != "disk" && !is_territory(feature)) region(feature);
    }
    for (const MapFeature& feature : features_) {
      if (feature.point && feature.role == "estimate") estimate(feature);
      if (feature.point && feature.role == "posterior") posterior(feature);
    }
    for (const MapFeature& feature : features_) {
      if (feature.point && (feature.role == "anchor" || (!feature.holder.empty() && !is_suggested(feature))))
        place(feature);
    }
    words();
    return std::move(items_);
  }

 private:
  static bool is_suggested(const MapFeature& feature) {
    return feature.role == "estimate" || feature.role == "posterior";
  }
  void add(DrawnItem item) { items_.push_back(std::move(item)); }
  [[nodiscard]] DrawnPoint at(LatLon place) const {
    return view_.pixels(view_.projection.project(to_sphere(place)));
  }
  [[nodiscard]] bool in_reach(LatLon place) const {
    return view_.projection.angle_to(to_sphere(place)) <= view_.projection.reach();
  }
  [[nodiscard]] bool in_frame(DrawnPoint p) const {
    return p.x >= frame_.x && p.x <= frame_.x + frame_.width && p.y >= frame_.y &&
           p.y <= frame_.y + frame_.height;
  }
  [[nodiscard]] std::size_t holder_number(const MapFeature& feature) const {
    return static_cast<std::size_t>(std::find(holders_.begin(), holders_.end(), feature.holder) -
                                    holders_.begin());
  }

  void land() {
    auto countries = drawn_countries(view_.projection, view_.pixels, detail_);
    // A licence outranks the prohibited list. Where lands overlap, what is prohibited shows, then what is licensed.
    const auto rank = [this](const DrawnCountry& c) {
      return holds(tints_.licensed, c.code) ? 1 : holds(tints_.prohibited, c.code) ? 2 : 0;
    };
    std::stable_sort(countries.begin(), countries.end(),
                     [&](const DrawnCountry& a, const DrawnCountry& b) { return rank(a) < rank(b); });
    constexpr std::array<const char*, 3> kRoles{"land", "land licensed", "land prohibited"};
    constexpr std::array<Ink, 3> kTints{ink::kLand, ink::kLicensed, ink::kProhibited};
    constexpr std::array<const char*, 3> kSuffixes{"", " (licensed)", " (prohibited)"};
    for (DrawnCountry& country : countries) {
      const auto which = static_cast<std::size_t>(rank(country));
      const std::string name = country.name + " (" + country.code + ")" + kSuffixes[which];
      if (!country.generalised.empty())
        add(DrawnPath{country.generalised, true, kTints[which], std::nullopt, kRoles[which], name});
      const auto& outline = country.surveyed.empty() ? country.generalised : country.surveyed;
      add(DrawnPath{outline, true, kTints[which], Stroke{ink::kBorder, 0.7}, kRoles[which], name});
      if (which == 2)
        add(DrawnPath{hatching(outline, frame_, kHatchSpacing), false, std::nullopt, Stroke{ink::kHatch, 0.8},
                      "hatch", ""});
      labelled_.push_back({country.name, country.code, outline});
    }
  }

  void territory(const MapFeature& feature, bool prohibited) {
    DrawnTerritory drawn = draw_territory(feature, prohibited, view_, frame_, detail_);
    for (DrawnItem& item : drawn.items) add(std::move(item));
    if (drawn.small_at && in_frame(*drawn.small_at))
      label(*drawn.small_at, feature.text("territory"), drawn.edge, drawn.role, drawn.hover);
  }

  void degrees() {
    const double view_deg = std::max(frame_.width, frame_.height) / view_.pixels.pixels_per_km / 111.2;
    for (const DegreeLine& line : degree_lines(view_.projection, grid_step_deg(std::min(view_deg, 180.0)))) {
      std::vector<DrawnLine> drawn;
      for (const auto& piece : line.pieces) drawn.push_back(thinned(piece, view_.pixels, detail_));
      edge_label(line, drawn);
      add(DrawnPath{std::move(drawn), false, std::nullopt, Stroke{ink::kDegrees, 0.8}, "degrees", ""});
    }
  }

  /// Says which one it is where it leaves the frame: parallels at the left, meridians at the bottom.
  void edge_label(const DegreeLine& line, const std::vector<DrawnLine>& drawn) {
    for (const DrawnLine& piece : drawn) {
      for (std::size_t i = 0; i + 1 < piece.size(); ++i) {
        const DrawnPoint a = piece[i], b = piece[i + 1];
        const double edge = line.parallel ? frame_.x : frame_.y + frame_.height;
        const double from = line.parallel ? a.x : a.y, to = line.parallel ? b.x : b.y;
        if ((from < edge) == (to < edge)) continue;
        const double share = (edge - from) / (to - from);
        const DrawnPoint p{a.x + share * (b.x - a.x), a.y + share * (b.y - a.y)};
        edge_labels_.push_back(
            {degrees_text(line.parallel, line.degrees),
             line.parallel ? DrawnPoint{p.x + 5.0, p.y - 3.0} : DrawnPoint{p.x + 3.0, p.y - 6.0}});
        return;
      }
    }
  }

  void disk(const MapFeature& feature) {
    const bool used = feature.flag("used");
    const Ink ink = !feature.holder.empty() ? holder_ink(holder_number(feature), 0.8)
                    : used                  ? ink::kDisk
                                            : ink::kUnusedDisk;
    DrawnArea area = drawn_area(feature, view_.projection, view_.pixels, detail_);
    std::string hover = feature.text("anchor") + ": within " + bound_text(feature) + " (round trip " +
                        round_trip_text(feature) + ")";
    if (!used && feature.holder.empty()) hover += ", not counted: " + feature.text("note");
    add(DrawnPath{std::move(area.outline), false, std::nullopt,
                  Stroke{ink, used ? 1.2 : 1.0, used ? Dash::kNone : Dash::kShort}, "disk", hover});
  }

  void region(const MapFeature& feature) {
    const bool of_holder = !feature.holder.empty();
    const Ink fill = of_holder ? holder_ink(holder_number(feature), 0.22) : ink::kRegion;
    const Ink edge = of_holder ? holder_ink(holder_number(feature)) : ink::kRegionEdge;
    if (!of_holder && feature.role != "region") return;
    DrawnArea area = drawn_area(feature, view_.projection, view_.pixels, detail_);
    std::string hover = of_holder ? "holder " + feature.holder + ": every place that its round trips allow"
                                  : "every place that the round trips allow";
    if (const auto radius = feature.number("radius_km"))
      hover += ", within " + km_text(*radius) + " of its middle";
    add(DrawnPath{std::move(area.rings), true, fill, std::nullopt, of_holder ? "holder" : "region", hover});
    add(DrawnPath{std::move(area.outline), false, std::nullopt, Stroke{edge, 2.0},
                  of_holder ? "holder" : "region", hover});
  }

  /// An ellipse or circle around a suggested place, of half axes in km along its own axes.
  void suggested_ring(LatLon centre, double major_km, double minor_km, double turn, const char* role,
                      const std::string& hover) {
    if (!(major_km > 0.0) || major_km > 9000.0) return;
    const AzimuthalProjection local{centre, 3.1};
    std::vector<Vec3> curve;
    const Vec3 up = to_sphere(centre);
    const double lon = centre.lon_deg() * std::numbers::pi / 180.0;
    const Vec3 east{-std::sin(lon), std::cos(lon), 0.0};
    const Vec3 north = cross(up, east);
    constexpr int kCorners = 120;
    for (int i = 0; i < kCorners; ++i) {
      const double t = 2.0 * std::numbers::pi * i / kCorners;
      const double u = major_km * std::cos(t), v = minor_km * std::sin(t);
      const double x = u * std::cos(turn) - v * std::sin(turn), y = u * std::sin(turn) + v * std::cos(turn);
      const double angle = std::hypot(x, y) / kMeanRadiusKm;
      const Vec3 way = normalized(x * east + y * north);
      curve.push_back(up * std::cos(angle) + way * std::sin(angle));
    }
    DrawnLine ring = thinned(view_.projection.ring(curve), view_.pixels, detail_);
    if (ring.size() >= 3)
      add(DrawnPath{{std::move(ring)},
                    true,
                    ink::kSuggestedFill,
                    Stroke{ink::kSuggested, 1.6, Dash::kLong},
                    role,
                    hover});
  }

  void posterior(const MapFeature& feature) {
    const double radius = feature.number("radius95_km").value_or(0.0);
    const std::string hover = "suggested, not proved: 95 % within " + km_text(radius) + " of here";
    suggested_ring(*feature.point, radius, radius, 0.0, "posterior", hover);
    if (!in_reach(*feature.point)) return;
    add(DrawnMark{at(*feature.point), DrawnMark::Shape::kCross, 12.0, ink::kSuggested, ink::kSuggested,
                  "posterior", hover});
    label(at(*feature.point), "likely place (suggested)", ink::kSuggested, "posterior", hover);
  }

  void estimate(const MapFeature& feature) {
    const double east = feature.number("east_sd_km").value_or(0.0),
                 north = feature.number("north_sd_km").value_or(0.0);
    const double both = feature.number("correlation").value_or(0.0) * east * north;
    // Axes of the ellipse that holds 95 % of a normal law with this covariance.
    const double mean = (east * east + north * north) / 2.0;
    const double half = std::hypot((east * east - north * north) / 2.0, both);
    constexpr double k95 = 2.4477;
    const std::string hover = "suggested, not proved: estimate from the delays, 95 % inside the dashed line";
    suggested_ring(*feature.point, k95 * std::sqrt(mean + half), k95 * std::sqrt(std::max(0.0, mean - half)),
                   std::atan2(2.0 * both, east * east - north * north) / 2.0, "estimate", hover);
    if (!in_reach(*feature.point)) return;
    add(DrawnMark{at(*feature.point), DrawnMark::Shape::kDiamond, 12.0, ink::kHollow, ink::kSuggested,
                  "estimate", hover});
    label(at(*feature.point), "estimate (suggested)", ink::kSuggested, "estimate", hover);
  }

  /// An anchor, or where a holder is.
  void place(const MapFeature& feature) {
    if (!in_reach(*feature.point)) return;
    const DrawnPoint p = at(*feature.point);
    const bool of_holder = !feature.holder.empty();
    const Ink ink = of_holder ? holder_ink(holder_number(feature)) : ink::kAnchor;
    if (feature.role != "anchor") {
      const std::string hover = "holder " + feature.holder;
      add(DrawnMark{p, DrawnMark::Shape::kDiamond, 13.0, ink, ink::kHollow, "holder", hover});
      label(p, "holder " + feature.holder, ink, "holder", hover);
      return;
    }
    const bool used = feature.flag("used");
    const std::string name = feature.text("anchor");
    std::string hover = name + ": round trip " + round_trip_text(feature);
    if (!bound_text(feature).empty()) hover += ", which allows " + bound_text(feature);
    if (!used && !feature.text("note").empty()) hover += "; not counted: " + feature.text("note");
    add(DrawnMark{p, DrawnMark::Shape::kTriangle, used ? 10.0 : 8.0, used ? ink : ink::kHollow,
                  used ? ink::kHollow : ink, "anchor", hover});
    const bool measured = feature.number("rtt_min_ns").value_or(0.0) > 0.0;
    if (in_frame(p) && labels_ < kMostLabels &&
        label(p, measured ? name + "  " + round_trip_text(feature) : name, ink::kText, "anchor", hover))
      ++labels_;
  }

  /// Beside a mark, where there is room; false where there is none.
  bool label(DrawnPoint p, const std::string& text, const Ink& ink, const char* role,
             const std::string& hover) {
    constexpr double kSize = 11.5, kGap = 9.0;
    const double width = width_of(text, kSize);
    const std::array<DrawnPoint, 4> corners{{{p.x + kGap, p.y - 7.0},
                                             {p.x - kGap - width, p.y - 7.0},
                                             {p.x - width / 2.0, p.y - kGap - 13.0},
                                             {p.x - width / 2.0, p.y + kGap}}};
    for (const DrawnPoint corner : corners) {
      if (!room_.take({corner.x, corner.y, width, 14.0})) continue;
      front_.emplace_back(DrawnWords{{corner.x, corner.y + 11.0},
                                     text,
                                     ink,
                                     kSize,
                                     DrawnWords::Align::kStart,
                                     false,
                                     ink::kHalo,
                                     role,
                                     hover});
      return true;
    }
    return false;
  }

  struct LandLabel {
    std::string name;
    std::string code;
    std::vector<DrawnLine> rings;
  };

  /// Names of countries and degrees, where anchors and places have left room; then all words, uppermost.
  void words() {
    for (const auto& [text, p] : edge_labels_) {
      const double width = width_of(text, 10.0);
      if (room_.take({p.x, p.y - 9.0, width, 12.0}))
        add(DrawnWords{p, text, ink::kFaint, 10.0, DrawnWords::Align::kStart, false, ink::kHalo, "degrees",
                       ""});
    }
    for (const LandLabel& land : labelled_) {
      for (const std::string& text : {land.name, land.code}) {
        const double size = text.size() > 2 ? 12.0 : 11.0;
        const double width = width_of(text, size);
        const auto middle = place_for_words(land.rings, frame_, width + 6.0, 9.0);
        if (!middle) continue;
        if (!room_.take({middle->x - width / 2.0, middle->y - 7.0, width, 14.0})) continue;
        add(DrawnWords{{middle->x, middle->y + 4.0},
                       text,
                       ink::kCountryName,
                       size,
                       DrawnWords::Align::kMiddle,
                       false,
                       std::nullopt,
                       "country",
                       land.name + " (" + land.code + ")"});
        break;
      }
    }
    for (DrawnItem& item : front_) add(std::move(item));
  }

  std::span<const MapFeature> features_;
  const TerritoryTints& tints_;
  const MapView& view_;
  Frame frame_;
  double detail_;
  std::vector<std::string> holders_;
  TakenRoom room_;
  std::vector<DrawnItem> items_;
  std::vector<DrawnItem> front_;
  std::vector<LandLabel> labelled_;
  std::vector<std::pair<std::string, DrawnPoint>> edge_labels_;
  std::size_t labels_ = 0;
};

}  // namespace

std::vector<DrawnItem> map_items(std::span<const MapFeature> features, const TerritoryTints& tints,
                                 const MapView& view, const Frame& frame, double detail) {
  return MapPainter{features, tints, view, frame, detail}.items();
}

DrawnItem frame_around(const Frame& window, double width) {
  const double right = window.x + window.width, below = window.y + window.height;
  return DrawnPath{{{{window.x, window.y}, {right, window.y}, {right, below}, {window.x, below}}},
                   true,
                   std::nullopt,
                   Stroke{ink::kRule, width},
                   "frame",
                   ""};
}

std::vector<std::string> holders_in(std::span<const MapFeature> features) {
  std::vector<std::string> names;
  for (const MapFeature& feature : features) {
    if (!feature.holder.empty() && !holds(names, feature.holder)) names.push_back(feature.holder);
  }
  return names;
}

Ink holder_ink(std::size_t number, double opacity) {
  Ink ink = ink::kHolders[number % ink::kHolders.size()];
  ink.opacity = opacity;
  return ink;
}

std::string round_trip_text(const MapFeature& anchor) {
  const auto rtt_ns = anchor.number("rtt_min_ns");
  if (!rtt_ns || *rtt_ns <= 0.0) return "no round trip";
  return with_decimals(*rtt_ns / 1e6, *rtt_ns < 1e6 ? 3 : *rtt_ns < 1e7 ? 2 : 1) + " ms";
}

std::string bound_text(const MapFeature& anchor) {
  const auto bound = anchor.number("bound_km");
  if (!bound) return {};
  return *bound < kLongestGeodesic.km() ? km_text(*bound) : "anywhere";
}

}  // namespace chiploc
