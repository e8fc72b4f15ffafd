#pragma once
#include <span>
#include <string>
#include <vector>

#include "server/picture/features.hpp"
#include "server/picture/inks.hpp"
#include "server/picture/view.hpp"

namespace chiploc {

/// Who the countries are to a verdict.
struct TerritoryTints {
  std::vector<std::string> licensed;
  std::vector<std::string> prohibited;
};

/// Everything in the window, bottom first: globe, land with its tints, areas among the territories, degrees,
/// disks, regions, what is suggested, anchors, words.
[[nodiscard]] std::vector<DrawnItem> map_items(std::span<const MapFeature> features,
                                               const TerritoryTints& tints, const MapView& view,
                                               const Frame& frame, double detail);

/// The line around a map's window.
[[nodiscard]] DrawnItem frame_around(const Frame& window, double width = 1.0);

/// The names of holders in the features, in their order, each once.
[[nodiscard]] std::vector<std::string> holders_in(std::span<const MapFeature> features);
[[nodiscard]] Ink holder_ink(std::size_t number, double opacity = 1.0);

/// Of an anchor: "46.4 ms", "no round trip".
[[nodiscard]] std::string round_trip_text(const MapFeature& anchor);
/// Of an anchor: "6,968 km", "anywhere" where the bound reaches round the Earth, "" without one.
[[nodiscard]] std::string bound_text(const MapFeature& anchor);

}  // namespace chiploc
