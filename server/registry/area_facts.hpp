#pragma once
// What drawings cover, for those who look at an import before it counts. Private to this folder.

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "geo/area/area.hpp"
#include "geo/borders/borders.hpp"
#include "server/registry/records.hpp"

namespace chiploc {

/// The countries whose land areas meet, asked once each and bounded: a drawing costs some 10 ms.
class AreaLand {
 public:
  AreaLand(const Borders& borders, std::size_t most) : borders_{borders}, most_{most} {}
  /// nullptr for no readable area, and for a new one when the bound is reached.
  [[nodiscard]] const std::vector<CountryCode>* of(const TerritoryRecord& territory);
  [[nodiscard]] bool readable(const TerritoryRecord& territory) const {
    return territory.area && territory.unreadable.empty();
  }
  /// Whether two areas overlap, or lie within a 64th of the smaller one's box of each other: for showing,
  /// never for a verdict. nullopt where the bound is reached.
  [[nodiscard]] std::optional<bool> overlap(const TerritoryRecord& a, const TerritoryRecord& b);

 private:
  const Borders& borders_;
  std::size_t most_;
  std::map<std::string, std::vector<CountryCode>, std::less<>> known_;
  std::map<std::pair<std::string, std::string>, bool> overlaps_;
};

}  // namespace chiploc
