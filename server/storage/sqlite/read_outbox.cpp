#include "server/storage/sqlite/outbox.hpp"

namespace chiploc {
namespace {

/// What a row of deliveries with its notice says; the columns of kDeliveryColumns.
constexpr const char* kDeliveryColumns =
    "d.delivery_no, d.sink, d.stream, n.notice, d.queued_unix_ns, d.attempts, d.state, "
    "coalesce(d.due_unix_ns, d.queued_unix_ns), n.kind, n.at_unix_ns, n.event";

DueDelivery due_delivery(const Query& row) {
  DueDelivery out;
  out.delivery = {row.count(0),
                  row.text(1),
                  row.text(2),
                  row.id<NoticeId>(3),
                  row.time(4),
                  row.small(5),
                  static_cast<DeliveryState>(row.integer(6)),
                  row.time(7)};
  out.notice = {out.delivery.notice, static_cast<NoticeKind>(row.integer(8)), out.delivery.stream,
                row.time(9), row.text(10)};
  return out;
}

/// A notice in the columns from `first` on: notice, kind, stream, at_unix_ns, event.
OutboxNotice outbox_notice(const Query& row, int first) {
  return {row.id<NoticeId>(first), static_cast<NoticeKind>(row.integer(first + 1)), row.text(first + 2),
          row.time(first + 3), row.text(first + 4)};
}

/// Rows of deliveries that `rest` (FROM on) asks for; `bind` fills its parameters.
template <class Bind>
Stored<std::vector<DueDelivery>> read_deliveries(Database& db, const char* rest, Bind bind) {
  std::vector<DueDelivery> out;
  auto rows = db.query(std::string{"SELECT "} + kDeliveryColumns + rest);
  bind(rows);
  while (rows.next()) out.push_back(due_delivery(rows));
  if (rows.failed()) return Fail{db.fault("read the outbox")};
  return out;
}

}  // namespace

Stored<std::vector<DueDelivery>> read_due(Database& db, const std::string& sink, WallTime now,
                                          std::size_t limit) {
  auto due = read_deliveries(db, R"sql(
    FROM notice_deliveries d JOIN notices n USING (notice_no)
    WHERE d.sink = ? AND d.due_unix_ns <= ? ORDER BY d.due_unix_ns, d.delivery_no LIMIT ?)sql",
                             [&](Query& row) { row.bind(sink).bind(now).bind(std::uint64_t{limit}); });
  if (!due || due->size() >= limit) return due;
  auto ahead = read_deliveries(db, R"sql(
    FROM notice_deliveries d JOIN notices n USING (notice_no)
    WHERE d.sink = ? AND d.due_unix_ns > ? ORDER BY d.due_unix_ns, d.delivery_no LIMIT ?)sql",
                               [&](Query& row) {
                                 row.bind(sink).bind(now + DeliveryRules{}.wait_most);
                                 row.bind(std::uint64_t{limit - due->size()});
                               });
  if (!ahead) return ahead;
  due->insert(due->end(), ahead->begin(), ahead->end());
  return due;
}

Stored<std::optional<WallTime>> read_next_due(Database& db, const std::string& sink) {
  auto row =
      db.query("SELECT min(due_unix_ns) FROM notice_deliveries WHERE sink = ? AND due_unix_ns IS NOT NULL");
  row.bind(sink);
  std::optional<WallTime> out;
  if (row.next() && !row.is_null(0)) out = row.time(0);
  if (row.failed()) return Fail{db.fault("read what is due")};
  return out;
}

Stored<std::vector<DueDelivery>> read_dead_letters(Database& db, const DeadLetterQuery& query) {
  std::string rest =
      " FROM notice_deliveries d JOIN notices n USING (notice_no) WHERE d.state = 2 AND d.delivery_no > ?";
  if (!query.sink.empty()) rest += " AND d.sink = ?";
  if (query.notice) rest += " AND n.notice = ?";
  if (query.since) rest += " AND d.queued_unix_ns >= ?";
  rest += " ORDER BY d.delivery_no LIMIT ?";
  return read_deliveries(db, rest.c_str(), [&](Query& row) {
    row.bind(query.after);
    if (!query.sink.empty()) row.bind(query.sink);
    if (query.notice) row.bind(*query.notice);
    if (query.since) row.bind(*query.since);
    row.bind(std::uint64_t{query.limit});
  });
}

Stored<std::vector<NumberedLogEntry>> read_delivery_log(Database& db, const DeliveryLogQuery& query) {
  // The notice and its delivery may be gone: the log is older, or they are.
  std::string sql = R"sql(
    SELECT l.entry_no, l.at_unix_ns, l.delivery_no, l.notice, l.sink, l.attempt, l.ending, l.status, l.took_ns, l.state,
      l.text, n.kind, n.stream, d.state
    FROM delivery_log l LEFT JOIN notices n ON n.notice = l.notice
      LEFT JOIN notice_deliveries d ON d.delivery_no = l.delivery_no
    WHERE l.entry_no < ?)sql";
  if (query.notice) sql += " AND l.notice = ?";
  if (!query.sink.empty()) sql += " AND l.sink = ?";
  if (query.since) sql += " AND l.at_unix_ns >= ?";
  if (query.muted) sql += " AND l.state = 3";
  auto rows = db.query(sql + " ORDER BY l.entry_no DESC LIMIT ?");
  rows.bind(query.before.value_or(INT64_MAX));
  if (query.notice) rows.bind(*query.notice);
  if (!query.sink.empty()) rows.bind(query.sink);
  if (query.since) rows.bind(*query.since);
  rows.bind(std::uint64_t{query.limit});
  std::vector<NumberedLogEntry> out;
  while (rows.next()) {
    DeliveryLogEntry entry;
    entry.at = rows.time(1);
    entry.number = rows.count(2);
    entry.notice = rows.id<NoticeId>(3);
    entry.sink = rows.text(4);
    entry.attempt = rows.small(5);
    entry.end = static_cast<AttemptEnd>(rows.integer(6));
    entry.status = static_cast<int>(rows.integer(7));
    entry.took = Nanoseconds{rows.integer(8)};
    entry.state = static_cast<DeliveryState>(rows.integer(9));
    entry.text = rows.text(10);
    NumberedLogEntry one{rows.integer(0), std::move(entry)};
    if (!rows.is_null(11)) one.kind = static_cast<NoticeKind>(rows.integer(11));
    if (!rows.is_null(12)) one.stream = rows.text(12);
    if (!rows.is_null(13)) one.now = static_cast<DeliveryState>(rows.integer(13));
    out.push_back(std::move(one));
  }
  if (rows.failed()) return Fail{db.fault("read the delivery log")};
  return out;
}

