#pragma once
// Which territory holds a place, and which territories a region can reach.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "geo/country_code.hpp"
#include "geo/lat_lon.hpp"
#include "geo/region.hpp"
#include "geo/units.hpp"

namespace chiploc {

/// How far a border may be from where the table draws it. The source's grid rounds by 0.2 x 0.1 km and long
/// straight borders are subdivided to 50 m, but the map itself is generalised: it draws the 49th parallel 0.8
/// km south, and Jerusalem's line is out by 0.7 km. Questions about regions dilate every country by this;
/// country_at() does not.
inline constexpr Kilometers kBorderAmbiguity{2.0};

/// The countries that a region meets, in ascending order of their codes.
class CountrySet {
 public:
  CountrySet() = default;
  CountrySet(std::vector<CountryCode> codes, bool region_is_empty);

  [[nodiscard]] bool contains(CountryCode code) const;
  [[nodiscard]] std::span<const CountryCode> codes() const { return codes_; }
  [[nodiscard]] std::size_t size() const { return codes_.size(); }
  [[nodiscard]] auto begin() const { return codes_.begin(); }
  [[nodiscard]] auto end() const { return codes_.end(); }

  /// Some land lies in the region, or within the ambiguity of it.
  [[nodiscard]] bool meets_land() const { return !codes_.empty(); }
  /// The region has points, and none of them is near land: no chip can be there.
  [[nodiscard]] bool sea_only() const { return codes_.empty() && !region_is_empty_; }

 private:
  std::vector<CountryCode> codes_;
  bool region_is_empty_ = true;
};

/// One row of the table.
struct Country {
  CountryCode code;
  std::string name;
  double area_km2;  ///< Of the polygons as drawn, on the ellipsoid.
};

/// The embedded table of country polygons and its indexes. Territory codes stay apart (HK, MO, TW, PR, GL
/// ...): whether one belongs to another is policy. Immutable after construction, shared by all threads.
///
/// Every code of ISO 3166-1 has land of its own.
///
/// Data      Natural Earth 4.1 1:10m admin-0 countries (npm world-atlas 2.0.2), joined with Debian's
/// iso-codes at
///           build time and repaired; geo/README.md lists the repairs and the codes set by hand. De facto
///           control as of 2017/18; no maritime zones. Land without any ISO code has private codes XA to XE,
///           Kosovo is XK.
/// Accuracy  Lines are where the source draws them to 0.3 km, and there within a kilometre or so
/// (kBorderAmbiguity). Edges are straight in longitude and latitude.
class Borders {
 public:
  /// The table inside this library, decoded at first use (some 0.1 s) and kept. Aborts if its digest is
  /// wrong, which means that the program file is damaged.
  [[nodiscard]] static const Borders& world();

  /// All territories, in ascending order of their codes.
  [[nodiscard]] std::span<const Country> countries() const;
  [[nodiscard]] bool knows(CountryCode code) const { return find(code) != nullptr; }
  /// The row of a code; nullptr when the table draws nothing under it.
  [[nodiscard]] const Country* find(CountryCode code) const;

  /// The country on whose land a place lies; nullopt at sea. Where polygons overlap (the Vatican lies in
  /// Italy's), the smallest country. Exact on the drawn lines, rounded to 0.1 m. Correct at the poles and at
  /// +-180. O(1).
  [[nodiscard]] std::optional<CountryCode> country_at(LatLon place) const;

  /// Every country whose land, dilated by kBorderAmbiguity, meets the region. Never misses one; may name one
  /// more where corners of the region are sharper than its inflated caps. An empty region meets nothing.
  [[nodiscard]] CountrySet countries_met(const Region& region) const;
  /// The same for one country. A code that is not known is met by no region: check policies with knows().
  [[nodiscard]] bool meets(const Region& region, CountryCode code) const;

  /// By how much the region stays clear of a country: grown by this it does not meet() it. A lower bound of
  /// the distance between them, a kilometre below what growing can tell; 0 where they meet. Returns   nullopt
  /// when the distance is `limit` or more, the region is empty, or the code is not drawn.
  [[nodiscard]] std::optional<Kilometers> clearance(const Region& region, CountryCode code,
                                                    Kilometers limit) const;

  /// Distance to the nearest drawn land of a country: 0 inside. Within 0.4 %. Infinite for a code that is not
  /// drawn.
  [[nodiscard]] Kilometers distance_to_country(LatLon place, CountryCode code) const;

  /// "world-atlas 2.0.2, iso-codes 4.15.0, fnv1a64 0123456789abcdef": goes into every verdict.
  [[nodiscard]] std::string_view version() const;

  /// Decodes a table made by geo/borders_build. nullopt when it is truncated, of another format or damaged.
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
