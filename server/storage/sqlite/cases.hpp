#pragma once
// Cases in SQLite. Private to this folder.

#include "server/storage/case_store.hpp"
#include "server/storage/sqlite/connection.hpp"

namespace chiploc {

/// Of a row that begins with number, at_unix_ns, kind, state, who, text, chip, verdicts, file, loud.
[[nodiscard]] CaseEntryRecord case_entry_of(const Query& row);
/// A line and its case, by their keys; nullopt: it is not there, or the database failed.
std::optional<CaseLine> read_case_line(Database& db, std::int64_t of_case, std::int64_t number);

// The questions, inside a read transaction.
Stored<std::optional<CaseRecord>> read_case(Database& db, std::uint64_t number);
Stored<std::optional<CaseRecord>> read_case_of_key(Database& db, const CaseKeyRecord& key,
                                                   std::optional<std::uint32_t> of_key);
Stored<CasePage> read_cases(Database& db, const CaseQuery& query);
Stored<std::vector<CaseRecord>> read_due_cases(Database& db, WallTime now, std::size_t limit);
Stored<std::vector<CaseEntryRecord>> read_timeline(Database& db, std::uint64_t number,
                                                   std::optional<std::uint32_t> before, std::size_t limit);
Stored<std::vector<ChipInCase>> read_stands_in(Database& db, const ChipId& chip);
Stored<std::vector<ChipId>> read_standing(Database& db, std::uint64_t number,
                                          const std::optional<ChipId>& after, std::size_t limit);
Stored<std::vector<AttemptSignRecord>> read_signs(Database& db, const ChipId& chip);
Stored<std::uint64_t> read_cases_ended(Database& db, std::string_view order, std::uint32_t outcome);

/// Base is CaseReader or CaseStore.
template <class Base>
class SqliteCaseReads : public Base {
 public:
  explicit SqliteCaseReads(Connection& connection) : connection_{connection} {}

  Stored<std::optional<CaseRecord>> find_case(std::uint64_t number) override {
    return connection_.read(read_case, number);
  }
  Stored<std::optional<CaseRecord>> case_of_key(const CaseKeyRecord& key,
                                                std::optional<std::uint32_t> of_key) override {
    return connection_.read(read_case_of_key, key, of_key);
  }
  Stored<CasePage> list_cases(const CaseQuery& query) override { return connection_.read(read_cases, query); }
  Stored<std::vector<CaseRecord>> due_cases(WallTime now, std::size_t limit) override {
    return connection_.read(read_due_cases, now, limit);
  }
  Stored<std::vector<CaseEntryRecord>> timeline(std::uint64_t number, std::optional<std::uint32_t> before,
                                                std::size_t limit) override {
    return connection_.read(read_timeline, number, before, limit);
  }
  Stored<std::vector<ChipInCase>> stands_in(const ChipId& chip) override {
    return connection_.read(read_stands_in, chip);
  }
  Stored<std::vector<ChipId>> standing(std::uint64_t number, const std::optional<ChipId>& after,
                                       std::size_t limit) override {
    return connection_.read(read_standing, number, after, limit);
  }
  Stored<std::vector<AttemptSignRecord>> signs(const ChipId& chip) override {
    return connection_.read(read_signs, chip);
  }
  Stored<std::uint64_t> cases_ended(std::string_view order, std::uint32_t outcome) override {
    return connection_.read(read_cases_ended, order, outcome);
  }

 private:
  Connection& connection_;
};

class SqliteCases final : public SqliteCaseReads<CaseStore> {
 public:
  explicit SqliteCases(WriterConnection& writer) : SqliteCaseReads{writer}, writer_{writer} {}

  Stored<std::uint64_t> put_case(const CaseRecord& record, std::span<const CaseEntryRecord> entries) override;
  Stored<Done> stand(const ChipId& chip, std::uint32_t kind, std::optional<std::uint64_t> number) override;
  Stored<Done> settle_case(std::uint64_t number) override;
  Stored<Done> note_sign(const AttemptSignRecord& sign, std::size_t keep) override;
  Stored<Done> forget_chip(const ChipId& chip) override;

 private:
  Database& db() { return writer_.db(); }
  // False after a failure of the database.
  bool add_case(const CaseRecord& record);
  bool change_case(const CaseRecord& record);
  bool save_entry(std::uint64_t number, const CaseEntryRecord& entry);

  WriterConnection& writer_;
};

}  // namespace chiploc
