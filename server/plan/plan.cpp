#include "server/plan/plan.hpp"

#include <algorithm>
#include <map>
#include <memory>

namespace chiploc {
namespace {

using AnchorPair = std::pair<std::size_t, std::size_t>;

/// One site at work: only one thread at a time has it.
struct SiteWork {
  SiteWork(const PlanProblem& problem, std::size_t number, const Borders& borders)
      : site{number}, judge{problem, number, borders}, stand{judge, problem.standing_anchors()} {}
  std::size_t site;
  SiteJudge judge;
  SiteStand stand;
  SiteOutlook outlook = SiteOutlook::kOpen;
  std::vector<std::ptrdiff_t> gains{};  // of each candidate: 1, 0 or -1
  std::vector<NeedRow> rows{};
};

class Planner {
 public:
  Planner(const PlanProblem& problem, const Borders& borders, const ForEach& for_each)
      : problem_{problem},
        for_each_{for_each},
        candidates_{problem.candidates()},
        anchors_{problem.standing_anchors()} {
    works_.resize(problem.sites.size());
    for_each_(works_.size(), [&](std::size_t i) {
      works_[i] = std::make_unique<SiteWork>(problem_, i, borders);
      works_[i]->outlook = outlook_of(problem_, works_[i]->judge);
      if (works_[i]->outlook == SiteOutlook::kOpen)
        works_[i]->rows = need_rows(problem_, i, works_[i]->judge, anchors_, candidates_);
    });
    add_second_rows();
    for (const auto& work : works_) rows_.insert(rows_.end(), work->rows.begin(), work->rows.end());
  }

  [[nodiscard]] std::size_t proved() const {
    return static_cast<std::size_t>(
        std::count_if(works_.begin(), works_.end(), [](const auto& work) { return work->stand.proved(); }));
  }
  [[nodiscard]] std::size_t count(SiteOutlook outlook) const {
    return static_cast<std::size_t>(std::count_if(
        works_.begin(), works_.end(), [&](const auto& work) { return work->outlook == outlook; }));
  }
  [[nodiscard]] std::size_t provable() const { return works_.size() - count(SiteOutlook::kNever); }
  [[nodiscard]] std::size_t at_most(std::size_t add) const {
    return count(SiteOutlook::kProved) + count(SiteOutlook::kContradicts) + most_met(rows_, add);
  }
  [[nodiscard]] std::size_t regions() const {
    std::size_t sum = 0;
    for (const auto& work : works_) sum += work->judge.regions();
    return sum;
  }
  [[nodiscard]] const SiteWork& work(std::size_t site) const { return *works_[site]; }

  /// Of each candidate, in their order.
  [[nodiscard]] std::vector<std::ptrdiff_t> gains() {
    for_each_(works_.size(), [&](std::size_t i) {
      SiteWork& it = *works_[i];
      it.gains.assign(candidates_.size(), 0);
      if (it.outlook == SiteOutlook::kNever) return;
      for (std::size_t c = 0; c < candidates_.size(); ++c)
        it.gains[c] = int{it.stand.proved_with(candidates_[c])} - int{it.stand.proved()};
    });
    std::vector<std::ptrdiff_t> sums(candidates_.size(), 0);
    for (const auto& it : works_) {
      for (std::size_t c = 0; c < sums.size(); ++c) sums[c] += it->gains[c];
    }
    return sums;
  }

  void add(std::size_t anchor) {
    for_each_(works_.size(), [&](std::size_t i) { works_[i]->stand.add(anchor); });
    anchors_.push_back(anchor);
  }

  /// Which two of `usable` prove sites that are not proved, and how many.
  [[nodiscard]] std::map<AnchorPair, std::size_t> pairs(const std::vector<std::size_t>& usable) {
    std::vector<std::vector<AnchorPair>> found(works_.size());
    for_each_(works_.size(), [&](std::size_t i) {
      SiteWork& it = *works_[i];
      if (it.outlook != SiteOutlook::kNever && !it.stand.proved()) found[i] = pairs_of(it, usable);
    });
    std::map<AnchorPair, std::size_t> counts;
    for (const auto& list : found) {
      for (const AnchorPair& pair : list) ++counts[pair];
    }
    return counts;
  }

