#pragma once
// What a verdict would be for a site, with these anchors and no others.

#include <map>
#include <span>
#include <vector>

#include "geo/borders/borders.hpp"
#include "geo/cap_set.hpp"
#include "server/plan/plan_problem.hpp"

namespace chiploc {

/// Judges one site by the production rules: Region of the anchors' bounds under the fault budget, held against the
/// site's claim by TerritoryJudge. It remembers what it has judged.
///
/// Exact     Region::from_bounds() drops the caps that exclude nothing and depends on the others alone. Two sets of
///           anchors that leave the same caps therefore have the same region, and it is judged once.
/// Owns      Its memory; not for two threads at once. The problem and the borders must outlive it.
class SiteJudge {
 public:
  SiteJudge(const PlanProblem& problem, std::size_t site, const Borders& borders);

  [[nodiscard]] TerritoryFinding judge(std::span<const std::size_t> anchors);
  /// Whether that is what the goal asks for.
  [[nodiscard]] bool reaches_goal(TerritoryFinding finding) const;
  [[nodiscard]] bool proves(std::span<const std::size_t> anchors) { return reaches_goal(judge(anchors)); }

  [[nodiscard]] std::vector<AnchorBound> bounds(std::span<const std::size_t> anchors) const;
  [[nodiscard]] const TerritoryJudge& claim() const { return claim_; }
  /// How many regions were worked out, for who wonders what took so long.
  [[nodiscard]] std::size_t regions() const { return memory_.size(); }

 private:
  friend class SiteStand;
  const PlanProblem& problem_;
  std::size_t site_;
  TerritoryJudge claim_;
  std::vector<std::optional<Cap>> caps_;  // of each anchor; nullopt: it excludes nothing
  std::map<std::vector<std::uint32_t>, TerritoryFinding> memory_;  // by the anchors whose caps are left
};

/// A site with some anchors, and the question what one more would do.
///
/// Method    A cap that holds the smallest caps of the faults + 1 perspectives whose smallest caps are smallest is
///           one that Region drops (CapSet::without_idle_caps): with it nothing changes, and nothing is worked out.
class SiteStand {
 public:
  SiteStand(SiteJudge& judge, std::vector<std::size_t> anchors);

  [[nodiscard]] TerritoryFinding finding() const { return finding_; }
  [[nodiscard]] bool proved() const { return judge_->reaches_goal(finding_); }
  [[nodiscard]] TerritoryFinding with(std::size_t anchor);
  [[nodiscard]] bool proved_with(std::size_t anchor) { return judge_->reaches_goal(with(anchor)); }
  /// It excludes no place of the region, and so none of any smaller one.
  [[nodiscard]] bool is_idle(std::size_t anchor) const;
  void add(std::size_t anchor);

 private:
  void find_nearest();
  SiteJudge* judge_;
  std::vector<std::size_t> anchors_;
  std::vector<const Cap*> nearest_;  // the region lies in their union; none while nothing is excluded
  TerritoryFinding finding_ = TerritoryFinding::kNothingExcluded;
};

}  // namespace chiploc
