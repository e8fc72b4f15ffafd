#pragma once
// What an import would change, field by field, for people who look before they import.

#include <string>
#include <vector>

#include "server/registry/import.hpp"

namespace chiploc {

/// One field as the files name it. `before` is empty for a record that is added, and for an entry of the
/// prohibited list that is new; `after` for an entry that is no longer on it.
struct FieldChange {
  std::string field;
  std::string before;
  std::string after;
  friend bool operator==(const FieldChange&, const FieldChange&) = default;
};

struct RecordChange {
  ImportKind kind{};
  std::string key;  ///< as the files have it; empty for the prohibited list
  bool added = false;
  std::vector<FieldChange> fields;  ///< of a changed record those that differ
};

struct ImportChanges {
  std::vector<RecordChange> shown;  ///< changed records before added ones, each in the order of the kinds
  std::size_t total = 0;
};

/// Certificates, keys and drawings stand for themselves by their number and SHA-256. Values are cut at 200
/// bytes. `plan` must be ok(), made from `base`.
[[nodiscard]] ImportChanges changes_of(const Registry& base, const ImportPlan& plan, std::size_t most = 100);

}  // namespace chiploc
