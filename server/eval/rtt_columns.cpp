#include <algorithm>
#include <cmath>

#include "geo/median.hpp"
#include "geo/vec3.hpp"
#include "server/eval/rtt_check.hpp"

namespace chiploc {
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
      faults_.about(row).add(
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
