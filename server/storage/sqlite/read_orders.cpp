#include <algorithm>
#include <limits>

#include "proto/crypto/device_id.hpp"
#include "server/registry/fields.hpp"
#include "server/storage/sqlite/registry.hpp"
#include "server/storage/sqlite/registry_rows.hpp"

namespace chiploc {
namespace {

/// What was checked before it was saved fails these checks only if the file was changed by other hands.
template <class T>
bool taken(Field<T> parsed, T& out) {
  if (!parsed) return false;
  out = std::move(*parsed);
  return true;
}
/// The same of what may be empty.
template <class T, class Check>
bool taken_unless_empty(const std::string& text, std::optional<T>& out, const Check& check) {
  if (text.empty()) return true;
  auto parsed = check(text);
  if (!parsed) return false;
  out = std::move(*parsed);
  return true;
}

Fail<StoreFault> unreadable(Database& db, const char* what, const std::string& key) {
  return Fail{db.fault(StoreFaultCode::kCorrupt,
                       std::string{what} + " " + shown(key) + " cannot be read; restore a backup")};
}

}  // namespace

Stored<Done> read_models(Database& db, Registry& registry) {
  auto rows = db.query("SELECT name, maker, eccn, note FROM models");
  while (rows.next()) registry.put(ModelRecord{rows.text(0), rows.text(1), rows.text(2), rows.text(3)});
  if (rows.failed()) return Fail{db.fault("read the models")};
  return Done{};
}

Stored<Done> read_entities(Database& db, Registry& registry) {
  auto rows = db.query("SELECT name, roles, country, watch_reason, watch_since FROM entities");
  while (rows.next()) {
    EntityRecord entity{rows.text(0), {}, {}, {}};
    std::optional<Date> since;
    const bool good = taken(parse_roles(rows.text(1)), entity.roles) &&
                      taken_unless_empty(rows.text(2), entity.country,
                                         [](const std::string& t) { return parse_country(t, {}); }) &&
                      taken_unless_empty(rows.text(4), since, parse_date);
    if (!good) return unreadable(db, "entity", entity.name);
    if (since) entity.watch = Watch{rows.text(3), *since};
    registry.put(std::move(entity));
  }
  if (rows.failed()) return Fail{db.fault("read the entities")};
  return Done{};
}

Stored<Done> read_sites(Database& db, Registry& registry) {
  auto rows = db.query("SELECT name, operator_name, place, address FROM sites");
  while (rows.next()) {
    SiteRecord site{rows.text(0), rows.text(1), {}, rows.text(3)};
    const std::string place = rows.text(2);
    if (!place.empty() && !taken(parse_places(place, {}), site.place))
      return unreadable(db, "site", site.name);
    registry.put(std::move(site));
  }
  if (rows.failed()) return Fail{db.fault("read the sites")};
  return Done{};
}

Stored<Done> read_conditions(Database& db, Registry& registry) {
  auto rows = db.query(R"sql(
    SELECT condition, licence, kind, due, share_percent, evidence, evidence_sha256, met FROM conditions)sql");
  while (rows.next()) {
    ConditionRecord condition;
    condition.id = rows.text(0);
    condition.licence = rows.text(1);
    condition.share_percent = rows.real(4);
    condition.evidence = rows.text(5);
    if (!rows.is_null(6)) condition.evidence_sha256 = rows.id<Digest>(6);
    if (!taken(parse_condition_kind(rows.text(2)), condition.kind) ||
        !taken(parse_date(rows.text(3)), condition.due) ||
        !taken_unless_empty(rows.text(7), condition.met, parse_date))
      return unreadable(db, "condition", condition.id);
    registry.put(std::move(condition));
  }
  if (rows.failed()) return Fail{db.fault("read the conditions")};
  return Done{};
}

Stored<Done> read_orders(Database& db, Registry& registry) {
  auto rows = db.query(R"sql(
    SELECT order_id, licence, exporter, buyer, end_user, operator_name, quantity, placed FROM orders)sql");
  while (rows.next()) {
    OrderRecord order;
    order.id = rows.text(0);
    order.licence = rows.text(1);
    order.exporter = rows.text(2);
    order.buyer = rows.text(3);
    order.end_user = rows.text(4);
    order.operated_by = rows.text(5);
    order.quantity = rows.small(6);
    if (!taken(parse_date(rows.text(7)), order.placed)) return unreadable(db, "order", order.id);
    registry.put(std::move(order));
  }
  if (rows.failed()) return Fail{db.fault("read the orders")};
  return Done{};
}

Stored<Done> read_deliveries(Database& db, Registry& registry) {
  auto rows = db.query("SELECT delivery, order_id, site, date, quantity, override_reason FROM deliveries");
  while (rows.next()) {
    DeliveryRecord delivery;
    delivery.id = rows.text(0);
    delivery.order = rows.text(1);
    delivery.site = rows.text(2);
    delivery.quantity = rows.small(4);
    delivery.override_reason = rows.text(5);
    if (!taken(parse_date(rows.text(3)), delivery.date)) return unreadable(db, "delivery", delivery.id);
    registry.put(std::move(delivery));
  }
  if (rows.failed()) return Fail{db.fault("read the deliveries")};
  return Done{};
}

namespace {

/// What the filters ask of a row; the newest first.
std::string changes_sql(const ChangeQuery& query) {
  std::string sql = R"sql(
    SELECT c.version, c.position, c.kind, c.record_key, c.field, c.old_value, c.new_value,
           i.imported_by, i.at_unix_ns, i.imported_by_sha256, i.reason
    FROM registry_changes c JOIN imports i ON i.version = c.version
    WHERE c.version >= ?)sql";
  if (query.kind) sql += " AND c.kind = ?";
  if (query.kind && query.key) sql += " AND c.record_key = ?";
  if (query.since) sql += " AND i.at_unix_ns >= ?";
  if (query.after) sql += " AND (c.version, c.position) < (?, ?)";
  return sql + " ORDER BY c.version DESC, c.position DESC LIMIT ?";
}

/// The first import that was made then or later: what stands before it need not be looked at.
Stored<std::int64_t> first_version_since(Database& db, const ChangeQuery& query) {
  if (!query.since) return std::int64_t{0};
  auto row = db.query("SELECT min(version) FROM imports WHERE at_unix_ns >= ?");
  row.bind(*query.since);
  if (!row.next()) return Fail{db.fault("look up the imports since then")};
  return row.is_null(0) ? std::numeric_limits<std::int64_t>::max() : row.integer(0);
}

std::optional<std::string> text_or_none(const Query& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional{row.text(column)};
}

}  // namespace

