#include "server/storage/sqlite/enrolments.hpp"

#include <algorithm>

#include "proto/crypto/digest.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kEnrolmentPageMax = 1'000, kEnrolmentStepsMax = 100;
constexpr std::string_view kEnrolmentColumns = R"sql(
  SELECT enrolment_no, token_sha256, kind, name, holder, reason, made_by, by_sha256, at_unix_ns, until_unix_ns, state,
    used_unix_ns, used_key_sha256, used_from, revoked_unix_ns, revoked_by, refusals, maker, model, licence
  FROM enrolments)sql";

Enrolment enrolment_in(const Query& row) {
  Enrolment out;
  out.number = row.count(0);
  out.token_sha256 = row.id<Digest>(1);
  out.kind = row.text(2);
  out.name = row.text(3);
  out.holder = row.text(4);
  out.reason = row.text(5);
  out.by.name = row.text(6);
  if (!row.is_null(7)) out.by.certificate = row.id<Digest>(7);
  out.at = row.time(8);
  out.until = row.time(9);
  out.state = static_cast<EnrolmentState>(row.integer(10));
  if (!row.is_null(11)) out.used = row.time(11);
  if (!row.is_null(12)) out.used_key = row.id<Digest>(12);
  out.used_from = row.text(13);
  if (!row.is_null(14)) out.revoked = row.time(14);
  out.revoked_by = row.text(15);
  out.maker = row.text(17);
  out.model = row.text(18);
  out.licence = row.text(19);
  return out;
}

bool can_be_made(const Enrolment& one) {
  for (const std::string* text :
       {&one.kind, &one.name, &one.holder, &one.maker, &one.model, &one.licence, &one.reason, &one.by.name})
    if (text->size() > kEnrolmentTextMax) return false;
  return !one.kind.empty() && !one.name.empty() && !one.by.name.empty() && one.at < one.until;
}

StoreFault over_already(std::uint64_t number, EnrolmentState state) {
  return {StoreFaultCode::kConflict, "enrolment " + std::to_string(number) + " is " +
                                         std::string{name_of(state)} + "; only an open one can be revoked"};
}

}  // namespace

std::string_view name_of(EnrolmentState state) {
  switch (state) {
    case EnrolmentState::kOpen:
      return "open";
    case EnrolmentState::kUsed:
      return "used";
    case EnrolmentState::kRevoked:
      return "revoked";
    case EnrolmentState::kExpired:
      return "expired";
  }
  return "?";
}

std::string_view name_of(EnrolmentStepKind kind) {
  switch (kind) {
    case EnrolmentStepKind::kMade:
      return "made";
    case EnrolmentStepKind::kUsed:
      return "used";
    case EnrolmentStepKind::kRepeated:
      return "repeated";
    case EnrolmentStepKind::kRefused:
      return "refused";
    case EnrolmentStepKind::kRevoked:
      return "revoked";
    case EnrolmentStepKind::kExpired:
      return "expired";
  }
  return "?";
}

std::string_view name_of(EnrolmentRefusal refusal) {
  switch (refusal) {
    case EnrolmentRefusal::kUnknown:
      return "unknown";
    case EnrolmentRefusal::kUsed:
      return "used";
    case EnrolmentRefusal::kRevoked:
      return "revoked";
    case EnrolmentRefusal::kExpired:
      return "expired";
  }
  return "?";
}

Stored<std::vector<Enrolment>> read_enrolments(Database& db, const EnrolmentQuery& query) {
  std::string sql = std::string{kEnrolmentColumns} + " WHERE enrolment_no < ?";
  if (query.open_at) sql += " AND state = 0 AND until_unix_ns > ?";
  auto rows = db.query(sql + " ORDER BY enrolment_no DESC LIMIT ?");
  rows.bind(static_cast<std::int64_t>(std::min<std::uint64_t>(query.before.value_or(INT64_MAX), INT64_MAX)));
  if (query.open_at) rows.bind(*query.open_at);
  rows.bind(std::uint64_t{std::min(query.limit, kEnrolmentPageMax)});
  std::vector<Enrolment> out;
  while (rows.next()) out.push_back(enrolment_in(rows));
  if (rows.failed()) return Fail{db.fault("read the enrolments")};
  return out;
}

