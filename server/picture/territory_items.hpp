#pragma once
#include <optional>
#include <string>
#include <vector>

#include "server/picture/features.hpp"
#include "server/picture/view.hpp"

namespace chiploc {

inline constexpr double kHatchSpacing = 9.0;  ///< of what is prohibited, in pixels

/// An area among the territories: thinly filled and outlined, hatched where it is prohibited.
struct DrawnTerritory {
  std::vector<DrawnItem> items;
  std::optional<DrawnPoint> small_at;  ///< where it has a mark, for it is too small to be seen
  Ink edge;
  const char* role = "";
  std::string hover;
};
[[nodiscard]] DrawnTerritory draw_territory(const MapFeature& feature, bool prohibited, const MapView& view,
                                            const Frame& frame, double detail);

}  // namespace chiploc
