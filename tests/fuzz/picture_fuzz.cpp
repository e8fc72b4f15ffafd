// GeoJSON of any kind, as a picture: read, put in view, drawn. The world's land is left out, which no input changes.
#include <algorithm>
#include <cmath>

#include "server/picture/svg.hpp"
#include "server/picture/view.hpp"
#include "tests/fuzz/fuzz_support.hpp"
#include "tests/support/markup.hpp"

namespace {

using namespace chiploc;
using fuzz::demand;

void demand_finite(const std::vector<DrawnLine>& lines) {
  for (const DrawnLine& line : lines) {
    for (const DrawnPoint p : line) demand(std::isfinite(p.x) && std::isfinite(p.y));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const std::string shown = "<svg>" + xml_text(text) + "</svg>";
  demand(test::markup_fault(shown).empty());
  const auto json = nlohmann::ordered_json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return 0;
  const std::vector<MapFeature> features = read_features(json);
  const Frame frame{24.0, 116.0, 880.0, 680.0};
  const MapView view = view_of(features, frame, 1.05);
  demand(std::isfinite(view.pixels.pixels_per_km) && view.pixels.pixels_per_km > 0.0);
  for (const MapFeature& feature : features) {
    const DrawnArea area = drawn_area(feature, view.projection, view.pixels, 0.4);
    demand_finite(area.rings);
    demand_finite(area.outline);
  }
  return 0;
}
