#pragma once
#include <string>

#include "server/registry/import.hpp"
#include "server/registry/registry.hpp"
#include "server/service/fault.hpp"

namespace chiploc {

// Names that a person typed -> records, in any case of letters where one alone is meant. kNotFound names the
// nearest. The registry is the caller's.

[[nodiscard]] Answer<const LicenceRecord*> find_licence(const Registry& registry, const std::string& text);
/// The holder's name as licences have it.
[[nodiscard]] Answer<std::string> find_holder(const Registry& registry, const std::string& text);
[[nodiscard]] Answer<const TerritoryRecord*> find_territory(const Registry& registry,
                                                            const std::string& text);
[[nodiscard]] Answer<const AnchorRecord*> find_anchor(const Registry& registry, const std::string& text);
[[nodiscard]] Answer<const Maker*> find_maker(const Registry& registry, const std::string& text);
[[nodiscard]] Answer<const ModelRecord*> find_model(const Registry& registry, const std::string& text);
[[nodiscard]] Answer<const EntityRecord*> find_entity(const Registry& registry, const std::string& text);
[[nodiscard]] Answer<const SiteRecord*> find_site(const Registry& registry, const std::string& text);
[[nodiscard]] Answer<const OrderRecord*> find_order(const Registry& registry, const std::string& text);
[[nodiscard]] Answer<const DeliveryRecord*> find_delivery(const Registry& registry, const std::string& text);
[[nodiscard]] Answer<const ConditionRecord*> find_condition(const Registry& registry,
                                                            const std::string& text);
/// The key of a record of a kind as the registry has it; of a chip its maker's id. kNotFound also for kinds
/// without names of their own: the prohibited list.
[[nodiscard]] Answer<std::string> find_key(const Registry& registry, ImportKind kind,
                                           const std::string& text);
/// "; the nearest are SN-1 and SN-2" for a text that no chip has; nothing in fleets of more than 100,000.
[[nodiscard]] std::string nearest_serials(const Registry& registry, std::string_view text);

}  // namespace chiploc
