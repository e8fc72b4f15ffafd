#pragma once
// What an import or a removal leaves in the change history: every record that it adds, changes or takes away.

#include <functional>
#include <optional>
#include <string>

#include "server/registry/import.hpp"

namespace chiploc {

/// One entry. Of a record that comes or goes there is one: no field, and the whole record as a JSON object of its
/// fields, after or before. Of a changed one there is an entry for each field that differs; of the prohibited list
/// one for each place.
struct HistoryEntry {
  ImportKind kind{};
  std::string key;                    ///< as the files have it; empty for the prohibited list
  std::string field;                  ///< as the files name it; empty: the whole record
  std::optional<std::string> before;  ///< nullopt: the record, or the place on the list, was not there
  std::optional<std::string> after;   ///< nullopt: it is no longer there
  friend bool operator==(const HistoryEntry&, const HistoryEntry&) = default;
};

/// Most bytes of one value of a changed record, and of one value within a whole record.
inline constexpr std::size_t kHistoryValueBytes = 1'000;
inline constexpr std::size_t kHistoryPartBytes = 400;

/// Calls `each` with every entry, in a fixed order, until it returns false; false then. `plan` must be ok().
bool each_history_entry(const ImportPlan& plan, const std::function<bool(const HistoryEntry&)>& each);

}  // namespace chiploc
