#pragma once
// Chips' statuses in SQLite. Private to this folder.

#include <algorithm>
#include <vector>

#include "server/storage/sqlite/connection.hpp"
#include "server/storage/status_store.hpp"

namespace chiploc {

inline constexpr std::size_t kStatusPageMax = 10'000;
/// Ascending, each once.
[[nodiscard]] inline std::vector<std::uint32_t> distinct_states(std::vector<std::uint32_t> states) {
  std::sort(states.begin(), states.end());
  states.erase(std::unique(states.begin(), states.end()), states.end());
  return states;
}
[[nodiscard]] inline StoreFault too_many_states() {
  return {StoreFaultCode::kInvalid, "more states than there are in one filter"};
}

/// Of a row that begins with change_no, chip, at_unix_ns, from_state, to_state, rests_on, why.
[[nodiscard]] StatusChangeRecord status_change_of(const Query& row);

// The questions, inside a read transaction.
Stored<std::optional<StatusRecord>> read_status(Database& db, const ChipId& chip);
Stored<StatusPage> read_statuses(Database& db, const StatusQuery& query);
Stored<StatusChangePage> read_status_changes(Database& db, const StatusChangeQuery& query);
Stored<std::uint64_t> read_changes_told(Database& db, const ChipId& chip);
Stored<std::map<std::uint32_t, std::uint64_t>> read_chips_by_status(Database& db, const ChipFilter& wanted);
Stored<std::vector<StatusChangeCount>> read_change_counts(Database& db, WallTime since,
                                                          const ChipFilter& wanted);
Stored<std::vector<AbsenceRecord>> read_absences(Database& db, const ChipId& chip, std::size_t limit);
Stored<std::vector<StatusRecord>> read_due_stories(Database& db, WallTime now, std::size_t limit);
Stored<std::vector<ChipId>> read_without_status(Database& db, const std::optional<ChipId>& after,
                                                std::size_t limit);
Stored<std::vector<JudgedRow>> read_judged(Database& db, const ChipId& chip);

/// Base is StatusReader or StatusStore.
template <class Base>
class SqliteStatusReads : public Base {
 public:
  explicit SqliteStatusReads(Connection& connection) : connection_{connection} {}

  Stored<std::optional<StatusRecord>> status(const ChipId& chip) override {
    return connection_.read(read_status, chip);
  }
  Stored<StatusPage> list_statuses(const StatusQuery& query) override {
    return connection_.read(read_statuses, query);
  }
  Stored<StatusChangePage> list_changes(const StatusChangeQuery& query) override {
    return connection_.read(read_status_changes, query);
  }
  Stored<std::uint64_t> changes_told(const ChipId& chip) override {
    return connection_.read(read_changes_told, chip);
  }
  Stored<std::map<std::uint32_t, std::uint64_t>> chips_by_status(const ChipFilter& wanted) override {
    return connection_.read(read_chips_by_status, wanted);
  }
  Stored<std::vector<StatusChangeCount>> count_changes(WallTime since, const ChipFilter& wanted) override {
    return connection_.read(read_change_counts, since, wanted);
  }
  Stored<std::vector<AbsenceRecord>> absences(const ChipId& chip, std::size_t limit) override {
    return connection_.read(read_absences, chip, limit);
  }
  Stored<std::vector<StatusRecord>> due(WallTime now, std::size_t limit) override {
    return connection_.read(read_due_stories, now, limit);
  }
  Stored<std::vector<ChipId>> without_status(const std::optional<ChipId>& after, std::size_t limit) override {
    return connection_.read(read_without_status, after, limit);
  }
  Stored<std::vector<JudgedRow>> judged(const ChipId& chip) override {
    return connection_.read(read_judged, chip);
  }

 private:
  Connection& connection_;
};

class SqliteStatuses final : public SqliteStatusReads<StatusStore> {
 public:
  explicit SqliteStatuses(WriterConnection& writer) : SqliteStatusReads{writer}, writer_{writer} {}

  Stored<Done> put(const StatusRecord& status, std::span<const StatusChangeRecord> changes) override;
  Stored<Done> put_off(const ChipId& chip, WallTime until) override;
  Stored<Done> note_absence(const AbsenceRecord& absence) override;
  Stored<std::uint64_t> note_absences_ended(const ChipId& chip, WallTime at, std::string_view by) override;
  Stored<bool> take_rules(std::string_view rules) override;

 private:
  Database& db() { return writer_.db(); }
  /// False after a failure of the database.
  bool save_change(const StatusChangeRecord& change);

  WriterConnection& writer_;
};

}  // namespace chiploc
