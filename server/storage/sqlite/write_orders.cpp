#include "server/storage/sqlite/registry.hpp"
#include "server/storage/sqlite/registry_rows.hpp"

namespace chiploc {

bool put(Database& db, const ModelRecord& model) {
  auto row = db.query(R"sql(
    INSERT INTO models (name, maker, eccn, note) VALUES (?, ?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET maker = excluded.maker, eccn = excluded.eccn, note = excluded.note)sql");
  return row.bind(model.name).bind(model.maker).bind(model.eccn).bind(model.note).run();
}

bool put(Database& db, const EntityRecord& entity) {
  auto row = db.query(R"sql(
    INSERT INTO entities (name, roles, country, watch_reason, watch_since) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET
      roles = excluded.roles, country = excluded.country, watch_reason = excluded.watch_reason,
      watch_since = excluded.watch_since)sql");
  row.bind(entity.name).bind(to_text(entity.roles)).bind(entity.country ? entity.country->text() : "");
  return row.bind(entity.watch ? entity.watch->reason : "")
      .bind(entity.watch ? to_text(entity.watch->since) : "")
      .run();
}

bool put(Database& db, const SiteRecord& site) {
  auto row = db.query(R"sql(
    INSERT INTO sites (name, operator_name, place, address) VALUES (?, ?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET
      operator_name = excluded.operator_name, place = excluded.place, address = excluded.address)sql");
  return row.bind(site.name).bind(site.operated_by).bind(to_text(site.place)).bind(site.address).run();
}

bool put(Database& db, const ConditionRecord& condition) {
  auto row = db.query(R"sql(
    INSERT INTO conditions (condition, licence, kind, due, share_percent, evidence, evidence_sha256, met)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (condition) DO UPDATE SET
      licence = excluded.licence, kind = excluded.kind, due = excluded.due,
      share_percent = excluded.share_percent, evidence = excluded.evidence,
      evidence_sha256 = excluded.evidence_sha256, met = excluded.met)sql");
  row.bind(condition.id).bind(condition.licence).bind(to_text(condition.kind)).bind(to_text(condition.due));
  row.bind(condition.share_percent).bind(condition.evidence);
  if (condition.evidence_sha256) {
    row.bind(*condition.evidence_sha256);
  } else {
    row.bind_null();
  }
  return row.bind(condition.met ? to_text(*condition.met) : "").run();
}

bool put(Database& db, const OrderRecord& order) {
  auto row = db.query(R"sql(
    INSERT INTO orders (order_id, licence, exporter, buyer, end_user, operator_name, quantity, placed)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (order_id) DO UPDATE SET
      licence = excluded.licence, exporter = excluded.exporter, buyer = excluded.buyer,
      end_user = excluded.end_user, operator_name = excluded.operator_name, quantity = excluded.quantity,
      placed = excluded.placed)sql");
  row.bind(order.id).bind(order.licence).bind(order.exporter).bind(order.buyer).bind(order.end_user);
  return row.bind(order.operated_by).bind(order.quantity).bind(to_text(order.placed)).run();
}

bool put(Database& db, const DeliveryRecord& delivery) {
  auto row = db.query(R"sql(
    INSERT INTO deliveries (delivery, order_id, site, date, quantity, override_reason)
    VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (delivery) DO UPDATE SET
      order_id = excluded.order_id, site = excluded.site, date = excluded.date, quantity = excluded.quantity,
      override_reason = excluded.override_reason)sql");
  row.bind(delivery.id).bind(delivery.order).bind(delivery.site).bind(to_text(delivery.date));
  return row.bind(delivery.quantity).bind(delivery.override_reason).run();
}

/// Behind the journal, to which each row belongs.
Stored<Done> SqliteRegistry::save_changes(const ImportPlan& plan) {
  const std::uint64_t version = plan.registry->version();
  std::uint64_t position = 0;
  const auto bind_or_null = [](Query& row, const std::optional<std::string>& value) {
    if (value) {
      row.bind(*value);
    } else {
      row.bind_null();
    }
  };
  const bool saved = each_history_entry(plan, [&](const HistoryEntry& entry) {
    auto row = db().query(R"sql(
      INSERT INTO registry_changes (version, position, kind, record_key, field, old_value, new_value)
      VALUES (?, ?, ?, ?, ?, ?, ?))sql");
    row.bind(version).bind(position++).bind(static_cast<std::uint32_t>(entry.kind));
    row.bind(entry.key).bind(entry.field);
    bind_or_null(row, entry.before);
    bind_or_null(row, entry.after);
    return row.run();
  });
  if (!saved) return Fail{db().fault("write what the import changes")};
  return Done{};
}

}  // namespace chiploc
