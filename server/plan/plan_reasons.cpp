#include "server/plan/plan_reasons.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <numeric>

#include "proto/base/joined.hpp"

namespace chiploc {
namespace {

std::string whole_km(Kilometers length) {
  char text[32];
  std::snprintf(text, sizeof text, "%.0f km", length.km());
  return text;
}

std::vector<std::size_t> everybody(const PlanProblem& problem) {
  std::vector<std::size_t> all(problem.anchors.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

std::vector<PlanDisk> nearest_disks(const PlanProblem& problem, std::size_t site) {
  std::map<std::uint32_t, PlanDisk> smallest;
  for (const std::size_t anchor : everybody(problem)) {
    const auto& reach = problem.reach_of(site, anchor);
    if (!reach) continue;
    const PlanDisk disk{anchor, *reach + problem.anchors[anchor].uncertainty};
    const auto [it, added] = smallest.emplace(problem.anchors[anchor].perspective, disk);
    if (!added && disk.radius < it->second.radius) it->second = disk;
  }
  std::vector<PlanDisk> disks;
  for (const auto& [perspective, disk] : smallest) disks.push_back(disk);
  std::stable_sort(disks.begin(), disks.end(),
                   [](const PlanDisk& a, const PlanDisk& b) { return a.radius < b.radius; });
  disks.resize(std::min(disks.size(), std::size_t{problem.faults} + 1));
  return disks;
}

}  // namespace

PlanReason reason_of(const PlanProblem& problem, std::size_t site, const Borders& borders) {
  PlanReason out;
  const SiteJudge judge{problem, site, borders};
  const auto bounds = judge.bounds(everybody(problem));
  const Region region = Region::from_bounds(bounds, problem.faults);
  const TerritoryJudgement judged = judge.claim().judge(region);
  out.finding = judged.finding;
  out.nearest = nearest_disks(problem, site);
  if (region.is_everything() || region.empty()) return out;
  const LatLon place = problem.sites[site].place;
  for (const Territory& territory : judge.claim().prohibited_territories()) {
    if (territory.meets(region)) out.in_the_way.push_back({territory.name(), territory.distance_from(place)});
  }
  if (problem.goal == PlanGoal::kVerified) {
    for (const CountryCode code : judged.met) {
      if (judge.claim().licensed().contains(code)) continue;
      const bool said = std::any_of(out.in_the_way.begin(), out.in_the_way.end(),
                                    [&](const auto& other) { return other.territory == code.text(); });
      if (!said) out.in_the_way.push_back({code.text(), borders.distance_to_country(place, code)});
    }
  }
  std::stable_sort(out.in_the_way.begin(), out.in_the_way.end(),
                   [](const auto& a, const auto& b) { return a.distance < b.distance; });
  return out;
}

std::string reason_text(const PlanProblem& problem, const PlanReason& reason) {
  using F = TerritoryFinding;
  constexpr std::size_t kNamed = 3;
  const std::size_t enough = std::size_t{problem.faults} + 1;
  if (reason.nearest.size() < enough)
    return "only " + std::to_string(reason.nearest.size()) + " of the " + std::to_string(enough) +
           " perspectives that the fault budget asks for would measure it";
  switch (reason.finding) {
    case F::kContradiction:
      return "the round trips contradict each other: no place is left";
    case F::kUndrawn:
      return "no land that the borders draw lies where it can be";
    case F::kOutside:
      return "it cannot be in the licensed territory, as the round trips have it";
    case F::kProhibited:
      return "it is in prohibited territory, as the round trips have it";
    default:
      break;
  }
  const std::string disks = joined(reason.nearest, ", ", [&](const PlanDisk& disk) {
    return problem.anchors[disk.anchor].name + " " + whole_km(disk.radius);
  });
  const std::string reach =
      (reason.nearest.size() == 1 ? "the smallest disk of all is " : "the smallest disks of all are ") +
      disks;
  std::vector<std::string> names;
  for (const auto& it : reason.in_the_way)
    names.push_back(it.territory + " (" + whole_km(it.distance) + " away)");
  if (names.empty()) return "the licensed territory is smaller than what is left; " + reach;
  return "not told apart from " + first_joined(names, ", ", kNamed) + "; " + reach;
}

}  // namespace chiploc
