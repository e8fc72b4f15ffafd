#pragma once
// Verdicts and standings in SQLite. Private to this folder.

#include "server/storage/sqlite/connection.hpp"
#include "server/storage/store.hpp"

namespace chiploc {

/// Of a row that begins with verdict, round, chip, state, decided_unix_ns, expires_unix_ns, summary.
[[nodiscard]] VerdictRow verdict_row_of(const Query& row);

// The questions, inside a read transaction.
Stored<std::optional<VerdictRecord>> read_verdict(Database& db, const VerdictId& id);
Stored<std::optional<VerdictRecord>> read_verdict_by_prefix(Database& db, std::string_view prefix,
                                                            const ChipFilter& wanted);
Stored<std::optional<VerdictRecord>> read_newest_verdict(Database& db, const ChipId& chip);
Stored<std::vector<VerdictRow>> read_last_of_each_state(Database& db, const ChipId& chip);
Stored<VerdictPage> read_verdicts(Database& db, const VerdictQuery& query);
Stored<JudgedPage> read_judged_rounds(Database& db, const VerdictQuery& query);
Stored<std::vector<ChipStanding>> read_standings(Database& db, std::span<const ChipId> chips);
Stored<std::vector<StandingBrief>> read_standing_briefs(Database& db, std::span<const std::uint32_t> states,
                                                        const std::optional<ChipId>& after,
                                                        std::size_t limit);
Stored<std::vector<StandingBrief>> read_briefs_of(Database& db, std::span<const ChipId> chips);
Stored<std::map<std::uint32_t, std::uint64_t>> read_chips_by_state(Database& db);
Stored<StoreCounts> read_counts(Database& db);

/// Base is VerdictReader or VerdictStore.
template <class Base>
class SqliteVerdictReads : public Base {
 public:
  explicit SqliteVerdictReads(Connection& connection) : connection_{connection} {}

  Stored<std::optional<VerdictRecord>> verdict(const VerdictId& id) override {
    return connection_.read(read_verdict, id);
  }
  Stored<std::optional<VerdictRecord>> find_verdict(std::string_view prefix,
                                                    const ChipFilter& wanted) override {
    return connection_.read(read_verdict_by_prefix, prefix, wanted);
  }
  Stored<std::optional<VerdictRecord>> newest_verdict(const ChipId& chip) override {
    return connection_.read(read_newest_verdict, chip);
  }
  Stored<std::vector<VerdictRow>> last_of_each_state(const ChipId& chip) override {
    return connection_.read(read_last_of_each_state, chip);
  }
  Stored<VerdictPage> list_verdicts(const VerdictQuery& query) override {
    return connection_.read(read_verdicts, query);
  }
  Stored<JudgedPage> judged_rounds(const VerdictQuery& query) override {
    return connection_.read(read_judged_rounds, query);
  }
  Stored<std::vector<ChipStanding>> standings(std::span<const ChipId> chips) override {
    return connection_.read(read_standings, chips);
  }
  Stored<std::vector<StandingBrief>> standing_briefs(std::span<const std::uint32_t> states,
                                                     const std::optional<ChipId>& after,
                                                     std::size_t limit) override {
    return connection_.read(read_standing_briefs, states, after, limit);
  }
  Stored<std::vector<StandingBrief>> briefs_of(std::span<const ChipId> chips) override {
    return connection_.read(read_briefs_of, chips);
  }
  Stored<std::map<std::uint32_t, std::uint64_t>> chips_by_state() override {
    return connection_.read(read_chips_by_state);
  }
  Stored<StoreCounts> counts() override { return connection_.read(read_counts); }

 private:
  Connection& connection_;
};

class SqliteVerdicts final : public SqliteVerdictReads<VerdictStore> {
 public:
  /// `store` is what the steps write through.
  SqliteVerdicts(WriterConnection& writer, Store& store)
      : SqliteVerdictReads{writer}, writer_{writer}, store_{store} {}

  Stored<Done> finish_round(const VerdictRecord& verdict,
                            const std::optional<ChipCounters>& counters) override;
  void add_step(VerdictStep step) { steps_.push_back(std::move(step)); }

 private:
  Database& db() { return writer_.db(); }
  /// False after a failure of the database.
  bool save_verdict(const VerdictRecord& verdict, std::int64_t round_number);
  bool end_round(const VerdictRecord& verdict, std::int64_t round_number);
  bool save_standing(const VerdictRecord& verdict, std::int64_t round_number, std::int64_t verdict_number);
  bool save_sighting(const VerdictRecord& verdict, std::int64_t round_number);

  WriterConnection& writer_;
  Store& store_;
  std::vector<VerdictStep> steps_;
};

}  // namespace chiploc
