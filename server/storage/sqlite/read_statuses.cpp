#include <algorithm>
#include <limits>

#include "server/storage/sqlite/statuses.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kStatusPageMax = 10'000;
constexpr std::uint32_t kInvalidState = 7;  // v1::INVALID: the only one whose reason a story asks for

StatusRecord status_of(const Query& row) {
  return {row.id<ChipId>(0), row.small(1), row.time(2),
          row.is_null(3) ? std::nullopt : std::optional{row.time(3)}, row.blob(4)};
}

std::vector<std::uint32_t> distinct_states(std::vector<std::uint32_t> states) {
  std::sort(states.begin(), states.end());
  states.erase(std::unique(states.begin(), states.end()), states.end());
  return states;
}

StoreFault too_many_states() {
  return {StoreFaultCode::kInvalid, "more states than there are in one filter"};
}

Stored<std::vector<std::uint32_t>> all_states(Database& db) {
  // The index is skipped through: a step for each state, whatever the number of chips.
  auto rows = db.query(R"sql(
    WITH RECURSIVE states (state) AS (
      SELECT min(state) FROM chip_status
      UNION ALL
      SELECT (SELECT min(state) FROM chip_status s WHERE s.state > states.state) FROM states
      WHERE states.state IS NOT NULL)
    SELECT state FROM states WHERE state IS NOT NULL)sql");
  std::vector<std::uint32_t> out;
  while (rows.next()) out.push_back(rows.small(0));
  if (rows.failed()) return Fail{db.fault("list the chips' statuses")};
  return out;
}

/// The chips of one state by id, from the index alone.
class OfState {
 public:
  OfState(Database& db, std::uint32_t state, const std::optional<ChipId>& after)
      : rows_{db.query("SELECT chip, since_unix_ns, due_unix_ns FROM chip_status WHERE state = " +
                       std::to_string(state) + " AND chip > ? ORDER BY chip")} {
    after ? rows_.bind(*after) : rows_.bind(Bytes{});  // a blob of no bytes is before every other
    step();
  }
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] bool failed() const { return rows_.failed(); }
  [[nodiscard]] const ChipId& chip() const { return chip_; }
  [[nodiscard]] bool fits(const StatusQuery& query) const {
    if (query.since && rows_.time(1) < *query.since) return false;
    if (query.due_before && (rows_.is_null(2) || rows_.time(2) >= *query.due_before)) return false;
    return !query.wanted || query.wanted(chip_);
  }
  void step() {
    ended_ = !rows_.next();
    if (!ended_) chip_ = rows_.id<ChipId>(0);
  }

 private:
  Query rows_;
  ChipId chip_;
  bool ended_ = false;
};

/// The chips of several states by id.
class OfStates {
 public:
  OfStates(Database& db, const std::vector<std::uint32_t>& states, const std::optional<ChipId>& after) {
    parts_.reserve(states.size());
    for (const std::uint32_t state : states) parts_.emplace_back(db, state, after);
  }
  /// The part that stands at the next chip; null at the end.
  OfState* next() {
    OfState* first = nullptr;
    for (OfState& part : parts_) {
      if (!part.ended() && (first == nullptr || part.chip() < first->chip())) first = &part;
    }
    return first;
  }
  [[nodiscard]] bool failed() const {
    return std::any_of(parts_.begin(), parts_.end(), [](const OfState& part) { return part.failed(); });
  }

 private:
  std::vector<OfState> parts_;
};

/// Which chips the page has; their rows are still to be read.
struct ChosenChips {
  std::vector<ChipId> chips;
  StatusPage page;
};