Stored<std::vector<SinkStanding>> read_sink_standings(Database& db) {
  auto rows = db.query(R"sql(
    SELECT sink, sum(waiting), sum(dead), min(oldest), max(off), max(why) FROM (
      SELECT sink, count(*) AS waiting, 0 AS dead, min(queued_unix_ns) AS oldest, NULL AS off, '' AS why
        FROM notice_deliveries WHERE state = 0 GROUP BY sink
      UNION ALL
      SELECT sink, 0, count(*), NULL, NULL, '' FROM notice_deliveries WHERE state = 2 GROUP BY sink
      UNION ALL
      SELECT sink, 0, 0, NULL, off_unix_ns, why FROM notice_sinks_off)
    GROUP BY sink ORDER BY sink)sql");
  std::vector<SinkStanding> out;
  while (rows.next()) {
    SinkStanding one{rows.text(0), rows.count(1), rows.count(2), std::nullopt, std::nullopt, rows.text(5)};
    if (!rows.is_null(3)) one.oldest = rows.time(3);
    if (!rows.is_null(4)) one.off = rows.time(4);
    out.push_back(std::move(one));
  }
  if (rows.failed()) return Fail{db.fault("read how sinks stand")};
  return out;
}

Stored<std::optional<OutboxNotice>> read_notice(Database& db, const NoticeId& id) {
  auto row = db.query("SELECT kind, stream, at_unix_ns, event FROM notices WHERE notice = ?");
  row.bind(id);
  std::optional<OutboxNotice> out;
  if (row.next())
    out = OutboxNotice{id, static_cast<NoticeKind>(row.integer(0)), row.text(1), row.time(2), row.text(3)};
  if (row.failed()) return Fail{db.fault("read a notice")};
  return out;
}

Stored<std::vector<NumberedNotice>> read_notices(Database& db, std::int64_t after,
                                                 std::optional<WallTime> since, std::size_t limit) {
  std::string sql =
      "SELECT notice_no, notice, kind, stream, at_unix_ns, event FROM notices WHERE notice_no > ?";
  if (since) sql += " AND at_unix_ns >= ?";
  auto rows = db.query(sql + " ORDER BY notice_no LIMIT ?");
  rows.bind(after);
  if (since) rows.bind(*since);
  rows.bind(std::uint64_t{limit});
  std::vector<NumberedNotice> out;
  while (rows.next()) out.push_back({rows.integer(0), outbox_notice(rows, 1)});
  if (rows.failed()) return Fail{db.fault("read notices")};
  return out;
}

Stored<std::vector<OutboxNotice>> read_open_subjects(Database& db) {
  auto rows = db.query(R"sql(
    SELECT notice, kind, stream, at_unix_ns, event FROM notices WHERE notice_no IN
      (SELECT max(n.notice_no) FROM notices n WHERE n.kind <= 7 AND EXISTS
        (SELECT 1 FROM notice_deliveries d WHERE d.notice_no = n.notice_no AND d.state <> 3) GROUP BY n.stream)
      AND kind NOT IN (4, 7) ORDER BY notice_no)sql");
  std::vector<OutboxNotice> out;
  while (rows.next()) out.push_back(outbox_notice(rows, 0));
  if (rows.failed()) return Fail{db.fault("read what is open")};
  return out;
}

Stored<std::vector<MuteRow>> read_mutes(Database& db, const MuteQuery& query) {
  std::string sql =
      "SELECT mute_no, rule, by_sha256, from_unix_ns, ends_unix_ns, ended_by, hidden FROM mutes WHERE mute_no < ?";
  if (query.in_force) sql += " AND ends_unix_ns > ? AND from_unix_ns <= ?";
  auto rows = db.query(sql + " ORDER BY mute_no DESC LIMIT ?");
  rows.bind(query.before ? static_cast<std::int64_t>(*query.before) : INT64_MAX);
  if (query.in_force) rows.bind(*query.in_force).bind(*query.in_force);
  rows.bind(std::uint64_t{query.limit});
  std::vector<MuteRow> out;
  while (rows.next()) {
    MuteRow mute{.number = rows.count(0), .rule = rows.blob(1)};
    if (!rows.is_null(2)) mute.by_certificate = rows.id<Digest>(2);
    mute.from = rows.time(3);
    mute.ends = rows.time(4);
    mute.ended_by = rows.text(5);
    mute.hidden = rows.count(6);
    out.push_back(std::move(mute));
  }
  if (rows.failed()) return Fail{db.fault("read what keeps notices back")};
  return out;
}

}  // namespace chiploc
