#pragma once
// How often p-values of honest chips, sorted, cross a boundary: the exact law of statistics that look at all of them.

#include <cstddef>
#include <optional>
#include <span>

namespace chiploc {

/// P(the i-th least of `n` independent uniform numbers is <= boundary[i - 1], for some i <= boundary.size()).
///
/// Takes     A boundary that never falls, within [0, 1), of at most n entries.
/// Accuracy  On the safe side: what of the walk over the counts is left out counts as crossed. The answer is at most 1e-11
///           too high for 1,000 entries, where at most 600 numbers are expected between two of them; beyond that it is
///           no less safe, but of no use.
/// Cost      entries * (counts that matter) * (points between two entries that matter): 1,000 entries of n = 10,000 take
///           some 10 ms.
/// Source    The binomial walk of Noe (1972), as in Moscovich and Nadler, "Fast calculation of boundary crossing
///           probabilities for Poisson processes", 2017.
/// Fails     nullopt where the boundary is none.
[[nodiscard]] std::optional<double> crossing_probability(std::size_t n, std::span<const double> boundary);

}  // namespace chiploc
