#pragma once
// Between import_preview.cpp and import_preview_licences.cpp. Private to this folder.

#include "server/registry/area_facts.hpp"
#include "server/registry/import_preview.hpp"

namespace chiploc {

/// Adds to a list that shows the first `most`.
template <class T>
void add_to(Shortened<T>& list, std::size_t most, T item) {
  ++list.total;
  if (list.shown.size() < most) list.shown.push_back(std::move(item));
}

/// How the licences of an import meet what is prohibited (ImportPreview::licences).
[[nodiscard]] Shortened<LicenceUnderstood> understand_licences(const ImportPlan& plan, AreaLand& land,
                                                               WallTime now, std::size_t most);

}  // namespace chiploc
