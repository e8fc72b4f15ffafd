// The readers of the border sources, which run while chiploc is built: an exception that names the file, or
// features with closed rings. The first byte chooses the reader.
#include <stdexcept>

#include "geo/borders/build/enclaves.hpp"
#include "geo/borders/build/geo_maps.hpp"
#include "geo/borders/build/topojson.hpp"
#include "tests/fuzz/fuzz_support.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chiploc;
  if (size == 0) return 0;
  static const fuzz::ScratchFolder kFolder;
  const auto file = kFolder.write("borders.json", fuzz::text_of(data + 1, size - 1)).string();
  try {
    if (data[0] % 4 == 3) {
      (void)borders_build::read_iso_codes(file);
      return 0;
    }
    if (data[0] % 4 == 2) {
      auto countries = borders_build::read_geo_maps(file);
      for (auto& country : countries) borders_build::thin(country);
      borders_build::cut_enclaves(countries);
      borders_build::cut_territories(countries);
      for (const auto& country : countries) {
        for (const auto& polygon : country.polygons) {
          fuzz::demand(!polygon.empty());
          for (const auto& ring : polygon) fuzz::demand(ring.size() >= 4 && ring.front() == ring.back());
        }
      }
      return 0;
    }
    for (const auto& feature : borders_build::read_topojson(file)) {
      for (const auto& polygon : feature.polygons) {
        for (const auto& ring : polygon) fuzz::demand(!ring.empty() && ring.front() == ring.back());
      }
    }
  } catch (const std::runtime_error& error) {
    fuzz::demand(std::string_view{error.what()}.substr(0, file.size()) == file);
  }
  return 0;
}
