#pragma once
#include <string>

#include "server/policy/policy.hpp"
#include "server/registry/registry.hpp"

namespace chiploc {

/// Why no round can exclude any place, however its anchors measure: the policy's faults need more independent
/// perspectives than the registered anchors have. Or, where there are enough for that, why none can clear a chip,
/// or accuse one. Empty: there are enough for all of it.
[[nodiscard]] std::string budget_warning(const Registry& registry, const Policy& policy);

}  // namespace chiploc
