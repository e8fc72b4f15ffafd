#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "geo/estimate/median.hpp"
#include "geo/vec3.hpp"
#include "server/eval/rtt_check.hpp"

namespace chiploc {
namespace {

constexpr std::array kShifts{0, 1, -1, 2, -2};

struct Cell {
  const RttRow* row = nullptr;
  std::size_t other = 0;  // node
  // By shift: how far the value is from what is expected of the node that stands so many before or after, in
  // usual distances; nothing where there is no such node.
  std::array<std::optional<double>, kShifts.size()> off{};
};

/// What is expected of a round trip, and how far from it one usually is.
class Expectation {
 public:
  Expectation(const RttSet& set, std::span<const RttRow> rows, double step)
      : set_{set}, slack_ms_{0.3 + 2.0 * step} {
    for (const EvalNode& node : set.nodes) at_.push_back(to_sphere(node.place));
    std::vector<double> ratios;
    for (const RttRow& row : rows) {
      const double km = distance(row.source, row.destination);
      if (km > 100.0) ratios.push_back(row.ms / km);
    }
    if (!ratios.empty()) ms_per_km_ = median(std::move(ratios));
    learn_delays(rows);
    std::vector<double> directions, paths;
    for (const RttRow& row : rows) {
      if (const double back = reverse(row.source, row.destination); !std::isnan(back))
        directions.push_back(log_ratio(row.ms, back));
      paths.push_back(log_ratio(row.ms, by_distance(row.source, row.destination)));
    }
    if (!directions.empty()) direction_scale_ = std::max(direction_scale_, median(std::move(directions)));
    if (!paths.empty()) path_scale_ = std::max(path_scale_, median(std::move(paths)));
  }

  /// In usual distances, up to kMostOff. What is known of the pair the other way tells most.
  [[nodiscard]] double off(double ms, std::size_t source, std::size_t destination) const {
    const double back = reverse(source, destination);
    const double expected = std::isnan(back) ? by_distance(source, destination) : back;
    const double scale = (std::isnan(back) ? path_scale_ : direction_scale_) + slack_ms_ / (expected + 1.0);
    return std::min(kMostOff, log_ratio(ms, expected) / scale);
  }
  [[nodiscard]] bool has_reverse(std::size_t source, std::size_t destination) const {
    return !std::isnan(reverse(source, destination));
  }

 private:
  static constexpr double kMostOff = 6.0;
  static constexpr std::size_t kDelayRows = 4;

  static double log_ratio(double ms, double expected) {
    return std::abs(std::log((ms + 1.0) / (expected + 1.0)));
  }
  [[nodiscard]] double distance(std::size_t a, std::size_t b) const {
    return 6371.0 * std::acos(std::clamp(dot(at_[a], at_[b]), -1.0, 1.0));
  }
  [[nodiscard]] double reverse(std::size_t source, std::size_t destination) const {
    return set_.rtt_ms(destination, source) - set_.added_ms;
  }
  [[nodiscard]] double by_distance(std::size_t source, std::size_t destination) const {
    const double ms = 1.0 + ms_per_km_ * distance(source, destination);
    return std::max(0.5 * ms, ms + as_source_[source] + as_destination_[destination]);
  }

  /// A slow last mile is in all round trips of its node, and no sign of another place in a table.
  void learn_delays(std::span<const RttRow> rows) {
    as_source_.assign(set_.nodes.size(), 0.0);
    as_destination_.assign(set_.nodes.size(), 0.0);
    for (int round = 0; round < 2; ++round) {
      for (const bool source : {false, true}) {
        std::vector<std::vector<double>> left(set_.nodes.size());
        for (const RttRow& row : rows) {
          const double ms = 1.0 + ms_per_km_ * distance(row.source, row.destination);
          left[source ? row.source : row.destination].push_back(
              row.ms - ms - (source ? as_destination_[row.destination] : as_source_[row.source]));
        }
        for (std::size_t node = 0; node < left.size(); ++node) {
          if (left[node].size() >= kDelayRows)
            (source ? as_source_ : as_destination_)[node] = median(std::move(left[node]));
        }
      }
    }
  }

  const RttSet& set_;
  double slack_ms_;
  std::vector<Vec3> at_;
  double ms_per_km_ = 0.02;
  std::vector<double> as_source_, as_destination_;
  double direction_scale_ = 0.005;
  double path_scale_ = 0.1;
};

enum class Order { kNodes, kLines };

class ColumnCheck {
 public:
  ColumnCheck(const RttSet& set, std::span<const RttRow> rows, double step, const RttFaults& faults)
      : set_{set}, rows_{rows}, faults_{faults}, expected_{set, rows, step} {}

  /// By source; transposed, by destination.
  void run(bool transposed) {
    std::vector<std::vector<Cell>> lines(set_.nodes.size());
    for (const RttRow& row : rows_) {
      const std::size_t own = transposed ? row.destination : row.source;
      lines[own].push_back({&row, transposed ? row.source : row.destination, {}});
    }
    const auto by_node = [](const Cell& a, const Cell& b) { return a.other < b.other; };
    for (std::size_t own = 0; own < lines.size(); ++own) {
      std::vector<Cell>& cells = lines[own];
      if (cells.size() < kShiftRowsReverse) continue;
      const bool sorted = std::is_sorted(cells.begin(), cells.end(), by_node);
      if (!transposed && !sorted) {
        fill(own, cells, transposed, Order::kLines);
        if (look(own, cells, transposed, Order::kLines)) continue;
      }
      std::sort(cells.begin(), cells.end(), by_node);
      fill(own, cells, transposed, Order::kNodes);
      look(own, cells, transposed, Order::kNodes);
    }
  }

