#pragma once
// What an import was understood to say about the world, for people who check their files.

#include <optional>
#include <string>
#include <vector>

#include "geo/area.hpp"
#include "geo/borders.hpp"
#include "server/registry/import.hpp"

namespace chiploc {

struct AreaUnderstood {
  std::string territory;
  double km2 = 0.0;
  std::vector<CountryCode> countries;  ///< whose land it meets (geo/area_land.hpp); empty: at sea
  AreaBox box;
  Degrees centre;  ///< the middle of the box
};

/// What a licence permits that is prohibited otherwise.
struct LicenceUnderstood {
  std::string licence;
  std::vector<CountryCode> exempts;  ///< prohibited countries that it names, by itself or in a group
  std::vector<CountryCode> within;   ///< prohibited countries whose land its areas meet
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
};

struct ImportPreview {
  Shortened<AreaUnderstood> areas;  ///< those that are new or changed; a drawing costs some 10 ms
  /// Those that permit something prohibited: the new and changed ones, all of them when the import has
  /// territories or the prohibited list.
  Shortened<LicenceUnderstood> licences;
  Shortened<AnchorUnderstood> anchors;  ///< new or changed ones
  Shortened<ImportWarning> warnings;
};

/// Warnings    An anchor or an area without land (within an anchor's uncertainty and 5 km); one at 0, 0; one
/// at
///             sea whose place would be on land with latitude and longitude swapped. On land both ways
///             nothing can be told, so the country of each anchor is shown.
/// Bounds      At most `most` of each kind are shown and looked at.
[[nodiscard]] ImportPreview preview_of(const ImportPlan& plan, const Borders& borders,
                                       std::size_t most = 100);

}  // namespace chiploc
