#include "server/eval/rtt_check.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <optional>

#include "geo/estimate/median.hpp"
#include "geo/geodesic.hpp"
#include "server/eval/rtt_grid.hpp"

namespace chiploc {
namespace {

// A path may dip below the ellipsoid, as regions allow too (geo/README.md).
constexpr double kBelowEllipsoid = 1e-4;
// Paths of 100 km and more take three times as long as light in vacuum in the median of public meshes, and by
// way of a satellite up to a hundred times.
constexpr double kTimesLight = 300.0;

std::string number(double value, int decimals) {
  char text[340];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}
std::string who(const EvalNode& node) { return label_of(node); }

}  // namespace

std::string label_of(const EvalNode& node) {
  constexpr std::size_t kShown = 40;
  if (node.name.size() <= kShown) return node.id + " (" + node.name + ")";
  std::size_t end = kShown;
  while (end > 0 && (static_cast<unsigned char>(node.name[end]) & 0xC0U) == 0x80U) --end;
  return node.id + " (" + node.name.substr(0, end) + "..)";
}

double least_ms(double km) { return 2.0e3 * km / kLightInVacuum.km_s(); }

namespace {

/// Rows of a node as their source and as their destination.
struct Ends {
  std::size_t from = 0, to = 0;
};

/// The rows over 100 km that are faster than light in fibre: few in honest sets, and by radio.
class FastRows {
 public:
  FastRows(const RttSet& set, const RttReading& reading) : set_{set}, reading_{reading} {}

  void add(const RttRow& row, double sure_km) {
    if (sure_km <= kLongKm) return;
    ++total_;
    ++of_[row.source].from;
    ++of_[row.destination].to;
    if (row.ms + reading_.added_ms() >= least_ms(sure_km) * kFibre * (1.0 - kBelowEllipsoid)) return;
    if (fast_.empty()) first_ = row;
    fast_.push_back({row.source, row.destination});
    ++fast_of_[row.source].from;
    ++fast_of_[row.destination].to;
  }

  /// What is wrong with many of them at once; nothing where they are few, or all of some nodes.
  bool tell(const RttFaults& faults) const {
    if (reading_.believed_fast || fast_.size() < kFewest) return false;
    if (const auto source = odd_source()) {
      const Ends fast = fast_of_.at(*source);
      faults.about(first_).add(
          first_.line, set_.column,
          std::to_string(fast.from) + " of " + std::to_string(of_.at(*source).from) + " rows from " +
              label_of(set_.nodes[*source]) + " are faster than light in fibre, and " +
              (of_.at(*source).to == 0 ? "none measures it" : std::to_string(fast.to) + " of those to it") +
              ": are its values one-way delays, or in another unit? Write round trips in milliseconds, or "
              "give --believe-fast if they were measured so (radio links)");
      return true;
    }
    if (!many(without_worst(), total_)) return false;
    faults.about(first_).add(
        first_.line, set_.column,
        number(100.0 * static_cast<double>(fast_.size()) / static_cast<double>(total_), 0) +
            " % of the rows are faster than light in fibre (" + std::to_string(fast_.size()) + " of " +
            std::to_string(total_) +
            " over 100 km); are these one-way delays, or another unit? Write round "
            "trips in milliseconds, or give --believe-fast if they were measured so (radio links)");
    return true;
  }

 private:
  static constexpr double kLongKm = 100.0;
  static constexpr double kFibre = 1.5;
  static constexpr std::size_t kFewest = 5;
  static constexpr double kMany = 0.02;  // public meshes have 0 to 0.005 %

  static bool many(std::size_t fast, std::size_t of) {
    return fast >= kFewest && static_cast<double>(fast) > kMany * static_cast<double>(of);
  }

  /// A source most of whose rows are fast, though the rows to it are not, and hardly any others.
  [[nodiscard]] std::optional<std::size_t> odd_source() const {
    for (const auto& [node, fast] : fast_of_) {
      const Ends& of = of_.at(node);
      if (fast.from >= kFewest && 2 * fast.from > of.from && 10 * fast.to <= of.to &&
          !many(fast_.size() - fast.from, total_ - of.from))
        return node;
    }
    return std::nullopt;
  }

