#include "server/sim/paths/matrix_paths.hpp"

#include <cmath>

#include "geo/geodesic.hpp"
#include "tests/server/sim/paths/test_network.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test::matrix_paths_test {
namespace {

using std::chrono::hours;

const PathEnd kA{"a", at(50.0, 0.0)}, kB{"b", at(50.0, 10.0)}, kC{"c", at(40.0, 10.0)},
    kStranger{"x", at(0.0, 0.0)};

/// Three nodes; a-b measured from both sides, a-c from c alone, b-c not at all.
RttMatrix small() {
  RttMatrix matrix{{{"a", kA.place}, {"b", kB.place}, {"c", kC.place}}, std::vector<MatrixPair>(9)};
  matrix.pairs[0 * 3 + 1] = {20.0, 24.0, 300.0, 6.0, {}};
  matrix.pairs[1 * 3 + 0] = {22.0, 26.0, 300.0, 6.0, {}};
  matrix.pairs[2 * 3 + 0] = {30.0, -1.0, -1.0, -1.0, {}};
  return matrix;
}

std::string fault(RttMatrix matrix) {
  const auto paths = MatrixPaths::create(std::move(matrix));
  return paths ? std::string{"none"} : paths.error();
}

TEST_CASE("matrix paths: never below the minimum, mean and deviation as measured, both ways",
          "[sim][paths]") {
  const auto paths = MatrixPaths::create(small());
  REQUIRE(paths.has_value());
  double sum = 0.0, square = 0.0;
  constexpr int kDraws = 60'000;
  for (std::uint64_t n = 0; n < kDraws; ++n) {
    const PathFate there = paths->fate(kA, kB, {1, {}, n}), back = paths->fate(kB, kA, {1, {}, n});
    REQUIRE_FALSE(there.lost);
    const double ms = ms_of(there.delay + back.delay);
    REQUIRE(ms >= 20.0);  // the lesser of the two sides
    REQUIRE(ms <= 300.0 + 1e-5);
    sum += ms;
    square += ms * ms;
  }
  const double mean = sum / kDraws;
  CHECK(mean == Approx(24.0).margin(0.15));  // both sides have 4 over their own minimum
  CHECK(std::sqrt(square / kDraws - mean * mean) == Approx(6.0).epsilon(0.06));
}

TEST_CASE("matrix paths: without a mean nothing varies; strangers and gaps are lost", "[sim][paths]") {
  const auto paths = MatrixPaths::create(small());
  REQUIRE(paths.has_value());
  for (std::uint64_t n = 0; n < 50; ++n)
    CHECK(ms_of(paths->fate(kA, kC, {n, hours{3}, n}).delay) == Approx(15.0));
  CHECK(paths->fate(kC, kA, {}).delay == paths->fate(kA, kC, {}).delay);
  CHECK(paths->fate(kB, kC, {}).lost);
  CHECK(paths->fate(kA, kStranger, {}).lost);
  CHECK(paths->fate(kA, kA, {}).lost);
  CHECK(paths->pair_between("a", "x") == nullptr);
  CHECK(paths->pair_between("b", "a")->min_ms == 20.0);
}

TEST_CASE("matrix paths: least is half of the minimum, and lost what nobody measured", "[sim][paths]") {
  const auto paths = MatrixPaths::create(small());
  REQUIRE(paths.has_value());
  for (std::uint64_t n = 0; n < 50; ++n) {
    CHECK(ms_of(paths->least(kA, kB, {1, {}, n}).delay) == Approx(10.0));
    CHECK(paths->least(kA, kB, {1, {}, n}).delay <= paths->fate(kA, kB, {1, {}, n}).delay);
  }
  CHECK(paths->least(kB, kC, {}).lost);
  CHECK(paths->least(kA, kStranger, {}).lost);
}

TEST_CASE("matrix paths: what two directions have over their own minima is what varies, not what parts them",
          "[sim][paths]") {
  RttMatrix matrix = small();
  matrix.pairs[0 * 3 + 1] = {20.0, 20.3, 21.0, 0.2, {}};
  matrix.pairs[1 * 3 + 0] = {288.0, 291.0, 300.0, 3.0, {}};
  const auto paths = MatrixPaths::create(matrix);
  REQUIRE(paths.has_value());
  const MatrixPair* pair = paths->pair_between("a", "b");
  CHECK(pair->min_ms == 20.0);
  CHECK(pair->avg_ms == Approx(20.0 + 0.5 * (0.3 + 3.0)));
  CHECK(pair->max_ms == Approx(20.0 + 0.5 * (1.0 + 12.0)));
  matrix.pairs[1 * 3 + 0].avg_ms = matrix.pairs[1 * 3 + 0].max_ms = -1.0;  // one side alone says it
  CHECK(MatrixPaths::create(matrix)->pair_between("b", "a")->avg_ms == Approx(20.3));
}

TEST_CASE("matrix paths: hours are replayed in a circle, gaps with the hour before", "[sim][paths]") {
  RttMatrix matrix = small();
  matrix.pairs[0 * 3 + 1] = {20.0, 24.0, 90.0, 6.0, {20.0F, 40.0F, -1.0F, 25.0F}};
  matrix.pairs[1 * 3 + 0] = {};
  const auto paths = MatrixPaths::create(matrix);
  REQUIRE(paths.has_value());
  const auto ms = [&](Nanoseconds t) { return ms_of(paths->fate(kB, kA, {1, t, 7}).delay) * 2.0; };
  CHECK(ms(hours{0}) == Approx(20.0));
  CHECK(ms(hours{2} - Nanoseconds{1}) == Approx(40.0));
  CHECK(ms(hours{2}) == Approx(40.0));
  CHECK(ms(hours{3}) == Approx(25.0));
  CHECK(ms(hours{4}) == Approx(20.0));
  CHECK(ms(hours{401}) == Approx(40.0));
  matrix.pairs[0 * 3 + 1].hourly_ms = {-1.0F, -1.0F};
  CHECK(MatrixPaths::create(matrix)->fate(kA, kB, {}).lost);
}

TEST_CASE("matrix paths: never faster than light, wherever the ends say that they are", "[sim][paths]") {
  const auto paths = MatrixPaths::create(small());
  REQUIRE(paths.has_value());
  const PathEnd far{"b", at(-50.0, -170.0)};
  CHECK(paths->fate(kA, far, {}).delay >= least_one_way(kA.place, far.place));
}

TEST_CASE("matrix paths: what no measurement can be is refused, with the pair", "[sim][paths]") {
  CHECK(fault(small()) == "none");
  RttMatrix matrix = small();
  matrix.pairs[1].min_ms = 2.0 * ms_of(least_one_way(kA.place, kB.place)) * 0.999;
  CHECK(fault(matrix).find("a to b: its minimum (") == 0);
  CHECK(fault(matrix).find("is faster than light") != std::string::npos);
  for (const double bad : {0.0, std::nan(""), HUGE_VAL}) {
    matrix = small();
    matrix.pairs[1].min_ms = bad;
    CHECK(fault(matrix) == "a to b: its minimum is no time; drop the pair");
  }
  matrix = small();
  matrix.pairs[1].avg_ms = 19.0;
  CHECK(fault(matrix) == "a to b: its mean is below its minimum");
  matrix = small();
  matrix.pairs[1].max_ms = 23.0;
  CHECK(fault(matrix) == "a to b: its maximum is below its mean");
  matrix = small();
  matrix.pairs[1].mdev_ms = std::nan("");
  CHECK(fault(matrix) == "a to b: a column is no number");
  matrix = small();
  matrix.pairs[1].hourly_ms = {21.0F, 19.0F};
  CHECK(fault(matrix).find("a to b: an hour lies below its minimum") == 0);
  matrix = small();
  matrix.nodes[2].name = "a";
  CHECK(fault(matrix).find("two nodes have one name") == 0);
  matrix.pairs.pop_back();
  CHECK(fault(matrix) == "the matrix is not square");
}

}  // namespace
}  // namespace chiploc::test::matrix_paths_test
