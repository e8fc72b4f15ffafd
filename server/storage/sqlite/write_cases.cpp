#include "server/storage/sqlite/cases.hpp"

namespace chiploc {

Stored<std::uint64_t> SqliteCases::put_case(const CaseRecord& record,
                                            std::span<const CaseEntryRecord> entries) {
  return writer_.atomically([&]() -> Stored<std::uint64_t> {
    const std::string name = record.number == 0 ? "a new case" : "case C-" + std::to_string(record.number);
    const auto failed = [&] { return Fail{db().fault("keep " + name)}; };
    std::uint64_t number = record.number;
    if (number == 0) {
      if (!add_case(record)) return failed();
      number = static_cast<std::uint64_t>(db().last_row());
    } else {
      if (!change_case(record)) return failed();
      if (db().changes() == 0) return Fail{StoreFault{StoreFaultCode::kNotFound, "there is no " + name}};
    }
    for (const CaseEntryRecord& entry : entries) {
      if (!save_entry(number, entry)) return failed();
    }
    return number;
  });
}

bool SqliteCases::add_case(const CaseRecord& record) {
  auto row = db().query(R"sql(
    INSERT INTO cases (kind, order_id, key_licence, site, of_key, licence, state, since_unix_ns, opened_unix_ns,
                       due_unix_ns, assignee, urgency, outcome, story)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql");
  row.bind(record.key.kind).bind(record.key.order).bind(record.key.licence).bind(record.key.site);
  row.bind(record.of_key).bind(record.licence).bind(record.state).bind(record.since).bind(record.opened);
  record.due ? row.bind(*record.due) : row.bind_null();
  return row.bind(record.assignee).bind(record.urgency).bind(record.outcome).bind(Bytes{record.story}).run();
}

/// What it is one of stays.
bool SqliteCases::change_case(const CaseRecord& record) {
  auto row = db().query(R"sql(
    UPDATE cases SET state = ?, since_unix_ns = ?, opened_unix_ns = ?, due_unix_ns = ?, assignee = ?, urgency = ?,
      outcome = ?, story = ?
    WHERE case_no = ?)sql");
  row.bind(record.state).bind(record.since).bind(record.opened);
  record.due ? row.bind(*record.due) : row.bind_null();
  row.bind(record.assignee).bind(record.urgency).bind(record.outcome).bind(Bytes{record.story});
  return row.bind(record.number).run();
}

bool SqliteCases::save_entry(std::uint64_t number, const CaseEntryRecord& entry) {
  ByteVector ids;
  for (const VerdictId& id : entry.verdicts) ids.insert(ids.end(), id.bytes.begin(), id.bytes.end());
  auto row = db().query(R"sql(
    INSERT INTO case_entries (case_no, number, at_unix_ns, kind, state, who, text, chip, verdicts, file, loud)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql");
  row.bind(number).bind(entry.number).bind(entry.at).bind(entry.kind).bind(entry.state);
  row.bind(entry.who).bind(entry.text);
  entry.chip ? row.bind(*entry.chip) : row.bind_null();
  row.bind(Bytes{ids});
  entry.file ? row.bind(*entry.file) : row.bind_null();
  return row.bind(entry.loud).run();
}

Stored<Done> SqliteCases::stand(const ChipId& chip, std::uint32_t kind, std::optional<std::uint64_t> number) {
  return writer_.atomically([&]() -> Stored<Done> {
    bool saved = false;
    if (number) {
      auto row = db().query(R"sql(
        INSERT INTO case_chips (chip, kind, case_no) VALUES (?, ?, ?)
        ON CONFLICT (chip, kind) DO UPDATE SET case_no = excluded.case_no)sql");
      saved = row.bind(chip).bind(kind).bind(*number).run();
    } else {
      saved = db().query("DELETE FROM case_chips WHERE chip = ? AND kind = ?").bind(chip).bind(kind).run();
    }
    if (!saved) return Fail{db().fault("keep in which case chip " + chip.hex() + " stands")};
    return Done{};
  });
}

Stored<Done> SqliteCases::settle_case(std::uint64_t number) {
  return writer_.atomically([&]() -> Stored<Done> {
    if (!db().query("DELETE FROM case_chips WHERE case_no = ?").bind(number).run())
      return Fail{db().fault("settle case C-" + std::to_string(number))};
    return Done{};
  });
}

Stored<Done> SqliteCases::note_sign(const AttemptSignRecord& sign, std::size_t keep) {
  return writer_.atomically([&]() -> Stored<Done> {
    auto row = db().query(
        "INSERT INTO attempt_signs (chip, kind, verdict, at_unix_ns, reason) VALUES (?, ?, ?, ?, ?)");
    bool saved = row.bind(sign.chip).bind(sign.kind).bind(sign.verdict).bind(sign.at).bind(sign.reason).run();
    if (saved) {
      auto old = db().query(R"sql(
        DELETE FROM attempt_signs WHERE chip = ? AND kind = ? AND sign_no <= coalesce(
          (SELECT sign_no FROM attempt_signs WHERE chip = ? AND kind = ? ORDER BY sign_no DESC LIMIT 1 OFFSET ?), -1)
        )sql");
      old.bind(sign.chip).bind(sign.kind).bind(sign.chip).bind(sign.kind);
      saved = old.bind(std::uint64_t{keep}).run();
    }
    if (!saved) return Fail{db().fault("keep a sign of chip " + sign.chip.hex())};
    return Done{};
  });
}

Stored<Done> SqliteCases::forget_chip(const ChipId& chip) {
  return writer_.atomically([&]() -> Stored<Done> {
    if (!db().query("DELETE FROM case_chips WHERE chip = ?").bind(chip).run() ||
        !db().query("DELETE FROM attempt_signs WHERE chip = ?").bind(chip).run())
      return Fail{db().fault("forget chip " + chip.hex())};
    return Done{};
  });
}

}  // namespace chiploc
