#include "proto/crypto/certificate.hpp"
#include "server/storage/sqlite/counters.hpp"
#include "server/storage/sqlite/store_impl.hpp"

namespace chiploc {

StoreFault SqliteStore::over(const RoundId& round, RoundState state) {
  return {StoreFaultCode::kConflict, "round " + round.hex() + " is " +
                                         (state == RoundState::kFinished ? "finished" : "abandoned") +
                                         " already"};
}

Stored<SqliteStore::RoundRow> SqliteStore::find_round(const RoundId& round) {
  auto row = db().query("SELECT round_no, state FROM rounds WHERE round = ?");
  row.bind(round);
  if (row.next()) return RoundRow{row.integer(0), static_cast<RoundState>(row.integer(1))};
  if (row.failed()) return Fail{db().fault("find the round")};
  return Fail{StoreFault{StoreFaultCode::kNotFound, "no round " + round.hex() + " was ever begun here"}};
}

Stored<SqliteStore::RoundRow> SqliteStore::find_open_round(const RoundId& round) {
  auto found = find_round(round);
  if (found && found->state != RoundState::kOpen) return Fail{over(round, found->state)};
  return found;
}

Stored<Done> SqliteStore::find_seat(std::int64_t number, const RoundId& round, const AnchorId& anchor) {
  auto row = db().query("SELECT 1 FROM round_anchors WHERE round_no = ? AND anchor = ?");
  row.bind(number).bind(anchor);
  if (row.next()) return Done{};
  if (row.failed()) return Fail{db().fault("find the anchor's seat")};
  return Fail{StoreFault{StoreFaultCode::kNotFound,
                         "anchor " + anchor.hex() + " has no part in round " + round.hex()}};
}

Stored<Done> SqliteStore::log_intent(const RoundIntent& intent) {
  return atomically([&]() -> Stored<Done> {
    auto row = db().query(
        "INSERT INTO rounds (round, chip, requested_by, intent_unix_ns, device_certificate, "
        "coordinator_public, certificate_standing, certificate_problem, device_issuers) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    row.bind(intent.round).bind(intent.chip).bind(intent.requested_by).bind(intent.intent);
    row.bind(Bytes{intent.device_certificate}).bind(Bytes{intent.coordinator_public});
    const ByteVector issuers = join_der(intent.device_issuers);
    if (!row.bind(intent.certificate_standing).bind(intent.certificate_problem).bind(Bytes{issuers}).run()) {
      return Fail{db().fault("log the intent of round " + intent.round.hex())};
    }
    const std::int64_t number = db().last_row();
    bool saved = true;
    for (std::size_t i = 0; saved && i < intent.anchors.size(); ++i) {
      const IntentAnchor& anchor = intent.anchors[i];
      saved = db().query(
                      "INSERT INTO round_anchors (round_no, position, anchor, name, public_key) VALUES (?, "
                      "?, ?, ?, ?)")
                  .bind(number)
                  .bind(std::uint64_t{i})
                  .bind(anchor.id)
                  .bind(anchor.name)
                  .bind(Bytes{anchor.public_key})
                  .run();
    }
    saved = saved && db().query(
                             "INSERT INTO standings (chip, rounds) VALUES (?, 1) ON CONFLICT (chip) DO "
                             "UPDATE SET rounds = rounds + 1")
                         .bind(intent.chip)
                         .run();
    if (!saved) return Fail{db().fault("log the intent of round " + intent.round.hex())};
    return Done{};
  });
}

Stored<Done> SqliteStore::append_tickets(const RoundId& round, std::span<const ByteVector> tickets) {
  return atomically([&]() -> Stored<Done> {
    const auto found = find_open_round(round);
    if (!found) return Fail{found.error()};
    for (std::size_t i = 0; i < tickets.size(); ++i) {
      auto row = db().query("INSERT INTO tickets (round_no, position, bytes) VALUES (?, ?, ?)");
      if (!row.bind(found->number).bind(std::uint64_t{i}).bind(Bytes{tickets[i]}).run())
        return Fail{db().fault("keep the tickets of round " + round.hex())};
    }
    return Done{};
  });
}

Stored<Appended> SqliteStore::append_report(const RoundId& round, const SpoolRef& from, Bytes report,
                                            WallTime received) {
  return atomically([&]() -> Stored<Appended> {
    const auto known = seen("SELECT 1 FROM reports WHERE anchor = ? AND spool_id = ?", from);
    if (!known) return Fail{known.error()};
    if (*known) return Appended::kDuplicate;
    const auto found = find_round(round);
    if (!found) return Fail{found.error()};
    if (const auto seated = find_seat(found->number, round, from.anchor); !seated)
      return Fail{seated.error()};
    std::size_t others_kept = 0;
    {
      auto others = db().query("SELECT bytes FROM reports WHERE round_no = ? AND anchor = ?");
      others.bind(found->number).bind(from.anchor);
      for (; others.next(); ++others_kept) {
        if (same_bytes(others.blob(0), report)) return Appended::kDuplicate;
      }
      if (others.failed()) return Fail{db().fault("look up the anchor's reports")};
    }
    if (others_kept >= kKeptOfAnchorAndRound) return Appended::kSurplus;
    const bool first = others_kept == 0;
    auto row = db().query(
        "INSERT INTO reports (round_no, anchor, spool_id, received_unix_ns, conflicting, late, bytes) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)");
    row.bind(found->number).bind(from.anchor).bind_spool(from.spool_id).bind(received).bind(!first);
    if (!row.bind(found->state != RoundState::kOpen).bind(report).run())
      return Fail{db().fault("keep a report of round " + round.hex())};
    return first ? Appended::kNew : Appended::kConflicting;
  });
}

Stored<Appended> SqliteStore::append_statement(const RoundId& round, const SpoolRef& from, Bytes statement,
                                               WallTime received) {
  return atomically([&]() -> Stored<Appended> {
    const auto known = seen("SELECT 1 FROM statements WHERE anchor = ? AND spool_id = ?", from);
    if (!known) return Fail{known.error()};
    if (*known) return Appended::kDuplicate;
    const auto found = find_round(round);
    if (!found) return Fail{found.error()};
    if (const auto seated = find_seat(found->number, round, from.anchor); !seated)
      return Fail{seated.error()};
    std::size_t of_anchor = 0;  // of all anchors of a round it is that times 64 at most
    {
      auto others = db().query("SELECT bytes, anchor FROM statements WHERE round_no = ?");
      others.bind(found->number);
      while (others.next()) {
        if (same_bytes(others.blob(0), statement)) return Appended::kDuplicate;
        if (others.id<AnchorId>(1) == from.anchor) ++of_anchor;
      }
      if (others.failed()) return Fail{db().fault("look up the round's statements")};
    }
    if (of_anchor >= kKeptOfAnchorAndRound) return Appended::kSurplus;
    auto row = db().query(
        "INSERT INTO statements (round_no, anchor, spool_id, received_unix_ns, late, bytes) VALUES (?, ?, ?, "
        "?, ?, ?)");
    row.bind(found->number).bind(from.anchor).bind_spool(from.spool_id).bind(received);
    if (!row.bind(found->state != RoundState::kOpen).bind(statement).run())
      return Fail{db().fault("keep a statement of round " + round.hex())};
    return Appended::kNew;
  });
}

Stored<Done> SqliteStore::append_close_order(const RoundId& round, Bytes order) {
  return atomically([&]() -> Stored<Done> {
    const auto found = find_open_round(round);
    if (!found) return Fail{found.error()};
    {
      auto row = db().query("SELECT close_order FROM rounds WHERE round_no = ? AND close_order IS NOT NULL");
      row.bind(found->number);
      if (row.next()) {
        if (same_bytes(row.blob(0), order)) return Done{};
        return Fail{StoreFault{
            StoreFaultCode::kConflict,
            "round " + round.hex() + " has a different close order already; there is one a round"}};
      }
      if (row.failed()) return Fail{db().fault("look up the close order")};
    }
    auto row = db().query("UPDATE rounds SET close_order = ? WHERE round_no = ?");
    if (!row.bind(order).bind(found->number).run())
      return Fail{db().fault("keep the close order of round " + round.hex())};
    return Done{};
  });
}

Stored<Appended> SqliteStore::append_knock(const StoredKnock& knock, std::uint64_t spool_id) {
  return atomically([&]() -> Stored<Appended> {
    const auto known =
        seen("SELECT 1 FROM knocks WHERE anchor = ? AND spool_id = ?", {knock.anchor, spool_id});
    if (!known) return Fail{known.error()};
    if (*known) return Appended::kDuplicate;
    auto row = db().query(
        "INSERT INTO knocks (chip, anchor, spool_id, seen_unix_ns, bytes, received_unix_ns, boot_id) "
        "VALUES (?, ?, ?, ?, ?, nullif(?, 0), ?)");
    row.bind(knock.chip).bind(knock.anchor).bind_spool(spool_id).bind(knock.seen).bind(Bytes{knock.bytes});
    row.bind(knock.received);
    // As the same 64 bits: only whether two are equal is ever asked.
    if (knock.boot_id) {
      row.bind(static_cast<std::int64_t>(*knock.boot_id));
    } else {
      row.bind_null();
    }
    if (!row.run()) return Fail{db().fault("keep a knock")};
    return Appended::kNew;
  });
}

Stored<Appended> SqliteStore::append_mesh(const MeshRecord& mesh) {
  return atomically([&]() -> Stored<Appended> {
    const auto known = seen("SELECT 1 FROM mesh WHERE anchor = ? AND spool_id = ?", mesh.from);
    if (!known) return Fail{known.error()};
    if (*known) return Appended::kDuplicate;
    bool saved = db().query(
                         "INSERT INTO mesh (anchor, spool_id, window_end_unix_ns, bytes, received_unix_ns) "
                         "VALUES (?, ?, "
                         "?, ?, nullif(?, 0))")
                     .bind(mesh.from.anchor)
                     .bind_spool(mesh.from.spool_id)
                     .bind(mesh.window_end)
                     .bind(Bytes{mesh.bytes})
                     .bind(mesh.received)
                     .run();
    const std::int64_t number = db().last_row();
    for (std::size_t i = 0; saved && i < mesh.pairs.size(); ++i) {
      const StoredMeshPair& pair = mesh.pairs[i];
      auto row = db().query(
          "INSERT INTO mesh_pairs (mesh_no, position, peer, sent, received, rtt_min_ns, rtt_median_ns, "
          "source) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
      row.bind(number).bind(std::uint64_t{i}).bind(pair.peer).bind(pair.sent).bind(pair.received);
      row.bind(std::int64_t{pair.rtt_min.count()}).bind(std::int64_t{pair.rtt_median.count()});
      saved = row.bind(static_cast<std::uint32_t>(pair.source)).run();
    }
    if (!saved) return Fail{db().fault("keep a mesh report")};
    return Appended::kNew;
  });
}

Stored<Done> SqliteStore::finish_round(const VerdictRecord& verdict,
                                       const std::optional<ChipCounters>& counters) {
  return atomically([&]() -> Stored<Done> {
    const auto found = find_open_round(verdict.round);
    if (!found) return Fail{found.error()};
    auto row = db().query(
        "INSERT INTO verdicts (verdict, round_no, round, chip, state, decided_unix_ns, expires_unix_ns, "
        "summary, bytes) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    row.bind(verdict.id).bind(found->number).bind(verdict.round).bind(verdict.chip).bind(verdict.state);
    row.bind(verdict.decided).bind(verdict.expires).bind(Bytes{verdict.summary});
    bool saved = row.bind(Bytes{verdict.bytes}).run();
    const std::int64_t number = db().last_row();
    saved = saved && db().query("UPDATE rounds SET state = 2, ended_unix_ns = ? WHERE round_no = ?")
                         .bind(verdict.decided)
                         .bind(found->number)
                         .run();
    // Rounds of one chip may end out of order, and the clock may have been set: the standing follows the
    // round that was begun last.
    saved = saved &&
            db().query(
                    "INSERT INTO standings (chip, latest, latest_state, latest_unix_ns) VALUES (?, ?, ?, ?) "
                    "ON CONFLICT (chip) DO UPDATE SET latest = excluded.latest, latest_state = "
                    "excluded.latest_state, "
                    "latest_unix_ns = excluded.latest_unix_ns "
                    "WHERE latest IS NULL OR (SELECT round_no FROM verdicts WHERE verdict_no = latest) < ?")
                .bind(verdict.chip)
                .bind(number)
                .bind(verdict.state)
                .bind(verdict.decided)
                .bind(found->number)
                .run();
    if (saved && counters) saved = put_counters(db(), verdict.chip, *counters);
    if (const auto& seen = verdict.sighting; saved && seen) {
      saved = db().query(
                      "UPDATE standings SET seen_lat_deg = ?, seen_lon_deg = ?, seen_radius_km = ?, "
                      "seen_from_unix_ns = ?, seen_to_unix_ns = ?, seen_round = ?, seen_basis = ? "
                      "WHERE chip = ? AND (seen_round IS NULL OR "
                      "coalesce((SELECT round_no FROM rounds WHERE round = seen_round), 0) < ?)")
                  .bind(seen->centre.lat)
                  .bind(seen->centre.lon)
                  .bind(seen->radius.km())
                  .bind(seen->from)
                  .bind(seen->to)
                  .bind(seen->round)
                  .bind(Bytes{seen->basis})
                  .bind(verdict.chip)
                  .bind(found->number)
                  .run();
    }
    if (!saved) return Fail{db().fault("save the verdict of round " + verdict.round.hex())};
    return Done{};
  });
}

Stored<Done> SqliteStore::abandon_round(const RoundId& round, std::string_view reason, WallTime now) {
  return atomically([&]() -> Stored<Done> {
    const auto found = find_open_round(round);
    if (!found) return Fail{found.error()};
    auto row = db().query(
        "UPDATE rounds SET state = 3, ended_unix_ns = ?, abandoned_because = ? WHERE round_no = ?");
    if (!row.bind(now).bind(reason).bind(found->number).run())
      return Fail{db().fault("abandon round " + round.hex())};
    return Done{};
  });
}

Stored<std::uint64_t> SqliteStore::prune_mesh(WallTime before) {
  return atomically([&]() -> Stored<std::uint64_t> {
    auto row = db().query("DELETE FROM mesh WHERE window_end_unix_ns < ?");
    if (!row.bind(before).run()) return Fail{db().fault("prune the mesh")};
    return static_cast<std::uint64_t>(db().changes());
  });
}

Stored<std::uint64_t> SqliteStore::prune_knocks(WallTime before) {
  return atomically([&]() -> Stored<std::uint64_t> {
    auto row = db().query("DELETE FROM knocks WHERE seen_unix_ns < ?");
    if (!row.bind(before).run()) return Fail{db().fault("prune the knocks")};
    return static_cast<std::uint64_t>(db().changes());
  });
}

}  // namespace chiploc
