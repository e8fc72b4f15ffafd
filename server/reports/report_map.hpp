#pragma once
#include <vector>

#include "server/picture/land.hpp"
#include "server/reports/report.hpp"

namespace chiploc {

/// Countries with the number of chips that are proved to be in each, and no place of any chip. Tinted and, where chips
/// are contradicted or disputed, hatched, so that they differ in grey as well. Empty where no country is proved.
[[nodiscard]] std::vector<DrawnItem> report_map(const ReportTotals& totals, const Frame& frame);

}  // namespace chiploc
