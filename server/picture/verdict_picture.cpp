#include "server/picture/verdict_picture.hpp"

#include <algorithm>
#include <cmath>

#include "server/picture/font.hpp"
#include "server/picture/map_items.hpp"

namespace chiploc {
namespace {

constexpr double kWidth = 1240.0, kHeight = 850.0;
constexpr double kMargin = 24.0;
constexpr Frame kFrame{kMargin, 116.0, 880.0, 680.0};
constexpr double kPanel = 928.0;  // left edge of what stands beside the map
constexpr double kPanelWidth = kWidth - kMargin - kPanel;

Ink state_ink(const VerdictFacts& facts) {
  if (facts.expired || facts.state == "SILENT") return ink::kFaint;
  if (facts.state == "VERIFIED" || facts.state == "CLEARED") return ink::kGood;
  return facts.state == "UNRESOLVED" ? ink::kOpen : ink::kBad;
}

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out.empty() ? "none" : out;
}

/// The words around the map. Keeps the height where the next line of the panel goes.
class Page {
 public:
  Page(Drawing& drawing, const VerdictFacts& facts, std::span<const MapFeature> features)
      : out_{drawing.above}, facts_{facts}, features_{features} {}

  void write() {
    title();
    frame();
    legend();
    anchors();
    footer();
  }

 private:
  void text(double x, double y, const std::string& words, const Ink& ink, double size = 12.0,
            const char* role = "text") {
    out_.push_back(
        DrawnWords{{x, y}, words, ink, size, DrawnWords::Align::kStart, false, std::nullopt, role, ""});
  }

  void title() {
    const std::string state = facts_.state + (facts_.expired ? " (expired)" : "");
    const double size = 24.0;
    text(kMargin, 44.0, state, state_ink(facts_), size, "state");
    const double after = kMargin + width_of(state, size) + 18.0;
    const std::string name = facts_.serial.empty() ? "chip " + facts_.chip_id.substr(0, 12) : facts_.serial;
    text(after, 44.0, words_within(name, size, kWidth - kMargin - after), ink::kText, size, "serial");
    std::string who = "chip " + facts_.chip_id;
    if (!facts_.maker_and_model.empty()) who += "   " + facts_.maker_and_model;
    if (!facts_.licence.empty()) who += "   licence " + facts_.licence;
    if (!facts_.licence_holder.empty()) who += " of " + facts_.licence_holder;
    text(kMargin, 68.0, words_within(who, 12.5, kWidth - 2 * kMargin), ink::kText, 12.5, "facts");
    std::string when = "decided " + facts_.decided_at + ", " + (facts_.expired ? "expired " : "good until ") +
                       facts_.expires_at + "   verdict " + facts_.verdict_id;
    text(kMargin, 86.0, words_within(when, 12.5, kWidth - 2 * kMargin), ink::kFaint, 12.5, "facts");
    text(kMargin, 104.0, words_within(facts_.reason, 12.5, kWidth - 2 * kMargin), ink::kText, 12.5, "reason");
  }

  void frame() { out_.push_back(frame_around(kFrame)); }

  void heading(const char* words) {
    y_ += 8.0;
    text(kPanel, y_, words, ink::kText, 13.0, "heading");
    y_ += 8.0;
    out_.emplace_back(DrawnPath{{{{kPanel, y_ - 2.0}, {kPanel + kPanelWidth, y_ - 2.0}}},
                                false,
                                std::nullopt,
                                Stroke{ink::kRule, 1.0},
                                "rule",
                                ""});
    y_ += 14.0;
  }

  /// A sample and what it means, in two lines at most.
  void entry(DrawnItem sample, const std::string& words) {
    out_.push_back(std::move(sample));
    for (const std::string& line : lines_within(words, 11.5, kPanelWidth - 34.0, 3)) {
      text(kPanel + 34.0, y_, line, ink::kText, 11.5, "legend");
      y_ += 15.0;
    }
    y_ += 3.0;
  }

