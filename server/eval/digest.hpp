#pragma once
#include <span>

#include "geo/region.hpp"
#include "proto/base/ids.hpp"

namespace chiploc {

struct CaseOutcome;
struct RowOutcome;

/// SHA-256 over what a case concluded, coarse enough that rounding of another compiler or optimiser does not
/// reach it: the region's representatives to 1e-6 degrees, the countries met, each claim's state, and its
/// probability to 1e-4. Numbers are big-endian 64-bit integers.
[[nodiscard]] Digest digest_of(const Region& region, const CaseOutcome& outcome);

/// SHA-256 over the case digests of all rows, each after its row's name, its draw and its target's number.
[[nodiscard]] Digest digest_of(std::span<const RowOutcome> rows);

}  // namespace chiploc
