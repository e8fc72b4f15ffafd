#include "server/cases/case_priority.hpp"

#include "tests/server/cases/case_days.hpp"
#include "tests/support/catch.hpp"

namespace chiploc {
namespace {

unsigned points_of(const CaseStory& story, double h) { return priority_of(story, hour(h)).points; }

CaseStory open_story(CaseKind kind) {
  CaseDays one{kind};
  one.accused(0, 1, 2);
  if (kind == CaseKind::kAnotherUser) one.event(0, UserStated{"Ann", "Other Ltd", "User GmbH", "a visit"});
  CaseStory story = one.story();
  story.standing = 0;
  return story;
}

TEST_CASE("priority: by kind") {
  CHECK(points_of(open_story(CaseKind::kElsewhere), 0) == 30);
  CHECK(points_of(open_story(CaseKind::kAnotherUser), 0) == 30);
  CHECK(points_of(open_story(CaseKind::kTampering), 0) == 35);
  CHECK(points_of(open_story(CaseKind::kSpoofing), 0) == 20);
  CHECK(points_of(open_story(CaseKind::kMisleading), 0) == 20);
  CHECK(points_of(open_story(CaseKind::kBlocking), 0) == 15);
  CHECK(points_of(open_story(CaseKind::kUnproven), 0) == 5);
  CaseStory prohibited = open_story(CaseKind::kElsewhere);
  prohibited.prohibited = true;
  CHECK(points_of(prohibited, 0) == 40);
  CHECK(priority_of(prohibited, hour(0)).reasons.front().text ==
        "Chips were proved in prohibited territory.");
}

TEST_CASE("priority: by chips, and their share") {
  CaseStory story = open_story(CaseKind::kUnproven);
  const auto of_chips = [&](std::uint32_t chips) {
    story.standing = chips;
    return points_of(story, 0) - 5;
  };
  CHECK(of_chips(1) == 2);
  CHECK(of_chips(2) == 4);
  CHECK(of_chips(3) == 4);
  CHECK(of_chips(4) == 6);
  CHECK(of_chips(511) == 18);
  CHECK(of_chips(512) == 20);
  CHECK(of_chips(4'000'000'000U) == 20);
  story.weights.order_chips = 10;
  CHECK(of_chips(1) == 2 + 1);
  CHECK(of_chips(5) == 6 + 7);
  CHECK(of_chips(10) == 8 + 15);
  CHECK(of_chips(11) == 8 + 15);
}

TEST_CASE("priority: by who and where, what was before, and how long it waits") {
  CaseStory story = open_story(CaseKind::kUnproven);
  story.weights.watch_listed = "Buyer Ltd";
  CHECK(points_of(story, 0) == 15);
  story.weights.transshipment = "the buyer is in AE";
  CHECK(points_of(story, 0) == 20);
  story.weights.prior_cases = 1;
  CHECK(points_of(story, 0) == 22);
  story.weights.prior_cases = 2;
  CHECK(points_of(story, 0) == 24);
  story.weights.prior_cases = 4'000'000'000U;
  CHECK(points_of(story, 0) == 25);
  CHECK(points_of(story, 167.9) == 25);
  CHECK(points_of(story, 168) == 26);
  CHECK(points_of(story, 168 * 2) == 27);
  CHECK(points_of(story, 168 * 200) == 30);
  CHECK(points_of(story, -500) == 25);  // a clock that was behind
}

TEST_CASE("priority: each point has its sentence, the heaviest first") {
  CaseStory story = open_story(CaseKind::kElsewhere);
  story.standing = 3;
  story.weights = {10, "Buyer Ltd", "the buyer is in AE", 1};
  const Priority priority = priority_of(story, hour(168));
  std::string text;
  for (const PriorityReason& reason : priority.reasons)
    text += std::to_string(reason.points) + " " + reason.text + "\n";
  CHECK(text ==
        "30 Chips are not where they are licensed to be.\n"
        "10 Buyer Ltd is on the watch list.\n"
        "5 A country of transshipment: the buyer is in AE.\n"
        "4 3 chips stand in it.\n"
        "4 They are 3 chips of 10.\n"
        "2 1 case of the order was confirmed before.\n"
        "1 It has been open for 1 week.\n");
  CHECK(priority.points == 56);
}

TEST_CASE("priority: everything at its most is 100, and what is resolved has none") {
  CaseStory story = open_story(CaseKind::kElsewhere);
  story.prohibited = true;
  story.standing = 1000;
  story.weights = {1000, "Buyer Ltd", "AE", 9};
  CHECK(points_of(story, 168 * 9) == 100);
  story.state = CaseState::kResolved;
  CHECK(priority_of(story, hour(0)) == Priority{});
}

}  // namespace
}  // namespace chiploc
