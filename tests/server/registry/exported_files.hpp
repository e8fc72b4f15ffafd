#pragma once
// A registry as it is exported: the rows of every kind, and the files that import it again.

#include "server/registry/export.hpp"
#include "tests/server/registry/world.hpp"

namespace chiploc::test {

inline constexpr ImportKind kExported[] = {ImportKind::kMakers,
                                           ImportKind::kTerritories,
                                           ImportKind::kLicences,
                                           ImportKind::kAnchors,
                                           ImportKind::kProhibitedTerritories,
                                           ImportKind::kRevocations,
                                           ImportKind::kChips,
                                           ImportKind::kModels,
                                           ImportKind::kEntities,
                                           ImportKind::kSites,
                                           ImportKind::kConditions,
                                           ImportKind::kOrders,
                                           ImportKind::kDeliveries};

inline std::vector<std::string> all_rows(const Registry& registry, ImportKind kind, std::size_t bytes) {
  std::vector<std::string> rows;
  std::string after;
  for (;;) {
    ExportPage page = export_rows(registry, kind, after, bytes);
    rows.insert(rows.end(), page.rows.begin(), page.rows.end());
    if (!page.next) return rows;
    REQUIRE_FALSE(page.rows.empty());
    after = *page.next;
  }
}

/// A file of each kind, as `chiploc export` writes them.
inline std::vector<ImportFile> files_of(const Registry& registry, std::size_t bytes) {
  std::vector<ImportFile> files;
  for (const ImportKind kind : kExported) {
    std::string text;
    for (const std::string& row : all_rows(registry, kind, bytes)) text += (text.empty() ? "[" : ",\n") + row;
    files.push_back(World::json(kind, "exported.json", text.empty() ? "[]" : text + "]"));
  }
  return files;
}

}  // namespace chiploc::test
