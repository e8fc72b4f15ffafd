#include "server/storage/sqlite/counters.hpp"
#include "server/storage/sqlite/rounds.hpp"
#include "server/storage/sqlite/verdicts.hpp"

namespace chiploc {

Stored<Done> SqliteVerdicts::finish_round(const VerdictRecord& verdict,
                                          const std::optional<ChipCounters>& counters) {
  return writer_.atomically([&]() -> Stored<Done> {
    const auto found = find_open_round(db(), verdict.round);
    if (!found) return Fail{found.error()};
    bool saved = save_verdict(verdict, found->number);
    const std::int64_t number = db().last_row();
    saved = saved && end_round(verdict, found->number) && save_standing(verdict, found->number, number);
    if (saved && counters) saved = put_counters(db(), verdict.chip, *counters);
    if (saved && verdict.sighting) saved = save_sighting(verdict, found->number);
    if (!saved) return Fail{db().fault("save the verdict of round " + verdict.round.hex())};
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      const auto done = steps_[i](store_, {verdict, counters});
      if (!done) return Fail{done.error()};
    }
    return Done{};
  });
}

bool SqliteVerdicts::save_verdict(const VerdictRecord& verdict, std::int64_t round_number) {
  auto row = db().query(R"sql(
    INSERT INTO verdicts (verdict, round_no, round, chip, state, decided_unix_ns, expires_unix_ns,
                          summary, bytes, format)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql");
  row.bind(verdict.id).bind(round_number).bind(verdict.round).bind(verdict.chip).bind(verdict.state);
  row.bind(verdict.decided).bind(verdict.expires).bind(Bytes{verdict.summary});
  return row.bind(Bytes{verdict.bytes}).bind(verdict.format).run();
}

bool SqliteVerdicts::end_round(const VerdictRecord& verdict, std::int64_t round_number) {
  auto row = db().query("UPDATE rounds SET state = 2, ended_unix_ns = ? WHERE round_no = ?");
  return row.bind(verdict.decided).bind(round_number).run();
}

/// Rounds of one chip may end out of order, and the clock may have been set: the standing follows the round
/// that was begun last.
bool SqliteVerdicts::save_standing(const VerdictRecord& verdict, std::int64_t round_number,
                                   std::int64_t verdict_number) {
  auto row = db().query(R"sql(
    INSERT INTO standings (chip, latest, latest_state, latest_unix_ns, latest_expires_unix_ns)
    VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (chip) DO UPDATE SET
      latest = excluded.latest, latest_state = excluded.latest_state, latest_unix_ns = excluded.latest_unix_ns,
      latest_expires_unix_ns = excluded.latest_expires_unix_ns
    WHERE latest IS NULL OR (SELECT round_no FROM verdicts WHERE verdict_no = latest) < ?)sql");
  row.bind(verdict.chip).bind(verdict_number).bind(verdict.state).bind(verdict.decided);
  return row.bind(verdict.expires).bind(round_number).run();
}

bool SqliteVerdicts::save_sighting(const VerdictRecord& verdict, std::int64_t round_number) {
  const ChipSighting& seen = *verdict.sighting;
  auto row = db().query(R"sql(
    UPDATE standings SET
      seen_lat_deg = ?, seen_lon_deg = ?, seen_radius_km = ?, seen_from_unix_ns = ?, seen_to_unix_ns = ?,
      seen_round = ?, seen_basis = ?
    WHERE chip = ? AND (seen_round IS NULL
      OR coalesce((SELECT round_no FROM rounds WHERE round = seen_round), 0) < ?))sql");
  row.bind(seen.centre.lat).bind(seen.centre.lon).bind(seen.radius.km()).bind(seen.from).bind(seen.to);
  row.bind(seen.round).bind(Bytes{seen.basis});
  return row.bind(verdict.chip).bind(round_number).run();
}

}  // namespace chiploc
