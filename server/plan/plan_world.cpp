#include "server/plan/plan_world.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "geo/geodesic.hpp"
#include "geo/path_bound.hpp"
#include "server/verifier/evidence.hpp"

namespace chiploc {
namespace {

constexpr double kFlightKmPerMs = 100.0;  // of a round trip in glass, as in delay_law.hpp

}  // namespace

PlanProblem assemble(const PlanWorld& world, const RttOf& rtt_ms) {
  PlanProblem out;
  out.sites = world.sites;
  out.standing = world.standing;
  out.faults = world.faults;
  out.goal = world.goal;
  std::vector<Affiliation> whose;
  for (const PlanPlace& place : world.places) whose.push_back({place.operator_name, place.network});
  const std::vector<std::uint32_t> perspectives = number_perspectives(whose);
  for (std::size_t i = 0; i < world.places.size(); ++i) {
    const PlanPlace& place = world.places[i];
    out.anchors.push_back({place.name, place.place, place.uncertainty, perspectives[i], place.cost});
  }
  for (std::size_t site = 0; site < world.sites.size(); ++site) {
    for (std::size_t place = 0; place < world.places.size(); ++place) {
      const auto ms = rtt_ms(site, place);
      // Up, so that the conversion never shortens a bound.
      out.reach.push_back(
          ms ? path_bound(std::chrono::nanoseconds{static_cast<std::int64_t>(std::ceil(*ms * 1e6))},
                          world.speed)
             : std::nullopt);
    }
  }
  return out;
}

bool MeasuredPairs::is_same_node(std::size_t site, std::size_t place) const {
  return sites_[site] && sites_[site] == places_[place];
}

std::optional<double> MeasuredPairs::rtt_ms(std::size_t site, std::size_t place) const {
  if (!sites_[site] || !places_[place] || is_same_node(site, place)) return std::nullopt;
  const double ms = set_.rtt_ms(*places_[place], *sites_[site]);
  return std::isnan(ms) ? std::nullopt : std::optional{ms};
}

GuessedPairs::GuessedPairs(const PlanWorld& world, DelayGuess guess, const Borders& borders)
    : world_{world}, guess_{std::move(guess)} {
  for (const PlanSite& site : world.sites) site_countries_.push_back(borders.country_at(site.place));
  for (const PlanPlace& place : world.places) place_countries_.push_back(borders.country_at(place.place));
}

double GuessedPairs::rtt_ms(std::size_t site, std::size_t place) const {
  const auto& country = site_countries_[site];
  return guess_.rtt_ms(geodesic_distance(world_.sites[site].place, world_.places[place].place),
                       country && country == place_countries_[place]);
}

LearntLaw learn_law(const RttSet& set, std::span<const std::size_t> nodes) {
  std::vector<DelayLaw::Pair> pairs;
  for (const std::size_t a : nodes) {
    const EvalNode& from = set.nodes[a];
    const auto at_home = std::count_if(nodes.begin(), nodes.end(),
                                       [&](std::size_t b) { return set.nodes[b].country == from.country; });
    for (const std::size_t b : nodes) {
      const double ms = set.rtt_ms(a, b);
      if (a == b || std::isnan(ms)) continue;
      const bool is_domestic = set.nodes[b].country == from.country;
      pairs.push_back({geodesic_distance(from.place, set.nodes[b].place).km() / kFlightKmPerMs, ms,
                       is_domestic ? 1.0 / static_cast<double>(at_home - 1) : 0.0});
    }
  }
  return {DelayLaw::fit(pairs), pairs.size()};
}

}  // namespace chiploc
