#pragma once
#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "proto/base/result.hpp"
#include "server/registry/records.hpp"

namespace chiploc {

/// Why a text names no single chip.
enum class ChipLookupFault {
  kNotFound,
  kAmbiguous,      ///< a prefix that fits several ids, or a serial number that several chips have
  kPrefixTooShort  ///< fewer than 4 hex digits, and no serial number either
};

/// Most records of each kind; an import beyond them is refused.
struct RegistryLimits {
  std::size_t makers = 1'000;     ///< and as many sets of revocation lists
  std::size_t chips = 2'000'000;  ///< about 1 GB of records
  std::size_t licences = 200'000;
  std::size_t anchors = 10'000;
  std::size_t territories = 10'000;
  std::size_t area_bytes = std::size_t{256} << 20;  ///< of all areas' GeoJSON together
  std::size_t models = 20'000;
  std::size_t entities = 200'000;  ///< watch lists have tens of thousands
  std::size_t sites = 100'000;
  std::size_t conditions = 400'000;
  std::size_t orders = 500'000;
  std::size_t deliveries = 1'000'000;
};

/// Makers, their revocation lists and models, chips, licences with their conditions, entities, sites, orders,
/// deliveries, anchors, named and prohibited territories as they stand at one version. A plain value: a copy shares the records, so changing a copy costs the index, not the
/// certificates. Programs pass it about as a Snapshot that never changes; import makes the next one. Owns no
/// file, database or thread.
class Registry {
 public:
  using Snapshot = std::shared_ptr<const Registry>;
  /// Sorted by key; records are shared between versions and never change.
  template <class Key, class Record>
  using Table = std::map<Key, std::shared_ptr<const Record>, std::less<>>;

  /// Number of the import that made this version; 0 before the first.
  [[nodiscard]] std::uint64_t version() const { return version_; }
  void set_version(std::uint64_t version) { version_ = version; }

  // Lookups; nullptr where there is none. The pointer lives as long as any version that holds the record.
  [[nodiscard]] const Maker* maker(std::string_view name) const;
  /// What this maker has revoked; nullptr if it never gave a list.
  [[nodiscard]] const MakerRevocations* revocations(std::string_view maker) const;
  /// The maker's authorities, parsed; empty if there is no such maker.
  [[nodiscard]] std::span<const Certificate> authorities(std::string_view maker) const;
  [[nodiscard]] const ChipRecord* chip(const ChipId& id) const;
  [[nodiscard]] const LicenceRecord* licence(std::string_view id) const;
  [[nodiscard]] const TerritoryRecord* territory(std::string_view name) const;
  [[nodiscard]] const AnchorRecord* anchor(std::string_view name) const;
  [[nodiscard]] const AnchorRecord* anchor(const AnchorId& id) const;
  [[nodiscard]] const AnchorRecord* anchor_at(const Endpoint& endpoint) const;
  [[nodiscard]] const ModelRecord* model(std::string_view name) const;
  [[nodiscard]] const EntityRecord* entity(std::string_view name) const;
  [[nodiscard]] const SiteRecord* site(std::string_view name) const;
  [[nodiscard]] const ConditionRecord* condition(std::string_view id) const;
  [[nodiscard]] const OrderRecord* order(std::string_view id) const;
  [[nodiscard]] const DeliveryRecord* delivery(std::string_view id) const;
  /// The order that brought a chip; null: its delivery is not stated.
  [[nodiscard]] const OrderRecord* order_of(const ChipRecord& chip) const;

  /// What a person typed, in any case of letters: a whole id (the maker's, or the 16 bytes on the wire), else a
  /// serial number (one to the letter goes first), else a prefix of an id (4 hex digits or more).
  [[nodiscard]] Result<const ChipRecord*, ChipLookupFault> find_chip(std::string_view text) const;
  /// The chips that an ambiguous text may mean: the first `most` of them by id, and how many there are
  /// (counted up to kCandidatesMax).
  struct Candidates {
    std::vector<const ChipRecord*> first;
    std::size_t total = 0;
  };
  static constexpr std::size_t kCandidatesMax = 1'000;
  [[nodiscard]] Candidates chips_fitting(std::string_view text, std::size_t most) const;

