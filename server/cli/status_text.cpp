#include "server/cli/status_text.hpp"

#include "server/service/status_json.hpp"

namespace chiploc {

Colour colour_of(v1::ChipState state) {
  switch (state) {
    case v1::CHIP_COMPLIANT:
      return Colour::kGreen;
    case v1::CHIP_DRIFTED:
    case v1::CHIP_PROHIBITED:
    case v1::CHIP_TAMPERED:
      return Colour::kRed;
    case v1::CHIP_UNPROVEN:
    case v1::CHIP_OVERDUE:
    case v1::CHIP_SILENT:
    case v1::CHIP_DISPUTED:
      return Colour::kYellow;
    default:
      return Colour::kDim;
  }
}

namespace {

/// What the entity that operates a chip can do: it has neither the coordinator nor the evidence.
std::string for_entity(v1::ChipState state, const std::string& chip) {
  const std::string otherwise = "; if it is not so, dispute its case: chiploc case list";
  switch (state) {
    case v1::CHIP_OVERDUE:
      return "have it measured: chiploc verify " + chip +
             "; if nothing is measured by itself, ask whoever runs the coordinator";
    case v1::CHIP_SILENT:
      return "give it power, network and a running agent, and have it measured: chiploc verify " + chip +
             "; how far the last round came says: chiploc verdict show " + chip +
             "; if it cannot answer for a time: chiploc chip absent " + chip +
             " --until WHEN --kind transit --reason WHY";
    case v1::CHIP_DRIFTED:
      return "bring it back to where its licence has it and have it proved there: chiploc verify " + chip +
             "; if it may be where it is, have the licence say so" + otherwise;
    case v1::CHIP_PROHIBITED:
      return "bring it out of there at once, tell whoever issued the licence, and have it proved where it may be: "
             "chiploc verify " +
             chip + otherwise;
    case v1::CHIP_TAMPERED:
      return "have the chip looked at where it stands, its key may be in two places; once it is repaired ask whoever "
             "runs the coordinator to enrol it anew" +
             otherwise;
    case v1::CHIP_DISPUTED:
      return "wait for the decision; what bears your word out can be added: chiploc case evidence C-.. --help";
    default:
      return {};
  }
}

}  // namespace

std::string what_to_do(const v1::ChipStatus& status, const std::string& chip, StatusFor reader) {
  if (reader == StatusFor::kEntity) {
    if (std::string own = for_entity(status.state(), chip); !own.empty()) return own;
  }
  const std::string evidence =
      "chiploc verdict show " +
      (status.rests_on().empty() ? std::string{"ID"} : hex_of(*status.rests_on().rbegin())) +
      " --evidence DIR";
  switch (status.state()) {
    case v1::CHIP_PENDING:
      return "nothing yet; to measure it at once: chiploc verify " + chip;
    case v1::CHIP_COMPLIANT:
      return "nothing";
    case v1::CHIP_UNPROVEN:
      return "find out what its rounds lack; this says what would resolve them: chiploc verdict show " + chip;
    case v1::CHIP_OVERDUE:
      return "have it measured: chiploc verify " + chip +
             "; if nothing is measured by itself, look at cadence_s in chiplocd.toml and at: chiploc anchor list";
    case v1::CHIP_SILENT:
      return "ask its operator whether it has power, network and a running agent; how far the last round came says: "
             "chiploc verdict show " +
             chip + "; if it cannot answer for a time: chiploc chip absent " + chip +
             " --until WHEN --kind transit --reason WHY";
    case v1::CHIP_DRIFTED:
      return "ask its operator where it is; if it may be there, import the licence that says so, else it has to go "
             "back and be proved there: chiploc verify " +
             chip;
    case v1::CHIP_PROHIBITED:
      return "treat it as a breach: tell the licence's holder and whoever enforces it; keep the evidence: " +
             evidence;
    case v1::CHIP_TAMPERED:
      return "have the chip looked at where it stands, its key may be in two places; keep the evidence: " +
             evidence + "; once it is repaired an admin enrols it anew: chiploc chip restart-counters " +
             chip + " --reason WHY";
    case v1::CHIP_DISPUTED:
      return "look into what its operator says before the time is over; the evidence: " + evidence;
    case v1::CHIP_ABSENT:
      return "nothing until then; if it is back before: chiploc chip back " + chip;
    default:
      return "this coordinator is newer than this program; bring chiploc up to date";
  }
}

std::string next_text(const v1::ChipStatus& status) {
  if (status.next_unix_ns() == 0) return "-";
  return chip_state_name(status.next()) + " " + short_time(status.next_unix_ns());
}

void write_status(std::ostream& out, const v1::ChipStatus& status, const std::string& chip, bool colour,
                  const StatusNotes& notes) {
  const auto line = [&](std::string_view label, const std::string& text) {
    out << label << std::string(13 - label.size(), ' ') << text << '\n';
  };
  std::string state = paint(chip_state_name(status.state()), colour_of(status.state()), colour);
  if (status.in_dispute() != v1::CHIP_STATE_UNSPECIFIED)
    state += " (" + chip_state_name(status.in_dispute()) + ", its operator says otherwise)";
  line("status", state + " since " + short_time(status.since_unix_ns()));
  line("why", printable(status.why()));
  for (const std::string& verdict : status.rests_on()) line("rests on", "verdict " + hex_of(verdict));
  for (const std::string& policy : notes.past_policies)
    line("decided by", printable(policy) + ", which is not in force any more");
  line("ends", printable(status.ended_by()));
  if (status.next_unix_ns() != 0)
    line("next", chip_state_name(status.next()) + " at " + short_time(status.next_unix_ns()) +
                     ", if nothing comes before");
  const auto tell = [&](std::string_view label, const v1::ChipAbsence& absence) {
    std::string text = absence_kind_name(absence.kind()) + " from " + short_time(absence.from_unix_ns()) +
                       " until " + short_time(absence.until_unix_ns());
    if (!absence.reason().empty()) text += ": " + printable(absence.reason());
    if (!absence.declared_by().empty()) text += " (declared by " + printable(absence.declared_by()) + ")";
    if (absence.ended_unix_ns() != 0) text += "; ended at " + short_time(absence.ended_unix_ns());
    if (!absence.ended_by().empty()) text += " by " + printable(absence.ended_by());
    line(label, text);
  };
  for (const auto& absence : status.absences()) tell("absence", absence);
  constexpr int kPastShown = 5;
  const int shown = std::min(kPastShown, status.past_absences_size());
  for (int i = 0; i < shown; ++i) tell("past absence", status.past_absences(i));
  if (status.past_absences_size() > shown)
    line("", std::to_string(status.past_absences_size() - shown) + " more, with -o json");
  line("to do", printable(what_to_do(status, chip, notes.reader)));
}

}  // namespace chiploc
