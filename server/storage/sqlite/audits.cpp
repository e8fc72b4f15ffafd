#include "server/storage/sqlite/audits.hpp"

#include <algorithm>

namespace chiploc {
namespace {

constexpr std::size_t kAuditPageMax = 1'000;

bool can_be_noted(const AuditEntry& entry) {
  const auto short_enough = [](const std::string& text, std::size_t most) { return text.size() <= most; };
  return !entry.by.name.empty() && !entry.role.empty() && !entry.method.empty() &&
         entry.issuer.empty() == entry.account.empty() && short_enough(entry.by.name, kAuditNameMax) &&
         short_enough(entry.role, kAuditNameMax) && short_enough(entry.issuer, kAuditTextMax * 2) &&
         short_enough(entry.account, kAuditNameMax) && short_enough(entry.method, kAuditNameMax) &&
         short_enough(entry.subject, kAuditTextMax) && short_enough(entry.reason, kAuditTextMax);
}

}  // namespace

Stored<std::vector<AuditEntry>> read_audit_entries(Database& db, const AuditQuery& query) {
  std::string sql = R"sql(
    SELECT entry_no, at_unix_ns, name, by_sha256, role, issuer, account, method, subject, reason, records
    FROM audit WHERE entry_no < ?)sql";
  if (query.name) sql += " AND name = ?";
  if (query.since) sql += " AND at_unix_ns >= ?";
  auto rows = db.query(sql + " ORDER BY entry_no DESC LIMIT ?");
  rows.bind(static_cast<std::int64_t>(std::min<std::uint64_t>(query.before.value_or(INT64_MAX), INT64_MAX)));
  if (query.name) rows.bind(*query.name);
  if (query.since) rows.bind(*query.since);
  rows.bind(std::uint64_t{std::min(query.limit, kAuditPageMax)});
  std::vector<AuditEntry> out;
  while (rows.next()) {
    AuditEntry& one = out.emplace_back();
    one.number = rows.count(0);
    one.at = rows.time(1);
    one.by.name = rows.text(2);
    if (!rows.is_null(3)) one.by.certificate = rows.id<Digest>(3);
    one.role = rows.text(4);
    one.issuer = rows.text(5);
    one.account = rows.text(6);
    one.method = rows.text(7);
    one.subject = rows.text(8);
    one.reason = rows.text(9);
    one.records = rows.count(10);
  }
  if (rows.failed()) return Fail{db.fault("read the audit log")};
  return out;
}

Stored<std::uint64_t> SqliteAudits::note(const AuditEntry& entry) {
  if (!can_be_noted(entry))
    return Fail{StoreFault{StoreFaultCode::kInvalid,
                           "an entry of the audit log lacks a name, role or method, or is too long"}};
  return writer_.atomically([&]() -> Stored<std::uint64_t> {
    auto row = writer_.db().query(R"sql(
      INSERT INTO audit (at_unix_ns, name, by_sha256, role, issuer, account, method, subject, reason, records)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?))sql");
    row.bind(entry.at).bind(entry.by.name);
    entry.by.certificate ? row.bind(*entry.by.certificate) : row.bind_null();
    row.bind(entry.role).bind(entry.issuer).bind(entry.account).bind(entry.method).bind(entry.subject);
    row.bind(entry.reason).bind(entry.records);
    if (!row.run()) return Fail{writer_.db().fault("write the audit log")};
    return static_cast<std::uint64_t>(writer_.db().last_row());
  });
}

}  // namespace chiploc
