#include "server/scenario/detector_figures.hpp"

#include <algorithm>

#include "server/scenario/figure_text.hpp"

namespace chiploc {
namespace {

void add_chip(const ChipOutcome& chip, Detector by, DetectorFigures& out) {
  out.false_words.events += chip.false_words(by);
  out.false_words.exposure += years_of(chip.watched[static_cast<std::size_t>(by)]);
  if (!chip.cheats_from) return;
  ++out.detected.trials;
  const auto word = chip.first_word(by);
  if (!word) return;
  ++out.detected.hits;
  out.times.push_back(word->at - *chip.cheats_from);
  ++out.kinds[word->kind];
}

}  // namespace

EveryDetectorFigures detector_figures(const std::vector<RunOutcome>& runs) {
  EveryDetectorFigures out;
  for (std::size_t d = 0; d < kDetectors; ++d) {
    for (const RunOutcome& run : runs) {
      for (const ChipOutcome& chip : run.chips) add_chip(chip, kEveryDetector[d], out[d]);
    }
    std::sort(out[d].times.begin(), out[d].times.end());
  }
  return out;
}

std::vector<std::string> detector_lines(const EveryDetectorFigures& figures) {
  constexpr std::size_t kColumn = 14;
  std::vector<std::string> out;
  for (std::size_t d = 0; d < kDetectors; ++d) {
    const DetectorFigures& one = figures[d];
    if (one.detected.hits == 0 && one.false_words.events == 0) continue;
    std::string line = "by " + std::string{name_of(kEveryDetector[d])};
    line.resize(std::max(line.size() + 1, kColumn), ' ');
    if (one.detected.trials > 0) line += share_of(one.detected) + ", " + times_text(one.times, one.detected);
    for (const auto& [kind, count] : one.kinds) line += ", " + kind + " " + std::to_string(count);
    if (one.false_words.events > 0)
      line += std::string{one.detected.trials > 0 ? "; " : ""} + "of those who behave " +
              rate_text(one.false_words);
    out.push_back(std::move(line));
  }
  return out;
}

Json detectors_json(const EveryDetectorFigures& figures) {
  Json out = Json::object();
  for (std::size_t d = 0; d < kDetectors; ++d) {
    const DetectorFigures& one = figures[d];
    Json kinds = Json::object();
    for (const auto& [kind, count] : one.kinds) kinds[kind] = count;
    out[std::string{name_of(kEveryDetector[d])}] = {{"detected", json_of(one.detected)},
                                                    {"median_s", seconds_json(one.times, one.detected, 0.5)},
                                                    {"kinds", std::move(kinds)},
                                                    {"false", rate_json(one.false_words)}};
  }
  return out;
}

}  // namespace chiploc
