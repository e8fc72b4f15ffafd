#include "server/plan/plan_map.hpp"

#include <algorithm>
#include <array>

#include "server/picture/font.hpp"
#include "server/picture/inks.hpp"
#include "server/picture/land.hpp"
#include "server/picture/map_items.hpp"

namespace chiploc {
namespace {

constexpr double kPageWidth = 1240.0, kPageHeight = 790.0, kEdge = 24.0;
constexpr Frame kWindow{kEdge, 76.0, 880.0, 680.0};
constexpr double kBeside = 928.0, kBesideWidth = kPageWidth - kEdge - kBeside;
constexpr double kLandDetail = 0.5;
constexpr double kReachMost = 2.9;  // the antipode has no image
constexpr double kReachLeast = 0.05;
constexpr double kRoom = 1.12;

using Shape = DrawnMark::Shape;
struct Sign {
  Shape shape;
  double size;
  Ink fill;
  Ink edge;
  const char* role;
  const char* words;
};
constexpr Sign kStanding{Shape::kTriangle, 9.0, ink::kAnchor, ink::kHollow, "anchor", "anchor that stands"};
constexpr Sign kCandidate{Shape::kTriangle, 5.0, ink::kHollow, ink::kFaint, "candidate", "candidate"};
constexpr Sign kChosen{Shape::kDiamond, 15.0,     ink::kSuggested,
                       ink::kHollow,    "chosen", "chosen, with its step"};
constexpr Sign kBefore{Shape::kDot, 6.0, ink::kGood, ink::kHollow, "site before", "site proved before"};
constexpr Sign kByPlan{Shape::kSquare,           8.0, ink::kRegionEdge, ink::kHollow, "site planned",
                       "site proved by the plan"};
constexpr Sign kStillOpen{Shape::kDot, 6.0,         ink::kHollow,
                          ink::kOpen,  "site open", "site that more anchors would prove"};
constexpr Sign kNoAnchor{Shape::kCross, 7.0,          ink::kBad,
                         ink::kBad,     "site never", "site that no candidate proves"};

const Sign& sign_of(const SiteResult& site) {
  if (site.proved) return site.since == std::size_t{0} ? kBefore : kByPlan;
  return site.outlook == SiteOutlook::kNever ? kNoAnchor : kStillOpen;
}

/// About the middle of all places, as far as the farthest of them.
AzimuthalProjection projection_for(const PlanProblem& problem) {
  std::vector<Vec3> points;
  for (const PlanSite& site : problem.sites) points.push_back(to_sphere(site.place));
  for (const PlanAnchor& anchor : problem.anchors) points.push_back(to_sphere(anchor.place));
  Vec3 sum;
  for (const Vec3 point : points) sum = sum + point;
  const Vec3 centre = norm(sum) > 1e-6 ? normalized(sum) : points.front();
  double farthest = kReachLeast;
  for (const Vec3 point : points) farthest = std::max(farthest, angle_between(centre, point));
  return AzimuthalProjection{from_sphere(centre), std::min(farthest * kRoom, kReachMost)};
}

class PlanPainter {
 public:
  PlanPainter(const PlanProblem& problem, const Plan& plan)
      : problem_{problem},
        plan_{plan},
        projection_{projection_for(problem)},
        pixels_{{kWindow.x + kWindow.width / 2.0, kWindow.y + kWindow.height / 2.0},
                kWindow.height / 2.0 / AzimuthalProjection::radius_km(projection_.reach())} {}

  Drawing paint(const std::vector<std::string>& prohibited) {
    drawing_.width = kPageWidth;
    drawing_.height = kPageHeight;
    drawing_.title = "Where the next anchors prove most";
    drawing_.window.emplace();
    drawing_.window->x = kWindow.x;
    drawing_.window->y = kWindow.y;
    drawing_.window->width = kWindow.width;
    drawing_.window->height = kWindow.height;
    land(prohibited);
    places();
    words();
    return std::move(drawing_);
  }

 private:
  void on_map(DrawnItem item) { drawing_.window->items.push_back(std::move(item)); }
  [[nodiscard]] DrawnPoint at(LatLon place) const { return pixels_(projection_.project(to_sphere(place))); }
  [[nodiscard]] static DrawnMark mark(const Sign& sign, DrawnPoint point, const std::string& hover) {
    return {point, sign.shape, sign.size, sign.fill, sign.edge, sign.role, hover};
  }

