#include "server/cli/event_text.hpp"

#include <algorithm>

#include "proto/base/joined.hpp"
#include "server/cli/status_text.hpp"
#include "server/cli/verdict_text.hpp"
#include "server/service/case_json.hpp"
#include "server/service/status_json.hpp"
#include "server/text/terminal.hpp"

namespace chiploc {
namespace {

/// Parts two blanks apart, without those that are empty.
std::string line_of(std::initializer_list<std::string> parts) {
  std::string out;
  for (const std::string& part : parts) {
    if (!part.empty()) out += (out.empty() ? "" : "  ") + part;
  }
  return out;
}

/// A text of several lines in one.
std::string in_one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return printable(text);
}

std::string verdict_line(const v1::Verdict& verdict, bool colour) {
  return line_of({short_time(verdict.decided_unix_ns()), "verdict", hex_of(verdict.chip_id()),
                  printable(verdict.serial()),
                  paint(state_name(verdict.state()), chiploc::colour_of(verdict.state()), colour),
                  joined(verdict.reasons(), " ", [](const auto& reason) { return printable(reason.code()); }),
                  hex_of(verdict.verdict_id())});
}

std::string status_line(const v1::ChipStatusChange& change, bool colour) {
  return line_of({short_time(change.at_unix_ns()), "status", hex_of(change.chip_id()),
                  printable(change.serial()),
                  chip_state_name(change.from()) + " -> " +
                      paint(chip_state_name(change.to()), chiploc::colour_of(change.to()), colour),
                  in_one_line(change.why())});
}

std::string case_line(const v1::CaseChange& change) {
  const v1::CaseEntry& entry = change.entry();
  return line_of({short_time(entry.at_unix_ns()), "case",
                  printable(change.name()) + " " + case_kind_name(change.kind()),
                  printable(entry.kind()) + (entry.who().empty() ? "" : " by " + printable(entry.who())),
                  hex_of(entry.chip_id()), in_one_line(entry.text().empty() ? entry.said() : entry.text())});
}

}  // namespace

std::string event_line(const v1::WatchEvent& event, bool colour) {
  const std::string id = printable(event.id());
  switch (event.body_case()) {
    case v1::WatchEvent::kVerdict:
      return line_of({id, verdict_line(event.verdict(), colour)});
    case v1::WatchEvent::kStatusChange:
      return line_of({id, status_line(event.status_change(), colour)});
    case v1::WatchEvent::kCaseChange:
      return line_of({id, case_line(event.case_change())});
    case v1::WatchEvent::BODY_NOT_SET:
      break;
  }
  return {};
}

}  // namespace chiploc
