#include <algorithm>

#include "proto/crypto/digest.hpp"
#include "server/registry/fields.hpp"
#include "server/storage/sqlite/registry.hpp"
#include "server/storage/sqlite/registry_rows.hpp"

namespace chiploc {
namespace {

/// What was checked before it was saved fails these checks only if the file was changed by other hands.
template <class T>
bool take(Field<T> parsed, T& out) {
  if (!parsed) return false;
  out = std::move(*parsed);
  return true;
}

Stored<Done> read_makers(Database& db, Registry& registry) {
  auto rows = db.query("SELECT name, ca_pem FROM makers");
  while (rows.next()) {
    Maker maker{rows.text(0), {}};
    if (!take(split_pem(rows.text(1)), maker.ca_certificates))
      return Fail{db.fault(StoreFaultCode::kCorrupt,
                           "maker " + shown(maker.name) + " has no usable certificates; restore a backup")};
    registry.put(std::move(maker));
  }
  if (rows.failed()) return Fail{db.fault("read the makers")};
  return Done{};
}

Stored<Done> read_revocations(Database& db, Registry& registry) {
  MakerRevocations record;
  const auto put = [&] {
    if (!record.lists.empty()) registry.put(std::move(record));
  };
  auto rows = db.query("SELECT maker, der FROM revocation_lists ORDER BY maker, position");
  while (rows.next()) {
    if (rows.text(0) != record.maker) {
      put();
      record = {rows.text(0), {}};
    }
    const auto list = RevocationList::from_der(rows.blob(1));
    if (!list) {
      return Fail{
          db.fault(StoreFaultCode::kCorrupt,
                   "maker " + shown(record.maker) + " has an unusable revocation list; restore a backup")};
    }
    record.lists.push_back(*list);
  }
  if (rows.failed()) return Fail{db.fault("read the revocation lists")};
  put();
  return Done{};
}

Stored<Done> read_territories(Database& db, Registry& registry) {
  auto rows = db.query("SELECT name, countries, geojson FROM territories");
  while (rows.next()) {
    TerritoryRecord territory{.name = rows.text(0), .countries = {}, .geojson = {}};
    const std::string geojson = rows.text(2);
    if (!geojson.empty()) {
      territory = stored_area_territory(territory.name, geojson);
    } else if (!take(parse_countries(rows.text(1), {}), territory.countries)) {
      return Fail{db.fault(StoreFaultCode::kCorrupt,
                           "territory " + shown(territory.name) + " cannot be read; restore a backup")};
    }
    registry.put(std::move(territory));
  }
  if (rows.failed()) return Fail{db.fault("read the territories")};
  return Done{};
}

/// A name that nothing has would lift a prohibition, or make a licence one for nowhere.
bool all_known(const NamedPlaces& places, const Registry& registry) {
  return std::all_of(places.territories.begin(), places.territories.end(),
                     [&](const std::string& name) { return registry.territory(name) != nullptr; });
}

Stored<Done> read_prohibited(Database& db, Registry& registry) {
  NamedPlaces prohibited;
  auto rows = db.query("SELECT country FROM prohibited ORDER BY country");
  while (rows.next()) {
    NamedPlaces one;
    if (!take(parse_places(rows.text(0), {}), one) || !all_known(one, registry)) {
      return Fail{db.fault(StoreFaultCode::kCorrupt,
                           "a prohibited territory is neither a code nor a known name; restore a backup")};
    }
    prohibited.countries.insert(prohibited.countries.end(), one.countries.begin(), one.countries.end());
    prohibited.territories.insert(prohibited.territories.end(), one.territories.begin(),
                                  one.territories.end());
  }
  if (rows.failed()) return Fail{db.fault("read the prohibited territories")};
  registry.set_prohibited(std::move(prohibited));
  return Done{};
}

Stored<Done> read_licences(Database& db, Registry& registry) {
  auto rows =
      db.query("SELECT licence, holder, countries, valid_from, valid_to, end_user, quantity FROM licences");
  while (rows.next()) {
    LicenceRecord licence{rows.text(0), rows.text(1), {}, {}, {}, rows.text(5), rows.small(6)};
    if (!take(parse_places(rows.text(2), {}), licence.places) || !all_known(licence.places, registry) ||
        !take(parse_date(rows.text(3)), licence.valid_from) ||
        !take(parse_date(rows.text(4)), licence.valid_to)) {
      return Fail{db.fault(StoreFaultCode::kCorrupt,
                           "licence " + shown(licence.id) + " cannot be read; restore a backup")};
    }
    registry.put(std::move(licence));
  }
  if (rows.failed()) return Fail{db.fault("read the licences")};
  return Done{};
}

Stored<Done> read_anchors(Database& db, Registry& registry) {
  auto rows = db.query(R"sql(
    SELECT name, public_key, lat_deg, lon_deg, uncertainty_km, operator_name, network, address, rendezvous
    FROM anchors)sql");
  while (rows.next()) {
    AnchorRecord anchor;
    anchor.name = rows.text(0);
    const ByteVector key = rows.blob(1);
    if (key.size() != anchor.public_key.size() || !take(parse_address(rows.text(7)), anchor.endpoint)) {
      return Fail{db.fault(StoreFaultCode::kCorrupt,
                           "anchor " + shown(anchor.name) + " cannot be read; restore a backup")};
    }
    std::copy(key.begin(), key.end(), anchor.public_key.begin());
    anchor.id = anchor_id_of(anchor.public_key);
    anchor.place = {rows.real(2), rows.real(3)};
    anchor.uncertainty = Kilometers{rows.real(4)};
    anchor.operator_name = rows.text(5);
    anchor.network = rows.text(6);
    anchor.rendezvous = rows.integer(8) != 0;
    registry.put(std::move(anchor));
  }
  if (rows.failed()) return Fail{db.fault("read the anchors")};
  return Done{};
}

Stored<Done> read_chips(Database& db, Registry& registry) {
  auto rows = db.query(
      "SELECT chip, serial, maker, model, licence, reach, certificate, device_id, issuers, delivery FROM chips");
  while (rows.next()) {
    ChipRecord chip{rows.id<ChipId>(0), rows.text(1), rows.text(2), rows.text(3), rows.text(4),
                    rows.blob(6),       {},           rows.blob(7), {},           rows.text(9)};
    auto issuers = split_der(rows.blob(8));
    if (issuers) chip.issuers = std::move(*issuers);
    if (!take(parse_reach(rows.text(5)), chip.reach) || !issuers)
      return Fail{
          db.fault(StoreFaultCode::kCorrupt, "chip " + chip.id.hex() + " cannot be read; restore a backup")};
    registry.put(std::move(chip));
  }
  if (rows.failed()) return Fail{db.fault("read the chips")};
  return Done{};
}

}  // namespace

Stored<Registry::Snapshot> read_registry(Database& db) {
  auto registry = std::make_shared<Registry>();
  for (const auto read :
       {read_makers, read_models, read_revocations, read_territories, read_prohibited, read_entities,
        read_sites, read_licences, read_conditions, read_orders, read_deliveries, read_anchors, read_chips}) {
    const auto done = read(db, *registry);
    if (!done) return Fail{done.error()};
  }
  const auto version = db.integer("SELECT coalesce(max(version), 0) FROM imports");
  if (!version) return Fail{version.error()};
  registry->set_version(static_cast<std::uint64_t>(*version));
  return Registry::Snapshot{std::move(registry)};
}

namespace {

constexpr std::string_view kImportColumns = R"sql(
  SELECT version, at_unix_ns, imported_by, added, changed, unchanged, removed, imported_by_sha256, reason
  FROM imports )sql";

ImportJournalEntry import_of(const Query& row) {
  ImportStamp stamp{row.text(2), row.time(1), {}, row.text(8)};
  if (!row.is_null(7)) stamp.with = row.id<Digest>(7);
  return {row.count(0), std::move(stamp), row.small(3), row.small(4), row.small(5), row.small(6), {}};
}

bool read_import_files(Database& db, ImportJournalEntry& entry) {
  auto files =
      db.query("SELECT kind, name, sha256, row_count FROM import_files WHERE version = ? ORDER BY position");
  files.bind(entry.version);
  while (files.next()) {
    entry.files.push_back(
        {static_cast<std::uint8_t>(files.integer(0)), files.text(1), files.id<Digest>(2), files.small(3)});
  }
  return !files.failed();
}

}  // namespace

Stored<std::vector<ImportJournalEntry>> read_imports(Database& db, std::size_t limit) {
  std::vector<ImportJournalEntry> entries;
  auto rows = db.query(std::string{kImportColumns} + "ORDER BY version DESC LIMIT ?");
  rows.bind(std::uint64_t{limit});
  while (rows.next()) entries.push_back(import_of(rows));
  if (rows.failed()) return Fail{db.fault("read the imports")};
  for (ImportJournalEntry& entry : entries)
    if (!read_import_files(db, entry)) return Fail{db.fault("read the imports")};
  return entries;
}

std::optional<ImportJournalEntry> read_import(Database& db, std::int64_t version) {
  auto row = db.query(std::string{kImportColumns} + "WHERE version = ?");
  if (!row.bind(version).next()) return std::nullopt;
  ImportJournalEntry entry = import_of(row);
  if (!read_import_files(db, entry)) return std::nullopt;
  return entry;
}

}  // namespace chiploc
