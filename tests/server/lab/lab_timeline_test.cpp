#include "server/lab/lab_timeline.hpp"

#include "tests/server/lab/lab_support.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

using namespace std::chrono_literals;
using States = std::vector<std::string>;

/// The small lab; its honest chip is moved to where the moved one is at 60 s and back at 120 s, and an anchor
/// is down from 200 s to 210 s.
LabFile changing_lab() {
  LabFile file = lab_from_tree("small.toml");
  LabChip away = file.chips[0];
  away.behaviour = Behaviour::kMoved;
  away.at = *LatLon::from_degrees({.lat = -23.51, .lon = -46.88});
  away.true_country = *CountryCode::from_text("BR");
  LabAnchor down = file.anchors[4];
  down.down = true;
  file.events = {{.at = 60s, .index = 0, .after = away},
                 {.at = 120s, .index = 0, .after = file.chips[0]},
                 {.at = 200s, .index = 4, .after = down},
                 {.at = 210s, .index = 4, .after = file.anchors[4]}};
  return file;
}

std::vector<LabSpan> on_time(const LabFile& file) {
  std::vector<LabSpan> out;
  for (const LabEvent& event : file.events) out.push_back({.began = event.at, .ended = event.at});
  return out;
}

TEST_CASE("lab_at: events have come when they are due, and not before", "[sim][lab]") {
  const LabFile file = changing_lab();
  CHECK(lab_at(file, 59'999ms).chips[0].behaviour == Behaviour::kHonest);
  CHECK(lab_at(file, 60s).chips[0].behaviour == Behaviour::kMoved);
  CHECK(lab_at(file, 120s).chips[0] == file.chips[0]);
  CHECK(lab_at(file, 205s).anchors[4].down);
  CHECK_FALSE(lab_at(file, 210s).anchors[4].down);
}

TEST_CASE("rounds_of: as scheduled, or all chips so many times", "[sim][lab]") {
  LabFile file = lab_from_tree("small.toml");
  file.rounds = 3;
  REQUIRE(rounds_of(file).size() == 3);
  CHECK(rounds_of(file)[2].chips == std::vector<std::size_t>{0, 1, 2, 3});
  CHECK(rounds_of(file)[2].at == 0ns);
  file.schedule = {{.at = 5s, .chips = {2}}};
  REQUIRE(rounds_of(file).size() == 1);
  CHECK(rounds_of(file)[0].chips == std::vector<std::size_t>{2});
}

TEST_CASE("ever: now or after an event", "[sim][lab]") {
  const LabFile file = changing_lab();
  CHECK(ever(file, 0, Behaviour::kHonest));
  CHECK(ever(file, 0, Behaviour::kMoved));
  CHECK_FALSE(ever(file, 0, Behaviour::kForged));
  CHECK_FALSE(ever(file, 1, Behaviour::kHonest));
}

TEST_CASE("expectation_of: what the chip was while it was measured", "[sim][lab]") {
  const LabFile file = changing_lab();
  const auto of = [&](Nanoseconds began, Nanoseconds ended, std::size_t chip = 0) {
    return expectation_of(file, on_time(file), chip, {.began = began, .ended = ended});
  };
  CHECK(of(10s, 20s).states == States{"VERIFIED", "CLEARED", "UNRESOLVED"});
  CHECK(of(10s, 20s).behaviour == Behaviour::kHonest);
  CHECK(of(60s, 70s).states == States{"CLEARED", "UNRESOLVED", "OUTSIDE"});
  CHECK(of(60s, 70s).behaviour == Behaviour::kMoved);
  // In the middle of a round: either, or no answer because the program was exchanged.
  CHECK(of(55s, 65s).states == States{"VERIFIED", "CLEARED", "UNRESOLVED", "OUTSIDE", "SILENT"});
  CHECK(of(130s, 140s).states == States{"VERIFIED", "CLEARED", "UNRESOLVED"});
  // The other chip's events are not its own; an anchor's are everybody's.
  CHECK(of(55s, 65s, 2).states == States{"INVALID"});
  CHECK(of(195s, 205s, 2).states == States{"INVALID", "SILENT", "UNRESOLVED"});
  CHECK(of(201s, 205s).states == States{"VERIFIED", "CLEARED", "UNRESOLVED", "SILENT"});
  CHECK(of(220s, 230s).states == States{"VERIFIED", "CLEARED", "UNRESOLVED"});
}

TEST_CASE("expectation_of: an event that took its time counts until it was done", "[sim][lab]") {
  const LabFile file = changing_lab();
  const std::vector<LabSpan> late{{.began = 60s, .ended = 66s}};  // the others have not come
  CHECK(expectation_of(file, late, 0, {.began = 65s, .ended = 70s}).states ==
        States{"VERIFIED", "CLEARED", "UNRESOLVED", "OUTSIDE", "SILENT"});
  CHECK(expectation_of(file, late, 0, {.began = 300s, .ended = 301s}).behaviour == Behaviour::kMoved);
  CHECK(expectation_of(file, {}, 0, {.began = 300s, .ended = 301s}).behaviour == Behaviour::kHonest);
}

TEST_CASE("expectation_of: where a tenth is lost on purpose, silence is no wonder", "[sim][lab]") {
  LabFile file = lab_from_tree("small.toml");
  const auto honest = [&] { return expectation_of(file, {}, 0, {.began = 0s, .ended = 1s}).states; };
  file.chips[0].extra.loss = 0.09;
  CHECK(honest().size() == 3);
  file.chips[0].extra.loss = 0.1;
  CHECK(honest().back() == "SILENT");
  file.chips[0].extra.loss = 0.0;
  file.pairs.push_back({.a = "syd1", .b = "SMALL-1", .round_trip = {}, .extra = {.loss = 0.5}});
  CHECK(honest().back() == "SILENT");
}

TEST_CASE("text_of: says who and what", "[sim][lab]") {
  const LabFile file = changing_lab();
  CHECK(text_of(file, file.events[0]) == "SMALL-1 is moved from now on");
  CHECK(text_of(file, file.events[2]) == "anchor fra1 goes down");
  LabChip worse = file.chips[0];
  worse.extra = {.loss = 0.2, .added_round_trip = 1500us};
  CHECK(text_of(file, {.at = {}, .index = 0, .after = worse}) == "SMALL-1: 20 % lost, 1.5 ms added");
}

}  // namespace
}  // namespace chiploc
