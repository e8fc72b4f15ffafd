#include "proto/crypto/certificate.hpp"
#include "server/storage/sqlite/rounds.hpp"

namespace chiploc {
namespace {

/// Knocks are evidence of a round from this long before its intent: the knock that brought the chip its
/// tickets came after, but a clone that had knocked elsewhere shows before.
constexpr Nanoseconds kKnocksBefore = std::chrono::hours{1};

constexpr std::string_view kIntentColumns = R"sql(
  SELECT round_no, round, chip, requested_by, intent_unix_ns, device_certificate, coordinator_public,
         state, ended_unix_ns, abandoned_because, close_order, certificate_standing, certificate_problem,
         device_issuers, requested_by_sha256
  FROM rounds )sql";

RoundIntent intent_of(const Query& row) {
  RoundIntent intent;
  intent.round = row.id<RoundId>(1);
  intent.chip = row.id<ChipId>(2);
  intent.requested_by = row.text(3);
  intent.intent = row.time(4);
  intent.device_certificate = row.blob(5);
  intent.coordinator_public = row.id<Digest>(6).bytes;  // 32 bytes as well
  intent.certificate_standing = row.text(11);
  intent.certificate_problem = row.text(12);
  intent.device_issuers = split_der(row.blob(13)).value_or(std::vector<ByteVector>{});
  if (!row.is_null(14)) intent.requested_with = row.id<Digest>(14);
  return intent;
}

bool read_anchors(Database& db, std::int64_t round_no, std::vector<IntentAnchor>& out) {
  auto rows =
      db.query("SELECT anchor, name, public_key FROM round_anchors WHERE round_no = ? ORDER BY position");
  rows.bind(round_no);
  while (rows.next()) out.push_back({rows.id<AnchorId>(0), rows.text(1), rows.id<Digest>(2).bytes});
  return !rows.failed();
}

bool read_messages(Database& db, std::int64_t round_no, RoundEvidenceRecord& out) {
  auto tickets = db.query("SELECT bytes FROM tickets WHERE round_no = ? ORDER BY position");
  tickets.bind(round_no);
  while (tickets.next()) out.tickets.push_back(tickets.blob(0));
  auto reports = db.query(R"sql(
    SELECT anchor, bytes, received_unix_ns, conflicting, late
    FROM reports WHERE round_no = ? ORDER BY report_no)sql");
  reports.bind(round_no);
  while (reports.next()) {
    out.reports.push_back({reports.id<AnchorId>(0), reports.blob(1), reports.time(2), reports.integer(3) != 0,
                           reports.integer(4) != 0});
  }
  auto statements = db.query(R"sql(
    SELECT anchor, bytes, received_unix_ns, late
    FROM statements WHERE round_no = ? ORDER BY statement_no)sql");
  statements.bind(round_no);
  while (statements.next()) {
    out.statements.push_back(
        {statements.id<AnchorId>(0), statements.blob(1), statements.time(2), statements.integer(3) != 0});
  }
  auto verdict = db.query("SELECT bytes, format FROM verdicts WHERE round_no = ?");
  verdict.bind(round_no);
  if (verdict.next()) {
    out.verdict = verdict.blob(0);
    out.verdict_format = verdict.small(1);
  }
  auto context = db.query("SELECT bytes FROM round_contexts WHERE round_no = ?");
  context.bind(round_no);
  if (context.next()) out.intent.context = context.blob(0);
  return !tickets.failed() && !reports.failed() && !statements.failed() && !verdict.failed() &&
         !context.failed();
}

bool read_knocks(Database& db, const RoundIntent& intent, std::optional<WallTime> ended,
                 std::vector<StoredKnock>& out) {
  auto rows = db.query(R"sql(
    SELECT anchor, seen_unix_ns, bytes
    FROM knocks WHERE chip = ? AND seen_unix_ns BETWEEN ? AND ?
    ORDER BY seen_unix_ns, knock_no)sql");
  rows.bind(intent.chip)
      .bind(intent.intent - kKnocksBefore)
      .bind(ended.value_or(WallTime{Nanoseconds::max()}));
  while (rows.next()) out.push_back({intent.chip, rows.id<AnchorId>(0), rows.time(1), rows.blob(2)});
  return !rows.failed();
}

}  // namespace

