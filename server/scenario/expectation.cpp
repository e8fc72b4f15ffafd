#include "server/scenario/expectation.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "proto/base/joined.hpp"
#include "server/lab/lab_tally.hpp"

namespace chiploc {
namespace {

bool is_state_name(const std::string& name) { return chip_state_of(name).has_value(); }

bool had_status(const ChipOutcome& chip, ChipState state, std::optional<Nanoseconds> by) {
  return std::any_of(chip.status.begin(), chip.status.end(), [&](const StatusSince& since) {
    return since.state == state && (!by || since.at <= *by);
  });
}

bool had_any(const ChipOutcome& chip, const std::vector<std::string>& names) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return is_state_name(name) ? had_status(chip, *chip_state_of(name), std::nullopt) : chip.had(name);
  });
}

/// When the chip was flagged by whoever is asked.
std::optional<Nanoseconds> flagged_at(const Expectation& e, const ChipOutcome& chip) {
  if (!e.detector) return chip.detected;
  const auto word = chip.first_word(*e.detector, e.named);
  return word ? std::optional{word->at} : std::nullopt;
}

bool flagged(const Expectation& e, const ChipOutcome& chip) {
  if (e.detector) return flagged_at(e, chip).has_value();
  return chip.cheats_from ? chip.detected.has_value() : chip.false_flags > 0;
}

bool within(const std::optional<Nanoseconds>& at, const ChipOutcome& chip, Nanoseconds time) {
  return at && *at - chip.cheats_from.value_or(Nanoseconds{0}) <= time;
}

/// Whether this trial is one of those that are counted.
bool hits(const Expectation& e, const ChipOutcome& chip) {
  switch (e.kind) {
    case ExpectKind::kNever:
      return had_any(chip, e.never);
    case ExpectKind::kFlaggedAtLeast:
    case ExpectKind::kFlaggedAtMost:
    case ExpectKind::kNoticedAtLeast:
      return flagged(e, chip);
    case ExpectKind::kProvedAtLeast:
    case ExpectKind::kProvedAtMost:
      return chip.had("VERIFIED");
    case ExpectKind::kStatus:
      return had_status(chip, e.status, e.by);
    case ExpectKind::kDetectedWithin:
      return within(flagged_at(e, chip), chip, e.within);
    case ExpectKind::kAlarmedWithin:
      return within(chip.alarmed, chip, e.within);
    case ExpectKind::kWrong:
      return chip.wrong > 0;
  }
  return false;
}

/// Whether more hits are better.
bool wants_hits(ExpectKind kind) {
  return kind != ExpectKind::kNever && kind != ExpectKind::kFlaggedAtMost &&
         kind != ExpectKind::kProvedAtMost && kind != ExpectKind::kWrong;
}

std::string percent(double share) {
  std::array<char, 32> out{};
  std::snprintf(out.data(), out.size(), "%.4g %%", 100.0 * share);
  return out.data();
}

std::string who_of(const Expectation& e) {
  if (!e.detector) return {};
  return " by " + std::string{name_of(*e.detector)} + (e.named.empty() ? "" : " as " + e.named);
}

std::string what_of(const Expectation& e) {
  switch (e.kind) {
    case ExpectKind::kNever:
      return "never " + joined(e.never, " or ");
    case ExpectKind::kFlaggedAtLeast:
      return "at least " + percent(e.share) + " flagged" + who_of(e);
    case ExpectKind::kFlaggedAtMost:
      return "at most " + percent(e.share) + " flagged" + who_of(e);
    case ExpectKind::kNoticedAtLeast:
      return "one of them flagged" + who_of(e) + " in at least " + percent(e.share) + " of the runs";
    case ExpectKind::kProvedAtLeast:
      return "at least " + percent(e.share) + " VERIFIED";
    case ExpectKind::kProvedAtMost:
      return "at most " + percent(e.share) + " VERIFIED";
    case ExpectKind::kStatus:
      return "at least " + percent(e.share) + " have been " + std::string{name_of(e.status)} +
             (e.by ? " by " + duration_text(*e.by) : "");
    case ExpectKind::kDetectedWithin:
      return "at least " + percent(e.share) + " flagged" + who_of(e) + " within " + duration_text(e.within);
    case ExpectKind::kAlarmedWithin:
      return "a status that calls somebody within " + duration_text(e.within) + " for at least " +
             percent(e.share);
    case ExpectKind::kWrong:
      return "at most " + std::to_string(e.most) + " verdicts that may not be";
  }
  return {};
}

/// The first word of each estimate: "; baseline relay at 21 h".
std::string words_of(const ChipOutcome& chip) {
  std::string out;
  for (const Detector by : {Detector::kPosterior, Detector::kBaseline, Detector::kCohort, Detector::kFleet}) {
    if (const auto word = chip.first_word(by))
      out += "; " + std::string{name_of(by)} + " " + word->kind + " at " + duration_text(word->at);
  }
  return out;
}

