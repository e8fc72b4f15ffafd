#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "geo/estimate/median.hpp"
#include "geo/vec3.hpp"
#include "proto/base/joined.hpp"
#include "server/eval/rtt_check.hpp"
#include "server/eval/rtt_grid.hpp"

namespace chiploc {
namespace {

constexpr double kKeyUnits = 1e4;  // a value is told from another by 0.1 us
constexpr double kMetroKm = 100.0;
constexpr std::size_t kMetroRows = 6;
constexpr std::size_t kFewestRows = 5;
constexpr std::size_t kFewestUsual = 2;
constexpr std::size_t kLinesShown = 5;

long long key_of(double ms) { return std::llround(ms * kKeyUnits); }

/// How surely a value is one that programs and people write for "nothing came back": all ones, all nines,
/// round time limits; or a little off one, as a timer that fires.
enum class Usual { kNo, kNearly, kYes };
Usual usual_placeholder(double ms) {
  for (double power = 128.0; power <= 65'536.0; power *= 2.0) {
    if (ms == power || ms == power - 1.0) return Usual::kYes;
  }
  Usual found = ms >= 500.0 && is_multiple(ms, 500.0) ? Usual::kYes : Usual::kNo;
  for (double power = 100.0; power <= 100'000.0; power *= 10.0) {
    if (ms == power || ms + 1.0 == power) return Usual::kYes;
    if (std::abs(ms - power) < 0.1 + 1e-9) found = std::max(found, Usual::kNearly);
  }
  return found;
}

/// Whether a value is what is expected of its pair: a placeholder knows nothing of where its ends are.
class PairFit {
 public:
  PairFit(const RttSet& set, std::span<const RttRow> rows, double step) : set_{set}, step_{step} {
    for (const EvalNode& node : set.nodes) at_.push_back(to_sphere(node.place));
    gather_metros();
    std::vector<double> ratios;
    std::map<std::pair<std::size_t, std::size_t>, std::vector<double>> between;
    for (const RttRow& row : rows) {
      const double km = distance(row.source, row.destination);
      if (km > kMetroKm) ratios.push_back(row.ms / km);
      between[metros(row)].push_back(row.ms);
    }
    if (!ratios.empty()) ms_per_km_ = median(std::move(ratios));
    for (auto& [ends, values] : between) {
      if (values.size() >= kMetroRows) usual_[ends] = median(std::move(values));
    }
  }

  [[nodiscard]] bool fits(const RttRow& row) const {
    const double expected = 1.0 + ms_per_km_ * distance(row.source, row.destination);
    // Most rows between the same two metropolitan areas agree with it, and it is not absurd.
    if (const auto usual = usual_.find(metros(row)); usual != usual_.end()) {
      if (near(row.ms, usual->second, 1.1) && row.ms <= kAbsurd * expected) return true;
    }
    const double back = set_.rtt_ms(row.destination, row.source) - set_.added_ms;
    // The same value the other way may be the same placeholder.
    if (!std::isnan(back) && std::abs(back - row.ms) > 0.5 / kKeyUnits) return near(row.ms, back, 1.05);
    return near(row.ms, expected, 1.2);
  }

 private:
  static constexpr double kAbsurd = 4.0;

  [[nodiscard]] double distance(std::size_t a, std::size_t b) const {
    return 6371.0 * std::acos(std::clamp(dot(at_[a], at_[b]), -1.0, 1.0));
  }
  [[nodiscard]] std::pair<std::size_t, std::size_t> metros(const RttRow& row) const {
    return std::minmax({metro_[row.source], metro_[row.destination]});
  }
  [[nodiscard]] bool near(double ms, double expected, double factor) const {
    const double slack = 0.3 + 2.0 * step_;
    return ms <= expected * factor + slack && ms >= expected / factor - slack;
  }
  /// Each node goes to the first one before it that is so near, if there is one.
  void gather_metros() {
    const double least = std::cos(kMetroKm / 6371.0);
    std::vector<std::size_t> centres;
    for (std::size_t node = 0; node < at_.size(); ++node) {
      const auto home = std::find_if(centres.begin(), centres.end(), [&](std::size_t centre) {
        return dot(at_[centre], at_[node]) >= least;
      });
      metro_.push_back(home == centres.end() ? node : *home);
      if (home == centres.end()) centres.push_back(node);
    }
  }

