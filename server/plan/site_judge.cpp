#include "server/plan/site_judge.hpp"

#include <algorithm>
#include <numeric>

#include "geo/region.hpp"

namespace chiploc {

std::vector<std::size_t> PlanProblem::standing_anchors() const {
  std::vector<std::size_t> out(standing);
  std::iota(out.begin(), out.end(), std::size_t{0});
  return out;
}

std::vector<std::size_t> PlanProblem::candidates() const {
  std::vector<std::size_t> out(anchors.size() - standing);
  std::iota(out.begin(), out.end(), standing);
  return out;
}

SiteJudge::SiteJudge(const PlanProblem& problem, std::size_t site, const Borders& borders)
    : problem_{problem}, site_{site}, claim_{problem.sites[site].claim, borders} {
  for (std::size_t anchor = 0; anchor < problem.anchors.size(); ++anchor) {
    const std::size_t one[] = {anchor};
    const CapSet set = CapSet::from_bounds(bounds(one), problem.faults);
    caps_.push_back(set.caps().empty() ? std::nullopt : std::optional{set.caps().front()});
  }
}

std::vector<AnchorBound> SiteJudge::bounds(std::span<const std::size_t> anchors) const {
  std::vector<AnchorBound> out;
  for (const std::size_t number : anchors) {
    const auto& reach = problem_.reach_of(site_, number);
    const PlanAnchor& anchor = problem_.anchors[number];
    if (reach) out.push_back({anchor.place, anchor.uncertainty, *reach, anchor.perspective});
  }
  return out;
}

bool SiteJudge::reaches_goal(TerritoryFinding finding) const {
  return finding == TerritoryFinding::kInside ||
         (problem_.goal == PlanGoal::kCleared && finding == TerritoryFinding::kCleared);
}

TerritoryFinding SiteJudge::judge(std::span<const std::size_t> anchors) {
  std::vector<Cap> caps;
  for (const std::size_t anchor : anchors) {
    if (caps_[anchor]) caps.push_back(*caps_[anchor]);
  }
  const CapSet all{std::move(caps), problem_.faults};
  if (all.is_everything()) return TerritoryFinding::kNothingExcluded;
  const auto same = [](const Cap& a, const Cap& b) {
    return a.group == b.group && a.radius == b.radius && a.centre.x == b.centre.x &&
           a.centre.y == b.centre.y && a.centre.z == b.centre.z;
  };
  const CapSet left = all.without_idle_caps();
  std::vector<std::uint32_t> key;
  for (const Cap& cap : left.caps()) {
    for (const std::size_t anchor : anchors) {
      if (!caps_[anchor] || !same(*caps_[anchor], cap)) continue;
      key.push_back(static_cast<std::uint32_t>(anchor));
      break;
    }
  }
  std::sort(key.begin(), key.end());
  if (const auto known = memory_.find(key); known != memory_.end()) return known->second;
  const TerritoryFinding finding =
      claim_.judge(Region::from_bounds(bounds(anchors), problem_.faults)).finding;
  memory_.emplace(std::move(key), finding);
  return finding;
}

SiteStand::SiteStand(SiteJudge& judge, std::vector<std::size_t> anchors)
    : judge_{&judge}, anchors_{std::move(anchors)}, finding_{judge.judge(anchors_)} {
  find_nearest();
}

void SiteStand::find_nearest() {
  std::map<std::uint32_t, const Cap*> smallest;
  for (const std::size_t anchor : anchors_) {
    const auto& cap = judge_->caps_[anchor];
    if (!cap) continue;
    const auto [it, added] = smallest.emplace(cap->group, &*cap);
    if (!added && cap->radius < it->second->radius) it->second = &*cap;
  }
  nearest_.clear();
  for (const auto& [group, cap] : smallest) nearest_.push_back(cap);
  std::sort(nearest_.begin(), nearest_.end(), [](const Cap* a, const Cap* b) {
    return a->radius < b->radius || (a->radius == b->radius && a->group < b->group);
  });
  const std::size_t enough = std::size_t{judge_->problem_.faults} + 1;
  if (nearest_.size() < enough) {
    nearest_.clear();
  } else {
    nearest_.resize(enough);
  }
}

bool SiteStand::is_idle(std::size_t anchor) const {
  const auto& cap = judge_->caps_[anchor];
  if (!cap) return true;
  if (nearest_.empty()) return false;
  return std::all_of(nearest_.begin(), nearest_.end(), [&cap](const Cap* inner) {
    return inner->radius <= cap->radius &&
           cap->cos_radius * inner->cos_radius + cap->sin_radius * inner->sin_radius <=
               dot(cap->centre, inner->centre);
  });
}

TerritoryFinding SiteStand::with(std::size_t anchor) {
  if (is_idle(anchor)) return finding_;
  anchors_.push_back(anchor);
  const TerritoryFinding finding = judge_->judge(anchors_);
  anchors_.pop_back();
  return finding;
}

void SiteStand::add(std::size_t anchor) {
  finding_ = with(anchor);
  anchors_.push_back(anchor);
  find_nearest();
}

}  // namespace chiploc
