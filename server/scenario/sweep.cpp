#include "server/scenario/sweep.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "proto/base/joined.hpp"

namespace chiploc {
namespace {

/// The value at a share of the way from one end to the other.
std::string value_at(const SweepAxis& axis, double share) {
  const double value = axis.logarithmic
                           ? std::exp(std::log(axis.from) + share * std::log(axis.to / axis.from))
                           : axis.from + share * (axis.to - axis.from);
  if (axis.whole) return toml_number(std::round(value));
  // Ten digits: the ends come out as they were written.
  return toml_number(value);
}

/// 0 to n - 1 in an order of these dice. Written out: the standard's shuffle is another in each library.
std::vector<std::size_t> permutation(std::size_t n, std::mt19937_64& dice) {
  std::vector<std::size_t> out(n);
  std::iota(out.begin(), out.end(), std::size_t{0});
  for (std::size_t i = n; i > 1; --i) std::swap(out[i - 1], out[static_cast<std::size_t>(dice() % i)]);
  return out;
}

double unit(std::mt19937_64& dice) { return static_cast<double>(dice() >> 11U) / 9007199254740992.0; }

std::vector<SweepPoint> latin(const SweepPlan& plan) {
  std::mt19937_64 dice{plan.seed};
  std::vector<SweepPoint> points(plan.samples);
  const auto n = static_cast<double>(plan.samples);
  for (const SweepAxis& axis : plan.axes) {
    const std::vector<std::size_t> order = permutation(plan.samples, dice);
    for (std::size_t i = 0; i < plan.samples; ++i) {
      const double share = (static_cast<double>(order[i]) + unit(dice)) / n;
      const auto which = static_cast<std::size_t>(share * static_cast<double>(axis.values.size()));
      points[i].push_back({axis.key, axis.values.empty()
                                         ? value_at(axis, share)
                                         : axis.values[std::min(which, axis.values.size() - 1)]});
    }
  }
  return points;
}

}  // namespace

std::vector<std::string> grid_values(const SweepAxis& axis) {
  if (!axis.values.empty()) return axis.values;
  std::vector<std::string> out;
  for (std::size_t i = 0; i < axis.steps; ++i) {
    std::string value =
        value_at(axis, axis.steps < 2 ? 0.0 : static_cast<double>(i) / static_cast<double>(axis.steps - 1));
    if (out.empty() || out.back() != value) out.push_back(std::move(value));
  }
  return out;
}

std::size_t count_points(const SweepPlan& plan) {
  if (plan.design == SweepDesign::kLatin) return plan.samples;
  std::size_t count = 1;
  for (const SweepAxis& axis : plan.axes) {
    count *= std::max<std::size_t>(1, grid_values(axis).size());
    if (count > kSweepPointsMax) return count;
  }
  return count;
}

std::vector<SweepPoint> points_of(const SweepPlan& plan) {
  if (plan.design == SweepDesign::kLatin && !plan.axes.empty()) return latin(plan);
  std::vector<SweepPoint> points{SweepPoint{}};
  for (const SweepAxis& axis : plan.axes) {
    std::vector<SweepPoint> more;
    for (const SweepPoint& point : points) {
      for (const std::string& value : grid_values(axis)) {
        more.push_back(point);
        more.back().push_back({axis.key, value});
      }
    }
    points = std::move(more);
  }
  return points;
}

bool is_short(const SweepPlan& plan, const SweepPoint& point) {
  return std::all_of(point.begin(), point.end(), [&](const Setting& setting) {
    return std::all_of(plan.axes.begin(), plan.axes.end(), [&](const SweepAxis& axis) {
      const auto& some = axis.short_values;
      return axis.key != setting.key || some.empty() ||
             std::find(some.begin(), some.end(), setting.value) != some.end();
    });
  });
}

std::string text_of(const SweepPoint& point) {
  if (point.empty()) return "as the file says";
  return joined(point, ", ", [](const Setting& setting) { return setting.key + " = " + setting.value; });
}

}  // namespace chiploc