  const RttSet& set_;
  double step_;
  std::vector<Vec3> at_;
  std::vector<std::size_t> metro_;
  std::map<std::pair<std::size_t, std::size_t>, double> usual_;
  double ms_per_km_ = 0.02;
};

/// One value: its rows, the pairs that have it, and those of them that it does not fit.
struct Value {
  std::vector<const RttRow*> rows;
  std::size_t pairs = 0;
  std::size_t unfit = 0;
};

/// The mean with which one of `cells` Poisson counts is expected to reach `greatest`.
double mean_for(std::size_t greatest, double cells) {
  double low = 0.0;
  auto high = static_cast<double>(greatest);
  for (int i = 0; i < 50; ++i) {
    const double middle = 0.5 * (low + high);
    (log_poisson_tail(greatest, middle) < -std::log(cells) ? low : high) = middle;
  }
  return high;
}

class PlaceholderCheck {
 public:
  PlaceholderCheck(const RttSet& set, std::span<const RttRow> rows, double step)
      : step_{std::max(step, grid_of(rows))} {
    const PairFit fit{set, rows, step_};
    for (const RttRow& row : rows) values_[key_of(row.ms)].rows.push_back(&row);
    std::size_t unfit = 0;
    for (auto& [key, value] : values_) {
      std::map<std::pair<std::size_t, std::size_t>, bool> fitting;  // pairs, each once
      for (const RttRow* row : value.rows) {
        const bool fits = fit.fits(*row);
        unfit += fits ? 0 : 1;
        fitting[std::minmax({row->source, row->destination})] |= fits;
      }
      value.pairs = fitting.size();
      for (const auto& [ends, fits] : fitting) value.unfit += fits ? 0 : 1;
    }
    const double share =
        static_cast<double>(unfit) / static_cast<double>(std::max<std::size_t>(1, rows.size()));
    unfit_share_ = std::max(kLeastShare, share);
    for (const auto& [key, value] : values_) {
      keys_.push_back(key);
      pairs_before_.push_back(pairs_before_.back() + value.pairs);
    }
  }

  [[nodiscard]] const std::map<long long, Value>& values() const { return values_; }

  [[nodiscard]] bool suspicious(long long key, const Value& value) const {
    const double ms = static_cast<double>(key) / kKeyUnits;
    const Usual usual = usual_placeholder(ms);
    std::size_t fewest = kFewestRows;
    if (usual == Usual::kYes) fewest = kFewestUsual;
    if (usual == Usual::kNearly) fewest = kFewestUsual + 1;
    if (value.pairs < fewest || 2 * value.unfit <= value.pairs) return false;
    const double limit =
        usual != Usual::kNo ? std::log(1e-4) : std::log(1e-6 / static_cast<double>(values_.size()));
    if (log_poisson_tail(value.unfit, least_mean(key, ms)) >= limit) return false;  // most, and quickly
    return log_poisson_tail(value.unfit, mean_around(key, ms)) < limit;
  }

 private:
  static constexpr double kLeastShare = 0.05;
  static constexpr std::size_t kRoundedPairs = 3;

  static double grid_of(std::span<const RttRow> rows) {
    std::vector<double> all;
    for (const RttRow& row : rows) all.push_back(row.ms);
    return std::max(1e-3, finest_step(all));
  }

  /// mean_around() is no less: the values around, evenly on the finest grid.
  [[nodiscard]] double least_mean(long long key, double ms) const {
    const double width = std::max(0.05 * ms, 20.0 * step_);
    const auto before = [this](auto at) {
      return pairs_before_[static_cast<std::size_t>(at - keys_.begin())];
    };
    const std::size_t around = before(std::upper_bound(keys_.begin(), keys_.end(), key_of(ms + width))) -
                               before(std::lower_bound(keys_.begin(), keys_.end(), key_of(ms - width))) -
                               values_.at(key).pairs;
    return std::max(1.0, static_cast<double>(around)) * step_ / (2.0 * width) * unfit_share_;
  }