 private:
  /// Rows once more, with the candidates that most rows name put in first: what stays out are others then.
  void add_second_rows() {
    std::map<std::size_t, std::size_t> named;
    for (const auto& work : works_) {
      for (const NeedRow& row : work->rows) {
        for (const std::size_t candidate : row.candidates) ++named[candidate];
      }
    }
    std::vector<std::size_t> first = candidates_;
    std::stable_sort(first.begin(), first.end(),
                     [&](std::size_t a, std::size_t b) { return named[a] > named[b]; });
    for_each_(works_.size(), [&](std::size_t i) {
      SiteWork& it = *works_[i];
      if (it.outlook == SiteOutlook::kOpen)
        it.rows.push_back(need_rows(problem_, i, it.judge, anchors_, first).front());
    });
  }

  std::vector<AnchorPair> pairs_of(SiteWork& it, const std::vector<std::size_t>& usable) const {
    std::vector<AnchorPair> out;
    for (const NeedRow& row : need_rows(problem_, it.site, it.judge, anchors_, usable)) {
      if (row.need != 2) continue;  // both of a pair that proves are in it
      for (std::size_t a = 0; a < row.candidates.size(); ++a) {
        SiteStand stand{it.judge, anchors_};
        stand.add(row.candidates[a]);
        for (std::size_t b = a + 1; b < row.candidates.size(); ++b) {
          if (stand.proved_with(row.candidates[b])) out.emplace_back(row.candidates[a], row.candidates[b]);
        }
      }
    }
    return out;
  }

  const PlanProblem& problem_;
  const ForEach& for_each_;
  std::vector<std::size_t> candidates_;
  std::vector<std::size_t> anchors_;  // that stand, and that were added
  std::vector<std::unique_ptr<SiteWork>> works_;
  std::vector<NeedRow> rows_;
};

class Greedy {
 public:
  Greedy(const PlanProblem& problem, const PlanOptions& options, Planner& planner)
      : problem_{problem}, options_{options}, planner_{planner}, taken_(problem.anchors.size(), false) {}

  Plan run() {
    plan_.proved_before = planner_.proved();
    plan_.provable = planner_.provable();
    plan_.sites.resize(problem_.sites.size());
    for (std::size_t i = 0; i < plan_.sites.size(); ++i) {
      plan_.sites[i] = {planner_.work(i).outlook, planner_.work(i).stand.proved(), std::nullopt};
      if (plan_.sites[i].proved) plan_.sites[i].since = 0;
    }
    while (plan_.steps.size() < options_.add && !plan_.is_stuck && !plan_.is_spent) {
      plan_.is_complete = planner_.proved() == planner_.provable();
      if (plan_.is_complete) break;
      step();
    }
    plan_.is_complete = planner_.proved() == planner_.provable();
    plan_.regions = planner_.regions();
    return std::move(plan_);
  }

 private:
  [[nodiscard]] bool pays(double cost) const {
    return !options_.budget || spent_ + cost <= *options_.budget * (1.0 + 1e-12);
  }
  /// Whether a choice is better than another: by gain or by gain for the cost, then the cost, then the names.
  struct Choice {
    double gain;
    double cost;
    std::string name;
  };
  [[nodiscard]] bool is_better(const Choice& a, const Choice& b) const {
    const double left = options_.per_cost ? a.gain * b.cost : a.gain;
    const double right = options_.per_cost ? b.gain * a.cost : b.gain;
    if (left != right) return left > right;
    if (a.cost != b.cost) return a.cost < b.cost;
    return a.name < b.name;
  }

