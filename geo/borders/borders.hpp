#pragma once
// Which territory holds a place, and which territories a region can reach.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "geo/borders/country_code.hpp"
#include "geo/lat_lon.hpp"
#include "geo/region.hpp"
#include "geo/units.hpp"

namespace chiploc {

/// How far land of a country may be from where both maps draw it. What the two maps say of each place is no
/// matter of this band: land that either gives to a country may be that country's, so where they differ (the
/// generalised one draws China 12.5 km into Russia, and leaves islands and reclaimed land out) several
/// countries are met. What is left is what both get wrong:
///
///     surveyed map      0.25 km  its own generalisation, by its publisher
///                       0.06 km  its grid of 0.001 degrees
///                       0.70 km  our thinning of it (borders/build/geo_maps.hpp)
///     together          1.01 km  and as much again for land made since (2017) and for surveys
///
/// Held at build time: of 135,233 cities of GeoNames all but seven, whose own place is wrong, lie on
/// their country's land or within this of it. Land of less than some 0.5 km2 that is farther than this from
/// any other of its country is on neither map but for the islets that borders/build/codes.cpp names: where
/// that is all the land of a region, nothing is proved about countries.
///
/// Questions about regions dilate every country by this; country_at() does not.
inline constexpr Kilometers kBorderAmbiguity{2.0};

/// The countries that a region meets, in ascending order of their codes.
class CountrySet {
 public:
  CountrySet() = default;
  explicit CountrySet(std::vector<CountryCode> codes);

  [[nodiscard]] bool contains(CountryCode code) const;
  [[nodiscard]] std::span<const CountryCode> codes() const { return codes_; }
  [[nodiscard]] std::size_t size() const { return codes_.size(); }
  [[nodiscard]] auto begin() const { return codes_.begin(); }
  [[nodiscard]] auto end() const { return codes_.end(); }

  /// Some land lies in the region, or within the ambiguity of it.
  [[nodiscard]] bool meets_land() const { return !codes_.empty(); }

 private:
  std::vector<CountryCode> codes_;
};

/// One row of the table.
struct Country {
  CountryCode code;
  std::string name;
  double area_km2;  ///< By the map that draws more of it; on the ellipsoid, lakes included.
};

/// The embedded table of country polygons and its indexes. Territory codes stay apart (HK, MO, TW, PR, GL
/// ...): whether one belongs to another is policy. Immutable after construction, shared by all threads.
///
/// Every code of ISO 3166-1 has land of its own.
///
/// Data      Two maps, both kept. Natural Earth 4.1 1:10m admin-0 countries (npm world-atlas 2.0.2):
///           complete, generalised. OpenStreetMap's land of countries as of 2017 (npm
///           @geo-maps/countries-land-250m 0.6.0): surveyed, with the islands and ports that the other leaves
///           out. A third of our own for contested land, which belongs to each that holds or claims it.
///           Joined with Debian's iso-codes at build time and repaired; geo/README.md lists the repairs and
///           the codes set by hand. De facto control as of 2017/18; no maritime zones. Land without any ISO
///           code has private codes XA to XE, Kosovo is XK.
/// Proofs    "May be in C" is: on land that any map gives to C, or within kBorderAmbiguity of it. A region
///           is inside a set of countries when no other one may be in it.
/// Accuracy  kBorderAmbiguity says what is left. Edges are straight in longitude and latitude.
class Borders {
 public:
  /// The table inside this library, decoded at first use (some 0.2 s) and kept. Aborts if its digest is
  /// wrong, which means that the program file is damaged.
  [[nodiscard]] static const Borders& world();

  /// All territories, in ascending order of their codes.
  [[nodiscard]] std::span<const Country> countries() const;
  [[nodiscard]] bool knows(CountryCode code) const { return find(code) != nullptr; }
  /// The row of a code; nullptr when the table draws nothing under it.
  [[nodiscard]] const Country* find(CountryCode code) const;

  /// The country on whose land a place lies by the surveyed map, or by the other where that has no land;
  /// nullopt where neither has. A best guess, for estimates and displays: countries_met() of a small region
  /// says which others it may be. Where polygons of one map overlap, the smallest country. Exact on the drawn
  /// lines, rounded to 0.1 m. Correct at the poles and at +-180. O(1).
  [[nodiscard]] std::optional<CountryCode> country_at(LatLon place) const;

  /// Who holds or claims a place, in ascending order, when it is contested land: no measurement decides
  /// between them. Empty for other places, however near to a border.
  [[nodiscard]] std::vector<CountryCode> claimants_at(LatLon place) const;

  /// Every country whose land by any map, dilated by kBorderAmbiguity, meets the region. Never misses one;
  /// may name one more where corners of the region are sharper than its inflated caps. An empty region meets
  /// nothing.
  [[nodiscard]] CountrySet countries_met(const Region& region) const;
  /// The same for one country. A code that is not known is met by no region: check policies with knows().
  [[nodiscard]] bool meets(const Region& region, CountryCode code) const;

  /// By how much the region stays clear of a country: grown by this it does not meet() it. A lower bound of
  /// the distance between them, a kilometre below what growing can tell; 0 where they meet.
  /// Returns   nullopt when the distance is `limit` or more, the region is empty, or the code is not drawn.
  [[nodiscard]] std::optional<Kilometers> clearance(const Region& region, CountryCode code,
                                                    Kilometers limit) const;

  /// Distance to the nearest land of a country by any map: 0 inside. Within 0.4 %. Infinite for a code
  /// that is not drawn.
  [[nodiscard]] Kilometers distance_to_country(LatLon place, CountryCode code) const;

  /// "world-atlas 2.0.2, countries-land-250m 0.6.0, iso-codes 4.15.0, fnv1a64 0123456789abcdef": goes into
  /// every verdict.
  [[nodiscard]] std::string_view version() const;

  /// Decodes a table made by geo/borders/build. nullopt when it is truncated, damaged or of another
  /// format (fewer maps, as until 2026-11-30, is another).
  [[nodiscard]] static std::optional<Borders> from_bytes(std::span<const unsigned char> bytes);

  Borders(Borders&&) noexcept;
  Borders& operator=(Borders&&) noexcept;
  ~Borders();

 private:
  struct Tables;
  explicit Borders(std::unique_ptr<const Tables> tables);
  std::unique_ptr<const Tables> tables_;
};

}  // namespace chiploc
