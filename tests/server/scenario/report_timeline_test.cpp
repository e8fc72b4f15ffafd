// The timelines of a scenario's report.
#include "server/scenario/report_timeline.hpp"

#include <set>

#include "tests/server/scenario/report_made.hpp"

namespace chiploc {
namespace {

using std::chrono::hours;
using Spans = std::vector<std::pair<Nanoseconds, Nanoseconds>>;

TEST_CASE("report timeline: when a chip cheats is what its file says", "[scenario]") {
  MadeReport made;
  LabFile lab = made.file.points.front().lab;
  CHECK(cheating_spans(lab, 0, hours{30}).empty());
  CHECK(cheating_spans(lab, 1, hours{30}) == Spans{{hours{3}, hours{20}}});
  CHECK(cheating_spans(lab, 1, hours{10}) == Spans{{hours{3}, hours{10}}});
  CHECK(cheating_spans(lab, 1, hours{2}).empty());
  // From the beginning, and again later; what changes without making it honest is one span.
  lab.chips[1].behaviour = Behaviour::kStalled;
  CHECK(cheating_spans(lab, 1, hours{30}) == Spans{{hours{0}, hours{20}}});
  LabEvent again = lab.events[0];
  again.at = hours{25};
  lab.events.push_back(again);
  CHECK(cheating_spans(lab, 1, hours{30}) == Spans{{hours{0}, hours{20}}, {hours{25}, hours{30}}});
}

TEST_CASE("report timeline: rounds, statuses, the cheat, and when it was noticed", "[scenario]") {
  MadeReport made;
  const Drawing drawing = draw_timeline(made.file.points.front().lab, made.runs.front().runs.front(), "here");
  CHECK(drawing.title == "here");
  CHECK(marks_of(drawing, "round") == 4);
  CHECK(marks_of(drawing, "round wrong") == 0);
  CHECK(paths_of(drawing, "status") == 2 + 3);
  CHECK(paths_of(drawing, "cheat") == 1);
  CHECK(paths_of(drawing, "flagged") == 1);
  CHECK(paths_of(drawing, "alarm") == 1);
  CHECK(says(drawing, "flagged 8 h"));
  CHECK(says(drawing, "alarm 14 h"));
  CHECK(says(drawing, "drifted"));
  CHECK(says(drawing, "H-1"));
  // Time goes to the right, and everything is inside.
  double last = -1.0;
  each_item(drawing, [&](const DrawnItem& item) {
    const auto* path = std::get_if<DrawnPath>(&item);
    if (path == nullptr) return;
    for (const DrawnLine& line : path->lines) {
      for (const DrawnPoint p : line)
        CHECK((p.x >= 0.0 && p.x <= drawing.width && p.y >= 0.0 && p.y <= drawing.height));
    }
    if (path->role != "tick") return;
    CHECK(path->lines[0][0].x > last);
    last = path->lines[0][0].x;
  });
}

TEST_CASE("report timeline: a verdict that may not be is ringed", "[scenario]") {
  MadeReport made;
  RunOutcome run = made.runs.front().runs.front();
  run.chips[0].turns[1].ok = false;
  const Drawing drawing = draw_timeline(made.file.points.front().lab, run, "here");
  CHECK(marks_of(drawing, "round wrong") == 1);
  CHECK(marks_of(drawing, "wrong") == 1);
}

TEST_CASE("report timeline: of many chips those that cheat are shown first", "[scenario]") {
  RunOutcome run;
  run.chips.resize(100);
  for (const std::size_t i : {60U, 99U, 3U}) run.chips[i].cheats_from = hours{1};
  const std::vector<std::size_t> shown = shown_chips(run);
  CHECK(shown.size() == kTimelineChips);
  CHECK(std::is_sorted(shown.begin(), shown.end()));
  const std::set<std::size_t> all{shown.begin(), shown.end()};
  CHECK((all.contains(3) && all.contains(60) && all.contains(99) && all.contains(0)));
  run.chips.resize(kTimelineChips);
  CHECK(shown_chips(run).size() == kTimelineChips);
}

TEST_CASE("report timeline: every verdict has a sign, and every state a band, of its own", "[scenario]") {
  const Drawing legend = draw_timeline_legend();
  CHECK(marks_of(legend, "legend") == 8);
  CHECK(paths_of(legend, "legend") == kChipStates);
  std::set<std::tuple<int, std::uint32_t, std::uint32_t>> signs;
  each_item(legend, [&](const DrawnItem& item) {
    if (const auto* mark = std::get_if<DrawnMark>(&item))
      signs.emplace(static_cast<int>(mark->shape), mark->fill.light, mark->edge.light);
  });
  CHECK(signs.size() == 8);
  for (std::size_t i = 0; i < kChipStates; ++i)
    CHECK(says(legend, std::string{name_of(static_cast<ChipState>(i))}));
}

}  // namespace
}  // namespace chiploc
