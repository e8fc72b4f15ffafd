#include <algorithm>
#include <cmath>

#include "server/sim/paths/parametric_paths.hpp"
#include "server/sim/paths/path_fit.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kHoursLeast = 100;
constexpr double kShiftMs = 1.0, kShiftShare = 0.03;  // more than queues leave in the least of an hour
constexpr double kSwingMostMs = 1.0;                  // beyond it an hour tells of routes

struct PairHours {
  double hours = 0.0, changes = 0.0, away_hours = 0.0, away_extra = 0.0;
  double peak = 0.0, peak_hours = 0.0, trough = 0.0, trough_hours = 0.0;
};

PairHours look_at(const FitHours& pair, double peak_hour) {
  std::vector<float> sorted;
  for (const float ms : pair.ms) {
    if (ms >= 0.0F) sorted.push_back(ms);
  }
  PairHours out;
  if (sorted.size() < kHoursLeast) return out;
  std::sort(sorted.begin(), sorted.end());
  out.hours = static_cast<double>(sorted.size());
  const double least = static_cast<double>(sorted.front());
  const double usual = static_cast<double>(sorted[sorted.size() / 10]);
  const double unit_ms = (pair.km + kDetourKm) * kFibreMsPerKm;
  const auto away = [&](std::size_t h) {
    return h < pair.ms.size() && static_cast<double>(pair.ms[h]) > usual * (1.0 + kShiftShare) + kShiftMs;
  };
  for (std::size_t h = 0; h < pair.ms.size(); ++h) {
    if (pair.ms[h] < 0.0F) continue;
    const double ms = static_cast<double>(pair.ms[h]);
    const bool before = h > 0 && away(h - 1), after = away(h + 1);
    if (away(h) && (before || after)) {
      out.away_hours += 1.0;
      out.away_extra += (ms - usual) / unit_ms;
      if (!before) out.changes += 1.0;
      continue;
    }
    const double load =
        diurnal_load(pair.middle_lon_deg, peak_hour, std::chrono::hours{h} + std::chrono::minutes{30});
    const double swing = std::min(kSwingMostMs, ms - least);
    if (load > 0.9) {
      out.peak += swing;
      out.peak_hours += 1.0;
    } else if (load < 0.1) {
      out.trough += swing;
      out.trough_hours += 1.0;
    }
  }
  return out;
}

}  // namespace

std::optional<HoursLaw> fit_hours(std::span<const FitHours> hours, std::span<const double> end_weights,
                                  double peak_hour) {
  PairHours all;
  for (const FitHours& pair : hours) {
    const double weight = end_weights[pair.a] * end_weights[pair.b];
    if (weight <= 0.0) continue;
    const PairHours seen = look_at(pair, peak_hour);
    all.hours += weight * seen.hours;
    all.changes += weight * seen.changes;
    all.away_hours += weight * seen.away_hours;
    all.away_extra += weight * seen.away_extra;
    all.peak += weight * seen.peak;
    all.peak_hours += weight * seen.peak_hours;
    all.trough += weight * seen.trough;
    all.trough_hours += weight * seen.trough_hours;
  }
  if (all.hours <= 0.0) return std::nullopt;
  HoursLaw law;
  law.changes_per_day = 24.0 * all.changes / std::max(1.0, all.hours - all.away_hours);
  law.change_hours = all.changes > 0.0 ? all.away_hours / all.changes : 6.0;
  law.change_extra = all.away_hours > 0.0 ? all.away_extra / all.away_hours : 0.0;
  if (all.peak_hours > 0.0 && all.trough > 0.0) {
    const double peak = all.peak / all.peak_hours, trough = all.trough / all.trough_hours;
    law.diurnal_peak = std::clamp(peak / trough - 1.0, 0.0, 100.0);
  }
  return law;
}

}  // namespace chiploc
