#include "server/detect/cohort_level.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "geo/estimate/median.hpp"
#include "server/detect/tails.hpp"

namespace chiploc {

std::vector<CohortTestMember> test_cohort(std::span<const double> rtt_ms, std::size_t anchors,
                                          const CohortLevel& options) {
  const auto members = compare_cohort(rtt_ms, anchors, options.cohort);
  const std::size_t chips = members.size();
  std::vector<CohortTestMember> tested(chips);
  std::vector<double> chance(chips, 0.0);  // of being one of the farthest towards an anchor, at most
  std::size_t judged = 0;
  for (std::size_t c = 0; c < chips; ++c) {
    tested[c].member = members[c];
    judged += members[c].judged ? 1U : 0U;
  }
  for (std::size_t a = 0; a < anchors; ++a) {
    std::vector<double> column;
    for (std::size_t c = 0; c < chips; ++c) {
      if (std::isfinite(rtt_ms[c * anchors + a])) column.push_back(rtt_ms[c * anchors + a]);
    }
    const std::size_t measured = column.size();
    if (measured < std::max<std::size_t>(options.cohort.fewest_chips, 2)) continue;  // as compare_cohort does
    const double centre = median(column);
    for (double& rtt : column) rtt = std::abs(rtt - centre);
    const std::size_t farthest = std::max<std::size_t>(1, measured / 8);
    const auto border = column.begin() + static_cast<std::ptrdiff_t>(farthest);
    std::nth_element(column.begin(), border, column.end(), std::greater<>{});
    for (std::size_t c = 0; c < chips; ++c) {
      const double rtt = rtt_ms[c * anchors + a];
      if (!std::isfinite(rtt)) continue;
      chance[c] = std::max(chance[c], static_cast<double>(farthest) / static_cast<double>(measured));
      if (std::abs(rtt - centre) > *border) ++tested[c].farthest;
    }
  }
  for (std::size_t c = 0; c < chips; ++c) {
    CohortTestMember& one = tested[c];
    if (!one.member.judged) continue;
    const double alone = binomial_upper_tail(one.member.anchors, one.farthest, chance[c]);
    one.p_value = std::min(1.0, static_cast<double>(judged) * alone);
    one.flagged = one.p_value <= options.level && one.member.deviation_ms > options.cohort.floor_ms;
  }
  return tested;
}

}  // namespace chiploc
