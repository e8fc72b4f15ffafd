#pragma once
#include <optional>
#include <string>
#include <vector>

#include "server/plan/plan.hpp"

namespace chiploc {

/// An anchor's or a candidate's disk about a site.
struct PlanDisk {
  std::size_t anchor = 0;
  Kilometers radius{0.0};  ///< its reach and its uncertainty
};

/// Why a site is not proved with every candidate.
struct PlanReason {
  TerritoryFinding finding = TerritoryFinding::kOpen;  ///< with every candidate
  /// What it cannot be told apart from, the nearest to the site first: for CLEARED what is prohibited, for VERIFIED
  /// also what is not licensed.
  struct InTheWay {
    std::string territory;
    Kilometers distance{0.0};
  };
  std::vector<InTheWay> in_the_way;
  /// The smallest disks of the faults + 1 perspectives whose smallest disks are smallest: the chip may be anywhere
  /// in the largest of these that the others leave.
  std::vector<PlanDisk> nearest;
};

[[nodiscard]] PlanReason reason_of(const PlanProblem& problem, std::size_t site, const Borders& borders);
/// One sentence.
[[nodiscard]] std::string reason_text(const PlanProblem& problem, const PlanReason& reason);

}  // namespace chiploc
