#pragma once
// From files that people wrote to the next version of the registry: all of it, or a list of faults.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/base/ids.hpp"
#include "proto/base/time.hpp"
#include "server/registry/fields.hpp"
#include "server/registry/registry.hpp"
#include "server/tables/rows.hpp"

namespace chiploc {

/// The numbers are those of v1::ImportKind.
enum class ImportKind : std::uint8_t {
  kMakers = 1,
  kChips = 2,
  kLicences = 3,
  kAnchors = 4,
  kProhibitedTerritories = 5,  ///< the whole list: what it does not name is no longer prohibited
  kRevocations = 6,            ///< a maker's revocation lists, all of them at once
  kTerritories = 7,            ///< groups of countries, and areas, under a name
  kModels = 8,
  kEntities = 9,  ///< exporters, buyers, end users, operators, and whether they are watched
  kSites = 10,
  kOrders = 11,
  kDeliveries = 12,
  kConditions = 13,  ///< of licences
};
/// "maker", "chip", ...: what people call one record.
[[nodiscard]] std::string_view word_of(ImportKind kind);
enum class ImportFormat : std::uint8_t { kCsv = 1, kJson = 2 };

struct ImportFile {
  ImportKind kind{};
  std::string name;  ///< as the person knows it; only ever shown
  ImportFormat format = ImportFormat::kCsv;
  std::string content;
};

using ImportFault = RowFault;

struct ImportLimits {
  std::size_t file_bytes = std::size_t{128} << 20;  ///< some 190,000 chips
  std::size_t rows = 1'000'000;                     ///< over all files of one request
  std::size_t field_bytes = std::size_t{16} << 10;
  std::size_t area_bytes = std::size_t{1} << 20;    ///< geojson: AreaLimits
  std::size_t crl_bytes = std::size_t{4} << 20;     ///< crl_pem: a maker's lists, some 80,000 entries in PEM
  std::size_t ca_bytes = std::size_t{32} << 20;     ///< ca_pem: thousands, OpenSSL's -text output included
  std::size_t chain_bytes = std::size_t{64} << 10;  ///< certificate_pem: a chip's own and two device CAs
  std::size_t authorities = 20'000;                 ///< of one maker
  std::size_t faults = 100;                         ///< kept; the total goes on counting
  RegistryLimits registry;
};

/// Since when nothing more of an order is to come in, and why.
struct OrderHold {
  WallTime since;
  std::string why;
  std::vector<std::string> overrides{};  ///< deliveries that may come in all the same
};
/// nullopt: the order of this id is not on hold.
using OrderHoldOf = std::function<std::optional<OrderHold>(std::string_view order)>;

/// Calls each(0) to each(count - 1), in any order and on as many threads as it likes; returns when all are done.
using ForEach = std::function<void(std::size_t count, const std::function<void(std::size_t)>& each)>;

struct ImportOptions {
  WallTime now;                ///< certificates must be valid at this time
  KnownCountry known_country;  ///< empty: any two capitals; else usually Borders::world().knows()
  ImportLimits limits;
  OrderHoldOf hold_of{};  ///< empty: no order is on hold
  /// For what takes long and is each for itself: reading chips' certificates and verifying them. Empty: one after the
  /// other.
  ForEach for_each{};
};

/// One record by its kind and key.
struct RemovedRecord {
  ImportKind kind{};
  std::string name;
};

/// For the journal: what was imported.
struct ImportedFile {
  ImportKind kind{};
  std::string name;
  Digest sha256;
  std::uint32_t rows = 0;
};

/// The outcome. With faults there is no registry and nothing to save.
struct ImportPlan {
  std::vector<ImportFault> faults;  ///< the first ones, by file and line
  std::uint32_t faults_total = 0;
  Registry::Snapshot registry;  ///< version base_version + 1; null with faults
  std::uint64_t base_version = 0;
  Registry::Snapshot base;  ///< that it was made from; null: an empty one
  std::uint32_t added = 0, changed = 0, unchanged = 0;
  struct Counts {
    std::uint32_t added = 0, changed = 0, unchanged = 0;
  };
  std::map<ImportKind, Counts> by_kind;  ///< the same, of the kinds that were there
  std::vector<ImportedFile> files;
  // What differs from the base, for storage. The prohibited list is saved whole when prohibited_differs.
  std::vector<std::shared_ptr<const Maker>> makers;
  std::vector<std::shared_ptr<const MakerRevocations>> revocations;
  std::vector<std::shared_ptr<const LicenceRecord>> licences;
  std::vector<std::shared_ptr<const AnchorRecord>> anchors;
  std::vector<std::shared_ptr<const ChipRecord>> chips;
  std::vector<std::shared_ptr<const TerritoryRecord>> territories;
  std::vector<std::shared_ptr<const ModelRecord>> models;
  std::vector<std::shared_ptr<const EntityRecord>> entities;
  std::vector<std::shared_ptr<const SiteRecord>> sites;
  std::vector<std::shared_ptr<const ConditionRecord>> conditions;
  std::vector<std::shared_ptr<const OrderRecord>> orders;
  std::vector<std::shared_ptr<const DeliveryRecord>> deliveries;
  bool prohibited_differs = false;
  /// The record that it takes away (removal.hpp); an import never does.
  std::optional<RemovedRecord> removed{};

  [[nodiscard]] bool ok() const { return faults_total == 0; }
};

/// Reads, checks and merges. Pure: the same arguments give the same plan.
///
/// Keys        maker name (of its record, and of its revocation lists), chip id, licence id, anchor name,
///             country; name of a model, entity or site; id of a condition, order or delivery. A key may occur once in all the files of one kind in one request; a known key
///             replaces the record, an unknown one adds it. Nothing is ever removed, except that the
///             prohibited list is replaced as a whole. A column that a file does not have (columns_of) leaves
///             what is registered; an empty cell takes it away.
/// References  chip -> maker, licence, delivery; lists, model -> maker; licence -> end user; condition ->
///             licence; site -> operator; order -> licence, entities; delivery -> order, site: in the base or
///             in any file of the request, in any order. An entity has the role in which it is named.
/// Checks      every field (fields.hpp), unique anchor keys and addresses, anchor keys on the curve, every
///             chip's certificate: issued by one of its maker's authorities, directly or over the device CAs
///             given with it, valid now, not revoked if it is new, subject serialNumber equal to the chip id;
///             no two ids with one name on the wire.
/// Lists       each is signed by one of the maker's authorities, usable (RevocationList::unusable), and
///             current now; no two of one authority overlap, none is older than the one that it follows, and
///             no authority that had one is left without.
/// Amounts     New chips may not exceed what their licence, order or delivery is for, nor new deliveries what
///             their order is for. A chip and the order that brought it have one licence.
/// Holds       Of an order on hold (ImportOptions) come neither new deliveries nor new chips, but of a delivery
///             that says why all the same.
/// Registered  An import that changes a maker's authorities or lists may leave no registered chip without a
///             valid issuer, or without a list that covers it; the fault names the first of them and says how
///             many more.
/// Faults      all of them are counted, the first `limits.faults` kept, in the order of the files.
[[nodiscard]] ImportPlan plan_import(const Registry::Snapshot& base, const std::vector<ImportFile>& files,
                                     const ImportOptions& options);

}  // namespace chiploc
