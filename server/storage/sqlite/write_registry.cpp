#include "proto/base/joined.hpp"
#include "proto/crypto/certificate.hpp"
#include "server/storage/sqlite/counters.hpp"
#include "server/storage/sqlite/registry.hpp"
#include "server/storage/sqlite/registry_rows.hpp"

namespace chiploc {
namespace {

// Upserts, not REPLACE: replacing deletes the old row first, and chips refer to makers and licences.
bool put(Database& db, const Maker& maker) {
  auto row = db.query(R"sql(
    INSERT INTO makers (name, ca_pem) VALUES (?, ?)
    ON CONFLICT (name) DO UPDATE SET ca_pem = excluded.ca_pem)sql");
  return row.bind(maker.name).bind(joined(maker.ca_certificates, "")).run();
}

bool put(Database& db, const MakerRevocations& revocations) {
  bool saved = db.query("DELETE FROM revocation_lists WHERE maker = ?").bind(revocations.maker).run();
  for (std::size_t i = 0; saved && i < revocations.lists.size(); ++i) {
    const ByteVector der = revocations.lists[i].der();
    saved = db.query("INSERT INTO revocation_lists (maker, position, der) VALUES (?, ?, ?)")
                .bind(revocations.maker)
                .bind(std::uint64_t{i})
                .bind(Bytes{der})
                .run();
  }
  return saved;
}

bool put(Database& db, const LicenceRecord& licence) {
  auto row = db.query(R"sql(
    INSERT INTO licences (licence, holder, countries, valid_from, valid_to, end_user, quantity)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (licence) DO UPDATE SET
      holder = excluded.holder, countries = excluded.countries, valid_from = excluded.valid_from,
      valid_to = excluded.valid_to, end_user = excluded.end_user, quantity = excluded.quantity)sql");
  return row.bind(licence.id)
      .bind(licence.holder)
      .bind(to_text(licence.places))
      .bind(to_text(licence.valid_from))
      .bind(to_text(licence.valid_to))
      .bind(licence.end_user)
      .bind(licence.quantity)
      .run();
}

bool put(Database& db, const TerritoryRecord& territory) {
  auto row = db.query(R"sql(
    INSERT INTO territories (name, countries, geojson) VALUES (?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET countries = excluded.countries, geojson = excluded.geojson)sql");
  return row.bind(territory.name).bind(joined(territory.countries, " ")).bind(territory.geojson).run();
}

bool put(Database& db, const AnchorRecord& anchor) {
  auto row = db.query(R"sql(
    INSERT INTO anchors (name, public_key, lat_deg, lon_deg, uncertainty_km, operator_name, network,
                         address, rendezvous)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET
      public_key = excluded.public_key, lat_deg = excluded.lat_deg, lon_deg = excluded.lon_deg,
      uncertainty_km = excluded.uncertainty_km, operator_name = excluded.operator_name,
      network = excluded.network, address = excluded.address, rendezvous = excluded.rendezvous)sql");
  row.bind(anchor.name)
      .bind(Bytes{anchor.public_key})
      .bind(anchor.place.lat)
      .bind(anchor.place.lon)
      .bind(anchor.uncertainty.km());
  return row.bind(anchor.operator_name)
      .bind(anchor.network)
      .bind(to_text(anchor.endpoint))
      .bind(anchor.rendezvous)
      .run();
}

bool put(Database& db, const ChipRecord& chip) {
  auto row = db.query(R"sql(
    INSERT INTO chips (chip, serial, maker, model, licence, reach, certificate, device_id, issuers, delivery)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (chip) DO UPDATE SET
      serial = excluded.serial, maker = excluded.maker, model = excluded.model,
      licence = excluded.licence, reach = excluded.reach, certificate = excluded.certificate,
      device_id = excluded.device_id, issuers = excluded.issuers, delivery = excluded.delivery)sql");
  row.bind(chip.id).bind(chip.serial).bind(chip.maker).bind(chip.model).bind(chip.licence);
  const ByteVector issuers = join_der(chip.issuers);
  row.bind(to_text(chip.reach)).bind(Bytes{chip.certificate});
  return row.bind(Bytes{chip.device_id}).bind(Bytes{issuers}).bind(chip.delivery).run();
}

template <class Records>
bool put_all(Database& db, const Records& records) {
  for (const auto& record : records) {
    if (!put(db, *record)) return false;
  }
  return true;
}

}  // namespace

Stored<Done> SqliteRegistry::save_import(const ImportPlan& plan, const ImportStamp& stamp) {
  if (!plan.ok() || !plan.registry)
    return Fail{StoreFault{StoreFaultCode::kInvalid, "an import with faults is never saved"}};
  return writer_.atomically([&]() -> Stored<Done> {
    const auto version = db().integer("SELECT coalesce(max(version), 0) FROM imports");
    if (!version) return Fail{version.error()};
    if (static_cast<std::uint64_t>(*version) != plan.base_version) {
      return Fail{db().fault(StoreFaultCode::kConflict,
                             "another import came first (version " + std::to_string(*version) +
                                 ", this one was planned from " + std::to_string(plan.base_version) +
                                 "); check and import again")};
    }
    auto saved = save_counter_starts(plan, stamp);
    if (saved) saved = save_records(plan);
    if (saved && plan.removed) saved = remove_record(*plan.removed);
    if (saved && plan.prohibited_differs) saved = save_prohibited(plan);
    if (saved) saved = save_journal(plan, stamp);
    if (saved) saved = save_changes(plan);
    return saved;
  });
}

/// Before the chips are saved, since the old certificate says which key they had.
Stored<Done> SqliteRegistry::save_counter_starts(const ImportPlan& plan, const ImportStamp& stamp) {
  const auto failed = [&] { return Fail{db().fault("look up the keys of the chips that change")}; };
  for (const auto& chip : plan.chips) {
    ByteVector old;
    {
      auto row = db().query("SELECT certificate FROM chips WHERE chip = ?");
      row.bind(chip->id);
      if (row.next()) old = row.blob(0);
      if (row.failed()) return failed();
    }
    if (old.empty() || old == chip->certificate) continue;
    const auto before = signer_of_certificate(old);
    const auto now = signer_of_certificate(chip->certificate);
    if (!before || !now || *before == *now) continue;
    const auto kept = counters_of(db(), chip->id, *now);
    if (!kept) return Fail{kept.error()};
    if (*kept) continue;  // a key that comes back goes on where it was
    const auto last = counters_of(db(), chip->id, *before);
    if (!last) return Fail{last.error()};
    if (!put_counter_start(db(), {chip->id, *now, stamp.at, stamp.by, "", *last})) return failed();
  }
  return Done{};
}

Stored<Done> SqliteRegistry::save_records(const ImportPlan& plan) {
  // What others refer to comes first.
  if (put_all(db(), plan.makers) && put_all(db(), plan.models) && put_all(db(), plan.entities) &&
      put_all(db(), plan.sites) && put_all(db(), plan.licences) && put_all(db(), plan.conditions) &&
      put_all(db(), plan.orders) && put_all(db(), plan.deliveries) && put_all(db(), plan.anchors) &&
      put_all(db(), plan.territories) && put_all(db(), plan.revocations) && put_all(db(), plan.chips))
    return Done{};
  return Fail{db().fault("save the import")};
}

Stored<Done> SqliteRegistry::remove_record(const RemovedRecord& record) {
  const auto erase = [&](std::string_view sql) { return db().query(sql).bind(record.name).run(); };
  bool removed = false;
  switch (record.kind) {
    case ImportKind::kMakers:
      removed =
          erase("DELETE FROM revocation_lists WHERE maker = ?") && erase("DELETE FROM makers WHERE name = ?");
      break;
    case ImportKind::kLicences:
      removed = erase("DELETE FROM licences WHERE licence = ?");
      break;
    case ImportKind::kAnchors:
      removed = erase("DELETE FROM anchors WHERE name = ?");
      break;
    case ImportKind::kTerritories:
      removed = erase("DELETE FROM territories WHERE name = ?");
      break;
    case ImportKind::kModels:
      removed = erase("DELETE FROM models WHERE name = ?");
      break;
    case ImportKind::kEntities:
      removed = erase("DELETE FROM entities WHERE name = ?");
      break;
    case ImportKind::kSites:
      removed = erase("DELETE FROM sites WHERE name = ?");
      break;
    case ImportKind::kConditions:
      removed = erase("DELETE FROM conditions WHERE condition = ?");
      break;
    case ImportKind::kOrders:
      removed = erase("DELETE FROM orders WHERE order_id = ?");
      break;
    case ImportKind::kDeliveries:
      removed = erase("DELETE FROM deliveries WHERE delivery = ?");
      break;
    case ImportKind::kChips:
      return remove_chip(record.name);
    case ImportKind::kProhibitedTerritories:
    case ImportKind::kRevocations:
      return Fail{StoreFault{StoreFaultCode::kInvalid, "records of this kind are not removed one by one"}};
  }
  if (!removed) return Fail{db().fault("remove " + record.name)};
  return Done{};
}

/// What was signed for a chip or by it can be read only while somebody says whose it is.
Stored<Done> SqliteRegistry::remove_chip(const std::string& name) {
  const auto id = DeviceId::from_text(name);
  if (!id) return Fail{StoreFault{StoreFaultCode::kInvalid, "no chip is called " + name}};
  const ChipId chip = id->chip_id();
  const auto count_of = [&](std::string_view sql) -> std::optional<std::uint64_t> {
    auto row = db().query(sql);
    row.bind(chip);
    const std::uint64_t found = row.next() ? row.count(0) : 0;
    return row.failed() ? std::nullopt : std::optional{found};
  };
  const auto rounds = count_of("SELECT max(rounds, latest IS NOT NULL) FROM standings WHERE chip = ?");
  const auto knocks = count_of("SELECT count(*) FROM knocks WHERE chip = ?");
  if (!rounds || !knocks) return Fail{db().fault("look up what uses chip " + name)};
  if (*rounds + *knocks > 0) {
    const auto counted = [](std::uint64_t n, const char* one) {
      return std::to_string(n) + " " + one + (n == 1 ? "" : "s");
    };
    std::vector<std::string> users;
    if (*rounds > 0) users.push_back(counted(*rounds, "round") + " with what was signed in them");
    if (*knocks > 0) users.push_back(counted(*knocks, "knock") + " with a proof of its key");
    return Fail{StoreFault{
        StoreFaultCode::kConflict,
        "chip " + name + " is used by " + joined(users, " and ") +
            "; nothing was removed. That it no longer counts is said by its maker's revocation list (import "
            "--revocations) or by the end of its licence"}};
  }
  if (!db().query("DELETE FROM chips WHERE chip = ?").bind(chip).run() ||
      !db().query("DELETE FROM chip_status WHERE chip = ?").bind(chip).run())
    return Fail{db().fault("remove chip " + name)};
  return Done{};
}

Stored<Done> SqliteRegistry::save_prohibited(const ImportPlan& plan) {
  bool saved = db().query("DELETE FROM prohibited").run();
  const auto add = [&](std::string_view place) {
    saved = saved && db().query("INSERT INTO prohibited (country) VALUES (?)").bind(place).run();
  };
  const NamedPlaces& prohibited = plan.registry->prohibited();
  for (const CountryCode code : prohibited.countries) add(code.view());
  for (const std::string& name : prohibited.territories) add(name);
  if (!saved) return Fail{db().fault("save the prohibited territories")};
  return Done{};
}

Stored<Done> SqliteRegistry::save_journal(const ImportPlan& plan, const ImportStamp& stamp) {
  const std::uint64_t version = plan.registry->version();
  auto entry = db().query(R"sql(
    INSERT INTO imports (version, at_unix_ns, imported_by, added, changed, unchanged, removed,
                         reason, imported_by_sha256)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?))sql");
  entry.bind(version).bind(stamp.at).bind(stamp.by).bind(plan.added).bind(plan.changed).bind(plan.unchanged);
  entry.bind(static_cast<std::uint32_t>(plan.removed ? 1 : 0)).bind(stamp.reason);
  bool saved = (stamp.with ? entry.bind(*stamp.with) : entry.bind_null()).run();
  for (std::size_t i = 0; saved && i < plan.files.size(); ++i) {
    const ImportedFile& file = plan.files[i];
    auto row = db().query(R"sql(
      INSERT INTO import_files (version, position, kind, name, sha256, row_count)
      VALUES (?, ?, ?, ?, ?, ?))sql");
    row.bind(version).bind(std::uint64_t{i}).bind(static_cast<std::uint32_t>(file.kind));
    saved = row.bind(file.name).bind(file.sha256).bind(file.rows).run();
  }
  if (!saved) return Fail{db().fault("write the import's journal")};
  return Done{};
}

}  // namespace chiploc