  /// Fast rows left once the nodes with most of them are gone, one in ten: those may be misplaced.
  [[nodiscard]] std::size_t without_worst() const {
    std::vector<std::pair<std::size_t, std::size_t>> order;
    for (const auto& [node, fast] : fast_of_) order.emplace_back(fast.from + fast.to, node);
    std::sort(order.rbegin(), order.rend());
    order.resize(std::min(order.size(), 1 + set_.nodes.size() / 10));
    const auto gone = [&order](std::size_t node) {
      return std::any_of(order.begin(), order.end(), [node](const auto& x) { return x.second == node; });
    };
    return static_cast<std::size_t>(std::count_if(
        fast_.begin(), fast_.end(), [&](const auto& row) { return !gone(row.first) && !gone(row.second); }));
  }

  const RttSet& set_;
  const RttReading& reading_;
  std::size_t total_ = 0;
  RttRow first_;
  std::vector<std::pair<std::size_t, std::size_t>> fast_;
  std::map<std::size_t, Ends> of_, fast_of_;
};

}  // namespace

void check_light(RttSet& set, std::span<const RttRow> rows, const RttReading& reading,
                 const RttFaults& faults) {
  std::map<std::size_t, std::size_t> known;         // faulty node -> rows
  std::map<std::size_t, std::size_t> contradicted;  // node -> rows
  std::vector<double> times_light;
  FastRows fast{set, reading};
  const RttRow* first = nullptr;
  std::size_t total = 0;
  for (const RttRow& row : rows) {
    const EvalNode& a = set.nodes[row.source];
    const EvalNode& b = set.nodes[row.destination];
    const double km = geodesic_distance(a.place, b.place).km();
    if (km > 100.0) times_light.push_back(row.ms / least_ms(km));
    const double sure_km = km - std::max(a.uncertainty_km, reading.place_uncertainty.km()) -
                           std::max(b.uncertainty_km, reading.place_uncertainty.km());
    if (!a.faulty && !b.faulty) fast.add(row, sure_km);
    if (row.ms + reading.added_ms() >= least_ms(sure_km) * (1.0 - kBelowEllipsoid)) continue;
    if (a.faulty || b.faulty) {
      ++known[a.faulty ? row.source : row.destination];
      continue;
    }
    if (total++ == 0) first = &row;
    ++contradicted[row.source];
    ++contradicted[row.destination];
    faults.of(row).add(row.line, set.column,
                       short_number(row.ms) + " ms from " + who(a) + " to " + who(b) +
                           " beats light: they are stated " + number(km, 0) + " km apart, which takes " +
                           number(least_ms(km), 3) +
                           " ms at least; correct the place in nodes.csv, or drop the row (a misplaced node: "
                           "move it to faulty_nodes.csv and run with --with-faulty)");
  }
  const auto worst = std::max_element(contradicted.begin(), contradicted.end(),
                                      [](const auto& x, const auto& y) { return x.second < y.second; });
  if (total > 1 && 2 * total > rows.size()) {
    faults.about(*first).add(first->line, set.column,
                             "most rows beat light; are these seconds? Write milliseconds");
  } else if (!fast.tell(faults) && total > 1 && worst->second > 1) {
    faults.about(*first).add(first->line, set.column,
                             std::to_string(total) + " rows beat light, and " + who(set.nodes[worst->first]) +
                                 " is an end of " + std::to_string(worst->second) +
                                 " of them; look at its place first");
  }
  if (!times_light.empty() && median(times_light) > kTimesLight) {
    faults.about(rows.front())
        .add(rows.front().line, set.column,
             "and the rows after it take " + number(median(times_light), 0) +
                 " times as long as light in the median; are these microseconds? Write milliseconds, or "
                 "correct the places in nodes.csv");
  }
  if (known.empty()) return;
  std::string text = "rows of faulty nodes that beat light, as expected:";
  for (const auto& [node, count] : known) text += ' ' + who(set.nodes[node]) + ' ' + std::to_string(count);
  set.notes.push_back(std::move(text));
}

}  // namespace chiploc