  [[nodiscard]] const Table<std::string, Maker>& makers() const { return makers_; }
  [[nodiscard]] const Table<std::string, MakerRevocations>& revocations() const { return revocations_; }
  [[nodiscard]] const Table<ChipId, ChipRecord>& chips() const { return chips_; }
  [[nodiscard]] const Table<std::string, LicenceRecord>& licences() const { return licences_; }
  [[nodiscard]] const Table<std::string, AnchorRecord>& anchors() const { return anchors_; }
  [[nodiscard]] const Table<std::string, TerritoryRecord>& territories() const { return territories_; }
  [[nodiscard]] const NamedPlaces& prohibited() const { return prohibited_; }
  [[nodiscard]] const Table<std::string, ModelRecord>& models() const { return models_; }
  [[nodiscard]] const Table<std::string, EntityRecord>& entities() const { return entities_; }
  [[nodiscard]] const Table<std::string, SiteRecord>& sites() const { return sites_; }
  [[nodiscard]] const Table<std::string, ConditionRecord>& conditions() const { return conditions_; }
  [[nodiscard]] const Table<std::string, OrderRecord>& orders() const { return orders_; }
  [[nodiscard]] const Table<std::string, DeliveryRecord>& deliveries() const { return deliveries_; }
  /// The part of it that is this holder's: its licences, their chips, conditions, orders and deliveries, the
  /// sites, entities and territories that these name, and those that the prohibited list names. Makers, models,
  /// anchors and the prohibited list are everybody's. Nobody is on a watch list there: that is not a holder's to
  /// know.
  [[nodiscard]] Registry of_holder(std::string_view holder) const;
  /// How many chips there are in the registry that this one is a part of (of_holder); of a whole one: its own.
  [[nodiscard]] std::size_t fleet() const { return std::max(fleet_, chips_.size()); }
  /// How many chips name this licence.
  [[nodiscard]] std::size_t chips_of_licence(std::string_view id) const { return licence_chips(id).size(); }

  // What refers to a record, by an index; empty where nothing does. The sets live as long as this registry.
  using ChipIds = std::set<ChipId>;
  using Keys = std::set<std::string>;
  [[nodiscard]] const ChipIds& licence_chips(std::string_view id) const;
  [[nodiscard]] const ChipIds& delivery_chips(std::string_view id) const;
  [[nodiscard]] const Keys& holder_licences(std::string_view name) const;
  [[nodiscard]] const Keys& licence_conditions(std::string_view id) const;
  [[nodiscard]] const Keys& licence_orders(std::string_view id) const;
  [[nodiscard]] const Keys& order_deliveries(std::string_view id) const;
  [[nodiscard]] const Keys& site_deliveries(std::string_view name) const;
  /// Of those that name it as exporter, buyer, end user or operator.
  [[nodiscard]] const Keys& entity_orders(std::string_view name) const;
  [[nodiscard]] const Keys& entity_licences(std::string_view name) const;  ///< as end user
  [[nodiscard]] const Keys& entity_sites(std::string_view name) const;     ///< as operator
  /// Of all of this holder's licences, sorted.
  [[nodiscard]] std::vector<ChipId> holder_chips(std::string_view name) const;
  /// The same, only counted.
  [[nodiscard]] std::size_t chips_of_holder(std::string_view name) const;
  // Chips by what brought them, sorted. An entity's are those of its orders, of licences whose end user it is, and
  // at sites that it operates.
  [[nodiscard]] std::vector<ChipId> order_chips(std::string_view id) const;
  [[nodiscard]] std::vector<ChipId> site_chips(std::string_view name) const;
  [[nodiscard]] std::vector<ChipId> entity_chips(std::string_view name) const;
  /// The same, only counted.
  [[nodiscard]] std::size_t chips_of_order(std::string_view id) const;

