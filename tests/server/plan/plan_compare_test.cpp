#include "server/plan/plan_compare.hpp"

#include <algorithm>
#include <set>

#include "tests/server/plan/small_problems.hpp"

namespace chiploc::test::plan_compare_test {
namespace {

std::vector<PlanPlace> five() {
  std::vector<PlanPlace> places;
  for (const auto& [name, people] : std::vector<std::pair<const char*, std::uint64_t>>{
           {"stands", 9'000'000}, {"b", 500}, {"d", 1'000}, {"c", 1'000}, {"a", 0}}) {
    PlanPlace place{name, place_at(1.0, 1.0)};
    place.people = people;
    places.push_back(place);
  }
  return places;
}

TEST_CASE("plan compare: by population, then by name, and never what stands", "[plan]") {
  const auto choices = other_choices({"population"}, five(), 1, 3, 1);
  REQUIRE(choices);
  CHECK(choices->front().anchors == std::vector<std::size_t>{3, 2, 1});
}

TEST_CASE("plan compare: draws differ, repeat by the seed and hold nothing twice", "[plan]") {
  const auto draws = other_choices({"random-30"}, five(), 1, 2, 1);
  REQUIRE(draws);
  REQUIRE(draws->size() == 30);
  std::set<std::vector<std::size_t>> all;
  for (const OtherChoice& draw : *draws) {
    CHECK(draw.anchors.size() == 2);
    CHECK(draw.anchors[0] != draw.anchors[1]);
    CHECK(*std::min_element(draw.anchors.begin(), draw.anchors.end()) >= 1);
    all.insert(draw.anchors);
  }
  CHECK(all.size() > 8);
  CHECK((*draws)[4].name == "random 5");
  CHECK(other_choices({"random-30"}, five(), 1, 2, 1)->at(7).anchors == (*draws)[7].anchors);
  CHECK(other_choices({"random-1"}, five(), 1, 9, 1)->at(0).anchors.size() == 4);  // there are no more
  for (const char* wrong :
       {"random", "random-", "random-0", "random-1.5", "random-1001", "random--1", "size"})
    CHECK_FALSE(other_choices({wrong}, five(), 1, 2, 1));
}

TEST_CASE("plan compare: the score is what is proved", "[plan]") {
  const PlanProblem truth = made_problem(21, {8, 2, 6, 1, PlanGoal::kCleared});
  const std::vector<OtherChoice> choices{{"none", {}}, {"some", {2, 5}}, {"all", truth.candidates()}};
  const auto scores = score_choices(truth, choices, Borders::world(), kOneAfterTheOther);
  REQUIRE(scores.size() == 3);
  CHECK(scores[0].proved == plainly_proved_by(truth, {0, 1}));
  CHECK(scores[1].proved == plainly_proved_by(truth, {0, 1, 2, 5}));
  CHECK(scores[2].proved == plainly_proved_by(truth, with_bits(truth, 63)));
  CHECK(scores[2].proved > scores[0].proved);
  CHECK(scores[1].anchors == 2);
}

}  // namespace
}  // namespace chiploc::test::plan_compare_test
