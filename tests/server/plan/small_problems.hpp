#pragma once
#include <array>
#include <thread>

#include "geo/geodesic.hpp"
#include "geo/region.hpp"
#include "server/eval/dice.hpp"
#include "server/plan/plan_problem.hpp"
#include "tests/server/eval/small_set.hpp"
#include "tests/support/catch.hpp"

namespace chiploc::test {

struct KnownCity {
  const char* name;
  double lat, lon;
  const char* country;
};
inline constexpr std::array<KnownCity, 16> kKnownCities{{{"Berlin", 52.52, 13.40, "DE"},
                                                         {"Munich", 48.14, 11.58, "DE"},
                                                         {"Madrid", 40.42, -3.70, "ES"},
                                                         {"Paris", 48.86, 2.35, "FR"},
                                                         {"Lyon", 45.76, 4.84, "FR"},
                                                         {"Bern", 46.95, 7.45, "CH"},
                                                         {"Vienna", 48.21, 16.37, "AT"},
                                                         {"Milan", 45.46, 9.19, "IT"},
                                                         {"Warsaw", 52.23, 21.01, "PL"},
                                                         {"Prague", 50.08, 14.43, "CZ"},
                                                         {"Stockholm", 59.33, 18.07, "SE"},
                                                         {"London", 51.51, -0.13, "GB"},
                                                         {"Dublin", 53.35, -6.26, "IE"},
                                                         {"Helsinki", 60.17, 24.94, "FI"},
                                                         {"Lisbon", 38.72, -9.14, "PT"},
                                                         {"Bucharest", 44.43, 26.10, "RO"}}};

inline LatLon place_at(double lat, double lon) {
  return LatLon::from_degrees({.lat = lat, .lon = lon}).value();
}

inline std::vector<CountryCode> codes(std::initializer_list<const char*> texts) {
  std::vector<CountryCode> out;
  for (const char* text : texts) out.push_back(code(text));
  return out;
}

struct Made {
  std::size_t sites = 4;
  std::size_t standing = 2;
  std::size_t candidates = 5;
  unsigned faults = 1;
  PlanGoal goal = PlanGoal::kCleared;
};

/// Sites in cities, anchors within some hundred kilometres of others, and disks from 1.05 to 1.8 times the distance
/// with up to 60 km besides. A tenth of the pairs have none, and some candidates share a perspective.
inline PlanProblem made_problem(std::uint64_t seed, const Made& made) {
  Dice dice{seed};
  const auto any_city = [&]() -> const KnownCity& { return kKnownCities[dice.below(kKnownCities.size())]; };
  PlanProblem out;
  out.standing = made.standing;
  out.faults = made.faults;
  out.goal = made.goal;
  for (std::size_t i = 0; i < made.sites; ++i) {
    const KnownCity& city = any_city();
    out.sites.push_back({"site " + std::to_string(i), place_at(city.lat, city.lon),
                         Claim{"", {code(city.country)}, codes({"PL", "CZ", "RU", "BY", "SE", "ES"}), true}});
  }
  for (std::size_t i = 0; i < made.standing + made.candidates; ++i) {
    const KnownCity& city = any_city();
    const LatLon near = geodesic_direct(place_at(city.lat, city.lon), dice.between(0.0, 360.0),
                                        Kilometers{dice.logarithmic(5.0, 300.0)});
    const auto perspective = static_cast<std::uint32_t>(dice.chance(0.2) && i > 0 ? i - 1 : i);
    out.anchors.push_back({std::string{"a"} + static_cast<char>('z' - i), near,
                           Kilometers{dice.between(0.0, 5.0)}, perspective,
                           dice.chance(0.5) ? 1.0 : dice.between(0.5, 4.0)});
  }
  for (const PlanSite& site : out.sites) {
    for (const PlanAnchor& anchor : out.anchors) {
      const Kilometers reach = geodesic_distance(site.place, anchor.place) * dice.between(1.05, 1.8) +
                               Kilometers{dice.between(1.0, 60.0)};
      out.reach.push_back(dice.chance(0.1) ? std::nullopt : std::optional{reach});
    }
  }
  return out;
}

inline const ForEach kOneAfterTheOther = [](std::size_t count, const std::function<void(std::size_t)>& work) {
  for (std::size_t i = 0; i < count; ++i) work(i);
};

/// By the production rules alone, with nothing remembered or left out.
inline TerritoryFinding plain_finding(const PlanProblem& problem, std::size_t site,
                                      const std::vector<std::size_t>& anchors) {
  std::vector<AnchorBound> bounds;
  for (const std::size_t anchor : anchors) {
    const PlanAnchor& it = problem.anchors[anchor];
    if (const auto& reach = problem.reach_of(site, anchor))
      bounds.push_back({it.place, it.uncertainty, *reach, it.perspective});
  }
  return TerritoryJudge{problem.sites[site].claim, Borders::world()}
      .judge(Region::from_bounds(bounds, problem.faults))
      .finding;
}

inline bool plainly_proved(const PlanProblem& problem, std::size_t site,
                           const std::vector<std::size_t>& anchors) {
  const TerritoryFinding finding = plain_finding(problem, site, anchors);
  return finding == TerritoryFinding::kInside ||
         (problem.goal == PlanGoal::kCleared && finding == TerritoryFinding::kCleared);
}

inline std::size_t plainly_proved_by(const PlanProblem& problem, const std::vector<std::size_t>& anchors) {
  std::size_t count = 0;
  for (std::size_t site = 0; site < problem.sites.size(); ++site)
    count += plainly_proved(problem, site, anchors) ? 1U : 0U;
  return count;
}

/// What stands, and the candidates whose bits are set.
inline std::vector<std::size_t> with_bits(const PlanProblem& problem, unsigned bits) {
  std::vector<std::size_t> out = problem.standing_anchors();
  for (const std::size_t candidate : problem.candidates()) {
    if ((bits >> (candidate - problem.standing) & 1U) != 0) out.push_back(candidate);
  }
  return out;
}

}  // namespace chiploc::test
