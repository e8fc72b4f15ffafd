#pragma once
// Milliseconds as people write them, in files, options and control lines.

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>

#include "proto/base/time.hpp"

namespace chiploc {

/// To the nearest nanosecond.
[[nodiscard]] inline Nanoseconds from_ms(double ms) {
  return Nanoseconds{static_cast<std::int64_t>(std::llround(ms * 1e6))};
}
[[nodiscard]] inline double to_ms(Nanoseconds t) { return static_cast<double>(t.count()) / 1e6; }
/// Exact: "12.345678".
[[nodiscard]] inline std::string ms_text(Nanoseconds t) {
  std::array<char, 64> out{};
  std::snprintf(out.data(), out.size(), "%.6f", to_ms(t));
  return out.data();
}

}  // namespace chiploc
