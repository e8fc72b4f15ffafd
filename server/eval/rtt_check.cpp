#include "server/eval/rtt_check.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>

#include "geo/geodesic.hpp"
#include "geo/median.hpp"
#include "geo/vec3.hpp"

namespace chiploc {
namespace {

// A path may dip below the ellipsoid, as regions allow too (geo/README.md).
constexpr double kBelowEllipsoid = 1e-4;
constexpr std::size_t kLinesShown = 5;
// Paths of 100 km and more take three times as long as light in vacuum in the median of public meshes, and by
// way of a satellite up to a hundred times.
constexpr double kTimesLight = 300.0;

std::string number(double value) {
  char text[48];
  std::snprintf(text, sizeof text, "%.10g", value);
  return text;
}
std::string number(double value, int decimals) {
  char text[340];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}
std::string who(const EvalNode& node) { return label_of(node); }

bool multiple_of(double ms, double step) {
  const double steps = ms / step;
  return std::abs(steps - std::round(steps)) < 1e-6 * std::max(1.0, steps * 1e-3);
}

/// The largest step that all values are multiples of; 0 if none of 0.1 ms or more. With few values a large
/// step may be chance, and 1 ms is as much as they show.
double step_of(const std::vector<double>& values) {
  static constexpr std::array kSteps{100.0, 50.0, 20.0, 10.0, 5.0, 2.0, 1.0, 0.5, 0.2, 0.1};
  for (const double step : kSteps) {
    if (step > 1.0 && values.size() < kBandRows) continue;
    if (std::all_of(values.begin(), values.end(), [step](double ms) { return multiple_of(ms, step); }))
      return step;
  }
  return 0.0;
}

/// log P(X >= count), X of a Poisson distribution.
double log_tail(std::size_t count, double mean) {
  const double k = static_cast<double>(count);
  if (k <= mean) return 0.0;
  int sign = 0;
  double sum = 0.0;
  double term = 1.0;
  for (int i = 1; i < 400 && term > 1e-12 * sum; ++i) {
    sum += term;
    term *= mean / (k + i);
  }
  return k * std::log(mean) - mean - ::lgamma_r(k + 1.0, &sign) + std::log(sum);
}

/// What programs and people write for "nothing came back": all ones, all nines, and round time limits.
bool usual_placeholder(double ms) {
  for (double power = 128.0; power <= 65'536.0; power *= 2.0) {
    if (ms == power || ms == power - 1.0) return true;
  }
  const double nines = ms + 1.0;
  for (double power = 100.0; power <= 100'000.0; power *= 10.0) {
    if (ms == power || nines == power || std::abs(ms - power) < 0.1 + 1e-9) return true;
  }
  return ms >= 500.0 && multiple_of(ms, 500.0);
}

}  // namespace

std::string label_of(const EvalNode& node) {
  constexpr std::size_t kShown = 40;
  if (node.name.size() <= kShown) return node.id + " (" + node.name + ")";
  std::size_t end = kShown;
  while (end > 0 && (static_cast<unsigned char>(node.name[end]) & 0xC0U) == 0x80U) --end;
  return node.id + " (" + node.name.substr(0, end) + "..)";
}

double least_ms(double km) { return 2.0e3 * km / kLightInVacuum.km_s(); }

void check_light(RttSet& set, std::span<const RttRow> rows, const RttReading& reading,
                 const RttFaults& faults) {
  std::map<std::size_t, std::size_t> known;         // faulty node -> rows
  std::map<std::size_t, std::size_t> contradicted;  // node -> rows
  std::vector<double> times_light;
  std::uint32_t first = 0;
  std::size_t total = 0;
  for (const RttRow& row : rows) {
    const EvalNode& a = set.nodes[row.source];
    const EvalNode& b = set.nodes[row.destination];
    const double km = geodesic_distance(a.place, b.place).km();
    if (km > 100.0) times_light.push_back(row.ms / least_ms(km));
    const double sure_km = km - 2.0 * reading.place_uncertainty.km();
    if (row.ms + reading.added_ms() >= least_ms(sure_km) * (1.0 - kBelowEllipsoid)) continue;
    if (a.faulty || b.faulty) {
      ++known[a.faulty ? row.source : row.destination];
      continue;
    }
    if (total++ == 0) first = row.line;
    ++contradicted[row.source];
    ++contradicted[row.destination];
    faults.of(row).add(row.line, set.column,
                       number(row.ms) + " ms from " + who(a) + " to " + who(b) +
                           " beats light: they are stated " + number(km, 0) + " km apart, which takes " +
                           number(least_ms(km), 3) +
                           " ms at least; correct the place in nodes.csv, or drop the row (a misplaced node: "
                           "move it to faulty_nodes.csv and run with --with-faulty)");
  }
  if (total > 1 && 2 * total > rows.size()) {
    faults.rtt.add(first, set.column, "most rows beat light; are these seconds? Write milliseconds");
  }
  const auto worst = std::max_element(contradicted.begin(), contradicted.end(),
                                      [](const auto& x, const auto& y) { return x.second < y.second; });
  if (total > 1 && worst->second > 1) {
    faults.rtt.add(first, set.column,
                   std::to_string(total) + " rows beat light, and " + who(set.nodes[worst->first]) +
                       " is an end of " + std::to_string(worst->second) +
                       " of them; look at its place first");
  }
  if (!times_light.empty() && median(times_light) > kTimesLight) {
    faults.of(rows.front())
        .add(rows.front().line, set.column,
             "and the rows after it take " + number(median(times_light), 0) +
                 " times as long as light in the median; are these microseconds? Write milliseconds, or "
                 "correct "
                 "the places in nodes.csv");
  }
  if (known.empty()) return;
  std::string text = "rows of faulty nodes that beat light, as expected:";
  for (const auto& [node, count] : known) text += ' ' + who(set.nodes[node]) + ' ' + std::to_string(count);
  set.notes.push_back(std::move(text));
}

namespace {

struct Some {
  std::vector<double> values;
  const RttRow* first = nullptr;

