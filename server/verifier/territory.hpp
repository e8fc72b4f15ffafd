#pragma once
#include <memory>
#include <optional>
#include <string>

#include "geo/area/area.hpp"
#include "geo/borders/borders.hpp"
#include "proto/base/ids.hpp"

namespace chiploc {

/// An area under the name that the registry has for it.
struct NamedArea {
  std::string name;
  std::shared_ptr<const Area> area;
  Digest geojson_sha256{};  ///< of what was imported: which drawing a verdict rests on
};

/// A country or an area: what a claim names, held against regions. A value but for the borders, which must
/// outlive it.
class Territory {
 public:
  Territory(CountryCode code, const Borders& borders) : name_{code.text()}, code_{code}, borders_{&borders} {}
  explicit Territory(NamedArea area) : name_{std::move(area.name)}, area_{std::move(area.area)} {}

  [[nodiscard]] const std::string& name() const { return name_; }
  /// Never false when some place of the region may be in it.
  [[nodiscard]] bool meets(const Region& region) const;
  /// By how much the region stays clear of it: a lower bound within a kilometre; nullopt from `limit` on.
  [[nodiscard]] std::optional<Kilometers> clearance(const Region& region, Kilometers limit) const;
  /// To its nearest place: 0 inside. Within 0.4 %.
  [[nodiscard]] Kilometers distance_from(LatLon place) const;

 private:
  std::string name_;
  std::optional<CountryCode> code_;
  const Borders* borders_ = nullptr;
  std::shared_ptr<const Area> area_;
};

}  // namespace chiploc