  // Adding or replacing by key. The caller (import, or storage reading back what import once checked) has
  // made sure that secondary keys (anchor id, endpoint) stay unique.
  void put(std::shared_ptr<const Maker> maker);
  void put(std::shared_ptr<const MakerRevocations> revocations);
  void put(std::shared_ptr<const ChipRecord> chip);
  void put(std::shared_ptr<const LicenceRecord> licence);
  void put(std::shared_ptr<const AnchorRecord> anchor);
  void put(std::shared_ptr<const TerritoryRecord> territory);
  void put(std::shared_ptr<const ModelRecord> model);
  void put(std::shared_ptr<const EntityRecord> entity);
  void put(std::shared_ptr<const SiteRecord> site);
  void put(std::shared_ptr<const ConditionRecord> condition);
  void put(std::shared_ptr<const OrderRecord> order);
  void put(std::shared_ptr<const DeliveryRecord> delivery);
  void put(Maker maker) { put(std::make_shared<const Maker>(std::move(maker))); }
  void put(MakerRevocations revocations) {
    put(std::make_shared<const MakerRevocations>(std::move(revocations)));
  }
  void put(ChipRecord chip) { put(std::make_shared<const ChipRecord>(std::move(chip))); }
  void put(LicenceRecord licence) { put(std::make_shared<const LicenceRecord>(std::move(licence))); }
  void put(AnchorRecord anchor) { put(std::make_shared<const AnchorRecord>(std::move(anchor))); }
  void put(TerritoryRecord territory) { put(std::make_shared<const TerritoryRecord>(std::move(territory))); }
  void put(ModelRecord model) { put(std::make_shared<const ModelRecord>(std::move(model))); }
  void put(EntityRecord entity) { put(std::make_shared<const EntityRecord>(std::move(entity))); }
  void put(SiteRecord site) { put(std::make_shared<const SiteRecord>(std::move(site))); }
  void put(ConditionRecord condition) { put(std::make_shared<const ConditionRecord>(std::move(condition))); }
  void put(OrderRecord order) { put(std::make_shared<const OrderRecord>(std::move(order))); }
  void put(DeliveryRecord delivery) { put(std::make_shared<const DeliveryRecord>(std::move(delivery))); }
  // Taking away by key what nothing refers to (removal.hpp); nothing happens if it is not there.
  void remove_maker(std::string_view name);  ///< with its revocation lists
  void remove_licence(std::string_view id);
  void remove_chip(const ChipId& id);
  void remove_anchor(std::string_view name);
  void remove_territory(std::string_view name);
  void remove_model(std::string_view name);
  void remove_entity(std::string_view name);
  void remove_site(std::string_view name);
  void remove_condition(std::string_view id);
  void remove_order(std::string_view id);
  void remove_delivery(std::string_view id);
  void set_prohibited(NamedPlaces places) { prohibited_ = std::move(places); }

 private:
  using ChipIndex = std::map<std::string, ChipIds, std::less<>>;
  using KeyIndex = std::map<std::string, Keys, std::less<>>;

  /// Out of every index but chips_.
  void forget_keys_of(const ChipRecord& chip);
  void add_parts_to(Registry& out) const;
  /// Ascending, kCandidatesMax at most; to the letter if there is any.
  [[nodiscard]] std::vector<ChipId> chips_of_serial(std::string_view text,
                                                    const std::string& folded_text) const;

  std::uint64_t version_ = 0;
  std::size_t fleet_ = 0;  ///< of a part
  Table<std::string, Maker> makers_;
  Table<std::string, std::vector<Certificate>> authorities_;  ///< of makers_, parsed
  Table<std::string, MakerRevocations> revocations_;
  Table<ChipId, ChipRecord> chips_;
  Table<std::string, LicenceRecord> licences_;
  Table<std::string, AnchorRecord> anchors_;
  Table<std::string, TerritoryRecord> territories_;
  Table<std::string, ModelRecord> models_;
  Table<std::string, EntityRecord> entities_;
  Table<std::string, SiteRecord> sites_;
  Table<std::string, ConditionRecord> conditions_;
  Table<std::string, OrderRecord> orders_;
  Table<std::string, DeliveryRecord> deliveries_;
  NamedPlaces prohibited_;
  std::unordered_multimap<std::string, ChipId> chips_by_serial_;   ///< folded
  std::map<std::string, ChipId, std::less<>> chips_by_device_id_;  ///< hex; ids of more than 16 bytes only
  ChipIndex licence_chips_, delivery_chips_;
  KeyIndex holder_licences_, licence_conditions_, licence_orders_, order_deliveries_, site_deliveries_;
  KeyIndex entity_orders_, entity_licences_, entity_sites_;
  std::map<AnchorId, std::string> anchors_by_id_;
  std::map<Endpoint, std::string> anchors_by_endpoint_;
};

}  // namespace chiploc