  void add(const RttRow& row) {
    if (first == nullptr) first = &row;
    values.push_back(row.ms);
  }
};

void ask(const Some& some, const std::string& whose, double step, const RttSet& set,
         const RttFaults& faults) {
  faults.of(*some.first)
      .add(some.first->line, set.column,
           "all " + std::to_string(some.values.size()) + " values" + whose + " are multiples of " +
               number(step) +
               " ms; were they rounded? A place can be farther off than they say: give "
               "--resolution-ms " +
               number(step) +
               " (adds half of it to every round trip; with --truncated, if "
               "they were rounded down, all of it), or --resolution-ms 0 if they are exact");
}

}  // namespace

void check_resolution(const RttSet& set, std::span<const RttRow> rows, const RttReading& reading,
                      const RttFaults& faults) {
  if (reading.resolution_ms || rows.empty()) return;
  Some all;
  std::map<std::size_t, Some> by_source;
  std::map<double, Some> by_band{{10.0, {}}, {100.0, {}}};
  for (const RttRow& row : rows) {
    all.add(row);
    by_source[row.source].add(row);
    for (auto& [least, some] : by_band) {
      if (row.ms >= least) some.add(row);
    }
  }
  if (const double step = step_of(all.values); step > 0.0) {
    ask(all, "", step, set, faults);
    return;
  }
  for (auto band = by_band.rbegin(); band != by_band.rend(); ++band) {
    const double step = band->second.values.size() < kBandRows ? 0.0 : step_of(band->second.values);
    if (step == 0.0) continue;
    ask(band->second, " of " + number(band->first) + " ms and more", step, set, faults);
    return;
  }
  for (const auto& [source, some] : by_source) {
    const double step = some.values.size() < kSourceRows ? 0.0 : step_of(some.values);
    if (step > 0.0) ask(some, " from " + who(set.nodes[source]), step, set, faults);
  }
}

void check_placeholders(const RttSet& set, std::span<const RttRow> rows, const RttReading& reading,
                        const RttFaults& faults) {
  constexpr double kUnits = 1e4;  // a value is told from another by 0.1 us
  constexpr std::size_t kFewest = 5;
  constexpr std::size_t kFewestUsual = 3;
  const auto key_of = [](double ms) { return std::llround(ms * kUnits); };
  std::map<long long, std::vector<const RttRow*>> by_value;
  std::vector<double> values;
  for (const RttRow& row : rows) {
    by_value[key_of(row.ms)].push_back(&row);
    values.push_back(row.ms);
  }
  double step = step_of(values);
  if (step == 0.0) {
    const bool cents =
        std::all_of(values.begin(), values.end(), [](double ms) { return multiple_of(ms, 0.01); });
    step = cents ? 0.01 : 0.001;
  }
  // Values of pairs, each once.
  std::map<long long, std::size_t> pairs;
  for (const auto& [key, found] : by_value) {
    std::map<std::pair<std::size_t, std::size_t>, int> ends;
    for (const RttRow* row : found) ++ends[std::minmax(row->source, row->destination)];
    pairs[key] = ends.size();
  }
  for (const auto& [key, count] : pairs) {
    const double ms = static_cast<double>(key) / kUnits;
    const bool usual = usual_placeholder(ms);
    if (count < (usual ? kFewestUsual : kFewest)) continue;
    const double width = std::max(0.05 * ms, 20.0 * step);
    std::size_t around = 0;
    std::vector<double> near;
    const auto end = pairs.upper_bound(key_of(ms + width));
    for (auto at = pairs.lower_bound(key_of(ms - width)); at != end; ++at) {
      if (at->first == key) continue;
      around += at->second;
      near.push_back(static_cast<double>(at->first) / kUnits);
    }
    // Long round trips may have fewer decimals, and so stand together more often.
    const double local = std::max(step, near.empty() ? 0.0 : step_of(near));
    const double mean = std::max(1.0, static_cast<double>(around)) * local / (2.0 * width);
    const double limit = usual ? std::log(1e-4) : std::log(1e-6 / static_cast<double>(pairs.size()));
    if (log_tail(count, mean) >= limit) continue;
    const bool believed = std::any_of(reading.believed_ms.begin(), reading.believed_ms.end(),
                                      [&, wanted = key](double value) { return key_of(value) == wanted; });
    if (believed) continue;
    const auto& found = by_value[key];
    std::string lines;
    for (std::size_t i = 0; i < std::min(found.size(), kLinesShown); ++i)
      lines += (i == 0 ? "" : ", ") + std::to_string(found[i]->line);
    if (found.size() > kLinesShown) lines += ", ..";
    const RttRow& row = *found.front();
    faults.of(row).add(row.line, set.column,
                       number(ms) + " stands in " + std::to_string(found.size()) + " rows (lines " + lines +
                           "; from " + who(set.nodes[row.source]) + " to " + who(set.nodes[row.destination]) +
                           " and on), far more than the values around it: a placeholder for \"nothing came "
                           "back\"? Drop these rows, or give --believe-ms " +
                           number(ms) + " if they were measured");
  }
}

namespace {

constexpr double kFarOff = 1.5;  // where a residual stops growing

double residual(double ms, double expected) {
  return std::min(kFarOff, std::abs(std::log((ms + 1.0) / (expected + 1.0))));
}

struct Cell {
  const RttRow* row = nullptr;
  std::size_t other = 0;  // node
  bool fits[3]{};         // whether there is such a node
  double e[3]{};          // residual against what is expected of the node before, of itself, of the one after
};

class ColumnCheck {
 public:
  ColumnCheck(const RttSet& set, std::span<const RttRow> rows, const RttFaults& faults)
      : set_{set}, rows_{rows}, faults_{faults} {
    for (const EvalNode& node : set.nodes) at_.push_back(to_sphere(node.place));
    std::vector<double> ratios;
    for (const RttRow& row : rows) {
      const double km = distance(row.source, row.destination);
      if (km > 100.0) ratios.push_back(row.ms / km);
    }
    if (!ratios.empty()) ms_per_km_ = median(std::move(ratios));
  }

