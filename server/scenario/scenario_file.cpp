#include "server/scenario/scenario_file.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

#include "server/lab/lab_timeline.hpp"
#include "server/policy/rules_file.hpp"
#include "server/scenario/scenario_reading.hpp"

namespace chiploc {
namespace {

using Faults = std::vector<std::string>;
constexpr std::uintmax_t kScenarioBytesMax = 1U << 20U;
constexpr Nanoseconds kLoneRound = std::chrono::hours{1};

/// The scenario's own sections, and all the others, each with its lines where they are.
struct TwoTexts {
  std::string ours, labs;
};
TwoTexts split(std::string_view text, const std::filesystem::path& name) {
  TwoTexts out;
  out.ours = TomlReader::parse(text, name).lines_of({"scenario", "sweep", "expect", "absence", "detect"});
  std::istringstream all{std::string{text}}, ours{out.ours};
  std::string line, own;
  while (std::getline(all, line)) {
    const bool is_ours = std::getline(ours, own) && !own.empty();
    out.labs += (is_ours ? std::string{} : line) + '\n';
  }
  return out;
}

/// As far as rounds go, and as long again as the last one stands for.
Nanoseconds usual_horizon(const LabFile& lab) {
  const std::vector<LabRound> rounds = rounds_of(lab);
  const Nanoseconds last = rounds.back().at;
  const Nanoseconds apart = rounds.size() < 2 ? Nanoseconds{0} : last - rounds[rounds.size() - 2].at;
  return last + (apart > Nanoseconds{0} ? apart : kLoneRound);
}

StatusKeeping keeping_of(const LabFile& lab, const std::filesystem::path& name) {
  TomlReader reader = TomlReader::parse(lab.chiplocd, name);  // its faults are the lab's already
  return read_rules(reader).rules.status;
}

/// The lab with these settings; a fault ends with them.
Result<ScenarioPoint, Faults> point_of(const std::string& labs, const SweepPoint& settings,
                                       const std::filesystem::path& name, const LabWorld& world) {
  std::string text = labs;
  for (const Setting& setting : settings) {
    auto with = with_setting(text, setting);
    if (!with) return Fail{Faults{name.string() + ":1: " + setting.key + ": " + with.error()}};
    text = *std::move(with);
  }
  auto lab = parse_lab_file(text, name, world);
  if (!lab) {
    Faults faults = lab.error();
    for (std::string& fault : faults) {
      if (!settings.empty()) fault += " (at " + text_of(settings) + ")";
    }
    return Fail{std::move(faults)};
  }
  const StatusKeeping keeping = keeping_of(*lab, name);
  const Nanoseconds horizon = usual_horizon(*lab);
  return ScenarioPoint{settings, *std::move(lab), keeping, horizon};
}

void check_replays(const LabFile& lab, const std::filesystem::path& name, Faults& faults) {
  for (std::size_t chip = 0; chip < lab.chips.size(); ++chip) {
    if (ever(lab, chip, Behaviour::kReplaying) && rounds_of(lab).size() < 2) {
      faults.push_back(
          name.string() +
          ":1: lab.rounds: a replaying chip repeats the round before, so one round shows nothing; "
          "use 2 or more");
      return;
    }
  }
}

Result<std::string, Faults> text_of_file(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error))
    return Fail{Faults{file.string() + ": no such file; correct the path"}};
  if (std::filesystem::file_size(file, error) > kScenarioBytesMax || error)
    return Fail{Faults{file.string() + ": is larger than 1 MiB; no scenario is"}};
  std::ifstream in{file, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  if (!in.is_open() || in.bad())
    return Fail{Faults{file.string() + ": cannot be read; check its owner and permissions"}};
  return text;
}

}  // namespace

const std::vector<std::pair<std::string_view, std::string_view>>& scenario_attacks() {
  static const std::vector<std::pair<std::string_view, std::string_view>> kAttacks{
      {"none", "no chip cheats: what may go wrong for honest ones"},
      {"relocation", "chips are elsewhere, and answer from there"},
      {"dark", "chips do not answer"},
      {"relay", "chips are elsewhere, behind a relay that stands where they should be"},
      {"proxy", "chips are elsewhere, and their traffic leaves through another's exit"},
      {"stall", "chips wait before they answer"},
      {"selective", "chips delay or drop what comes from chosen anchors"},
      {"clone", "two machines hold one key"},
      {"forgery", "answers that the chip's key has not made for this round"},
      {"lie", "chips claim what would make their distance shorter"},
      {"shuttle", "chips are where they should be whenever they are measured"},
      {"swap", "what answers is not what was delivered"},
      {"anchors", "anchors that are elsewhere, or delay"},
      {"denial", "anchors or paths are made useless"}};
  return kAttacks;
}

Result<ScenarioFile, Faults> parse_scenario(std::string_view text, const std::filesystem::path& name,
                                            const LabWorld& world) {
  if (const Faults broken = TomlReader::parse(text, name).finish();
      broken.size() == 1 && broken.front().find(": not TOML: ") != std::string::npos)
    return Fail{broken};
  const TwoTexts texts = split(text, name);
  ScenarioReading reading{texts.ours, name};
  reading.read_head();
  reading.read_sweeps(texts.labs);
  reading.read_detect();
  reading.read_absences();
  reading.read_expectations();
  auto base = point_of(texts.labs, {}, name, world);
  if (base) {
    reading.check_names(base->lab);
    if (reading.horizon() && *reading.horizon() < rounds_of(base->lab).back().at)
      reading.fault_of_horizon("ends before the last round begins; make it later");
  }
  Faults faults = reading.faults();
  if (!base) faults.insert(faults.end(), base.error().begin(), base.error().end());
  if (!faults.empty()) return Fail{std::move(faults)};
  const std::optional<Nanoseconds> horizon = reading.horizon();
  ScenarioFile out = reading.take();
  out.text = text;
  for (const SweepPoint& settings : points_of(out.sweep)) {
    auto point = point_of(texts.labs, settings, name, world);
    if (!point) {
      faults.insert(faults.end(), point.error().begin(), point.error().end());
      continue;
    }
    if (horizon) point->horizon = std::max(*horizon, rounds_of(point->lab).back().at);
    check_replays(point->lab, name, faults);
    out.points.push_back(*std::move(point));
  }
  if (!faults.empty()) return Fail{std::move(faults)};
  return out;
}

Result<ScenarioFile, Faults> load_scenario(const std::filesystem::path& file, const LabWorld& world) {
  const auto text = text_of_file(file);
  if (!text) return Fail{text.error()};
  return parse_scenario(*text, file, world);
}

Result<ScenarioFile, Faults> load_scenario_head(const std::filesystem::path& file) {
  const auto text = text_of_file(file);
  if (!text) return Fail{text.error()};
  TomlReader whole = TomlReader::parse(*text, file);
  ScenarioReading reading{whole.lines_of({"scenario"}), file};
  reading.read_head();
  if (Faults faults = reading.faults(); !faults.empty()) return Fail{std::move(faults)};
  return reading.take();
}

std::set<std::string> scenario_keys() {
  constexpr std::string_view kEach = R"([scenario]
design = "latin"
[[sweep]]
key = "lab.seed"
[[sweep]]
key = "lab.seed"
values = [1]
[[absence]]
[[expect]]
never = ["OUTSIDE"]
[[expect]]
status = "silent"
)";
  ScenarioReading reading{std::string{kEach}, "keys"};
  reading.read_head();
  reading.read_sweeps("[lab]\nseed = 1\n");
  reading.read_detect();
  reading.read_absences();
  reading.read_expectations();
  return reading.asked();
}

}  // namespace chiploc
