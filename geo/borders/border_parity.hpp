#pragma once
// Inside or outside in integers: the arithmetic under BorderGrid and Area.

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "geo/borders/border_table.hpp"

namespace chiploc {

/// A point asked about, in the units of BorderVertex. Both numbers are odd, so it shares no meridian or
/// parallel with any vertex.
struct OddPoint {
  std::int64_t x;
  std::int64_t y;
};

inline constexpr std::int64_t kHalfTurn = 360'000'000;     // 180 degrees in half micro-degrees
inline constexpr std::int64_t kQuarterTurn = 180'000'000;  // 90 degrees

[[nodiscard]] inline OddPoint odd_point(double lat_deg, double lon_deg) {
  const auto odd_near = [](double degrees, std::int64_t limit) {
    const auto units = static_cast<std::int64_t>(std::floor(degrees * 1e6)) * 2 + 1;
    return std::clamp(units, -limit + 1, limit - 1);
  };
  return {odd_near(lon_deg, kHalfTurn), odd_near(lat_deg, kQuarterTurn)};
}

/// True when p is to the left of the line from a to b. A point exactly on the line counts as right, whatever
/// the question, so that paths through it are judged alike.
[[nodiscard]] inline bool left_of(BorderVertex a, BorderVertex b, OddPoint p) {
  return (std::int64_t{b.x} - a.x) * (p.y - a.y) - (std::int64_t{b.y} - a.y) * (p.x - a.x) > 0;
}

[[nodiscard]] inline bool straddles(std::int32_t a, std::int32_t b, std::int64_t value) {
  return (a < value) != (b < value);
}

/// The way from p north to the pole crosses the edge from a to b.
[[nodiscard]] inline bool crosses_north(BorderVertex a, BorderVertex b, OddPoint p) {
  return straddles(a.x, b.x, p.x) && left_of(a, b, p) == (b.x < a.x);
}

}  // namespace chiploc
