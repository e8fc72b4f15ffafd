#include <algorithm>
#include <limits>

#include "server/storage/sqlite/verdicts.hpp"

namespace chiploc {

VerdictRow verdict_row_of(const Query& row) {
  return {row.id<VerdictId>(0), row.id<RoundId>(1), row.id<ChipId>(2), row.small(3),
          row.time(4),          row.time(5),        row.blob(6)};
}

namespace {

constexpr std::size_t kPrefixMin = 4;
constexpr std::size_t kPageMax = 10'000;
constexpr std::size_t kStatesMax = 32;  // a filter of more than there are states is not one

constexpr std::string_view kWhole = R"sql(
  SELECT verdict, round, chip, state, decided_unix_ns, expires_unix_ns, summary, bytes, format
  FROM verdicts )sql";
constexpr std::string_view kRow = R"sql(
  SELECT verdict, round, chip, state, decided_unix_ns, expires_unix_ns, summary FROM verdicts )sql";

// The columns that a list asks of are those of kRow.
constexpr std::string_view kJudged = R"sql(
  SELECT verdict, round, chip, state, decided_unix_ns, expires_unix_ns, format, bytes,
         (SELECT c.bytes FROM round_contexts c WHERE c.round_no = verdicts.round_no)
  FROM verdicts )sql";

JudgedRound judged_of(const Query& row) {
  return {.id = row.id<VerdictId>(0),
          .round = row.id<RoundId>(1),
          .chip = row.id<ChipId>(2),
          .state = row.small(3),
          .decided = row.time(4),
          .format = row.small(6),
          .record = row.blob(7),
          .context = row.is_null(8) ? ByteVector{} : row.blob(8)};
}
VerdictRecord record_of(const Query& row) {
  return {.id = row.id<VerdictId>(0),
          .round = row.id<RoundId>(1),
          .chip = row.id<ChipId>(2),
          .state = row.small(3),
          .decided = row.time(4),
          .expires = row.time(5),
          .bytes = row.blob(7),
          .summary = row.blob(6),
          .format = row.small(8)};
}

Stored<std::optional<VerdictRecord>> one_of(Database& db, Query& query) {
  if (query.next()) return std::optional{record_of(query)};
  if (query.failed()) return Fail{db.fault("read the verdict")};
  return std::optional<VerdictRecord>{};
}

