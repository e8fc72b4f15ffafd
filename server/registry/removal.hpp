#pragma once
// Taking away a record that nothing uses any more.

#include <string>
#include <string_view>
#include <vector>

#include "server/registry/import.hpp"

namespace chiploc {

/// What refers to a record: "licence L-7", "the prohibited list", "chip 9f3a..."; the first `most` of them.
struct RecordUses {
  std::vector<std::string> first;
  std::size_t total = 0;
};
/// Of a maker: models and chips. Of a model: the maker's chips of that name. Of a licence: chips, orders,
/// conditions. Of an order: deliveries; of these, chips. Of a site: deliveries. Of an entity: orders, licences, sites.
/// Of a territory: licences, sites and the prohibited list. Of a condition, an anchor and a chip: nothing in the
/// registry; what the store has of a chip stands in its way there (RegistryStore::save_import).
[[nodiscard]] RecordUses uses_of(const Registry& registry, ImportKind kind, std::string_view name,
                                 std::size_t most);
/// A chip's name is its id as its maker gave it (device_id_of()), in full.
[[nodiscard]] bool has_record(const Registry& registry, ImportKind kind, std::string_view name);

/// The kinds of which single records can be removed: all but the prohibited list and makers' revocation lists, which
/// go with their makers.
[[nodiscard]] bool removable(ImportKind kind);
/// The next version without the record, to be saved and taken over like an import. The record is there, its kind
/// is removable and it has no uses.
[[nodiscard]] ImportPlan plan_removal(const Registry::Snapshot& base, ImportKind kind,
                                      const std::string& name);

}  // namespace chiploc
