#include "geo/estimate/path_memory.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "geo/estimate/common_errors.hpp"
#include "tests/geo/random_places.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::path_memory_test {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

HostPlace host(double lat, double lon, const char* country) {
  return {to_sphere(place_at(lat, lon)), CountryCode::from_text(country)};
}

/// Hosts in a strip of 40 by 10 degrees; two countries meet at the 20th meridian.
std::vector<HostPlace> two_countries(std::size_t n, std::mt19937_64& random) {
  std::uniform_real_distribution<double> lat{0.0, 10.0};
  std::uniform_real_distribution<double> lon{0.0, 40.0};
  std::vector<HostPlace> out;
  for (std::size_t i = 0; i < n; ++i) {
    const double east = lon(random);
    out.push_back(host(lat(random), east, east < 20.0 ? "AA" : "BB"));
  }
  return out;
}

/// Symmetric; `excess(a, b)` in ms beyond the flight.
template <typename Excess>
RttMesh mesh_of(const std::vector<HostPlace>& hosts, const Excess& excess) {
  RttMesh mesh;
  const std::size_t n = hosts.size();
  for (const HostPlace& each : hosts) mesh.places.push_back(from_sphere(each.at));
  mesh.rtt_ms.assign(n * n, kNan);
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = 0; b < a; ++b)
      mesh.rtt_ms[a * n + b] = mesh.rtt_ms[b * n + a] =
          sphere_km(hosts[a].at, hosts[b].at) / 100.0 + excess(a, b);
  }
  return mesh;
}

/// Paths that are 6 ms longer than their flight, more or less.
RttMesh noisy_mesh(const std::vector<HostPlace>& hosts, double spread, std::mt19937_64& random) {
  std::normal_distribution<double> normal{0.0, spread};
  return mesh_of(hosts, [&](std::size_t, std::size_t) { return 6.0 * std::exp(normal(random)); });
}

TEST_CASE("PathMemory: a path that stays in its country is expected to be shorter", "[geo]") {
  std::mt19937_64 random{1};
  std::normal_distribution<double> normal{0.0, 0.2};
  const auto hosts = two_countries(60, random);
  const auto mesh = mesh_of(hosts, [&](std::size_t a, std::size_t b) {
    return (hosts[a].country == hosts[b].country ? 5.0 : 10.0) * std::exp(normal(random));
  });
  const PathMemory memory{mesh, hosts};
  CHECK(memory.law().domestic < -0.45);  // half would be -0.69; sixty anchors against the default's seventy
  // Two places 20 km apart on both sides of the border, as seen from an anchor far to the west.
  const std::vector<std::uint32_t> rows{0};
  REQUIRE(hosts[0].country == CountryCode::from_text("AA"));
  const double here = memory.expected_ms(host(5.0, 19.9, "AA"), rows)[0];
  const double abroad = memory.expected_ms(host(5.0, 20.1, "BB"), rows)[0];
  CHECK(abroad - here == Approx(5.0).margin(1.5));
  // A host of which no country is known is at home nowhere.
  const double unknown = memory.expected_ms({to_sphere(place_at(5.0, 19.9)), std::nullopt}, rows)[0];
  CHECK(unknown > here + 2.0);
}

TEST_CASE("PathMemory: learns whether what anchors saw of a country says anything of the next one", "[geo]") {
  std::mt19937_64 random{2};
  std::normal_distribution<double> normal{0.0, 1.0};
  const auto hosts = two_countries(60, random);
  // Every host has good paths to the west and bad ones to the east, or the other way.
  std::vector<double> west;
  std::vector<double> east;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    west.push_back(0.5 * normal(random));
    east.push_back(0.5 * normal(random));
  }
  const CountryCode first = CountryCode::from_text("AA").value();
  const auto mesh = mesh_of(hosts, [&](std::size_t a, std::size_t b) {
    const double there = hosts[b].country == first ? west[a] : east[a];
    const double back = hosts[a].country == first ? west[b] : east[b];
    return 8.0 * std::exp(there + back + 0.1 * normal(random));
  });
  // What is left of a correlation across the border.
  const auto left = [&](const std::vector<HostPlace>& places) {
    const auto kernel = PathMemory(mesh, places).kernel();
    return std::exp(-kernel.border_km / kernel.length_km);
  };
  CHECK(left(hosts) < 0.7);
  // Where the same places are in countries that lie anyhow, the border means nothing.
  auto mingled = hosts;
  for (HostPlace& each : mingled) each.country = CountryCode::from_text(random() % 2 == 0 ? "AA" : "BB");
  CHECK(left(mingled) > left(hosts) + 0.2);
}

