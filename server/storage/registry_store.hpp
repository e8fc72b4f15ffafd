#pragma once
// The registry, its versions and who brought them.

#include <optional>
#include <string>
#include <vector>

#include "server/registry/import.hpp"
#include "server/registry/record_history.hpp"
#include "server/registry/registry.hpp"
#include "server/storage/records.hpp"
#include "server/storage/store_fault.hpp"

namespace chiploc {

/// One entry of the change history: what, and by which import or removal.
struct RegistryChange {
  std::uint64_t version = 0;   ///< of the registry that it made
  std::uint64_t position = 0;  ///< within it
  ImportStamp stamp;           ///< who, when and why
  HistoryEntry entry;
};
/// Behind which entry a page goes on.
struct ChangeCursor {
  std::uint64_t version = 0, position = 0;
  friend bool operator==(const ChangeCursor&, const ChangeCursor&) = default;
};
struct ChangeQuery {
  std::optional<ImportKind> kind{};  ///< nullopt: all
  std::optional<std::string> key{};  ///< of that kind, as the history has it; nullopt: all
  std::optional<WallTime> since{};   ///< imported then or later
  std::optional<ChangeCursor> after{};
  std::size_t limit = 100;  ///< 1 to 10000; others are taken as the nearest of these
};
struct ChangePage {
  std::vector<RegistryChange> rows;    ///< newest first
  std::optional<ChangeCursor> next{};  ///< nullopt: this was the last page
};

class RegistryReader {
 public:
  RegistryReader() = default;
  RegistryReader(const RegistryReader&) = delete;
  RegistryReader& operator=(const RegistryReader&) = delete;
  virtual ~RegistryReader() = default;

  /// The registry as last saved; an empty one of version 0 in a new store.
  virtual Stored<Registry::Snapshot> load_registry() = 0;
  /// Newest first.
  virtual Stored<std::vector<ImportJournalEntry>> imports(std::size_t limit) = 0;
  /// What imports and removals changed, record by record, found by an index. Those of before schema 9 left none.
  virtual Stored<ChangePage> changes(const ChangeQuery& query) = 0;
  /// The keys of the records of a kind that changes name and that were ever called so, in any case of ASCII letters; newest
  /// first, each once. A chip that is gone also by the first digits of its id (4 or more), and any by a serial number that
  /// it had. Of chips it looks at all that went.
  virtual Stored<std::vector<std::string>> past_keys(ImportKind kind, std::string_view name) = 0;
};

class RegistryStore : public RegistryReader {
 public:
  /// Saves what a plan changes and writes the journal, the change history (record_history.hpp), also that of counters: a chip that comes with a
  /// certificate over another key begins anew under it. kConflict if the registry has moved on since the
  /// plan's base: plan again; and if rounds or knocks are kept of a chip that it takes away. kInvalid for a
  /// plan with faults. A plan that changes nothing is journaled too.
  virtual Stored<Done> save_import(const ImportPlan& plan, const ImportStamp& stamp) = 0;
};

}  // namespace chiploc