Stored<std::optional<RoundIntent>> read_intent(Database& db, const RoundId& round) {
  auto row = db.query(std::string{kIntentColumns} + "WHERE round = ?");
  row.bind(round);
  if (row.next()) return std::optional{intent_of(row)};
  if (row.failed()) return Fail{db.fault("read the round")};
  return std::optional<RoundIntent>{};
}

Stored<std::optional<RoundEvidenceRecord>> read_evidence(Database& db, const RoundId& round) {
  RoundEvidenceRecord record;
  std::int64_t round_no = 0;
  std::optional<WallTime> ended;
  {
    auto row = db.query(std::string{kIntentColumns} + "WHERE round = ?");
    row.bind(round);
    if (!row.next()) {
      if (row.failed()) return Fail{db.fault("read the round")};
      return std::optional<RoundEvidenceRecord>{};
    }
    round_no = row.integer(0);
    record.intent = intent_of(row);
    record.state = static_cast<RoundState>(row.integer(7));
    if (!row.is_null(8)) ended = row.time(8);
    record.abandoned_because = row.text(9);
    record.close_order = row.blob(10);
  }
  if (!read_anchors(db, round_no, record.intent.anchors) || !read_messages(db, round_no, record) ||
      !read_knocks(db, record.intent, ended, record.knocks)) {
    return Fail{db.fault("read the evidence")};
  }
  return std::optional{std::move(record)};
}

Stored<std::optional<ByteVector>> read_context(Database& db, const RoundId& round) {
  auto row = db.query(
      "SELECT c.bytes FROM round_contexts c JOIN rounds r ON r.round_no = c.round_no WHERE r.round = ?");
  row.bind(round);
  if (row.next()) return std::optional{row.blob(0)};
  if (row.failed()) return Fail{db.fault("read the round's context")};
  return std::optional<ByteVector>{};
}

Stored<std::optional<std::string>> read_area(Database& db, const Digest& sha256) {
  auto row = db.query("SELECT geojson FROM areas WHERE sha256 = ?");
  row.bind(sha256);
  if (row.next()) return std::optional{row.text(0)};
  if (row.failed()) return Fail{db.fault("read an area")};
  return std::optional<std::string>{};
}

Stored<std::optional<ByteVector>> read_calibration(Database& db, const Digest& sha256) {
  auto row = db.query("SELECT bytes FROM calibrations WHERE sha256 = ?");
  row.bind(sha256);
  if (row.next()) return std::optional{row.blob(0)};
  if (row.failed()) return Fail{db.fault("read a calibration")};
  return std::optional<ByteVector>{};
}

Stored<std::vector<OpenRound>> read_open_rounds(Database& db) {
  std::vector<OpenRound> open;
  std::vector<std::int64_t> numbers;
  auto rows = db.query(std::string{kIntentColumns} + "WHERE state = 1 ORDER BY round_no");
  while (rows.next()) {
    numbers.push_back(rows.integer(0));
    open.push_back({intent_of(rows)});
  }
  if (rows.failed()) return Fail{db.fault("read the open rounds")};
  for (std::size_t i = 0; i < open.size(); ++i) {
    auto counts = db.query(R"sql(
      SELECT (SELECT count(*) FROM tickets WHERE round_no = ?1),
             (SELECT count(*) FROM reports WHERE round_no = ?1),
             (SELECT count(*) FROM statements WHERE round_no = ?1))sql");
    counts.bind(numbers[i]);
    if (!counts.next() || !read_anchors(db, numbers[i], open[i].intent.anchors))
      return Fail{db.fault("read the open rounds")};
    open[i].tickets = counts.count(0);
    open[i].reports = counts.count(1);
    open[i].statements = counts.count(2);
  }
  return open;
}

Stored<std::optional<ChipSighting>> read_sighting(Database& db, const ChipId& chip) {
  auto row = db.query(R"sql(
    SELECT seen_round, seen_lat_deg, seen_lon_deg, seen_radius_km, seen_from_unix_ns, seen_to_unix_ns,
           seen_basis
    FROM standings WHERE chip = ? AND seen_round IS NOT NULL)sql");
  row.bind(chip);
  if (row.next()) {
    return std::optional{ChipSighting{row.id<RoundId>(0),
                                      {row.real(1), row.real(2)},
                                      Kilometers{row.real(3)},
                                      row.time(4),
                                      row.time(5),
                                      row.is_null(6) ? ByteVector{} : row.blob(6)}};
  }
  if (row.failed()) return Fail{db.fault("read where the chip was last")};
  return std::optional<ChipSighting>{};
}

}  // namespace chiploc