TEST_CASE("PathMemory: anchors around a place speak against it by rank, if they are not heard", "[geo]") {
  std::mt19937_64 random{4};
  const auto hosts = two_countries(40, random);
  const PathMemory memory{noisy_mesh(hosts, 0.3, random), hosts};
  const HostPlace at = host(5.0, 10.0, "AA");
  std::vector<std::uint32_t> by_distance;
  for (std::uint32_t row = 0; row < hosts.size(); ++row) by_distance.push_back(row);
  std::sort(by_distance.begin(), by_distance.end(), [&](std::uint32_t a, std::uint32_t b) {
    return dot(hosts[a].at, at.at) > dot(hosts[b].at, at.at);
  });
  const auto against = [&](std::vector<std::uint32_t> heard, std::vector<std::uint32_t> others,
                           double late_ms) {
    const auto expected = memory.expected_ms(at, others);
    std::vector<double> rtt(heard.size(), 20.0);
    std::vector<double> other_rtt;
    for (const double ms : expected) other_rtt.push_back(ms + late_ms);
    return memory.scores({&at, 1}, {heard, rtt}, {others, other_rtt}).against.at(0);
  };
  const auto nearest = by_distance[0];
  CHECK(against({nearest}, {}, 0.0) == 0.0);
  CHECK(against({}, {nearest}, 0.0) == Approx(std::log(0.5)).margin(1e-6));
  CHECK(against({}, {nearest}, -6.0) > -0.05);
  CHECK(against({}, {nearest}, 100.0) < -4.0);
  // One that is heard takes the first rank.
  const auto second = by_distance[1];
  CHECK(against({nearest}, {second}, 0.0) == Approx(std::log(0.5) / 2.0).margin(1e-6));
  CHECK(against({}, {nearest, second}, 0.0) == Approx(std::log(0.5) * 1.5).margin(1e-6));
  // The order in which they are given does not matter, and the thirteenth says nothing.
  const std::vector<std::uint32_t> twelve{by_distance.begin(), by_distance.begin() + 12};
  CHECK(against(twelve, {by_distance[12]}, 100.0) == 0.0);
  CHECK(against({second}, {nearest}, 0.0) == Approx(std::log(0.5)).margin(1e-6));
}

TEST_CASE("PathMemory and CommonErrors: the density of two round trips together integrates to one", "[geo]") {
  std::mt19937_64 random{8};
  const auto hosts = two_countries(14, random);
  const PathMemory memory{noisy_mesh(hosts, 0.5, random), hosts};
  const CommonErrors errors{memory};
  const HostPlace at = host(4.0, 19.0, "AA");
  const std::vector<std::uint32_t> rows{2, 9};
  const auto law = errors.among(std::vector<Vec3>{hosts[2].at, hosts[9].at});
  const std::vector<double> whole{1.0, 1.0};
  // In steps of log rtt: the density has its mass around tens of milliseconds and a tail on both sides.
  constexpr double kStep = 0.02;
  double total = 0.0;
  for (double i = std::log(0.01); i < std::log(1e5); i += kStep) {
    for (double j = std::log(0.01); j < std::log(1e5); j += kStep) {
      const std::vector<double> rtt{std::exp(i), std::exp(j)};
      const auto scores = memory.scores({&at, 1}, {rows, rtt}, {});
      total += std::exp(scores.log_slope[0] + scores.log_slope[1] +
                        law.log_densities(scores.score, whole)[0] + i + j) *
               kStep * kStep;
    }
  }
  CHECK(total == Approx(1.0).margin(0.02));
}

}  // namespace
}  // namespace chiploc::path_memory_test