Stored<ChangePage> read_changes(Database& db, const ChangeQuery& query) {
  constexpr std::size_t kPageMost = 10'000;
  const std::size_t limit = std::clamp<std::size_t>(query.limit, 1, kPageMost);
  const auto first = first_version_since(db, query);
  if (!first) return Fail{first.error()};
  auto rows = db.query(changes_sql(query));
  rows.bind(*first);
  if (query.kind) rows.bind(static_cast<std::uint32_t>(*query.kind));
  if (query.kind && query.key) rows.bind(*query.key);
  if (query.since) rows.bind(*query.since);
  if (query.after) rows.bind(query.after->version).bind(query.after->position);
  rows.bind(std::uint64_t{limit + 1});
  ChangePage page;
  while (rows.next()) {
    if (page.rows.size() == limit) {
      page.next = ChangeCursor{page.rows.back().version, page.rows.back().position};
      break;
    }
    ImportStamp stamp{rows.text(7), rows.time(8), {}, rows.text(10)};
    if (!rows.is_null(9)) stamp.with = rows.id<Digest>(9);
    page.rows.push_back({rows.count(0), rows.count(1), std::move(stamp),
                         HistoryEntry{static_cast<ImportKind>(rows.integer(2)), rows.text(3), rows.text(4),
                                      text_or_none(rows, 5), text_or_none(rows, 6)}});
  }
  if (rows.failed()) return Fail{db.fault("read the registry's changes")};
  return page;
}

namespace {

Stored<std::vector<std::string>> texts_of(Database& db, Query& rows) {
  std::vector<std::string> out;
  while (rows.next()) out.push_back(rows.text(0));
  if (rows.failed()) return Fail{db.fault("look up what is gone from the registry")};
  return out;
}

/// By a serial number: of its end, or of a change of that number.
constexpr const char* kCalledSerial =
    R"sql( OR (field = 'serial' AND (old_value = ? COLLATE NOCASE OR new_value = ? COLLATE NOCASE))
      OR CASE WHEN field = '' AND new_value IS NULL AND json_valid(old_value)
              THEN json_extract(old_value, '$.serial') = ? COLLATE NOCASE ELSE 0 END)sql";

/// Whose id, as chiploc has it, begins with these digits. A long one of a maker does not tell it by its own digits.
Stored<std::vector<std::string>> gone_chips_of_id(Database& db, std::string_view digits) {
  constexpr std::size_t kDigitsLeast = 4;
  if (digits.size() < kDigitsLeast) return std::vector<std::string>{};
  std::string wanted{digits};
  std::transform(wanted.begin(), wanted.end(), wanted.begin(),
                 [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
  auto rows = db.query(R"sql(
    SELECT record_key FROM registry_changes WHERE kind = ? AND field = '' AND new_value IS NULL
    GROUP BY record_key ORDER BY max(version) DESC)sql");
  rows.bind(static_cast<std::uint32_t>(ImportKind::kChips));
  auto keys = texts_of(db, rows);
  if (!keys) return keys;
  std::erase_if(*keys, [&](const std::string& key) {
    const auto id = DeviceId::from_text(key);
    return !id || !(key.starts_with(wanted) || id->chip_id().hex().starts_with(wanted));
  });
  return keys;
}

}  // namespace

Stored<std::vector<std::string>> read_past_keys(Database& db, ImportKind kind, std::string_view name) {
  const bool chips = kind == ImportKind::kChips;
  auto rows = db.query(
      std::string{
          "SELECT record_key FROM registry_changes WHERE kind = ? AND (record_key = ? COLLATE NOCASE"} +
      (chips ? kCalledSerial : "") + ") GROUP BY record_key ORDER BY max(version) DESC");
  rows.bind(static_cast<std::uint32_t>(kind)).bind(std::string{name});
  for (int i = 0; chips && i < 3; ++i) rows.bind(std::string{name});
  auto keys = texts_of(db, rows);
  if (!keys || !keys->empty() || !chips) return keys;
  return gone_chips_of_id(db, name);
}

}  // namespace chiploc
