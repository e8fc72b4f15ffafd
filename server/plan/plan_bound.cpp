#include "server/plan/plan_bound.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace chiploc {
namespace {

using Numbers = std::vector<std::size_t>;

Numbers with_all(Numbers numbers, std::span<const std::size_t> more) {
  numbers.insert(numbers.end(), more.begin(), more.end());
  return numbers;
}

/// A largest set that does not prove: halves of what is left are put in as long as they do no harm.
class Blocker {
 public:
  Blocker(SiteJudge& judge, Numbers standing) : judge_{judge}, inside_{std::move(standing)} {}

  void put_in(std::span<const std::size_t> more) {
    if (more.empty()) return;
    Numbers with = with_all(inside_, more);
    if (!judge_.proves(with)) {
      inside_ = std::move(with);
    } else if (more.size() == 1) {
      outside_.push_back(more.front());
    } else {
      put_in(more.first(more.size() / 2));
      put_in(more.subspan(more.size() / 2));
    }
  }
  [[nodiscard]] Numbers outside() const {
    Numbers out = outside_;
    std::sort(out.begin(), out.end());
    return out;
  }

 private:
  SiteJudge& judge_;
  Numbers inside_;
  Numbers outside_;
};

/// The fewest of `nearest_first` such that with all the others in place no single one of them proves the site: a
/// binary search, since a larger set is only ever nearer to a proof.
Numbers needed_twice(SiteJudge& judge, const Numbers& standing, const Numbers& nearest_first) {
  const auto holds = [&](std::size_t outside) {
    const std::span all{nearest_first};
    SiteStand stand{judge, with_all(standing, all.subspan(outside))};
    if (stand.proved()) return false;
    return std::none_of(nearest_first.begin(), nearest_first.begin() + static_cast<std::ptrdiff_t>(outside),
                        [&](std::size_t candidate) { return stand.proved_with(candidate); });
  };
  std::size_t good = nearest_first.size();  // no single candidate proves it
  std::size_t bad = 0;
  while (good - bad > 1) {
    const std::size_t middle = bad + (good - bad) / 2;
    (holds(middle) ? good : bad) = middle;
  }
  Numbers out(nearest_first.begin(), nearest_first.begin() + static_cast<std::ptrdiff_t>(good));
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

SiteOutlook outlook_of(const PlanProblem& problem, SiteJudge& judge) {
  using F = TerritoryFinding;
  const F all = judge.judge(with_all(problem.standing_anchors(), problem.candidates()));
  switch (all) {
    case F::kInside:
    case F::kCleared:
    case F::kOpen:
    case F::kNothingExcluded:
    case F::kWithheld:
      break;
    case F::kContradiction:
    case F::kUndrawn:
    case F::kOutside:
    case F::kProhibited:
      return SiteOutlook::kContradicts;
  }
  if (!judge.reaches_goal(all)) return SiteOutlook::kNever;
  return judge.proves(problem.standing_anchors()) ? SiteOutlook::kProved : SiteOutlook::kOpen;
}

std::vector<NeedRow> need_rows(const PlanProblem& problem, std::size_t site, SiteJudge& judge,
                               const Numbers& standing, std::span<const std::size_t> first) {
  SiteStand stand{judge, standing};
  Numbers relevant;
  bool one_is_enough = false;
  for (const std::size_t candidate : first) {
    if (stand.is_idle(candidate)) continue;
    relevant.push_back(candidate);
    one_is_enough = one_is_enough || stand.proved_with(candidate);
  }
  std::vector<NeedRow> rows;
  Blocker blocker{judge, standing};
  blocker.put_in(relevant);
  rows.push_back({site, 1, blocker.outside()});
  if (one_is_enough) return rows;
  std::stable_sort(relevant.begin(), relevant.end(), [&](std::size_t a, std::size_t b) {
    return problem.reach_of(site, a).value() < problem.reach_of(site, b).value();
  });
  rows.push_back({site, 2, needed_twice(judge, standing, relevant)});
  return rows;
}

std::size_t most_met(std::span<const NeedRow> rows, std::size_t add) {
  constexpr int kSteps = 400;
  constexpr double kFirstStep = 0.3;
  std::map<std::size_t, std::vector<std::size_t>> of_site;
  std::map<std::size_t, double> weight_of;  // of a candidate, over the rows
  for (std::size_t r = 0; r < rows.size(); ++r) {
    of_site[rows[r].site].push_back(r);
    for (const std::size_t candidate : rows[r].candidates) weight_of[candidate] = 0.0;
  }
  std::vector<double> weights(rows.size(), 0.0);
  for (const auto& [site, numbers] : of_site) {
    for (const std::size_t r : numbers) weights[r] = 1.0 / static_cast<double>(numbers.size());
  }
  double best = static_cast<double>(of_site.size());
  for (int step = 0; step < kSteps; ++step) {
    for (auto& [candidate, weight] : weight_of) weight = 0.0;
    double bound = static_cast<double>(of_site.size());
    for (std::size_t r = 0; r < rows.size(); ++r) {
      bound -= weights[r];
      for (const std::size_t candidate : rows[r].candidates)
        weight_of[candidate] += weights[r] / rows[r].need;
    }
    std::vector<std::pair<double, std::size_t>> order;
    for (const auto& [candidate, weight] : weight_of) order.emplace_back(-weight, candidate);
    std::sort(order.begin(), order.end());
    order.resize(std::min(order.size(), add));
    std::map<std::size_t, bool> taken;
    for (const auto& [negative, candidate] : order) {
      bound -= negative;
      taken[candidate] = true;
    }
    best = std::min(best, bound);
    const double length = kFirstStep / std::sqrt(1.0 + step);
    for (const auto& [site, numbers] : of_site) {
      double sum = 0.0;
      for (const std::size_t r : numbers) {
        const auto met = std::count_if(rows[r].candidates.begin(), rows[r].candidates.end(),
                                       [&](std::size_t candidate) { return taken.count(candidate) > 0; });
        weights[r] = std::max(0.0, weights[r] + length * (1.0 - static_cast<double>(met) / rows[r].need));
        sum += weights[r];
      }
      for (const std::size_t r : numbers) weights[r] /= std::max(1.0, sum);
    }
  }
  return static_cast<std::size_t>(std::floor(best + 1e-6));
}

}  // namespace chiploc
