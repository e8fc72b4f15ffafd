#include "server/service/budget_warning.hpp"

#include <algorithm>
#include <vector>

#include "server/verifier/evidence.hpp"

namespace chiploc {

std::string budget_warning(const Registry& registry, unsigned fault_budget) {
  std::vector<Affiliation> anchors;
  for (const auto& [name, anchor] : registry.anchors())
    anchors.push_back({anchor->operator_name, anchor->network});
  const auto numbers = number_perspectives(anchors);
  const std::size_t there =
      numbers.empty() ? 0 : *std::max_element(numbers.begin(), numbers.end()) + std::size_t{1};
  const std::size_t needed = fault_budget + std::size_t{1};
  if (there >= needed) return {};
  return "faults = " + std::to_string(fault_budget) + " of [policy] needs at least " +
         std::to_string(needed) +
         " independent perspectives (operators, networks) to verify anything; there are " +
         std::to_string(there) + ": register more anchors, or lower faults in chiplocd.toml";
}

}  // namespace chiploc
