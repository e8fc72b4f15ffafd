// The map of a scenario's report.
#include "server/scenario/report_map.hpp"

#include <cmath>

#include "tests/server/scenario/report_made.hpp"

namespace chiploc {
namespace {

const DrawnMark& mark_with(const Drawing& drawing, const std::string& role) {
  const DrawnMark* found = nullptr;
  for (const DrawnItem& item : drawing.window->items) {
    const auto* mark = std::get_if<DrawnMark>(&item);
    if (mark != nullptr && mark->role == role) found = mark;
  }
  REQUIRE(found != nullptr);
  return *found;
}

TEST_CASE("report map: anchors, the site, and where a chip truly is", "[scenario]") {
  MadeReport made;
  const Drawing drawing = draw_lab_map(made.labs());
  REQUIRE(drawing.window);
  CHECK(marks_of(drawing, "anchor") == 3 + 1);  // and one in the legend
  CHECK(marks_of(drawing, "site") == 1 + 1);    // both chips have the same
  CHECK(marks_of(drawing, "away") == 1 + 1);
  CHECK(marks_of(drawing, "clone") == 0);  // and so not in the legend either
  CHECK(paths_of(drawing, "way") == 1);
  CHECK(says(drawing, "Parramatta"));
  CHECK(says(drawing, "F-1"));
  CHECK(mark_with(drawing, "away").hover == "where a chip truly is: F-1");
  // Everything is within the window, and Osaka is north of Sydney.
  for (const char* role : {"anchor", "site", "away"}) {
    const DrawnPoint at = mark_with(drawing, role).at;
    CHECK((at.x > drawing.window->x && at.x < drawing.window->x + drawing.window->width));
    CHECK((at.y > drawing.window->y && at.y < drawing.window->y + drawing.window->height));
  }
  CHECK(mark_with(drawing, "away").at.y < mark_with(drawing, "site").at.y - 100.0);
}

TEST_CASE("report map: licensed and prohibited land differ in more than colour", "[scenario]") {
  MadeReport made;
  CHECK(paths_of(draw_lab_map(made.labs()), "land licensed") == 1);
  CHECK(paths_of(draw_lab_map(made.labs()), "land prohibited") == 0);
  CHECK_FALSE(says(draw_lab_map(made.labs()), "prohibited country"));
  made.file.points.front().lab.prohibited.countries = {*CountryCode::from_text("CN")};
  const Drawing drawing = draw_lab_map(made.labs());
  CHECK(paths_of(drawing, "land prohibited") == 1);
  CHECK(paths_of(drawing, "hatch") == 1 + 1);
  CHECK(says(drawing, "prohibited country"));
}

TEST_CASE("report map: relays, second holders and misplaced anchors have signs of their own", "[scenario]") {
  MadeReport made;
  LabFile& lab = made.file.points.front().lab;
  lab.chips[0].via = LatLon::from_degrees({.lat = -37.8, .lon = 145.0});
  lab.chips[0].exits = {*LatLon::from_degrees({.lat = -34.9, .lon = 138.6})};
  lab.chips[0].clone_at = LatLon::from_degrees({.lat = -31.95, .lon = 115.86});
  lab.anchors[0].true_place = LatLon::from_degrees({.lat = -12.5, .lon = 130.8});
  const Drawing drawing = draw_lab_map(made.labs());
  CHECK(marks_of(drawing, "proxy") == 2 + 1);
  CHECK(marks_of(drawing, "clone") == 1 + 1);
  CHECK(marks_of(drawing, "true-anchor") == 1 + 1);
  CHECK(paths_of(drawing, "way") == 5);
}

TEST_CASE("report map: places of every point of a sweep are marked once", "[scenario]") {
  MadeReport made;
  made.file.points.push_back(made.file.points.front());
  CHECK(marks_of(draw_lab_map(made.labs()), "away") == 1 + 1);
  std::get<LabChip>(made.file.points.back().lab.events[0].after).at =
      *LatLon::from_degrees({.lat = 1.3, .lon = 103.8});
  CHECK(marks_of(draw_lab_map(made.labs()), "away") == 2 + 1);
}

TEST_CASE("report map: a lab whose places are all one has a map", "[scenario]") {
  MadeReport made;
  LabFile& lab = made.file.points.front().lab;
  lab.events.clear();
  for (LabAnchor& anchor : lab.anchors) anchor.place = lab.chips[0].site;
  const Drawing drawing = draw_lab_map(made.labs());
  const DrawnPoint at = mark_with(drawing, "site").at;
  CHECK((std::isfinite(at.x) && std::isfinite(at.y)));
}

}  // namespace
}  // namespace chiploc
