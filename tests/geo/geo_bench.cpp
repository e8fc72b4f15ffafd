// Prints what the operations of geo cost. Run by people, in a release build; no test depends on it.

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <random>
#include <vector>

#include "geo/borders/borders.hpp"
#include "geo/estimate/fit.hpp"
#include "geo/geodesic.hpp"
#include "geo/region.hpp"
#include "tests/geo/random_places.hpp"

namespace chiploc {
namespace {

template <typename Body>
void report(const char* what, std::size_t repeats, Body&& body) {
  double best = 1e300;
  for (int round = 0; round < 7; ++round) {
    // Processor time: other work on the machine does not count.
    const std::clock_t start = std::clock();
    for (std::size_t i = 0; i < repeats; ++i) body(i);
    const double spent_us = 1e6 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    best = std::min(best, spent_us / static_cast<double>(repeats));
  }
  std::printf("%-52s %10.3f us\n", what, best);
}

std::vector<AnchorBound> random_round(std::mt19937_64& random, std::size_t anchors) {
  const LatLon chip = random_place(random);
  std::vector<AnchorBound> bounds;
  std::uniform_real_distribution<double> stretch{1.1, 1.8};
  for (std::uint32_t i = 0; i < anchors; ++i) {
    const LatLon place = random_place_within(random, chip, Kilometers{3000.0});
    bounds.push_back({place, Kilometers{1.0},
                      Kilometers{geodesic_distance(chip, place).km() * stretch(random) + 50.0}, i});
  }
  return bounds;
}

}  // namespace
}  // namespace chiploc

int main() {
  using namespace chiploc;
  std::mt19937_64 random{1};
  const std::clock_t start = std::clock();
  const Borders& borders = Borders::world();
  const double load_ms = 1e3 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  std::printf("%s\n%-52s %10.1f ms\n", std::string{borders.version()}.c_str(),
              "decode and index the border table", load_ms);

  std::vector<LatLon> places;
  for (int i = 0; i < 10000; ++i) places.push_back(random_place(random));
  std::size_t on_land = 0;
  report("country_at, random on the sphere", 10000,
         [&](std::size_t i) { on_land += borders.country_at(places[i]).has_value() ? 1U : 0U; });
  for (const std::size_t anchors : {8U, 16U, 32U}) {
    std::vector<std::vector<AnchorBound>> rounds;
    for (int i = 0; i < 200; ++i) rounds.push_back(random_round(random, anchors));
    char text[80];
    for (const unsigned faults : {0U, 1U}) {
      std::size_t points = 0;
      std::snprintf(text, sizeof text, "Region::from_bounds, %zu caps, f=%u", anchors, faults);
      report(text, 200,
             [&](std::size_t i) { points += Region::from_bounds(rounds[i], faults).points().size(); });
      std::vector<Region> regions;
      for (const auto& round : rounds) regions.push_back(Region::from_bounds(round, faults));
      std::size_t met = 0;
      std::snprintf(text, sizeof text, "countries_met, %zu caps, f=%u", anchors, faults);
      report(text, 200, [&](std::size_t i) { met += borders.countries_met(regions[i]).size(); });
      std::printf("%52s %10.2f countries\n", "", static_cast<double>(met) / 1000.0);
      const auto russia = CountryCode::from_text("RU").value();
      std::snprintf(text, sizeof text, "meets one country (RU), %zu caps, f=%u", anchors, faults);
      report(text, 200, [&](std::size_t i) { met += borders.meets(regions[i], russia) ? 1U : 0U; });
    }
    std::vector<std::vector<FitInput>> inputs;
    std::normal_distribution<double> noise{0.0, 50.0};
    for (const auto& round : rounds) {
      std::vector<FitInput> in;
      for (const auto& bound : round)
        in.push_back({bound.place, bound.radius.km() / 1.4 + noise(random), 50.0});
      inputs.push_back(std::move(in));
    }
    double cost = 0.0;
    std::size_t removed = 0;
    std::snprintf(text, sizeof text, "fit_place, %zu anchors, 1 start", anchors);
    report(text, 200, [&](std::size_t i) { cost += fit_place(inputs[i], {.starts = 1})->cost; });
    std::snprintf(text, sizeof text, "fit_place, %zu anchors, default starts", anchors);
    report(text, 200, [&](std::size_t i) { cost += fit_place(inputs[i])->cost; });
    std::snprintf(text, sizeof text, "smallest_conflict, %zu caps", anchors);
    report(text, 200, [&](std::size_t i) { removed += smallest_conflict(rounds[i], 3).size(); });
  }
  return on_land == 0;
}
