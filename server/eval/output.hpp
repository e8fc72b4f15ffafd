#pragma once
#include <ostream>
#include <span>

#include "server/eval/summary.hpp"
#include "server/text/records.hpp"

namespace chiploc {

/// The rows as a table for people, as a JSON array of objects, or as CSV; the last two with the same keys in
/// the same order. Percentages and kilometres have two decimals, microseconds one; null or an empty field
/// where there is nothing to count.
void write_rows(std::ostream& out, OutputFormat format, std::span<const SummaryRow> rows);

/// One CSV line per case, so that two runs can be compared target by target. `state` is the true claim's.
void write_case_list(std::ostream& out, const RttSet& set, std::span<const RowOutcome> rows);

}  // namespace chiploc