/// " AND state IN (?,?)"; nothing for no values.
std::string is_one_of(std::string_view column, std::size_t count) {
  if (count == 0) return "";
  std::string sql = " AND " + std::string{column} + " IN (?";
  for (std::size_t i = 1; i < count; ++i) sql += ",?";
  return sql + ")";
}
std::vector<std::uint32_t> distinct(std::span<const std::uint32_t> states) {
  std::vector<std::uint32_t> out{states.begin(), states.end()};
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace

Stored<std::optional<VerdictRecord>> read_verdict(Database& db, const VerdictId& id) {
  auto query = db.query(std::string{kWhole} + "WHERE verdict = ?");
  query.bind(id);
  return one_of(db, query);
}

Stored<std::optional<VerdictRecord>> read_verdict_by_prefix(Database& db, std::string_view prefix,
                                                            const ChipFilter& wanted) {
  constexpr std::size_t kDigits = 2 * VerdictId::kSize;
  std::string low{prefix.substr(0, kDigits)};
  std::string high = low;
  low.resize(kDigits, '0');
  high.resize(kDigits, 'f');
  const auto first = VerdictId::from_hex_text(low);
  const auto last = VerdictId::from_hex_text(high);
  if (!first || !last || prefix.size() < kPrefixMin || prefix.size() > kDigits) {
    return Fail{StoreFault{StoreFaultCode::kInvalid, "a verdict is named by 4 to 32 hexadecimal digits"}};
  }
  auto query = db.query(std::string{kWhole} + "WHERE verdict BETWEEN ? AND ?");
  query.bind(*first).bind(*last);
  std::optional<VerdictRecord> found;
  while (query.next()) {
    if (wanted && !wanted(query.id<ChipId>(2))) continue;
    if (found) {
      return Fail{StoreFault{StoreFaultCode::kAmbiguous,
                             "several verdicts begin with " + std::string{prefix} + "; give more digits"}};
    }
    found = record_of(query);
  }
  if (query.failed()) return Fail{db.fault("read the verdict")};
  return found;
}

Stored<std::optional<VerdictRecord>> read_newest_verdict(Database& db, const ChipId& chip) {
  auto query = db.query(std::string{kWhole} + "WHERE chip = ? ORDER BY round_no DESC LIMIT 1");
  query.bind(chip);
  return one_of(db, query);
}

Stored<std::vector<VerdictRow>> read_last_of_each_state(Database& db, const ChipId& chip) {
  // One pass over the chip's verdicts: a year of hourly ones takes some milliseconds. For one chip.
  auto rows = db.query(R"sql(
    SELECT verdict, round, chip, state, decided_unix_ns, expires_unix_ns, x'', max(round_no)
    FROM verdicts WHERE chip = ? GROUP BY state ORDER BY max(round_no) DESC)sql");
  rows.bind(chip);
  std::vector<VerdictRow> out;
  while (rows.next()) out.push_back(verdict_row_of(rows));
  if (rows.failed()) return Fail{db.fault("read the chip's verdicts")};
  return out;
}

namespace {

/// Where in the order of rounds those decided since a time begin: none of them stands before. 0: everywhere.
Stored<std::int64_t> first_round_since(Database& db, const VerdictQuery& query) {
  if (!query.since) return std::int64_t{0};
  if (query.after) return query.after->begins;
  auto row = db.query("SELECT min(round_no) FROM verdicts WHERE decided_unix_ns >= ?");
  row.bind(*query.since);
  if (!row.next()) return Fail{db.fault("list the verdicts")};
  return row.is_null(0) ? std::numeric_limits<std::int64_t>::max() : row.integer(0);
}

/// What the indexes find; the rest of the query is asked of each row.
std::string list_sql(std::string_view select, const VerdictQuery& query, std::size_t states) {
  std::string sql = std::string{select} + "WHERE 1";
  if (query.chips.size() == 1) sql += " AND chip = ?";
  if (query.chips.size() > 1)
    sql += " AND round_no IN (SELECT round_no FROM verdicts WHERE 1" + is_one_of("chip", query.chips.size()) +
           ")";
  if (query.since) sql += " AND round_no >= ?";
  const std::string behind = query.oldest_first ? ">" : "<";
  if (query.after) sql += " AND round_no " + behind + " (SELECT round_no FROM verdicts WHERE verdict = ?)";
  return sql + is_one_of("state", states) + " ORDER BY round_no" + (query.oldest_first ? "" : " DESC");
}

bool is_wanted(const Query& row, const VerdictQuery& query) {
  const WallTime decided = row.time(4);
  if (query.since && decided < *query.since) return false;
  if (query.until && decided >= *query.until) return false;
  if (query.expired_by && row.time(5) > *query.expired_by) return false;
  return !query.wanted || query.wanted(row.id<ChipId>(2));
}

template <class Row>
Stored<VerdictPageOf<Row>> page_of(Database& db, std::string_view select, Row (*row_from)(const Query&),
                                   const VerdictQuery& query) {
  const auto states = distinct(query.states);
  if (states.size() > kStatesMax || query.chips.size() > VerdictQuery::kChipsMax)
    return Fail{StoreFault{StoreFaultCode::kInvalid, "more states or chips in one filter than there may be"}};
  const std::size_t limit = std::clamp<std::size_t>(query.limit, 1, kPageMax);
  const auto begins = first_round_since(db, query);
  if (!begins) return Fail{begins.error()};
  auto rows = db.query(list_sql(select, query, states.size()));
  for (const ChipId& chip : query.chips) rows.bind(chip);
  if (query.since) rows.bind(*begins);
  if (query.after) rows.bind(query.after->id);
  for (const std::uint32_t state : states) rows.bind(state);
  VerdictPageOf<Row> page;
  std::optional<VerdictCursor> last;  // looked at
  for (std::size_t scanned = 0; rows.next(); ++scanned) {
    if (scanned >= query.scan_max) {
      page.matching_more = true;
      if (!page.next) page.next = last;
      break;
    }
    if (page.rows.size() < limit) last = VerdictCursor{rows.time(4), rows.id<VerdictId>(0), *begins};
    if (!is_wanted(rows, query)) continue;
    ++page.matching;
    if (page.rows.size() < limit) {
      page.rows.push_back(row_from(rows));
      continue;
    }
    if (!page.next) page.next = VerdictCursor{page.rows.back().decided, page.rows.back().id, *begins};
    if (!query.count) break;
  }
  if (rows.failed()) return Fail{db.fault("list the verdicts")};
  return page;
}

}  // namespace

Stored<VerdictPage> read_verdicts(Database& db, const VerdictQuery& query) {
  return page_of(db, kRow, verdict_row_of, query);
}
Stored<JudgedPage> read_judged_rounds(Database& db, const VerdictQuery& query) {
  return page_of(db, kJudged, judged_of, query);
}

Stored<std::vector<ChipStanding>> read_standings(Database& db, std::span<const ChipId> chips) {
  std::vector<ChipStanding> standings;
  standings.reserve(chips.size());
  for (const ChipId& chip : chips) {
    auto row = db.query(R"sql(
      SELECT v.verdict, v.round, v.chip, v.state, v.decided_unix_ns, v.expires_unix_ns, v.summary, s.rounds
      FROM standings s LEFT JOIN verdicts v ON v.verdict_no = s.latest
      WHERE s.chip = ?)sql");
    row.bind(chip);
    ChipStanding standing{chip, 0, std::nullopt};
    if (row.next()) {
      standing.rounds = row.count(7);
      if (!row.is_null(0)) standing.latest = verdict_row_of(row);
    }
    if (row.failed()) return Fail{db.fault("read the chips' standing")};
    standings.push_back(std::move(standing));
  }
  return standings;
}

Stored<std::vector<StandingBrief>> read_standing_briefs(Database& db, std::span<const std::uint32_t> states,
                                                        const std::optional<ChipId>& after,
                                                        std::size_t limit) {
  const auto wanted = distinct(states);
  if (wanted.size() > kStatesMax)
    return Fail{StoreFault{StoreFaultCode::kInvalid, "more states than there are in one filter"}};
  std::string sql = R"sql(
    SELECT chip, latest_state, latest_unix_ns, coalesce(latest_expires_unix_ns, 0)
    FROM standings WHERE latest_state IS NOT NULL)sql";
  if (after) sql += " AND chip > ?";
  // Of several states no index has all by chip: those of any state are read, in order, rather than sorted for each page.
  sql += is_one_of(wanted.size() == 1 ? "latest_state" : "+latest_state", wanted.size());
  auto rows = db.query(sql + " ORDER BY chip LIMIT ?");
  if (after) rows.bind(*after);
  for (const std::uint32_t state : wanted) rows.bind(state);
  rows.bind(std::uint64_t{std::clamp<std::size_t>(limit, 1, kPageMax)});
  std::vector<StandingBrief> out;
  while (rows.next()) out.push_back({rows.id<ChipId>(0), rows.small(1), rows.time(2), rows.time(3)});
  if (rows.failed()) return Fail{db.fault("list the chips")};
  return out;
}

