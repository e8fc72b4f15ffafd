#pragma once
// Which points of a file's parameters are tried. Pure, and seeded: the same plan gives the same points everywhere.

#include <cstdint>
#include <string>
#include <vector>

#include "server/scenario/setting.hpp"

namespace chiploc {

struct SweepAxis {
  std::string key;
  std::string about;                  ///< what it is, in words
  std::vector<std::string> values{};  ///< as TOML writes them; empty: from `from` to `to`
  double from = 0.0;
  double to = 0.0;
  std::size_t steps = 0;                    ///< of a range in a grid, both ends counted
  bool logarithmic = false;                 ///< both ends above 0
  bool whole = false;                       ///< of a range: rounded to whole numbers
  std::vector<std::string> short_values{};  ///< those of `values` that the short form has; empty: all
};

enum class SweepDesign {
  kGrid,   ///< every value of each with every value of the others
  kLatin,  ///< `samples` points; of each axis every one of as many equal parts is met once
};

struct SweepPlan {
  SweepDesign design = SweepDesign::kGrid;
  std::size_t samples = 0;  ///< Latin hypercube
  std::uint64_t seed = 1;   ///< Latin hypercube
  std::vector<SweepAxis> axes;
};

using SweepPoint = std::vector<Setting>;
inline constexpr std::size_t kSweepPointsMax = 1000;

/// The values of one axis of a grid, in order; whole ones once each.
[[nodiscard]] std::vector<std::string> grid_values(const SweepAxis& axis);
/// How many points a plan has, without making them.
[[nodiscard]] std::size_t count_points(const SweepPlan& plan);
/// All points; the last axis goes fastest. A plan without axes has one point, without settings.
///
/// Source    M. D. McKay, R. J. Beckman, W. J. Conover, "A comparison of three methods for selecting values of input
///           variables", Technometrics 21 (1979) 239-245: the Latin hypercube.
[[nodiscard]] std::vector<SweepPoint> points_of(const SweepPlan& plan);
/// Whether the short form has this point: each of its values is one of short_values, where there are any.
[[nodiscard]] bool is_short(const SweepPlan& plan, const SweepPoint& point);
/// "place.away.km = 20, network.loss = 0.1"; "as the file says" for none.
[[nodiscard]] std::string text_of(const SweepPoint& point);

}  // namespace chiploc
