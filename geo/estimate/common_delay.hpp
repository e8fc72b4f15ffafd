#pragma once
// How probable it is that all of a chip's round trips are longer by the same delay: a tunnel, a slow last
// mile.

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace chiploc {

/// Delays that are tried, in ms; the first of them is none. All but three only where these leave a doubt.
inline constexpr std::array kCommonDelaysMs{0.0, 5.0, 7.1, 10.0, 14.1, 20.0, 28.3, 40.0, 56.6, 80.0};
[[nodiscard]] constexpr bool tried_first(std::size_t delay) {
  return delay == 0 || kCommonDelaysMs[delay] == 10.0 || kCommonDelaysMs[delay] == 40.0;
}

/// Shares of the probability for each delay of kCommonDelaysMs, summing to 1.
///
///     p(d) ~ w(d) E(d)^2,   w(0) = 0.9,   w(d) = 0.1 / 11 * (10 ms / d) exp(-d / 20 ms),
///
/// E(d) being the evidence for the round trips with d taken off, wherever the chip is. The square: estimates
/// take round trips for less than they seem to say, since neighbouring paths repeat each other's errors; but
/// a delay that all have in common is not such an error.
///
/// Takes     Logs of the evidence; -infinity for a delay that was not tried or cannot be, and finite for
///           none. With `coarse` each of the few stands for others too, and counts four times.
/// Accuracy  A delay that the round trips tell no better than another place is taken for that place: below
///           some 10 ms, or with few and far anchors.
[[nodiscard]] std::vector<double> common_delay_shares(std::span<const double> log_evidence, bool coarse);

/// With a share of none from this on, what is left of the delays is not looked at more closely.
inline constexpr double kSurelyDirect = 0.95;

/// What the posterior is mixed from, given such shares: none alone, unless the delays are more probable
/// together; then the delays with a share of 0.05 or more, and none with 0.3 at least. Places behind one hub
/// (an island, a country whose paths all leave by one cable) look like the hub behind a delay, and no
/// evidence tells them apart. Sums to 1.
[[nodiscard]] std::vector<double> delays_that_count(std::vector<double> shares);

}  // namespace chiploc