Stored<std::vector<StandingBrief>> read_briefs_of(Database& db, std::span<const ChipId> chips) {
  std::vector<StandingBrief> out;
  for (const ChipId& chip : chips) {
    auto row = db.query(R"sql(
      SELECT latest_state, latest_unix_ns, coalesce(latest_expires_unix_ns, 0)
      FROM standings WHERE chip = ? AND latest_state IS NOT NULL)sql");
    row.bind(chip);
    if (row.next()) out.push_back({chip, row.small(0), row.time(1), row.time(2)});
    if (row.failed()) return Fail{db.fault("look up the chips")};
  }
  return out;
}

Stored<std::map<std::uint32_t, std::uint64_t>> read_chips_by_state(Database& db) {
  std::map<std::uint32_t, std::uint64_t> out;
  auto chips = db.query(
      "SELECT latest_state, count(*) FROM standings WHERE latest_state IS NOT NULL GROUP BY latest_state");
  while (chips.next()) out[chips.small(0)] = chips.count(1);
  if (chips.failed()) return Fail{db.fault("count the chips")};
  return out;
}

Stored<StoreCounts> read_counts(Database& db) {
  StoreCounts counts;
  auto rounds = db.query("SELECT state, count(*) FROM rounds GROUP BY state");
  while (rounds.next()) {
    switch (static_cast<RoundState>(rounds.integer(0))) {
      case RoundState::kOpen:
        counts.rounds_open = rounds.count(1);
        break;
      case RoundState::kFinished:
        counts.rounds_finished = rounds.count(1);
        break;
      case RoundState::kAbandoned:
        counts.rounds_abandoned = rounds.count(1);
        break;
    }
  }
  counts.verdicts = counts.rounds_finished;  // a round is finished by its one verdict, in one transaction
  auto conflicting = db.query("SELECT count(*) FROM reports WHERE conflicting = 1");
  if (conflicting.next()) counts.reports_conflicting = conflicting.count(0);
  auto chips = read_chips_by_state(db);
  if (rounds.failed() || conflicting.failed() || !chips) return Fail{db.fault("count")};
  counts.chips_by_state = std::move(*chips);
  return counts;
}

}  // namespace chiploc
