#include "server/registry/registry.hpp"

#include <algorithm>

#include "server/registry/names.hpp"
#include "server/registry/registry_index.hpp"

namespace chiploc {
namespace {

constexpr std::size_t kPrefixMin = 4;

/// The smallest id that begins with these hex digits.
std::optional<ChipId> lowest_with_prefix(std::string_view digits) {
  if (digits.size() > 2 * ChipId::kSize) return std::nullopt;
  std::string padded{digits};
  padded.resize(2 * ChipId::kSize, '0');
  return ChipId::from_hex_text(padded);
}

}  // namespace

const Maker* Registry::maker(std::string_view name) const { return find_in(makers_, name); }
const MakerRevocations* Registry::revocations(std::string_view maker) const {
  return find_in(revocations_, maker);
}
std::span<const Certificate> Registry::authorities(std::string_view maker) const {
  const std::vector<Certificate>* known = find_in(authorities_, maker);
  return known == nullptr ? std::span<const Certificate>{} : std::span<const Certificate>{*known};
}
const ChipRecord* Registry::chip(const ChipId& id) const { return find_in(chips_, id); }
const AnchorRecord* Registry::anchor(std::string_view name) const { return find_in(anchors_, name); }
const TerritoryRecord* Registry::territory(std::string_view name) const {
  return find_in(territories_, name);
}

const AnchorRecord* Registry::anchor(const AnchorId& id) const {
  const auto at = anchors_by_id_.find(id);
  return at == anchors_by_id_.end() ? nullptr : anchor(at->second);
}

const AnchorRecord* Registry::anchor_at(const Endpoint& endpoint) const {
  const auto at = anchors_by_endpoint_.find(endpoint);
  return at == anchors_by_endpoint_.end() ? nullptr : anchor(at->second);
}

Registry::Candidates Registry::chips_fitting(std::string_view text, std::size_t most) const {
  Candidates out;
  const auto add = [&](const ChipId& id) {
    ++out.total;
    if (out.first.size() < most) out.first.push_back(chip(id));
  };
  if (const auto id = DeviceId::from_text(text)) {
    // A whole id means one chip, whatever else begins alike.
    const ChipRecord* named = chip(id->chip_id());
    if (named != nullptr && (device_id_of(*named) == id->hex() || id->bytes().size() == ChipId::kSize)) {
      add(named->id);
      return out;
    }
  }
  const std::string digits = folded(text);
  if (const std::vector<ChipId> ids = chips_of_serial(text, digits); !ids.empty()) {
    for (const ChipId& id : ids) add(id);
    return out;
  }
  if (const auto lowest = lowest_with_prefix(text); lowest && text.size() >= kPrefixMin) {
    for (auto at = chips_.lower_bound(*lowest); at != chips_.end() && out.total < kCandidatesMax; ++at) {
      if (at->first.hex().substr(0, digits.size()) != digits) break;
      add(at->first);
    }
  }
  if (digits.size() < kPrefixMin) return out;
  for (auto at = chips_by_device_id_.lower_bound(digits);
       at != chips_by_device_id_.end() && out.total < kCandidatesMax; ++at) {
    if (at->first.substr(0, digits.size()) != digits) break;
    add(at->second);
  }
  return out;
}

std::vector<ChipId> Registry::chips_of_serial(std::string_view text, const std::string& folded_text) const {
  std::vector<ChipId> exactly, otherwise;
  const auto [first, last] = chips_by_serial_.equal_range(folded_text);
  for (auto at = first; at != last && exactly.size() < kCandidatesMax; ++at) {
    if (chip(at->second)->serial == text) {
      exactly.push_back(at->second);
    } else if (otherwise.size() < kCandidatesMax) {
      otherwise.push_back(at->second);
    }
  }
  std::vector<ChipId>& ids = exactly.empty() ? otherwise : exactly;
  std::sort(ids.begin(), ids.end());
  return std::move(ids);
}

Result<const ChipRecord*, ChipLookupFault> Registry::find_chip(std::string_view text) const {
  const Candidates fitting = chips_fitting(text, 1);
  if (fitting.total == 1) return fitting.first.front();
  if (fitting.total > 1) return Fail{ChipLookupFault::kAmbiguous};
  const bool prefix = text.size() < kPrefixMin && lowest_with_prefix(text);
  return Fail{prefix ? ChipLookupFault::kPrefixTooShort : ChipLookupFault::kNotFound};
}

Registry Registry::of_holder(std::string_view holder) const {
  Registry out;
  out.version_ = version_;
  out.fleet_ = chips_.size();
  out.makers_ = makers_;
  out.models_ = models_;
  out.authorities_ = authorities_;
  out.revocations_ = revocations_;
  out.anchors_ = anchors_;
  out.anchors_by_id_ = anchors_by_id_;
  out.anchors_by_endpoint_ = anchors_by_endpoint_;
  out.prohibited_ = prohibited_;
  const auto add_named = [&](const NamedPlaces& places) {
    for (const std::string& name : places.territories) {
      if (const auto at = territories_.find(name); at != territories_.end()) out.put(at->second);
    }
  };
  add_named(prohibited_);
  for (const std::string& id : holder_licences(holder)) {
    const auto licence = licences_.find(id)->second;
    out.put(licence);
    add_named(licence->places);
  }
  add_parts_to(out);
  return out;
}

void Registry::put(std::shared_ptr<const Maker> maker) {
  // Import lets no other certificate pass; what other hands put into a database vouches for nobody.
  auto parsed = std::make_shared<std::vector<Certificate>>();
  for (const std::string& pem : maker->ca_certificates) {
    if (auto certificate = Certificate::from_pem(pem)) parsed->push_back(*std::move(certificate));
  }
  authorities_.insert_or_assign(maker->name, std::move(parsed));
  makers_.insert_or_assign(maker->name, std::move(maker));
}

void Registry::put(std::shared_ptr<const MakerRevocations> revocations) {
  revocations_.insert_or_assign(revocations->maker, std::move(revocations));
}

void Registry::put(std::shared_ptr<const TerritoryRecord> territory) {
  territories_.insert_or_assign(territory->name, std::move(territory));
}

namespace {
void insert_last(Registry::ChipIds& ids, const ChipId& id) { ids.insert(ids.end(), id); }
}  // namespace

void Registry::put(std::shared_ptr<const ChipRecord> chip) {
  // Most come in the order of their ids: behind the last one there is nothing to be sought.
  auto& place = chips_.try_emplace(chips_.end(), chip->id)->second;
  if (place) forget_keys_of(*place);
  if (!chip->device_id.empty()) chips_by_device_id_.emplace(to_hex(chip->device_id), chip->id);
  chips_by_serial_.emplace(folded(chip->serial), chip->id);
  insert_last(licence_chips_[chip->licence], chip->id);
  if (!chip->delivery.empty()) insert_last(delivery_chips_[chip->delivery], chip->id);
  place = std::move(chip);
}

void Registry::forget_keys_of(const ChipRecord& chip) {
  const auto [first, last] = chips_by_serial_.equal_range(folded(chip.serial));
  chips_by_serial_.erase(
      std::find_if(first, last, [&](const auto& entry) { return entry.second == chip.id; }));
  forget_in(licence_chips_, chip.licence, chip.id);
  forget_in(delivery_chips_, chip.delivery, chip.id);
  if (!chip.device_id.empty()) chips_by_device_id_.erase(to_hex(chip.device_id));
}

void Registry::put(std::shared_ptr<const AnchorRecord> anchor) {
  auto& place = anchors_[anchor->name];
  // Two anchors may swap keys or addresses within one import: forget an old entry only while it is still
  // ours.
  if (place) {
    if (const auto at = anchors_by_id_.find(place->id);
        at != anchors_by_id_.end() && at->second == place->name) {
      anchors_by_id_.erase(at);
    }
    if (const auto at = anchors_by_endpoint_.find(place->endpoint);
        at != anchors_by_endpoint_.end() && at->second == place->name) {
      anchors_by_endpoint_.erase(at);
    }
  }
  anchors_by_id_.insert_or_assign(anchor->id, anchor->name);
  anchors_by_endpoint_.insert_or_assign(anchor->endpoint, anchor->name);
  place = std::move(anchor);
}

void Registry::remove_maker(std::string_view name) {
  erase_from(makers_, name);
  erase_from(authorities_, name);
  erase_from(revocations_, name);
}
void Registry::remove_chip(const ChipId& id) {
  const auto at = chips_.find(id);
  if (at == chips_.end()) return;
  forget_keys_of(*at->second);
  chips_.erase(at);
}
void Registry::remove_territory(std::string_view name) { erase_from(territories_, name); }
void Registry::remove_anchor(std::string_view name) {
  const AnchorRecord* record = anchor(name);
  if (record == nullptr) return;
  anchors_by_id_.erase(record->id);
  anchors_by_endpoint_.erase(record->endpoint);
  erase_from(anchors_, name);
}

}  // namespace chiploc
