#pragma once
// The questions of StoreReader as functions of a connection, and the class that puts them behind the
// interface for reader and writer alike. Private to this folder. Each function runs inside one read
// transaction.

#include <mutex>

#include "server/storage/sqlite/database.hpp"

namespace chiploc {

Stored<Registry::Snapshot> read_registry(Database& db);
Stored<std::vector<ImportJournalEntry>> read_imports(Database& db, std::size_t limit);
Stored<std::vector<OpenRound>> read_open_rounds(Database& db);
Stored<std::optional<RoundEvidenceRecord>> read_evidence(Database& db, const RoundId& round);
Stored<CounterStanding> read_counters(Database& db, const ChipId& chip, const Digest& signer);
/// Of whichever key: those that the chip's latest statement under any brought.
Stored<std::vector<CounterStart>> read_counter_starts(Database& db, const ChipId& chip, std::size_t limit);
Stored<std::optional<ChipSighting>> read_sighting(Database& db, const ChipId& chip);
Stored<std::optional<VerdictRecord>> read_verdict(Database& db, const VerdictId& id);
Stored<std::optional<VerdictRecord>> read_verdict_by_prefix(Database& db, std::string_view prefix);
Stored<std::optional<VerdictRecord>> read_newest_verdict(Database& db, const ChipId& chip);
Stored<VerdictPage> read_verdicts(Database& db, const VerdictQuery& query);
Stored<std::vector<ChipStanding>> read_standings(Database& db, std::span<const ChipId> chips);
Stored<std::vector<ChipId>> read_chips_in_states(Database& db, std::span<const std::uint32_t> states,
                                                 const std::optional<ChipId>& after, std::size_t limit);
Stored<StoreCounts> read_counts(Database& db);
Stored<std::vector<MeshPairRow>> read_mesh_pairs(Database& db, WallTime since, std::size_t limit);

/// Base is StoreReader or Store. The lock makes a reader usable from any thread; the writer has one thread
/// anyway.
template <class Base>
class SqliteReads : public Base {
 public:
  explicit SqliteReads(std::unique_ptr<Database> db) : db_{std::move(db)} {}

  Stored<Registry::Snapshot> load_registry() override { return read(read_registry); }
  Stored<std::vector<ImportJournalEntry>> imports(std::size_t limit) override {
    return read(read_imports, limit);
  }
  Stored<std::vector<OpenRound>> open_rounds() override { return read(read_open_rounds); }
  Stored<std::optional<RoundEvidenceRecord>> evidence(const RoundId& round) override {
    return read(read_evidence, round);
  }
  Stored<CounterStanding> chip_counters(const ChipId& chip, const Digest& signer) override {
    return read(read_counters, chip, signer);
  }
  Stored<std::vector<CounterStart>> counter_starts(const ChipId& chip, std::size_t limit) override {
    return read(read_counter_starts, chip, limit);
  }
  Stored<std::optional<ChipSighting>> last_sighting(const ChipId& chip) override {
    return read(read_sighting, chip);
  }
  Stored<std::optional<VerdictRecord>> verdict(const VerdictId& id) override {
    return read(read_verdict, id);
  }
  Stored<std::optional<VerdictRecord>> find_verdict(std::string_view prefix) override {
    return read(read_verdict_by_prefix, prefix);
  }
  Stored<std::optional<VerdictRecord>> newest_verdict(const ChipId& chip) override {
    return read(read_newest_verdict, chip);
  }
  Stored<VerdictPage> list_verdicts(const VerdictQuery& query) override { return read(read_verdicts, query); }
  Stored<std::vector<ChipStanding>> standings(std::span<const ChipId> chips) override {
    return read(read_standings, chips);
  }
  Stored<std::vector<ChipId>> chips_in_states(std::span<const std::uint32_t> states,
                                              const std::optional<ChipId>& after,
                                              std::size_t limit) override {
    return read(read_chips_in_states, states, after, limit);
  }
  Stored<StoreCounts> counts() override { return read(read_counts); }
  Stored<std::vector<MeshPairRow>> mesh_pairs(WallTime since, std::size_t limit) override {
    return read(read_mesh_pairs, since, limit);
  }

 protected:
  Database& db() { return *db_; }

 private:
  template <class Function, class... Arguments>
  auto read(Function function, const Arguments&... arguments)
      -> decltype(function(std::declval<Database&>(), arguments...)) {
    const std::scoped_lock lock{mutex_};
    // A savepoint outside a transaction begins one; inside a batch it changes nothing.
    const auto begun = db_->execute("SAVEPOINT reading");
    if (!begun) return Fail{begun.error()};
    auto answer = function(*db_, arguments...);
    const auto ended = db_->execute("RELEASE reading");
    if (!ended && answer) return Fail{ended.error()};
    return answer;
  }

  std::mutex mutex_;
  std::unique_ptr<Database> db_;
};

}  // namespace chiploc