Stored<ChosenChips> choose(Database& db, const std::vector<std::uint32_t>& states, const StatusQuery& query) {
  const std::size_t limit = std::clamp<std::size_t>(query.limit, 1, kStatusPageMax);
  ChosenChips out;
  OfStates all{db, states, query.after};
  std::optional<ChipId> last;  // looked at
  std::size_t scanned = 0;
  for (OfState* at = all.next(); at != nullptr; at->step(), at = all.next(), ++scanned) {
    if (scanned >= query.scan_max) {
      out.page.matching_more = true;
      if (!out.page.next) out.page.next = last;
      break;
    }
    if (out.chips.size() < limit) last = at->chip();
    if (!at->fits(query)) continue;
    ++out.page.matching;
    if (out.chips.size() < limit) {
      out.chips.push_back(at->chip());
      continue;
    }
    if (!out.page.next) out.page.next = out.chips.back();
    if (!query.count) break;
  }
  if (all.failed()) return Fail{db.fault("list the chips' statuses")};
  return out;
}

}  // namespace

Stored<std::optional<StatusRecord>> read_status(Database& db, const ChipId& chip) {
  auto row =
      db.query("SELECT chip, state, since_unix_ns, due_unix_ns, story FROM chip_status WHERE chip = ?");
  row.bind(chip);
  std::optional<StatusRecord> out;
  if (row.next()) out = status_of(row);
  if (row.failed()) return Fail{db.fault("read the chip's status")};
  return out;
}

Stored<StatusPage> read_statuses(Database& db, const StatusQuery& query) {
  std::vector<std::uint32_t> states = distinct_states(query.states);
  if (states.size() > StatusQuery::kStatesMax) return Fail{too_many_states()};
  if (states.empty()) {
    auto all = all_states(db);
    if (!all) return Fail{all.error()};
    states = std::move(*all);
  }
  auto chosen = choose(db, states, query);
  if (!chosen) return Fail{chosen.error()};
  for (const ChipId& chip : chosen->chips) {
    auto row = read_status(db, chip);
    if (!row) return Fail{row.error()};
    if (*row) chosen->page.rows.push_back(std::move(**row));
  }
  return std::move(chosen->page);
}

Stored<std::uint64_t> read_changes_told(Database& db, const ChipId& chip) {
  auto row = db.query("SELECT count(*) FROM status_changes WHERE chip = ?");
  row.bind(chip);
  if (!row.next()) return Fail{db.fault("count the changes of a chip's status")};
  return row.count(0);
}

Stored<std::map<std::uint32_t, std::uint64_t>> read_chips_by_status(Database& db, const ChipFilter& wanted) {
  std::map<std::uint32_t, std::uint64_t> out;
  if (wanted) {
    auto chips = db.query("SELECT state, chip FROM chip_status ORDER BY state, chip");
    while (chips.next()) {
      if (wanted(chips.id<ChipId>(1))) ++out[chips.small(0)];
    }
    if (chips.failed()) return Fail{db.fault("count the chips by their status")};
    return out;
  }
  auto states = db.query("SELECT state, count(*) FROM chip_status GROUP BY state");
  while (states.next()) out[states.small(0)] = states.count(1);
  if (states.failed()) return Fail{db.fault("count the chips by their status")};
  return out;
}

namespace {

/// Where in the order of changes those since a time begin: none of them stands before. 0: everywhere.
Stored<std::int64_t> first_change_since(Database& db, const StatusChangeQuery& query) {
  if (!query.since) return std::int64_t{0};
  if (query.after) return query.after->begins;
  // With the plus it is not the first row of all that is looked for, one after the other, but the index.
  auto row = db.query("SELECT min(+change_no) FROM status_changes WHERE at_unix_ns >= ?");
  row.bind(*query.since);
  if (!row.next()) return Fail{db.fault("list the changes")};
  return row.is_null(0) ? std::numeric_limits<std::int64_t>::max() : row.integer(0);
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

StatusChangeRecord change_of(const Query& row) {
  StatusChangeRecord out{row.id<ChipId>(1), row.time(2), row.small(3), row.small(4), {}, row.text(6)};
  const ByteVector ids = row.blob(5);
  for (std::size_t i = 0; i + VerdictId::kSize <= ids.size(); i += VerdictId::kSize)
    out.rests_on.push_back(*VerdictId::from_bytes(Bytes{ids}.subspan(i, VerdictId::kSize)));
  return out;
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
  const auto begins = first_change_since(db, query);
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
      page.rows.push_back(change_of(rows));
      last_of_page = last;
      continue;
    }
    if (!page.next) page.next = last_of_page;
    if (!query.count) break;
  }
  if (rows.failed()) return Fail{db.fault("list the changes")};
  return page;
}

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
  auto rows = db.query("SELECT from_state, to_state, chip FROM status_changes WHERE at_unix_ns >= ?");
  rows.bind(since);
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t> counts;
  while (rows.next()) {
    if (wanted(rows.id<ChipId>(2))) ++counts[{rows.small(0), rows.small(1)}];
  }
  if (rows.failed()) return Fail{db.fault("count the changes")};
  for (const auto& [states, changes] : counts) out.push_back({states.first, states.second, changes});
  return out;
}

