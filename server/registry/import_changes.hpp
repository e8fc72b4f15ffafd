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
  std::size_t changed_left_out = 0;  ///< changed records that are not in `shown`; the others left out are new
};

struct ChangeLimits {
  std::size_t added = 100;                          ///< records that are new
  std::size_t bytes = std::size_t{12} << 20;        ///< of all texts, so that an answer of gRPC holds them
  std::size_t value_bytes = std::size_t{16} << 10;  ///< of one value of a changed record
};

/// Every changed record, as long as `bytes` last (some 100,000 chips), and the first new ones. Certificates,
/// keys and drawings stand for themselves by their number and SHA-256. Values of new records are cut at 200
/// bytes. `plan` must be ok(), made from `base`.
[[nodiscard]] ImportChanges changes_of(const Registry& base, const ImportPlan& plan,
                                       const ChangeLimits& limits = {});

}  // namespace chiploc