  /// How many pairs that it does not fit a value is expected to have, by the values around it: from how many
  /// they are in all, and from the one that has most.
  [[nodiscard]] double mean_around(long long key, double ms) const {
    const double width = std::max(0.05 * ms, 20.0 * step_);
    std::size_t around = 0, greatest = 0;
    std::vector<double> near;
    const auto end = values_.upper_bound(key_of(ms + width));
    for (auto at = values_.lower_bound(key_of(ms - width)); at != end; ++at) {
      if (at->first == key) continue;
      around += at->second.pairs;
      near.push_back(static_cast<double>(at->first) / kKeyUnits);
      // Another placeholder says nothing of how often measured values meet.
      if (usual_placeholder(near.back()) == Usual::kNo) greatest = std::max(greatest, at->second.unfit);
    }
    // Long round trips may have fewer decimals, and so stand together more often.
    double local = std::max(step_, near.empty() ? 0.0 : finest_step(near));
    // And what repeats so much lies on a grid, whatever its step.
    const auto values = static_cast<double>(near.size());
    if (near.size() > 1 && static_cast<double>(around) >= 2.0 * values)
      local = std::max(local, (near.back() - near.front()) / (values - 1.0));
    const double density = std::max(1.0, static_cast<double>(around)) * local / (2.0 * width);
    const double even = std::max(density, rounded_part(key, ms)) * unfit_share_;
    if (greatest == 0) return even;
    const double cells = std::max(1.0, (near.back() - near.front()) / local);
    return std::max(even, mean_for(greatest, cells));
  }

  /// Where only some rows were rounded, a round value meets these.
  [[nodiscard]] double rounded_part(long long key, double ms) const {
    double most = 0.0;
    for (const double step : {0.1, 0.5, 1.0}) {
      if (!is_multiple(ms, step)) continue;
      const double width = std::max(0.05 * ms, 10.0 * step);
      std::size_t pairs = 0;
      const auto end = values_.upper_bound(key_of(ms + width));
      for (auto at = values_.lower_bound(key_of(ms - width)); at != end; ++at) {
        const double value = static_cast<double>(at->first) / kKeyUnits;
        if (at->first != key && is_multiple(value, step) && usual_placeholder(value) == Usual::kNo)
          pairs += at->second.pairs;
      }
      if (pairs >= kRoundedPairs) most = std::max(most, static_cast<double>(pairs) * step / (2.0 * width));
    }
    return most;
  }

  double step_;
  std::map<long long, Value> values_;
  double unfit_share_ = 1.0;
  std::vector<long long> keys_;  // ascending
  std::vector<std::size_t> pairs_before_{0};
};

}  // namespace

void check_placeholders(const RttSet& set, std::span<const RttRow> rows, const RttReading& reading,
                        double step, const RttFaults& faults) {
  const PlaceholderCheck check{set, rows, step};
  for (const auto& [key, value] : check.values()) {
    if (!check.suspicious(key, value)) continue;
    const bool believed = std::any_of(reading.believed_ms.begin(), reading.believed_ms.end(),
                                      [wanted = key](double ms) { return key_of(ms) == wanted; });
    if (believed) continue;
    const auto shown = std::span{value.rows}.first(std::min(value.rows.size(), kLinesShown));
    std::string lines = joined(shown, ", ", [](const RttRow* row) { return std::to_string(row->line); });
    if (value.rows.size() > kLinesShown) lines += ", ..";
    const RttRow& row = *value.rows.front();
    const std::string ms = short_number(static_cast<double>(key) / kKeyUnits);
    faults.about(row).add(
        row.line, set.column,
        ms + " stands in " + std::to_string(value.rows.size()) + " rows (lines " + lines + "; from " +
            label_of(set.nodes[row.source]) + " to " + label_of(set.nodes[row.destination]) +
            " and on), far more than the values around it, and does not fit most of them: a placeholder for "
            "\"nothing came back\"? Drop these rows, or give --believe-ms " +
            ms + " if they were measured");
  }
}

}  // namespace chiploc
