// Points of a sweep.
#include "server/scenario/sweep.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "tests/server/notices/properties.hpp"

namespace chiploc {
namespace {

using Words = std::vector<std::string>;

SweepAxis range(std::string key, double from, double to, std::size_t steps, bool logarithmic = false) {
  return {
      .key = std::move(key), .about = {}, .from = from, .to = to, .steps = steps, .logarithmic = logarithmic};
}

TEST_CASE("sweep: a grid has every value with every other, the last axis fastest", "[scenario]") {
  SweepPlan plan;
  CHECK(points_of(plan) == std::vector<SweepPoint>{SweepPoint{}});
  CHECK(count_points(plan) == 1);
  plan.axes = {{.key = "a.b", .about = {}, .values = {"1", "2"}},
               {.key = "c.d", .about = {}, .values = {"\"x\"", "\"y\""}}};
  const auto points = points_of(plan);
  REQUIRE(points.size() == 4);
  CHECK(count_points(plan) == 4);
  CHECK(points[1] == SweepPoint{{"a.b", "1"}, {"c.d", "\"y\""}});
  CHECK(points[2] == SweepPoint{{"a.b", "2"}, {"c.d", "\"x\""}});
  CHECK(text_of(points[1]) == "a.b = 1, c.d = \"y\"");
}

TEST_CASE("sweep: ranges hold both their ends, linear and logarithmic", "[scenario]") {
  CHECK(grid_values(range("k", 0, 1, 5)) == Words{"0", "0.25", "0.5", "0.75", "1"});
  CHECK(grid_values(range("k", 1, 1000, 4, true)) == Words{"1", "10", "100", "1000"});
  CHECK(grid_values(range("k", 10, 0, 3)) == Words{"10", "5", "0"});
  SweepAxis whole = range("k", 1, 3, 5);
  whole.whole = true;
  CHECK(grid_values(whole) == Words{"1", "2", "3"});  // 1.5 and 2.5 are rounded, and none is there twice
}

TEST_CASE("sweep: too many points are counted without being made", "[scenario]") {
  SweepPlan plan;
  for (int i = 0; i < 9; ++i) plan.axes.push_back(range("k" + std::to_string(i), 0, 1, 100));
  CHECK(count_points(plan) > kSweepPointsMax);
}

TEST_CASE("sweep: a Latin hypercube meets every part of every axis once", "[scenario]") {
  test::holds("a Latin hypercube", [] {
    SweepPlan plan{.design = SweepDesign::kLatin,
                   .samples = *rc::gen::inRange<std::size_t>(1, 60),
                   .seed = *rc::gen::arbitrary<std::uint64_t>(),
                   .axes = {range("a", 0, 1, 0), range("b", 10, -10, 0), range("c", 1, 10000, 0, true)}};
    const auto points = points_of(plan);
    RC_ASSERT(points.size() == plan.samples);
    const auto n = static_cast<double>(plan.samples);
    std::vector<std::set<std::size_t>> parts(3);
    for (const SweepPoint& point : points) {
      RC_ASSERT(point.size() == std::size_t{3});
      const double a = *number_in(point[0].value), b = *number_in(point[1].value),
                   c = *number_in(point[2].value);
      const double shares[] = {a, (10.0 - b) / 20.0, std::log10(c) / 4.0};
      for (std::size_t i = 0; i < 3; ++i) {
        RC_ASSERT(shares[i] >= -1e-9 && shares[i] <= 1.0 + 1e-9);
        parts[i].insert(static_cast<std::size_t>(std::min(n - 1.0, shares[i] * n)));
      }
    }
    for (const auto& part : parts) RC_ASSERT(part.size() == plan.samples);
  });
}

TEST_CASE("sweep: a Latin hypercube takes listed values evenly, and its seed decides", "[scenario]") {
  SweepPlan plan{.design = SweepDesign::kLatin,
                 .samples = 12,
                 .seed = 3,
                 .axes = {{.key = "a", .about = {}, .values = {"1", "2", "3"}}, range("b", 0, 1, 0)}};
  const auto points = points_of(plan);
  for (const char* value : {"1", "2", "3"}) {
    CHECK(std::count_if(points.begin(), points.end(),
                        [&](const SweepPoint& p) { return p[0].value == value; }) == 4);
  }
  CHECK(points == points_of(plan));
  plan.seed = 4;
  CHECK(points != points_of(plan));
}

}  // namespace
}  // namespace chiploc
