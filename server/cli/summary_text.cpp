#include "server/cli/summary_text.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "proto/base/joined.hpp"
#include "server/cli/status_text.hpp"
#include "server/service/json_view.hpp"
#include "server/service/status_json.hpp"
#include "server/text/records.hpp"

namespace chiploc {
namespace {

constexpr int kRowsShown = 5;

std::string counted(std::uint64_t number, const char* one, const char* many) {
  return std::to_string(number) + " " + (number == 1 ? one : many);
}

/// The rest of a list that is cut, and where it is.
void write_rest(std::ostream& out, std::uint64_t total, int shown, const char* command) {
  if (total > static_cast<std::uint64_t>(shown))
    out << "  and " << total - static_cast<std::uint64_t>(shown) << " more: " << command << '\n';
}

void write_statuses(std::ostream& out, const v1::GetSummaryResponse& summary, bool colour) {
  out << counted(summary.chips(), "chip", "chips") << ", of which " << summary.unmeasured()
      << " never measured\n";
  std::vector<std::vector<Cell>> rows;
  for (const auto& row : summary.statuses()) {
    if (row.chips() == 0 && row.entered() == 0 && row.left() == 0) continue;
    rows.push_back({{chip_state_name(row.state()), colour_of(row.state())},
                    {std::to_string(row.chips())},
                    {row.entered() == 0 ? "" : "+" + std::to_string(row.entered())},
                    {row.left() == 0 ? "" : "-" + std::to_string(row.left())}});
  }
  write_table(out,
              {{"", "STATUS", ""}, {"", "CHIPS", "", true}, {"", "TO", "", true}, {"", "FROM", "", true}},
              rows, colour, 2);
  if (rows.empty()) out << "  no chip has a status yet\n";
  std::string newest;
  for (const auto& row : summary.verdicts())
    newest += (newest.empty() ? "" : ", ") + std::to_string(row.chips()) + " " + state_name(row.state());
  if (!newest.empty()) out << "  by their newest verdict: " << newest << '\n';
  const auto of = [&](v1::ChipState state) -> std::uint64_t {
    for (const auto& row : summary.statuses()) {
      if (row.state() == state) return row.chips();
    }
    return 0;
  };
  const std::uint64_t owing = of(v1::CHIP_OVERDUE) + of(v1::CHIP_SILENT) + of(v1::CHIP_UNPROVEN);
  if (owing > 0)
    out << "  " << counted(owing, "chip owes", "chips owe") << " a proof: chiploc chip overdue\n";
}

void write_stories(std::ostream& out, const v1::GetSummaryResponse& summary) {
  if (!summary.stories_kept()) {
    out << "\nCases and orders' holds are not kept by this coordinator\n";
    return;
  }
  out << '\n' << counted(summary.cases_total(), "case", "cases") << " open\n";
  for (int i = 0; i < std::min(summary.cases_size(), kRowsShown); ++i) {
    const auto& row = summary.cases(i);
    out << "  " << printable(row.name());
    if (row.priority() > 0) out << ", priority " << row.priority();
    out << ", " << printable(row.about()) << ", " << row.state() << ", "
        << counted(row.chips(), "chip", "chips") << ": " << printable(row.why())
        << (row.assignee().empty() ? "" : " (" + printable(row.assignee()) + ")") << '\n';
  }
  write_rest(out, summary.cases_total(), std::min(summary.cases_size(), kRowsShown),
             "chiploc summary -o json");
  out << '\n' << counted(summary.held_orders_total(), "order", "orders") << " on hold\n";
  for (int i = 0; i < std::min(summary.held_orders_size(), kRowsShown); ++i) {
    const auto& row = summary.held_orders(i);
    out << "  " << printable(row.order()) << " since " << short_time(row.since_unix_ns()) << " ("
        << row.cause() << "): " << printable(row.why()) << '\n';
  }
  write_rest(out, summary.held_orders_total(), std::min(summary.held_orders_size(), kRowsShown),
             "chiploc summary -o json");
}

void write_runs_out(std::ostream& out, const v1::GetSummaryResponse& summary, std::uint32_t soon_days) {
  out << '\n'
      << summary.runs_out_total() << (summary.runs_out_total() == 1 ? " thing runs" : " things run")
      << " out within " << soon_days << " days, or should be done already\n";
  for (int i = 0; i < std::min(summary.runs_out_size(), kRowsShown); ++i) {
    const auto& row = summary.runs_out(i);
    out << "  " << short_time(row.at_unix_ns()) << "  " << printable(row.what()) << ' '
        << printable(row.name());
    if (row.chips() > 0) out << ", " << counted(row.chips(), "chip", "chips");
    out << '\n';
  }
  write_rest(out, summary.runs_out_total(), std::min(summary.runs_out_size(), kRowsShown),
             "chiploc summary -o json");
}

void write_rest_of_day(std::ostream& out, const v1::GetSummaryResponse& summary) {
  out << '\n'
      << summary.anchors_unwell_total() << " of " << counted(summary.anchors(), "anchor", "anchors")
      << (summary.anchors_unwell_total() == 1 ? " is" : " are") << " not well\n";
  for (int i = 0; i < std::min(summary.anchors_unwell_size(), kRowsShown); ++i) {
    const auto& row = summary.anchors_unwell(i);
    out << "  " << printable(row.anchor()) << ": " << printable(joined(row.problems(), "; ")) << '\n';
  }
  write_rest(out, summary.anchors_unwell_total(), std::min(summary.anchors_unwell_size(), kRowsShown),
             "chiploc anchor list");
  for (const auto& row : summary.notices()) {
    out << '\n'
        << "notices to " << printable(row.sink()) << ": " << row.waiting() << " wait, " << row.dead()
        << " dead";
    if (row.oldest_unix_ns() != 0) out << ", the oldest since " << short_time(row.oldest_unix_ns());
    if (row.off_unix_ns() != 0) out << "; switched off since " << short_time(row.off_unix_ns());
    if (!row.why_off().empty()) out << ": " << printable(row.why_off());
    out << '\n';
  }
}

}  // namespace

void write_summary(std::ostream& out, const v1::GetSummaryResponse& summary, std::uint32_t soon_days,
                   bool colour) {
  out << "as of " << short_time(summary.now_unix_ns()) << "; changes since "
      << short_time(summary.since_unix_ns()) << "\n\n";
  write_statuses(out, summary, colour);
  write_stories(out, summary);
  write_runs_out(out, summary, soon_days);
  write_rest_of_day(out, summary);
}

}  // namespace chiploc
