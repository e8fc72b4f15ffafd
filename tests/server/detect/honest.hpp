#pragma once
// Honest numbers for tests of laws, the same on every machine, and what a count of rare events may be.

#include <cmath>
#include <cstddef>

#include "server/detect/tails.hpp"
#include "server/eval/dice.hpp"

namespace chiploc {

/// In (0, 1).
inline double honest_p(Dice& dice) { return dice.unit() + 0x1.0p-54; }
inline double honest_normal(Dice& dice) { return normal_upper_quantile(honest_p(dice)); }
/// The p-value of a round whose normal score is raised.
inline double shifted_p(Dice& dice, double shift) { return normal_upper_tail(honest_normal(dice) + shift); }

/// The most, and the least, that is still chance (four standard errors) among `trials` of which a share `rate` is meant.
inline double most_of(std::size_t trials, double rate) {
  const double mean = static_cast<double>(trials) * rate;
  return mean + 4.0 * std::sqrt(mean) + 1.0;
}
inline double least_of(std::size_t trials, double rate) {
  const double mean = static_cast<double>(trials) * rate;
  return mean - 4.0 * std::sqrt(mean) - 1.0;
}

}  // namespace chiploc
