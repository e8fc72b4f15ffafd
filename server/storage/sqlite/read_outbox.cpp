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

Stored<std::vector<DueDelivery>> read_dead_letters(Database& db, std::uint64_t after, std::size_t limit) {
  return read_deliveries(db, R"sql(
    FROM notice_deliveries d JOIN notices n USING (notice_no)
    WHERE d.state = 2 AND d.delivery_no > ? ORDER BY d.delivery_no LIMIT ?)sql",
                         [&](Query& row) { row.bind(after).bind(std::uint64_t{limit}); });
}

Stored<std::vector<NumberedLogEntry>> read_delivery_log(Database& db, const DeliveryLogQuery& query) {
  std::string sql =
      "SELECT entry_no, at_unix_ns, delivery_no, notice, sink, attempt, ending, status, took_ns, state, text "
      "FROM delivery_log WHERE entry_no < ?";
  if (query.notice) sql += " AND notice = ?";
  if (!query.sink.empty()) sql += " AND sink = ?";
  auto rows = db.query(sql + " ORDER BY entry_no DESC LIMIT ?");
  rows.bind(query.before.value_or(INT64_MAX));
  if (query.notice) rows.bind(*query.notice);
  if (!query.sink.empty()) rows.bind(query.sink);
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
    out.push_back({rows.integer(0), std::move(entry)});
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

}  // namespace chiploc