  void land(const std::vector<std::string>& prohibited) {
    on_map(DrawnPath{
        {thinned(projection_.rim(), pixels_, kLandDetail)}, true, ink::kSea, std::nullopt, "sea", ""});
    for (const DrawnCountry& country : drawn_countries(projection_, pixels_, kLandDetail)) {
      const bool is_prohibited =
          std::find(prohibited.begin(), prohibited.end(), country.code) != prohibited.end();
      const auto& outline = country.surveyed.empty() ? country.generalised : country.surveyed;
      on_map(DrawnPath{outline, true, is_prohibited ? ink::kProhibited : ink::kLand,
                       Stroke{ink::kBorder, 0.5}, is_prohibited ? "land prohibited" : "land",
                       country.name + " (" + country.code + ")" + (is_prohibited ? " (prohibited)" : "")});
      if (is_prohibited)
        on_map(DrawnPath{hatching(outline, kWindow, 9.0), false, std::nullopt, Stroke{ink::kHatch, 0.8},
                         "hatch", ""});
    }
  }

  void places() {
    for (std::size_t i = problem_.standing; i < problem_.anchors.size(); ++i)
      on_map(mark(kCandidate, at(problem_.anchors[i].place), "candidate " + problem_.anchors[i].name));
    for (std::size_t i = 0; i < problem_.sites.size(); ++i) {
      const Sign& sign = sign_of(plan_.sites[i]);
      on_map(mark(sign, at(problem_.sites[i].place), problem_.sites[i].name + ": " + sign.words));
    }
    for (std::size_t i = 0; i < problem_.standing; ++i)
      on_map(mark(kStanding, at(problem_.anchors[i].place), "anchor " + problem_.anchors[i].name));
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
      const PlanAnchor& anchor = problem_.anchors[plan_.steps[i].anchor];
      const DrawnPoint point = at(anchor.place);
      on_map(mark(kChosen, point, "step " + std::to_string(i + 1) + ": " + anchor.name));
      on_map(DrawnWords{{point.x + 9.0, point.y - 5.0},
                        std::to_string(i + 1),
                        ink::kSuggested,
                        13.0,
                        DrawnWords::Align::kStart,
                        false,
                        ink::kHalo,
                        "step",
                        ""});
    }
  }

  void text(double x, double y, const std::string& said, const Ink& ink, double size, const char* role) {
    drawing_.above.push_back(
        DrawnWords{{x, y}, said, ink, size, DrawnWords::Align::kStart, false, std::nullopt, role, ""});
  }

  void words() {
    drawing_.above.push_back(frame_around(kWindow));
    const std::size_t after = plan_.steps.empty() ? plan_.proved_before : plan_.steps.back().proved;
    text(kEdge, 40.0,
         std::to_string(plan_.steps.size()) + " more anchors: " + std::to_string(plan_.proved_before) +
             " -> " + std::to_string(after) + " of " + std::to_string(problem_.sites.size()) +
             " sites proved",
         ink::kText, 22.0, "title");
    text(kEdge, 62.0,
         std::string{problem_.goal == PlanGoal::kVerified ? "VERIFIED" : "CLEARED at least"} + ", with " +
             std::to_string(problem_.faults) + " perspectives that may lie; " +
             std::to_string(plan_.provable) + " with all " +
             std::to_string(problem_.anchors.size() - problem_.standing) + " candidates",
         ink::kFaint, 12.5, "facts");
    double line = kWindow.y + 12.0;
    for (const Sign* sign :
         {&kStanding, &kCandidate, &kChosen, &kBefore, &kByPlan, &kStillOpen, &kNoAnchor}) {
      drawing_.above.emplace_back(mark(*sign, {kBeside + 8.0, line - 4.0}, ""));
      text(kBeside + 24.0, line, sign->words, ink::kText, 12.0, "legend");
      line += 20.0;
    }
    line += 12.0;
    for (std::size_t i = 0; i < plan_.steps.size() && line < kWindow.y + kWindow.height; ++i) {
      const std::string said = std::to_string(i + 1) + "  " + problem_.anchors[plan_.steps[i].anchor].name +
                               "  +" + std::to_string(plan_.steps[i].gain) + " = " +
                               std::to_string(plan_.steps[i].proved);
      text(kBeside, line, words_within(said, 12.0, kBesideWidth), ink::kText, 12.0, "steps");
      line += 18.0;
    }
    text(kEdge, kPageHeight - 12.0, words_within(land_notice(), 10.0, kPageWidth - 2.0 * kEdge), ink::kFaint,
         10.0, "notice");
  }

  const PlanProblem& problem_;
  const Plan& plan_;
  AzimuthalProjection projection_;
  PlaneToPixels pixels_;
  Drawing drawing_;
};

}  // namespace

Drawing draw_plan(const PlanProblem& problem, const Plan& plan, const std::vector<std::string>& prohibited) {
  return PlanPainter{problem, plan}.paint(prohibited);
}

}  // namespace chiploc
