#include "server/storage/sqlite/statuses.hpp"

namespace chiploc {

Stored<Done> SqliteStatuses::put(const StatusRecord& status, std::span<const StatusChangeRecord> changes) {
  return writer_.atomically([&]() -> Stored<Done> {
    auto row = db().query(R"sql(
      INSERT INTO chip_status (chip, state, since_unix_ns, due_unix_ns, story) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (chip) DO UPDATE SET
        state = excluded.state, since_unix_ns = excluded.since_unix_ns, due_unix_ns = excluded.due_unix_ns,
        story = excluded.story)sql");
    row.bind(status.chip).bind(status.state).bind(status.since);
    status.due ? row.bind(*status.due) : row.bind_null();
    bool saved = row.bind(Bytes{status.story}).run();
    for (const StatusChangeRecord& change : changes) saved = saved && save_change(change);
    if (!saved) return Fail{db().fault("keep the status of chip " + status.chip.hex())};
    return Done{};
  });
}

bool SqliteStatuses::save_change(const StatusChangeRecord& change) {
  ByteVector ids;
  for (const VerdictId& id : change.rests_on) ids.insert(ids.end(), id.bytes.begin(), id.bytes.end());
  auto row = db().query(R"sql(
    INSERT INTO status_changes (chip, at_unix_ns, from_state, to_state, rests_on, why)
    VALUES (?, ?, ?, ?, ?, ?))sql");
  row.bind(change.chip).bind(change.at).bind(change.from).bind(change.to);
  return row.bind(Bytes{ids}).bind(change.why).run();
}

Stored<Done> SqliteStatuses::put_off(const ChipId& chip, WallTime until) {
  return writer_.atomically([&]() -> Stored<Done> {
    auto row = db().query("UPDATE chip_status SET due_unix_ns = ? WHERE chip = ?");
    if (!row.bind(until).bind(chip).run())
      return Fail{db().fault("put off the status of chip " + chip.hex())};
    if (db().changes() > 0) return Done{};
    return Fail{StoreFault{StoreFaultCode::kNotFound, "no status is kept of chip " + chip.hex()}};
  });
}

Stored<Done> SqliteStatuses::note_absence(const AbsenceRecord& absence) {
  return writer_.atomically([&]() -> Stored<Done> {
    auto row = db().query(R"sql(
      INSERT INTO absences (chip, from_unix_ns, until_unix_ns, kind, reason, declared_by, declared_by_sha256,
                            declared_unix_ns, ended_unix_ns, ended_by)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, '')))sql");
    row.bind(absence.chip).bind(absence.from).bind(absence.until).bind(absence.kind).bind(absence.reason);
    row.bind(absence.by.name);
    absence.by.certificate ? row.bind(*absence.by.certificate) : row.bind_null();
    row.bind(absence.declared);
    absence.ended ? row.bind(*absence.ended) : row.bind_null();
    if (!row.bind(absence.ended_by).run())
      return Fail{db().fault("note the absence of chip " + absence.chip.hex())};
    return Done{};
  });
}

Stored<std::uint64_t> SqliteStatuses::note_absences_ended(const ChipId& chip, WallTime at,
                                                          std::string_view by) {
  return writer_.atomically([&]() -> Stored<std::uint64_t> {
    auto row = db().query(R"sql(
      UPDATE absences SET ended_unix_ns = ?, ended_by = ?
      WHERE chip = ? AND ended_unix_ns IS NULL AND until_unix_ns > ?)sql");
    if (!row.bind(at).bind(by).bind(chip).bind(at).run())
      return Fail{db().fault("note the end of the absences of chip " + chip.hex())};
    return static_cast<std::uint64_t>(db().changes());
  });
}

Stored<bool> SqliteStatuses::take_rules(std::string_view rules) {
  return writer_.atomically([&]() -> Stored<bool> {
    const auto failed = [&] { return Fail{db().fault("keep the rules of the status")}; };
    std::optional<std::string> before;
    {
      auto row = db().query("SELECT rules FROM status_rules");
      if (row.next()) before = row.text(0);
      if (row.failed()) return failed();
    }
    if (before == rules) return false;
    auto row = db().query(R"sql(
      INSERT INTO status_rules (one, rules) VALUES (1, ?)
      ON CONFLICT (one) DO UPDATE SET rules = excluded.rules)sql");
    if (!row.bind(rules).run() || !db().query("UPDATE chip_status SET due_unix_ns = 0").run())
      return failed();
    return true;
  });
}

}  // namespace chiploc
