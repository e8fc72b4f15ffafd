#pragma once
// What anchors deliver all the time: round trips among themselves, and knocks of chips. It goes by age.

#include <optional>
#include <vector>

#include "server/storage/records.hpp"
#include "server/storage/store_fault.hpp"

namespace chiploc {

class MeshReader {
 public:
  MeshReader() = default;
  MeshReader(const MeshReader&) = delete;
  MeshReader& operator=(const MeshReader&) = delete;
  virtual ~MeshReader() = default;

  /// Round trips between anchors whose window ended at `since` or later, oldest first; at most `limit`.
  virtual Stored<std::vector<MeshPairRow>> mesh_pairs(WallTime since, std::size_t limit) = 0;
  /// When the chip last proved its key with a knock: by this coordinator's clock, or where that is not on
  /// record by the anchor's. nullopt: no proof of it is kept.
  virtual Stored<std::optional<WallTime>> last_knock(const ChipId& chip) = 0;
};

class MeshStore : public MeshReader {
 public:
  virtual Stored<Appended> append_mesh(const MeshRecord& mesh) = 0;
  virtual Stored<Appended> append_knock(const StoredKnock& knock, std::uint64_t spool_id) = 0;
  /// One step of what the order asks for, events included, in the order in which messages came; at most about `rows` rows are
  /// touched, so that nobody else waits. Ask again as long as there is `more`. Their pages are used again by
  /// what comes next; the file does not shrink.
  virtual Stored<Pruned> prune_some(const PruneOrder& order) = 0;
  /// Removes mesh windows that ended before `before`; returns how many.
  virtual Stored<std::uint64_t> prune_mesh(WallTime before) = 0;
  /// The same for knocks. They are evidence of the rounds that ran then: keep them as long as those matter.
  virtual Stored<std::uint64_t> prune_knocks(WallTime before) = 0;
};

}  // namespace chiploc