  /// By source; transposed, by destination.
  void run(bool transposed) {
    std::vector<std::vector<Cell>> lines(set_.nodes.size());
    for (const RttRow& row : rows_) {
      const std::size_t own = transposed ? row.destination : row.source;
      const std::size_t other = transposed ? row.source : row.destination;
      lines[own].push_back({&row, other, {}});
    }
    for (std::size_t own = 0; own < lines.size(); ++own) {
      if (lines[own].size() >= kShiftRows) look(own, lines[own], transposed);
    }
  }

 private:
  [[nodiscard]] double distance(std::size_t a, std::size_t b) const {
    return 6371.0 * std::acos(std::clamp(dot(at_[a], at_[b]), -1.0, 1.0));
  }
  [[nodiscard]] double expected(std::size_t own, std::size_t other, bool transposed) const {
    const double back = transposed ? set_.rtt_ms(own, other) : set_.rtt_ms(other, own);
    return std::isnan(back) ? 1.0 + ms_per_km_ * distance(own, other) : back - set_.added_ms;
  }

  void look(std::size_t own, std::vector<Cell>& cells, bool transposed) const {
    std::sort(cells.begin(), cells.end(), [](const Cell& a, const Cell& b) { return a.other < b.other; });
    const auto last = set_.nodes.size() - 1;
    for (Cell& cell : cells) {
      for (int shift = -1; shift <= 1; ++shift) {
        std::size_t to = cell.other;
        for (int i = 0; i < 2 && (i == 0 || to == own); ++i) {  // a table's own cell is no round trip
          if (shift != 0 && to != (shift < 0 ? 0 : last)) to = shift < 0 ? to - 1 : to + 1;
        }
        cell.fits[shift + 1] = to != own && (shift == 0 || to != cell.other);
        if (cell.fits[shift + 1]) cell.e[shift + 1] = residual(cell.row->ms, expected(own, to, transposed));
      }
    }
    for (const int shift : {-1, 1}) {
      double gain = 0.0, here = 0.0, there = 0.0;
      double best = 0.0, best_here = 0.0, best_there = 0.0;
      std::size_t from = cells.size();
      for (std::size_t i = cells.size(); i-- > 0;) {
        if (!cells[i].fits[shift + 1]) continue;
        here += cells[i].e[1];
        there += cells[i].e[shift + 1];
        gain = here - there;
        if (gain > best) {
          best = gain;
          best_here = here;
          best_there = there;
          from = i;
        }
      }
      const std::size_t count = cells.size() - from;
      const double mean = best_here / static_cast<double>(std::max<std::size_t>(1, count));
      if (count < kShiftRows || best < kLeastGain || mean < kLeastMean || best_there > kMostLeft * best_here)
        continue;
      const RttRow& row = *cells[from].row;
      const char* const kind = transposed ? " rows to " : " rows from ";
      faults_.of(row).add(
          row.line, transposed ? "src" : "dst",
          "from here on (" + who(set_.nodes[cells[from].other]) + ") " + std::to_string(count) + kind +
              who(set_.nodes[own]) + " fit the node " + (shift > 0 ? "after" : "before") +
              " each in nodes.csv, not itself: did a table lose a cell? Put each value beside "
              "its own node, or drop these rows");
      return;
    }
  }

  // An honest row off its usual path gains by chance here and there, and never for most of its values.
  static constexpr double kLeastGain = 2.5;
  static constexpr double kLeastMean = 0.15;
  static constexpr double kMostLeft = 0.35;

  const RttSet& set_;
  std::span<const RttRow> rows_;
  const RttFaults& faults_;
  std::vector<Vec3> at_;
  double ms_per_km_ = 0.02;
};

}  // namespace

void check_columns(const RttSet& set, std::span<const RttRow> rows, const RttFaults& faults) {
  std::vector<RttRow> clean;  // a misplaced node's rows fit nothing
  for (const RttRow& row : rows) {
    if (!set.nodes[row.source].faulty && !set.nodes[row.destination].faulty) clean.push_back(row);
  }
  ColumnCheck check{set, clean, faults};
  check.run(false);
  check.run(true);
}

}  // namespace chiploc
