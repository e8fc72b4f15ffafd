#include "server/scenario/chip_outcome.hpp"

#include <algorithm>
#include <utility>

#include "server/scenario/delay_watch.hpp"

namespace chiploc {
namespace {

constexpr double kUnlikely = 0.05;  ///< odds of a licensed country at which `posterior` speaks
constexpr double kRelayLikely =
    3.0;  ///< log of how much better a relay has to explain the round trips: 20 times

/// Who sees this verdict; nullopt: it accuses of nothing.
std::optional<Detector> seen_by(const std::string& state) {
  if (state == "OUTSIDE" || state == "PROHIBITED") return Detector::kRegion;
  if (state == "INVALID") return Detector::kInvalid;
  if (state == "SILENT") return Detector::kSilence;
  return std::nullopt;
}

/// Whether it flags the chip: silence does where it is on purpose.
bool flags(const LabTurn& turn, const DetectorsOff& off) {
  const auto by = seen_by(turn.state);
  return by && !off.has(*by) && (*by != Detector::kSilence || turn.behaviour == "silent");
}

/// The verdict as the status hears of it; nullopt: it does not.
std::optional<std::string> told_state(const LabTurn& turn, const DetectorsOff& off) {
  if (turn.state == "NONE") return std::nullopt;
  const auto by = seen_by(turn.state);
  if (!by || !off.has(*by)) return turn.state;
  if (*by == Detector::kRegion) return "UNRESOLVED";
  return std::nullopt;
}

/// How much of a time the chip behaved.
Nanoseconds honest_between(const std::vector<std::pair<Nanoseconds, Nanoseconds>>& cheats, Nanoseconds from,
                           Nanoseconds until) {
  Nanoseconds out = std::max(Nanoseconds{0}, until - from);
  for (const auto& [began, ended] : cheats)
    out -= std::max(Nanoseconds{0}, std::min(ended, until) - std::max(began, from));
  return out;
}

VerdictId numbered(std::size_t n) {
  VerdictId id;
  for (std::size_t i = 0; i < 8; ++i) id.bytes[i] = static_cast<std::uint8_t>((n + 1) >> (8 * i));
  return id;
}

/// Verdicts and absences by time, as the daemon would have been told of them.
std::vector<StatusEvent> events_of(const LabRow& row, const LabReport& report, const StatusKeeping& keeping,
                                   const std::vector<ScenarioAbsence>& absences, const DetectorsOff& off) {
  std::vector<StatusEvent> events;
  for (std::size_t i = 0; i < row.turns.size(); ++i) {
    const LabTurn& turn = row.turns[i];
    const auto state = told_state(turn, off);
    if (!state) continue;
    events.push_back({turn.decided, Judged{numbered(i), kind_of(*state, turn.code, keeping.cleared_is_enough),
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
                                   const std::vector<ScenarioAbsence>& absences, Nanoseconds horizon,
                                   const DetectorsOff& off) {
  ChipStory story = begin_story(report.began);
  std::vector<StatusSince> out{{Nanoseconds{0}, story.state}};
  if (off.has(Detector::kStatus)) return out;
  const auto told = [&](const std::vector<StatusChange>& changes) {
    for (const StatusChange& change : changes) out.push_back({change.at - report.began, change.to});
  };
  for (const StatusEvent& event : events_of(row, report, keeping, absences, off))
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

std::vector<DelayFinding> delays_of(const LabFile& file, const LabReport& report, const DetectRules& rules) {
  std::vector<LatLon> anchors;
  for (const LabAnchor& anchor : file.anchors) anchors.push_back(anchor.place);
  std::vector<DelayChip> chips;
  for (std::size_t i = 0; i < report.rows.size(); ++i) {
    DelayChip chip{.site_name = file.chips[i].site_name, .site = file.chips[i].site, .rounds = {}};
    for (const LabTurn& turn : report.rows[i].turns)
      chip.rounds.push_back(
          {.round = turn.round, .began = turn.at, .ended = turn.ended, .rtt_ms = turn.rtt_ms});
    chips.push_back(std::move(chip));
  }
  return watch_delays(chips, anchors, rules);
}

/// What verdicts say of a chip after one round, of a proof or not.
void add_words_of(const LabTurn& turn, const DetectorsOff& off, ChipOutcome& chip) {
  const bool honest = turn.behaviour == "honest";
  const auto say = [&](Detector by, std::string kind) {
    if (!off.has(by)) chip.words.push_back({by, turn.ended, std::move(kind), honest});
  };
  if (const auto by = seen_by(turn.state)) say(*by, *by == Detector::kInvalid ? turn.code : turn.state);
  if (turn.licensed_odds && *turn.licensed_odds < kUnlikely)
    say(Detector::kPosterior, turn.relay_score > kRelayLikely ? "relay" : "elsewhere");
}

void add_words_of(const DelayFinding& finding, const DetectorsOff& off, ChipOutcome& chip) {
  for (const DelayWord& word : finding.words) {
    if (!off.has(word.by)) chip.words.push_back({word.by, word.at, word.kind, chip.turns[word.round].honest});
  }
  for (std::size_t r = 0; r < chip.turns.size(); ++r) {
    if (!off.has(Detector::kBaseline)) chip.turns[r].change_score = finding.change[r];
    if (!off.has(Detector::kCohort)) chip.turns[r].cohort_score = finding.cohort[r];
  }
  for (const StatusSince& since : chip.status) {
    if (!alarms(since.state)) continue;
    // One that cheated and went home is called for what it did.
    const bool honest = !chip.cheats_from || since.at < *chip.cheats_from;
    chip.words.push_back({Detector::kStatus, since.at, std::string{name_of(since.state)}, honest});
  }
  std::stable_sort(chip.words.begin(), chip.words.end(),
                   [](const DetectorWord& a, const DetectorWord& b) { return a.at < b.at; });
}

void take_watched(const std::vector<std::pair<Nanoseconds, Nanoseconds>>& cheats, const LabRow& row,
                  const DelayFinding& finding, Nanoseconds horizon, const DetectorsOff& off,
                  ChipOutcome& chip) {
  for (const Detector by : kEveryDetector) {
    Nanoseconds& watched = chip.watched[static_cast<std::size_t>(by)];
    if (off.has(by)) continue;
    if (!is_estimate(by)) {
      watched = chip.honest_time;
      continue;
    }
    for (std::size_t r = 0; r < row.turns.size(); ++r) {
      const bool judged = by == Detector::kPosterior ? row.turns[r].licensed_odds.has_value()
                                                     : finding.judged[r].test(static_cast<std::size_t>(by));
      const Nanoseconds until = r + 1 < row.turns.size() ? row.turns[r + 1].at : horizon;
      if (judged) watched += honest_between(cheats, row.turns[r].at, until);
    }
  }
}

}  // namespace

std::vector<std::pair<Nanoseconds, Nanoseconds>> cheating_spans(const LabFile& file, std::size_t chip,
                                                                Nanoseconds horizon) {
  std::vector<std::pair<Nanoseconds, Nanoseconds>> out;
  std::optional<Nanoseconds> since;
  const auto becomes = [&](bool honest, Nanoseconds at) {
    if (!honest && !since) since = at;
    if (!honest || !since) return;
    if (at > *since) out.emplace_back(*since, at);
    since.reset();
  };
  becomes(file.chips[chip].behaviour == Behaviour::kHonest, Nanoseconds{0});
  for (const LabEvent& event : file.events) {
    const auto* after = std::get_if<LabChip>(&event.after);
    if (after != nullptr && event.index == chip && event.at < horizon)
      becomes(after->behaviour == Behaviour::kHonest, event.at);
  }
  becomes(true, horizon);
  return out;
}

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

std::optional<DetectorWord> ChipOutcome::first_word(Detector by, const std::string& kind) const {
  for (const DetectorWord& word : words) {
    if (word.by == by && (kind.empty() || word.kind == kind) && (!cheats_from || !word.honest)) return word;
  }
  return std::nullopt;
}

std::size_t ChipOutcome::false_words(Detector by) const {
  return static_cast<std::size_t>(std::count_if(
      words.begin(), words.end(), [&](const DetectorWord& word) { return word.by == by && word.honest; }));
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
                      const std::vector<ScenarioAbsence>& absences, Nanoseconds horizon,
                      const DetectRules& detect, const DetectorsOff& off) {
  const std::vector<DelayFinding> delays = delays_of(file, report, detect);
  RunOutcome out{.seed = file.network.seed, .horizon = horizon, .chips = {}};
  for (std::size_t i = 0; i < report.rows.size(); ++i) {
    const LabRow& row = report.rows[i];
    ChipOutcome chip;
    chip.serial = row.serial;
    chip.order = row.order;
    const auto cheats = cheating_spans(file, i, horizon);
    if (!cheats.empty()) chip.cheats_from = cheats.front().first;
    chip.honest_time = honest_between(cheats, Nanoseconds{0}, horizon);
    for (const LabTurn& turn : row.turns) {
      const bool honest = turn.behaviour == "honest";
      const bool flagged = flags(turn, off);
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
      add_words_of(turn, off, chip);
    }
    chip.status = status_of(row, report, keeping, absences, horizon, off);
    chip.alarmed = first_alarm(chip);
    add_words_of(delays[i], off, chip);
    take_watched(cheats, row, delays[i], horizon, off, chip);
    out.chips.push_back(std::move(chip));
  }
  return out;
}

}  // namespace chiploc
