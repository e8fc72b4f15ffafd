#include "server/scenario/scenario_reading.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "proto/base/joined.hpp"

namespace chiploc {
namespace {

constexpr std::array<std::string_view, 8> kVerdicts{"VERIFIED",   "CLEARED", "UNRESOLVED", "OUTSIDE",
                                                    "PROHIBITED", "INVALID", "SILENT",     "NONE"};

/// What an expectation may say, one of them each.
constexpr std::array<std::pair<std::string_view, ExpectKind>, 10> kWhats{
    {{"never", ExpectKind::kNever},
     {"flagged_at_least", ExpectKind::kFlaggedAtLeast},
     {"flagged_at_most", ExpectKind::kFlaggedAtMost},
     {"noticed_at_least", ExpectKind::kNoticedAtLeast},
     {"proved_at_least", ExpectKind::kProvedAtLeast},
     {"proved_at_most", ExpectKind::kProvedAtMost},
     {"status", ExpectKind::kStatus},
     {"detected_within", ExpectKind::kDetectedWithin},
     {"alarmed_within", ExpectKind::kAlarmedWithin},
     {"wrong", ExpectKind::kWrong}}};

bool takes_share(ExpectKind kind) {
  return kind == ExpectKind::kStatus || kind == ExpectKind::kDetectedWithin ||
         kind == ExpectKind::kAlarmedWithin;
}

bool takes_detector(ExpectKind kind) {
  return kind == ExpectKind::kFlaggedAtLeast || kind == ExpectKind::kFlaggedAtMost ||
         kind == ExpectKind::kNoticedAtLeast || kind == ExpectKind::kDetectedWithin;
}

std::string names_of_attacks() {
  std::string out;
  for (const auto& [name, about] : scenario_attacks()) out.append(out.empty() ? "" : ", ").append(name);
  return out;
}

bool has_chip(const LabFile& lab, const std::string& serial) {
  return std::any_of(lab.chips.begin(), lab.chips.end(),
                     [&](const LabChip& chip) { return chip.serial == serial; });
}

}  // namespace

ScenarioReading::ScenarioReading(std::string text, const std::filesystem::path& name)
    : text_{std::move(text)}, reader_{TomlReader::parse(text_, name)}, head_{reader_.section("scenario")} {
  file_.path = name;
}

std::optional<Nanoseconds> ScenarioReading::time(TomlSection& section, std::string_view key, bool required) {
  if (!required && !section.has(key)) return std::nullopt;
  const std::string text = section.text(key);
  if (text.empty()) return std::nullopt;
  const auto out = lab_time_of(text);
  if (!out) section.fault(key, "\"" + text + "\" is no time; write a number and ms, s, min, h or d: \"24h\"");
  return out;
}

LabSeeds ScenarioReading::read_seeds(TomlSection& section, std::string_view key, std::string_view otherwise) {
  const std::string text = section.text(key, otherwise);
  const auto seeds = seeds_of(text);
  if (!seeds) section.fault(key, "\"" + text + "\" names no seeds; write \"20\" for 1 to 20, or \"5..8\"");
  return seeds.value_or(LabSeeds{});
}

void ScenarioReading::read_head() {
  file_.name = head_.text("name");
  file_.about = head_.text("about");
  file_.story = head_.text("story");
  file_.attack = head_.text("attack");
  const auto& attacks = scenario_attacks();
  const bool known = std::any_of(attacks.begin(), attacks.end(),
                                 [&](const auto& attack) { return attack.first == file_.attack; });
  if (!known && !file_.attack.empty())
    head_.fault("attack",
                "\"" + file_.attack + "\" is none of those there are; use one of " + names_of_attacks());
  file_.seeds = read_seeds(head_, "seeds", "1..20");
  file_.short_seeds = read_seeds(head_, "short_seeds", "1..2");
  horizon_ = time(head_, "horizon", false);
  file_.sweep.design =
      head_.choice("design", {"grid", "latin"}) == "latin" ? SweepDesign::kLatin : SweepDesign::kGrid;
  const bool latin = file_.sweep.design == SweepDesign::kLatin;
  for (const std::string_view key : {"samples", "design_seed"}) {
    if (head_.has(key) && !latin)
      head_.fault(key, "is of a Latin hypercube; add design = \"latin\", or remove it");
  }
  if (!latin) return;
  file_.sweep.samples = static_cast<std::size_t>(head_.integer(
      "samples", {.min = 1, .max = static_cast<std::int64_t>(kSweepPointsMax), .otherwise = {}}));
  file_.sweep.seed = static_cast<std::uint64_t>(head_.integer("design_seed", {.min = 0, .otherwise = 1}));
}

void ScenarioReading::read_sweeps(std::string_view lab_text) {
  std::size_t index = 0;
  for (TomlSection& section : reader_.sections("sweep")) read_axis(section, index++, lab_text);
  if (file_.sweep.design == SweepDesign::kLatin && file_.sweep.axes.empty())
    head_.fault("design",
                "a Latin hypercube needs something that is swept; add [[sweep]], or remove the key");
  if (count_points(file_.sweep) > kSweepPointsMax)
    head_.fault("name",
                "the sweeps make more than 1000 points; leave some values out, or use design = \"latin\"");
}

void ScenarioReading::read_axis(TomlSection& section, std::size_t index, std::string_view lab_text) {
  SweepAxis axis{.key = section.text("key"), .about = section.text("about")};
  if (axis.key.empty()) return;
  const auto there = value_in(lab_text, axis.key);
  if (!there) section.fault("key", "\"" + axis.key + "\" " + there.error());
  for (const SweepAxis& other : file_.sweep.axes) {
    if (other.key == axis.key) section.fault("key", "\"" + axis.key + "\" is swept twice; keep one");
  }
  const bool listed = section.has("values");
  auto values = values_of(text_, "sweep", index, "values");
  if (!values) {
    section.fault("values", values.error());
  } else {
    axis.values = *std::move(values);
  }
  if (section.has("short_values") && file_.sweep.design == SweepDesign::kLatin)
    section.fault("short_values",
                  "is of a grid: the points of a Latin hypercube belong together; remove the key, or use "
                  "short_seeds");
  auto some = values_of(text_, "sweep", index, "short_values");
  if (!some) {
    section.fault("short_values", some.error());
  } else {
    axis.short_values = *std::move(some);
  }
  for (const std::string& value : axis.short_values) {
    if (std::find(axis.values.begin(), axis.values.end(), value) == axis.values.end())
      section.fault("short_values", value + " is none of the values; name some of these");
  }
  constexpr std::array<std::string_view, 5> kRange{"from", "to", "steps", "scale", "whole"};
  if (listed) {
    for (const std::string_view key : kRange) {
      if (section.has(key)) section.fault(key, "is of a range, and the values are listed; keep one of them");
    }
  } else {
    read_range(section, axis);
  }
  file_.sweep.axes.push_back(std::move(axis));
}

void ScenarioReading::read_range(TomlSection& section, SweepAxis& axis) {
  constexpr double kMost = 1e12;
  axis.from = section.number("from", -kMost, kMost, std::nullopt);
  axis.to = section.number("to", -kMost, kMost, std::nullopt);
  axis.logarithmic = section.choice("scale", {"linear", "log"}) == "log";
  axis.whole = section.boolean("whole", false);
  if (axis.logarithmic && (axis.from <= 0.0 || axis.to <= 0.0))
    section.fault("scale", "on a logarithmic scale both ends are above 0; correct them, or use \"linear\"");
  if (file_.sweep.design == SweepDesign::kGrid) {
    axis.steps = static_cast<std::size_t>(section.integer(
        "steps", {.min = 2, .max = static_cast<std::int64_t>(kSweepPointsMax), .otherwise = {}}));
  } else if (section.has("steps")) {
    section.fault("steps",
                  "is of a grid; a Latin hypercube takes as many parts as it has samples; remove the key");
  }
}

void ScenarioReading::read_detect() {
  TomlSection section = reader_.section("detect");
  DetectRules& rules = file_.detect;
  const auto rounds = [&](std::string_view key, std::int64_t least, std::size_t otherwise) {
    return static_cast<std::size_t>(
        section.integer(key, {.min = least, .max = 1000, .otherwise = static_cast<std::int64_t>(otherwise)}));
  };
  rules.baseline_rounds = rounds("baseline_rounds", 4, rules.baseline_rounds);
  rules.law_rounds = rounds("law_rounds", 1, rules.law_rounds);
  rules.rounds_per_flag = section.number("rounds_per_flag", 2.0, 1e9, rules.rounds_per_flag);
  rules.posterior = section.boolean("posterior", rules.posterior);
  rules.level = section.number("level", 1e-9, 0.5, rules.level);
}

void ScenarioReading::read_absences() {
  for (TomlSection& section : reader_.sections("absence")) {
    ScenarioAbsence absence{.chip = section.text("chip")};
    absence.declared = time(section, "declared", false).value_or(Nanoseconds{0});
    absence.from = time(section, "from", true).value_or(Nanoseconds{0});
    absence.until = time(section, "until", true).value_or(Nanoseconds{0});
    if (absence.until <= absence.from)
      section.fault("until", "the absence ends before it begins; make it later");
    file_.absences.push_back(std::move(absence));
    absence_sections_.push_back(section);
  }
}

void ScenarioReading::read_expectations() {
  std::size_t index = 0;
  for (TomlSection& section : reader_.sections("expect")) read_expectation(section, index++);
  if (file_.expectations.empty())
    head_.fault("name", "the scenario expects nothing; add [[expect]], or it could never fail");
}

void ScenarioReading::read_expectation(TomlSection& section, std::size_t index) {
  Expectation out;
  out.chips = section.text("chips", "all");
  out.why = section.text("why");
  static_cast<void>(section.has("when"));
  auto when = conditions_of(text_, "expect", index, "when");
  if (!when) {
    section.fault("when", when.error());
  } else {
    out.when = *std::move(when);
  }
  for (const SettingIs& condition : out.when) {
    const auto& axes = file_.sweep.axes;
    if (std::none_of(axes.begin(), axes.end(), [&](const SweepAxis& a) { return a.key == condition.key; }))
      section.fault("when", "\"" + condition.key + "\" is not swept; name the key of a [[sweep]]");
  }
  read_what(section, out);
  if (!out.when.empty() && count_points(file_.sweep) <= kSweepPointsMax) {
    const auto points = points_of(file_.sweep);
    const auto asks = [&](const SweepPoint& point) { return is_at(out, point); };
    if (std::none_of(points.begin(), points.end(), asks)) {
      section.fault("when", "is true of no point of the sweep, so that nothing would be asked; correct it");
    } else if (std::none_of(points.begin(), points.end(), [&](const SweepPoint& point) {
                 return asks(point) && is_short(file_.sweep, point);
               })) {
      section.fault("when",
                    "is true of no point of the short form, which could not hold; add a value to "
                    "short_values");
    }
  }
  file_.expectations.push_back(std::move(out));
  expect_sections_.push_back(section);
}

void ScenarioReading::read_share(TomlSection& section, std::string_view key, Expectation& out) {
  out.share = section.number(key, 0.0, 1.0, 1.0);
}

void ScenarioReading::read_detector(TomlSection& section, Expectation& out) {
  if (!section.has("detector")) {
    if (section.has("named"))
      section.fault("named", "is what a detector calls it; add detector, or remove the key");
    return;
  }
  const std::string name = section.text("detector");
  out.detector = detector_of(name);
  if (!out.detector && !name.empty())
    section.fault("detector", "\"" + name + "\" is no detector; use one of " + names_of_detectors());
  if (!takes_detector(out.kind))
    section.fault(
        "detector",
        "is of flagged_at_least, flagged_at_most, noticed_at_least and detected_within; remove the key");
  out.named = section.text("named", "");
  if (!out.detector || out.named.empty()) return;
  const auto& kinds = kinds_of(*out.detector);
  if (!kinds.empty() && std::find(kinds.begin(), kinds.end(), out.named) == kinds.end())
    section.fault("named", "\"" + out.named + "\" is nothing that " + name + " says; use one of " +
                               joined(kinds, ", "));
}

void ScenarioReading::read_what(TomlSection& section, Expectation& out) {
  std::string_view said;
  std::size_t count = 0;
  for (const auto& [key, kind] : kWhats) {
    if (!section.has(key)) continue;
    ++count;
    said = key;
    out.kind = kind;
  }
  for (const std::string_view key : {"share", "by", "detector", "named"}) static_cast<void>(section.has(key));
  if (count != 1) {
    std::string words;
    for (const auto& [key, kind] : kWhats) words.append(words.empty() ? "" : ", ").append(key);
    section.fault(count == 0 ? "why" : said, "an expectation says one thing; give one of " + words);
    return;
  }
  if (section.has("by") && out.kind != ExpectKind::kStatus)
    section.fault("by", "is of a status; remove the key, or use detected_within or alarmed_within");
  if (section.has("share") && !takes_share(out.kind))
    section.fault("share", "is of status, detected_within and alarmed_within; remove the key");
  read_detector(section, out);
  if (takes_share(out.kind)) read_share(section, "share", out);
  switch (out.kind) {
    case ExpectKind::kNever:
      out.never = section.texts("never", true);
      for (const std::string& name : out.never) {
        if (std::find(kVerdicts.begin(), kVerdicts.end(), name) == kVerdicts.end() && !chip_state_of(name))
          section.fault("never",
                        "\"" + name + "\" is neither a verdict (\"OUTSIDE\") nor a status (\"drifted\")");
      }
      return;
    case ExpectKind::kStatus: {
      const std::string name = section.text("status");
      const auto state = chip_state_of(name);
      if (!state && !name.empty())
        section.fault("status", "\"" + name + "\" is no status; use \"silent\" or another");
      out.status = state.value_or(ChipState::kPending);
      out.by = time(section, "by", false);
      return;
    }
    case ExpectKind::kDetectedWithin:
    case ExpectKind::kAlarmedWithin:
      out.within = time(section, said, true).value_or(Nanoseconds{0});
      return;
    case ExpectKind::kWrong:
      out.most =
          static_cast<std::size_t>(section.integer("wrong", {.min = 0, .max = 1'000'000, .otherwise = 0}));
      return;
    default:
      return read_share(section, said, out);
  }
}

void ScenarioReading::check_names(const LabFile& lab) {
  for (std::size_t i = 0; i < file_.absences.size(); ++i) {
    const std::string& chip = file_.absences[i].chip;
    if (!chip.empty() && !has_chip(lab, chip))
      absence_sections_[i].fault("chip", "no chip has the serial \"" + chip + "\"; correct it");
  }
  for (std::size_t i = 0; i < file_.expectations.size(); ++i) {
    const std::string& chips = file_.expectations[i].chips;
    if (chips == "all" || chips == "honest" || chips == "diverted" || has_chip(lab, chips) ||
        lab.order(chips) != nullptr)
      continue;
    expect_sections_[i].fault(
        "chips", "\"" + chips + "\" is none of all, honest and diverted, no order and no chip; correct it");
  }
}

}  // namespace chiploc