std::string states_of(const ChipOutcome& chip) {
  std::vector<std::string> states;
  for (const ChipTurn& turn : chip.turns) {
    if (states.empty() || states.back() != turn.state) states.push_back(turn.state);
  }
  std::vector<std::string> status;
  for (const StatusSince& since : chip.status) status.emplace_back(name_of(since.state));
  constexpr std::size_t kWords = 6;
  const auto some = [](std::vector<std::string> words) {
    if (words.size() > kWords) {
      words.resize(kWords);
      words.emplace_back("..");
    }
    return joined(words, " ");
  };
  return some(states) + "; " + some(status) + words_of(chip);
}

}  // namespace

bool is_about(const Expectation& e, const ChipOutcome& chip) {
  if (e.chips == "all") return true;
  if (e.chips == "honest") return !chip.cheats_from;
  if (e.chips == "diverted") return chip.cheats_from.has_value();
  return chip.serial == e.chips || (!chip.order.empty() && chip.order == e.chips);
}

bool is_at(const Expectation& e, const SweepPoint& point) {
  return std::all_of(e.when.begin(), e.when.end(), [&](const SettingIs& condition) {
    return std::any_of(point.begin(), point.end(), [&](const Setting& setting) {
      return setting.key == condition.key && fulfils(setting.value, condition);
    });
  });
}

std::string text_of(const Expectation& e) {
  std::string out = e.chips == "all"        ? "all chips"
                    : e.chips == "honest"   ? "honest chips"
                    : e.chips == "diverted" ? "chips that cheat"
                                            : e.chips;
  for (const SettingIs& condition : e.when) {
    out += ", at " + condition.key +
           (condition.values.size() == 1 ? " = " + condition.values[0]
                                         : " from " + condition.values[0] + " to " + condition.values[1]);
  }
  return out + ": " + what_of(e);
}

ExpectationJudgement judge(const Expectation& e, const std::vector<PointRuns>& points) {
  std::size_t counted = 0, wrong = 0;
  ExpectationJudgement out;
  std::string against;
  const bool by_run = e.kind == ExpectKind::kNoticedAtLeast;
  for (const PointRuns& point : points) {
    if (!is_at(e, point.point)) continue;
    for (const RunOutcome& run : point.runs) {
      std::size_t about = 0, hit = 0;
      for (const ChipOutcome& chip : run.chips) {
        if (!is_about(e, chip)) continue;
        ++about;
        wrong += chip.wrong;
        const bool hits_it = hits(e, chip);
        hit += hits_it ? 1 : 0;
        if (hits_it == wants_hits(e.kind) || by_run || !against.empty()) continue;
        against = chip.serial + ", seed " + std::to_string(run.seed) +
                  (point.point.empty() ? "" : ", " + text_of(point.point)) + ": " + states_of(chip);
      }
      out.trials += by_run ? (about > 0 ? 1 : 0) : about;
      counted += by_run ? (hit > 0 ? 1 : 0) : hit;
    }
  }
  const double share = out.trials == 0 ? 0.0 : static_cast<double>(counted) / static_cast<double>(out.trials);
  constexpr double kSlack = 1e-12;
  switch (e.kind) {
    case ExpectKind::kNever:
      out.holds = counted == 0;
      break;
    case ExpectKind::kWrong:
      out.holds = wrong <= e.most;
      break;
    case ExpectKind::kFlaggedAtMost:
    case ExpectKind::kProvedAtMost:
      out.holds = share <= e.share + kSlack;
      break;
    default:
      out.holds = share >= e.share - kSlack;
  }
  out.holds = out.holds && out.trials > 0;
  out.figures = std::to_string(counted) + " of " + std::to_string(out.trials) +
                (by_run ? " runs, " : " trials, ") + share_text(counted, out.trials);
  if (e.kind == ExpectKind::kWrong) out.figures += ", " + std::to_string(wrong) + " verdicts";
  if (out.trials == 0) out.figures = "nothing to judge by: no such chip in any run";
  if (!out.holds && !against.empty()) out.figures += "; first " + against;
  return out;
}

std::string duration_text(Nanoseconds time) {
  const double seconds = static_cast<double>(time.count()) / 1e9;
  const auto written = [](double value, const char* unit) {
    std::array<char, 48> out{};
    std::snprintf(out.data(), out.size(), "%.3g %s", value, unit);
    return std::string{out.data()};
  };
  if (seconds < 120.0) return written(seconds, "s");
  if (seconds < 7200.0) return written(seconds / 60.0, "min");
  if (seconds < 48.0 * 3600.0) return written(seconds / 3600.0, "h");
  return written(seconds / 86400.0, "d");
}

std::string share_text(std::size_t hits_counted, std::size_t trials) {
  if (trials == 0) return "-";
  const LabShare share{.hits = static_cast<unsigned>(hits_counted), .trials = static_cast<unsigned>(trials)};
  std::array<char, 64> out{};
  std::snprintf(out.data(), out.size(), "%.1f %% (%.1f to %.1f)", 100.0 * share.share(), 100.0 * share.low(),
                100.0 * share.high());
  return out.data();
}

}  // namespace chiploc
