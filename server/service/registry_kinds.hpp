#pragma once
#include <span>
#include <string_view>

#include "proto/v1/operator_service.pb.h"

namespace chiploc {

/// A table of the registry by its words on the command line.
struct RegistryKind {
  v1::ImportKind kind;
  std::string_view table;  ///< "chips": the option of import, a file of export
  std::string_view one;    ///< "chip"
  std::string_view some;   ///< "chips"
};
/// In the order in which an import of all of them reads well.
inline constexpr RegistryKind kRegistryKinds[] = {
    {v1::MAKERS, "makers", "maker", "makers"},
    {v1::MODELS, "models", "model", "models"},
    {v1::TERRITORIES, "territories", "territory", "territories"},
    {v1::ENTITIES, "entities", "entity", "entities"},
    {v1::SITES, "sites", "site", "sites"},
    {v1::LICENCES, "licences", "licence", "licences"},
    {v1::CONDITIONS, "conditions", "condition", "conditions"},
    {v1::ORDERS, "orders", "order", "orders"},
    {v1::DELIVERIES, "deliveries", "delivery", "deliveries"},
    {v1::ANCHORS, "anchors", "anchor", "anchors"},
    {v1::REVOCATIONS, "revocations", "set of revocations", "sets of revocations"},
    {v1::PROHIBITED_TERRITORIES, "prohibited", "prohibited place", "prohibited places"},
    {v1::CHIPS, "chips", "chip", "chips"}};

/// Null: none of ours, as a newer coordinator may send.
[[nodiscard]] inline const RegistryKind* registry_kind(v1::ImportKind kind) {
  for (const RegistryKind& known : kRegistryKinds) {
    if (known.kind == kind) return &known;
  }
  return nullptr;
}
/// "table" for the journal's words; "records" for one that is not known.
[[nodiscard]] inline std::string_view table_of(v1::ImportKind kind) {
  const RegistryKind* known = registry_kind(kind);
  return known == nullptr ? "records" : known->table;
}

/// Of what single records are removed: all but sets that are replaced whole.
[[nodiscard]] inline bool removed_singly(const RegistryKind& kind) {
  return kind.kind != v1::REVOCATIONS && kind.kind != v1::PROHIBITED_TERRITORIES;
}
/// The word for a record where a person names one: "order"; "revocations", "prohibited" of what has no single word.
[[nodiscard]] inline std::string_view word_of(const RegistryKind& kind) {
  return removed_singly(kind) ? kind.one : kind.table;
}

}  // namespace chiploc
