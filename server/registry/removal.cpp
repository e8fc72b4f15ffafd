#include "server/registry/removal.hpp"

#include <algorithm>

#include "proto/crypto/digest.hpp"

namespace chiploc {
namespace {

class Uses {
 public:
  explicit Uses(std::size_t most) : most_{most} {}
  void add(std::string user) {
    if (out_.first.size() < most_) out_.first.push_back(std::move(user));
    ++out_.total;
  }
  RecordUses take() { return std::move(out_); }

 private:
  std::size_t most_;
  RecordUses out_;
};

bool has_name(const NamedPlaces& places, std::string_view territory) {
  return std::find(places.territories.begin(), places.territories.end(), territory) !=
         places.territories.end();
}

}  // namespace

RecordUses uses_of(const Registry& registry, ImportKind kind, std::string_view name, std::size_t most) {
  Uses uses{most};
  if (kind == ImportKind::kTerritories) {
    if (has_name(registry.prohibited(), name)) uses.add("the prohibited list");
    for (const auto& [id, licence] : registry.licences()) {
      if (has_name(licence->places, name)) uses.add("licence " + id);
    }
  }
  if (kind == ImportKind::kLicences || kind == ImportKind::kMakers) {
    for (const auto& [id, chip] : registry.chips()) {
      if ((kind == ImportKind::kLicences ? chip->licence : chip->maker) == name)
        uses.add("chip " + device_id_of(*chip));
    }
  }
  return uses.take();
}

bool has_record(const Registry& registry, ImportKind kind, std::string_view name) {
  switch (kind) {
    case ImportKind::kMakers:
      return registry.maker(name) != nullptr;
    case ImportKind::kLicences:
      return registry.licence(name) != nullptr;
    case ImportKind::kAnchors:
      return registry.anchor(name) != nullptr;
    case ImportKind::kTerritories:
      return registry.territory(name) != nullptr;
    case ImportKind::kChips: {
      const auto id = DeviceId::from_text(name);
      const ChipRecord* chip = id ? registry.chip(id->chip_id()) : nullptr;
      return chip != nullptr && device_id_of(*chip) == id->hex();
    }
    case ImportKind::kProhibitedTerritories:
    case ImportKind::kRevocations:
      return false;
  }
  return false;
}

bool removable(ImportKind kind) {
  return kind != ImportKind::kProhibitedTerritories && kind != ImportKind::kRevocations;
}

ImportPlan plan_removal(const Registry::Snapshot& base, ImportKind kind, const std::string& name) {
  Registry next{*base};
  if (kind == ImportKind::kMakers) next.remove_maker(name);
  if (kind == ImportKind::kLicences) next.remove_licence(name);
  if (kind == ImportKind::kAnchors) next.remove_anchor(name);
  if (kind == ImportKind::kTerritories) next.remove_territory(name);
  if (kind == ImportKind::kChips) {
    if (const auto id = DeviceId::from_text(name)) next.remove_chip(id->chip_id());
  }
  next.set_version(base->version() + 1);
  ImportPlan plan;
  plan.base_version = base->version();
  plan.removed = RemovedRecord{kind, name};
  plan.files.push_back({kind, name, sha256(Bytes{}), 0});  // the journal says of what
  plan.registry = std::make_shared<const Registry>(std::move(next));
  return plan;
}

}  // namespace chiploc
