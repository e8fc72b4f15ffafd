#pragma once
// The registry, its versions and who brought them.

#include <vector>

#include "server/registry/import.hpp"
#include "server/registry/registry.hpp"
#include "server/storage/records.hpp"
#include "server/storage/store_fault.hpp"

namespace chiploc {

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
};

class RegistryStore : public RegistryReader {
 public:
  /// Saves what a plan changes and writes the journal, also that of counters: a chip that comes with a
  /// certificate over another key begins anew under it. kConflict if the registry has moved on since the
  /// plan's base: plan again; and if rounds or knocks are kept of a chip that it takes away. kInvalid for a
  /// plan with faults. A plan that changes nothing is journaled too.
  virtual Stored<Done> save_import(const ImportPlan& plan, const ImportStamp& stamp) = 0;
};

}  // namespace chiploc