Stored<std::vector<AbsenceRecord>> read_absences(Database& db, const ChipId& chip, std::size_t limit) {
  auto rows = db.query(R"sql(
    SELECT from_unix_ns, until_unix_ns, kind, reason, declared_by, declared_by_sha256, declared_unix_ns,
           ended_unix_ns, coalesce(ended_by, '')
    FROM absences WHERE chip = ? ORDER BY absence_no DESC LIMIT ?)sql");
  rows.bind(chip).bind(std::uint64_t{limit});
  std::vector<AbsenceRecord> out;
  while (rows.next()) {
    std::optional<Digest> certificate;
    if (!rows.is_null(5)) certificate = rows.id<Digest>(5);
    out.push_back({chip, rows.time(0), rows.time(1), rows.small(2), rows.text(3),
                   Requester{rows.text(4), certificate}, rows.time(6),
                   rows.is_null(7) ? std::nullopt : std::optional{rows.time(7)}, rows.text(8)});
  }
  if (rows.failed()) return Fail{db.fault("read the chip's absences")};
  return out;
}

Stored<std::vector<StatusRecord>> read_due_stories(Database& db, WallTime now, std::size_t limit) {
  auto rows = db.query(R"sql(
    SELECT chip, state, since_unix_ns, due_unix_ns, story FROM chip_status
    WHERE due_unix_ns <= ? ORDER BY due_unix_ns, chip LIMIT ?)sql");
  rows.bind(now).bind(std::uint64_t{limit});
  std::vector<StatusRecord> out;
  while (rows.next()) out.push_back(status_of(rows));
  if (rows.failed()) return Fail{db.fault("look up which statuses are due")};
  return out;
}

Stored<std::vector<ChipId>> read_without_status(Database& db, const std::optional<ChipId>& after,
                                                std::size_t limit) {
  auto rows = db.query(R"sql(
    SELECT chip FROM chips
    WHERE chip > ? AND NOT EXISTS (SELECT 1 FROM chip_status s WHERE s.chip = chips.chip)
    ORDER BY chip LIMIT ?)sql");
  after ? rows.bind(*after) : rows.bind(Bytes{});
  rows.bind(std::uint64_t{limit});
  std::vector<ChipId> out;
  while (rows.next()) out.push_back(rows.id<ChipId>(0));
  if (rows.failed()) return Fail{db.fault("look up which chips have no status")};
  return out;
}

Stored<std::vector<JudgedRow>> read_judged(Database& db, const ChipId& chip) {
  auto rows = db.query(R"sql(
    SELECT verdict, state, decided_unix_ns, expires_unix_ns, CASE state WHEN ? THEN summary ELSE x'' END
    FROM verdicts WHERE chip = ? ORDER BY verdict_no)sql");
  rows.bind(kInvalidState).bind(chip);
  std::vector<JudgedRow> out;
  while (rows.next())
    out.push_back({rows.id<VerdictId>(0), rows.small(1), rows.time(2), rows.time(3), rows.blob(4)});
  if (rows.failed()) return Fail{db.fault("read the chip's verdicts")};
  return out;
}

}  // namespace chiploc