Stored<std::vector<EnrolmentStep>> read_enrolment_steps(Database& db, std::uint64_t number) {
  auto rows = db.query(
      "SELECT at_unix_ns, step, who, note FROM enrolment_steps WHERE enrolment_no = ? ORDER BY step_no LIMIT ?");
  rows.bind(number).bind(std::uint64_t{kEnrolmentStepsMax});
  std::vector<EnrolmentStep> out;
  while (rows.next()) {
    out.push_back(
        {rows.time(0), static_cast<EnrolmentStepKind>(rows.integer(1)), rows.text(2), rows.text(3)});
  }
  if (rows.failed()) return Fail{db.fault("read what became of an enrolment")};
  return out;
}

Stored<Done> SqliteEnrolments::step(std::uint64_t number, const EnrolmentStep& step) {
  auto row = writer_.db().query(
      "INSERT INTO enrolment_steps (enrolment_no, at_unix_ns, step, who, note) VALUES (?, ?, ?, ?, ?)");
  row.bind(number).bind(step.at).bind(static_cast<std::int64_t>(step.kind)).bind(step.who).bind(step.note);
  if (!row.run()) return Fail{writer_.db().fault("write what became of an enrolment")};
  return Done{};
}

Stored<Done> SqliteEnrolments::tell_expired(WallTime now) {
  auto told = writer_.db().query(R"sql(
    INSERT INTO enrolment_steps (enrolment_no, at_unix_ns, step, who, note)
    SELECT enrolment_no, until_unix_ns, ?, '', '' FROM enrolments WHERE state = 0 AND until_unix_ns <= ?
    ORDER BY enrolment_no)sql");
  told.bind(static_cast<std::int64_t>(EnrolmentStepKind::kExpired)).bind(now);
  if (!told.run()) return Fail{writer_.db().fault("tell which enrolments are over")};
  auto rows = writer_.db().query("UPDATE enrolments SET state = ? WHERE state = 0 AND until_unix_ns <= ?");
  rows.bind(static_cast<std::int64_t>(EnrolmentState::kExpired)).bind(now);
  if (!rows.run()) return Fail{writer_.db().fault("tell which enrolments are over")};
  return Done{};
}

Stored<std::uint64_t> SqliteEnrolments::make_enrolment(const Enrolment& enrolment, std::size_t open_most) {
  if (!can_be_made(enrolment))
    return Fail{StoreFault{StoreFaultCode::kInvalid,
                           "an enrolment lacks a kind, a name, an author or a time, or a text is too long"}};
  return writer_.atomically([&]() -> Stored<std::uint64_t> {
    if (const auto told = tell_expired(enrolment.at); !told) return Fail{told.error()};
    const auto open = writer_.db().integer("SELECT count(*) FROM enrolments WHERE state = 0");
    if (!open) return Fail{open.error()};
    if (static_cast<std::size_t>(*open) >= open_most)
      return Fail{
          StoreFault{StoreFaultCode::kConflict, std::to_string(*open) + " tokens wait to be used already"}};
    auto row = writer_.db().query(R"sql(
      INSERT INTO enrolments (token_sha256, kind, name, holder, maker, model, licence, reason, made_by, by_sha256,
        at_unix_ns, until_unix_ns, state, used_from, revoked_by, refusals)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '', '', 0))sql");
    row.bind(enrolment.token_sha256).bind(enrolment.kind).bind(enrolment.name).bind(enrolment.holder);
    row.bind(enrolment.maker).bind(enrolment.model).bind(enrolment.licence);
    row.bind(enrolment.reason).bind(enrolment.by.name);
    enrolment.by.certificate ? row.bind(*enrolment.by.certificate) : row.bind_null();
    row.bind(enrolment.at).bind(enrolment.until);
    if (!row.run()) return Fail{writer_.db().fault("write an enrolment")};
    const auto number = static_cast<std::uint64_t>(writer_.db().last_row());
    const auto made =
        step(number, {enrolment.at, EnrolmentStepKind::kMade, enrolment.by.name, enrolment.reason});
    if (!made) return Fail{made.error()};
    return number;
  });
}

