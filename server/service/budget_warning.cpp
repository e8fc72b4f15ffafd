#include "server/service/budget_warning.hpp"

#include <algorithm>
#include <vector>

#include "server/verifier/evidence.hpp"

namespace chiploc {

std::string budget_warning(const Registry& registry, const Policy& policy) {
  std::vector<Affiliation> anchors;
  for (const auto& [name, anchor] : registry.anchors())
    anchors.push_back({anchor->operator_name, anchor->network});
  const auto numbers = number_perspectives(anchors);
  const std::size_t there =
      numbers.empty() ? 0 : *std::max_element(numbers.begin(), numbers.end()) + std::size_t{1};
  struct Asked {
    std::string key;
    unsigned faults;
    const char* what;
  };
  const Asked all[] = {{"faults", policy.fault_budget, "verify anything"},
                       {"faults_to_clear", policy.faults_to_clear(), "clear any chip"},
                       {"faults_to_accuse", policy.faults_to_accuse(), "accuse any chip"}};
  for (const Asked& asked : all) {
    const std::size_t needed = asked.faults + std::size_t{1};
    if (there >= needed) continue;
    return asked.key + " = " + std::to_string(asked.faults) + " of [policy] needs at least " +
           std::to_string(needed) + " independent perspectives (operators, networks) to " + asked.what +
           "; there are " + std::to_string(there) + ": register more anchors, or lower " + asked.key +
           " in chiplocd.toml";
  }
  return {};
}

}  // namespace chiploc
