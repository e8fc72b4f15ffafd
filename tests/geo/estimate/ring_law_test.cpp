#include "geo/estimate/ring_law.hpp"

#include <cmath>
#include <limits>
#include <numbers>
#include <random>
#include <vector>

#include "geo/estimate/delay_law.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::ring_law_test {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Hosts along the equator, `km` apart.
std::vector<HostPlace> row_of_hosts(std::size_t n, double km) {
  std::vector<HostPlace> hosts;
  for (std::size_t i = 0; i < n; ++i) {
    const double angle = static_cast<double>(i) * km / 6367.4;
    hosts.push_back({{std::cos(angle), std::sin(angle), 0.0}, {}});
  }
  return hosts;
}

TEST_CASE("RingLaw: finds how far chips are, whatever a tenth of the pairs say", "[geo]") {
  std::mt19937_64 random{5};
  std::normal_distribution<double> normal{0.0, 0.3};
  std::uniform_real_distribution<double> log_rtt{0.0, std::log(150.0)};
  std::vector<RingLaw::Pair> pairs;
  for (int i = 0; i < 4000; ++i) {
    const double rtt = std::exp(log_rtt(random));
    const double detour = i % 10 == 0 ? 0.05 : 1.0;
    pairs.push_back({rtt, (35.0 * rtt + 30.0) * std::exp(normal(random)) * detour});
  }
  const RingLaw law = RingLaw::fit(pairs);
  for (const double rtt : {3.0, 8.0, 30.0, 100.0}) {
    INFO(rtt);
    CHECK(law.ring(rtt).mean == Approx(std::log(35.0 * rtt + 60.0)).margin(0.12));
    CHECK(std::exp(law.ring(rtt).log_scale) == Approx(0.3).margin(0.1));
  }
}

TEST_CASE("RingLaw: 40 km/ms without pairs, and a few bend it", "[geo]") {
  const RingLaw none = RingLaw::fit({});
  CHECK(none.ring(10.0).mean == Approx(std::log(430.0)));
  CHECK(none.ring(10.0).log_scale == Approx(-0.5));
  const std::vector<RingLaw::Pair> few(12, {10.0, 270.0});
  CHECK(RingLaw::fit(few).ring(10.0).mean == Approx(std::log(300.0)).margin(0.1));
}

TEST_CASE("RingLaw: a ring is a density over the Earth, a disk near its anchor", "[geo]") {
  const RingLaw law = RingLaw::fit({});
  constexpr double kEarthKm = 6367.4;
  for (const double rtt : {20.0, 60.0}) {
    double sum = 0.0;
    constexpr double kStepKm = 1.0;
    for (double km = 0.5; km < std::numbers::pi * kEarthKm; km += kStepKm)
      sum += std::exp(law.ring(rtt).log_density(km)) * kEarthKm * std::sin(km / kEarthKm) * kStepKm;
    INFO(rtt);
    CHECK(sum == Approx(1.0).margin(0.06));
  }
  // Of one millisecond: no place near the anchor is told from another, where a mere ring would tell them
  // apart by the logarithm of their distances.
  const RingLaw::Ring close = law.ring(1.0);
  CHECK(std::abs(close.log_density(5.0) - close.log_density(40.0)) < 0.8);
  CHECK(close.log_density(40.0) > close.log_density(400.0) + 3.0);
  CHECK(std::isfinite(close.log_density(20'003.0)));
}

TEST_CASE("RingLaw: learns from the least round trips to each anchor", "[geo]") {
  constexpr std::size_t kHosts = 60;
  RttMesh mesh;
  const auto hosts = row_of_hosts(kHosts, 100.0);
  for (std::size_t i = 0; i < kHosts; ++i)
    mesh.places.push_back(*LatLon::from_degrees({0.0, 0.9 * static_cast<double>(i)}));
  mesh.rtt_ms.assign(kHosts * kHosts, kNan);
  for (std::size_t a = 0; a < kHosts; ++a) {
    for (std::size_t b = 0; b < kHosts; ++b) {
      if (a == b) continue;
      const double km = 100.0 * std::abs(static_cast<double>(a) - static_cast<double>(b));
      // 40 km/ms to the eight neighbours on either side, all others behind the same long way.
      mesh.rtt_ms[a * kHosts + b] = km <= 800.0 ? km / 40.0 : 30.0 + km / 1000.0;
    }
  }
  const RingLaw law = RingLaw::learn(PathMemory{mesh, hosts});
  // The ends of the row have eight such neighbours and not sixteen: there, some long ways to the next are
  // among the least. Of all long ways the median is 2,400 km.
  CHECK(law.ring(10.0).mean == Approx(std::log(430.0)).margin(0.05));
  CHECK(law.ring(19.0).mean == Approx(std::log(790.0)).margin(0.1));
  CHECK(std::exp(law.ring(33.0).mean) < 1'700.0);
}

TEST_CASE("PathMemory: the least round trips to an anchor, by row where they are equal", "[geo]") {
  RttMesh mesh;
  for (int i = 0; i < 5; ++i) mesh.places.push_back(*LatLon::from_degrees({0.0, 2.0 * i}));
  mesh.rtt_ms.assign(25, kNan);
  mesh.rtt_ms[1 * 5 + 0] = 20.0;
  mesh.rtt_ms[2 * 5 + 0] = 10.0;
  mesh.rtt_ms[3 * 5 + 0] = 10.0;
  mesh.rtt_ms[0 * 5 + 4] = 5.0;  // stands in for the other direction
  const PathMemory memory{mesh, row_of_hosts(5, 220.0)};
  CHECK(memory.least(0, 9) == std::vector<std::uint32_t>{4, 2, 3, 1});
  CHECK(memory.least(0, 2) == std::vector<std::uint32_t>{4, 2});
  CHECK(memory.least(4, 9) == std::vector<std::uint32_t>{0});
}

}  // namespace
}  // namespace chiploc::ring_law_test
