#pragma once
// Every place on land that an estimate considers: cells of about 50 km, split by country.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "geo/borders/borders.hpp"
#include "geo/estimate/city_table.hpp"

namespace chiploc {

/// The part of a cell that lies in one country.
struct PlaceCandidate {
  Vec3 at;              ///< On the auxiliary sphere.
  LatLon place;         ///< Its largest city, or a place on its land.
  CountryCode country;  ///< As drawn, within kBorderAmbiguity.
  std::uint32_t cell;
  std::uint32_t group;  ///< Nine cells or so.
  double area_km2;      ///< Of its land, sampled; 0 for islands that the samples miss.
  double people;        ///< In its cities.
};

/// Rows of 0.45 degrees of latitude, cut into as many cells as make them about square. Antarctica is left
/// out. Immutable.
class PlaceGrid {
 public:
  PlaceGrid(const Borders& borders, const CityTable& cities);
  /// Built for Borders::world() at first use (some 0.2 s) and kept; for other borders built anew.
  [[nodiscard]] static std::shared_ptr<const PlaceGrid> of(const Borders& borders);

  [[nodiscard]] std::span<const PlaceCandidate> candidates() const {
    return candidates_;
  }  ///< by cell, then country
  /// IPv4 addresses of every country that has cities, as drawn. One with none of its own (Kosovo) is taken to
  /// have as many an inhabitant as the median country.
  [[nodiscard]] const std::map<CountryCode, double>& addresses() const { return addresses_; }
  /// The country of the candidate nearest to a place, of those in its cell.
  [[nodiscard]] std::optional<CountryCode> country_near(LatLon place) const;
  /// The country that holds a place, or off its coast the one that is near.
  [[nodiscard]] std::optional<CountryCode> country_of(const Borders& borders, LatLon place) const;
  [[nodiscard]] std::uint32_t groups() const { return groups_; }
  [[nodiscard]] static std::uint32_t cell_of(LatLon place);
  /// Candidates of a cell, as a range of indices.
  [[nodiscard]] std::pair<std::size_t, std::size_t> in_cell(std::uint32_t cell) const;

 private:
  std::vector<PlaceCandidate> candidates_;
  std::map<CountryCode, double> addresses_;
  std::uint32_t groups_ = 0;
};

}  // namespace chiploc
