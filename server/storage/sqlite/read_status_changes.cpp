#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "server/storage/sqlite/statuses.hpp"

namespace chiploc {

StatusChangeRecord status_change_of(const Query& row) {
  StatusChangeRecord out{row.id<ChipId>(1), row.time(2), row.small(3), row.small(4), {}, row.text(6)};
  const ByteVector ids = row.blob(5);
  for (std::size_t i = 0; i + VerdictId::kSize <= ids.size(); i += VerdictId::kSize)
    out.rests_on.push_back(*VerdictId::from_bytes(Bytes{ids}.subspan(i, VerdictId::kSize)));
  return out;
}

Stored<std::uint64_t> read_changes_told(Database& db, const ChipId& chip) {
  auto row = db.query("SELECT count(*) FROM status_changes WHERE chip = ?");
  row.bind(chip);
  if (!row.next()) return Fail{db.fault("count the changes of a chip's status")};
  return row.count(0);
}

namespace {

/// Where in the order of changes those since a time begin: none of them stands before.
Stored<std::int64_t> first_change_since(Database& db, WallTime since) {
  // With the plus it is not the first row of all that is looked for, one after the other, but the index.
  auto row = db.query("SELECT min(+change_no) FROM status_changes WHERE at_unix_ns >= ?");
  row.bind(since);
  if (!row.next()) return Fail{db.fault("list the changes")};
  return row.is_null(0) ? std::numeric_limits<std::int64_t>::max() : row.integer(0);
}
/// The same of a list. 0: everywhere.
Stored<std::int64_t> first_change_of(Database& db, const StatusChangeQuery& query) {
  if (!query.since) return std::int64_t{0};
  if (query.after) return query.after->begins;
  return first_change_since(db, *query.since);
}

/// What an index finds; the rest of the query is asked of each row.
std::string changes_sql(const StatusChangeQuery& query, const std::vector<std::uint32_t>& states) {
  std::string sql =
      "SELECT change_no, chip, at_unix_ns, from_state, to_state, rests_on, why FROM status_changes "
      "WHERE change_no >= ? AND change_no < ?";
  if (query.chip) sql += " AND chip = ?";
  if (!query.chip && states.size() == 1) sql += " AND to_state = ?";
  return sql + " ORDER BY change_no DESC";
}

bool is_wanted_change(const Query& row, const StatusChangeQuery& query,
                      const std::vector<std::uint32_t>& states) {
  if (query.since && row.time(2) < *query.since) return false;
  if (!states.empty() && !std::binary_search(states.begin(), states.end(), row.small(4))) return false;
  return !query.wanted || query.wanted(row.id<ChipId>(1));
}

}  // namespace

Stored<StatusChangePage> read_status_changes(Database& db, const StatusChangeQuery& query) {
  const auto states = distinct_states(query.states);
  if (states.size() > StatusQuery::kStatesMax) return Fail{too_many_states()};
  const std::size_t limit = std::clamp<std::size_t>(query.limit, 1, kStatusPageMax);
  const auto begins = first_change_of(db, query);
  if (!begins) return Fail{begins.error()};
  auto rows = db.query(changes_sql(query, states));
  rows.bind(*begins).bind(query.after ? query.after->number : std::numeric_limits<std::int64_t>::max());
  if (query.chip) rows.bind(*query.chip);
  if (!query.chip && states.size() == 1) rows.bind(states.front());
  StatusChangePage page;
  StatusChangeCursor last, last_of_page;  // looked at; of the page
  for (std::size_t scanned = 0; rows.next(); ++scanned) {
    if (scanned >= query.scan_max) {
      page.matching_more = true;
      if (!page.next) page.next = last;
      break;
    }
    if (page.rows.size() < limit) last = {rows.integer(0), *begins};
    if (!is_wanted_change(rows, query, states)) continue;
    ++page.matching;
    if (page.rows.size() < limit) {
      page.rows.push_back(status_change_of(rows));
      last_of_page = last;
      continue;
    }
    if (!page.next) page.next = last_of_page;
    if (!query.count) break;
  }
  if (rows.failed()) return Fail{db.fault("list the changes")};
  return page;
}

namespace {

/// By the states before and after.
using ChangeCounts = std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t>;

Stored<Done> count_wanted_changes(Database& db, WallTime since, const ChipFilter& wanted,
                                  ChangeCounts& counts) {
  auto rows = db.query("SELECT from_state, to_state, chip FROM status_changes WHERE at_unix_ns >= ?");
  rows.bind(since);
  while (rows.next()) {
    if (wanted(rows.id<ChipId>(2))) ++counts[{rows.small(0), rows.small(1)}];
  }
  if (rows.failed()) return Fail{db.fault("count the changes")};
  return Done{};
}

Stored<Done> count_changes_of(Database& db, WallTime since, const std::vector<ChipId>& chips,
                              ChangeCounts& counts) {
  const auto begins = first_change_since(db, since);
  if (!begins) return Fail{begins.error()};
  for (const ChipId& chip : chips) {
    // With the plus it is the index of the chip's changes, not that of all changes since.
    auto rows = db.query(R"sql(
      SELECT from_state, to_state FROM status_changes
      WHERE chip = ? AND change_no >= ? AND +at_unix_ns >= ?)sql");
    rows.bind(chip).bind(*begins).bind(since);
    while (rows.next()) ++counts[{rows.small(0), rows.small(1)}];
    if (rows.failed()) return Fail{db.fault("count the changes")};
  }
  return Done{};
}

}  // namespace

Stored<std::vector<StatusChangeCount>> read_change_counts(Database& db, WallTime since,
                                                          const ChipFilter& wanted) {
  std::vector<StatusChangeCount> out;
  if (!wanted) {
    auto rows = db.query(R"sql(
      SELECT from_state, to_state, count(*) FROM status_changes WHERE at_unix_ns >= ?
      GROUP BY from_state, to_state ORDER BY from_state, to_state)sql");
    rows.bind(since);
    while (rows.next()) out.push_back({rows.small(0), rows.small(1), rows.count(2)});
    if (rows.failed()) return Fail{db.fault("count the changes")};
    return out;
  }
  ChangeCounts counts;
  const auto counted = wanted.few() != nullptr ? count_changes_of(db, since, *wanted.few(), counts)
                                               : count_wanted_changes(db, since, wanted, counts);
  if (!counted) return Fail{counted.error()};
  for (const auto& [states, changes] : counts) out.push_back({states.first, states.second, changes});
  return out;
}

}  // namespace chiploc
