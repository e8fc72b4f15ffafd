#pragma once
#include <string>

#include "server/registry/registry.hpp"

namespace chiploc {

/// Why no round can exclude any place, however its anchors measure: the policy's faults need more independent
/// perspectives than the registered anchors have. Empty: there are enough.
[[nodiscard]] std::string budget_warning(const Registry& registry, unsigned fault_budget);

}  // namespace chiploc
