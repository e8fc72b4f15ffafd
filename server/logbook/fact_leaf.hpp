#pragma once
// Which words a fact of the database becomes in the evidence log. What only some may read is sealed, field by field.

#include <string>

#include "proto/base/result.hpp"
#include "server/evidence/leaf.hpp"
#include "server/storage/leaf_store.hpp"

namespace chiploc {

/// The entry's fields, sealed ones with their values. README.md lists them. Of equal facts equal fields, for ever: what is in a
/// log is held against what this makes of the database.
[[nodiscard]] Leaf leaf_of(const StoredLeaf& fact);

/// Of the entry at this place, from the log's seed (LeafReader::leaf_seed).
[[nodiscard]] LeafSeed leaf_seed_at(const Digest& log_seed, std::uint64_t index);

/// The entry as it stands in the log. Fails with a sentence for a fact that leaf_text takes not; of what the store keeps there
/// is none.
[[nodiscard]] Result<std::string, std::string> entry_of(const StoredLeaf& fact, const Digest& log_seed);

}  // namespace chiploc
