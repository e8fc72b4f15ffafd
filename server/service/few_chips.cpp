#include "server/service/few_chips.hpp"

namespace chiploc {

std::optional<std::vector<ChipId>> few_chips(const Registry& registry, const LicenceRecord* licence,
                                             const std::optional<std::string>& holder) {
  if (licence != nullptr && holder && licence->holder != *holder) return std::vector<ChipId>{};
  if (licence != nullptr) {
    const Registry::ChipIds& ids = registry.licence_chips(licence->id);
    if (!is_few(registry, ids.size())) return std::nullopt;
    return std::vector<ChipId>(ids.begin(), ids.end());
  }
  if (holder) {
    if (!is_few(registry, registry.chips_of_holder(*holder))) return std::nullopt;
    return registry.holder_chips(*holder);
  }
  if (!is_few(registry, registry.chips().size())) return std::nullopt;
  std::vector<ChipId> out;
  out.reserve(registry.chips().size());
  for (const auto& [id, chip] : registry.chips()) out.push_back(id);
  return out;
}

ChipFilter chips_of(const Registry& registry, const Caller& caller) {
  if (!caller.holder) return {};
  if (auto few = few_chips(registry, nullptr, std::nullopt)) return ChipFilter::few(std::move(*few));
  return [&registry](const ChipId& id) { return registry.chip(id) != nullptr; };
}

}  // namespace chiploc
