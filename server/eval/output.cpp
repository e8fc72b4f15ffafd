#include "server/eval/output.hpp"

#include <cmath>
#include <cstdio>

#include "proto/base/joined.hpp"
#include "server/eval/rtt_reading.hpp"

namespace chiploc {
namespace {

double rounded(double value, double steps_per_unit) {
  return std::round(value * steps_per_unit) / steps_per_unit;
}

Json number_or_null(std::optional<double> value, double steps_per_unit = 100.0) {
  return value ? Json(rounded(*value, steps_per_unit)) : Json(nullptr);
}

std::string fixed(std::optional<double> value, int decimals) {
  if (!value) return "-";
  char text[48];
  std::snprintf(text, sizeof text, "%.*f", decimals, *value);
  return text;
}

std::string exact(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

std::string decimal(double value, int decimals) {
  return std::isfinite(value) ? fixed(value, decimals) : std::string{};
}

std::vector<Column> columns() {
  return {{"set", "", ""},
          {"anchors", "anchors", ""},
          {"grade", "grade", ""},
          {"cases", "cases", "", true},
          {"median_km", "median km", "", true},
          {"p90_km", "p90 km", "", true},
          {"country_pct", "country %", "", true},
          {"region_contains_truth_pct", "in region %", "", true},
          {"credible95_covers_pct", "in 95 % area", "", true},
          {"claims_true", "", "", true},
          {"claims_true_verified_pct", "true: ok %", "", true},
          {"claims_true_cleared_pct", "cleared %", "", true},
          {"claims_true_flagged_pct", "flagged %", "", true},
          {"claims_false", "", "", true},
          {"claims_false_accepted_pct", "false: ok %", "", true},
          {"claims_false_flagged_pct", "flagged %", "", true},
          {"unresolved_pct", "open %", "", true},
          {"us_per_fix_p50", "us/fix", "", true},
          {"us_per_fix_p99", "p99", "", true},
          {"statistic", "statistic", ""},
          {"column", "", ""},
          {"resolution_ms", "", "", true},
          {"resolution_added_ms", "added ms", "", true}};
}

Json json_of(const SummaryRow& row) {
  return {{"set", row.set},
          {"anchors", row.anchors},
          {"grade", name_of(row.grade)},
          {"cases", row.cases},
          {"median_km", number_or_null(row.median_km)},
          {"p90_km", number_or_null(row.p90_km)},
          {"country_pct", number_or_null(row.country_pct)},
          {"region_contains_truth_pct", number_or_null(row.region_contains_truth_pct)},
          {"credible95_covers_pct", number_or_null(row.credible95_covers_pct)},
          {"claims_true", row.claims_true},
          {"claims_true_verified_pct", number_or_null(row.claims_true_verified_pct)},
          {"claims_true_cleared_pct", number_or_null(row.claims_true_cleared_pct)},
          {"claims_true_flagged_pct", number_or_null(row.claims_true_flagged_pct)},
          {"claims_false", row.claims_false},
          {"claims_false_accepted_pct", number_or_null(row.claims_false_accepted_pct)},
          {"claims_false_flagged_pct", number_or_null(row.claims_false_flagged_pct)},
          {"unresolved_pct", number_or_null(row.unresolved_pct)},
          {"us_per_fix_p50", number_or_null(row.us_per_fix_p50, 10.0)},
          {"us_per_fix_p99", number_or_null(row.us_per_fix_p99, 10.0)},
          {"statistic", name_of(row.statistic)},
          {"column", row.column},
          {"resolution_ms", row.resolution_ms},
          {"resolution_added_ms", row.added_ms}};
}

std::vector<Cell> cells_of(const SummaryRow& row) {
  return {{row.set},
          {row.anchors},
          {std::string{name_of(row.grade)}},
          {std::to_string(row.cases)},
          {fixed(row.median_km, 0)},
          {fixed(row.p90_km, 0)},
          {fixed(row.country_pct, 1)},
          {fixed(row.region_contains_truth_pct, 2)},
          {fixed(row.credible95_covers_pct, 1)},
          {std::to_string(row.claims_true)},
          {fixed(row.claims_true_verified_pct, 2)},
          {fixed(row.claims_true_cleared_pct, 2)},
          {fixed(row.claims_true_flagged_pct, 2)},
          {std::to_string(row.claims_false)},
          {fixed(row.claims_false_accepted_pct, 2)},
          {fixed(row.claims_false_flagged_pct, 2)},
          {fixed(row.unresolved_pct, 2)},
          {fixed(row.us_per_fix_p50, 0)},
          {fixed(row.us_per_fix_p99, 0)},
          {std::string{name_of(row.statistic)}},
          {row.column},
          {exact(row.resolution_ms)},
          {exact(row.added_ms)}};
}

}  // namespace

void write_rows(std::ostream& out, OutputFormat format, std::span<const SummaryRow> rows) {
  RecordWriter writer{out, format, columns(), false};
  for (const SummaryRow& row : rows) writer.add(cells_of(row), json_of(row));
  writer.finish("no rows");
}

void write_case_list(std::ostream& out, const RttSet& set, std::span<const RowOutcome> rows) {
  out << "set,anchors,draw,target,name,country,state,probability,error_km,judged,region_contains_truth,"
         "credible_level,common_delay_ms,relay_score,relay_delay_ms,border_km,anchors_measured,countries_met,"
         "fix_us,statistic,resolution_added_ms\n";
  for (const RowOutcome& row : rows) {
    for (const CaseOutcome& c : row.cases) {
      const EvalNode& node = set.nodes[c.target];
      out << csv_field(set.name) << ',' << row.anchors << ',' << c.draw << ',' << csv_field(node.id) << ','
          << csv_field(node.name) << ',' << node.country.view() << ',' << name_of(c.true_claim.state) << ',';
      if (c.true_claim.estimated) out << decimal(c.true_claim.probability, 6);
      out << ',' << decimal(c.error_km, 3) << ',' << (c.judged ? c.judged->view() : std::string_view{}) << ','
          << (c.region_contains_truth ? "yes" : "no") << ',';
      if (c.true_claim.estimated) {
        out << decimal(c.credible_level, 6) << ',' << decimal(c.common_delay_ms, 3);
      } else {
        out << ',';
      }
      out << ',';
      if (c.relay) {
        out << decimal(c.relay->gain, 3) << ',' << decimal(c.relay->delay_ms, 0);
      } else {
        out << ',';
      }
      out << ',' << decimal(c.border_km, 3) << ',' << c.anchors << ',';
      out << joined(c.met, " ") << ',' << decimal(c.fix_us, 1) << ',' << name_of(set.statistic) << ','
          << exact(set.added_ms) << '\n';
    }
  }
}

}  // namespace chiploc