  [[nodiscard]] DrawnPath swatch(const Ink& fill, std::optional<Stroke> edge) const {
    return {
        {{{kPanel, y_ - 10.0}, {kPanel + 22.0, y_ - 10.0}, {kPanel + 22.0, y_ + 2.0}, {kPanel, y_ + 2.0}}},
        true,
        fill,
        edge,
        "legend",
        ""};
  }
  [[nodiscard]] DrawnPath sample_line(const Stroke& stroke) const {
    return {{{{kPanel, y_ - 4.0}, {kPanel + 22.0, y_ - 4.0}}}, false, std::nullopt, stroke, "legend", ""};
  }
  [[nodiscard]] DrawnMark sign(DrawnMark::Shape shape, const Ink& fill, const Ink& edge) const {
    return {{kPanel + 11.0, y_ - 4.0}, shape, 11.0, fill, edge, "legend", ""};
  }

  [[nodiscard]] bool any(const char* role, bool of_holder = false) const {
    return std::any_of(features_.begin(), features_.end(), [&](const MapFeature& feature) {
      return feature.role == role && feature.holder.empty() != of_holder;
    });
  }

  void legend() {
    heading("Proved by round trips");
    if (any("region")) {
      std::string words = "The chip's key is in here: every place that the round trips allow";
      const auto region = std::find_if(features_.begin(), features_.end(), [](const MapFeature& f) {
        return f.role == "region" && f.holder.empty();
      });
      if (const auto radius = region->number("radius_km")) words += " (within " + km_text(*radius) + ")";
      entry(swatch(ink::kRegion, Stroke{ink::kRegionEdge, 2.0}), words);
    } else if (holders_in(features_).empty()) {
      entry(sample_line({ink::kRule}), "No region: the round trips of one key leave none, or none counted");
    }
    const auto holders = holders_in(features_);
    for (std::size_t i = 0; i < holders.size() && i < 6; ++i) {
      entry(swatch(holder_ink(i, 0.22), Stroke{holder_ink(i), 2.0}),
            "Holder " + holders[i] + " of the same key: region, anchors and disks");
    }
    if (any("disk")) {
      entry(sample_line({ink::kDisk, 1.2}), "Edge of what one anchor's round trip allows");
      entry(sample_line({ink::kUnusedDisk, 1.0, Dash::kShort}), "The same, of one that did not count");
    }
    entry(swatch(ink::kLicensed, Stroke{ink::kBorder, 0.7}), "Licensed: " + listed(facts_.licensed));
    DrawnPath prohibited = swatch(ink::kProhibited, Stroke{ink::kBorder, 0.7});
    const std::vector<DrawnLine> box = prohibited.lines;
    out_.push_back(std::move(prohibited));
    entry(DrawnPath{hatching(box, {kPanel, y_ - 10.0, 22.0, 12.0}, 6.0), false, std::nullopt,
                    Stroke{ink::kHatch, 0.8}, "legend", ""},
          "Prohibited: " + listed(facts_.prohibited));
    areas();
    if (!any("estimate") && !any("posterior")) return;
    heading("Suggested by delays, not proved");
    if (any("estimate"))
      entry(sign(DrawnMark::Shape::kDiamond, ink::kHollow, ink::kSuggested),
            "Estimate; 95 % inside the dashed line");
    if (any("posterior"))
      entry(sign(DrawnMark::Shape::kCross, ink::kSuggested, ink::kSuggested),
            "Likely place; 95 % inside the dashed line");
  }

  void areas() {
    const auto of = [&](bool prohibited) {
      return std::any_of(features_.begin(), features_.end(), [&](const MapFeature& feature) {
        return is_territory(feature) && feature.flag("prohibited") == prohibited;
      });
    };
    if (of(false))
      entry(swatch(ink::kLicensedArea, Stroke{ink::kLicensedEdge, 1.4}),
            "Licensed areas; a square where too small");
    if (of(true))
      entry(swatch(ink::kProhibitedArea, Stroke{ink::kProhibitedEdge, 1.4}),
            "Prohibited areas; a square where too small");
    if (!facts_.not_drawn.empty())
      entry(sample_line({ink::kRule}), "Not drawn, since changed or removed: " + listed(facts_.not_drawn));
  }

