#pragma once
// What an import was understood to say about the world, for people who check their files.

#include <optional>
#include <string>
#include <vector>

#include "geo/area/area.hpp"
#include "geo/borders/borders.hpp"
#include "server/registry/import.hpp"

namespace chiploc {

struct AreaUnderstood {
  std::string territory;
  double km2 = 0.0;
  std::vector<CountryCode> countries;  ///< whose land it meets (geo/area/area_land.hpp); empty: at sea
  AreaBox box;
  Degrees centre;  ///< the middle of the box
};

/// How a licence and what is prohibited meet. Territories stand by their names, countries by their codes.
struct LicenceUnderstood {
  std::string licence;
  /// Prohibited countries and areas that it names, by itself or in a group.
  std::vector<std::string> exempts;
  /// Prohibited countries and areas that its areas reach into.
  std::vector<std::string> within;
  /// Prohibited areas in its countries: a chip there, and in no area that it names, is PROHIBITED.
  std::vector<std::string> prohibited_inside;
  /// Of one that is not in force, whose lists are empty: "ended 2021-12-31: exempts nothing (names CN)".
  std::string standing;
};

struct AnchorUnderstood {
  std::string anchor;
  Degrees place;
  std::optional<CountryCode> country;  ///< nullopt: at sea
};

/// Something that is allowed and often a mistake.
struct ImportWarning {
  ImportKind kind{};
  std::string key;
  std::string text;
};

template <class T>
struct Shortened {
  std::vector<T> shown;
  std::size_t total = 0;
  std::size_t unchecked = 0;  ///< of `total`: those that were not looked at, for there were too many

  void put_before(Shortened first) {
    first.shown.insert(first.shown.end(), shown.begin(), shown.end());
    first.total += total;
    first.unchecked += unchecked;
    *this = std::move(first);
  }
};

struct ImportPreview {
  Shortened<AreaUnderstood> areas;  ///< those that are new or changed
  /// Those that meet something prohibited: the new and changed ones, all of them when the import has
  /// territories or the prohibited list.
  Shortened<LicenceUnderstood> licences;
  Shortened<AnchorUnderstood> anchors;  ///< new or changed ones
  Shortened<ImportWarning> warnings;
};

struct PreviewLimits {
  std::size_t listed = 100;      ///< areas, licences and anchors, each
  std::size_t warnings = 1'000;  ///< few, or something is wrong with the whole file
  std::size_t drawings = 1'000;  ///< whose land is looked up, some 10 ms each
};

/// Warnings    An anchor or an area without land (within an anchor's uncertainty and 5 km); one at 0, 0; one
///             that likely has latitude and longitude swapped: at sea or in Antarctica, and on other land the
///             other way round; or in a country that its licences, or the other anchors of its operator, do
///             not have, and the other way round in one that they have. Nothing else can be told of a place
///             that is on land both ways, so each one's country is shown.
/// Bounds      Every anchor and area is looked at, whether listed or not; of areas beyond those listed, small
///             ones by what lies around their middle. Larger ones beyond `drawings` are not: `unchecked`
///             counts.
/// Takes       `now`: a licence that ended, or has not begun, exempts nothing.
[[nodiscard]] ImportPreview preview_of(const ImportPlan& plan, const Borders& borders, WallTime now,
                                       const PreviewLimits& limits = {});

}  // namespace chiploc
