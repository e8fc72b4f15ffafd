#include "server/storage/sqlite/outbox.hpp"

#include <algorithm>

namespace chiploc {
namespace {

StoreFault no_delivery(const Database& db, std::uint64_t number, std::string_view what) {
  return db.fault(StoreFaultCode::kNotFound,
                  "no delivery " + std::to_string(number) + " is " + std::string{what});
}

}  // namespace

Stored<std::optional<std::int64_t>> SqliteOutbox::keep_notice(const OutboxNotice& notice) {
  auto row = db().query(R"sql(
    INSERT INTO notices (notice, kind, stream, at_unix_ns, event) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (notice) DO NOTHING)sql");
  row.bind(notice.id).bind(static_cast<std::uint32_t>(notice.kind)).bind(notice.stream).bind(notice.at);
  if (!row.bind(notice.event).run()) return Fail{db().fault("keep a notice")};
  return db().changes() == 0 ? std::nullopt : std::optional{db().last_row()};
}

Stored<Appended> SqliteOutbox::append(const OutboxNotice& notice, const std::vector<std::string>& sinks,
                                      WallTime now) {
  return writer_.atomically([&]() -> Stored<Appended> {
    const auto number = keep_notice(notice);
    if (!number) return Fail{number.error()};
    if (!*number) return Appended::kDuplicate;
    for (const std::string& sink : sinks) {
      auto delivery = db().query(R"sql(
        INSERT INTO notice_deliveries (notice_no, sink, stream, queued_unix_ns, due_unix_ns)
        SELECT ?1, ?2, ?3, ?4, CASE WHEN EXISTS
          (SELECT 1 FROM notice_deliveries WHERE sink = ?2 AND stream = ?3 AND state = 0) THEN NULL ELSE ?4 END)sql");
      if (!delivery.bind(**number).bind(sink).bind(notice.stream).bind(now).run())
        return Fail{db().fault("keep a notice's delivery")};
    }
    return Appended::kNew;
  });
}

Stored<Appended> SqliteOutbox::append_muted(const OutboxNotice& notice, const std::vector<std::string>& sinks,
                                            const MutedBy& by, WallTime now) {
  return writer_.atomically([&]() -> Stored<Appended> {
    const auto number = keep_notice(notice);
    if (!number) return Fail{number.error()};
    if (!*number) return Appended::kDuplicate;
    for (const std::string& sink : sinks) {
      auto delivery = db().query(R"sql(
        INSERT INTO notice_deliveries (notice_no, sink, stream, state, queued_unix_ns)
        VALUES (?, ?, ?, 3, ?))sql");
      if (!delivery.bind(**number).bind(sink).bind(notice.stream).bind(now).run())
        return Fail{db().fault("keep a notice back")};
      DeliveryLogEntry entry{.at = now,
                             .number = static_cast<std::uint64_t>(db().last_row()),
                             .notice = notice.id,
                             .sink = sink,
                             .state = DeliveryState::kMuted,
                             .text = by.text};
      if (!write_log(entry)) return Fail{db().fault("write the delivery log")};
    }
    auto hidden = db().query("UPDATE mutes SET hidden = hidden + 1 WHERE mute_no = ?");
    if (!hidden.bind(by.mute).run()) return Fail{db().fault("count what a mute keeps back")};
    return Appended::kNew;
  });
}

Stored<std::uint64_t> SqliteOutbox::add_mute(const MuteRow& mute) {
  return writer_.atomically([&]() -> Stored<std::uint64_t> {
    if (mute.ends <= mute.from)
      return Fail{db().fault(StoreFaultCode::kInvalid, "a mute would end before it begins")};
    auto row = db().query(R"sql(
      INSERT INTO mutes (rule, by_sha256, from_unix_ns, ends_unix_ns) VALUES (?, ?, ?, ?))sql");
    row.bind(Bytes{mute.rule});
    mute.by_certificate ? row.bind(*mute.by_certificate) : row.bind_null();
    if (!row.bind(mute.from).bind(mute.ends).run()) return Fail{db().fault("keep a mute")};
    return static_cast<std::uint64_t>(db().last_row());
  });
}

Stored<Done> SqliteOutbox::end_mute(std::uint64_t number, const std::string& by, WallTime now) {
  return writer_.atomically([&]() -> Stored<Done> {
    auto row = db().query(
        "UPDATE mutes SET ends_unix_ns = ?1, ended_by = ?2 WHERE mute_no = ?3 AND ends_unix_ns > ?1");
    if (!row.bind(now).bind(by).bind(number).run()) return Fail{db().fault("end a mute")};
    if (db().changes() == 0)
      return Fail{
          db().fault(StoreFaultCode::kNotFound, "no mute " + std::to_string(number) + " is in force")};
    return Done{};
  });
}

bool SqliteOutbox::make_next_due(const std::string& sink, const std::string& stream, WallTime now) {
  auto row = db().query(R"sql(
    UPDATE notice_deliveries SET due_unix_ns = ?1 WHERE due_unix_ns IS NULL AND delivery_no =
      (SELECT min(delivery_no) FROM notice_deliveries WHERE sink = ?2 AND stream = ?3 AND state = 0))sql");
  return row.bind(now).bind(sink).bind(stream).run();
}

bool SqliteOutbox::write_log(const DeliveryLogEntry& entry) {
  auto row = db().query(R"sql(
    INSERT INTO delivery_log (at_unix_ns, delivery_no, notice, sink, attempt, ending, status, took_ns, state, text)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql");
  row.bind(entry.at).bind(entry.number).bind(entry.notice).bind(entry.sink).bind(entry.attempt);
  row.bind(static_cast<std::uint32_t>(entry.end)).bind(std::int64_t{entry.status});
  row.bind(std::int64_t{entry.took.count()}).bind(static_cast<std::uint32_t>(entry.state));
  return row.bind(entry.text).run();
}

bool SqliteOutbox::write_switch(const std::string& sink, const std::optional<std::string>& why_off,
                                WallTime now) {
  if (!why_off) return db().query("DELETE FROM notice_sinks_off WHERE sink = ?").bind(sink).run();
  // Off already: since then, and for that reason.
  auto row = db().query(R"sql(
    INSERT INTO notice_sinks_off (sink, off_unix_ns, why) VALUES (?, ?, ?) ON CONFLICT (sink) DO NOTHING)sql");
  return row.bind(sink).bind(now).bind(*why_off).run();
}

Stored<Done> SqliteOutbox::settle(const Settled& settled, WallTime now) {
  return writer_.atomically([&]() -> Stored<Done> {
    const Delivery& delivery = settled.delivery;
    const bool over = delivery.state != DeliveryState::kWaiting;
    auto row = db().query(R"sql(
      UPDATE notice_deliveries SET state = ?, attempts = ?, due_unix_ns = ?
      WHERE delivery_no = ? AND state = 0 AND due_unix_ns IS NOT NULL)sql");
    row.bind(static_cast<std::uint32_t>(delivery.state)).bind(delivery.attempts);
    if (over) {
      row.bind_null();
    } else {
      row.bind(delivery.next);
    }
    if (!row.bind(delivery.number).run()) return Fail{db().fault("settle a delivery")};
    if (db().changes() == 0)
      return Fail{no_delivery(db(), delivery.number, "the first that waits of its stream")};
    if (!write_log(settled.entry)) return Fail{db().fault("write the delivery log")};
    if (over && !make_next_due(delivery.sink, delivery.stream, now))
      return Fail{db().fault("go on with the outbox")};
    if (settled.sink_gone && !write_switch(delivery.sink, settled.entry.text, now))
      return Fail{db().fault("switch a sink off")};
    return Done{};
  });
}

Stored<std::string> SqliteOutbox::resend(std::uint64_t number, WallTime now) {
  return writer_.atomically([&]() -> Stored<std::string> {
    std::string sink;
    std::string stream;
    {
      auto row =
          db().query("SELECT sink, stream FROM notice_deliveries WHERE delivery_no = ? AND state IN (2, 3)");
      const bool found = row.bind(number).next();
      if (row.failed()) return Fail{db().fault("look up a dead letter")};
      if (!found) return Fail{no_delivery(db(), number, "dead or muted")};
      sink = row.text(0);
      stream = row.text(1);
    }
    // Behind what is on its way, if anything is: that one makes this due when it is over.
    auto row = db().query(R"sql(
      UPDATE notice_deliveries SET state = 0, attempts = 0, queued_unix_ns = ?1, due_unix_ns = CASE WHEN EXISTS
        (SELECT 1 FROM notice_deliveries WHERE sink = ?2 AND stream = ?3 AND state = 0) THEN NULL ELSE ?1 END
      WHERE delivery_no = ?4)sql");
    if (!row.bind(now).bind(sink).bind(stream).bind(number).run())
      return Fail{db().fault("have a dead letter sent again")};
    return sink;
  });
}

Stored<Done> SqliteOutbox::switch_sink(const std::string& sink, const std::optional<std::string>& why_off,
                                       WallTime now) {
  return writer_.atomically([&]() -> Stored<Done> {
    if (!write_switch(sink, why_off, now)) return Fail{db().fault("switch a sink")};
    return Done{};
  });
}

bool SqliteOutbox::prune_notices(const OutboxPruneOrder& order, std::size_t& rows, OutboxPruned& out) {
  // From the front, past those that are still needed: what waits or is dead, and what said last that a case is open or an
  // order is held.
  out.seen = order.seen;
  while (rows < order.rows) {
    bool over = false;
    {
      auto oldest = db().query(R"sql(
        SELECT notice_no, at_unix_ns,
          NOT EXISTS (SELECT 1 FROM notice_deliveries d WHERE d.notice_no = n.notice_no AND d.state IN (0, 2)
            AND d.queued_unix_ns >= ?2)
          AND (kind IN (4, 7) OR kind > 7 OR NOT EXISTS
            (SELECT 1 FROM notice_deliveries d WHERE d.notice_no = n.notice_no AND d.state <> 3) OR EXISTS
            (SELECT 1 FROM notices m JOIN notice_deliveries d USING (notice_no)
              WHERE m.stream = n.stream AND m.notice_no > n.notice_no AND d.state <> 3))
        FROM notices n WHERE notice_no > ?1 ORDER BY notice_no LIMIT 1)sql");
      oldest.bind(out.seen).bind(order.given_up_before);
      if (!oldest.next()) return !oldest.failed();
      if (oldest.time(1) >= order.before) return true;
      out.seen = oldest.integer(0);
      over = oldest.integer(2) != 0;
    }
    ++rows;
    if (over && !remove_notice(out.seen, order.before, rows, out)) return false;
  }
  return true;
}

bool SqliteOutbox::remove_notice(std::int64_t number, WallTime now, std::size_t& rows, OutboxPruned& out) {
  std::vector<std::pair<std::string, std::string>> held_up;  // what waited: sink and stream
  {
    auto left = db().query(
        "SELECT sink, stream, state FROM notice_deliveries WHERE notice_no = ? AND state IN (0, 2)");
    left.bind(number);
    while (left.next()) {
      ++out.given_up;
      if (left.integer(2) == 0) held_up.emplace_back(left.text(0), left.text(1));
    }
    if (left.failed()) return false;
  }
  if (!db().query("DELETE FROM notice_deliveries WHERE notice_no = ?").bind(number).run()) return false;
  rows += static_cast<std::size_t>(db().changes());
  if (!db().query("DELETE FROM notices WHERE notice_no = ?").bind(number).run()) return false;
  ++out.notices;
  return std::all_of(held_up.begin(), held_up.end(),
                     [&](const auto& one) { return make_next_due(one.first, one.second, now); });
}

bool SqliteOutbox::prune_log(const OutboxPruneOrder& order, std::size_t& rows, OutboxPruned& out) {
  if (rows >= order.rows) return true;
  std::int64_t newest = 0;
  std::int64_t first_young = 0;
  {
    auto row = db().query(R"sql(
      SELECT coalesce((SELECT max(entry_no) FROM delivery_log), 0), (SELECT entry_no FROM delivery_log
        WHERE at_unix_ns >= ? ORDER BY entry_no LIMIT 1))sql");
    row.bind(order.before);
    if (!row.next()) return false;
    newest = row.integer(0);
    first_young = row.is_null(1) ? newest + 1 : row.integer(1);
  }
  const std::int64_t beyond =
      order.log_entries_max == 0 ? 0 : newest - static_cast<std::int64_t>(order.log_entries_max);
  auto row = db().query(R"sql(
    DELETE FROM delivery_log WHERE entry_no IN
      (SELECT entry_no FROM delivery_log WHERE entry_no <= ? ORDER BY entry_no LIMIT ?))sql");
  row.bind(std::max(first_young - 1, beyond)).bind(std::uint64_t{order.rows - rows});
  if (!row.run()) return false;
  out.log_entries = static_cast<std::uint64_t>(db().changes());
  rows += static_cast<std::size_t>(db().changes());
  return true;
}

Stored<OutboxPruned> SqliteOutbox::prune_outbox(const OutboxPruneOrder& order) {
  return writer_.atomically([&]() -> Stored<OutboxPruned> {
    OutboxPruned out;
    std::size_t rows = 0;
    if (!prune_notices(order, rows, out) || !prune_log(order, rows, out))
      return Fail{db().fault("prune the outbox")};
    out.more = rows >= order.rows;
    return out;
  });
}

}  // namespace chiploc
