#include "server/plan/plan_input.hpp"

#include <cmath>

#include "geo/path_bound.hpp"
#include "server/eval/rtt_folder.hpp"
#include "tests/server/plan/plan_told.hpp"

namespace chiploc::test::plan_input_test {
namespace {

PlanInput read(const PlanArguments& arguments) {
  auto input = read_plan_input(arguments, Borders::world());
  if (!input) FAIL(input.error().lines.front());
  return std::move(input).value();
}

PlanArguments over(const PlanFolder& files) {
  PlanArguments arguments;
  arguments.measured = files.measured();
  arguments.start = "three";
  return arguments;
}

Kilometers bound_of(double ms) {
  return path_bound(std::chrono::nanoseconds{static_cast<std::int64_t>(std::ceil(ms * 1e6))}, kLightInVacuum)
      .value();
}

TEST_CASE(
    "plan input: of a folder, what stands is measured and candidates are guessed; the truth is measured",
    "[plan]") {
  const PlanFolder files;
  const PlanInput input = read(over(files));
  const RttSet set = small_set();
  REQUIRE(input.truth);
  REQUIRE(input.problem.standing == 2);
  std::size_t guessed = 0;
  for (std::size_t site = 0; site < input.problem.sites.size(); ++site) {
    for (std::size_t place = 0; place < input.problem.anchors.size(); ++place) {
      const std::string& from = input.problem.anchors[place].name;
      const std::string& to = input.problem.sites[site].name;
      const auto& chosen_by = input.problem.reach_of(site, place);
      const auto& truth = input.truth->reach_of(site, place);
      INFO(from << " to " << to);
      CHECK(chosen_by.has_value() == (from != to));
      CHECK(truth.has_value() == (from != to));
      if (from == to) continue;
      if (place < input.problem.standing) CHECK(chosen_by == truth);
      guessed += chosen_by == truth ? 0U : 1U;
    }
  }
  CHECK(guessed == 4 * 5);  // of four candidates, all but each one's own node
  CHECK_THAT(input.round_trips, Catch::Contains("learnt from 2 round trips"));
}

TEST_CASE("plan input: chosen by what was measured, if asked for", "[plan]") {
  const PlanFolder files;
  PlanArguments arguments = over(files);
  arguments.chosen_by = "measured";
  const PlanInput input = read(arguments);
  CHECK(input.problem.reach == input.truth->reach);
  CHECK_THAT(input.round_trips, Catch::Contains("nobody knows"));
}

TEST_CASE("plan input: of files, measured where nodes have the names or ids, guessed elsewhere", "[plan]") {
  const PlanFolder files;
  PlanArguments arguments;
  arguments.sites = files.folder_sites();
  arguments.candidates = files.folder_places();
  arguments.measured = files.measured();
  arguments.delay = "3+1";
  const PlanInput input = read(arguments);
  const RttSet set = small_set();
  const std::size_t b = number_of(set, "b"), w = number_of(set, "w"), m = number_of(set, "m");
  CHECK_FALSE(input.problem.reach_of(0, 0));  // Berlin to Berlin
  CHECK(input.problem.reach_of(0, 1) == bound_of(set.rtt_ms(m, b)));
  CHECK(input.problem.reach_of(1, 0) == bound_of(set.rtt_ms(b, w)));  // "w" is an id
  const double km = geodesic_distance(input.world.sites[1].place, input.world.places[2].place).km();
  CHECK(input.problem.reach_of(1, 2)->km() == Approx(bound_of(3.0 * km / 100.0 + 1.0).km()).epsilon(1e-6));
  CHECK_FALSE(input.truth);
}

TEST_CASE("plan input: prohibited countries are the claims', and no candidate lies in them", "[plan]") {
  const PlanFolder files;
  PlanArguments arguments;
  arguments.sites = files.sites();
  arguments.candidates = "cities";
  arguments.people = 3'000'000;
  arguments.prohibited = {"RU", "campus"};
  arguments.territories = {"campus=" + files.campus()};
  const PlanInput input = read(arguments);
  for (const PlanSite& site : input.problem.sites) {
    CHECK(site.claim.prohibited == std::vector<CountryCode>{code("RU")});
    REQUIRE(site.claim.prohibited_areas.size() == 1);
  }
  for (const PlanAnchor& anchor : input.problem.anchors) CHECK_FALSE(anchor.name.starts_with("RU-"));
}

}  // namespace
}  // namespace chiploc::test::plan_input_test
