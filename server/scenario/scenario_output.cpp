#include "server/scenario/scenario_output.hpp"

#include <algorithm>
#include <array>
#include <sstream>

#include "proto/base/joined.hpp"
#include "server/scenario/detector_figures.hpp"
#include "server/scenario/figure_text.hpp"
#include "server/text/records.hpp"
#include "server/text/terminal.hpp"

namespace chiploc {
namespace {

constexpr Nanoseconds kRowSpan = std::chrono::hours{24};
constexpr std::array<const char*, 8> kDayStates{"VERIFIED",   "CLEARED", "UNRESOLVED", "OUTSIDE",
                                                "PROHIBITED", "INVALID", "SILENT",     "NONE"};

Json point_json(const PointFigures& point) {
  Json settings = Json::object();
  for (const Setting& setting : point.point)
    settings[setting.key] = Json::parse(setting.value, nullptr, false);
  return {{"settings", std::move(settings)},
          {"runs", point.runs},
          {"detected", json_of(point.detected)},
          {"noticed", json_of(point.noticed)},
          {"detect_median_s", seconds_json(point.detect_times, point.detected, 0.5)},
          {"detect_p90_s", seconds_json(point.detect_times, point.detected, 0.9)},
          {"alarmed", json_of(point.alarmed)},
          {"alarm_median_s", seconds_json(point.alarm_times, point.alarmed, 0.5)},
          {"alarm_p90_s", seconds_json(point.alarm_times, point.alarmed, 0.9)},
          {"false_flags", rate_json(point.false_flags)},
          {"false_alarms", rate_json(point.false_alarms)},
          {"proved", json_of(point.proved)},
          {"rounds", point.rounds},
          {"pings", point.pings},
          {"wrong", point.wrong},
          {"detectors", detectors_json(point.detectors)}};
}

void add_chip_days(const ScenarioFile& file, std::size_t point, const RunOutcome& run,
                   const ChipOutcome& chip, std::string& out) {
  const Nanoseconds horizon = std::max(run.horizon, Nanoseconds{1});
  for (std::int64_t day = 0; day * kRowSpan < horizon; ++day) {
    const Nanoseconds from = day * kRowSpan, until = std::min(horizon, from + kRowSpan);
    std::array<std::size_t, kDayStates.size()> states{};
    std::size_t rounds = 0, flagged = 0, wrong = 0, pings = 0;
    bool cheats = false;
    for (const ChipTurn& turn : chip.turns) {
      if (turn.began < from || turn.began >= from + kRowSpan) continue;
      ++rounds;
      flagged += turn.flagged ? 1 : 0;
      wrong += turn.ok ? 0 : 1;
      pings += turn.pings;
      cheats = cheats || !turn.honest;
      for (std::size_t s = 0; s < kDayStates.size(); ++s) states[s] += turn.state == kDayStates[s] ? 1U : 0U;
    }
    bool alarm = alarms(chip.status_at(from));
    for (const StatusSince& since : chip.status)
      alarm = alarm || (since.at >= from && since.at < until && alarms(since.state));
    std::vector<std::string> row{file.name,
                                 std::to_string(point),
                                 std::to_string(run.seed),
                                 chip.serial,
                                 chip.order,
                                 std::to_string(day),
                                 figure(static_cast<double>((until - from).count()) / 3.6e12),
                                 chip.cheats_from && *chip.cheats_from < until ? "1" : "0",
                                 cheats ? "1" : "0",
                                 std::to_string(rounds),
                                 std::to_string(pings)};
    for (const std::size_t count : states) row.push_back(std::to_string(count));
    row.push_back(std::to_string(flagged));
    row.push_back(std::to_string(wrong));
    row.emplace_back(name_of(chip.status_at(until - Nanoseconds{1})));
    row.emplace_back(alarm ? "1" : "0");
    for (const Detector by : kEveryDetector) {
      const bool spoke = std::any_of(chip.words.begin(), chip.words.end(), [&](const DetectorWord& word) {
        return word.by == by && word.at >= from && word.at < from + kRowSpan;
      });
      row.emplace_back(spoke ? "1" : "0");
    }
    out += csv_row(row);
  }
}

}  // namespace

std::string table_of(const ScenarioFile& file, const ScenarioReport& report) {
  std::ostringstream out;
  const std::size_t runs = report.points.empty() ? 0 : report.points.front().runs;
  out << printable(file.name + ": " + file.about) << "\n"
      << report.points.size() << (report.points.size() == 1 ? " point, " : " points, ") << runs
      << (runs == 1 ? " run" : " runs") << " each. A trial is one chip in one run; 95 % intervals.\n";
  for (const PointFigures& point : report.points) {
    out << "\n" << printable(text_of(point.point)) << "\n";
    if (point.detected.trials > 0) {
      out << "  detected      " << share_of_trials(point.detected) << ", "
          << times_text(point.detect_times, point.detected) << "\n";
      out << "  alarm         " << share_of_trials(point.alarmed) << ", "
          << times_text(point.alarm_times, point.alarmed) << "\n";
    }
    if (point.proved.trials > 0) out << "  honest proved " << share_of_trials(point.proved) << "\n";
    out << "  false flags   " << rate_text(point.false_flags) << "\n";
    for (const std::string& line : detector_lines(point.detectors)) out << "  " << printable(line) << "\n";
    out << "  spent         " << point.rounds << " rounds, " << point.pings << " pings\n";
  }
  out << "\n";
  for (std::size_t i = 0; i < report.judgements.size(); ++i) {
    const ExpectationJudgement& judgement = report.judgements[i];
    out << (judgement.holds ? "holds  " : "FAILS  ") << printable(text_of(file.expectations[i]))
        << "\n       " << printable(judgement.figures) << "\n";
  }
  return out.str();
}

std::string json_of(const ScenarioFile& file, const ScenarioReport& report) {
  Json out{{"name", file.name}, {"about", file.about}, {"attack", file.attack}, {"holds", report.holds()}};
  out["points"] = Json::array();
  for (const PointFigures& point : report.points) out["points"].push_back(point_json(point));
  out["expectations"] = Json::array();
  for (std::size_t i = 0; i < report.judgements.size(); ++i) {
    out["expectations"].push_back({{"what", text_of(file.expectations[i])},
                                   {"why", file.expectations[i].why},
                                   {"holds", report.judgements[i].holds},
                                   {"trials", report.judgements[i].trials},
                                   {"figures", report.judgements[i].figures}});
  }
  return out.dump(2) + "\n";
}

std::string csv_of(const ScenarioFile& file, const ScenarioReport& report) {
  std::vector<std::string> head{"scenario", "point"};
  for (const SweepAxis& axis : file.sweep.axes) head.push_back(axis.key);
  for (const char* name : {"runs",         "cheats",          "detected",        "detected_share",
                           "detected_low", "detected_high",   "detect_median_s", "detect_p90_s",
                           "alarmed",      "alarm_median_s",  "alarm_p90_s",     "false_flags",
                           "chip_years",   "false_flag_rate", "false_flag_low",  "false_flag_high",
                           "honest",       "proved",          "rounds",          "pings",
                           "wrong"})
    head.emplace_back(name);
  for (const Detector by : kEveryDetector) {
    for (const char* what : {"_detected", "_median_s", "_false"})
      head.push_back(std::string{name_of(by)} + what);
  }
  std::string out = csv_row(head);
  for (std::size_t i = 0; i < report.points.size(); ++i) {
    const PointFigures& p = report.points[i];
    std::vector<std::string> row{file.name, std::to_string(i + 1)};
    for (const Setting& setting : p.point) row.push_back(csv_value_of(setting.value));
    for (std::string& field : std::vector<std::string>{std::to_string(p.runs),
                                                       std::to_string(p.detected.trials),
                                                       std::to_string(p.detected.hits),
                                                       figure(p.detected.share()),
                                                       figure(p.detected.low()),
                                                       figure(p.detected.high()),
                                                       seconds_text(p.detect_times, p.detected, 0.5),
                                                       seconds_text(p.detect_times, p.detected, 0.9),
                                                       std::to_string(p.alarmed.hits),
                                                       seconds_text(p.alarm_times, p.alarmed, 0.5),
                                                       seconds_text(p.alarm_times, p.alarmed, 0.9),
                                                       std::to_string(p.false_flags.events),
                                                       figure(p.false_flags.exposure),
                                                       figure(p.false_flags.rate()),
                                                       figure(p.false_flags.low()),
                                                       figure(p.false_flags.high()),
                                                       std::to_string(p.proved.trials),
                                                       std::to_string(p.proved.hits),
                                                       std::to_string(p.rounds),
                                                       std::to_string(p.pings),
                                                       std::to_string(p.wrong)})
      row.push_back(std::move(field));
    for (const DetectorFigures& one : p.detectors) {
      row.push_back(std::to_string(one.detected.hits));
      row.push_back(seconds_text(one.times, one.detected, 0.5));
      row.push_back(std::to_string(one.false_words.events));
    }
    out += csv_row(row);
  }
  return out;
}

std::string chip_days_csv(const ScenarioFile& file, const std::vector<PointRuns>& runs) {
  std::vector<std::string> head{
      "scenario",         "point",  "seed", "chip", "order", "day", "hours", "cheat",
      "cheated_in_round", "rounds", "pings"};
  for (const char* state : kDayStates) {
    std::string name{state};
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    head.push_back(std::move(name));
  }
  for (const char* name : {"flagged", "wrong", "status", "alarm"}) head.emplace_back(name);
  for (const Detector by : kEveryDetector) head.push_back("by_" + std::string{name_of(by)});
  std::string out = csv_row(head);
  for (std::size_t point = 0; point < runs.size(); ++point) {
    for (const RunOutcome& run : runs[point].runs) {
      for (const ChipOutcome& chip : run.chips) add_chip_days(file, point + 1, run, chip, out);
    }
  }
  return out;
}

std::string explained(const ScenarioFile& file) {
  std::ostringstream out;
  std::string_view attack;
  for (const auto& [name, about] : scenario_attacks()) {
    if (name == file.attack) attack = about;
  }
  const LabFile& lab = file.points.front().lab;
  out << printable(file.name + ": " + file.about) << "\n\n"
      << printable_lines(file.story) << "\n\n"
      << "Attack: " << printable(file.attack) << ", " << attack << ".\n"
      << lab.chips.size() << " chips, " << lab.anchors.size() << " anchors, horizon "
      << duration_text(file.points.front().horizon) << ", seeds " << file.seeds.first << ".."
      << file.seeds.last << " (short form: " << file.short_seeds.first << ".." << file.short_seeds.last
      << ")\n\n";
  if (file.sweep.axes.empty()) out << "Knobs: none; it has one point.\n";
  for (const SweepAxis& axis : file.sweep.axes) {
    out << "Knob " << printable(axis.key + ": " + axis.about) << "; ";
    if (axis.values.empty())
      out << toml_number(axis.from) << " to " << toml_number(axis.to)
          << (axis.logarithmic ? ", logarithmic" : "");
    else
      out << printable(joined(axis.values, ", "));
    out << "\n";
  }
  out << "\nExpected:\n";
  for (const Expectation& expectation : file.expectations)
    out << "- " << printable(text_of(expectation)) << "\n  " << printable(expectation.why) << "\n";
  return out.str();
}

}  // namespace chiploc
