#include "geo/estimate/place_estimator.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <set>
#include <string_view>

#include "geo/bound.hpp"
#include "geo/estimate/city_table.hpp"
#include "geo/estimate/common_delay.hpp"
#include "geo/estimate/common_errors.hpp"
#include "geo/geodesic.hpp"
#include "tests/geo/random_places.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::place_estimator_test {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Cities of more than two million people, in random order: the first are anchors, the others chips.
std::vector<City> large_cities(std::uint64_t seed) {
  std::vector<City> cities;
  for (const City& city : CityTable::world().cities) {
    if (city.people > 2'000'000) cities.push_back(city);
  }
  std::mt19937_64 random{seed};
  for (std::size_t i = cities.size(); i > 1; --i) std::swap(cities[i - 1], cities[random() % i]);
  return cities;
}

/// A network with a known law: routes 1.3 to 2.6 times the geodesic, and up to 2 ms at each end.
class Network {
 public:
  explicit Network(std::uint64_t seed) : random_{seed} {}
  double rtt(LatLon a, LatLon b) {
    const double flight = geodesic_distance(a, b).km() / 100.0;
    return flight * (1.3 + 0.5 * std::exp(0.4 * normal_(random_))) + 0.3 + std::abs(normal_(random_));
  }

 private:
  std::mt19937_64 random_;
  std::normal_distribution<double> normal_{0.0, 1.0};
};

RttMesh mesh_of(const std::vector<City>& cities, std::size_t n, Network& network) {
  RttMesh mesh;
  for (std::size_t i = 0; i < n; ++i) mesh.places.push_back(cities[i].place);
  mesh.rtt_ms.assign(n * n, kNan);
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      mesh.rtt_ms[a * n + b] = mesh.rtt_ms[b * n + a] = network.rtt(mesh.places[a], mesh.places[b]);
    }
  }
  return mesh;
}

std::vector<double> rtts_to(const RttMesh& mesh, LatLon place, Network& network) {
  std::vector<double> rtts;
  for (const LatLon anchor : mesh.places) rtts.push_back(network.rtt(anchor, place));
  return rtts;
}

double sum(const PlaceEstimate& estimate) {
  return std::accumulate(estimate.countries.begin(), estimate.countries.end(), 0.0,
                         [](double s, const auto& country) { return s + country.second; });
}

TEST_CASE("PlaceEstimator: finds chips in a network whose law it has to learn", "[geo]") {
  const auto cities = large_cities(1);
  Network network{1};
  const RttMesh mesh = mesh_of(cities, 30, network);
  const auto estimator = PlaceEstimator::learn(mesh, Borders::world());
  std::vector<double> errors;
  int covered = 0;
  int country_right = 0;
  constexpr std::size_t kChips = 80;
  for (std::size_t i = 0; i < kChips; ++i) {
    const City& chip = cities[30 + i];
    const auto estimate = estimator.estimate(rtts_to(mesh, chip.place, network), nullptr);
    REQUIRE(estimate.has_value());
    errors.push_back(geodesic_distance(estimate->place, chip.place).km());
    covered += estimate->in_credible(chip.place, 0.95) ? 1 : 0;
    const auto truth = Borders::world().country_at(chip.place);
    country_right += truth && estimate->countries.front().first == *truth ? 1 : 0;
    CHECK(sum(*estimate) == Approx(1.0).margin(1e-9));
    CHECK(std::is_sorted(estimate->countries.begin(), estimate->countries.end(),
                         [](const auto& a, const auto& b) { return a.second > b.second; }));
    const auto held = Borders::world().country_at(estimate->place);
    CHECK((!held || estimate->probability(*held) > 0.0));
    CHECK(estimate->credible95_radius_km >= 0.0);
    CHECK(estimate->credible95_area_km2 > 0.0);
  }
  std::sort(errors.begin(), errors.end());
  CHECK(errors[kChips / 2] < 250.0);
  CHECK(errors[kChips * 9 / 10] < 1500.0);
  CHECK(covered >= 73);  // 91 %: three deviations below 95 % of 80 would be 70
  CHECK(country_right > 50);
}

