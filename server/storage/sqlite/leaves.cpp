#include "server/storage/sqlite/leaves.hpp"

#include <algorithm>
#include <utility>

#include "proto/crypto/digest.hpp"
#include "server/storage/sqlite/cases.hpp"
#include "server/storage/sqlite/counters.hpp"
#include "server/storage/sqlite/policies.hpp"
#include "server/storage/sqlite/registry.hpp"
#include "server/storage/sqlite/rounds.hpp"
#include "server/storage/sqlite/verdicts.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kLeavesPageMax = 256;
/// Of leaves.kind; the last is a beginning of counters.
enum LeafKind : std::int64_t {
  kLeafBegin,
  kLeafIntent,
  kLeafVerdict,
  kLeafGivenUp,
  kLeafImport,
  kLeafPolicy,
  kLeafCaseLine
};

/// What a row tells of; nullopt: it is not there, or the database failed.
using LeafTold = std::optional<decltype(StoredLeaf::what)>;

LeafTold leaf_of_begin(Database& db) {
  auto row = db.query("SELECT at_unix_ns, next_round FROM leaf_log");
  if (!row.next()) return std::nullopt;
  return LogBegin{row.time(0), row.count(1)};
}

/// What was there when the round ended: messages that came late are left out.
std::optional<RoundEvidenceRecord> evidence_at_end(Database& db, const RoundId& round) {
  auto evidence = read_evidence(db, round);
  if (!evidence || !*evidence) return std::nullopt;
  RoundEvidenceRecord& out = **evidence;
  std::erase_if(out.reports, [](const StoredReport& one) { return one.late; });
  std::erase_if(out.statements, [](const StoredStatement& one) { return one.late; });
  out.knocks.clear();
  out.verdict.clear();
  return std::move(**evidence);
}

struct LeafRound {
  RoundId id;
  WallTime ended;
};
std::optional<LeafRound> leaf_round(Database& db, std::int64_t number) {
  auto row = db.query("SELECT round, ended_unix_ns FROM rounds WHERE round_no = ?");
  if (!row.bind(number).next()) return std::nullopt;
  return LeafRound{row.id<RoundId>(0), row.is_null(1) ? WallTime{} : row.time(1)};
}

LeafTold leaf_of_intent(Database& db, std::int64_t number) {
  const auto round = leaf_round(db, number);
  if (!round) return std::nullopt;
  auto evidence = evidence_at_end(db, round->id);
  if (!evidence) return std::nullopt;
  return RoundIntended{static_cast<std::uint64_t>(number), std::move(evidence->intent)};
}

LeafTold leaf_of_verdict(Database& db, std::int64_t number) {
  VerdictId id;
  std::uint64_t round_number = 0;
  {
    auto row = db.query("SELECT verdict, round_no FROM verdicts WHERE verdict_no = ?");
    if (!row.bind(number).next()) return std::nullopt;
    id = row.id<VerdictId>(0);
    round_number = row.count(1);
  }
  auto verdict = read_verdict(db, id);
  if (!verdict || !*verdict) return std::nullopt;
  auto evidence = evidence_at_end(db, (*verdict)->round);
  if (!evidence) return std::nullopt;
  return RoundJudged{round_number, std::move(**verdict), *std::move(evidence)};
}

LeafTold leaf_of_given_up(Database& db, std::int64_t number) {
  const auto round = leaf_round(db, number);
  if (!round) return std::nullopt;
  auto evidence = evidence_at_end(db, round->id);
  if (!evidence) return std::nullopt;
  return RoundGivenUp{static_cast<std::uint64_t>(number), round->ended, *std::move(evidence)};
}

void add_leaf_number(Sha256& sum, std::uint64_t number) {
  ByteArray<8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(number >> (8 * (bytes.size() - 1 - i)));
  sum.update(bytes);
}
/// 1 and the length in 8 bytes, then the text; of a value that is not there 0.
void add_leaf_text(Sha256& sum, const Query& row, int column) {
  add_leaf_number(sum, row.is_null(column) ? 0 : 1);
  if (row.is_null(column)) return;
  const std::string text = row.text(column);
  add_leaf_number(sum, text.size());
  sum.update(bytes_of(text));
}

/// Of an import of a hundred thousand chips there are as many rows: they are read one by one.
std::optional<Digest> leaf_changes(Database& db, std::int64_t version) {
  auto rows = db.query(R"sql(
    SELECT position, kind, record_key, field, old_value, new_value FROM registry_changes
    WHERE version = ? ORDER BY position)sql");
  rows.bind(version);
  Sha256 sum;
  while (rows.next()) {
    add_leaf_number(sum, rows.count(0));
    add_leaf_number(sum, rows.count(1));
    for (int column = 2; column < 6; ++column) add_leaf_text(sum, rows, column);
  }
  if (rows.failed()) return std::nullopt;
  return sum.finish();
}

