#include "geo/estimate/delay_mixture.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "geo/estimate/common_delay.hpp"

namespace chiploc {
namespace {

/// log of the sum over the groups of prior and likelihood, of the prior only what is possible.
double log_sum(const PlaceModel& model, const PlaceModel::Groups& groups,
               const std::vector<double>& likelihood, std::span<const std::uint32_t> chosen,
               const Measured& measured) {
  std::vector<double> weight(model.grid->groups());
  const auto left = possible(model.grid->candidates(), {chosen.begin(), chosen.end()}, measured);
  for (const std::uint32_t i : left) weight[model.grid->candidates()[i].group] += model.prior.weight[i];
  std::vector<double> logs;
  for (std::size_t g = 0; g < groups.number.size(); ++g) {
    const double of_group = weight[groups.number[g]];
    if (of_group > 0.0) logs.push_back(std::log(of_group) + likelihood[g]);
  }
  return logs.empty() ? -std::numeric_limits<double>::infinity() : normalise(logs);
}

/// Shares of kCommonDelaysMs; leaves in `groups`, of the chosen candidates, the likelihood without delay.
std::vector<double> delay_shares(const PlaceModel& model, std::span<const std::uint32_t> chosen,
                                 PlaceModel::Groups& groups, const Measured& measured,
                                 const CommonErrors::For& law) {
  constexpr double kLeft = 0.1;  // ms of the least round trip
  std::vector<double> evidence(kCommonDelaysMs.size(), -std::numeric_limits<double>::infinity());
  const auto look_at = [&](bool first) {
    std::vector<std::size_t> numbers;
    std::vector<double> delays;
    for (std::size_t k = 0; k < kCommonDelaysMs.size(); ++k) {
      if (tried_first(k) != first || (k > 0 && kCommonDelaysMs[k] > measured.used.rtt_ms.front() - kLeft))
        continue;
      numbers.push_back(k);
      delays.push_back(kCommonDelaysMs[k]);
    }
    if (delays.empty()) return;
    auto likelihoods = model.log_likelihoods(groups.weighed.points, measured, law, delays);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      evidence[numbers[i]] = log_sum(model, groups, likelihoods[i], chosen, measured.less(delays[i], false));
      if (numbers[i] == 0) groups.weighed.likelihood = std::move(likelihoods[i]);
    }
  };
  look_at(true);
  std::vector<double> shares = common_delay_shares(evidence, true);
  if (shares[0] >= kSurelyDirect) return shares;
  look_at(false);
  return common_delay_shares(evidence, false);
}

/// Adds a share of the posterior for these round trips to the candidates' sums; to what is believed, too,
/// if the place is to be told from it.
struct Sums {
  std::vector<double> mass;
  std::vector<double> believed;
};
void add(const PlaceModel& model, const std::vector<std::uint32_t>& chosen, const Measured& measured,
         const CommonErrors::For& law, double share, bool believed, Sums& sums) {
  const PlaceModel::Shares found = model.shares(model.weigh(chosen, measured, law), measured);
  for (std::size_t k = 0; k < chosen.size(); ++k) {
    sums.mass[chosen[k]] += share * found.mass[k];
    if (believed) sums.believed[chosen[k]] += found.believed[k];
  }
}

}  // namespace

Posterior mix_over_delays(const PlaceModel& model, std::vector<std::uint32_t> chosen,
                          const Measured& measured, const CommonErrors::For& law) {
  const auto candidates = model.grid->candidates();
  chosen = possible(candidates, chosen, measured);
  PlaceModel::Groups groups = model.groups_of(chosen);
  const std::vector<double> delays = delays_that_count(delay_shares(model, chosen, groups, measured, law));
  const std::size_t most =
      delays[0] == 1.0
          ? 0
          : static_cast<std::size_t>(std::max_element(delays.begin() + 1, delays.end()) - delays.begin());
  Sums sums{std::vector<double>(candidates.size()), std::vector<double>(candidates.size())};
  for (std::size_t k = 0; k < delays.size(); ++k) {
    if (delays[k] == 0.0) continue;
    if (k == 0) {
      add(model, model.promising(chosen, groups, measured), measured, law, delays[k], k == most, sums);
      continue;
    }
    const Measured behind = measured.less(kCommonDelaysMs[k], true);
    std::vector<std::uint32_t> left = possible(candidates, chosen, behind);
    if (left.empty()) continue;  // cannot be: it would have no evidence
    const PlaceModel::Groups of_left = model.groups_of(left, behind, law);
    add(model, model.promising(std::move(left), of_left, behind), behind, law, delays[k], k == most, sums);
  }
  Posterior out;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (sums.mass[i] == 0.0) continue;
    out.places.push_back(candidates[i]);
    out.mass.push_back(sums.mass[i]);
    out.believed.push_back(sums.believed[i]);
  }
  return out;
}

}  // namespace chiploc
