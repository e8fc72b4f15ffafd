#include "server/storage/sqlite/counters.hpp"

#include "proto/crypto/certificate.hpp"
#include "proto/crypto/digest.hpp"
#include "server/storage/sqlite/rounds.hpp"

namespace chiploc {
namespace {

constexpr const char* kWhat = "read the chip's counters";

/// Counters of before they had keys, if they are this key's.
Stored<std::optional<ChipCounters>> counters_without_key(Database& db, const ChipId& chip,
                                                         const Digest& signer) {
  auto row = db.query(
      "SELECT boot_count, round_counter, boot_id, certificate FROM counters_without_key WHERE chip = ?");
  row.bind(chip);
  if (row.next()) {
    // Without a certificate nobody knows whose they were: they stay in force for whoever comes.
    const auto owner = row.is_null(3) ? std::nullopt : signer_of_certificate(row.blob(3));
    if (owner && *owner != signer) return std::optional<ChipCounters>{};
    return std::optional{ChipCounters{row.count(0), row.count(1), row.blob(2), signer}};
  }
  if (row.failed()) return Fail{db.fault(kWhat)};
  return std::optional<ChipCounters>{};
}

CounterStart start_of(const Query& row, const ChipId& chip) {
  CounterStart start{chip, row.id<Digest>(0), row.time(1), row.text(2), row.text(3)};
  if (!row.is_null(4)) start.before = ChipCounters{row.count(4), row.count(5), row.blob(6), {}};
  return start;
}

}  // namespace

std::optional<Digest> signer_of_certificate(Bytes der) {
  const auto certificate = Certificate::from_der(der);
  if (!certificate) return std::nullopt;
  const auto key = certificate->public_key();
  return key ? std::optional{sha256(key->spki_der())} : std::nullopt;
}

bool put_counters(Database& db, const ChipId& chip, const ChipCounters& counters) {
  auto row = db.query(R"sql(
    INSERT INTO counters (chip, signer, boot_count, round_counter, boot_id) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (chip, signer) DO UPDATE SET
      boot_count = excluded.boot_count, round_counter = excluded.round_counter,
      boot_id = excluded.boot_id)sql");
  row.bind(chip).bind(counters.signer).bind(counters.boot_count).bind(counters.round_counter);
  return row.bind(Bytes{counters.boot_id}).run();
}

Stored<std::optional<ChipCounters>> counters_of(Database& db, const ChipId& chip, const Digest& signer) {
  auto row =
      db.query("SELECT boot_count, round_counter, boot_id FROM counters WHERE chip = ? AND signer = ?");
  row.bind(chip).bind(signer);
  if (row.next()) return std::optional{ChipCounters{row.count(0), row.count(1), row.blob(2), signer}};
  if (row.failed()) return Fail{db.fault(kWhat)};
  return counters_without_key(db, chip, signer);
}

bool forget_counters(Database& db, const ChipId& chip, const Digest& signer) {
  if (!db.query("DELETE FROM counters WHERE chip = ? AND signer = ?").bind(chip).bind(signer).run())
    return false;
  const auto rest = counters_without_key(db, chip, signer);
  if (!rest) return false;
  return !*rest || db.query("DELETE FROM counters_without_key WHERE chip = ?").bind(chip).run();
}

bool put_counter_start(Database& db, const CounterStart& start) {
  auto row = db.query(R"sql(
    INSERT INTO counter_starts (chip, signer, at_unix_ns, started_by, reason,
                                boot_count, round_counter, boot_id)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?))sql");
  row.bind(start.chip).bind(start.signer).bind(start.at).bind(start.by).bind(start.reason);
  if (!start.before) return row.bind_null().bind_null().bind_null().run();
  row.bind(start.before->boot_count).bind(start.before->round_counter);
  return row.bind(Bytes{start.before->boot_id}).run();
}

Stored<CounterStanding> read_counters(Database& db, const ChipId& chip, const Digest& signer) {
  auto last = counters_of(db, chip, signer);
  if (!last) return Fail{last.error()};
  CounterStanding standing{std::move(*last)};
  if (standing.last) return standing;
  auto row = db.query(R"sql(
    SELECT signer, at_unix_ns, started_by, reason, boot_count, round_counter, boot_id
    FROM counter_starts WHERE chip = ? AND signer = ? ORDER BY start_no DESC LIMIT 1)sql");
  row.bind(chip).bind(signer);
  if (row.next()) standing.started = start_of(row, chip);
  if (row.failed()) return Fail{db.fault(kWhat)};
  return standing;
}

Stored<std::vector<CounterStart>> read_counter_starts(Database& db, const ChipId& chip, std::size_t limit) {
  std::vector<CounterStart> starts;
  auto row = db.query(R"sql(
    SELECT signer, at_unix_ns, started_by, reason, boot_count, round_counter, boot_id
    FROM counter_starts WHERE chip = ? ORDER BY start_no DESC LIMIT ?)sql");
  row.bind(chip).bind(std::uint64_t{limit});
  while (row.next()) starts.push_back(start_of(row, chip));
  if (row.failed()) return Fail{db.fault("read when the chip's counters began")};
  return starts;
}

std::optional<CounterStart> read_counter_start(Database& db, std::int64_t number) {
  auto row = db.query(R"sql(
    SELECT signer, at_unix_ns, started_by, reason, boot_count, round_counter, boot_id, chip
    FROM counter_starts WHERE start_no = ?)sql");
  if (!row.bind(number).next()) return std::nullopt;
  return start_of(row, row.id<ChipId>(7));
}

Stored<CounterStart> SqliteRounds::restart_counters(const CounterStart& start) {
  return writer_.atomically([&]() -> Stored<CounterStart> {
    {
      auto open = db().query("SELECT 1 FROM rounds WHERE state = 1 AND chip = ? LIMIT 1");
      open.bind(start.chip);
      if (open.next()) {
        return Fail{StoreFault{
            StoreFaultCode::kConflict,
            "a round of this chip is running, and would put its counters back; wait for its verdict "
            "and try again"}};
      }
      if (open.failed()) return Fail{db().fault("look for rounds of the chip")};
    }
    const auto last = counters_of(db(), start.chip, start.signer);
    if (!last) return Fail{last.error()};
    if (!*last) {
      return Fail{StoreFault{
          StoreFaultCode::kNotFound,
          "the chip's present key has no counters: the next statement is accepted whatever it counts"}};
    }
    CounterStart entry = start;
    entry.before = **last;
    if (!forget_counters(db(), start.chip, start.signer) || !put_counter_start(db(), entry))
      return Fail{db().fault("restart the chip's counters")};
    return entry;
  });
}

}  // namespace chiploc