TEST_CASE("PlaceEstimator: some doubt is left, however well round trips agree", "[geo]") {
  // Chips next to an anchor of the same network, heard as it is.
  Network network{7};
  std::vector<City> near;
  const LatLon prague = *LatLon::from_degrees({.lat = 50.09, .lon = 14.42});
  for (const City& city : CityTable::world().cities) {
    if (city.people > 700'000 && geodesic_distance(city.place, prague).km() < 2000.0) near.push_back(city);
  }
  REQUIRE(near.size() > 25);
  const RttMesh mesh = mesh_of(near, near.size(), network);
  const auto estimator = PlaceEstimator::learn(mesh, Borders::world());
  double most = 0.0;
  for (std::size_t chip = 0; chip < near.size(); ++chip) {
    std::vector<double> rtts(near.size());
    for (std::size_t a = 0; a < near.size(); ++a) rtts[a] = a == chip ? 3.0 : mesh.rtt(a, chip) + 1.0;
    const auto estimate = estimator.estimate(rtts, nullptr);
    REQUIRE(estimate.has_value());
    CHECK(sum(*estimate) == Approx(1.0));
    most = std::max(most, estimate->countries.front().second);
  }
  CHECK(most < 1.0 - 1e-6);
}

TEST_CASE("PlaceEstimator: a delay that all round trips have in common does not throw the place away",
          "[geo]") {
  const auto cities = large_cities(1);
  Network network{1};
  const RttMesh mesh = mesh_of(cities, 30, network);
  const auto estimator = PlaceEstimator::learn(mesh, Borders::world());
  std::vector<double> errors;
  std::vector<double> delays;
  constexpr std::size_t kChips = 25;
  for (std::size_t i = 0; i < kChips; ++i) {
    const City& chip = cities[30 + i];
    auto rtts = rtts_to(mesh, chip.place, network);
    for (double& rtt : rtts) rtt += 40.0;
    const auto estimate = estimator.estimate(rtts, nullptr);
    REQUIRE(estimate.has_value());
    CHECK(sum(*estimate) == Approx(1.0).margin(1e-9));
    errors.push_back(geodesic_distance(estimate->place, chip.place).km());
    delays.push_back(estimate->common_delay_ms);
  }
  std::sort(errors.begin(), errors.end());
  std::sort(delays.begin(), delays.end());
  CHECK(errors[kChips / 2] < 700.0);
  CHECK(delays[kChips / 2] == Approx(40.0).margin(8.0));
}

TEST_CASE("common delay: none, unless the round trips tell it", "[geo]") {
  const double none = -std::numeric_limits<double>::infinity();
  std::vector<double> evidence(kCommonDelaysMs.size(), 0.0);
  auto shares = common_delay_shares(evidence, false);
  CHECK(std::accumulate(shares.begin(), shares.end(), 0.0) == Approx(1.0));
  CHECK(shares[0] > 0.95);  // the prior
  for (std::size_t k = 2; k < shares.size(); ++k) CHECK(shares[k] < shares[k - 1]);
  evidence[5] = 4.0;  // 20 ms
  shares = common_delay_shares(evidence, false);
  CHECK(shares[0] < 0.5);
  CHECK(shares[5] > 0.5);
  std::fill(evidence.begin() + 1, evidence.end(), none);
  CHECK(common_delay_shares(evidence, false)[0] == 1.0);
  evidence[3] = 1.0;
  CHECK(common_delay_shares(evidence, true)[3] > common_delay_shares(evidence, false)[3]);
}

TEST_CASE("common delay: counts once it is more probable than none, which keeps some share", "[geo]") {
  std::vector<double> shares(kCommonDelaysMs.size(), 0.0);
  shares[0] = 0.6;
  shares[3] = 0.4;
  const auto direct = delays_that_count(shares);
  CHECK(direct[0] == 1.0);  // and so the estimate is that of before
  CHECK(std::accumulate(direct.begin(), direct.end(), 0.0) == 1.0);
  shares[0] = 0.4;
  shares[3] = 0.57;
  shares[4] = 0.03;
  const auto likely = delays_that_count(shares);
  CHECK(likely[0] == Approx(0.4 / 0.97));
  CHECK(likely[3] == Approx(0.57 / 0.97));
  CHECK(likely[4] == 0.0);
  shares[0] = 1e-9;
  shares[3] = 0.75 - 1e-9;
  shares[4] = 0.25;
  const auto sure = delays_that_count(shares);
  CHECK(sure[0] == Approx(0.3));
  CHECK(sure[3] == Approx(0.7 * 0.75));
  CHECK(sure[4] == Approx(0.7 * 0.25));
  std::fill(shares.begin(), shares.end(), 0.04);  // none of them is much
  shares[6] = 0.045;
  const auto one = delays_that_count(shares);
  CHECK(one[6] == Approx(0.045 / 0.085));
  CHECK(std::accumulate(one.begin(), one.end(), 0.0) == Approx(1.0));
}

/// The mesh without its last anchors.
RttMesh first_of(const RttMesh& mesh, std::size_t n) {
  RttMesh out;
  for (std::size_t a = 0; a < n; ++a) {
    out.places.push_back(mesh.places[a]);
    for (std::size_t b = 0; b < n; ++b) out.rtt_ms.push_back(mesh.rtt(a, b));
  }
  return out;
}

TEST_CASE("PlaceEstimator: under its own laws an estimator is itself, to the bit", "[geo]") {
  const auto cities = large_cities(5);
  Network network{5};
  RttMesh mesh = mesh_of(cities, 24, network);
  for (const std::size_t gap : {3U, 40U, 41U, 200U})
    mesh.rtt_ms[gap] = mesh.rtt_ms[gap % 24 * 24 + gap / 24] = kNan;
  const auto learnt = PlaceEstimator::learn(mesh, Borders::world());
  const auto given = PlaceEstimator::with_laws(*learnt.laws(), mesh, Borders::world());
  CHECK(given.version() == learnt.version());
  for (std::size_t chip = 30; chip < 40; ++chip) {
    const auto rtts = rtts_to(mesh, cities[chip].place, network);
    const auto one = learnt.estimate(rtts, nullptr);
    const auto other = given.estimate(rtts, nullptr);
    REQUIRE((one && other));
    CHECK(one->place == other->place);
    CHECK(one->countries == other->countries);
    CHECK(one->common_delay_ms == other->common_delay_ms);
    CHECK(one->credible_level(cities[chip].place) == other->credible_level(cities[chip].place));
  }
}

TEST_CASE("PlaceEstimator: laws of some anchors serve others, and only laws are taken over", "[geo]") {
  const auto cities = large_cities(6);
  Network network{6};
  const RttMesh mesh = mesh_of(cities, 40, network);
  const auto teacher = PlaceEstimator::learn(first_of(mesh, 30), Borders::world());
  const auto pupil = PlaceEstimator::with_laws(*teacher.laws(), mesh, Borders::world());
  const auto own = PlaceEstimator::learn(mesh, Borders::world());
  std::vector<double> errors, own_errors;
  for (std::size_t chip = 40; chip < 90; ++chip) {
    const auto rtts = rtts_to(mesh, cities[chip].place, network);
    CHECK_FALSE(pupil.estimate(std::vector<double>(30, 10.0), nullptr));  // it has forty anchors
    errors.push_back(geodesic_distance(pupil.estimate(rtts, nullptr)->place, cities[chip].place).km());
    own_errors.push_back(geodesic_distance(own.estimate(rtts, nullptr)->place, cities[chip].place).km());
  }
  std::sort(errors.begin(), errors.end());
  std::sort(own_errors.begin(), own_errors.end());
  CHECK(errors[25] < 1.25 * own_errors[25] + 20.0);
  CHECK(errors[45] < 1.25 * own_errors[45] + 50.0);
}

TEST_CASE("PlaceEstimator: the order of the anchors changes nothing", "[geo]") {
  const auto cities = large_cities(2);
  Network network{2};
  const RttMesh mesh = mesh_of(cities, 12, network);
  const auto rtts = rtts_to(mesh, cities[20].place, network);
  RttMesh turned;
  std::vector<double> turned_rtts;
  for (std::size_t a = 12; a-- > 0;) {
    turned.places.push_back(mesh.places[a]);
    turned_rtts.push_back(rtts[a]);
    for (std::size_t b = 12; b-- > 0;) turned.rtt_ms.push_back(mesh.rtt(a, b));
  }
  const auto one = PlaceEstimator::learn(mesh, Borders::world()).estimate(rtts, nullptr);
  const auto other = PlaceEstimator::learn(turned, Borders::world()).estimate(turned_rtts, nullptr);
  REQUIRE((one && other));
  CHECK(one->place == other->place);
  for (const auto& [country, probability] : one->countries) {
    CHECK(other->probability(country) == Approx(probability).margin(1e-6));
  }
}

TEST_CASE("PlaceEstimator: round trips that are missing, wrong or few are no obstacle", "[geo]") {
  const auto cities = large_cities(3);
  Network network{3};
  RttMesh mesh = mesh_of(cities, 10, network);
  for (std::size_t b = 0; b < 10; ++b) mesh.rtt_ms[3 * 10 + b] = kNan;  // never a source
  for (std::size_t b = 0; b < 10; ++b) mesh.rtt_ms[5 * 10 + b] = mesh.rtt_ms[b * 10 + 5] = kNan;
  mesh.rtt_ms[7] = -1.0;
  const auto estimator = PlaceEstimator::learn(mesh, Borders::world());
  auto rtts = rtts_to(mesh, cities[40].place, network);
  REQUIRE(estimator.estimate(rtts, nullptr).has_value());
  for (std::size_t left = 10; left-- > 1;) {
    rtts[left] = left % 2 == 0 ? kNan : -5.0;
    const auto estimate = estimator.estimate(rtts, nullptr);
    REQUIRE(estimate.has_value());
    CHECK(sum(*estimate) == Approx(1.0).margin(1e-9));
    CHECK(std::isfinite(estimate->common_delay_ms));
  }
  rtts[0] = kNan;
  CHECK_FALSE(estimator.estimate(rtts, nullptr).has_value());
  CHECK_FALSE(estimator.estimate(std::vector<double>{}, nullptr).has_value());
  CHECK_FALSE(estimator.estimate(std::vector<double>(11, 20.0), nullptr).has_value());
}

TEST_CASE("PlaceEstimator: learns from nothing, one anchor or equal round trips", "[geo]") {
  const auto nothing = PlaceEstimator::learn(RttMesh{}, Borders::world());
  CHECK_FALSE(nothing.estimate(std::vector<double>{}, nullptr).has_value());

  RttMesh single{.places = {place_at(50.11, 8.68)}, .rtt_ms = {kNan}};
  const auto alone =
      PlaceEstimator::learn(single, Borders::world()).estimate(std::vector<double>{1.0}, nullptr);
  REQUIRE(alone.has_value());
  CHECK(geodesic_distance(alone->place, single.places[0]).km() < 100.0);
  CHECK(alone->countries.front().first.view() == "DE");

  const auto cities = large_cities(4);
  RttMesh equal;
  for (std::size_t i = 0; i < 9; ++i) equal.places.push_back(cities[i].place);
  equal.rtt_ms.assign(81, 50.0);
  const auto estimator = PlaceEstimator::learn(equal, Borders::world());
  const auto estimate = estimator.estimate(std::vector<double>(9, 50.0), nullptr);
  REQUIRE(estimate.has_value());
  CHECK(sum(*estimate) == Approx(1.0).margin(1e-9));
  CHECK(estimator.version().find("anchors=9") != std::string::npos);
}

TEST_CASE("PlaceEstimator: no mass lies outside the hard region", "[geo]") {
  const auto cities = large_cities(5);
  Network network{5};
  const RttMesh mesh = mesh_of(cities, 15, network);
  const auto estimator = PlaceEstimator::learn(mesh, Borders::world());
  const LatLon berlin = place_at(52.52, 13.4);
  const auto rtts = rtts_to(mesh, berlin, network);
  for (const double km : {3000.0, 400.0, 60.0, 2.0}) {
    INFO(km);
    const AnchorBound bound{.place = berlin, .place_uncertainty = Kilometers{0.0}, .radius = Kilometers{km}};
    const Region region = Region::from_bounds({&bound, 1}, 0);
    const auto estimate = estimator.estimate(rtts, &region);
    REQUIRE(estimate.has_value());
    CHECK(region.contains(estimate->place));
    CHECK(sum(*estimate) == Approx(1.0).margin(1e-9));
    std::mt19937_64 random{6};
    for (int i = 0; i < 500; ++i) {
      const LatLon place = random_place(random);
      // A cell of the grid is 36 km from its middle to its corner, and its candidate anywhere in it.
      if (geodesic_distance(place, berlin).km() > km + 80.0) CHECK(estimate->credible_level(place) == 1.0);
    }
    if (km < 61.0) CHECK(estimate->countries.front().first.view() == "DE");
  }
  // In the open sea the nearest land lends its country, and the place stays in the region.
  const AnchorBound sea{
      .place = place_at(-45.0, -120.0), .place_uncertainty = Kilometers{0.0}, .radius = Kilometers{50.0}};
  const Region wet = Region::from_bounds({&sea, 1}, 0);
  const auto estimate = estimator.estimate(rtts, &wet);
  REQUIRE(estimate.has_value());
  CHECK(geodesic_distance(estimate->place, sea.place).km() < 51.0);
  // An empty region is for others to explain.
  const std::vector<AnchorBound> apart{
      {.place = place_at(0.0, 0.0), .place_uncertainty = Kilometers{0.0}, .radius = Kilometers{10.0}},
      {.place = place_at(40.0, 90.0),
       .place_uncertainty = Kilometers{0.0},
       .radius = Kilometers{10.0},
       .perspective = 1}};
  const Region empty = Region::from_bounds(apart, 0);
  CHECK_FALSE(estimator.estimate(rtts, &empty).has_value());
}

TEST_CASE("PlaceEstimator: a delay in front of everything shows in the relay score", "[geo]") {
  const auto cities = large_cities(7);
  Network network{7};
  const RttMesh mesh = mesh_of(cities, 25, network);
  const auto estimator = PlaceEstimator::learn(mesh, Borders::world());
  auto rtts = rtts_to(mesh, cities[0].place, network);
  const auto honest = estimator.estimate(rtts, nullptr);
  const auto unsuspected = estimator.suspect_relay(rtts, nullptr);
  for (double& rtt : rtts) rtt += 80.0;
  const auto relayed = estimator.estimate(rtts, nullptr);
  const auto suspected = estimator.suspect_relay(rtts, nullptr);
  REQUIRE((honest && relayed && unsuspected && suspected));
  CHECK(unsuspected->gain >= 0.0);
  CHECK(unsuspected->gain < 1.0);
  CHECK(suspected->gain > 3.0);
  CHECK(suspected->delay_ms >= 40.0);
  // A relay cannot add more than the least round trip.
  std::vector<double> near(rtts.size(), kNan);
  near[0] = 1.5;
  CHECK(estimator.suspect_relay(near, nullptr)->gain == 0.0);
  CHECK_FALSE(estimator.suspect_relay({}, nullptr).has_value());
  CHECK(relayed->common_delay_ms > honest->common_delay_ms + 10.0);
}

TEST_CASE("PlaceEstimator: a relay's delay is taken off the anchors beyond the nearest 64 too", "[geo]") {
  // Ninety anchors around the chip: some of those next to it are slow, and not among the 64.
  const LatLon chip = place_at(50.11, 8.68);
  std::mt19937_64 random{14};
  std::uniform_real_distribution<double> offset{-0.6, 0.6};
  RttMesh mesh;
  for (int i = 0; i < 90; ++i)
    mesh.places.push_back(place_at(50.11 + offset(random), 8.68 + 1.5 * offset(random)));
  Network network{14};
  for (const LatLon a : mesh.places) {
    for (const LatLon b : mesh.places) mesh.rtt_ms.push_back(a == b ? kNan : network.rtt(a, b));
  }
  const auto estimator = PlaceEstimator::learn(mesh, Borders::world());
  auto rtts = rtts_to(mesh, chip, network);
  for (double& rtt : rtts) rtt += 40.0;
  const auto all = estimator.suspect_relay(rtts, nullptr);
  std::vector<double> sorted = rtts;
  std::sort(sorted.begin(), sorted.end());
  for (double& rtt : rtts) rtt = rtt > sorted[CommonErrors::kNearest - 1] ? kNan : rtt;
  const auto used = estimator.suspect_relay(rtts, nullptr);
  REQUIRE((all && used));
  CHECK(all->delay_ms == 40.0);
  CHECK(used->delay_ms == 40.0);
  // They contradict a chip next to them with the delay, and not without: a relay looks the likelier.
  CHECK(all->gain > used->gain);
}

TEST_CASE("PlaceEstimator: without the prior, populations count for nothing", "[geo]") {
  const RttMesh single{.places = {place_at(48.86, 2.35)}, .rtt_ms = {kNan}};
  const auto with = PlaceEstimator::learn(single, Borders::world());
  const auto without = PlaceEstimator::learn(single, Borders::world(), {.place_prior = false});
  const std::vector<double> rtt{30.0};
  CHECK(without.version().find("prior=land") != std::string::npos);
  CHECK(with.version().find("cities") != std::string::npos);
  CHECK(with.estimate(rtt, nullptr)->credible95_area_km2 <
        without.estimate(rtt, nullptr)->credible95_area_km2);
}

TEST_CASE("PlaceEstimator: a crowd of anchors behind one detour does not outvote the others", "[geo]") {
  const auto cities = large_cities(9);
  Network network{9};
  constexpr std::size_t kAlone = 15;
  constexpr std::size_t kAnchors = 40;  // the others stand around the first
  const auto source = [](std::size_t anchor) { return anchor < kAlone ? anchor : 0; };
  const RttMesh mesh = mesh_of(cities, kAlone, network);
  RttMesh crowded;
  for (std::size_t a = 0; a < kAnchors; ++a) {
    const LatLon at = mesh.places[source(a)];
    const double north = a < kAlone ? 0.0 : 0.01 * (static_cast<double>(a) - 27.0);
    crowded.places.push_back(*LatLon::from_degrees({.lat = at.lat_deg() + north, .lon = at.lon_deg()}));
    for (std::size_t b = 0; b < kAnchors; ++b) {
      const bool together = source(a) == source(b);
      crowded.rtt_ms.push_back(together ? 0.4 : mesh.rtt(source(a), source(b)) + network.rtt(at, at));
    }
  }
  const auto estimator = PlaceEstimator::learn(crowded, Borders::world());
  constexpr std::size_t kChips = 60;
  int covered = 0;
  for (std::size_t i = 0; i < kChips; ++i) {
    const LatLon chip = cities[kAlone + i].place;
    std::vector<double> rtts = rtts_to(mesh, chip, network);
    for (std::size_t a = kAlone; a < kAnchors; ++a) rtts.push_back(rtts[0] * 1.5 + network.rtt(chip, chip));
    covered += estimator.estimate(rtts, nullptr)->in_credible(chip, 0.95) ? 1 : 0;
  }
  CHECK(covered >= 48);
}

TEST_CASE("PlaceEstimator: one round trip that no light could make does not decide", "[geo]") {
  const auto cities = large_cities(11);
  Network network{11};
  const RttMesh mesh = mesh_of(cities, 25, network);
  const auto estimator = PlaceEstimator::learn(mesh, Borders::world());
  int possible = 0;
  for (std::size_t i = 0; i < 30; ++i) {
    const LatLon chip = cities[25 + i].place;
    std::vector<double> rtts = rtts_to(mesh, chip, network);
    const auto farthest = static_cast<std::size_t>(std::max_element(rtts.begin(), rtts.end()) - rtts.begin());
    rtts[farthest] = 0.9 * geodesic_distance(mesh.places[farthest], chip).km() / 100.0;
    const auto country = Borders::world().country_at(chip);
    possible += country && estimator.estimate(rtts, nullptr)->probability(*country) > 0.01 ? 1 : 0;
  }
  CHECK(possible >= 26);
}

TEST_CASE("PlaceEstimator: anchors beyond the nearest 64 speak against places around them", "[geo]") {
  // All of Europe hears the chip after the same time, as it would from western Africa and from North America.
  const auto chosen = [](const char* codes, std::size_t most) {
    std::vector<LatLon> out;
    for (const City& city : CityTable::world().cities) {
      if (std::string_view{codes}.find(city.country.view()) == std::string_view::npos) continue;
      if (city.people > 300'000 && out.size() < most) out.push_back(city.place);
    }
    return out;
  };
  RttMesh mesh;
  mesh.places = chosen("GB FR DE NL BE PL IT ES", 70);
  const std::size_t european = mesh.places.size();
  REQUIRE(european > CommonErrors::kNearest);
  const LatLon chip = place_at(5.56, -0.2);
  std::vector<double> rtts(european, 95.0);
  Network network{13};
  for (const LatLon place : chosen("US", 30)) {
    mesh.places.push_back(place);
    rtts.push_back(network.rtt(place, chip) + 40.0);
  }
  for (const LatLon a : mesh.places) {
    for (const LatLon b : mesh.places) mesh.rtt_ms.push_back(a == b ? kNan : network.rtt(a, b));
  }
  const auto estimator = PlaceEstimator::learn(mesh, Borders::world());
  const auto all = estimator.estimate(rtts, nullptr);
  std::fill(rtts.begin() + static_cast<std::ptrdiff_t>(european), rtts.end(), kNan);
  const auto europe = estimator.estimate(rtts, nullptr);
  REQUIRE((all && europe));
  const CountryCode us = CountryCode::from_text("US").value();
  CHECK(europe->probability(us) > 0.2);
  CHECK(all->probability(us) < 0.02);
}

}  // namespace
}  // namespace chiploc::place_estimator_test
