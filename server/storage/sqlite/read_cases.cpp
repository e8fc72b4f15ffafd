#include <algorithm>
#include <limits>

#include "server/storage/sqlite/cases.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kCasesPageMax = 1'000;
constexpr const char* kCaseColumns =
    "SELECT case_no, kind, order_id, key_licence, site, of_key, licence, state, since_unix_ns, opened_unix_ns, "
    "due_unix_ns, assignee, urgency, outcome, story FROM cases ";

CaseRecord case_of_row(const Query& row) {
  CaseRecord out;
  out.number = row.count(0);
  out.key = {row.small(1), row.text(2), row.text(3), row.text(4)};
  out.of_key = row.small(5);
  out.licence = row.text(6);
  out.state = row.small(7);
  out.since = row.time(8);
  out.opened = row.time(9);
  if (!row.is_null(10)) out.due = row.time(10);
  out.assignee = row.text(11);
  out.urgency = row.small(12);
  out.outcome = row.small(13);
  out.story = row.blob(14);
  return out;
}

std::string in_list(const char* column, const std::vector<std::uint32_t>& numbers) {
  std::string out;
  for (const std::uint32_t number : numbers) out += (out.empty() ? "" : ", ") + std::to_string(number);
  return out.empty() ? "" : std::string{" AND "} + column + " IN (" + out + ")";
}

/// What is asked of every row, by an index that has all of it; the points first.
std::string list_sql(const CaseQuery& query) {
  std::string sql = R"sql(
    SELECT CASE urgency WHEN 0 THEN 0 ELSE
             urgency + max(0, min(?, (? - opened_unix_ns) / ?)) END AS points,
           opened_unix_ns, case_no, order_id, licence
    FROM cases WHERE 1)sql";
  sql += in_list("state", query.states) + in_list("kind", query.kinds);
  if (query.order) sql += " AND order_id = ?";
  if (query.licence) sql += " AND licence = ?";
  if (query.site) sql += " AND site = ?";
  if (query.assignee) sql += " AND assignee = ?";
  if (query.since) sql += " AND opened_unix_ns >= ?";
  return sql +
         (query.newest_first ? " ORDER BY case_no DESC" : " ORDER BY points DESC, opened_unix_ns, case_no");
}

void bind_list(Query& rows, const CaseQuery& query, WallTime as_of) {
  rows.bind(query.age_points_max)
      .bind(as_of)
      .bind(std::int64_t{std::max<std::int64_t>(1, query.point_after.count())});
  for (const auto* text : {&query.order, &query.licence, &query.site, &query.assignee}) {
    if (*text) rows.bind(**text);
  }
  if (query.since) rows.bind(*query.since);
}

/// Whether a row stands behind the last one of the page before.
bool is_behind(const CaseCursor& row, const CaseCursor& last, bool newest_first) {
  if (newest_first) return row.number < last.number;
  if (row.points != last.points) return row.points < last.points;
  if (row.opened != last.opened) return row.opened > last.opened;
  return row.number > last.number;
}

}  // namespace

Stored<std::optional<CaseRecord>> read_case(Database& db, std::uint64_t number) {
  auto row = db.query(std::string{kCaseColumns} + "WHERE case_no = ?");
  row.bind(number);
  std::optional<CaseRecord> out;
  if (row.next()) out = case_of_row(row);
  if (row.failed()) return Fail{db.fault("read case C-" + std::to_string(number))};
  return out;
}

Stored<std::optional<CaseRecord>> read_case_of_key(Database& db, const CaseKeyRecord& key,
                                                   std::optional<std::uint32_t> of_key) {
  auto row = db.query(std::string{kCaseColumns} +
                      "WHERE kind = ? AND order_id = ? AND key_licence = ? AND site = ? AND of_key <= ? "
                      "ORDER BY of_key DESC LIMIT 1");
  row.bind(key.kind).bind(key.order).bind(key.licence).bind(key.site);
  row.bind(of_key.value_or(std::numeric_limits<std::uint32_t>::max()));
  std::optional<CaseRecord> out;
  if (row.next()) out = case_of_row(row);
  if (row.failed()) return Fail{db.fault("look up the case of an order and site")};
  if (out && of_key && out->of_key != *of_key) out.reset();
  return out;
}

Stored<CasePage> read_cases(Database& db, const CaseQuery& query) {
  if (query.states.size() > CaseQuery::kValuesMax || query.kinds.size() > CaseQuery::kValuesMax)
    return Fail{StoreFault{StoreFaultCode::kInvalid, "more states or kinds than there are in one filter"}};
  const std::size_t limit = std::clamp<std::size_t>(query.limit, 1, kCasesPageMax);
  const WallTime as_of = query.after ? query.after->as_of : query.as_of;
  CasePage page;
  std::vector<CaseCursor> chosen;
  {
    auto rows = db.query(list_sql(query));
    bind_list(rows, query, as_of);
    while (rows.next()) {
      if (query.wanted && !query.wanted(rows.text(3), rows.text(4))) continue;
      ++page.matching;
      const CaseCursor row{as_of, rows.small(0), rows.time(1), rows.count(2)};
      if (query.after && !is_behind(row, *query.after, query.newest_first)) continue;
      if (chosen.size() < limit) {
        chosen.push_back(row);
        continue;
      }
      page.next = chosen.back();
      if (!query.count) break;
    }
    if (rows.failed()) return Fail{db.fault("list the cases")};
  }
  for (const CaseCursor& row : chosen) {
    auto found = read_case(db, row.number);
    if (!found) return Fail{found.error()};
    if (*found) page.rows.push_back(std::move(**found));
  }
  return page;
}