 private:
  /// The node so many after (before, if negative) a cell's, the row's own left out: a table's own cell is no
  /// round trip.
  [[nodiscard]] std::optional<std::size_t> neighbour(std::size_t own, const std::vector<Cell>& cells,
                                                     std::size_t i, int shift, Order order) const {
    if (order == Order::kLines) {
      const auto at = static_cast<std::ptrdiff_t>(i) + shift;
      if (at < 0 || at >= std::ssize(cells)) return std::nullopt;
      return cells[static_cast<std::size_t>(at)].other;
    }
    auto at = static_cast<std::ptrdiff_t>(cells[i].other);
    const int by = shift < 0 ? -1 : 1;
    for (int left = std::abs(shift); left > 0;) {
      at += by;
      if (at < 0 || at >= std::ssize(set_.nodes)) return std::nullopt;
      if (at != static_cast<std::ptrdiff_t>(own)) --left;
    }
    return static_cast<std::size_t>(at);
  }

  void fill(std::size_t own, std::vector<Cell>& cells, bool transposed, Order order) const {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      for (std::size_t k = 0; k < kShifts.size(); ++k) {
        const auto to = neighbour(own, cells, i, kShifts[k], order);
        cells[i].off[k].reset();
        if (to)
          cells[i].off[k] = expected_.off(cells[i].row->ms, transposed ? *to : own, transposed ? own : *to);
      }
    }
  }

  /// Where a row's values begin to fit the nodes `shift` away, and how many do.
  bool look(std::size_t own, const std::vector<Cell>& cells, bool transposed, Order order) const {
    for (std::size_t k = 1; k < kShifts.size(); ++k) {
      double here = 0.0, there = 0.0;
      double best = 0.0, best_here = 0.0, best_there = 0.0;
      std::size_t from = cells.size(), count = 0, best_count = 0, reverse = 0, best_reverse = 0;
      for (std::size_t i = cells.size(); i-- > 0;) {
        if (!cells[i].off[k]) continue;
        here += *cells[i].off[0];
        there += *cells[i].off[k];
        ++count;
        const std::size_t to = *neighbour(own, cells, i, kShifts[k], order);
        reverse += expected_.has_reverse(transposed ? to : own, transposed ? own : to) ? 1U : 0U;
        if (here - there <= best) continue;
        best = here - there;
        best_here = here;
        best_there = there;
        best_count = count;
        best_reverse = reverse;
        from = i;
      }
      // Against the other direction three are plain; against distances many nodes look alike.
      const bool plain = best_reverse == best_count;
      if (!plain && (std::abs(kShifts[k]) > 1 || order == Order::kLines)) continue;
      if (best_count < (plain ? kShiftRowsReverse : kShiftRows) ||
          best < (plain ? kLeastGain : kLeastGainByDistance) ||
          best_here < kLeastMean * static_cast<double>(best_count) ||
          best_there > (plain ? kMostLeft : kMostLeftByDistance) * best_here)
        continue;
      tell(own, cells[from], best_count, kShifts[k], transposed, order);
      return true;
    }
    return false;
  }

  void tell(std::size_t own, const Cell& first, std::size_t count, int shift, bool transposed,
            Order order) const {
    const bool lines = order == Order::kLines;
    faults_.about(*first.row)
        .add(first.row->line, transposed ? "src" : "dst",
             "from here on (" + label_of(set_.nodes[first.other]) + ") " + std::to_string(count) +
                 (transposed ? " rows to " : " rows from ") + label_of(set_.nodes[own]) + " fit the " +
                 (std::abs(shift) == 2 ? "second " : "") + (lines ? "row " : "node ") +
                 (shift > 0 ? "after" : "before") + " each in " + (lines ? "rtt.csv" : "nodes.csv") +
                 ", not itself: did a table lose a cell? Put each value beside its own node, or drop these "
                 "rows; or give --believe-order if they are right as they stand");
  }

  // An honest row off its usual path gains by chance here and there, and never for most of its values.
  static constexpr double kLeastGain = 10.0;
  static constexpr double kLeastMean = 1.5;
  static constexpr double kMostLeft = 0.35;
  static constexpr double kLeastGainByDistance = 15.0;
  static constexpr double kMostLeftByDistance = 0.45;

  const RttSet& set_;
  std::span<const RttRow> rows_;
  const RttFaults& faults_;
  Expectation expected_;
};

}  // namespace

void check_columns(const RttSet& set, std::span<const RttRow> rows, const RttReading& reading, double step,
                   const RttFaults& faults) {
  if (reading.believed_order) return;
  std::vector<RttRow> clean;  // a misplaced node's rows fit nothing
  for (const RttRow& row : rows) {
    if (!set.nodes[row.source].faulty && !set.nodes[row.destination].faulty) clean.push_back(row);
  }
  ColumnCheck check{set, clean, step, faults};
  check.run(false);
  check.run(true);
}

}  // namespace chiploc