Stored<Done> SqliteEnrolments::revoke_enrolment(std::uint64_t number, const std::string& by, WallTime now) {
  return writer_.atomically([&]() -> Stored<Done> {
    if (const auto told = tell_expired(now); !told) return Fail{told.error()};
    const auto found = read_enrolments(writer_.db(), {.before = number + 1, .limit = 1});
    if (!found) return Fail{found.error()};
    if (found->empty() || found->front().number != number)
      return Fail{StoreFault{StoreFaultCode::kNotFound, "there is no enrolment " + std::to_string(number)}};
    if (found->front().state != EnrolmentState::kOpen)
      return Fail{over_already(number, found->front().state)};
    auto row = writer_.db().query(
        "UPDATE enrolments SET state = ?, revoked_unix_ns = ?, revoked_by = ? WHERE enrolment_no = ?");
    row.bind(static_cast<std::int64_t>(EnrolmentState::kRevoked)).bind(now).bind(by).bind(number);
    if (!row.run()) return Fail{writer_.db().fault("revoke an enrolment")};
    return step(number, {now, EnrolmentStepKind::kRevoked, by, ""});
  });
}

Stored<Redemption> SqliteEnrolments::redeem(const Digest& token_sha256, const Digest& key_sha256,
                                            const std::string& from, WallTime now) {
  return writer_.atomically([&]() -> Stored<Redemption> {
    Database& db = writer_.db();
    if (const auto told = tell_expired(now); !told) return Fail{told.error()};
    auto row = db.query(std::string{kEnrolmentColumns} + " WHERE token_sha256 = ?");
    row.bind(token_sha256);
    const bool known = row.next();
    if (row.failed()) return Fail{db.fault("look for a token")};
    Redemption out;
    if (!known) {
      out.refusal = EnrolmentRefusal::kUnknown;
      return out;
    }
    out.enrolment = enrolment_in(row);
    const std::uint64_t refusals = row.count(16);
    Enrolment& one = out.enrolment;
    // The index has found a digest, which tells nobody the token; it is compared all the same as secrets are.
    if (!constant_time_equal(one.token_sha256.bytes, token_sha256.bytes)) {
      out.refusal = EnrolmentRefusal::kUnknown;
      return out;
    }
    if (one.state == EnrolmentState::kOpen) {
      auto use = db.query(
          "UPDATE enrolments SET state = ?, used_unix_ns = ?, used_key_sha256 = ?, used_from = ? WHERE enrolment_no = ?");
      use.bind(static_cast<std::int64_t>(EnrolmentState::kUsed)).bind(now).bind(key_sha256).bind(from);
      use.bind(one.number);
      if (!use.run()) return Fail{db.fault("use a token up")};
      one.state = EnrolmentState::kUsed;
      one.used = now;
      one.used_key = key_sha256;
      one.used_from = from;
      if (const auto used = step(one.number, {now, EnrolmentStepKind::kUsed, from, ""}); !used)
        return Fail{used.error()};
      return out;
    }
    if (one.state == EnrolmentState::kUsed && now < one.until && one.used_key == key_sha256) {
      out.again = true;
    } else {
      out.refusal = one.state == EnrolmentState::kRevoked                       ? EnrolmentRefusal::kRevoked
                    : one.state == EnrolmentState::kExpired || now >= one.until ? EnrolmentRefusal::kExpired
                                                                                : EnrolmentRefusal::kUsed;
    }
    if (refusals >= kEnrolmentRefusalsKept) return out;
    auto more = db.query("UPDATE enrolments SET refusals = refusals + 1 WHERE enrolment_no = ?");
    more.bind(one.number);
    if (!more.run()) return Fail{db.fault("count what a token was refused")};
    const auto told =
        step(one.number, {now, out.again ? EnrolmentStepKind::kRepeated : EnrolmentStepKind::kRefused, from,
                          out.refusal ? std::string{name_of(*out.refusal)} : ""});
    if (!told) return Fail{told.error()};
    return out;
  });
}

}  // namespace chiploc
