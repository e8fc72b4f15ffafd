#include "server/cli/case_text.hpp"

#include "server/service/case_json.hpp"
#include "server/service/status_json.hpp"
#include "server/text/terminal.hpp"

namespace chiploc {
namespace {

Colour colour_of(const v1::Case& one) {
  if (one.state() == v1::CASE_RESOLVED || one.kind() == v1::CASE_UNPROVEN) return Colour::kNone;
  return one.state() == v1::CASE_DISPUTED ? Colour::kYellow : Colour::kRed;
}
Colour colour_of(v1::OrderState state) {
  return state == v1::ORDER_ON_HOLD  ? Colour::kRed
         : state == v1::ORDER_LIFTED ? Colour::kYellow
                                     : Colour::kNone;
}
std::string or_dash(const std::string& text) { return text.empty() ? "-" : printable(text); }

void line(std::ostream& out, const char* label, const std::string& text) {
  constexpr std::size_t kWidth = 15;
  std::string padded{label};
  padded.resize(std::max(padded.size() + 1, kWidth), ' ');
  out << padded << text << '\n';
}

/// "3 drifted, 1 silent".
template <class Counts>
std::string status_text(const Json& hold, const Counts& key) {
  std::string out;
  for (const auto& [name, count] : hold.at(key).items()) {
    if (count != 0) out += (out.empty() ? "" : ", ") + csv_value(count) + " " + name;
  }
  return out.empty() ? "none" : out;
}

std::string state_text(const v1::Case& one) {
  std::string out = case_state_name(one.state());
  if (one.resolved_as() != v1::CASE_END_UNSPECIFIED) out += " as " + case_end_name(one.resolved_as());
  out += " since " + short_time(one.since_unix_ns());
  if (one.disputed_until_unix_ns() != 0)
    out += ", until " + short_time(one.disputed_until_unix_ns()) + " at the most";
  return out;
}

}  // namespace

std::vector<Column> case_columns() {
  return {{"case", "CASE", ""},
          {"priority", "PRIORITY", "", true},
          {"kind", "KIND", ""},
          {"state", "STATE", ""},
          {"chips", "CHIPS", "", true},
          {"order", "ORDER", ""},
          {"site", "SITE", ""},
          {"licence", "", ""},
          {"opened", "OPENED", ""},
          {"assignee", "ASSIGNEE", ""},
          {"since", "", ""},
          {"chips_ever", "", ""},
          {"signs", "", ""},
          {"reopened", "", ""},
          {"resolved_as", "RESOLVED AS", ""},
          {"disputed_until", "", ""},
          {"about", "", ""}};
}

std::vector<Cell> case_cells(const v1::Case& one) {
  return {{printable(one.name())},
          {one.priority() == 0 ? "-" : std::to_string(one.priority())},
          {case_kind_name(one.kind())},
          {case_state_name(one.state()), colour_of(one)},
          {std::to_string(one.chips())},
          {or_dash(one.order())},
          {or_dash(one.site())},
          {""},
          {short_time(one.opened_unix_ns())},
          {or_dash(one.assignee())},
          {""},
          {""},
          {""},
          {""},
          {one.resolved_as() == v1::CASE_END_UNSPECIFIED ? "-" : case_end_name(one.resolved_as())},
          {""},
          {""}};
}

void write_case(std::ostream& out, const v1::Case& one,
                const google::protobuf::RepeatedPtrField<v1::CaseEntry>& timeline) {
  line(out, "case", printable(one.name()) + ", " + case_kind_name(one.kind()));
  line(out, "about", printable(one.about()));
  line(out, "state", state_text(one));
  line(out, "ended by", printable(one.ended_by()));
  if (one.remeasure())
    line(out, "asked for", "rounds of its chips; what came of them: chiploc verdict list --chip CHIP");
  line(out, "order", or_dash(one.order()));
  line(out, "licence", or_dash(one.licence()));
  line(out, "site", or_dash(one.site()));
  line(out, "assignee", or_dash(one.assignee()));
  line(out, "opened",
       short_time(one.opened_unix_ns()) +
           (one.reopened() > 0 ? ", " + std::to_string(one.reopened()) + " times again" : ""));
  if (one.priority() > 0) line(out, "priority", std::to_string(one.priority()));
  for (const auto& reason : one.priority_reasons())
    line(out, "", std::to_string(reason.points()) + "  " + printable(reason.text()));
  line(out, "chips",
       std::to_string(one.chips()) + " stand in it, " + std::to_string(one.chips_ever()) + " ever came");
  for (const auto& chip : one.chips_shown()) {
    line(out, "",
         hex_of(chip.chip_id()) + "  " + or_dash(chip.serial()) + "  " + chip_state_name(chip.state()) +
             " since " + short_time(chip.since_unix_ns()));
  }
  if (one.chips() > static_cast<std::uint64_t>(one.chips_shown_size()) && one.chips_shown_size() > 0)
    line(out, "",
         "and " + std::to_string(one.chips() - static_cast<std::uint64_t>(one.chips_shown_size())) + " more");
  out << '\n';
  for (const auto& entry : timeline) {
    out << short_time(entry.at_unix_ns()) << "  " << printable(entry.kind())
        << (entry.who().empty() ? "" : " by " + printable(entry.who()));
    if (!entry.chip_id().empty()) out << "  chip " << hex_of(entry.chip_id());
    if (!entry.file_sha256().empty()) out << "  file " << hex_of(entry.file_sha256());
    out << '\n';
    const std::string& text = entry.text().empty() ? entry.said() : entry.text();
    if (!text.empty()) out << "  " << printable_lines(text) << '\n';
    for (const std::string& verdict : entry.verdicts()) out << "  verdict " << hex_of(verdict) << '\n';
  }
}

std::vector<Column> hold_columns() {
  return {{"order", "ORDER", ""},
          {"hold", "HOLD", ""},
          {"since", "SINCE", ""},
          {"cause", "CAUSE", ""},
          {"chips", "CHIPS", "", true},
          {"measured", "MEASURED", "", true},
          {"chips_by_status", "STATUS", ""},
          {"why", "WHY", ""},
          {"next_at", "", ""}};
}

std::vector<Cell> hold_cells(const v1::OrderHold& hold) {
  return {{printable(hold.order())},
          {order_state_name(hold.state()), colour_of(hold.state())},
          {short_time(hold.since_unix_ns())},
          {or_dash(hold.cause())},
          {std::to_string(hold.chips())},
          {std::to_string(hold.measured())},
          {status_text(json_of(hold), "chips_by_status")},
          {printable(hold.why())},
          {""}};
}

void write_hold(std::ostream& out, const v1::OrderHold& hold) {
  line(out, "hold",
       order_state_name(hold.state()) + " since " + short_time(hold.since_unix_ns()) +
           (hold.cause().empty() ? "" : ", " + printable(hold.cause())));
  line(out, "why", printable(hold.why()));
  line(out, "ended by", printable(hold.ended_by()));
  if (hold.next_unix_ns() != 0) line(out, "until", short_time(hold.next_unix_ns()));
  line(out, "status",
       std::to_string(hold.measured()) + " of " + std::to_string(hold.chips()) +
           " measured: " + status_text(json_of(hold), "chips_by_status"));
  for (const std::string& delivery : hold.overrides())
    line(out, "overridden", "for delivery " + printable(delivery));
  for (const auto& proposal : hold.proposals()) {
    line(out, "watch list",
         printable(proposal.entity()) + " (" + printable(proposal.party()) +
             "): " + printable(proposal.state()) + " since " + short_time(proposal.since_unix_ns()));
  }
}

void write_hold_changes(std::ostream& out,
                        const google::protobuf::RepeatedPtrField<v1::OrderHoldChange>& changes) {
  for (const auto& change : changes) {
    out << short_time(change.at_unix_ns()) << "  " << printable(change.kind())
        << (change.who().empty() ? "" : " by " + printable(change.who())) << '\n';
    const std::string& text = change.why().empty() ? change.said() : change.why();
    if (!text.empty()) out << "  " << printable_lines(text) << '\n';
  }
}

}  // namespace chiploc
