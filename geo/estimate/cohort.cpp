#include "geo/estimate/cohort.hpp"

#include <algorithm>
#include <cmath>

#include "geo/estimate/median.hpp"

namespace chiploc {
namespace {

double median_size(const std::vector<double>& values, double around) {
  std::vector<double> sizes;
  for (const double v : values) sizes.push_back(std::abs(v - around));
  return median(std::move(sizes));
}

}  // namespace

std::vector<CohortMember> compare_cohort(std::span<const double> rtt_ms, std::size_t anchors,
                                         const CohortOptions& options) {
  if (anchors == 0) return {};
  const std::size_t chips = rtt_ms.size() / anchors;
  std::vector<std::vector<double>> differences(chips);
  for (std::size_t a = 0; a < anchors; ++a) {
    std::vector<double> column;
    for (std::size_t c = 0; c < chips; ++c) {
      const double rtt = rtt_ms[c * anchors + a];
      if (std::isfinite(rtt)) column.push_back(rtt);
    }
    if (column.size() < options.fewest_chips) continue;
    const double centre = median(std::move(column));
    for (std::size_t c = 0; c < chips; ++c) {
      const double rtt = rtt_ms[c * anchors + a];
      if (std::isfinite(rtt)) differences[c].push_back(rtt - centre);
    }
  }
  std::vector<CohortMember> members(chips);
  for (std::size_t c = 0; c < chips; ++c) {
    CohortMember& member = members[c];
    member.anchors = differences[c].size();
    member.judged = member.anchors >= std::max<std::size_t>(options.fewest_anchors, 1);
    if (!member.judged) continue;
    member.deviation_ms = median_size(differences[c], 0.0);
    member.common_ms = median(differences[c]);
    member.spread_ms = median_size(differences[c], member.common_ms);
  }
  for (std::size_t c = 0; c < chips; ++c) {
    if (!members[c].judged) continue;
    std::vector<double> others;
    for (std::size_t o = 0; o < chips; ++o) {
      if (o != c && members[o].judged) others.push_back(members[o].deviation_ms);
    }
    if (others.size() + 1 < options.fewest_chips) {
      members[c].judged = false;
      continue;
    }
    members[c].outlier =
        members[c].deviation_ms > std::max(options.floor_ms, options.factor * median(std::move(others)));
  }
  return members;
}

}  // namespace chiploc
