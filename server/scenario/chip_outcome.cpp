#include "server/scenario/chip_outcome.hpp"

#include <algorithm>

namespace chiploc {
namespace {

bool accuses_verdict(const std::string& state) {
  return state == "OUTSIDE" || state == "PROHIBITED" || state == "INVALID";
}

/// How the chip behaves from when on, in order; the first at 0.
struct Conduct {
  Nanoseconds from{0};
  bool honest = true;
};
std::vector<Conduct> conduct_of(const LabFile& file, std::size_t chip) {
  std::vector<Conduct> out{{Nanoseconds{0}, file.chips[chip].behaviour == Behaviour::kHonest}};
  for (const LabEvent& event : file.events) {
    const auto* after = std::get_if<LabChip>(&event.after);
    if (after == nullptr || event.index != chip) continue;
    out.push_back({event.at, after->behaviour == Behaviour::kHonest});
  }
  return out;
}

void take_conduct(const LabFile& file, std::size_t index, Nanoseconds horizon, ChipOutcome& out) {
  const std::vector<Conduct> conduct = conduct_of(file, index);
  for (std::size_t i = 0; i < conduct.size(); ++i) {
    const Nanoseconds until = i + 1 < conduct.size() ? conduct[i + 1].from : horizon;
    if (!conduct[i].honest && !out.cheats_from) out.cheats_from = conduct[i].from;
    if (conduct[i].honest && until > conduct[i].from) out.honest_time += until - conduct[i].from;
  }
}

VerdictId numbered(std::size_t n) {
  VerdictId id;
  for (std::size_t i = 0; i < 8; ++i) id.bytes[i] = static_cast<std::uint8_t>((n + 1) >> (8 * i));
  return id;
}

/// Verdicts and absences by time, as the daemon would have been told of them.
std::vector<StatusEvent> events_of(const LabRow& row, const LabReport& report, const StatusKeeping& keeping,
                                   const std::vector<ScenarioAbsence>& absences) {
  std::vector<StatusEvent> events;
  for (std::size_t i = 0; i < row.turns.size(); ++i) {
    const LabTurn& turn = row.turns[i];
    if (turn.state == "NONE") continue;
    events.push_back(
        {turn.decided, Judged{numbered(i), kind_of(turn.state, turn.code, keeping.cleared_is_enough),
                              turn.decided, turn.expires}});
  }
  for (const ScenarioAbsence& absence : absences) {
    if (absence.chip == row.serial)
      events.push_back({report.began + absence.declared,
                        AbsenceDeclared{report.began + absence.from, report.began + absence.until}});
  }
  std::stable_sort(events.begin(), events.end(),
                   [](const StatusEvent& a, const StatusEvent& b) { return a.at < b.at; });
  return events;
}

std::vector<StatusSince> status_of(const LabRow& row, const LabReport& report, const StatusKeeping& keeping,
                                   const std::vector<ScenarioAbsence>& absences, Nanoseconds horizon) {
  ChipStory story = begin_story(report.began);
  std::vector<StatusSince> out{{Nanoseconds{0}, story.state}};
  const auto told = [&](const std::vector<StatusChange>& changes) {
    for (const StatusChange& change : changes) out.push_back({change.at - report.began, change.to});
  };
  for (const StatusEvent& event : events_of(row, report, keeping, absences))
    told(apply(story, event, keeping.rules));
  told(advance(story, report.began + horizon, keeping.rules));
  return out;
}

std::optional<Nanoseconds> first_alarm(const ChipOutcome& chip) {
  const Nanoseconds from = chip.cheats_from.value_or(Nanoseconds{0});
  if (alarms(chip.status_at(from))) return from;
  for (const StatusSince& since : chip.status) {
    if (since.at >= from && alarms(since.state)) return since.at;
  }
  return std::nullopt;
}

}  // namespace

bool alarms(ChipState state) {
  return state != ChipState::kPending && state != ChipState::kCompliant && state != ChipState::kAbsent;
}

ChipState ChipOutcome::status_at(Nanoseconds at) const {
  ChipState state = ChipState::kPending;
  for (const StatusSince& since : status) {
    if (since.at <= at) state = since.state;
  }
  return state;
}

bool ChipOutcome::had(const std::string& state) const {
  return std::any_of(turns.begin(), turns.end(), [&](const ChipTurn& turn) { return turn.state == state; });
}

std::size_t RunOutcome::rounds() const {
  std::size_t sum = 0;
  for (const ChipOutcome& chip : chips) sum += chip.turns.size();
  return sum;
}

std::size_t RunOutcome::pings() const {
  std::size_t sum = 0;
  for (const ChipOutcome& chip : chips) {
    for (const ChipTurn& turn : chip.turns) sum += turn.pings;
  }
  return sum;
}

RunOutcome outcome_of(const LabFile& file, const LabReport& report, const StatusKeeping& keeping,
                      const std::vector<ScenarioAbsence>& absences, Nanoseconds horizon) {
  RunOutcome out{.seed = file.network.seed, .horizon = horizon, .chips = {}};
  for (std::size_t i = 0; i < report.rows.size(); ++i) {
    const LabRow& row = report.rows[i];
    ChipOutcome chip;
    chip.serial = row.serial;
    chip.order = row.order;
    take_conduct(file, i, horizon, chip);
    for (const LabTurn& turn : row.turns) {
      const bool honest = turn.behaviour == "honest";
      const bool flagged =
          accuses_verdict(turn.state) || (turn.behaviour == "silent" && turn.state == "SILENT");
      if (flagged && honest) ++chip.false_flags;
      if (flagged && !honest && !chip.detected) chip.detected = turn.ended;
      if (!turn.ok) ++chip.wrong;
      chip.turns.push_back({.began = turn.at,
                            .ended = turn.ended,
                            .behaviour = turn.behaviour,
                            .state = turn.state,
                            .honest = honest,
                            .flagged = flagged,
                            .ok = turn.ok,
                            .pings = turn.anchors * static_cast<std::size_t>(file.policy.pings)});
    }
    chip.status = status_of(row, report, keeping, absences, horizon);
    chip.alarmed = first_alarm(chip);
    out.chips.push_back(std::move(chip));
  }
  return out;
}

}  // namespace chiploc
