#include "server/fleet/ping_law.hpp"

#include <algorithm>
#include <cmath>

namespace chiploc::fleet {
namespace {

constexpr std::size_t kSteps = 131'072;
constexpr double kMeans = 40.0;  // beyond so many means of an exponential lies less than 1e-17
constexpr double kLeastStepNs = 100.0;

using Below = std::vector<double>;

/// Adds an exponential of this mean: h' = (f - h) / mean, solved exactly where f is linear within a step.
Below plus_exponential(const Below& f, double mean, double step) {
  if (mean <= 0.0) return f;
  const double kept = std::exp(-step / mean);
  Below h(f.size(), 0.0);
  for (std::size_t i = 0; i + 1 < f.size(); ++i) {
    const double rise = f[i + 1] - f[i];
    h[i + 1] = kept * h[i] + (1.0 - kept) * f[i] + rise * (1.0 - (1.0 - kept) * mean / step);
  }
  return h;
}

/// Adds a uniform between these two: the mean of f over that window.
Below plus_uniform(const Below& f, double low, double high, double step) {
  Below sum(f.size(), 0.0);  // the integral of f
  for (std::size_t i = 0; i + 1 < f.size(); ++i) sum[i + 1] = sum[i] + 0.5 * (f[i] + f[i + 1]);
  const auto sum_at = [&](double t) {
    const double at = t / step;
    if (at <= 0.0) return 0.0;
    const auto i = static_cast<std::size_t>(at);
    return i + 1 < sum.size() ? sum[i] + (at - static_cast<double>(i)) * (sum[i + 1] - sum[i]) : sum.back();
  };
  Below h(f.size(), 0.0);
  for (std::size_t i = 0; i < f.size(); ++i) {
    const double t = static_cast<double>(i) * step;
    h[i] = high > low ? (sum_at(t - low) - sum_at(t - high)) * step / (high - low) : (t < low ? 0.0 : 1.0);
  }
  return h;
}

Below mixed(const Below& usual, const Below& rare, double share) {
  Below out(usual.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = (1.0 - share) * usual[i] + share * rare[i];
  return out;
}

double ns(Nanoseconds t) { return static_cast<double>(t.count()); }

}  // namespace

PingLaw::PingLaw(const NetworkOptions& network, unsigned pings)
    : pings_{pings}, lost_{1.0 - (1.0 - network.loss) * (1.0 - network.loss)} {
  const double low = ns(network.reorder_extra_min), high = ns(network.reorder_extra_max);
  const double longest = 2.0 * high + kMeans * std::max(ns(network.queue_mean), ns(network.burst_mean));
  step_ns_ = std::max(kLeastStepNs, longest / static_cast<double>(kSteps));
  below_.assign(kSteps + 1, 1.0);
  for (int way = 0; way < 2; ++way) {
    below_ = plus_exponential(below_, ns(network.queue_mean), step_ns_);
    if (network.burst > 0.0)
      below_ = mixed(below_, plus_exponential(below_, ns(network.burst_mean), step_ns_), network.burst);
    if (network.reorder > 0.0)
      below_ = mixed(below_, plus_uniform(below_, low, high, step_ns_), network.reorder);
  }
  // Rounding must not make a later point less probable than an earlier one.
  for (std::size_t i = 1; i < below_.size(); ++i) below_[i] = std::clamp(below_[i], below_[i - 1], 1.0);
}

std::optional<Nanoseconds> PingLaw::extra(double survival) const {
  const double each = std::pow(survival, 1.0 / pings_);  // a ping's own
  if (each <= lost_) return std::nullopt;
  const double below = 1.0 - (each - lost_) / (1.0 - lost_);
  const auto found = std::lower_bound(below_.begin(), below_.end(), below);
  if (found == below_.begin()) return Nanoseconds{0};
  const std::size_t i = static_cast<std::size_t>(found - below_.begin()) - (found == below_.end() ? 2 : 1);
  const double rise = below_[i + 1] - below_[i];
  const double within = rise > 0.0 ? std::min(1.0, (below - below_[i]) / rise) : 1.0;
  return Nanoseconds{static_cast<std::int64_t>(std::ceil((static_cast<double>(i) + within) * step_ns_))};
}

double PingLaw::survival(Nanoseconds extra) const {
  const double at = std::max(0.0, ns(extra) / step_ns_);
  const auto i = static_cast<std::size_t>(at);
  const double below = i + 1 < below_.size()
                           ? below_[i] + (at - static_cast<double>(i)) * (below_[i + 1] - below_[i])
                           : below_.back();
  return std::pow(lost_ + (1.0 - lost_) * (1.0 - below), pings_);
}

double PingLaw::none() const { return std::pow(lost_, pings_); }

}  // namespace chiploc::fleet
