#pragma once
// Rounds in SQLite. Private to this folder.

#include "server/storage/round_store.hpp"
#include "server/storage/sqlite/connection.hpp"

namespace chiploc {

// The questions, inside a read transaction.
Stored<std::vector<OpenRound>> read_open_rounds(Database& db);
Stored<std::optional<RoundIntent>> read_intent(Database& db, const RoundId& round);
Stored<std::optional<RoundEvidenceRecord>> read_evidence(Database& db, const RoundId& round);
Stored<std::optional<ByteVector>> read_context(Database& db, const RoundId& round);
Stored<std::optional<std::string>> read_area(Database& db, const Digest& sha256);
Stored<std::optional<ByteVector>> read_calibration(Database& db, const Digest& sha256);
Stored<CounterStanding> read_counters(Database& db, const ChipId& chip, const Digest& signer);
Stored<std::vector<CounterStart>> read_counter_starts(Database& db, const ChipId& chip, std::size_t limit);
Stored<std::optional<ChipSighting>> read_sighting(Database& db, const ChipId& chip);

struct RoundRow {
  std::int64_t number = 0;
  RoundState state = RoundState::kOpen;
};
/// kNotFound if there is no such round.
Stored<RoundRow> find_round(Database& db, const RoundId& round);
/// The same, and kConflict if it is over.
Stored<RoundRow> find_open_round(Database& db, const RoundId& round);

/// Base is RoundReader or RoundStore.
template <class Base>
class SqliteRoundReads : public Base {
 public:
  explicit SqliteRoundReads(Connection& connection) : connection_{connection} {}

  Stored<std::vector<OpenRound>> open_rounds() override { return connection_.read(read_open_rounds); }
  Stored<std::optional<RoundIntent>> intent(const RoundId& round) override {
    return connection_.read(read_intent, round);
  }
  Stored<std::optional<RoundEvidenceRecord>> evidence(const RoundId& round) override {
    return connection_.read(read_evidence, round);
  }
  Stored<std::optional<ByteVector>> context(const RoundId& round) override {
    return connection_.read(read_context, round);
  }
  Stored<std::optional<std::string>> area(const Digest& sha256) override {
    return connection_.read(read_area, sha256);
  }
  Stored<std::optional<ByteVector>> calibration(const Digest& sha256) override {
    return connection_.read(read_calibration, sha256);
  }
  Stored<CounterStanding> chip_counters(const ChipId& chip, const Digest& signer) override {
    return connection_.read(read_counters, chip, signer);
  }
  Stored<std::vector<CounterStart>> counter_starts(const ChipId& chip, std::size_t limit) override {
    return connection_.read(read_counter_starts, chip, limit);
  }
  Stored<std::optional<ChipSighting>> last_sighting(const ChipId& chip) override {
    return connection_.read(read_sighting, chip);
  }

 private:
  Connection& connection_;
};

class SqliteRounds final : public SqliteRoundReads<RoundStore> {
 public:
  explicit SqliteRounds(WriterConnection& writer) : SqliteRoundReads{writer}, writer_{writer} {}

  Stored<Done> log_intent(const RoundIntent& intent) override;
  Stored<Done> append_tickets(const RoundId& round, std::span<const ByteVector> tickets) override;
  Stored<Appended> append_report(const RoundId& round, const SpoolRef& from, Bytes report,
                                 WallTime received) override;
  Stored<Appended> append_statement(const RoundId& round, const SpoolRef& from, Bytes statement,
                                    WallTime received) override;
  Stored<Done> append_close_order(const RoundId& round, Bytes order) override;
  Stored<Done> abandon_round(const RoundId& round, std::string_view reason, WallTime now) override;
  Stored<CounterStart> restart_counters(const CounterStart& start) override;

 private:
  Database& db() { return writer_.db(); }
  /// kNotFound if the round was begun without this anchor.
  Stored<Done> find_seat(std::int64_t number, const RoundId& round, const AnchorId& anchor);
  /// Its number.
  Stored<std::int64_t> save_round(const RoundIntent& intent);
  Stored<Done> save_context(std::int64_t number, const RoundIntent& intent);

  WriterConnection& writer_;
};

}  // namespace chiploc
