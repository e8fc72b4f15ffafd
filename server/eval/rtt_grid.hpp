#pragma once
// Steps that values are multiples of, and the odds that they are by chance. For the checks of rtt_check.hpp.

#include <cstddef>
#include <string>
#include <vector>

namespace chiploc {

/// As short as a person would write it, ten digits at most.
[[nodiscard]] std::string short_number(double value);

[[nodiscard]] bool is_multiple(double ms, double step);
[[nodiscard]] bool all_multiples(const std::vector<double>& values, double step);

/// The largest of the usual steps from a hundred milliseconds down to a tenth of a microsecond that all
/// values are multiples of.
[[nodiscard]] double finest_step(const std::vector<double>& values);

/// log P(X >= count), X of a Poisson distribution; and of a binomial one of `of` tries with probability p.
[[nodiscard]] double log_poisson_tail(std::size_t count, double mean);
[[nodiscard]] double log_binomial_tail(std::size_t count, std::size_t of, double p);

}  // namespace chiploc
