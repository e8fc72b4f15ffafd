#include "proto/crypto/certificate.hpp"
#include "proto/crypto/digest.hpp"
#include "server/storage/sqlite/rounds.hpp"

namespace chiploc {
namespace {

StoreFault over(const RoundId& round, RoundState state) {
  return {StoreFaultCode::kConflict, "round " + round.hex() + " is " +
                                         (state == RoundState::kFinished ? "finished" : "abandoned") +
                                         " already"};
}

Bytes as_bytes(Bytes bytes) { return bytes; }
Bytes as_bytes(std::string_view text) { return bytes_of(text); }

/// Keeps `content` under its digest, once. `known` asks for it and `insert` puts it there.
template <class Content>
Stored<Done> keep_by_digest(Database& db, const Digest& digest, const Content& content,
                            std::string_view known, std::string_view insert) {
  {
    auto row = db.query(known);
    row.bind(digest);
    if (row.next()) return Done{};
    if (row.failed()) return Fail{db.fault("look up what a round is judged with")};
  }
  // Under a wrong name it would be judged with by every round that means another.
  if (sha256(as_bytes(content)) != digest)
    return Fail{StoreFault{StoreFaultCode::kInvalid, "an area or calibration does not have the digest " +
                                                         digest.hex() + " that it is kept under"}};
  if (!db.query(insert).bind(digest).bind(content).run())
    return Fail{db.fault("keep what a round is judged with")};
  return Done{};
}

}  // namespace

Stored<RoundRow> find_round(Database& db, const RoundId& round) {
  auto row = db.query("SELECT round_no, state FROM rounds WHERE round = ?");
  row.bind(round);
  if (row.next()) return RoundRow{row.integer(0), static_cast<RoundState>(row.integer(1))};
  if (row.failed()) return Fail{db.fault("find the round")};
  return Fail{StoreFault{StoreFaultCode::kNotFound, "no round " + round.hex() + " was ever begun here"}};
}

Stored<RoundRow> find_open_round(Database& db, const RoundId& round) {
  auto found = find_round(db, round);
  if (found && found->state != RoundState::kOpen) return Fail{over(round, found->state)};
  return found;
}

Stored<Done> SqliteRounds::find_seat(std::int64_t number, const RoundId& round, const AnchorId& anchor) {
  auto row = db().query("SELECT 1 FROM round_anchors WHERE round_no = ? AND anchor = ?");
  row.bind(number).bind(anchor);
  if (row.next()) return Done{};
  if (row.failed()) return Fail{db().fault("find the anchor's seat")};
  return Fail{StoreFault{StoreFaultCode::kNotFound,
                         "anchor " + anchor.hex() + " has no part in round " + round.hex()}};
}

Stored<Done> SqliteRounds::log_intent(const RoundIntent& intent) {
  return writer_.atomically([&]() -> Stored<Done> {
    const auto number = save_round(intent);
    if (!number) return Fail{number.error()};
    return save_context(*number, intent);
  });
}

Stored<std::int64_t> SqliteRounds::save_round(const RoundIntent& intent) {
  auto row = db().query(R"sql(
    INSERT INTO rounds (round, chip, requested_by, intent_unix_ns, device_certificate, coordinator_public,
                        certificate_standing, certificate_problem, device_issuers, requested_by_sha256)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql");
  row.bind(intent.round).bind(intent.chip).bind(intent.requested_by).bind(intent.intent);
  row.bind(Bytes{intent.device_certificate}).bind(Bytes{intent.coordinator_public});
  const ByteVector issuers = join_der(intent.device_issuers);
  row.bind(intent.certificate_standing).bind(intent.certificate_problem).bind(Bytes{issuers});
  static_cast<void>(intent.requested_with ? row.bind(*intent.requested_with) : row.bind_null());
  bool saved = row.run();
  const std::int64_t number = db().last_row();
  for (std::size_t i = 0; saved && i < intent.anchors.size(); ++i) {
    const IntentAnchor& anchor = intent.anchors[i];
    auto seat = db().query(R"sql(
      INSERT INTO round_anchors (round_no, position, anchor, name, public_key) VALUES (?, ?, ?, ?, ?))sql");
    seat.bind(number).bind(std::uint64_t{i}).bind(anchor.id).bind(anchor.name);
    saved = seat.bind(Bytes{anchor.public_key}).run();
  }
  if (saved) {
    auto standing = db().query(R"sql(
      INSERT INTO standings (chip, rounds) VALUES (?, 1)
      ON CONFLICT (chip) DO UPDATE SET rounds = rounds + 1)sql");
    saved = standing.bind(intent.chip).run();
  }
  if (!saved) return Fail{db().fault("log the intent of round " + intent.round.hex())};
  return number;
}

Stored<Done> SqliteRounds::save_context(std::int64_t number, const RoundIntent& intent) {
  if (!intent.context.empty()) {
    auto row = db().query("INSERT INTO round_contexts (round_no, bytes) VALUES (?, ?)");
    if (!row.bind(number).bind(Bytes{intent.context}).run())
      return Fail{db().fault("log the context of round " + intent.round.hex())};
  }
  for (const KeptArea& area : intent.areas) {
    const auto kept = keep_by_digest(db(), area.sha256, std::string_view{area.geojson},
                                     "SELECT 1 FROM areas WHERE sha256 = ?",
                                     "INSERT INTO areas (sha256, geojson) VALUES (?, ?)");
    if (!kept) return kept;
  }
  if (!intent.calibration) return Done{};
  return keep_by_digest(db(), intent.calibration->sha256, Bytes{intent.calibration->bytes},
                        "SELECT 1 FROM calibrations WHERE sha256 = ?",
                        "INSERT INTO calibrations (sha256, bytes) VALUES (?, ?)");
}

Stored<Done> SqliteRounds::append_tickets(const RoundId& round, std::span<const ByteVector> tickets) {
  return writer_.atomically([&]() -> Stored<Done> {
    const auto found = find_open_round(db(), round);
    if (!found) return Fail{found.error()};
    for (std::size_t i = 0; i < tickets.size(); ++i) {
      auto row = db().query("INSERT INTO tickets (round_no, position, bytes) VALUES (?, ?, ?)");
      if (!row.bind(found->number).bind(std::uint64_t{i}).bind(Bytes{tickets[i]}).run())
        return Fail{db().fault("keep the tickets of round " + round.hex())};
    }
    return Done{};
  });
}

Stored<Appended> SqliteRounds::append_report(const RoundId& round, const SpoolRef& from, Bytes report,
                                             WallTime received) {
  return writer_.atomically([&]() -> Stored<Appended> {
    const auto known = writer_.seen("SELECT 1 FROM reports WHERE anchor = ? AND spool_id = ?", from);
    if (!known) return Fail{known.error()};
    // The same again is found by its bytes below. Anything else under a number that is taken is kept without one: ids
    // are the anchor's to choose, and a verdict may rest on it.
    const std::uint64_t spool_id = *known ? 0 : from.spool_id;
    const auto found = find_round(db(), round);
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
    auto row = db().query(R"sql(
      INSERT INTO reports (round_no, anchor, spool_id, received_unix_ns, conflicting, late, bytes)
      VALUES (?, ?, ?, ?, ?, ?, ?))sql");
    row.bind(found->number).bind(from.anchor).bind_spool(spool_id).bind(received).bind(!first);
    if (!row.bind(found->state != RoundState::kOpen).bind(report).run())
      return Fail{db().fault("keep a report of round " + round.hex())};
    return first ? Appended::kNew : Appended::kConflicting;
  });
}

Stored<Appended> SqliteRounds::append_statement(const RoundId& round, const SpoolRef& from, Bytes statement,
                                                WallTime received) {
  return writer_.atomically([&]() -> Stored<Appended> {
    const auto known = writer_.seen("SELECT 1 FROM statements WHERE anchor = ? AND spool_id = ?", from);
    if (!known) return Fail{known.error()};
    // The same again is found by its bytes below. Anything else under a number that is taken is kept without one: ids
    // are the anchor's to choose, and a verdict may rest on it.
    const std::uint64_t spool_id = *known ? 0 : from.spool_id;
    const auto found = find_round(db(), round);
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
    auto row = db().query(R"sql(
      INSERT INTO statements (round_no, anchor, spool_id, received_unix_ns, late, bytes)
      VALUES (?, ?, ?, ?, ?, ?))sql");
    row.bind(found->number).bind(from.anchor).bind_spool(spool_id).bind(received);
    if (!row.bind(found->state != RoundState::kOpen).bind(statement).run())
      return Fail{db().fault("keep a statement of round " + round.hex())};
    return Appended::kNew;
  });
}

Stored<Done> SqliteRounds::append_close_order(const RoundId& round, Bytes order) {
  return writer_.atomically([&]() -> Stored<Done> {
    const auto found = find_open_round(db(), round);
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

Stored<Done> SqliteRounds::abandon_round(const RoundId& round, std::string_view reason, WallTime now) {
  return writer_.atomically([&]() -> Stored<Done> {
    const auto found = find_open_round(db(), round);
    if (!found) return Fail{found.error()};
    auto row = db().query(
        "UPDATE rounds SET state = 3, ended_unix_ns = ?, abandoned_because = ? WHERE round_no = ?");
    if (!row.bind(now).bind(reason).bind(found->number).run())
      return Fail{db().fault("abandon round " + round.hex())};
    return Done{};
  });
}

}  // namespace chiploc
