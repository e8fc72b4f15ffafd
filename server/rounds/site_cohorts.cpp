#include "server/rounds/site_cohorts.hpp"

#include <algorithm>

namespace chiploc {

Cohort SiteCohorts::others(const std::string& site, const ChipId& chip, SteadyTime now) const {
  Cohort out{site, {}};
  const auto found = sites_.find(site);
  if (found == sites_.end()) return out;
  std::vector<std::pair<SteadyTime, ChipId>> fresh;
  for (const auto& [id, heard] : found->second) {
    if (id != chip && now - heard.at <= kFresh) fresh.emplace_back(heard.at, id);
  }
  // With the chip itself there are as many as heard() keeps.
  std::sort(fresh.begin(), fresh.end(), std::greater{});
  fresh.resize(std::min(fresh.size(), kChips - 1));
  std::sort(fresh.begin(), fresh.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  for (const auto& [at, id] : fresh) {
    const auto& rtt = found->second.at(id).rtt;
    out.others.push_back({id, {rtt.begin(), rtt.end()}});
  }
  return out;
}

void SiteCohorts::heard(const std::string& site, const ChipId& chip,
                        const std::vector<AnchorFinding>& anchors, SteadyTime now) {
  const auto older = [](const auto& a, const auto& b) { return a.second.at < b.second.at; };
  const auto last_heard = [&](const Site& s) {
    return std::max_element(s.begin(), s.end(), older)->second.at;
  };
  Site& cohort = sites_[site];
  Heard& heard = cohort[chip];
  heard = {now, {}};
  for (const AnchorFinding& anchor : anchors) {
    if (anchor.used) heard.rtt[anchor.anchor.id] = anchor.rtt_min;
  }
  std::erase_if(cohort, [&](const auto& entry) { return now - entry.second.at > kFresh; });
  if (cohort.size() > kChips) cohort.erase(std::min_element(cohort.begin(), cohort.end(), older));
  if (sites_.size() > kSites) {
    sites_.erase(std::min_element(sites_.begin(), sites_.end(), [&](const auto& a, const auto& b) {
      return last_heard(a.second) < last_heard(b.second);
    }));
  }
}

void SiteCohorts::forget(const AnchorId& anchor) {
  for (auto& [name, site] : sites_) {
    for (auto& [chip, heard] : site) heard.rtt.erase(anchor);
  }
}

}  // namespace chiploc
