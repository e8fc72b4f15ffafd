#include "server/verifier/cohort_suspicion.hpp"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <map>
#include <set>

#include "geo/estimate/cohort.hpp"

namespace chiploc {
namespace {

std::string hundredths_text(double ms) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f ms", ms);
  return text;
}

double milliseconds_of(Nanoseconds rtt) { return static_cast<double>(rtt.count()) / 1e6; }

}  // namespace

std::optional<Reason> cohort_suspicion(const Cohort& cohort, const ChipId& chip,
                                       const std::vector<AnchorFinding>& anchors) {
  std::map<ChipId, std::map<AnchorId, double>> rows;
  for (const CohortChip& other : cohort.others) {
    auto& row = rows[other.chip];
    for (const auto& [anchor, rtt] : other.rtt) row[anchor] = milliseconds_of(rtt);
  }
  auto& own = rows[chip];
  for (const AnchorFinding& finding : anchors) {
    if (finding.used) own[finding.anchor.id] = milliseconds_of(finding.rtt_min);
  }
  std::set<AnchorId> columns;
  for (const auto& [id, row] : rows) {
    for (const auto& [anchor, rtt] : row) columns.insert(anchor);
  }
  if (columns.empty()) return std::nullopt;
  std::vector<double> rtt_ms;
  for (const auto& [id, row] : rows) {
    for (const AnchorId& anchor : columns) {
      const auto at = row.find(anchor);
      rtt_ms.push_back(at == row.end() ? std::numeric_limits<double>::quiet_NaN() : at->second);
    }
  }
  const auto at = static_cast<std::size_t>(std::distance(rows.begin(), rows.find(chip)));
  const CohortMember member = compare_cohort(rtt_ms, columns.size())[at];
  if (!member.outlier) return std::nullopt;
  return Reason{"cohort_outlier",
                "Its round trips differ by " + hundredths_text(member.deviation_ms) +
                    " in the median from those of the " + std::to_string(rows.size() - 1) +
                    " other chips of site " + cohort.site + " within the last hour (" +
                    hundredths_text(member.common_ms) +
                    " the same towards all anchors): it may stand elsewhere or behind a longer "
                    "line. A suspicion, not a proof."};
}

}  // namespace chiploc
