#pragma once
// From sites and places to a problem: who is whose perspective, and which round trip each anchor will see.

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "geo/borders/borders.hpp"
#include "server/eval/rtt_set.hpp"
#include "server/plan/delay_guess.hpp"
#include "server/plan/plan_files.hpp"
#include "server/plan/plan_problem.hpp"

namespace chiploc {

/// Everything of a problem but the round trips.
struct PlanWorld {
  std::vector<PlanSite> sites;
  std::vector<PlanPlace> places;  ///< anchors that stand, then candidates
  std::size_t standing = 0;
  KmPerSecond speed = kLightInVacuum;
  unsigned faults = 1;
  PlanGoal goal = PlanGoal::kVerified;
};

/// Milliseconds between a place and a site; nullopt: there is none.
using RttOf = std::function<std::optional<double>(std::size_t site, std::size_t place)>;

/// Perspectives as a verdict numbers them (verifier/evidence.hpp), bounds as it makes them of round trips.
[[nodiscard]] PlanProblem assemble(const PlanWorld& world, const RttOf& rtt_ms);

/// Round trips of a set between nodes that sites and places stand for.
class MeasuredPairs {
 public:
  using Nodes = std::vector<std::optional<std::size_t>>;  ///< of each site or place; nullopt: no node
  MeasuredPairs(const RttSet& set, Nodes sites, Nodes places)
      : set_{set}, sites_{std::move(sites)}, places_{std::move(places)} {}
  /// From the place to the site; nullopt too for a node to itself.
  [[nodiscard]] std::optional<double> rtt_ms(std::size_t site, std::size_t place) const;
  [[nodiscard]] bool is_same_node(std::size_t site, std::size_t place) const;

 private:
  const RttSet& set_;
  Nodes sites_;
  Nodes places_;
};

/// What is guessed of pairs that nobody has measured.
class GuessedPairs {
 public:
  GuessedPairs(const PlanWorld& world, DelayGuess guess, const Borders& borders);
  [[nodiscard]] double rtt_ms(std::size_t site, std::size_t place) const;

 private:
  const PlanWorld& world_;
  DelayGuess guess_;
  std::vector<std::optional<CountryCode>> site_countries_;
  std::vector<std::optional<CountryCode>> place_countries_;
};

/// The law of delays between these nodes of a set, and from how many round trips it was learnt.
struct LearntLaw {
  DelayLaw law;
  std::size_t pairs = 0;
};
[[nodiscard]] LearntLaw learn_law(const RttSet& set, std::span<const std::size_t> nodes);

}  // namespace chiploc