Stored<std::vector<CaseRecord>> read_due_cases(Database& db, WallTime now, std::size_t limit) {
  auto rows =
      db.query(std::string{kCaseColumns} + "WHERE due_unix_ns <= ? ORDER BY due_unix_ns, case_no LIMIT ?");
  rows.bind(now).bind(std::uint64_t{limit});
  std::vector<CaseRecord> out;
  while (rows.next()) out.push_back(case_of_row(rows));
  if (rows.failed()) return Fail{db.fault("look up which cases are due")};
  return out;
}

CaseEntryRecord case_entry_of(const Query& row) {
  CaseEntryRecord entry{row.small(0), row.time(1), row.small(2), row.small(3), row.text(4), row.text(5)};
  if (!row.is_null(6)) entry.chip = row.id<ChipId>(6);
  const ByteVector ids = row.blob(7);
  for (std::size_t i = 0; i + VerdictId::kSize <= ids.size(); i += VerdictId::kSize)
    entry.verdicts.push_back(*VerdictId::from_bytes(Bytes{ids}.subspan(i, VerdictId::kSize)));
  if (!row.is_null(8)) entry.file = row.id<Digest>(8);
  entry.loud = row.integer(9) != 0;
  return entry;
}

Stored<std::vector<CaseEntryRecord>> read_timeline(Database& db, std::uint64_t number,
                                                   std::optional<std::uint32_t> before, std::size_t limit) {
  auto rows = db.query(R"sql(
    SELECT number, at_unix_ns, kind, state, who, text, chip, verdicts, file, loud FROM case_entries
    WHERE case_no = ? AND number < ? ORDER BY number DESC LIMIT ?)sql");
  rows.bind(number)
      .bind(before.value_or(std::numeric_limits<std::uint32_t>::max()))
      .bind(std::uint64_t{limit});
  std::vector<CaseEntryRecord> out;
  while (rows.next()) out.push_back(case_entry_of(rows));
  if (rows.failed()) return Fail{db.fault("read the timeline of case C-" + std::to_string(number))};
  return out;
}

Stored<std::vector<ChipInCase>> read_stands_in(Database& db, const ChipId& chip) {
  auto rows = db.query("SELECT kind, case_no FROM case_chips WHERE chip = ? ORDER BY kind");
  rows.bind(chip);
  std::vector<ChipInCase> out;
  while (rows.next()) out.push_back({rows.small(0), rows.count(1)});
  if (rows.failed()) return Fail{db.fault("look up the cases of the chip")};
  return out;
}

Stored<std::vector<ChipId>> read_standing(Database& db, std::uint64_t number,
                                          const std::optional<ChipId>& after, std::size_t limit) {
  auto rows = db.query("SELECT chip FROM case_chips WHERE case_no = ? AND chip > ? ORDER BY chip LIMIT ?");
  rows.bind(number);
  after ? rows.bind(*after) : rows.bind(Bytes{});
  rows.bind(std::uint64_t{limit});
  std::vector<ChipId> out;
  while (rows.next()) out.push_back(rows.id<ChipId>(0));
  if (rows.failed()) return Fail{db.fault("look up the chips of case C-" + std::to_string(number))};
  return out;
}

Stored<std::vector<AttemptSignRecord>> read_signs(Database& db, const ChipId& chip) {
  auto rows =
      db.query("SELECT kind, verdict, at_unix_ns, reason FROM attempt_signs WHERE chip = ? ORDER BY sign_no");
  rows.bind(chip);
  std::vector<AttemptSignRecord> out;
  while (rows.next()) out.push_back({chip, rows.small(0), rows.id<VerdictId>(1), rows.time(2), rows.text(3)});
  if (rows.failed()) return Fail{db.fault("read the signs of the chip")};
  return out;
}

Stored<std::uint64_t> read_cases_ended(Database& db, std::string_view order, std::uint32_t outcome) {
  auto row = db.query("SELECT count(*) FROM cases WHERE order_id = ? AND outcome = ? AND outcome > 0");
  if (!row.bind(order).bind(outcome).next()) return Fail{db.fault("count the cases of the order")};
  return row.count(0);
}

std::optional<CaseLine> read_case_line(Database& db, std::int64_t of_case, std::int64_t number) {
  auto row = db.query(R"sql(
    SELECT e.number, e.at_unix_ns, e.kind, e.state, e.who, e.text, e.chip, e.verdicts, e.file, e.loud,
           c.case_no, c.kind, c.order_id, c.key_licence, c.site, c.licence
    FROM case_entries e JOIN cases c USING (case_no) WHERE e.case_no = ? AND e.number = ?)sql");
  if (!row.bind(of_case).bind(number).next()) return std::nullopt;
  return CaseLine{row.count(10),
                  {row.small(11), row.text(12), row.text(13), row.text(14)},
                  row.text(15),
                  case_entry_of(row)};
}

}  // namespace chiploc