  void step() {
    const std::vector<std::ptrdiff_t> gains = planner_.gains();
    if (plan_.steps.empty() && !gains.empty())
      best_single_ = std::max(std::ptrdiff_t{0}, *std::max_element(gains.begin(), gains.end()));
    std::optional<std::pair<Choice, std::size_t>> best;
    bool any_left = false;
    bool any_pays = false;
    for (std::size_t c = 0; c < gains.size(); ++c) {
      const std::size_t anchor = problem_.standing + c;
      if (taken_[anchor]) continue;
      any_left = true;
      if (!pays(problem_.anchors[anchor].cost)) continue;
      any_pays = true;
      if (gains[c] <= 0) continue;
      Choice choice{static_cast<double>(gains[c]), problem_.anchors[anchor].cost,
                    problem_.anchors[anchor].name};
      if (!best || is_better(choice, best->first)) best.emplace(std::move(choice), anchor);
    }
    if (best) {
      take(best->second, false);
    } else if (any_left && !any_pays) {
      plan_.is_spent = true;
    } else {
      step_by_two();
    }
  }

  void step_by_two() {
    std::vector<std::size_t> usable;
    for (const std::size_t candidate : problem_.candidates()) {
      if (!taken_[candidate] && pays(problem_.anchors[candidate].cost)) usable.push_back(candidate);
    }
    std::optional<std::pair<Choice, AnchorPair>> best;
    if (plan_.steps.size() + 2 <= options_.add) {
      for (const auto& [pair, count] : planner_.pairs(usable)) {
        const PlanAnchor& a = problem_.anchors[pair.first];
        const PlanAnchor& b = problem_.anchors[pair.second];
        if (!pays(a.cost + b.cost)) continue;
        const bool ordered = a.name < b.name;
        Choice choice{static_cast<double>(count), a.cost + b.cost,
                      ordered ? a.name + " " + b.name : b.name + " " + a.name};
        const AnchorPair in_order = ordered ? pair : AnchorPair{pair.second, pair.first};
        if (!best || is_better(choice, best->first)) best.emplace(std::move(choice), in_order);
      }
    }
    if (!best) {
      plan_.is_stuck = true;
      return;
    }
    take(best->second.first, true);
    take(best->second.second, true);
  }

  void take(std::size_t anchor, bool is_of_a_pair) {
    const std::size_t before = planner_.proved();
    planner_.add(anchor);
    taken_[anchor] = true;
    spent_ += problem_.anchors[anchor].cost;
    PlanStep step;
    step.anchor = anchor;
    step.proved = planner_.proved();
    step.gain = static_cast<std::ptrdiff_t>(step.proved) - static_cast<std::ptrdiff_t>(before);
    step.at_most = planner_.at_most(plan_.steps.size() + 1);
    if (plan_.steps.empty())
      step.at_most = std::min(step.at_most, plan_.proved_before + static_cast<std::size_t>(best_single_));
    step.cost_so_far = spent_;
    step.is_of_a_pair = is_of_a_pair;
    plan_.steps.push_back(step);
    for (std::size_t i = 0; i < plan_.sites.size(); ++i) {
      SiteResult& site = plan_.sites[i];
      site.proved = planner_.work(i).stand.proved();
      if (!site.proved) site.since = std::nullopt;
      if (site.proved && !site.since) site.since = plan_.steps.size();
    }
  }

  const PlanProblem& problem_;
  const PlanOptions& options_;
  Planner& planner_;
  std::vector<bool> taken_;
  std::ptrdiff_t best_single_ = 0;
  double spent_ = 0.0;
  Plan plan_;
};

}  // namespace

Plan make_plan(const PlanProblem& problem, const Borders& borders, const PlanOptions& options,
               const ForEach& for_each) {
  Planner planner{problem, borders, for_each};
  return Greedy{problem, options, planner}.run();
}

std::size_t count_proved(const PlanProblem& problem, const std::vector<std::size_t>& anchors,
                         const Borders& borders, const ForEach& for_each) {
  std::vector<char> proved(problem.sites.size(), 0);
  for_each(proved.size(), [&](std::size_t i) {
    SiteJudge judge{problem, i, borders};
    proved[i] = judge.proves(anchors) ? 1 : 0;
  });
  return static_cast<std::size_t>(std::count(proved.begin(), proved.end(), 1));
}

std::size_t most_provable(const PlanProblem& problem, std::size_t add, const Borders& borders,
                          const ForEach& for_each) {
  return Planner{problem, borders, for_each}.at_most(add);
}

}  // namespace chiploc
