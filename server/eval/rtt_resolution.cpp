#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>

#include "server/eval/rtt_check.hpp"
#include "server/eval/rtt_grid.hpp"

namespace chiploc {
namespace {

// Over all groups. What is stated twice is counted once: nodes of one city see the same whole milliseconds.
constexpr double kByChance = 1e-4;
constexpr double kMostRows = 0.9;
constexpr double kLeastStepOfMost = 0.5;
constexpr double kSameStep = 1.001;  // an odd one may be stated with four digits

/// Rows that one tool may have written.
struct RowGroup {
  std::string whose;
  const RttRow* first = nullptr;
  std::vector<double> values{};

  void add(const RttRow& row) {
    if (first == nullptr) first = &row;
    values.push_back(row.ms);
  }
};

struct FoundStep {
  double step = 0.0;
  std::size_t multiples = 0;
};

/// The largest step that all values of the group are multiples of, or nine in ten of kBandRows and more.
/// `grid`: what all values of the set are multiples of. `log_limit`: of the odds that it is chance.
FoundStep step_of(const RowGroup& group, double grid, double log_limit, bool whole_set) {
  static constexpr std::array kSteps{100.0, 50.0, 20.0, 10.0, 5.0, 2.0, 1.0, 0.5, 0.25, 0.2, 0.1};
  std::vector<double> distinct = group.values;
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  const auto multiples_in = [](const std::vector<double>& values, double step) {
    return static_cast<std::size_t>(
        std::count_if(values.begin(), values.end(), [step](double ms) { return is_multiple(ms, step); }));
  };
  for (const double step : kSteps) {
    const std::size_t multiples = multiples_in(group.values, step);
    const bool all = multiples == group.values.size();
    const bool most = step >= kLeastStepOfMost && group.values.size() >= kBandRows &&
                      static_cast<double>(multiples) >= kMostRows * static_cast<double>(group.values.size());
    if (!all && !most) continue;
    // A whole set of few values shows as much as 1 ms; what is coarser may be chance.
    if (whole_set && all && step <= 1.0) return {step, multiples};
    if (step > 1.0 && group.values.size() < kBandRows) continue;
    const double base = whole_set && all ? 1.0 : grid;
    if (step <= base * (1.0 + 1e-9)) continue;
    if (log_binomial_tail(multiples_in(distinct, step), distinct.size(), base / step) < log_limit)
      return {step, multiples};
  }
  return {};
}

/// A step of no round number: of a clock that ticks 64 times a second, or of 1/1024 s. Found where all of
/// kBandRows values or more are multiples of the least difference between two, as far as three decimals show.
double odd_step(std::vector<double> values) {
  constexpr double kLeast = 0.1;
  constexpr double kShown = 0.0011;
  if (values.size() < kBandRows) return 0.0;
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  if (values.size() < 3) return 0.0;
  double step = values.back();
  for (std::size_t i = 1; i < values.size(); ++i) step = std::min(step, values[i] - values[i - 1]);
  double refined = 1.0;  // times the step in the value that it comes from: the longer, the finer it shows
  double log_odds = 0.0;
  std::size_t fitted = 2;  // the least difference, and what refines it
  for (const double value : values) {
    if (step < kLeast) return 0.0;
    const double times = std::round(value / step);
    const double off = kShown * (1.0 + times / refined);
    if (std::abs(value - times * step) > off) return 0.0;
    if (fitted > 0) {
      --fitted;
    } else {
      log_odds += std::log(std::min(1.0, 2.0 * off / step));
    }
    if (times > refined) {
      step = value / times;
      refined = times;
    }
  }
  return log_odds < std::log(kByChance) ? step : 0.0;
}

std::vector<RowGroup> groups_of(const RttSet& set, std::span<const RttRow> rows) {
  RowGroup all{""}, short_ones{" below 10 ms"}, tens{" of 10 ms and more"}, hundreds{" of 100 ms and more"};
  std::map<std::size_t, RowGroup> sources, destinations;
  for (const RttRow& row : rows) {
    all.add(row);
    (row.ms < 10.0 ? short_ones : tens).add(row);
    if (row.ms >= 100.0) hundreds.add(row);
    sources.try_emplace(row.source, RowGroup{" from " + label_of(set.nodes[row.source])})
        .first->second.add(row);
    destinations.try_emplace(row.destination, RowGroup{" to " + label_of(set.nodes[row.destination])})
        .first->second.add(row);
  }
  std::vector<RowGroup> groups{std::move(all)};
  for (RowGroup* band : {&hundreds, &tens, &short_ones}) {
    if (band->values.size() >= kBandRows) groups.push_back(std::move(*band));
  }
  for (auto* ends : {&sources, &destinations}) {
    for (auto& [node, group] : *ends) {
      if (group.values.size() >= kSourceRows) groups.push_back(std::move(group));
    }
  }
  return groups;
}

}  // namespace

double check_resolution(const RttSet& set, std::span<const RttRow> rows, const RttReading& reading,
                        const RttFaults& faults) {
  const double stated = reading.resolution_ms.value_or(-1.0);
  if (rows.empty()) return std::max(0.0, stated);
  const std::vector<RowGroup> groups = groups_of(set, rows);
  const double grid = finest_step(groups.front().values);
  const double log_limit = std::log(kByChance / static_cast<double>(groups.size()));
  const RowGroup* coarsest = nullptr;
  FoundStep found;
  std::size_t alike = 0;
  for (const RowGroup& group : groups) {
    const FoundStep step = step_of(group, grid, log_limit, &group == &groups.front());
    if (step.step == found.step && coarsest != nullptr) ++alike;
    if (step.step <= found.step) continue;
    coarsest = &group;
    found = step;
    alike = 0;
  }
  if (coarsest == nullptr) {
    found = {odd_step(groups.front().values), rows.size()};
    if (found.step > 0.0) coarsest = &groups.front();
  }
  if (stated == 0.0 || coarsest == nullptr || found.step <= stated * kSameStep)
    return std::max({0.0, stated, found.step});
  std::string step = short_number(std::round(found.step * 1e6) / 1e6);
  std::string text =
      found.multiples == coarsest->values.size() ? "all " : std::to_string(found.multiples) + " of ";
  text += std::to_string(coarsest->values.size()) + " values" + coarsest->whose + " are multiples of " +
          step + " ms";
  if (coarsest != &groups.front() && alike > 0)
    text += " (and so are those of " + std::to_string(alike) + " other groups of rows)";
  text += stated > 0.0
              ? ", and --resolution-ms " + short_number(stated) + " is less; were they rounded to that?"
              : "; were they rounded?";
  text +=
      " A place can be farther off than they say: give --resolution-ms " + step +
      " (adds half of it to every round trip; with --truncated, if they were rounded down, all of it), or "
      "--resolution-ms 0 if they are exact";
  faults.about(*coarsest->first).add(coarsest->first->line, set.column, std::move(text));
  return found.step;
}

}  // namespace chiploc
