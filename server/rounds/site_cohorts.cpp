#include "server/rounds/site_cohorts.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <set>

namespace chiploc {
namespace {

std::string milliseconds_text(double ms) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f ms", ms);
  return text;
}

}  // namespace

std::optional<Reason> SiteCohorts::add(const std::string& site, const ChipId& chip,
                                       const std::vector<AnchorFinding>& anchors, SteadyTime now) {
  const auto older = [](const auto& a, const auto& b) { return a.second.at < b.second.at; };
  const auto last_heard = [&](const Site& s) {
    return std::max_element(s.begin(), s.end(), older)->second.at;
  };
  Site& cohort = sites_[site];
  Heard& heard = cohort[chip] = {now, {}};
  for (const AnchorFinding& anchor : anchors) {
    if (anchor.used) heard.rtt_ms[anchor.anchor.id] = static_cast<double>(anchor.rtt_min.count()) / 1e6;
  }
  std::erase_if(cohort, [&](const auto& entry) { return now - entry.second.at > kFresh; });
  if (cohort.size() > kChips) cohort.erase(std::min_element(cohort.begin(), cohort.end(), older));
  if (sites_.size() > kSites) {
    sites_.erase(std::min_element(sites_.begin(), sites_.end(), [&](const auto& a, const auto& b) {
      return last_heard(a.second) < last_heard(b.second);
    }));
  }

  std::set<AnchorId> columns;
  for (const auto& [id, one] : cohort) {
    for (const auto& [anchor, rtt] : one.rtt_ms) columns.insert(anchor);
  }
  std::vector<double> rtt_ms;
  std::size_t row = 0;
  for (const auto& [id, one] : cohort) {
    if (id < chip) ++row;
    for (const AnchorId& anchor : columns) {
      const auto at = one.rtt_ms.find(anchor);
      rtt_ms.push_back(at == one.rtt_ms.end() ? std::numeric_limits<double>::quiet_NaN() : at->second);
    }
  }
  if (columns.empty()) return std::nullopt;
  const CohortMember member = compare_cohort(rtt_ms, columns.size())[row];
  if (!member.outlier) return std::nullopt;
  return Reason{
      "cohort_outlier",
      "Its round trips differ by " + milliseconds_text(member.deviation_ms) +
          " in the median from those of the " + std::to_string(cohort.size() - 1) + " other chips of site " +
          site + " within the last hour (" + milliseconds_text(member.common_ms) +
          " the same towards all anchors): it may stand elsewhere or behind a longer line. A suspicion, "
          "not a proof."};
}

void SiteCohorts::forget(const AnchorId& anchor) {
  for (auto& [name, site] : sites_) {
    for (auto& [chip, heard] : site) heard.rtt_ms.erase(anchor);
  }
}

}  // namespace chiploc