LeafTold leaf_of_import(Database& db, std::int64_t version) {
  auto import = read_import(db, version);
  const auto changes = leaf_changes(db, version);
  if (!import || !changes) return std::nullopt;
  return RegistryMade{*std::move(import), *changes};
}

LeafTold leaf_told(Database& db, std::int64_t kind, std::int64_t row, std::int64_t number) {
  switch (kind) {
    case kLeafBegin:
      return leaf_of_begin(db);
    case kLeafIntent:
      return leaf_of_intent(db, row);
    case kLeafVerdict:
      return leaf_of_verdict(db, row);
    case kLeafGivenUp:
      return leaf_of_given_up(db, row);
    case kLeafImport:
      return leaf_of_import(db, row);
    case kLeafPolicy:
      return LeafTold{read_policy(db, row)};
    case kLeafCaseLine:
      return LeafTold{read_case_line(db, row, number)};
    default:
      return LeafTold{read_counter_start(db, row)};
  }
}

std::optional<std::uint64_t> leaf_place(Database& db, std::int64_t row_no, std::int64_t kind, bool& failed) {
  auto row = db.query("SELECT leaf_no FROM leaves WHERE row_no = ? AND kind = ? AND number = 0");
  const bool there = row.bind(row_no).bind(kind).next();
  failed = failed || row.failed();
  return there ? std::optional{row.count(0) - 1} : std::nullopt;
}

}  // namespace

Stored<std::optional<Digest>> read_leaf_seed(Database& db) {
  auto row = db.query("SELECT seed FROM leaf_log");
  if (row.next()) return std::optional{row.id<Digest>(0)};
  if (row.failed()) return Fail{db.fault("read what the log begins with")};
  return std::optional<Digest>{};
}

Stored<std::uint64_t> read_leaf_count(Database& db) {
  const auto last = db.integer("SELECT leaf_no FROM leaves ORDER BY leaf_no DESC LIMIT 1");
  if (!last) return Fail{last.error()};
  return static_cast<std::uint64_t>(*last);
}

Stored<std::vector<StoredLeaf>> read_leaves_from(Database& db, std::uint64_t index, std::size_t limit) {
  std::vector<StoredLeaf> out;
  auto rows =
      db.query("SELECT leaf_no, kind, row_no, number FROM leaves WHERE leaf_no > ? ORDER BY leaf_no LIMIT ?");
  rows.bind(index).bind(std::uint64_t{std::min(limit, kLeavesPageMax)});
  while (rows.next()) {
    const std::uint64_t at = rows.count(0) - 1;
    if (at != index + out.size())
      return Fail{db.fault(StoreFaultCode::kCorrupt,
                           "entry " + std::to_string(index + out.size()) +
                               " of the log is missing; restore the database from its backup")};
    LeafTold told = leaf_told(db, rows.integer(1), rows.integer(2), rows.integer(3));
    if (!told)
      return Fail{db.fault(StoreFaultCode::kCorrupt, "what entry " + std::to_string(at) +
                                                         " of the log tells of cannot be read; restore the "
                                                         "database from its backup")};
    out.push_back({at, *std::move(told)});
  }
  if (rows.failed()) return Fail{db.fault("read the entries of the log")};
  return out;
}

Stored<LeafReader::RoundPlaces> read_leaves_of_round(Database& db, const RoundId& round) {
  LeafReader::RoundPlaces out;
  std::int64_t round_no = 0;
  std::optional<std::int64_t> verdict_no;
  {
    auto row = db.query(R"sql(
      SELECT r.round_no, v.verdict_no FROM rounds r LEFT JOIN verdicts v USING (round_no) WHERE r.round = ?)sql");
    if (!row.bind(round).next()) {
      if (row.failed()) return Fail{db.fault("read where the round is in the log")};
      return out;
    }
    round_no = row.integer(0);
    if (!row.is_null(1)) verdict_no = row.integer(1);
  }
  bool failed = false;
  out.intent = leaf_place(db, round_no, kLeafIntent, failed);
  out.end = verdict_no ? leaf_place(db, *verdict_no, kLeafVerdict, failed)
                       : leaf_place(db, round_no, kLeafGivenUp, failed);
  if (failed) return Fail{db.fault("read where the round is in the log")};
  return out;
}

Stored<Done> SqliteLeaves::begin_log(const Digest& seed, WallTime now) {
  return writer_.atomically([&]() -> Stored<Done> {
    Database& db = writer_.db();
    const auto there = read_leaf_seed(db);
    if (!there) return Fail{there.error()};
    if (*there) return Fail{StoreFault{StoreFaultCode::kConflict, "the log was begun already"}};
    auto row = db.query(R"sql(
      INSERT INTO leaf_log (one, seed, at_unix_ns, next_round)
      VALUES (1, ?, ?, (SELECT coalesce(max(round_no), 0) + 1 FROM rounds)))sql");
    if (!row.bind(seed).bind(now).run()) return Fail{db.fault("begin the log")};
    return Done{};
  });
}

}  // namespace chiploc
