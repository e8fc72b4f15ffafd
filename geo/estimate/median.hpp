#pragma once
// The middle of some numbers.

#include <algorithm>
#include <limits>
#include <vector>

namespace chiploc {

/// The mean of the two middle values where the count is even; NaN of nothing. No value may be NaN.
[[nodiscard]] inline double median(std::vector<double> values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2.0;
}

}  // namespace chiploc
