#include "server/storage/sqlite/events.hpp"

#include <algorithm>
#include <utility>

#include "server/storage/sqlite/cases.hpp"
#include "server/storage/sqlite/statuses.hpp"
#include "server/storage/sqlite/verdicts.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kEventsPageMax = 1'000;
constexpr std::int64_t kVerdict = 0, kStatusChange = 1;  // of `kind`; the third is a line of a case

/// One row by its key; nullopt: it is not there, or the database failed.
using Told = std::optional<decltype(StoredEvent::what)>;

Told verdict_told(Database& db, std::int64_t number) {
  auto row = db.query(R"sql(
    SELECT verdict, round, chip, state, decided_unix_ns, expires_unix_ns, summary FROM verdicts
    WHERE verdict_no = ?)sql");
  if (!row.bind(number).next()) return std::nullopt;
  return verdict_row_of(row);
}

Told status_change_told(Database& db, std::int64_t number) {
  auto row = db.query(R"sql(
    SELECT change_no, chip, at_unix_ns, from_state, to_state, rests_on, why FROM status_changes
    WHERE change_no = ?)sql");
  if (!row.bind(number).next()) return std::nullopt;
  return status_change_of(row);
}

}  // namespace

Stored<EventsKept> read_events_kept(Database& db) {
  // Two look-ups at the ends of the table; min and max in one question would go through all of it.
  const auto oldest = db.integer("SELECT event_no FROM events ORDER BY event_no LIMIT 1");
  if (!oldest) return Fail{oldest.error()};
  const auto newest = db.integer("SELECT event_no FROM events ORDER BY event_no DESC LIMIT 1");
  if (!newest) return Fail{newest.error()};
  return EventsKept{static_cast<std::uint64_t>(*oldest), static_cast<std::uint64_t>(*newest)};
}

Stored<std::vector<StoredEvent>> read_events_after(Database& db, std::uint64_t number, std::size_t limit) {
  const auto kept = read_events_kept(db);
  if (!kept) return Fail{kept.error()};
  if (!kept->follows(number)) {
    return Fail{StoreFault{StoreFaultCode::kNotFound,
                           "events behind number " + std::to_string(number) + " are not kept"}};
  }
  std::vector<StoredEvent> out;
  auto rows = db.query(
      "SELECT event_no, kind, row_no, number FROM events WHERE event_no > ? ORDER BY event_no LIMIT ?");
  rows.bind(number).bind(std::uint64_t{std::min(limit, kEventsPageMax)});
  while (rows.next()) {
    Told told = rows.integer(1) == kVerdict ? verdict_told(db, rows.integer(2))
                : rows.integer(1) == kStatusChange
                    ? status_change_told(db, rows.integer(2))
                    : Told{read_case_line(db, rows.integer(2), rows.integer(3))};
    if (!told) return Fail{db.fault("read what event " + std::to_string(rows.count(0)) + " tells of")};
    out.push_back({rows.count(0), *std::move(told)});
  }
  if (rows.failed()) return Fail{db.fault("read the events")};
  return out;
}

}  // namespace chiploc
