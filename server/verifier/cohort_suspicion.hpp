#pragma once
#include <optional>
#include <vector>

#include "server/verifier/context.hpp"

namespace chiploc {

/// Whether a chip stands apart from the others of its site (geo/estimate/cohort.hpp): `cohort_outlier`, a
/// suspicion for people that no state depends on. Nothing for fewer than three chips, or than four anchors in
/// common.
[[nodiscard]] std::optional<Reason> cohort_suspicion(const Cohort& cohort, const ChipId& chip,
                                                     const std::vector<AnchorFinding>& anchors);

}  // namespace chiploc
