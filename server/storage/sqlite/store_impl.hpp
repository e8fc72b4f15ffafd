#pragma once
// The writing half. Private to this folder.

#include "server/storage/sqlite/open.hpp"
#include "server/storage/sqlite/reads.hpp"

namespace chiploc {

class SqliteStore final : public SqliteReads<Store> {
 public:
  SqliteStore(std::unique_ptr<WriterLock> lock, std::unique_ptr<Database> db)
      : SqliteReads<Store>{std::move(db)}, lock_{std::move(lock)} {}
  ~SqliteStore() override;

  Stored<Done> begin_batch() override;
  Stored<Done> commit_batch() override;
  void roll_back_batch() override;

  Stored<Done> save_import(const ImportPlan& plan, const ImportStamp& stamp) override;
  Stored<Done> log_intent(const RoundIntent& intent) override;
  Stored<Done> append_tickets(const RoundId& round, std::span<const ByteVector> tickets) override;
  Stored<Appended> append_report(const RoundId& round, const SpoolRef& from, Bytes report,
                                 WallTime received) override;
  Stored<Appended> append_statement(const RoundId& round, const SpoolRef& from, Bytes statement,
                                    WallTime received) override;
  Stored<Done> append_close_order(const RoundId& round, Bytes order) override;
  Stored<Appended> append_knock(const StoredKnock& knock, std::uint64_t spool_id) override;
  Stored<Appended> append_mesh(const MeshRecord& mesh) override;
  Stored<Done> finish_round(const VerdictRecord& verdict,
                            const std::optional<ChipCounters>& counters) override;
  Stored<CounterStart> restart_counters(const CounterStart& start) override;
  Stored<Done> abandon_round(const RoundId& round, std::string_view reason, WallTime now) override;
  Stored<Pruned> prune_some(const PruneOrder& order) override;
  Stored<std::uint64_t> prune_mesh(WallTime before) override;
  Stored<std::uint64_t> prune_knocks(WallTime before) override;

 private:
  struct RoundRow {
    std::int64_t number = 0;
    RoundState state = RoundState::kOpen;
  };
  /// kNotFound if there is no such round.
  Stored<RoundRow> find_round(const RoundId& round);
  /// The same, and kConflict if it is over.
  Stored<RoundRow> find_open_round(const RoundId& round);
  /// kNotFound if the round was begun without this anchor.
  Stored<Done> find_seat(std::int64_t number, const RoundId& round, const AnchorId& anchor);
  StoreFault over(const RoundId& round, RoundState state);

  Stored<Done> save_counter_starts(const ImportPlan& plan, const ImportStamp& stamp);
  Stored<Done> save_records(const ImportPlan& plan);
  Stored<Done> save_prohibited(const ImportPlan& plan);
  Stored<Done> save_journal(const ImportPlan& plan, const ImportStamp& stamp);

  /// Whether this spool number of this anchor is in `table` already; false for number 0.
  Stored<bool> seen(std::string_view sql, const SpoolRef& from);

  // One step of pruning; false after a failure of the database.
  bool prune_mesh_step(const PruneOrder& order, std::size_t& rows, Pruned& out);
  bool prune_knocks_step(const PruneOrder& order, std::size_t& rows, Pruned& out);
  /// How many rows came behind row `number` of a table whose keys grow.
  std::optional<std::int64_t> newest(std::string_view sql);

  /// Runs `work` (-> Stored<T>) as one unit: alone in a transaction of its own, in a batch in a savepoint.
  /// What fails leaves nothing behind.
  template <class Work>
  auto atomically(Work work) -> decltype(work()) {
    const auto begun = begin_unit();
    if (!begun) return Fail{begun.error()};
    auto result = work();
    const auto ended = end_unit(result ? nullptr : &result.error());
    if (result && !ended) return Fail{ended.error()};
    return result;
  }
  Stored<Done> begin_unit();
  /// Keeps the work, or undoes it after `failure`.
  Stored<Done> end_unit(const StoreFault* failure);

  std::unique_ptr<WriterLock> lock_;
  bool in_batch_ = false;
  std::optional<StoreFault>
      batch_lost_;  // SQLite gave the whole transaction up: nothing of the batch can be kept
};

}  // namespace chiploc
