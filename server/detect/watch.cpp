#include "server/detect/watch.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "server/detect/tails.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kShiftCount = EvidenceWatch::kShifts.size();

bool is_p_value(double p) { return p > 0.0 && p <= 1.0; }
bool is_mean_time(double rounds) { return rounds > 1.0 && std::isfinite(rounds); }

double clamped_score(double p) { return normal_upper_quantile(std::clamp(p, 1e-300, 1.0 - 1e-15)); }

std::array<double, kShiftCount> log_evidences(double p) {
  const double z = clamped_score(p);
  std::array<double, kShiftCount> logs;
  for (std::size_t i = 0; i < kShiftCount; ++i) {
    const double shift = EvidenceWatch::kShifts[i];
    logs[i] = shift * (z - shift / 2.0);
  }
  return logs;
}

/// log((e^a + e^b + ...) / n) without overflow.
double log_mean(const std::array<double, kShiftCount>& logs) {
  const double most = *std::max_element(logs.begin(), logs.end());
  double sum = 0.0;
  for (const double l : logs) sum += std::exp(l - most);
  return most + std::log(sum / static_cast<double>(logs.size()));
}

/// Mean time to the first flag of the chain that is never below the CUSUM: states are the upper ends of cells, and the
/// mean times solve (1 - Q) T = 1.
double mean_time(double shift, double height) {
  constexpr std::size_t kCells = 400;
  const double cell = height / static_cast<double>(kCells);
  // P(log e <= x) of an honest round.
  const auto at_most = [&](double x) { return normal_upper_tail(-(x / shift + shift / 2.0)); };
  std::vector<double> reach(2 * kCells + 1);
  for (std::size_t i = 0; i < reach.size(); ++i) {
    reach[i] = at_most((static_cast<double>(i) - static_cast<double>(kCells)) * cell);
  }
  // State j is the value j * cell; 0 is everything below. From j, the value j * cell + x is rounded up to k * cell.
  std::vector<double> m(kCells * (kCells + 1));
  const auto at = [&](std::size_t row, std::size_t column) -> double& {
    return m[row * (kCells + 1) + column];
  };
  for (std::size_t j = 0; j < kCells; ++j) {
    for (std::size_t k = 0; k < kCells; ++k) {
      const double up_to = reach[kCells + k - j];
      const double below = k == 0 ? 0.0 : reach[kCells + k - j - 1];
      at(j, k) = (j == k ? 1.0 : 0.0) - (up_to - below);
    }
    at(j, kCells) = 1.0;
  }
  // Rows of 1 - Q are dominated by their diagonals: elimination needs no pivots. The first state is solved for last.
  for (std::size_t pivot = kCells - 1; pivot > 0; --pivot) {
    for (std::size_t row = 0; row < pivot; ++row) {
      const double factor = at(row, pivot) / at(pivot, pivot);
      if (factor == 0.0) continue;
      for (std::size_t column = 0; column < pivot; ++column) at(row, column) -= factor * at(pivot, column);
      at(row, kCells) -= factor * at(pivot, kCells);
    }
  }
  return at(0, kCells) / at(0, 0);
}

}  // namespace

std::optional<double> FlagBudget::rounds_per_flag() const {
  if (!(flags_per_chip_year > 0.0 && flags_per_chip_year < rounds_per_chip_year)) return std::nullopt;
  if (!std::isfinite(rounds_per_chip_year)) return std::nullopt;
  return rounds_per_chip_year / flags_per_chip_year;
}

std::optional<double> normal_score(double p) {
  if (!is_p_value(p)) return std::nullopt;
  return clamped_score(p);
}

std::optional<double> log_evidence(double p, double shift) {
  if (!is_p_value(p)) return std::nullopt;
  return shift * (clamped_score(p) - shift / 2.0);
}

bool EvidenceWatch::add_log(const std::array<double, 4>& log_e, double rounds_per_flag) {
  std::array<double, kShiftCount> logs;
  for (std::size_t i = 0; i < kShiftCount; ++i) {
    const double sum = static_cast<double>(log_sums_[i]);
    // log(1 + S) + log e; kNothing becomes log 1.
    logs[i] = std::max(sum, 0.0) + std::log1p(std::exp(-std::abs(sum))) + log_e[i];
    log_sums_[i] = static_cast<float>(logs[i]);
  }
  if (log_mean(logs) < std::log(rounds_per_flag)) return false;
  log_sums_.fill(-kNothing);
  return true;
}

std::optional<bool> EvidenceWatch::add(double p, double rounds_per_flag) {
  if (!is_p_value(p) || !is_mean_time(rounds_per_flag)) return std::nullopt;
  return add_log(log_evidences(p), rounds_per_flag);
}

double EvidenceWatch::log_sum() const {
  if (log_sums_[0] == -kNothing) return -std::numeric_limits<double>::infinity();
  std::array<double, kShiftCount> logs;
  std::copy(log_sums_.begin(), log_sums_.end(), logs.begin());
  return log_mean(logs);
}

std::optional<bool> BlockWatch::add(double p, std::uint32_t block, double rounds_per_flag) {
  if (!is_p_value(p) || block == 0 || !is_mean_time(rounds_per_flag / block)) return std::nullopt;
  const auto logs = log_evidences(p);
  for (std::size_t i = 0; i < kShiftCount; ++i) {
    sums_[i] += static_cast<float>(
        std::exp(std::min(logs[i], 80.0)));  // a float holds e^88: less evidence is still evidence
  }
  if (++in_block_ < block) return false;
  std::array<double, kShiftCount> log_e;
  for (std::size_t i = 0; i < kShiftCount; ++i) {
    log_e[i] = std::log(std::max(static_cast<double>(sums_[i]), 1e-37) / static_cast<double>(in_block_));
  }
  sums_.fill(0.0F);
  in_block_ = 0;
  return watch_.add_log(log_e, rounds_per_flag / block);
}

std::optional<bool> Cusum::add(double p, double shift, double height) {
  const auto gain = log_evidence(p, shift);
  if (!gain || !(shift > 0.0) || !(height > 0.0)) return std::nullopt;
  value_ = std::max(0.0, value_) + *gain;
  if (value_ < height) return false;
  value_ = 0.0;
  return true;
}

std::optional<double> cusum_height(double shift, double rounds_per_flag) {
  if (!(shift > 0.0 && shift <= 10.0 && rounds_per_flag >= 10.0 && rounds_per_flag <= 1e10))
    return std::nullopt;
  double low = 0.0;
  double high = std::log(rounds_per_flag) + 1.0;  // enough: the sum over starts is never below the CUSUM
  while (high - low > 0.01) {
    const double middle = (low + high) / 2.0;
    (mean_time(shift, middle) >= rounds_per_flag ? high : low) = middle;
  }
  return high;
}

}  // namespace chiploc