  void anchors() {
    std::vector<const MapFeature*> rows;
    for (const MapFeature& feature : features_) {
      if (feature.role == "anchor") rows.push_back(&feature);
    }
    if (rows.empty()) return;
    const auto order = [](const MapFeature* f) {
      const double rtt = f->number("rtt_min_ns").value_or(0.0);
      return std::tuple{f->holder, !f->flag("used"), rtt > 0.0 ? rtt : 1e300};
    };
    std::stable_sort(rows.begin(), rows.end(),
                     [&](const auto* a, const auto* b) { return order(a) < order(b); });
    heading("Anchors: round trip, and how far that allows");
    const auto holders = holders_in(features_);
    const double bottom = kFrame.y + kFrame.height;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const MapFeature& row = *rows[i];
      if (y_ + 15.0 > bottom && i + 1 < rows.size()) {
        text(kPanel, y_, "and " + std::to_string(rows.size() - i) + " more", ink::kFaint, 11.5, "anchors");
        y_ += 15.0;
        return;
      }
      const bool used = row.flag("used");
      const auto holder =
          static_cast<std::size_t>(std::find(holders.begin(), holders.end(), row.holder) - holders.begin());
      const Ink ink = row.holder.empty() ? ink::kAnchor : holder_ink(holder);
      out_.emplace_back(DrawnMark{{kPanel + 6.0, y_ - 4.0},
                                  DrawnMark::Shape::kTriangle,
                                  8.0,
                                  used ? ink : ink::kHollow,
                                  used ? ink::kHollow : ink,
                                  "legend",
                                  ""});
      const Ink words = used ? ink::kText : ink::kFaint;
      text(kPanel + 18.0, y_, words_within(row.text("anchor"), 11.5, 96.0), words, 11.5, "anchors");
      column(kPanel + 196.0, round_trip_text(row), words);
      const std::string bound = bound_text(row);
      column(kPanel + kPanelWidth, !bound.empty() || used ? bound : "not counted", words);
      y_ += 15.0;
    }
  }

  void column(double right, const std::string& words, const Ink& ink) {
    out_.emplace_back(DrawnWords{
        {right, y_}, words, ink, 11.5, DrawnWords::Align::kEnd, false, std::nullopt, "anchors", ""});
  }

  void footer() {
    const double width = kWidth - 2 * kMargin;
    text(
        kMargin, 815.0,
        words_within("Equal-area projection about the region's middle, north upwards there. " + land_notice(),
                     10.5, width),
        ink::kFaint, 10.5, "notice");
    text(kMargin, 831.0, words_within(facts_.judged_with, 10.5, width), ink::kFaint, 10.5, "notice");
  }

  std::vector<DrawnItem>& out_;
  const VerdictFacts& facts_;
  std::span<const MapFeature> features_;
  double y_ = kFrame.y + 4.0;
};

}  // namespace

Drawing draw_verdict(const nlohmann::ordered_json& map, const VerdictFacts& facts,
                     const PictureDetail& detail) {
  const std::vector<MapFeature> features = read_features(map);
  const MapView view = view_of(features, kFrame, detail.around);
  Drawing drawing;
  drawing.width = kWidth;
  drawing.height = kHeight;
  drawing.paper = ink::kPaper;
  drawing.title = facts.state + (facts.expired ? " (expired) " : " ") +
                  (facts.serial.empty() ? facts.chip_id : facts.serial);
  drawing.below.emplace_back(DrawnPath{{{{kFrame.x, kFrame.y},
                                         {kFrame.x + kFrame.width, kFrame.y},
                                         {kFrame.x + kFrame.width, kFrame.y + kFrame.height},
                                         {kFrame.x, kFrame.y + kFrame.height}}},
                                       true,
                                       ink::kSpace,
                                       std::nullopt,
                                       "space",
                                       ""});
  DrawnWindow window{kFrame.x, kFrame.y, kFrame.width, kFrame.height, {}, std::nullopt};
  window.items = map_items(features, {facts.licensed, facts.prohibited}, view, kFrame, detail.pixels);
  window.scale = ScaleBar{
      {kFrame.x + 16.0, kFrame.y + kFrame.height - 26.0}, 170.0, 1.0 / view.pixels.pixels_per_km, ink::kText};
  drawing.window = std::move(window);
  Page{drawing, facts, features}.write();
  return drawing;
}

}  // namespace chiploc
