#include <algorithm>

#include "server/storage/sqlite/verdicts.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kPrefixMin = 4;
constexpr std::size_t kPageMax = 10'000;
constexpr std::size_t kStatesMax = 32;  // a filter of more than there are states is not one

constexpr std::string_view kWhole = R"sql(
  SELECT verdict, round, chip, state, decided_unix_ns, expires_unix_ns, summary, bytes, format
  FROM verdicts )sql";
constexpr std::string_view kRow = R"sql(
  SELECT verdict, round, chip, state, decided_unix_ns, expires_unix_ns, summary FROM verdicts )sql";

VerdictRow row_of(const Query& row) {
  return {row.id<VerdictId>(0), row.id<RoundId>(1), row.id<ChipId>(2), row.small(3),
          row.time(4),          row.time(5),        row.blob(6)};
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

/// " AND state IN (?,?)"; nothing for no states.
std::string in_states(std::string_view column, std::size_t count) {
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

Stored<std::optional<VerdictRecord>> read_verdict_by_prefix(Database& db, std::string_view prefix) {
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
  auto query = db.query(std::string{kWhole} + "WHERE verdict BETWEEN ? AND ? LIMIT 2");
  query.bind(*first).bind(*last);
  auto found = one_of(db, query);
  if (!found || !*found) return found;
  if (query.next())
    return Fail{StoreFault{StoreFaultCode::kAmbiguous,
                           "several verdicts begin with " + std::string{prefix} + "; give more digits"}};
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
  while (rows.next()) out.push_back(row_of(rows));
  if (rows.failed()) return Fail{db.fault("read the chip's verdicts")};
  return out;
}

Stored<VerdictPage> read_verdicts(Database& db, const VerdictQuery& query) {
  const auto states = distinct(query.states);
  if (states.size() > kStatesMax)
    return Fail{StoreFault{StoreFaultCode::kInvalid, "more states than there are in one filter"}};
  const std::size_t limit = std::clamp<std::size_t>(query.limit, 1, kPageMax);
  std::string sql = std::string{kRow} + "WHERE 1";
  if (query.chip) sql += " AND chip = ?";
  if (query.after) sql += " AND round_no < (SELECT round_no FROM verdicts WHERE verdict = ?)";
  sql += in_states("state", states.size()) + " ORDER BY round_no DESC LIMIT ?";
  auto rows = db.query(sql);
  if (query.chip) rows.bind(*query.chip);
  if (query.after) rows.bind(query.after->id);
  for (const std::uint32_t state : states) rows.bind(state);
  rows.bind(std::uint64_t{limit + 1});  // one more tells whether there is another page
  VerdictPage page;
  while (rows.next()) page.rows.push_back(row_of(rows));
  if (rows.failed()) return Fail{db.fault("list the verdicts")};
  if (page.rows.size() > limit) {
    page.rows.pop_back();
    page.next = VerdictCursor{page.rows.back().decided, page.rows.back().id};
  }
  return page;
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
      if (!row.is_null(0)) standing.latest = row_of(row);
    }
    if (row.failed()) return Fail{db.fault("read the chips' standing")};
    standings.push_back(std::move(standing));
  }
  return standings;
}

Stored<std::vector<ChipId>> read_chips_in_states(Database& db, std::span<const std::uint32_t> states,
                                                 const std::optional<ChipId>& after, std::size_t limit) {
  const auto wanted = distinct(states);
  if (wanted.empty() || wanted.size() > kStatesMax)
    return Fail{StoreFault{StoreFaultCode::kInvalid, "name 1 to 32 states"}};
  std::string sql = "SELECT chip FROM standings WHERE latest_state IS NOT NULL";
  if (after) sql += " AND chip > ?";
  sql += in_states("latest_state", wanted.size()) + " ORDER BY chip LIMIT ?";
  auto rows = db.query(sql);
  if (after) rows.bind(*after);
  for (const std::uint32_t state : wanted) rows.bind(state);
  rows.bind(std::uint64_t{std::clamp<std::size_t>(limit, 1, kPageMax)});
  std::vector<ChipId> chips;
  while (rows.next()) chips.push_back(rows.id<ChipId>(0));
  if (rows.failed()) return Fail{db.fault("list the chips")};
  return chips;
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
  auto chips = db.query(
      "SELECT latest_state, count(*) FROM standings WHERE latest_state IS NOT NULL GROUP BY latest_state");
  while (chips.next()) counts.chips_by_state[chips.small(0)] = chips.count(1);
  if (rounds.failed() || conflicting.failed() || chips.failed()) return Fail{db.fault("count")};
  return counts;
}

}  // namespace chiploc
